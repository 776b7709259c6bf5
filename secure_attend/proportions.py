"""Confidence bounds of a proportion, from a count.

This is written out because scipy would be a large dependency for one function. The tests compare the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

CONFIDENCE = 0.95
HALVINGS = 60
"""Of the interval from 0 to 1: beyond the precision of a float."""


def clopper_pearson(errors: int, tries: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a proportion (Clopper and Pearson 1934), by bisection."""
    if tries <= 0:
        return 0.0, 1.0
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if errors <= 0 else _boundary(lambda p: 1 - _at_most(errors - 1, tries, p) < tail)
    return low, _upper(errors, tries, tail)


def upper_bound(errors: int, tries: int) -> float:
    """Return the exact one-sided 95 % upper bound of a proportion: near 3/tries if there were no errors."""
    return _upper(errors, tries, 1 - CONFIDENCE)


def _upper(errors: int, tries: int, tail: float) -> float:
    return 1.0 if errors >= tries else _boundary(lambda p: _at_most(errors, tries, p) > tail)


def _boundary(below: Callable[[float], bool]) -> float:
    """Return the point of [0, 1] up to which `below` holds."""
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
