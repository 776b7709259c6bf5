"""Torture of the stores, and their size: what docs/durability.md says, measured."""
