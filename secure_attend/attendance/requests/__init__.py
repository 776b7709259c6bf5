"""What students ask of staff, and what waits for staff to decide."""
