"""The challenge: what is asked, whether it was done, and what a person should change. Pure: time is passed in.

neutral -> step (its movement, then returning to straight) -> next step ... -> passed; or failed, from anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from secure_attend.liveness import limits
from secure_attend.liveness.actions import FEATURES, JUDGES, TURNS, Action, Judge, others
from secure_attend.liveness.motion import Points
from secure_attend.liveness.neutral import Neutral
from secure_attend.liveness.presence import Failure, Presence, Sighting
from secure_attend.liveness.step_sequences import DrawnSteps, draw
from secure_attend.liveness.view import Reference, View

__all__ = ["Action", "Challenge", "ChallengeProgress", "DrawnSteps", "Failure", "Sighting", "State", "draw"]

State = Literal["neutral", "step", "passed", "failed"]


@dataclass(frozen=True)
class ChallengeProgress:
    """Where a challenge stands. Never holds a score.

    `action` is asked now; `returning` says that its movement was met and the straight look is due; from then on it is
    among `accepted`. `key_frame` says that this frame shows the face straight and well, to be embedded by the caller;
    `moving_frame` that it shows the face in the middle of the movement asked, `reached_frame` where the movement goes
    to: whoever that is must be the same person.
    Hints: no_face one_person move_to_center come_closer move_back look_straight a_little_more other_side other_way
    slower hold open_eyes close_mouth hold_still, and whatever problems the sightings bring.
    """

    state: State
    action: Action | None
    asked_otherwise: bool
    returning: bool
    accepted: tuple[Action, ...]
    total: int
    hint: str | None
    key_frame: bool
    failure: Failure | None
    moving_frame: bool = False
    reached_frame: bool = False


class Challenge:
    """One session's judgement, a frame at a time. Not safe for several threads at once."""

    def __init__(
        self,
        steps: Sequence[Action],
        started: float,
        *,
        spares: Sequence[Action] = (),
        step_seconds: float = limits.STEP_SECONDS,
        lifetime: float = limits.LIFETIME,
    ) -> None:
        self._waiting = list(steps)
        self._spares = list(spares)
        self._total = len(steps)
        self._ends = started + lifetime
        self._step_seconds = step_seconds
        self._now = started
        self._state: State = "neutral"
        self._failure: Failure | None = None
        self._presence = Presence()
        self._gathering = Neutral()
        self._neutral: Reference | None = None
        self._action: Action | None = None
        self._judge: Judge | None = None
        self._others: dict[Action, Judge] = {}
        self._replaced: Action | None = None
        self._mistook_side = False
        self._asked = started
        self._glare = _Glare(started)
        self._returning = False
        self._accepted: list[Action] = []

    def progress(self) -> ChallengeProgress:
        """Where it stands."""
        return self._progress()

    def see(self, sighting: Sighting, now: float) -> ChallengeProgress:
        """The progress after this frame, seen at `now` (seconds of the clock that gave `started`)."""
        if self._state in ("passed", "failed"):
            return self._progress()
        self._now = max(self._now, now)
        if self._now > self._ends:
            return self._fail("too_slow")
        seen = self._presence.see(sighting, self._now)
        if self._state == "neutral":
            return self._take_neutral(seen.landmarks, seen.hint, seen.failure, sighting)
        if seen.failure:
            return self._fail(seen.failure)
        if seen.broken and self._judge:
            self._judge.interrupt()
            for judge in self._others.values():
                judge.interrupt()
        view = self._view(seen.landmarks)
        if view is None:
            self._ask_again()
            return self._progress(seen.hint or "no_face")
        return self._return(view, sighting) if self._returning else self._judge_movement(view, sighting)

    def _take_neutral(
        self, landmarks: Points | None, hint: str | None, failure: Failure | None, sighting: Sighting
    ) -> ChallengeProgress:
        """Nothing fails before there is something to compare with: whoever comes and goes here starts again."""
        if failure:
            self._presence, self._gathering = Presence(), Neutral()
        if landmarks is None:
            return self._progress(hint)
        taken = self._gathering.see(landmarks, sighting, self._now)
        if taken.neutral is None:
            return self._progress(taken.hint)
        self._neutral = Reference(taken.neutral)
        self._state = "step"
        self._ask(self._waiting.pop(0))
        return self._progress(key_frame=True)

    def _view(self, landmarks: Points | None) -> View | None:
        if landmarks is None or self._neutral is None:
            return None
        return self._neutral.measure(landmarks, self._now)

    def _judge_movement(self, view: View, sighting: Sighting) -> ChallengeProgress:
        if self._judge is None:
            return self._progress()
        verdict = self._judge.see(view)
        if self._now - self._asked < limits.REACTION:
            # only being at rest counts so early
            if verdict.hint:
                self._judge.interrupt()
            return self._progress()
        if self._did_otherwise(view):
            return self._fail("wrong_movement")
        if verdict.met and self._action:
            self._accepted.append(self._action)
            self._returning = True
            return self._progress(_not_straight(view))
        self._ask_again(blinded=self._action is Action.CLOSE_EYES and self._glare.blinds(sighting.glare, self._now))
        hint = verdict.hint or next(iter(sighting.problems), None)
        progress, good = self._progress(hint), not sighting.problems
        return replace(progress, moving_frame=verdict.moving and good, reached_frame=verdict.there and good)

    def _did_otherwise(self, view: View) -> bool:
        """Whether a whole movement was seen that was not asked. The wrong side is forgiven once: many mix them up; and
        what was asked until a moment ago is only finished."""
        done = [action for action, judge in self._others.items() if judge.see(view).met]
        if not done:
            return False
        if done == [self._replaced] and self._now - self._asked < limits.STILL_FINISHING:
            self._others[done[0]].interrupt()
            return False
        mirrored = done[0] in TURNS and self._action in TURNS
        forgiven = mirrored and not self._mistook_side
        self._mistook_side = self._mistook_side or mirrored
        self._others[done[0]].interrupt()
        return not forgiven

    def _return(self, view: View, sighting: Sighting) -> ChallengeProgress:
        hint = _not_straight(view) or next(iter(sighting.problems), None)
        if hint:
            return self._progress(hint)
        self._returning = False
        if self._waiting:
            self._ask(self._waiting.pop(0))
        else:
            self._state, self._action, self._judge = "passed", None, None
        return self._progress(key_frame=True)

    def _ask(self, action: Action, replaced: Action | None = None) -> None:
        self._replaced = replaced
        self._action, self._judge, self._others = action, JUDGES[action](), others(action)
        self._asked, self._glare = self._now, _Glare(self._now)

    def _ask_again(self, *, blinded: bool = False) -> None:
        """Replaces a step that was asked both ways for its time, or that glare hides; while returning it is met."""
        if self._returning or self._action is None:
            return
        if not blinded and self._now - self._asked < 2 * self._step_seconds:
            return
        may = [spare for spare in self._spares if self._stands_for(self._action, spare)]
        if may:
            self._spares.remove(may[0])
        if may or not blinded:
            self._ask(next(iter(may), self._action), replaced=self._action)

    def _stands_for(self, action: Action, spare: Action) -> bool:
        """A turn is replaced by a turn alone, and the only one of eyes and mouth by the other: nobody comes round them
        by waiting."""
        if action in TURNS:
            return spare in TURNS
        elsewhere = any(step in FEATURES for step in (*self._accepted, *self._waiting))
        return action not in FEATURES or elsewhere or spare in FEATURES

    def _fail(self, failure: Failure) -> ChallengeProgress:
        self._state, self._failure, self._action, self._judge = "failed", failure, None, None
        self._returning = False
        return self._progress()

    def _progress(self, hint: str | None = None, *, key_frame: bool = False) -> ChallengeProgress:
        asking = self._action is not None and not self._returning
        return ChallengeProgress(
            state=self._state,
            action=self._action,
            asked_otherwise=asking and self._now - self._asked >= self._step_seconds,
            returning=self._returning,
            accepted=tuple(self._accepted),
            total=self._total,
            hint=hint,
            key_frame=key_frame,
            failure=self._failure,
        )


class _Glare:
    """Whether the eyes could not be read for most of the time since they were asked for."""

    def __init__(self, since: float) -> None:
        self._since = since
        self._seen = [0, 0]

    def blinds(self, glare: bool, now: float) -> bool:
        self._seen[glare] += 1
        return now - self._since >= limits.GLARE_SECONDS and self._seen[True] > self._seen[False]


def _not_straight(view: View) -> str | None:
    """What is missing until the face is as in the neutral."""
    if view.nearness > 1 + (limits.SAME_DISTANCE + limits.CLOSER) / 2:
        return "move_back"
    if view.lips > (limits.MOUTH_SHUT + limits.MOUTH_OPEN) / 2:
        return "close_mouth"
    if view.openness < limits.OPEN:
        return "open_eyes"
    return None if view.straight else "look_straight"
