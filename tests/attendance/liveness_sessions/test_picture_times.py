"""What is slow if pictures come too far apart."""

from __future__ import annotations

import pytest

from secure_attend.attendance.liveness_sessions.picture_times import PictureTimes, SlowPart


def told(
    *, seconds_apart: float, answered_after: float = 0.02, shown: int = 1, behind: bool = False, pictures: int = 40
) -> list[SlowPart | None]:
    """What is told of pictures that come so far apart, each of them `shown` times."""
    times, found = PictureTimes(), []
    for number in range(pictures):
        now = number * seconds_apart
        found.append(times.arrive(str(number // shown).encode(), now, server_behind=behind))
        times.answer(now + answered_after)
    return found


def test_pictures_in_time_are_not_slow() -> None:
    assert set(told(seconds_apart=0.5)) == {None}
    assert set(told(seconds_apart=0.066, shown=8)) == {None}


@pytest.mark.parametrize(
    ("answered_after", "behind", "slow"),
    [(0.02, False, "slow_connection"), (0.6, False, "slow_server"), (0.02, True, "slow_server")],
)
def test_pictures_that_come_too_far_apart(answered_after: float, behind: bool, slow: SlowPart) -> None:
    first, *rest = told(seconds_apart=0.8, answered_after=answered_after, behind=behind)
    assert first is None
    assert set(rest) == {slow}


def test_a_camera_that_shows_each_picture_for_long_is_slow_from_the_first_on() -> None:
    found = told(seconds_apart=0.125, shown=8)
    assert found[:5] == [None] * 5
    assert set(found[5:]) == {"slow_camera"}


def test_a_camera_that_recovers_is_slow_no_longer() -> None:
    times = PictureTimes()
    frozen = [times.arrive(b"one", 0.1 * number, server_behind=False) for number in range(10)]
    assert frozen[-1] == "slow_camera"
    assert times.arrive(b"two", 1.0, server_behind=False) == "slow_camera"
    assert times.arrive(b"three", 1.1, server_behind=False) is None


def test_a_camera_that_shows_the_same_for_ever_stands_still() -> None:
    found = told(seconds_apart=0.125, shown=100)
    assert found[24] == "slow_camera"
    assert set(found[25:]) == {"still_camera"}


def test_a_slow_connection_is_no_slow_camera() -> None:
    times = PictureTimes()
    times.arrive(b"one", 0.0, server_behind=False)
    times.answer(0.1)
    assert times.arrive(b"two", 2.0, server_behind=False) == "slow_connection"
    assert times.arrive(b"two", 2.1, server_behind=False) is None
