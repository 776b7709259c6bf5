"""JSON about requests of students and what staff decide."""
