"""Requests by students, and the list of what staff decide."""
