"""Frames, faces and galleries: what the models and the search cost, and how alike their answers are."""
