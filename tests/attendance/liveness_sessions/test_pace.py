"""The pace at which a kiosk sends pictures: quick while somebody moves, slow while the server is behind."""

from __future__ import annotations

from secure_attend.attendance.liveness_sessions.backpressure import BEHIND_MS, MOVING_MS, RESTING_MS, Pace


def test_movements_are_looked_at_more_closely() -> None:
    pace = Pace(cores=2)
    assert (pace.milliseconds(moving=True), pace.milliseconds(moving=False)) == (MOVING_MS, RESTING_MS)


def test_a_server_that_is_behind_asks_for_fewer_pictures_until_it_is_not() -> None:
    pace = Pace(cores=2)
    for _ in range(100):
        pace.note(4)
    assert {pace.milliseconds(moving=moving) for moving in (True, False)} == {BEHIND_MS}
    for _ in range(100):
        pace.note(1)
    assert pace.milliseconds(moving=True) == MOVING_MS


def test_two_pictures_at_once_are_no_crowd() -> None:
    pace = Pace(cores=2)
    for _ in range(5):
        pace.note(8)
    pace.note(2)
    assert pace.milliseconds(moving=False) == RESTING_MS


def test_ten_kiosks_share_the_cores_before_the_server_is_behind() -> None:
    pace = Pace(cores=2)
    for number in range(400):
        pace.note(1, f"kiosk {number % 10}", number / 100)
        pace.worked(0.012)
    assert pace.milliseconds(moving=True) == pace.milliseconds(moving=False) == 86
    pace.worked(5.0)
    assert pace.milliseconds(moving=True) == BEHIND_MS


def test_who_is_gone_no_longer_counts() -> None:
    pace = Pace(cores=2)
    for number in range(400):
        pace.note(1, f"kiosk {number % 10}", number / 100)
        pace.worked(0.012)
    pace.note(1, "kiosk 0", 6.0)
    assert pace.milliseconds(moving=True) == MOVING_MS
    assert pace.milliseconds(moving=False) == RESTING_MS
