"""JSON about how a course counts attendance."""
