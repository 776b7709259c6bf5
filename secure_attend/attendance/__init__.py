"""The use cases. This is the only room that joins faces, liveness and storage."""
