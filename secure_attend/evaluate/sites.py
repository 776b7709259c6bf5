"""Whether a site's own faces would set a good threshold: part of the people are a site, and its strangers are counted.

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
TARGETS = (0.001, 0.01, 0.05)


@dataclass(frozen=True)
class FittedSite:
    """`threshold` and `scatter` are the mean and standard deviation, over the divisions, of the threshold that the
    faces of `people` set for the first of `TARGETS`; `fpir` is the share of strangers accepted for each of
    `TARGETS`."""

    people: int
    threshold: float
    scatter: float
    fpir: tuple[Rate, ...]


def fit_site(profile: Profile, divided: Sequence[Division], size: int) -> FittedSite:
    """Fit the threshold to `size` people drawn at random in each division. Everybody else is a stranger, and so is each
    of them when left out."""
    limits, nearest, names = [], [], []
    for number, division in enumerate(divided):
        chosen = np.random.default_rng([SEED, number, size]).permutation(len(division.people))[:size]
        tail = fitted_tail(division.gallery[chosen])
        apart = division.distances.copy()
        apart[np.arange(len(apart)), division.truth] = np.inf
        allowed = np.where(division.frames == 1, profile.one_frame, 0.0)
        nearest.append((apart[:, chosen].min(axis=1) - allowed)[division.found])
        names.append(division.people[division.truth][division.found])
        limits.append([tail.reach(target / size) if tail else 0.0 for target in TARGETS])
    everyone = np.concatenate(names)
    by_target = np.array(limits).T
    accepted = [
        np.concatenate([near <= limit for near, limit in zip(nearest, column, strict=True)]) for column in by_target
    ]
    return FittedSite(
        size,
        float(by_target[0].mean()),
        float(by_target[0].std()),
        tuple(rate(wrong, everyone, len(divided)) for wrong in accepted),
    )
