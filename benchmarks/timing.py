"""Timing several things in turns, so that other work on the machine affects all of them alike."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Times = dict[str, list[float]]


@dataclass(frozen=True)
class Row:
    """A figure: what was compared with what, the ratio's median and middle half, and its target.

    `milliseconds` is the median of what was measured, on this machine at that time; `n` counts the rounds.
    """

    what: str
    against: str
    ratio: float
    low: float
    high: float
    milliseconds: float
    n: int
    target: float | None = None

    @property
    def verdict(self) -> str:
        """Whether the target is met, in a word."""
        if self.target is None:
            return ""
        return "met" if self.ratio <= self.target else "MISSED"


def alternately(
    things: Mapping[str, Callable[[], object]],
    rounds: int,
    warm_up: int = 2,
    before: Callable[[], object] = lambda: None,
) -> Times:
    """Return the milliseconds of each thing in each round, after `warm_up` rounds that do not count, with an untimed
    `before` each."""
    times: Times = {name: [] for name in things}
    for turn in range(warm_up + rounds):
        for name, thing in things.items():
            before()
            began = time.perf_counter()
            thing()
            if turn >= warm_up:
                times[name].append((time.perf_counter() - began) * 1000)
    return times


def compared(times: Times, what: str, against: str, target: float | None = None) -> Row:
    """Return the row that compares two of the things, round by round."""
    ratios = [value / base for value, base in zip(times[what], times[against], strict=True)]
    low, median, high = statistics.quantiles(ratios, n=4)
    return Row(what, against, median, low, high, statistics.median(times[what]), len(ratios), target)


def measured(what: str, unit: str, values: list[float], target: float | None = None) -> Row:
    """Return a row for a quantity that is no time (megabytes, shares) or has no partner; `unit` goes into `against`."""
    low, median, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return Row(what, unit, median, low, high, float("nan"), len(values), target)


def share(what: str, count: int, of: int, target: float | None = None, *, units: str = "faces") -> Row:
    """Return how many of how many, with the 95 % interval after Wilson (1927) in place of the middle half."""
    z, rate = 1.96, count / of
    centre, half = rate + z * z / (2 * of), z * math.sqrt(rate * (1 - rate) / of + z * z / (4 * of * of))
    low, high = ((centre + side) / (1 + z * z / of) for side in (-half, half))
    return Row(what, f"share of {units}, 95 % interval", rate, max(0.0, low), min(1.0, high), float("nan"), of, target)
