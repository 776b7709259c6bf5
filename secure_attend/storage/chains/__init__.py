"""Chained logs: how a change made by hand is found."""
