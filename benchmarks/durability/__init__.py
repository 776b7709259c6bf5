"""Torture tests of the stores, and their size: the measurements behind docs/evidence/durability.md."""
