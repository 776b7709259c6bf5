"""From bytes to a frame: the header is read and judged before anything is decoded, and nothing is ever written."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
"""(H, W, 3) uint8, BGR, upright."""
