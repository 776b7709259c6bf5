"""Whether a threshold holds for other people: fitted to half of the people, it judges the other half."""

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

TARGETS = (0.001, 0.01)
LEAST_PEOPLE = 40
"""Half of fewer people shows too little of the tail to fit it."""


@dataclass(frozen=True)
class Halves:
    """For a target of `asked`: the mean and standard deviation of the thresholds that one half sets, and the error
    rates of the strangers and registered people of the other half."""

    asked: float
    threshold: float
    scatter: float
    fpir: Rate
    fnir: Rate


def judge_halves(profile: Profile, divided: Sequence[Division]) -> tuple[Halves, ...]:
    """Halve the people of each division at random, and judge each half by the other's threshold."""
    if len(divided[0].people) < LEAST_PEOPLE:
        return ()
    parts = [part for number, division in enumerate(divided) for part in _both_halves(profile, division, number)]
    return tuple(_rates(target, column, parts, len(divided)) for column, target in enumerate(TARGETS))


@dataclass(frozen=True)
class _JudgedHalf:
    """One half, judged. `limits` are for each of `TARGETS`. For each try with a face, `strangers` (M,) is the distance
    to the closest other person, and `own` (M,) to one's own template, infinite if somebody is closer; both less what a
    single frame is allowed. `names` (M,) are the people who tried."""

    limits: tuple[float, ...]
    strangers: NDArray[np.float64]
    own: NDArray[np.float64]
    names: NDArray[np.str_]


def _both_halves(profile: Profile, division: Division, number: int) -> list[_JudgedHalf]:
    order = np.random.default_rng([SEED, number, 2]).permutation(len(division.people))
    first, second = np.array_split(order, 2)
    return [_judge(profile, division, first, second), _judge(profile, division, second, first)]


def _judge(profile: Profile, division: Division, fitted_to: NDArray[np.intp], people: NDArray[np.intp]) -> _JudgedHalf:
    tail = fitted(_strangers(division, fitted_to))
    by_half = replace(profile, strangers=tail) if tail else profile
    tries = np.isin(division.truth, people) & division.found
    within = division.distances[tries]
    allowed = np.where(division.frames[tries] == 1, profile.one_frame, 0.0)
    own = division.own[tries]
    others = within.copy()
    others[np.arange(len(within)), division.truth[tries]] = np.inf
    nearest = others[:, people].min(axis=1)
    return _JudgedHalf(
        tuple(threshold(by_half, len(people), target) for target in TARGETS),
        nearest - allowed,
        np.where(own < nearest - profile.margin, own - allowed, np.inf),
        division.people[division.truth[tries]],
    )


def _strangers(division: Division, people: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the distances of these people's tries to each other's templates."""
    tries = np.isin(division.truth, people) & division.found
    within = division.distances[tries][:, people]
    return np.asarray(within[division.truth[tries][:, None] != people[None, :]], np.float32)


def _rates(target: float, column: int, parts: Sequence[_JudgedHalf], divisions: int) -> Halves:
    limits = np.array([part.limits[column] for part in parts])
    names = np.concatenate([part.names for part in parts])
    accepted = np.concatenate([part.strangers <= part.limits[column] for part in parts])
    missed = np.concatenate([part.own > part.limits[column] for part in parts])
    return Halves(
        target,
        float(limits.mean()),
        float(limits.std()),
        rate(accepted, names, divisions),
        rate(missed, names, divisions),
    )
