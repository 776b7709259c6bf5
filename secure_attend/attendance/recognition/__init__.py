"""Recognition at this site: the loaded models, the gallery kept in step with the store, and what a match means."""
