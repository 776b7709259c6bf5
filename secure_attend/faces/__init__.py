"""What a frame says: finding faces, following their landmarks, embedding them and searching the gallery."""
