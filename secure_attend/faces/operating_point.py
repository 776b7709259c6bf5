"""The largest distance accepted: set so that a stranger is taken for somebody no more often than the site's target.

Two estimates of how near strangers come, and the stricter of the two holds. One is the profile's, measured on labelled
pictures. The other is the site's own: its registered people are all strangers to each other, so the distances between
their templates are impostor distances of this camera and these people. They never leave memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.distance import Embeddings, distances, squares
from secure_attend.faces.engine import Profile

FALSE_ACCEPT_TARGET = 0.001
"""The default share of strangers' check-ins that may be taken for somebody (FPIR)."""

PEOPLE_SAMPLED = 1000
"""As many people tell how near the site's strangers come; the pairs of more would take longer than a search may."""
TAIL = 0.05
"""The share of pairs, the nearest, that a normal distribution's lower tail is fitted to. Tried and left: all pairs,
whose middle draws the fit away, and an exponential from the nearest hundredth, which is far too strict."""
TAIL_POINTS = 30
NEAREST_LEFT_OUT = 5
"""The very nearest pairs are chance, or somebody registered twice."""
LEAST_PEOPLE = 100
"""From so many on the site's own estimate counts. Sites drawn from 306 people of Essex Faces94-96, Grimace and LFW
(`evaluate ... --gallery 2`, the table of sites) set thresholds that asked for 0.1, 1 and 5 % let 0.2, 1.3 and 5.1 % of
strangers pass among 100 people, 0.5, 1.9 and 6.2 % among 50: fewer people see too little of the tail."""
REFUSED_WARNING = 0.05
"""More of the registered people than this, refused by their own templates, is told on the faculty page."""

Source = Literal["profile", "site"]
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Tail:
    """How near strangers come: the lower tail of their distances is that of a normal distribution."""

    mean: float
    deviation: float
    people: int

    def reach(self, share: float) -> float:
        """The distance within which this share of pairs lies."""
        return max(0.0, self.mean + self.deviation * _NORMAL.inv_cdf(share))

    def share(self, distance: float) -> float:
        """The share of pairs within the distance."""
        return _NORMAL.cdf((distance - self.mean) / self.deviation)


@dataclass(frozen=True)
class OperatingPoint:
    """What is accepted now. `estimate` is the share of strangers' check-ins expected to be taken for somebody, None
    where nobody has measured; `source` says which estimate holds the threshold down, `people` how many are searched,
    `site_people` how many of them told the site's own estimate (0: too few)."""

    threshold: float
    target: float
    estimate: float | None
    source: Source
    people: int
    site_people: int = 0


def threshold(profile: Profile, people: int, target: float = FALSE_ACCEPT_TARGET) -> float:
    """The largest distance accepted among so many people, by the profile's measurement alone.

    A stranger is compared with everyone, so each doubling of the gallery must halve what a single comparison lets pass;
    impostor distances fall off exponentially there, hence the logarithm, of the target as of the gallery.
    """
    room = math.log(target / FALSE_ACCEPT_TARGET) - math.log(max(1, people))
    return max(0.0, profile.threshold + profile.tightening * room)


def operating_point(profile: Profile, rows: Embeddings, target: float = FALSE_ACCEPT_TARGET) -> OperatingPoint:
    """For a gallery of the combined templates `rows`, (N, D): the profile's threshold, or a stricter one by the site.

    A looser one is never taken: who wants that, sets a higher target.
    """
    people = len(rows)
    default = threshold(profile, people, target)
    tail = site_tail(profile, rows)
    if tail is None:
        return OperatingPoint(default, target, target if profile.is_measured else None, "profile", people)
    site = tail.reach(target / people)
    lowest = min(default, site)
    expected = -math.expm1(people * math.log1p(-min(tail.share(lowest), 1 - 1e-12)))
    return OperatingPoint(lowest, target, expected, "site" if site < default else "profile", people, tail.people)


def site_tail(profile: Profile, rows: Embeddings) -> Tail | None:
    """How near the people of a gallery come to each other; None while they are fewer than `LEAST_PEOPLE`."""
    return fitted_tail(profile, rows) if len(rows) >= LEAST_PEOPLE else None


def fitted_tail(profile: Profile, rows: Embeddings) -> Tail | None:
    """The same of however few people (at least 20, for pairs enough); None where all are alike."""
    chosen = rows[:: math.ceil(len(rows) / PEOPLE_SAMPLED)]
    pairs = np.sort(_between(profile, chosen))
    places = np.unique(np.geomspace(NEAREST_LEFT_OUT, TAIL * len(pairs), TAIL_POINTS).astype(int))
    normal = [_NORMAL.inv_cdf((place + 0.5) / len(pairs)) for place in places]
    deviation, mean = np.polyfit(normal, pairs[places].astype(float), 1)
    return Tail(float(mean), float(deviation), len(chosen)) if deviation > 0 else None


def _between(profile: Profile, rows: Embeddings) -> NDArray[np.float32]:
    """The distance of every pair of different rows, each once."""
    lengths = squares(rows)
    every = [distances(profile, row, rows[:place], lengths[:place]) for place, row in enumerate(rows)]
    return np.concatenate(every)
