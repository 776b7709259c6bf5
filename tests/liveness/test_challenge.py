"""The state machine, played with computed landmarks: who passes, who does not, and what each is told."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secure_attend.liveness import limits
from secure_attend.liveness.challenge import Action, ChallengeProgress, Sighting
from secure_attend.liveness.step_sequences import Mode
from tests.support.landmark_head import HEAD, asked, drawn, person, play, seen, still

LEFT, RIGHT, EYES, MOUTH = Action.TURN_LEFT, Action.TURN_RIGHT, Action.CLOSE_EYES, Action.OPEN_MOUTH


# --- who passes


@pytest.mark.parametrize("noise", [0.005, 0.01, 0.015])
def test_a_person_passes(noise: float) -> None:
    results = [play(drawn(seed), person(seed, noise=noise)).last for seed in range(40)]
    assert [result.state for result in results] == ["passed"] * 40


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_a_person_passes_whatever_is_drawn_and_at_whatever_pace(seed: int) -> None:
    pace = random.Random(seed).uniform(35, 120)
    assert play(drawn(seed), person(seed, degrees_a_second=pace)).last.state == "passed"


def test_every_action_can_be_asked() -> None:
    played = play(asked(*Action), person())
    assert played.last.state == "passed"
    assert played.last.accepted == tuple(Action)


@pytest.mark.parametrize("mode", ["quick", "standard", "strict"])
@pytest.mark.parametrize("without_turning", [False, True])
def test_a_person_passes_in_every_mode(mode: Mode, without_turning: bool) -> None:
    for seed in range(6):
        played = play(drawn(seed, mode, without_turning=without_turning), person(seed))
        assert played.last.state == "passed"
        assert played.seconds < 30


@pytest.mark.parametrize("action", list(Action))
def test_every_movement_is_seen_in_its_midst(action: Action) -> None:
    moving = [progress for progress in play(asked(action), person()) if progress.moving_frame]
    assert moving
    assert all(progress.action is action and not progress.returning for progress in moving)


@pytest.mark.parametrize("action", [action for action in Action if action is not EYES])
def test_every_movement_is_seen_at_its_end(action: Action) -> None:
    """The eyes' end is their midst: shut."""
    played = list(play(asked(action), person()))
    reached = [place for place, progress in enumerate(played) if progress.reached_frame]
    moving = [place for place, progress in enumerate(played) if progress.moving_frame]
    assert reached
    assert min(moving) < min(reached)
    assert all(played[place].hint == "hold" and not played[place].moving_frame for place in reached)


def test_what_a_passing_session_says_on_the_way() -> None:
    played = play(asked(LEFT, EYES), person())
    first = played.moments[0][1]
    assert (first.state, first.action, first.accepted, first.total) == ("neutral", None, (), 2)
    assert played.steps == [LEFT, EYES]
    assert played.last == ChallengeProgress("passed", None, False, False, (LEFT, EYES), 2, None, True, None)
    returning = [progress for progress in played if progress.returning]
    assert {progress.accepted for progress in returning} == {(LEFT,), (LEFT, EYES)}
    assert {"look_straight", "open_eyes", "hold"} <= played.hints


def test_key_frames_are_the_neutral_and_each_return() -> None:
    puppet_person = person()
    held: list[dict[str, float]] = []

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        sighting = puppet_person(progress, now)
        held.append(dict(puppet_person.pose))
        return sighting

    played = play(drawn(1), look)
    keys = [place for place, progress in enumerate(played) if progress.key_frame]
    assert len(keys) == 5
    assert all(abs(held[place]["yaw"]) < 12 and held[place]["eyes"] > 0.5 for place in keys)
    assert all(abs(held[place]["pitch"]) < 14 and held[place]["mouth"] < 0.5 for place in keys)


def test_the_same_frames_are_judged_the_same() -> None:
    first, second = (play(drawn(3), person(9, noise=0.015)).moments for _ in range(2))
    assert first == second


def test_nothing_changes_after_the_end() -> None:
    challenge = drawn(2)
    played = play(challenge, person())
    after = challenge.see(seen(None), played.seconds + 100)
    assert after == replace(played.last, key_frame=False)


# --- time


def test_a_session_ends_after_its_lifetime() -> None:
    played = play(drawn(0), still(0))
    assert played.last.failure == "too_slow"
    assert played.seconds == pytest.approx(limits.LIFETIME, abs=0.2)


def test_whoever_never_comes_is_too_slow() -> None:
    played = play(drawn(0), lambda *_: seen(None))
    assert (played.last.failure, played.hints) == ("too_slow", {"no_face"})


def test_nothing_is_accepted_sooner_than_a_person_reacts() -> None:
    """A stream that turns at once, many frames in a tenth of a second."""

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        begun.append(now) if progress and progress.state == "step" and not begun else None
        yaw = 400 * (now - begun[0]) if begun else 0.0
        return seen(HEAD.landmarks(yaw=min(yaw, 30.0)))

    begun: list[float] = []
    played = play(asked(LEFT), look, rate=100.0, until=9.0)
    assert played.last.accepted == ()
    assert played.hints == {"look_straight"}


def test_a_clock_that_goes_back_harms_nobody() -> None:
    challenge = drawn(0)
    challenge.see(still(0)(None, 5.0), 5.0)
    assert challenge.see(still(0)(None, 3.0), 3.0).state == "neutral"


# --- hints while the neutral is taken


@pytest.mark.parametrize(
    ("sighting", "hint"),
    [
        (seen(HEAD.landmarks(scale=0.4)), "come_closer"),
        (seen(HEAD.landmarks(scale=2.0)), "move_back"),
        (seen(HEAD.landmarks(shift=(270, 0))), "move_to_center"),
        (seen(HEAD.landmarks(yaw=25)), "look_straight"),
        (seen(HEAD.landmarks(roll=30)), "hold_level"),
        (seen(HEAD.landmarks(pitch=42)), "look_lower"),
        (seen(HEAD.landmarks(pitch=-42)), "look_higher"),
        (seen(HEAD.landmarks(), problems=("too_dark", "blurred")), "too_dark"),
        (seen(None), "no_face"),
        (seen(HEAD.landmarks(), faces=2), "one_person"),
    ],
)
def test_the_neutral_waits_and_says_for_what(sighting: Sighting, hint: str) -> None:
    played = play(drawn(0), lambda *_: sighting, until=5)
    assert played.last.state == "neutral"
    assert played.hints == {hint}
    assert not any(progress.key_frame for progress in played)


def test_the_neutral_waits_for_a_steady_face() -> None:
    def look(_progress: ChallengeProgress | None, now: float) -> Sighting:
        return seen(HEAD.landmarks(shift=(60 * np.sin(6 * now), 0)))

    played = play(drawn(0), look, until=3)
    assert (played.last.state, played.last.hint) == ("neutral", "hold_still")


def test_a_blink_does_not_spoil_the_neutral() -> None:
    actor = person()

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        return seen(HEAD.landmarks(eyes=0.2)) if 0.2 < now < 0.4 else actor(progress, now)

    assert play(drawn(0), look).last.state == "passed"


def test_a_bad_picture_delays_the_return_and_says_why() -> None:
    actor = person()

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        sighting = actor(progress, now)
        return replace(sighting, problems=("too_dark",)) if progress and progress.returning and now < 6 else sighting

    played = play(asked(LEFT), look)
    assert played.last.state == "passed"
    assert played.seconds >= 6
    assert "too_dark" in played.hints
