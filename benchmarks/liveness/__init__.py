"""How often attacks pass the liveness check, and honest people do not: `make bench-liveness`."""
