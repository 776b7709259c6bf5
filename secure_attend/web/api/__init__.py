"""The API, one file for each resource. A view parses, calls one service, and serialises."""
