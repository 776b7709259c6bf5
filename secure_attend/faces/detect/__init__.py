"""Detectors and the landmark follower: a frame in, faces out."""
