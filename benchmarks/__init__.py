"""What things cost on this machine: `make bench`. Ratios of things timed in turns; milliseconds belong to a machine."""

import secure_attend as secure_attend  # first of all: it tells numpy's library how many threads to use
