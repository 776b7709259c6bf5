"""People, busts and pictures that do something other than what is asked: what each is told, and what counts."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from secure_attend.liveness import limits
from secure_attend.liveness.actions import FEATURES
from secure_attend.liveness.challenge import Action, Challenge, ChallengeProgress, Sighting, draw
from tests.support.landmark_head import EYE_DISTANCE, HEAD, Look, Played, asked, drawn, person, play, seen, still

LEFT, RIGHT, EYES, MOUTH = Action.TURN_LEFT, Action.TURN_RIGHT, Action.CLOSE_EYES, Action.OPEN_MOUTH


def test_the_wrong_side_is_told_and_not_accepted() -> None:
    other = {LEFT: RIGHT, RIGHT: LEFT}
    played = play(asked(LEFT), person(obeys=lambda action: other.get(action)), until=15)
    assert played.last.accepted == ()
    assert "other_side" in played.hints


def test_too_little_is_told() -> None:
    played = play(asked(RIGHT), person(turn=13.0, farther=1.0), until=9)
    assert played.last.accepted == ()
    assert "a_little_more" in played.hints


def test_a_leap_is_told_and_a_slower_turn_then_counts() -> None:
    played = play(asked(LEFT), person(degrees_a_second=150))
    assert "slower" in played.hints
    assert played.last.state == "passed"


STILL, AT_ONCE_OPEN = [0.0] * 8, [0.5] * 5
"""How far a mouth is open in a row of frames: at rest, and as it is opened from one frame to the next."""


def opened(shares: list[float], action: Action = MOUTH) -> Played:
    """A movement asked of a mouth that is so far open, frame by frame, eight frames a second."""
    challenge, moments = asked(action), []
    for number, share in enumerate([*STILL, *shares]):
        pose = {"mouth": share} if action is MOUTH else {"yaw": 40 * share}
        moments.append((number / 8, challenge.see(seen(HEAD.landmarks(**pose)), number / 8)))
    return Played(moments)


def test_a_mouth_that_is_open_from_one_frame_to_the_next_counts_when_it_closes() -> None:
    played = opened([*AT_ONCE_OPEN, 0.3, 0.0])
    assert played.last.accepted == (MOUTH,)
    told = [progress for progress in played if progress.hint == "slower"]
    assert len(told) == 6
    assert [progress.reached_frame for progress in told] == [False, True, True, False, False, False]
    assert [progress.moving_frame for progress in told] == [False] * 5 + [True]


@pytest.mark.parametrize(
    "shares",
    [
        pytest.param([*AT_ONCE_OPEN, 0.0, 0.0], id="and shut as fast"),
        pytest.param([0.5, 0.3, 0.0], id="and does not stay"),
        pytest.param([0.5, 0.3, 0.5, 0.5, 0.3, 0.0], id="and does not stay twice"),
        pytest.param([*AT_ONCE_OPEN, 0.3, 0.3], id="and does not shut"),
        pytest.param([*[1.0] * 5, 0.6, 0.3, 0.0], id="too wide for one frame"),
    ],
)
def test_it_does_not_otherwise(shares: list[float]) -> None:
    assert opened(shares).last.accepted == ()


def test_a_turn_in_a_leap_never_counts_on_its_way_back() -> None:
    assert opened([*[0.55] * 5, 0.3, 0.15, 0.0], LEFT).last.accepted == ()


def turned(degrees: list[float]) -> Played:
    """A turn to the left asked of a head that is turned so far, frame by frame, thirty frames a second. `TURNED` is 14
    degrees of this head."""
    challenge, moments = asked(LEFT), []
    for number, yaw in enumerate([*[0.0] * 30, *degrees]):
        moments.append((number / 30, challenge.see(seen(HEAD.landmarks(yaw=yaw)), number / 30)))
    return Played(moments)


@pytest.mark.parametrize(
    ("degrees", "counts"),
    [
        pytest.param([5.0, 10.0, 14.2, 14.2, 14.2, 10.0], True, id="three frames"),
        pytest.param([5.0, 10.0, 13.8, 14.2, 14.2, 13.8, 10.0], True, id="two, and nearly there before and after"),
        pytest.param([5.0, 10.0, 14.2, 14.2, 10.0], False, id="two, and gone at once"),
        pytest.param([5.0, 10.0, 13.8, 14.8, 13.8, 10.0], False, id="one"),
        pytest.param([5.0, 10.0, 21.0, 21.0, 7.5], False, id="two, and back in a leap"),
    ],
)
def test_how_long_a_turn_lasts_is_told_between_frames(degrees: list[float], counts: bool) -> None:
    assert turned(degrees).last.accepted == ((LEFT,) if counts else ())


@pytest.mark.parametrize(("held", "counts"), [(4, False), (5, True)])
def test_an_open_mouth_that_becomes_a_laugh_was_held_until_then(held: int, counts: bool) -> None:
    """Ten frames a second; the laugh parts the lips as far."""
    challenge, shares = asked(MOUTH), [*[0.0] * 10, 0.3, *[0.6] * held]
    laugh = HEAD.landmarks(mouth=0.6)
    laugh[[48, 54]] += [(-0.1 * EYE_DISTANCE, 0), (0.1 * EYE_DISTANCE, 0)]
    shown = [*(HEAD.landmarks(mouth=share) for share in shares), laugh]
    for number, landmarks in enumerate(shown):
        progress = challenge.see(seen(landmarks), number / 10)
    assert progress.accepted == ((MOUTH,) if counts else ())


def test_a_blink_is_not_a_held_shut_eye() -> None:
    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        blinking = progress is not None and progress.state == "step" and now % 1.5 < 0.4
        return seen(HEAD.landmarks(eyes=0.0 if blinking else 1.0))

    assert play(asked(EYES), look, until=15).last.accepted == ()


def test_eyes_never_closed_are_asked_otherwise_then_replaced() -> None:
    blind = person(obeys=lambda action: None if action is EYES else action)
    played = play(asked(EYES, LEFT, spares=[Action.TILT_UP, MOUTH]), blind)
    assert played.last.state == "passed"
    assert played.last.accepted == (MOUTH, LEFT)
    first_otherwise = next(now for now, progress in played.moments if progress.asked_otherwise)
    replaced = next(now for now, progress in played.moments if progress.action is MOUTH)
    begun = next(now for now, progress in played.moments if progress.state == "step")
    assert first_otherwise - begun == pytest.approx(10, abs=0.2)
    assert replaced - begun == pytest.approx(20, abs=0.2)


def test_an_unmet_turn_is_replaced_by_the_other_side() -> None:
    played = play(
        asked(LEFT, EYES, spares=[Action.TILT_UP, RIGHT]),
        person(obeys=lambda action: None if action is LEFT else action),
    )
    assert played.steps == [LEFT, RIGHT, EYES]
    assert played.last.accepted == (RIGHT, EYES)


def test_turns_are_not_got_round_by_waiting() -> None:
    played = play(asked(LEFT, RIGHT, spares=[Action.COME_CLOSER, EYES]), still(0))
    assert {progress.action for progress in played if progress.action} == {LEFT}


def test_one_of_eyes_and_mouth_is_not_got_round_by_waiting() -> None:
    """Whatever only turns and nods: a bust, a picture that is folded."""
    rigid = person(obeys=lambda action: None if action in FEATURES else action)
    for seed in range(6):
        played = play(drawn(seed), replace(rigid, rng=np.random.default_rng(seed)))
        assert played.last.state == "failed"
        assert set(played.last.accepted).isdisjoint(FEATURES)


def test_eyes_are_replaced_by_anything_once_the_mouth_was_opened() -> None:
    blind = person(obeys=lambda action: None if action is EYES else action)
    played = play(asked(MOUTH, EYES, spares=[Action.TILT_UP]), blind)
    assert played.last.accepted == (MOUTH, Action.TILT_UP)


def hidden_eyes(hidden_by: str) -> Look:
    """Somebody who does what is asked, but for the eyes, which nobody can see."""
    actor = person(obeys=lambda action: None if action is EYES else action)
    return lambda progress, now: replace(actor(progress, now), eyes_hidden_by=hidden_by)


@pytest.mark.parametrize("hidden_by", ["dark_glasses", "glare"])
def test_hidden_eyes_are_told_at_once_and_soon_replaced(hidden_by: str) -> None:
    played = play(asked(EYES, LEFT, spares=[MOUTH]), hidden_eyes(hidden_by))
    asked_at = next(now for now, progress in played.moments if progress.action is EYES)
    told = [now for now, progress in played.moments if progress.hint == hidden_by]
    assert told[0] - asked_at == pytest.approx(limits.REACTION, abs=0.13)
    assert told[-1] - asked_at == pytest.approx(limits.EYES_HIDDEN_SECONDS, abs=0.13), "only while eyes are asked for"
    assert played.last.accepted == (MOUTH, LEFT)
    assert not played.last.other_way
    assert played.seconds < 15


@pytest.mark.parametrize("hidden_by", ["dark_glasses", "glare"])
@pytest.mark.parametrize("spares", [[], [LEFT, Action.TILT_UP]])
def test_where_nothing_can_replace_hidden_eyes_another_way_is_offered(hidden_by: str, spares: list[Action]) -> None:
    """As for who cannot turn the head, who has no spares. Turns and tilts alone would do for a bust."""
    played = play(asked(EYES, spares=spares), hidden_eyes(hidden_by))
    offered = next(now for now, progress in played.moments if progress.other_way)
    assert offered < 5
    assert all(progress.other_way for now, progress in played.moments if now > offered)
    assert {progress.action for progress in played} <= {None, EYES}
    assert (played.last.failure, played.last.cause) == ("too_slow", hidden_by)


def test_glasses_taken_off_end_the_offer() -> None:
    actor, waits = person(obeys=lambda action: action), hidden_eyes("dark_glasses")
    played = play(asked(EYES, LEFT), lambda progress, now: (waits if now < 8 else actor)(progress, now))
    assert any(progress.other_way for progress in played)
    assert (played.last.accepted, played.last.other_way) == ((EYES, LEFT), False)


def test_hidden_eyes_matter_only_where_eyes_are_asked_for() -> None:
    played = play(asked(LEFT, MOUTH), hidden_eyes("dark_glasses"))
    assert played.last.state == "passed"
    assert "dark_glasses" not in played.hints


def test_a_poor_picture_is_fixed_before_the_glasses() -> None:
    """In the dark, eyes may only look hidden."""
    look = hidden_eyes("dark_glasses")
    played = play(asked(EYES), lambda progress, now: replace(look(progress, now), problems=_dark(progress)), until=4)
    assert "too_dark" in played.hints
    assert "dark_glasses" not in played.hints


def _dark(progress: ChallengeProgress | None) -> tuple[str, ...]:
    return ("too_dark",) if progress and progress.state == "step" else ()


@pytest.mark.parametrize(("late", "total"), [(1.0, 2), (2.5, 2 + limits.MORE_STEPS)])
def test_what_was_replaced_may_be_finished_but_not_begun_anew(late: float, total: int) -> None:
    """The mouth is open so long after something else took its place, and that is done afterwards."""
    actor, told = person(), Told()

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        since = told.replaced(progress, now)
        if since > late + 0.3:
            return actor(progress, now)
        return seen(HEAD.landmarks(mouth=float(np.clip((since - late + 0.8) / 0.4, 0, 1))))

    played = play(asked(MOUTH, LEFT, spares=[EYES]), look)
    assert (played.last.state, played.last.total) == ("passed", total)


class Told:
    """When another step took the place of the first."""

    _when: float | None = None

    def replaced(self, progress: ChallengeProgress | None, now: float) -> float:
        """How many seconds ago; less than none before."""
        if self._when is None and progress is not None and progress.action is EYES:
            self._when = now
        return -1.0 if self._when is None else now - self._when


def test_eyes_read_despite_glare_count() -> None:
    actor = person()
    played = play(asked(EYES), lambda progress, now: replace(actor(progress, now), eyes_hidden_by="glare"))
    assert played.last.accepted == (EYES,)
    assert {progress.hint for progress in played if progress.moving_frame} == {"hold"}


@pytest.mark.parametrize(
    ("asks", "does", "hint"),
    [
        (Action.TILT_UP, Action.TILT_DOWN, "other_way"),
        (Action.TILT_DOWN, Action.TILT_UP, "other_way"),
        (Action.OPEN_MOUTH, Action.TILT_UP, None),
        (Action.COME_CLOSER, Action.OPEN_MOUTH, None),
        (LEFT, Action.TILT_UP, None),
        (Action.TILT_UP, RIGHT, None),
        (EYES, Action.OPEN_MOUTH, None),
    ],
)
def test_another_movement_is_not_taken_for_the_one_asked(asks: Action, does: Action, hint: str | None) -> None:
    played = play(asked(asks), person(obeys=lambda _action: does), until=15)
    assert all(progress.total > 1 for progress in played if progress.accepted), "only another step counts"
    assert hint is None or hint in played.hints


@pytest.mark.parametrize(("wider", "accepted"), [(0.0, (MOUTH,)), (0.35, ())])
def test_a_laugh_is_no_open_mouth(wider: float, accepted: tuple[Action, ...]) -> None:
    """Lips apart as in an open mouth, and its corners drawn aside."""
    actor = person()

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        face = actor(progress, now)
        assert face.landmarks is not None
        face.landmarks[48] -= (wider * 0.5 * actor.pose["mouth"] * EYE_DISTANCE, 0)
        face.landmarks[54] += (wider * 0.5 * actor.pose["mouth"] * EYE_DISTANCE, 0)
        return face

    assert play(asked(MOUTH), look, until=9).last.accepted == accepted


def nodding(seconds: float, *, head_follows: bool) -> Played:
    """Somebody whose landmarks tilt by 25 degrees while a turn is asked; with or without the head's own pose."""

    def look(_progress: ChallengeProgress | None, now: float) -> Sighting:
        pitch = float(np.clip(40 * (now - 2), 0, 25))
        solid = HEAD.solid(pitch=pitch if head_follows else 0.0)
        return replace(seen(HEAD.landmarks(pitch=pitch)), solid=solid)

    return play(asked(LEFT, EYES), look, until=seconds)


def test_a_tilt_nobody_asked_for_counts_if_the_heads_pose_shows_it() -> None:
    assert nodding(6, head_follows=True).last.total == 2 + limits.MORE_STEPS
    assert nodding(6, head_follows=False).last.total == 2


@pytest.mark.parametrize(("eyes", "more"), [(0.45, 0), (0.0, limits.MORE_STEPS)])
def test_eyes_nobody_asked_to_close_count_only_if_shut(eyes: float, more: int) -> None:
    """Looking down lowers the lids by half."""

    def look(_progress: ChallengeProgress | None, now: float) -> Sighting:
        return seen(HEAD.landmarks(eyes=1.0 if now < 2 else eyes))

    assert play(asked(LEFT, MOUTH), look, until=6).last.total == 2 + more


class Nodder:
    """Nods now and then before doing what is asked."""

    def __init__(self, nods: int) -> None:
        self._nods, self._total = nods, 0
        self._now = 0.0
        self._actor = person(obeys=self._does)

    def _does(self, action: Action) -> Action | None:
        if self._nods == 0:
            return action
        return Action.TILT_DOWN if self._now % 3 < 1.5 else None

    def __call__(self, progress: ChallengeProgress | None, now: float) -> Sighting:
        if progress and progress.total > self._total:
            self._nods -= self._total > 0
            self._total = progress.total
        self._now = now
        return self._actor(progress, now)


@pytest.mark.parametrize("nods", [1, 2])
def test_nodding_costs_steps_and_never_the_session(nods: int) -> None:
    for seed in range(4):
        steps = [LEFT, RIGHT, EYES, MOUTH]
        played = play(Challenge(steps, 0.0, random=random.Random(seed)), Nodder(nods))
        assert played.last.state == "passed"
        assert played.last.total == len(played.last.accepted) == 4 + nods * limits.MORE_STEPS
        assert {LEFT, RIGHT} & set(played.last.accepted)
        assert not set(FEATURES).isdisjoint(played.last.accepted)
        assert played.last.other_way == (nods >= limits.UNASKED_TO_OFFER)


def nods_all_the_time(seed: int, every: float, *, without_turning: bool) -> Played:
    """Somebody who nods for 1.2 seconds in every so many, whatever is asked, and otherwise does it."""
    now = [0.0]
    actor = person(seed, obeys=lambda action: Action.TILT_DOWN if now[0] % every < 1.2 else action)

    def look(progress: ChallengeProgress | None, at: float) -> Sighting:
        now[0] = at
        return actor(progress, at)

    return play(drawn(seed, without_turning=without_turning), look)


@pytest.mark.parametrize(("every", "without_turning"), [(6, False), (6, True), (5, True)])
def test_who_nods_all_the_time_gets_through(every: float, without_turning: bool) -> None:
    """docs/evidence/liveness.md has these figures."""
    played = [nods_all_the_time(seed, every, without_turning=without_turning).last for seed in range(20)]
    assert {last.state for last in played} == {"passed"}


@pytest.mark.parametrize(("every", "through"), [(4, 15), (3, 9)])
def test_who_nods_more_often_may_need_another_way(every: float, through: int) -> None:
    """docs/evidence/liveness.md has these figures."""
    played = [nods_all_the_time(seed, every, without_turning=False).last for seed in range(20)]
    assert [last.state for last in played].count("passed") == through
    assert all(last.other_way for last in played if last.state == "failed")


def test_what_replaces_a_step_is_drawn() -> None:
    def after(seed: int) -> Action | None:
        challenge = Challenge([EYES], 0.0, spares=[MOUTH, LEFT], random=random.Random(seed))
        return next(progress.action for progress in play(challenge, Nodder(1)) if progress.total > 1)

    assert {after(seed) for seed in range(12)} == set(FEATURES)


def test_who_cannot_turn_is_asked_for_no_turn_after_a_nod_either() -> None:
    for seed in range(4):
        steps, spares = draw(random.Random(seed), without_turning=True)
        challenge = Challenge(steps, 0.0, spares=spares, random=random.Random(seed))
        played = play(challenge, Nodder(1))
        assert {progress.action for progress in played} <= {None, EYES, MOUTH, Action.COME_CLOSER}
        assert (played.last.state, played.last.total) == ("passed", 3 + limits.MORE_STILL_STEPS)


def test_more_time_is_for_steps_and_session() -> None:
    challenge = asked(LEFT, spares=[RIGHT])
    for number in range(16):
        challenge.see(still(0)(None, number / 8), number / 8)
    challenge.more_time(3.0, 2.0)
    waiting = [challenge.see(still(0)(None, now), now) for now in (25.0, 35.0, 65.0, 170.0, 180.0)]
    assert [progress.asked_otherwise for progress in waiting[:2]] == [False, True]
    assert [progress.action for progress in waiting[:3]] == [LEFT, LEFT, RIGHT]
    assert [progress.state for progress in waiting[3:]] == ["step", "failed"]


def test_whoever_turns_out_of_sight_is_told_not_so_far() -> None:
    def look(_progress: ChallengeProgress | None, now: float) -> Sighting:
        yaw = 60 * (now - 2)
        return seen(HEAD.landmarks(yaw=float(np.clip(yaw, 0, 35))) if yaw < 35 else None)

    assert "not_so_far" in play(asked(LEFT), look, until=4).hints
    assert play(asked(LEFT), lambda _, now: seen(HEAD.landmarks() if now < 2 else None), until=4).hints == {"no_face"}


def test_a_failure_remembers_what_was_said_most() -> None:
    played = play(asked(LEFT), lambda *_: seen(HEAD.landmarks(), problems=("too_dark",)))
    assert (played.last.failure, played.last.cause) == ("too_slow", "too_dark")


def stays_turned(seconds: float) -> Look:
    """Turns left, looks aside for so long where a straight look is wanted, and then does nothing more."""
    actor = person(obeys=lambda action: action if action is LEFT else None)
    accepted_at: list[float] = []

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        if progress and progress.accepted and not accepted_at:
            accepted_at.append(now)
        if accepted_at and now - accepted_at[0] < seconds:
            return seen(HEAD.landmarks(yaw=16))
        return actor(progress, now)

    return look


@pytest.mark.parametrize(("seconds", "cause"), [(5, None), (70, "look_straight")])
def test_what_was_told_on_the_way_back_is_not_why_the_next_step_fails(seconds: float, cause: str | None) -> None:
    played = play(asked(LEFT, EYES), stays_turned(seconds))
    assert "look_straight" in played.hints
    assert (played.last.failure, played.last.accepted, played.last.cause) == ("too_slow", (LEFT,), cause)


def test_what_was_told_before_the_first_step_is_not_why_it_fails() -> None:
    played = play(
        asked(LEFT), lambda _, now: seen(HEAD.landmarks(scale=0.4 if now < 20 else 1.0)), until=limits.LIFETIME + 1
    )
    assert "come_closer" in played.hints
    assert (played.last.failure, played.last.cause) == ("too_slow", None)


def test_a_hidden_face_that_came_back_is_not_why_the_next_step_fails() -> None:
    played = play(asked(LEFT), lambda _, now: seen(None if 2 < now < 6 else HEAD.landmarks()))
    assert "no_face" in played.hints
    assert (played.last.failure, played.last.total, played.last.cause) == ("too_slow", 1 + limits.MORE_STEPS, None)


def test_what_was_told_is_kept_where_a_step_is_replaced_in_time() -> None:
    """The eyes are half shut for so long, and then nothing is done."""
    played = play(asked(EYES, spares=[MOUTH]), lambda _, now: seen(HEAD.landmarks(eyes=0.75 if 1 < now < 19 else 1.0)))
    assert MOUTH in played.steps
    assert (played.last.failure, played.last.cause) == ("too_slow", "a_little_more")


@pytest.mark.parametrize(("frames", "cause"), [(1, None), (7, None), (9, "too_dark")])
def test_a_moment_is_no_cause(frames: int, cause: str | None) -> None:
    """Eight frames a second."""

    def look(_progress: ChallengeProgress | None, now: float) -> Sighting:
        dark = 2 <= now < 2 + frames / 8
        return seen(HEAD.landmarks(), problems=("too_dark",) if dark else ())

    assert play(asked(LEFT), look).last.cause == cause


def test_step_seconds_can_be_longer() -> None:
    played = play(asked(EYES, LEFT, spares=[MOUTH], step_seconds=20.0, lifetime=120.0), still(0), until=100)
    otherwise = [now for now, progress in played.moments if progress.asked_otherwise]
    assert otherwise[0] == pytest.approx(20.5, abs=0.3)
    assert next(now for now, progress in played.moments if progress.action is MOUTH) == pytest.approx(40.5, abs=0.3)
