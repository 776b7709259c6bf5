"""Comparing embeddings: the gallery, distances, and the threshold for a match."""
