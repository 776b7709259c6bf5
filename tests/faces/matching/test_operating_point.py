"""The threshold follows the target, the size of the gallery and the site's own faces, and never loosens by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from secure_attend.faces.engine import Profile
from secure_attend.faces.impostor_tail import ImpostorTail, fitted
from secure_attend.faces.matching import operating_point as points
from secure_attend.faces.matching.operating_point import (
    LEAST_PEOPLE,
    LEAST_SEARCHED,
    one_to_one,
    operating_point,
    site_tail,
    threshold,
)
from secure_attend.faces.models.profiles import ARCFACE, FACENET, SFACE

ALIKE, UNALIKE = 0.35, 1.0


def people(count: int, spread: float, seed: int = 1) -> NDArray[np.float32]:
    """(count, 128): strangers whose distances lie about sqrt(2) * spread, as near as chance has it."""
    rows = np.random.default_rng(seed).normal(size=(count, 128))
    return np.asarray(rows * spread / np.sqrt(128), np.float32)


@pytest.mark.parametrize("profile", [SFACE, FACENET, ARCFACE])
def test_a_lower_target_is_stricter(profile: Profile) -> None:
    assert threshold(profile, 100, 1e-4) < threshold(profile, 100, 1e-3) == threshold(profile, 100)
    assert threshold(profile, 100) < threshold(profile, 100, 1e-2)


def test_ten_times_the_people_are_as_ten_times_fewer_accepted() -> None:
    assert threshold(SFACE, 1000, 1e-3) == pytest.approx(threshold(SFACE, 100, 1e-4))


def test_few_people_are_searched_as_strictly_as_a_hundred() -> None:
    assert threshold(SFACE, 1) == threshold(SFACE, LEAST_SEARCHED) > threshold(SFACE, LEAST_SEARCHED + 1)


def test_two_frames_alone_are_compared_less_strictly() -> None:
    assert one_to_one(SFACE) > threshold(SFACE, 1) + SFACE.one_frame


def test_a_tail_is_found_again_in_what_was_drawn_from_it() -> None:
    drawn = np.random.default_rng(2).normal(0.5, 0.06, 200_000).astype(np.float32)
    tail = fitted(drawn)
    assert tail is not None
    assert (tail.mean, tail.deviation) == (pytest.approx(0.5, abs=0.01), pytest.approx(0.06, abs=0.004))
    assert tail.share(tail.reach(1e-4)) == pytest.approx(1e-4)
    assert ImpostorTail(0.1, 0.1).reach(1e-9) == 0.0, "no distance is below nought"


def test_few_people_leave_the_profile_alone() -> None:
    point = operating_point(SFACE, people(LEAST_PEOPLE - 1, 0.1))
    assert (point.threshold, point.source, point.site_people) == (threshold(SFACE, LEAST_PEOPLE - 1), "profile", 0)
    assert point.estimate == pytest.approx(point.target, rel=0.02)
    few = operating_point(SFACE, people(10, 0.1)).estimate
    assert few == pytest.approx(point.target / 10, rel=0.01)
    assert operating_point(FACENET, people(3, 0.5)).estimate is None, "nobody has measured it"


def test_people_more_alike_make_it_stricter() -> None:
    point = operating_point(SFACE, people(150, 0.2))
    assert point.source == "site"
    assert 0 < point.threshold < threshold(SFACE, 150)
    assert point.estimate == pytest.approx(point.target, rel=0.01)
    assert point.limit(frames=1) == point.threshold + SFACE.one_frame
    assert point.limit(frames=2) == point.threshold


def test_people_less_alike_loosen_nothing() -> None:
    point = operating_point(SFACE, people(150, UNALIKE))
    assert (point.threshold, point.source, point.site_people) == (threshold(SFACE, 150), "profile", 150)
    assert point.estimate is not None
    assert point.estimate < point.target


def test_the_estimate_is_what_strangers_do() -> None:
    """Strangers of the same kind are counted: the estimate at 5 % is right within a factor of two."""
    rows = people(200, ALIKE)
    tail = site_tail(rows)
    assert tail is not None
    limit = tail.reach(0.05 / 200)
    strangers = people(4000, ALIKE, seed=2)
    away = np.sqrt(((strangers**2).sum(1)[:, None] + (rows**2).sum(1) - 2 * strangers @ rows.T).min(axis=1))
    assert 0.025 <= float((away <= limit).mean()) <= 0.1


def test_one_registered_twice_moves_little() -> None:
    rows = people(150, 0.2)
    doubled = np.concatenate([rows, rows[:2]])
    before, after = operating_point(SFACE, rows), operating_point(SFACE, doubled)
    assert after.threshold == pytest.approx(before.threshold, abs=0.006)


def test_a_large_site_is_sampled() -> None:
    point = operating_point(SFACE, people(2500, 0.6))
    assert LEAST_PEOPLE <= point.site_people <= points.PEOPLE_SAMPLED
    assert point.people == 2500


def test_people_all_alike_are_no_measure() -> None:
    assert site_tail(np.ones((LEAST_PEOPLE, 128), np.float32)) is None


def test_no_threshold_is_below_nought() -> None:
    assert threshold(replace(SFACE, strangers=ImpostorTail(0.05, 0.1)), 10_000) == 0.0
