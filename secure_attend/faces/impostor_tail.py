"""How near strangers come to each other, extrapolated to shares that no measurement is large enough to count.

Of the distances between different people only the nearest matter, and those follow the lower tail of a normal
distribution: fitted to the nearest twentieth of the pairs of one data set, it predicted how many of another set's
strangers are accepted (docs/evidence/accuracy.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

SHARE_FITTED = 0.05
"""The share of pairs, the nearest, that the tail is fitted to. Tried and left: all pairs, whose middle draws the fit
away, and an exponential from the nearest hundredth, which is far too strict."""
POINTS = 30
NEAREST_LEFT_OUT = 5
"""The very nearest pairs are chance, or one person registered twice."""

_NORMAL = NormalDist()


@dataclass(frozen=True)
class ImpostorTail:
    """The lower tail of the distances between different people, in the profile's distance."""

    mean: float
    deviation: float

    def reach(self, share: float) -> float:
        """Return the distance within which this share of pairs lies."""
        return max(0.0, self.mean + self.deviation * _NORMAL.inv_cdf(share))

    def share(self, distance: float) -> float:
        """Return the share of pairs within the distance."""
        return _NORMAL.cdf((distance - self.mean) / self.deviation)


def fitted(pairs: NDArray[np.float32]) -> ImpostorTail | None:
    """Fit the tail to these distances between different people, at least a few hundred; None if all are equal."""
    nearest = np.sort(pairs)
    places = np.unique(np.geomspace(NEAREST_LEFT_OUT, SHARE_FITTED * len(nearest), POINTS).astype(int))
    normal = [_NORMAL.inv_cdf((place + 0.5) / len(nearest)) for place in places]
    deviation, mean = np.polyfit(normal, nearest[places].astype(float), 1)
    return ImpostorTail(float(mean), float(deviation)) if deviation > 0 else None
