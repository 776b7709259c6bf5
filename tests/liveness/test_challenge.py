"""The state machine, played with computed landmarks: who passes, who does not, and what each is told."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secure_attend.liveness import limits
from secure_attend.liveness.challenge import Action, Challenge, Progress, Sighting, draw
from tests.liveness.head import EYE_DISTANCE, HEAD, Noise, Person, Played, drawn, play, seen

LEFT, RIGHT, EYES = Action.TURN_LEFT, Action.TURN_RIGHT, Action.CLOSE_EYES


def person(seed: int = 0, **traits: object) -> Person:
    return Person(np.random.default_rng(seed), **traits)  # type: ignore[arg-type]


def asked(*steps: Action, **times: float) -> Challenge:
    return Challenge(steps, 0.0, **times)


def steps_seen(played: Played) -> list[Action]:
    """The actions asked, in order."""
    actions = [progress.action for progress in played if progress.action]
    return [action for place, action in enumerate(actions) if place == 0 or actions[place - 1] != action]


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


def test_all_three_actions_can_be_asked() -> None:
    played = play(asked(RIGHT, EYES, LEFT), person())
    assert played.last.state == "passed"
    assert played.last.accepted == (RIGHT, EYES, LEFT)


def test_what_a_passing_session_says_on_the_way() -> None:
    played = play(asked(LEFT, EYES), person())
    first = played.moments[0][1]
    assert (first.state, first.action, first.accepted, first.total) == ("neutral", None, (), 2)
    assert steps_seen(played) == [LEFT, EYES]
    assert played.last == Progress("passed", None, False, False, (LEFT, EYES), 2, None, True, None)
    returning = [progress for progress in played if progress.returning]
    assert {progress.accepted for progress in returning} == {(LEFT,), (LEFT, EYES)}
    assert {"look_straight", "open_eyes", "hold"} <= played.hints


def test_key_frames_are_the_neutral_and_each_return() -> None:
    puppet_person = person()
    held: list[tuple[float, float]] = []

    def look(progress: Progress | None, now: float) -> Sighting:
        sighting = puppet_person(progress, now)
        held.append((puppet_person.yaw, puppet_person.eyes))
        return sighting

    played = play(drawn(1), look)
    keys = [place for place, progress in enumerate(played) if progress.key_frame]
    assert len(keys) == 3
    assert all(abs(held[place][0]) < 12 and held[place][1] > 0.5 for place in keys)


def test_the_same_frames_are_judged_the_same() -> None:
    first, second = (play(drawn(3), person(9, noise=0.015)).moments for _ in range(2))
    assert first == second


def test_nothing_changes_after_the_end() -> None:
    challenge = drawn(2)
    played = play(challenge, person())
    after = challenge.see(seen(None), played.seconds + 100)
    assert after == replace(played.last, key_frame=False)


# --- drawing


@settings(deadline=None)
@given(seed=st.integers(), count=st.integers(1, 3))
def test_drawn_steps_differ_and_hold_a_turn(seed: int, count: int) -> None:
    steps = draw(random.Random(seed), count)
    assert len(set(steps)) == count
    assert {LEFT, RIGHT} & set(steps)


def test_two_steps_are_a_turn_and_the_eyes_in_any_order_and_side() -> None:
    sequences = {draw(random.Random(seed)) for seed in range(60)}
    assert sequences == {(LEFT, EYES), (EYES, LEFT), (RIGHT, EYES), (EYES, RIGHT)}


@pytest.mark.parametrize("count", [0, 4])
def test_more_steps_than_there_are_cannot_be_drawn(count: int) -> None:
    with pytest.raises(ValueError, match="steps cannot be drawn"):
        draw(random.Random(0), count)


# --- attacks with a photo


def still(seed: int) -> Callable[[Progress | None, float], Sighting]:
    noise = Noise(np.random.default_rng(seed))
    return lambda _progress, _now: seen(noise.on(HEAD.landmarks()))


def moved(seed: int) -> Callable[[Progress | None, float], Sighting]:
    rng = np.random.default_rng(seed)
    noise, phase = Noise(rng), rng.uniform(0, 6, 2)

    def look(_progress: Progress | None, now: float) -> Sighting:
        shift = (60 * np.sin(1.7 * now + phase[0]), 40 * np.sin(1.3 * now + phase[1])) if now > 2 else (0, 0)
        return seen(noise.on(HEAD.photo_landmarks(0, 0, shift)))

    return look


def tilted(seed: int) -> Callable[[Progress | None, float], Sighting]:
    rng = np.random.default_rng(seed)
    noise = Noise(rng, rng.uniform(0.005, 0.02))
    pace, phase = rng.uniform(0.5, 2, 2), rng.uniform(0, 6, 2)

    def look(_progress: Progress | None, now: float) -> Sighting:
        calm = np.clip((now - 2) / 2, 0, 1)
        yaw, pitch = 45 * calm * np.sin(pace * now + phase)
        return seen(noise.on(HEAD.photo_landmarks(yaw, pitch, tuple(4 * calm * rng.normal(size=2)))))

    return look


@pytest.mark.parametrize("photo", [still, moved, tilted])
def test_a_flat_photo_is_accepted_for_nothing(photo: Callable[[int], Callable[..., Sighting]]) -> None:
    for seed in range(8):
        last = play(drawn(seed), photo(seed)).last
        assert (last.state, last.accepted) == ("failed", ())


@pytest.mark.parametrize("rate", [3.0, 8.0, 15.0])
def test_a_photo_exchanged_for_another_pose_is_accepted_for_nothing(rate: float) -> None:
    """Prints of one person in the same place, the one that is asked for shown after a moment."""
    poses = {LEFT: {"yaw": 28.0}, RIGHT: {"yaw": -28.0}}
    for seed in range(6):
        noise, shown = Noise(np.random.default_rng(seed)), [None, 0.0]

        def look(progress: Progress | None, now: float, noise: Noise = noise, shown: list = shown) -> Sighting:
            action = progress.action if progress and not progress.returning else None
            if action is not shown[0]:
                shown[:] = [action, now + 0.7]
            return seen(noise.on(HEAD.landmarks(**(poses.get(action, {}) if now > shown[1] else {}))))

        played = play(drawn(seed), look, rate=rate)
        assert (played.last.state, played.last.accepted) == ("failed", ())
        assert "slower" in played.hints


def test_shut_eyes_on_a_print_held_elsewhere_do_not_count() -> None:
    noise = Noise(np.random.default_rng(0))

    def look(progress: Progress | None, now: float) -> Sighting:
        shut = progress is not None and progress.action is EYES and now > 2
        away = (0.6 * EYE_DISTANCE, 0.0) if shut else (0.0, 0.0)
        return seen(noise.on(HEAD.landmarks(eyes=0.0 if shut else 1.0, shift=away)))

    played = play(asked(EYES), look, until=15)
    assert played.last.accepted == ()
    assert "hold_still" in played.hints


# --- not doing what is asked


def test_the_wrong_side_is_told_and_not_accepted() -> None:
    other = {LEFT: RIGHT, RIGHT: LEFT}
    played = play(asked(LEFT), person(obeys=lambda action: other.get(action)), until=15)
    assert played.last.accepted == ()
    assert "other_side" in played.hints


def test_too_little_is_told() -> None:
    played = play(asked(RIGHT), person(turn=13.0), until=9)
    assert played.last.accepted == ()
    assert "a_little_more" in played.hints


def test_a_leap_is_told_and_a_slower_turn_then_counts() -> None:
    played = play(asked(LEFT), person(degrees_a_second=150))
    assert "slower" in played.hints
    assert played.last.state == "passed"


def test_a_blink_is_not_a_held_shut_eye() -> None:
    def look(progress: Progress | None, now: float) -> Sighting:
        blinking = progress is not None and progress.state == "step" and now % 1.5 < 0.4
        return seen(HEAD.landmarks(eyes=0.0 if blinking else 1.0))

    assert play(asked(EYES), look, until=15).last.accepted == ()


def test_eyes_never_closed_are_asked_otherwise_then_replaced() -> None:
    played = play(asked(EYES, LEFT), person(obeys=lambda action: None if action is EYES else action))
    assert played.last.state == "passed"
    assert played.last.accepted == (RIGHT, LEFT)
    first_otherwise = next(now for now, progress in played.moments if progress.asked_otherwise)
    replaced = next(now for now, progress in played.moments if progress.action is RIGHT)
    begun = next(now for now, progress in played.moments if progress.state == "step")
    assert first_otherwise - begun == pytest.approx(10, abs=0.2)
    assert replaced - begun == pytest.approx(20, abs=0.2)


def test_an_unmet_turn_is_replaced_by_the_other_side() -> None:
    played = play(asked(LEFT, EYES), person(obeys=lambda action: None if action is LEFT else action))
    assert steps_seen(played) == [LEFT, RIGHT, EYES]
    assert played.last.accepted == (RIGHT, EYES)


def test_step_seconds_can_be_longer() -> None:
    played = play(asked(EYES, LEFT, step_seconds=20.0, lifetime=120.0), still(0), until=100)
    otherwise = [now for now, progress in played.moments if progress.asked_otherwise]
    assert otherwise[0] == pytest.approx(20.5, abs=0.3)
    assert next(now for now, progress in played.moments if progress.action is RIGHT) == pytest.approx(40.5, abs=0.3)


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

    def look(progress: Progress | None, now: float) -> Sighting:
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


# --- presence


def interrupted(by: Sighting, start: float, seconds: float, step: Action = EYES) -> Played:
    """A session in which `by` is seen instead of the person for a while."""
    actor = person()

    def look(progress: Progress | None, now: float) -> Sighting:
        sighting = actor(progress, now)
        return by if start <= now < start + seconds else sighting

    return play(asked(step, LEFT), look, until=20)


@pytest.mark.parametrize(
    ("by", "hint", "failure"),
    [
        (seen(None), "no_face", "lost_face"),
        (seen(HEAD.landmarks(), faces=2), "one_person", "several_faces"),
        (seen(HEAD.landmarks(shift=(4 * EYE_DISTANCE, 0))), "hold_still", "face_changed"),
        (seen(HEAD.landmarks(scale=1.6)), "hold_still", "face_changed"),
    ],
)
def test_for_a_moment_it_is_told_and_for_longer_it_ends_the_session(by: Sighting, hint: str, failure: str) -> None:
    short, long = interrupted(by, 1.0, 0.2), interrupted(by, 1.0, 6.0)
    assert short.last.state == "passed"
    assert hint in short.hints
    assert (long.last.state, long.last.failure) == ("failed", failure)
    assert hint in long.hints


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

    def look(progress: Progress | None, now: float) -> Sighting:
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


@given(
    st.lists(
        st.tuples(
            st.floats(-60, 60), st.floats(-40, 40), st.floats(0, 1), st.floats(0.3, 2), st.integers(0, 2), st.floats(0, 4)
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
        assert (progress.action is not None) == (progress.state == "step")
        assert len(progress.accepted) <= progress.total


# --- hints while the neutral is taken


@pytest.mark.parametrize(
    ("sighting", "hint"),
    [
        (seen(HEAD.landmarks(scale=0.4)), "come_closer"),
        (seen(HEAD.landmarks(shift=(270, 0))), "move_to_center"),
        (seen(HEAD.landmarks(yaw=25)), "look_straight"),
        (seen(HEAD.landmarks(roll=30)), "look_straight"),
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
    def look(_progress: Progress | None, now: float) -> Sighting:
        return seen(HEAD.landmarks(shift=(60 * np.sin(6 * now), 0)))

    played = play(drawn(0), look, until=3)
    assert (played.last.state, played.last.hint) == ("neutral", "hold_still")


def test_a_blink_does_not_spoil_the_neutral() -> None:
    actor = person()

    def look(progress: Progress | None, now: float) -> Sighting:
        return seen(HEAD.landmarks(eyes=0.2)) if 0.2 < now < 0.4 else actor(progress, now)

    assert play(drawn(0), look).last.state == "passed"


def test_a_bad_picture_delays_the_return_and_says_why() -> None:
    actor = person()

    def look(progress: Progress | None, now: float) -> Sighting:
        sighting = actor(progress, now)
        return replace(sighting, problems=("too_dark",)) if progress and progress.returning and now < 6 else sighting

    played = play(asked(LEFT), look)
    assert played.last.state == "passed"
    assert played.seconds >= 6
    assert "too_dark" in played.hints
