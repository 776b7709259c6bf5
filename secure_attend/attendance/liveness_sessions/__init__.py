"""Liveness sessions: what a kiosk is asked to show, frame by frame, and how many frames the server takes at a time."""
