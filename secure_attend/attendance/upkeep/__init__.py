"""What is due each day: retention, and whether the clock can be believed."""
