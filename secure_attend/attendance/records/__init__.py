"""Records: checking in, cancelling a check-in, excusing, and reading the attendance log."""
