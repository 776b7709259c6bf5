"""How often attacks pass the liveness check, and honest people fail it: `make bench-liveness`."""
