"""Would a site's own faces set a good threshold? Part of the people are a site, and its strangers are counted.

This chose `LEAST_PEOPLE` and the shape of the tail (faces/matching/operating_point.py, faces/impostor_tail.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from secure_attend.evaluate.protocol import SEED, Division
from secure_attend.evaluate.rates import Rate, rate
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.operating_point import fitted_tail

SITE_SIZES = (30, 50, 100, 200, 300)
ASKED = (0.001, 0.01, 0.05)


@dataclass(frozen=True)
class SiteThreshold:
    """`threshold` and `scatter` are mean and standard deviation over the divisions of what the faces of `people` set
    for the first of `ASKED`; `fpir` is how many strangers each of `ASKED` then accepted."""

    people: int
    threshold: float
    scatter: float
    fpir: tuple[Rate, ...]


def site(profile: Profile, divided: Sequence[Division], size: int) -> SiteThreshold:
    """In each division `size` people drawn at random; everybody else, and each of them taken out, is a stranger."""
    limits, nearest, names = [], [], []
    for number, division in enumerate(divided):
        chosen = np.random.default_rng([SEED, number, size]).permutation(len(division.people))[:size]
        tail = fitted_tail(division.gallery[chosen])
        apart = division.distances.copy()
        apart[np.arange(len(apart)), division.truth] = np.inf
        allowed = np.where(division.frames == 1, profile.one_frame, 0.0)
        nearest.append((apart[:, chosen].min(axis=1) - allowed)[division.found])
        names.append(division.people[division.truth][division.found])
        limits.append([tail.reach(asked / size) if tail else 0.0 for asked in ASKED])
    who = np.concatenate(names)
    by_asked = np.array(limits).T
    taken = [
        np.concatenate([near <= limit for near, limit in zip(nearest, column, strict=True)]) for column in by_asked
    ]
    return SiteThreshold(
        size,
        float(by_asked[0].mean()),
        float(by_asked[0].std()),
        tuple(rate(each, who, len(divided)) for each in taken),
    )
