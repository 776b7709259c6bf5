"""Detectors: an image in, faces out."""
