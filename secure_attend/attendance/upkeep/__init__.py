"""Daily work: retention, and a check that the clock can be trusted."""
