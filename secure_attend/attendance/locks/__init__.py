"""Locks: periods of a course in which nothing changes any more, and what they guard."""
