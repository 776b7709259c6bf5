"""The threshold follows the target, the size of the gallery and the site's own faces, and never loosens by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from secure_attend.faces import operating_point as points
from secure_attend.faces.engine import Profile
from secure_attend.faces.operating_point import LEAST_PEOPLE, operating_point, site_tail, threshold
from secure_attend.faces.profiles import ARCFACE, BUNDLED, FACENET


def people(count: int, spread: float, seed: int = 1) -> NDArray[np.float32]:
    """(count, 128): strangers whose distances lie about sqrt(2) * spread, as near as chance has it."""
    rows = np.random.default_rng(seed).normal(size=(count, 128))
    return np.asarray(rows * spread / np.sqrt(128), np.float32)


@pytest.mark.parametrize("profile", [BUNDLED, FACENET, ARCFACE])
def test_a_lower_target_is_stricter(profile: Profile) -> None:
    assert threshold(profile, 100, 1e-4) < threshold(profile, 100, 1e-3) == threshold(profile, 100)
    assert threshold(profile, 100) < threshold(profile, 100, 1e-2)


def test_ten_times_the_people_are_as_ten_times_fewer_accepted() -> None:
    assert threshold(BUNDLED, 1000, 1e-3) == pytest.approx(threshold(BUNDLED, 100, 1e-4))


def test_few_people_leave_the_profile_alone() -> None:
    point = operating_point(BUNDLED, people(LEAST_PEOPLE - 1, 0.1))
    assert (point.threshold, point.source, point.site_people) == (threshold(BUNDLED, LEAST_PEOPLE - 1), "profile", 0)
    assert point.estimate == point.target
    assert operating_point(FACENET, people(3, 0.5)).estimate is None, "nobody has measured it"


def test_people_more_alike_make_it_stricter() -> None:
    point = operating_point(BUNDLED, people(150, 0.35))
    assert point.source == "site"
    assert 0 < point.threshold < threshold(BUNDLED, 150)
    assert point.estimate == pytest.approx(point.target, rel=0.01)


def test_people_less_alike_loosen_nothing() -> None:
    point = operating_point(BUNDLED, people(150, 1.0))
    assert (point.threshold, point.source, point.site_people) == (threshold(BUNDLED, 150), "profile", 150)
    assert point.estimate is not None
    assert point.estimate < point.target


def test_the_estimate_is_what_strangers_do() -> None:
    """Strangers of the same kind are counted: the estimate at 5 % is right within a factor of two."""
    rows = people(200, 0.35)
    tail = site_tail(BUNDLED, rows)
    assert tail is not None
    limit = tail.reach(0.05 / 200)
    strangers = people(4000, 0.35, seed=2)
    away = np.sqrt(((strangers**2).sum(1)[:, None] + (rows**2).sum(1) - 2 * strangers @ rows.T).min(axis=1))
    assert 0.025 <= float((away <= limit).mean()) <= 0.1


def test_one_registered_twice_moves_little() -> None:
    rows = people(150, 0.35)
    doubled = np.concatenate([rows, rows[:2]])
    before, after = operating_point(BUNDLED, rows), operating_point(BUNDLED, doubled)
    assert after.threshold == pytest.approx(before.threshold, abs=0.006)


def test_a_large_site_is_sampled() -> None:
    point = operating_point(BUNDLED, people(2500, 0.6))
    assert LEAST_PEOPLE <= point.site_people <= points.PEOPLE_SAMPLED
    assert point.people == 2500


def test_people_all_alike_are_no_measure() -> None:
    assert site_tail(BUNDLED, np.ones((LEAST_PEOPLE, 128), np.float32)) is None


def test_no_threshold_is_below_nought() -> None:
    assert threshold(replace(BUNDLED, threshold=0.05), 10_000) == 0.0
