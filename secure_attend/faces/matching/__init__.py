"""Compare embeddings: the gallery, distances, and the limit for a match."""
