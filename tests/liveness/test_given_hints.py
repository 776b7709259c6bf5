"""How long hints were given."""

from __future__ import annotations

import pytest

from secure_attend.liveness import limits
from secure_attend.liveness.given_hints import GivenHints


def after(*frames: tuple[float, str | None]) -> GivenHints:
    """What was given for frames at these seconds."""
    given = GivenHints()
    for now, hint in frames:
        given.note(hint, now)
    return given


def lasting(hint: str | None, seconds: float, start: float = 0.0) -> list[tuple[float, str | None]]:
    return [(start + tenth / 10, hint) for tenth in range(round(10 * seconds) + 1)]


def test_the_longest_is_named_if_it_lasted() -> None:
    assert after().longest() is None
    assert after(*lasting("hold", limits.CAUSE_SECONDS - 0.2)).longest() is None
    assert after(*lasting("hold", 2), *lasting("too_dark", 3, start=2)).longest() == "too_dark"
    assert after(*lasting("hold", 2), *lasting("too_dark", 3, start=2)).longest(4) is None
    assert after(*lasting("hold", 2), *lasting(None, 9, start=2)).longest() == "hold"


def test_a_hint_given_now_and_then_adds_up() -> None:
    frames = [(tenth / 10, "slower" if tenth % 2 else None) for tenth in range(25)]
    assert after(*frames).longest() == "slower"
    assert after(*frames[:15]).longest() is None


@pytest.mark.parametrize("seconds", [30.0, -30.0])
def test_frames_far_apart_or_out_of_order_count_for_little(seconds: float) -> None:
    frames: list[tuple[float, str | None]] = [*lasting("hold", 2), (2 + seconds, "too_dark"), (2 + seconds, "too_dark")]
    assert after(*frames).longest() == "hold"


def test_what_is_cleared_is_forgotten() -> None:
    given = after(*lasting("hold", 2))
    given.clear()
    assert given.longest() is None
