"""Low attendance: in a course, and across all of them, with who was contacted."""
