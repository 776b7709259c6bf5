"""The largest distance accepted: set so that a stranger is taken for somebody no more often than the site's target.

Two estimates of how near strangers come, and the stricter of the two holds. One is the profile's, measured on labelled
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
"""The default share of strangers' check-ins that may be taken for somebody (FPIR)."""

LEAST_SEARCHED = 100
"""Fewer people are searched as strictly as so many. A limit looser than theirs recognises hardly anyone more (Essex
Faces94+95, three and three: FNIR 0.09 % from 0.27 to 0.29), and a look-alike among ten is as near
as among a hundred."""
PEOPLE_SAMPLED = 1000
"""As many people tell how near the site's strangers come; the pairs of more would take longer than a search may."""
LEAST_PEOPLE = 100
"""From so many on the site's own estimate counts: fewer see too little of the tail (`evaluate`, the table of sites)."""
REFUSED_WARNING = 0.05
"""More of the registered people than this, refused by their own templates, is told on the faculty page."""

Source = Literal["profile", "site"]
_Any = TypeVar("_Any", bound=np.generic)


@dataclass(frozen=True)
class OperatingPoint:
    """What is accepted now. `estimate` is the share of strangers' check-ins expected to be taken for somebody, None
    where nobody has measured; `source` says which estimate holds the threshold down, `people` how many are searched,
    `site_people` how many of them told the site's own estimate (0: too few). A single frame may lie `one_frame`
    farther than the threshold. `looser` says that the site's own estimate would allow more than the profile does, and
    `loosened` that it is let to."""

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
        """The largest distance accepted of a probe of so many frames."""
        return self.threshold + (self.one_frame if frames == 1 else 0.0)


def threshold(profile: Profile, people: int, target: float = FALSE_ACCEPT_TARGET) -> float:
    """The largest distance accepted among so many people, by the profile's measurement alone.

    A stranger is compared with everyone, so each doubling of the gallery halves what a single comparison may let pass.
    """
    return profile.strangers.reach(target / max(LEAST_SEARCHED, people))


def one_to_one(profile: Profile, target: float = FALSE_ACCEPT_TARGET) -> float:
    """The largest distance between two frames of one person: one comparison, so less strict than any search."""
    return profile.strangers.reach(target) + profile.one_frame


@dataclass(frozen=True)
class SiteStatistics:
    """How near the site's own people come to each other, as so many of them tell; no `tail` where they cannot."""

    tail: ImpostorTail | None
    people: int


def operating_point(profile: Profile, rows: Embeddings, target: float = FALSE_ACCEPT_TARGET) -> OperatingPoint:
    """For a gallery of the combined templates `rows`, (N, D)."""
    return point_of(profile, len(rows), site_of(rows), target)


def site_of(rows: Embeddings) -> SiteStatistics:
    """What the combined templates `rows`, (N, D), or some of them, tell."""
    return SiteStatistics(site_tail(rows), len(sampled(rows)))


def point_of(
    profile: Profile, people: int, site: SiteStatistics, target: float = FALSE_ACCEPT_TARGET, *, by_site: bool = False
) -> OperatingPoint:
    """For so many people: the profile's threshold, or a stricter one by the site; a looser one by the site only where
    an admin allows it (`by_site`), and never looser than two frames are compared."""
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


def expected(tail: ImpostorTail, limit: float, people: int) -> float:
    """The share of strangers who lie within the limit of at least one of so many people (FPIR)."""
    return -math.expm1(people * math.log1p(-min(tail.share(limit), 1 - 1e-12)))


def site_tail(rows: Embeddings) -> ImpostorTail | None:
    """How near the people of a gallery come to each other; None while they are fewer than `LEAST_PEOPLE`."""
    return fitted_tail(rows) if len(rows) >= LEAST_PEOPLE else None


def fitted_tail(rows: Embeddings) -> ImpostorTail | None:
    """The same of however few people (at least 20, for pairs enough); None where all are alike."""
    return fitted(_between(sampled(rows)))


def sampled(rows: NDArray[_Any]) -> NDArray[_Any]:
    """At most `PEOPLE_SAMPLED` of the rows, spread over all."""
    return rows[:: math.ceil(len(rows) / PEOPLE_SAMPLED) or 1]


def _between(rows: Embeddings) -> NDArray[np.float32]:
    """The distance of every pair of different rows, each once."""
    lengths = squares(rows)
    return np.concatenate([distances(row, rows[:place], lengths[:place]) for place, row in enumerate(rows)])
