"""What is kept: students with sealed templates, and the attendance log."""
