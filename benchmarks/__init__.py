"""What things cost on this machine: `make bench`. Ratios of things timed in turns; milliseconds belong to a machine."""
