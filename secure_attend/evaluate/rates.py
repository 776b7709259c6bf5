"""Error rates with what they are worth: how many tries, by how many people, and a 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
HALVINGS = 60
"""Of the interval from 0 to 1: beyond the precision of a float."""


@dataclass(frozen=True)
class Rate:
    """`errors` in `tries`, summed over `divisions` of the same pictures; `people_hit` of `people` had one at all.

    `low` and `high` bound the rate at 95 %, a picture counted once: tries repeated in another division of the same
    pictures are no new evidence, so the interval is that of one division's tries.
    """

    errors: int
    tries: int
    divisions: int
    people_hit: int
    people: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """Errors over tries; 0 where there was no try."""
        return self.errors / self.tries if self.tries else 0.0

    @property
    def evidence(self) -> int:
        """The tries of one division."""
        return self.tries // self.divisions if self.divisions else 0

    def can_show(self, target: float) -> bool:
        """Whether so many tries without an error would put the 95 % bound below `target` ("rule of three")."""
        return self.evidence * target >= -math.log((1 - CONFIDENCE) / 2)


def rate(wrong: NDArray[np.bool_], who: Sequence[str] | NDArray[np.str_], divisions: int = 1) -> Rate:
    """The rate of `wrong`, (M,), in tries of the people `who`, (M,)."""
    errors, tries = int(wrong.sum()), len(wrong)
    names = np.asarray(who)
    once = tries // divisions if divisions else 0
    low = clopper_pearson(math.floor(errors / divisions), once)[0]
    high = clopper_pearson(math.ceil(errors / divisions), once)[1]
    return Rate(errors, tries, divisions, len(set(names[wrong])), len(set(names)), low, high)


def clopper_pearson(errors: int, tries: int) -> tuple[float, float]:
    """The exact 95 % interval of a proportion (Clopper and Pearson 1934), by bisection on the binomial's tails.

    Written out because scipy, which has it, would be a large dependency of a server for this one function; the tests
    compare the two.
    """
    if tries <= 0:
        return 0.0, 1.0
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if errors <= 0 else _where(lambda p: 1 - _at_most(errors - 1, tries, p) < tail)
    high = 1.0 if errors >= tries else _where(lambda p: _at_most(errors, tries, p) > tail)
    return low, high


def _where(below: Callable[[float], bool]) -> float:
    """The point of [0, 1] up to which `below` holds."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2


def _at_most(errors: int, tries: int, p: float) -> float:
    """The binomial distribution function."""
    k = np.arange(errors + 1)
    steps = np.concatenate([[0.0], np.cumsum(np.log(tries - k[:-1]) - np.log(k[:-1] + 1))])
    logs = steps + k * math.log(p) + (tries - k) * math.log1p(-p)
    top = float(logs.max())
    return min(1.0, math.exp(top) * float(np.exp(logs - top).sum()))
