"""Intervals: as scipy has them, and a picture counted once."""

from __future__ import annotations

import numpy as np
import pytest

from secure_attend.evaluate.rates import rate
from secure_attend.proportions import clopper_pearson, upper_bound


@pytest.mark.parametrize(
    ("errors", "tries"), [(0, 1), (1, 1), (0, 270), (3, 110), (55, 110), (7, 22_180), (5400, 5400)]
)
def test_the_interval_is_scipys(errors: int, tries: int) -> None:
    from scipy.stats import binomtest  # here, for it takes a second to import

    exact = binomtest(errors, tries).proportion_ci(0.95, method="exact")
    assert clopper_pearson(errors, tries) == pytest.approx((exact.low, exact.high), abs=1e-9)


@pytest.mark.parametrize(("errors", "tries"), [(0, 1), (1, 1), (0, 30), (3, 110), (78, 120), (5, 10_000)])
def test_the_upper_bound_is_scipys(errors: int, tries: int) -> None:
    from scipy.stats import beta

    exact = 1.0 if errors == tries else beta.ppf(0.95, errors + 1, tries - errors)
    assert upper_bound(errors, tries) == pytest.approx(exact, abs=1e-9)


def test_nothing_tried_shows_nothing() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    nothing = rate(np.zeros(0, bool), [])
    assert (nothing.rate, nothing.low, nothing.high) == (0.0, 0.0, 1.0)


def test_the_same_pictures_again_narrow_no_interval() -> None:
    wrong = np.array([True] + [False] * 99)
    who = ["ann"] * 50 + ["ben"] * 50
    once, often = rate(wrong, who), rate(np.tile(wrong, 20), who * 20, divisions=20)
    assert (once.low, once.high) == (often.low, often.high)
    assert (often.errors, often.tries, often.people_hit, often.people) == (20, 2000, 1, 2)


def test_what_so_many_tries_can_show() -> None:
    """One in a thousand needs about 3 700 tries without an error for a two-sided bound of 95 %."""
    assert not rate(np.zeros(3000, bool), ["ann"] * 3000).can_show(0.001)
    enough = rate(np.zeros(3700, bool), ["ann"] * 3700)
    assert enough.can_show(0.001)
    assert enough.high < 0.001
