"""The bench of limits: what is measured of a run, and how a row is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.liveness.limit_readings.__main__ import line, value_of
from benchmarks.liveness.limit_readings.readings import AMOUNTS, REST, compared, judged, largest_step, most, windows
from benchmarks.liveness.limit_readings.rows import Row
from secure_attend.liveness import limits
from secure_attend.liveness.challenge import Action, Sighting
from tests.support.landmark_head import HEAD, seen

PACE = 0.1
TURN = AMOUNTS[Action.TURN_LEFT]


def held(yaw: float) -> Sighting:
    """The head turned by this many degrees."""
    return replace(seen(HEAD.landmarks(yaw=yaw)), solid=HEAD.solid(yaw=yaw))


def test_a_movement_is_measured_from_the_neutral_on() -> None:
    run = judged("somebody", [held(yaw) for yaw in (0, 0, 0, 0, 0, 0, 0, 0, 10, 20, 30)], PACE, skipped=7)
    assert [reading.turn.yaw for reading in run.readings] == pytest.approx([0, 10, 20, 30], rel=0.1, abs=0.1)
    (farthest,) = most([run], TURN)
    assert farthest[0] > limits.TURNED
    (step,) = largest_step(run, TURN, limits.STRAIGHT, limits.TURNED)
    assert 0.05 < step < farthest[0]


def test_what_is_held_is_compared_with_what_rests() -> None:
    run = compared("print", [REST, ("yaw", 20.0)], [held(0.0), held(20.0)])
    assert [reading.held for reading in run.readings] == [REST, ("yaw", 20.0)]
    assert run.readings[1].turn.yaw == pytest.approx(20.0, rel=0.1)


def test_windows_do_not_overlap() -> None:
    run = judged("somebody", [held(0.0)] * 30, PACE)
    parts = list(windows(run.readings, 0.5))
    times = [reading.view.now for part in parts for reading in part]
    assert len(parts) > 2
    assert len(times) == len(set(times))


def test_a_row_counts_its_sources_and_what_is_beyond_the_limit() -> None:
    written = line(Row("TURNED", "made", "turns", [[0.1, 0.2], [], [limits.TURNED, float("nan")]]))
    assert written == "| TURNED | 0.16 | made | turns | 3 | 2 | 0.1 | - | 0.16 | - | - | 0.2 | 66.7% |"
    assert "| - |" in line(Row("TURNED", "made", "nobody", []))


def test_a_limit_may_be_computed_of_two() -> None:
    assert value_of("JUMP + SPEED x 0.066 s") == limits.JUMP + limits.SPEED * 0.066
    assert value_of("GROWTH") == limits.GROWTH
