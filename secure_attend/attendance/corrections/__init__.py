"""Corrections of people: another ID, two entries of one person merged, and undoing either."""
