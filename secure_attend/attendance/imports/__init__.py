"""Imports: the bytes of a file become rows that a plan is made of, and nothing is guessed in silence."""
