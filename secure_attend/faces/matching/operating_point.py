"""The threshold: the largest accepted distance. It keeps the share of accepted strangers within the site's target.

There are two estimates of how near strangers come, and the stricter holds. One is the profile's, measured on labelled
pictures. The other is the site's own: its registered people are all strangers to each other, so the distances between
their templates are impostor distances of this camera and these people. They never leave memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.engine import Profile
from secure_attend.faces.impostor_tail import ImpostorTail, fitted
from secure_attend.faces.matching.distance import Embeddings, distances, squares

FALSE_ACCEPT_TARGET = 0.001
"""The default share of strangers' check-ins that may be accepted (FPIR)."""

LEAST_SEARCHED = 100
"""Fewer people are searched as strictly as this many. A looser threshold recognises hardly anyone more (Essex
Faces94+95, three and three: FNIR 0.09 % from 0.27 to 0.29), and a look-alike among ten is as near as among a
hundred."""
PEOPLE_SAMPLED = 1000
"""The most people whose distances are compared: the pairs of more would take longer than a search may."""
LEAST_PEOPLE = 100
"""The site's own estimate needs this many people: fewer show too little of the tail (`evaluate`, table of sites)."""
REFUSED_WARNING = 0.05
"""If more of the registered people than this are refused by their own templates, the faculty page warns."""

Source = Literal["profile", "site"]
_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True)
class OperatingPoint:
    """What is accepted now. `estimate` is the expected share of strangers' check-ins that are accepted; None if nobody
    has measured it. `source` says which estimate sets the threshold, `people` how many are searched, and `site_people`
    how many of them gave the site's own estimate (0: too few). A single frame may lie `one_frame` beyond the threshold.
    `looser` says that the site's own estimate would allow more than the profile does, and `loosened` that it may."""

    threshold: float
    target: float
    estimate: float | None
    source: Source
    people: int
    site_people: int = 0
    one_frame: float = 0.0
    looser: bool = False
    loosened: bool = False

    def limit(self, frames: int) -> float:
        """Return the largest accepted distance of a probe of this many frames."""
        return self.threshold + (self.one_frame if frames == 1 else 0.0)


def threshold(profile: Profile, people: int, target: float = FALSE_ACCEPT_TARGET) -> float:
    """Return the largest accepted distance among this many people, by the profile's measurement alone.

    A stranger is compared with everyone, so each doubling of the gallery halves what a single comparison may let pass.
    """
    return profile.strangers.reach(target / max(LEAST_SEARCHED, people))


def one_to_one(profile: Profile, target: float = FALSE_ACCEPT_TARGET) -> float:
    """Return the largest distance between two frames of one person: one comparison, so looser than any search."""
    return profile.strangers.reach(target) + profile.one_frame


@dataclass(frozen=True)
class SiteStatistics:
    """How near the site's own people come to each other, from a sample of `people`; no `tail` if they are too few."""

    tail: ImpostorTail | None
    people: int


def operating_point(profile: Profile, rows: Embeddings, target: float = FALSE_ACCEPT_TARGET) -> OperatingPoint:
    """Return the operating point of a gallery with the combined templates `rows`, (N, D)."""
    return point_of(profile, len(rows), site_of(rows), target)


def site_of(rows: Embeddings) -> SiteStatistics:
    """Return the statistics of the combined templates `rows`, (N, D), or of a sample."""
    return SiteStatistics(site_tail(rows), len(sampled(rows)))


def point_of(
    profile: Profile, people: int, site: SiteStatistics, target: float = FALSE_ACCEPT_TARGET, *, by_site: bool = False
) -> OperatingPoint:
    """Return the operating point for this many people: the profile's threshold, or the site's if that is stricter.

    The site's may be looser only if an admin allows it (`by_site`), and never looser than a comparison of two frames.
    """
    default = threshold(profile, people, target)
    tail = site.tail
    if tail is None or not people:
        estimate = expected(profile.strangers, default, people) if profile.is_measured else None
        return OperatingPoint(default, target, estimate, "profile", people, one_frame=profile.one_frame)
    nearest = tail.reach(target / people)
    looser = nearest > default
    limit = min(nearest, profile.strangers.reach(target)) if by_site else min(default, nearest)
    return OperatingPoint(
        limit,
        target,
        expected(tail, limit, people),
        "site" if by_site or not looser else "profile",
        people,
        min(people, site.people),
        profile.one_frame,
        looser,
        loosened=by_site and looser,
    )


def class_first(
    profile: Profile, whole: OperatingPoint, in_class: int, site: SiteStatistics
) -> tuple[OperatingPoint, OperatingPoint] | None:
    """Return the operating points for this many people who have a class here now, and for everyone else.

    `whole` is the one without a class. Each of the two gets half of its target, so that a stranger passes no more often
    by both together. None where the class gains nothing: nobody is in it, or it is most of the site. Then `whole`
    holds, so that a small site is not made stricter by a class.
    """
    if not in_class:
        return None
    searched = max(LEAST_SEARCHED, in_class)
    of_class, of_site = (
        point_of(profile, people, site, whole.target / 2, by_site=whole.loosened) for people in (searched, whole.people)
    )
    return (of_class, of_site) if of_class.threshold > whole.threshold else None


def expected(tail: ImpostorTail, limit: float, people: int) -> float:
    """Return the share of strangers within the limit of at least one of this many people (FPIR)."""
    return -math.expm1(people * math.log1p(-min(tail.share(limit), 1 - 1e-12)))


def site_tail(rows: Embeddings) -> ImpostorTail | None:
    """Return how near the people of a gallery come to each other; None if they are fewer than `LEAST_PEOPLE`."""
    return fitted_tail(rows) if len(rows) >= LEAST_PEOPLE else None


def fitted_tail(rows: Embeddings) -> ImpostorTail | None:
    """Return the same for fewer people (at least 20, for enough pairs); None if all distances are equal."""
    return fitted(_pairwise(sampled(rows)))


def sampled(rows: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return at most `PEOPLE_SAMPLED` of the rows, spread over all."""
    return rows[:: math.ceil(len(rows) / PEOPLE_SAMPLED) or 1]


def _pairwise(rows: Embeddings) -> NDArray[np.float32]:
    """Return the distance of every pair of different rows, each once."""
    lengths = squares(rows)
    return np.concatenate([distances(row, rows[:place], lengths[:place]) for place, row in enumerate(rows)])
