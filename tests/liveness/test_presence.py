"""One face, the same face, all the time: what happens when it is not so."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secure_attend.liveness import limits
from secure_attend.liveness.challenge import Action, ChallengeProgress, Sighting
from tests.support.landmark_head import EYE_DISTANCE, HEAD, Played, asked, drawn, person, play, seen, still

LEFT, EYES = Action.TURN_LEFT, Action.CLOSE_EYES


def interrupted(by: Sighting, start: float, seconds: float, step: Action = EYES) -> Played:
    """A session in which `by` is seen instead of the person for a while."""
    actor = person()

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        sighting = actor(progress, now)
        return by if start <= now < start + seconds else sighting

    return play(asked(step, LEFT), look, until=20)


NOBODY = (seen(None), "no_face", "lost_face")
TWO = (seen(HEAD.landmarks(), faces=2), "one_person", "several_faces")


@pytest.mark.parametrize(
    ("by", "hint", "failure"),
    [
        NOBODY,
        TWO,
        (seen(HEAD.landmarks(shift=(4 * EYE_DISTANCE, 0))), "hold_still", "face_changed"),
        (seen(HEAD.landmarks(scale=1.6)), "hold_still", "face_changed"),
    ],
)
def test_for_a_moment_it_is_told_and_for_long_it_ends_the_session(by: Sighting, hint: str, failure: str) -> None:
    short, long = interrupted(by, 1.0, 0.2), interrupted(by, 1.0, limits.LEFT + 1)
    assert short.last.state == "passed"
    assert hint in short.hints
    assert (long.last.state, long.last.failure) == ("failed", failure)
    assert hint in long.hints


@pytest.mark.parametrize(("by", "hint", "failure"), [NOBODY, TWO])
def test_a_hidden_face_is_asked_for_something_else_and_the_session_goes_on(
    by: Sighting, hint: str, failure: str
) -> None:
    """A hand before the face, a look behind, a friend who looks in."""
    hidden = interrupted(by, 1.0, limits.GONE_LONG + 2)
    assert hidden.last.state == "passed"
    assert hint in hidden.hints
    assert hidden.last.total == 2 + limits.MORE_STEPS
    assert not hidden.last.other_way


def test_whoever_is_there_after_a_while_is_looked_at_before_anything_else_counts() -> None:
    """Somewhere else than before, too; the caller embeds the key frame and compares it."""
    challenge, now, progress = asked(EYES, LEFT), 0.0, None
    for shown, seconds, action in (
        (HEAD.landmarks(), 1.5, EYES),
        (None, limits.GONE_LONG + 0.5, EYES),
        (HEAD.landmarks(yaw=30.0, shift=(4 * EYE_DISTANCE, 0)), 1.0, None),
        (HEAD.landmarks(eyes=0.0, shift=(4 * EYE_DISTANCE, 0)), 1.5, None),
    ):
        for _ in range(round(8 * seconds)):
            progress = challenge.see(seen(shown), now)
            now += 0.125
        assert progress is not None
        assert (progress.action, progress.accepted, progress.failure) == (action, (), None)
        assert not progress.key_frame
    assert progress.hint == "open_eyes"
    progress = challenge.see(seen(HEAD.landmarks(shift=(4 * EYE_DISTANCE, 0))), now)
    assert progress.key_frame
    assert progress.action is not None
    assert progress.total == 2 + limits.MORE_STEPS


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.0])
def test_a_face_hidden_for_less_costs_nothing_where_it_was(seconds: float) -> None:
    """As when a turn loses it."""
    played = interrupted(seen(None), 1.0, seconds)
    assert (played.last.state, played.last.total) == ("passed", 2)


@pytest.mark.parametrize("elsewhere", [{"shift": (2.7 * EYE_DISTANCE, 0.0)}, {"scale": 1.4}, {"scale": 0.72}])
@pytest.mark.parametrize("seconds", [1.0, 2.0])
def test_who_bends_down_for_a_moment_may_stand_elsewhere(seconds: float, elsewhere: dict[str, Any]) -> None:
    challenge, now = asked(EYES, LEFT), 0.0
    for shown, lasts in ((HEAD.landmarks(), 1.5), (None, seconds), (HEAD.landmarks(**elsewhere), 1.0)):
        for _ in range(round(8 * lasts)):
            progress = challenge.see(seen(shown), now)
            now += 0.125
    assert progress.failure is None
    assert progress.total == (2 if progress.hint == "move_back" else 2 + limits.MORE_STEPS)


def test_after_a_gap_without_frames_a_straight_look_is_enough() -> None:
    """Nobody can help a slow network: nothing else is asked."""
    challenge = asked(EYES, LEFT)
    for number in range(12):
        challenge.see(seen(HEAD.landmarks()), number / 8)
    turned = challenge.see(seen(HEAD.landmarks(yaw=30.0)), 9.0)
    assert (turned.action, turned.hint) == (None, "look_straight")
    straight = challenge.see(seen(HEAD.landmarks()), 9.1)
    assert (straight.action, straight.key_frame, straight.total) == (EYES, True, 2)


def test_who_hides_again_is_offered_another_way() -> None:
    actor = person()

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        sighting = actor(progress, now)
        return seen(None) if 1 <= now < 4 or 5 <= now < 8 else sighting

    assert play(asked(EYES, LEFT), look, until=9).last.other_way


def test_a_face_hidden_while_it_is_to_look_straight_again_loses_nothing() -> None:
    """Its movement counted already."""
    actor, hidden_at = person(), [math.inf]

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        sighting = actor(progress, now)
        if progress is not None and progress.returning:
            hidden_at[0] = min(hidden_at[0], now)
        return seen(None) if hidden_at[0] <= now < hidden_at[0] + limits.GONE_LONG + 1 else sighting

    played = play(asked(EYES, LEFT), look, until=20)
    assert (played.last.state, played.last.total) == ("passed", 2)


def test_what_was_begun_before_a_gap_does_not_count() -> None:
    """Eyes shut, a second without frames, eyes still shut: not seen held."""
    challenge = asked(EYES)
    times = [*np.arange(0, 0.7, 0.125), 1.0, 1.125]
    for now in times:
        progress = challenge.see(seen(HEAD.landmarks(eyes=1.0 if now < 1.1 else 0.0)), float(now))
    assert progress.hint == "hold"
    for now in (2.2, 2.325, 2.45, 2.575):
        progress = challenge.see(seen(HEAD.landmarks(eyes=0.0)), now)
    assert (progress.hint, progress.accepted) == ("open_eyes", ())


def test_before_the_neutral_people_may_come_and_go() -> None:
    actor = person()

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        if now < 4:
            return seen(None)
        if now < 8:
            return seen(HEAD.landmarks(), faces=3)
        return actor(progress, now)

    played = play(drawn(0), look)
    assert played.last.state == "passed"
    assert {"no_face", "one_person"} <= played.hints


@pytest.mark.parametrize(
    "landmarks",
    [
        np.zeros((68, 2)),
        np.full((68, 2), np.nan),
        np.zeros((5, 2)),
        np.column_stack([np.linspace(0, 400, 68), np.linspace(0, 300, 68)]),
        np.tile([[100.0, 100.0]], (68, 1)) + np.eye(68, 2) * 90,
    ],
)
def test_landmarks_of_no_face_are_no_face(landmarks: np.ndarray) -> None:
    challenge = drawn(0)
    for place in range(8):
        challenge.see(still(0)(None, 0), place / 8)
    progress = challenge.see(seen(landmarks), 1.1)
    assert progress.state == "step"
    assert progress.hint in {"no_face", "hold_still"}


degrees = st.floats(-50, 50)


@given(
    st.lists(
        st.tuples(
            st.floats(-60, 60),
            st.floats(-40, 40),
            st.floats(0, 1),
            st.floats(0.3, 2),
            st.integers(0, 2),
            st.floats(0, 4),
        ),
        max_size=40,
    )
)
@settings(deadline=None)
def test_no_frames_in_any_order_break_it(frames: list[tuple[float, float, float, float, int, float]]) -> None:
    challenge, now = drawn(0), 0.0
    for yaw, pitch, eyes, size, faces, wait in frames:
        now += wait
        landmarks = HEAD.landmarks(yaw=yaw, pitch=pitch, eyes=eyes, scale=size) if faces else None
        progress = challenge.see(seen(landmarks, faces=faces), now)
        assert (progress.failure is not None) == (progress.state == "failed")
        assert progress.action is None or progress.state == "step"
        assert len(progress.accepted) <= progress.total
