"""Registers: the status of every student in every meeting, derived from what happened."""
