"""How long hints lasted before the first step."""

from __future__ import annotations

import pytest

from secure_attend.attendance.liveness_sessions.hint_times import LONG_ENOUGH, HintTimes


def after(*frames: tuple[float, str | None]) -> str | None:
    """The longest hint after frames at these seconds with these hints."""
    times = HintTimes()
    for now, hint in frames:
        times.note(hint, now)
    return times.longest()


def lasting(hint: str | None, seconds: float, start: float = 0.0) -> list[tuple[float, str | None]]:
    return [(start + tenth / 10, hint) for tenth in range(round(10 * seconds) + 1)]


def test_a_hint_that_lasts_is_the_longest() -> None:
    assert after(*lasting("too_dark", LONG_ENOUGH + 0.1)) == "too_dark"
    assert after(*lasting("too_dark", LONG_ENOUGH - 0.2)) is None
    assert after(*lasting("come_closer", 4), *lasting("too_dark", 5, start=4), *lasting("no_face", 30, start=9)) == (
        "too_dark"
    )


@pytest.mark.parametrize("hint", ["no_face", None])
def test_nobody_stood_there(hint: str | None) -> None:
    assert after() is None
    assert after(*lasting(hint, 30)) is None


def test_a_gap_between_frames_is_no_hint() -> None:
    assert after((0.0, None), (30.0, "too_dark")) is None
    assert after((30.0, "too_dark")) is None


def test_somebody_whom_the_camera_never_sees_waits_until_it_is_over() -> None:
    times = HintTimes()
    assert not times.somebody_stood_there(60.0)
    for now, hint in lasting("no_face", 59):
        times.note(hint, now)
    assert times.somebody_stood_there(60.0)
    assert not times.somebody_stood_there(65.0), "the frames stopped before the end"
    for now, hint in lasting("too_dark", LONG_ENOUGH + 0.1, start=60):
        times.note(hint, now)
    assert times.somebody_stood_there(120.0)
