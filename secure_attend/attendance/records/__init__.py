"""Records: checking in, cancelling a check-in, and reading the attendance log."""
