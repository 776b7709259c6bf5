"""The JSON that comes in and goes out."""
