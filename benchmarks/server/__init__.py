"""The server: its start, its memory, many kiosks, and clients that keep it waiting."""
