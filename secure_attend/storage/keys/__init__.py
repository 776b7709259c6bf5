"""The site key, and what is sealed with it."""
