"""Courses: what is taught in a term, its groups, its students and its rules."""
