"""What a frame says: detect faces, follow their landmarks, embed them, and search the gallery."""
