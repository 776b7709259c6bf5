"""Meetings: the occasions on which a course meets, in local time."""
