"""Torture of the stores, and their size: what docs/evidence/durability.md says, measured."""
