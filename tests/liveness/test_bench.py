"""The attack bench: its geometry, its counting, and a few of its tries, which no print may pass."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.liveness.chances import blind_chance, every_sequence, passes
from benchmarks.liveness.computed import one
from benchmarks.liveness.prints import Sheet, rendered, shown
from secure_attend.liveness.challenge import Action
from secure_attend.liveness.draws import sequences
from secure_attend.liveness.motion import parallax
from secure_attend.liveness.rates import Count
from secure_attend.liveness.view import Reference
from tests.liveness.head import EYE_DISTANCE, HEAD
from tests.puppet import astronaut, detect

REST = np.asarray(HEAD.landmarks(), np.float64)
MIDDLE = REST[27:31].mean(axis=0)


def held(**sheet: object) -> np.ndarray:
    return shown(REST, MIDDLE, EYE_DISTANCE, Sheet(**sheet))  # type: ignore[arg-type]


def test_a_flat_sheet_is_flat_however_it_is_held() -> None:
    tilted = held(yaw=50.0, pitch=-40.0, roll=10.0, zoom=1.2, shift=(20.0, 5.0))
    assert abs(parallax(REST, tilted)) < 1e-6
    np.testing.assert_allclose(held(), REST, atol=1e-9)


def test_a_folded_sheet_shifts_the_nose_and_all_around_it_alike() -> None:
    """What parallax alone takes for a turned head, and the nose's surroundings give away."""
    view = Reference(held(fold=25.0)).measure(held(fold=25.0, yaw=45.0), 0)
    assert view is not None
    assert view.nose.along > 0.18
    assert view.nose.out_along < 0.15 * view.nose.along


def test_a_rendered_sheet_is_where_its_landmarks_are() -> None:
    puppet = astronaut()
    rest = np.asarray(puppet.landmarks(), np.float64)
    sheet = Sheet(yaw=20.0, curve=0.3, shift=(10.0, 0.0))
    middle, unit = rest[27:31].mean(axis=0), float(np.linalg.norm(rest[45] - rest[36]) / 1.4)
    read = detect(rendered(puppet.frame(), middle, unit, sheet))
    assert read is not None
    assert np.linalg.norm(read - shown(rest, middle, unit, sheet), axis=1).mean() < 0.06 * unit


@pytest.mark.parametrize("key", ["a", "b", "c", "d", "f", "f7", "f14", "g"])
def test_no_print_passes(key: str) -> None:
    assert not any(one(key, seed, "standard", False).passed for seed in range(4))


@pytest.mark.parametrize("key", ["bona fide", "i"])
def test_people_pass_and_so_may_a_library_of_clips(key: str) -> None:
    assert any(one(key, seed, "standard", False).passed for seed in range(3))


def test_a_recording_answers_only_its_own_sequence() -> None:
    left, right, eyes, mouth = Action.TURN_LEFT, Action.TURN_RIGHT, Action.CLOSE_EYES, Action.OPEN_MOUTH
    assert passes([left, eyes, right, mouth], [left, eyes, right, mouth])
    assert not passes([left, eyes, right, mouth], [eyes, left, right, mouth])
    assert passes([right, left, eyes, mouth], [left, eyes, mouth, right])  # the wrong side is forgiven once
    assert len(every_sequence("standard")) == sequences("standard")
    assert blind_chance("quick") == 0.25


def test_bounds_are_exact() -> None:
    """Clopper & Pearson: without hits 1 - 0.05^(1/n); 5 of 100 at most 10.2 %."""
    assert Count("", 10_000, 0).upper == pytest.approx(1 - 0.05 ** (1 / 10_000))
    assert Count("", 100, 5).upper == pytest.approx(0.1022, abs=1e-3)
    assert Count("", 3, 3).upper == 1.0
