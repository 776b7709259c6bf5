"""Records: checking in, undoing it, and reading the attendance log."""
