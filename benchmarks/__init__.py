"""The costs of things on this machine: `make bench`. Ratios of things timed in turns; milliseconds belong to one
machine."""

import secure_attend as secure_attend  # first of all: it tells numpy's library how many threads to use
