"""The use cases, a file each; the only room that joins faces, liveness and storage."""
