"""Liveness sessions: what a kiosk is asked to show, frame by frame, and how much the server takes on."""
