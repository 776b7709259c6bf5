"""Check-ins, registrations and registers, as students and lecturers use them."""
