"""Does a threshold hold for people it was not set by? Fitted to half of the people, it judges the other half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from secure_attend.evaluate.protocol import SEED, Division
from secure_attend.evaluate.rates import Rate, rate
from secure_attend.faces.engine import Profile
from secure_attend.faces.impostor_tail import fitted
from secure_attend.faces.matching.operating_point import threshold

ASKED = (0.001, 0.01)
LEAST_PEOPLE = 40
"""Half of fewer shows too little of the tail to be fitted to."""


@dataclass(frozen=True)
class Halves:
    """For a target of `asked`: mean and standard deviation of the thresholds that the one halves set, and how the
    other halves' strangers and own people fared."""

    asked: float
    threshold: float
    scatter: float
    fpir: Rate
    fnir: Rate


def halves(profile: Profile, divided: Sequence[Division]) -> tuple[Halves, ...]:
    """In each division the people are halved at random; each half is judged by the other's threshold."""
    if len(divided[0].people) < LEAST_PEOPLE:
        return ()
    parts = [part for number, division in enumerate(divided) for part in _both(profile, division, number)]
    return tuple(_of(asked, column, parts, len(divided)) for column, asked in enumerate(ASKED))


@dataclass(frozen=True)
class _Half:
    """One half judged: `limits` for each of `ASKED`; `strangers` (M,) the nearest of all others of each try with a
    face, `own` (M,) the distance to one's own template, infinite where somebody is nearer; less what a single frame is
    allowed. `names` (M,) are who tried."""

    limits: tuple[float, ...]
    strangers: NDArray[np.float64]
    own: NDArray[np.float64]
    names: NDArray[np.str_]


def _both(profile: Profile, division: Division, number: int) -> list[_Half]:
    order = np.random.default_rng([SEED, number, 2]).permutation(len(division.people))
    one, other = np.array_split(order, 2)
    return [_judged(profile, division, one, other), _judged(profile, division, other, one)]


def _judged(profile: Profile, division: Division, fitted_to: NDArray[np.intp], people: NDArray[np.intp]) -> _Half:
    tail = fitted(_strangers(division, fitted_to))
    by_half = replace(profile, strangers=tail) if tail else profile
    tries = np.isin(division.truth, people) & division.found
    within = division.distances[tries]
    allowed = np.where(division.frames[tries] == 1, profile.one_frame, 0.0)
    own = division.own[tries]
    others = within.copy()
    others[np.arange(len(within)), division.truth[tries]] = np.inf
    nearest = others[:, people].min(axis=1)
    return _Half(
        tuple(threshold(by_half, len(people), asked) for asked in ASKED),
        nearest - allowed,
        np.where(own < nearest - profile.margin, own - allowed, np.inf),
        division.people[division.truth[tries]],
    )


def _strangers(division: Division, people: NDArray[np.intp]) -> NDArray[np.float32]:
    """The distances of these people's tries to each other's templates."""
    tries = np.isin(division.truth, people) & division.found
    within = division.distances[tries][:, people]
    return np.asarray(within[division.truth[tries][:, None] != people[None, :]], np.float32)


def _of(asked: float, column: int, parts: Sequence[_Half], divisions: int) -> Halves:
    limits = np.array([part.limits[column] for part in parts])
    names = np.concatenate([part.names for part in parts])
    taken = np.concatenate([part.strangers <= part.limits[column] for part in parts])
    missed = np.concatenate([part.own > part.limits[column] for part in parts])
    return Halves(
        asked, float(limits.mean()), float(limits.std()), rate(taken, names, divisions), rate(missed, names, divisions)
    )
