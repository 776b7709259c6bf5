"""The challenge: what is asked, whether it was done, and what the person should change. Time is passed in.

neutral -> step (its movement, then returning to straight) -> next step ... -> passed; or failed, from anywhere.
"""

from __future__ import annotations

import math
import random as randomness
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from secure_attend.liveness import limits
from secure_attend.liveness.actions import FEATURES, JUDGES, TURNS, Action, Judge, Verdict, other_judges, shown_by
from secure_attend.liveness.given_hints import GivenHints
from secure_attend.liveness.motion import Points, Solid
from secure_attend.liveness.neutral import Neutral
from secure_attend.liveness.presence import Away, Failure, Presence, PresentFace, Sighting
from secure_attend.liveness.step_sequences import DrawnSteps, draw
from secure_attend.liveness.view import Reference, View

__all__ = ["Action", "Challenge", "ChallengeProgress", "DrawnSteps", "Failure", "Sighting", "State", "draw"]

State = Literal["neutral", "step", "passed", "failed"]


@dataclass(frozen=True)
class ChallengeProgress:
    """The progress of a challenge. It never holds a score.

    `action` is asked now; it is None where a straight look alone is wanted. `returning` says that its movement was met,
    so that it is among `accepted`, and that the person should look straight again. `key_frame` says that this frame
    shows the face straight and clearly, for the caller to embed. `moving_frame` says that it shows the face in the
    middle of the movement, and `reached_frame` at its end: it must be the same person. `other_way` says that another
    way to check in should be offered first, and `cause` what kept the person from continuing since the step was asked
    (or the one that it replaced): the hint that was given for the longest.

    Hints: no_face not_so_far one_person move_to_center come_closer move_back look_straight look_lower look_higher
    hold_level a_little_more other_side other_way slower hold open_eyes close_mouth hold_still dark_glasses glare, and
    what is slow and the problems of the sightings.
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
    other_way: bool = False
    cause: str | None = None


class Challenge:
    """The judgement of one session, a frame at a time. Not thread-safe.

    A complete movement that was not asked ends nothing: people nod, look about and mix up their sides. Nor does a face
    that is hidden for a while; whoever comes back has to look straight first, and is compared. The step is replaced by
    one that `random` draws, and more steps follow, so that a recording gains nothing by its own movements.
    """

    def __init__(
        self,
        steps: Sequence[Action],
        started: float,
        *,
        spares: Sequence[Action] = (),
        step_seconds: float = limits.STEP_SECONDS,
        lifetime: float = limits.LIFETIME,
        random: randomness.Random | None = None,
    ) -> None:
        self._random = random or randomness.SystemRandom()
        self._remaining = list(steps)
        self._spares = list(spares)
        self._may_ask = [action for action in Action if action in (*steps, *spares)]
        self._total = len(steps)
        self._ends = started + lifetime
        self._step_seconds = step_seconds
        self._now = started
        self._state: State = "neutral"
        self._failure: Failure | None = None
        self._presence = Presence()
        self._neutral_frames = Neutral()
        self._neutral: Reference | None = None
        self._action: Action | None = None
        self._judge: Judge | None = None
        self._other_judges: dict[Action, Judge] = {}
        self._replaced: Action | None = None
        self._back: Away | None = None
        self._unasked = 0
        self._moved_at = -math.inf
        self._given_hints = GivenHints()
        self._slow_for = 0.0
        self._asked_at = started
        self._hidden_eyes = _HiddenEyes(started)
        self._eyes_stay_hidden = False
        self._returning = False
        self._accepted: list[Action] = []

    def progress(self) -> ChallengeProgress:
        """Return the progress so far."""
        return self._report()

    def see(self, sighting: Sighting, now: float) -> ChallengeProgress:
        """Return the progress after this frame, seen at `now` (seconds of the clock that gave `started`)."""
        if self._state in ("passed", "failed"):
            return self._report()
        before = self._now
        progress = self._see(sighting, now)
        if sighting.slow == "still_camera" and not sighting.problems and progress.state in ("neutral", "step"):
            progress = replace(progress, hint=sighting.slow)  # the person in the picture may have left
        self._given_hints.note(progress.hint, self._now)
        if progress.hint and progress.hint == sighting.slow:
            self._slow_for += self._now - before
        return progress

    def more_time(self, factor: float, now: float) -> None:
        """Multiply the time for each step, and what is left of the lifetime."""
        self._step_seconds *= factor
        self._ends = now + factor * max(0.0, self._ends - now)

    def _see(self, sighting: Sighting, now: float) -> ChallengeProgress:
        self._now = max(self._now, now)
        if self._now > self._ends:
            return self._fail("too_slow")
        present = self._presence.see(sighting, self._now)
        if self._state == "neutral":
            return self._take_neutral(present, sighting)
        if present.failure:
            return self._fail(present.failure)
        self._back = self._back or present.back
        if present.broken and self._judge:
            self._judge.interrupt()
            for judge in self._other_judges.values():
                judge.interrupt()
        view = self._view(present.landmarks)
        if view is None:
            self._ask_again()
            return self._report(next(iter(sighting.problems), None) or self._without_face(present.hint))
        if self._returning or self._back:
            return self._return(view, sighting)
        return self._judge_movement(view, sighting)

    def _without_face(self, hint: str | None) -> str:
        """Return the hint for a frame without a face to judge: a person who turned away too far is told so."""
        if hint in (None, "no_face") and self._now - self._moved_at < limits.GONE_LONG:
            return "not_so_far"
        return hint or "no_face"

    def _take_neutral(self, present: PresentFace, sighting: Sighting) -> ChallengeProgress:
        """Take the neutral. Nothing fails before there is one: someone who leaves and returns starts again."""
        if present.failure:
            self._presence, self._neutral_frames = Presence(), Neutral()
        if present.landmarks is None:
            return self._report(next(iter(sighting.problems), present.hint))
        state = self._neutral_frames.see(present.landmarks, sighting, self._now)
        if state.neutral is None:
            return self._report(state.hint or sighting.slow)
        self._neutral = Reference(state.neutral, state.solid)
        self._state = "step"
        self._ask_next()
        return self._report(key_frame=True)

    def _view(self, landmarks: Points | None) -> View | None:
        if landmarks is None or self._neutral is None:
            return None
        return self._neutral.measure(landmarks, self._now)

    def _judge_movement(self, view: View, sighting: Sighting) -> ChallengeProgress:
        if self._judge is None:
            return self._report()
        verdict = self._judge.see(view)
        if self._now - self._asked_at < limits.REACTION:
            # so early, only a view at rest counts
            if verdict.hint:
                self._judge.interrupt()
            return self._report()
        if self._made_another_movement(view, sighting.solid):
            self._ask_newly_drawn()
            return self._report()
        if verdict.moving or verdict.reached:
            self._moved_at = self._now
        if verdict.met and self._action:
            self._accepted.append(self._action)
            self._returning = True
            return self._report(_not_straight(view))
        hidden_by = sighting.eyes_hidden_by if self._action is Action.CLOSE_EYES else None
        self._ask_again(unseen_eyes=self._hidden_eyes.for_long(hidden_by is not None, self._now))
        hint = _movement_hint(verdict, sighting, hidden_by)
        progress, usable = self._report(hint), not sighting.problems
        return replace(progress, moving_frame=verdict.moving and usable, reached_frame=verdict.reached and usable)

    def _made_another_movement(self, view: View, solid: Solid | None) -> bool:
        """Whether a complete movement was seen that was not asked, by the face and by the head's own pose.

        Finishing a movement that was asked until a moment ago is forgiven.
        """
        completed = [action for action, judge in self._other_judges.items() if judge.see(view).met]
        turn = self._neutral.turn(solid) if completed and self._neutral else None
        completed = [action for action in completed if turn is None or shown_by(turn, action)]
        if not completed:
            return False
        if completed == [self._replaced] and self._now - self._asked_at < limits.STILL_FINISHING:
            self._other_judges[completed[0]].interrupt()
            return False
        return True

    def _ask_newly_drawn(self) -> None:
        """Replace the step after a movement that was not asked, or a hidden face, and ask for more steps."""
        if self._action is None:
            return
        self._unasked += 1
        more = self._random.choices(self._may_ask, k=self._steps_to_add())
        self._total += len(more)
        choices = [each for each in self._may_ask if each is self._action or self._may_replace(self._action, each)]
        for action in more:
            self._remaining.insert(self._random.randint(0, len(self._remaining)), action)
        self._ask(self._random.choice(choices), replaced=self._action)

    def _steps_to_add(self) -> int:
        if any(action in TURNS for action in self._may_ask):
            return limits.MORE_STEPS
        return limits.MORE_STILL_STEPS if self._unasked <= limits.ADDED_STILL else 0

    def _return(self, view: View, sighting: Sighting) -> ChallengeProgress:
        """Wait for a straight look: after a movement that counts, or when a face is back. Then ask for what comes
        next: something else after a hidden face, the same where no frames came."""
        self._ask_again()
        hint = _not_straight(view) or next(iter(sighting.problems), None)
        if hint:
            return self._report(hint)
        if self._returning and self._remaining:
            self._ask_next()
        elif self._returning:
            self._state, self._action, self._judge = "passed", None, None
        elif self._back == "hidden":
            self._forget_hints()
            self._ask_newly_drawn()
        self._returning, self._back = False, None
        return self._report(key_frame=True)

    def _ask_next(self) -> None:
        self._forget_hints()
        self._ask(self._remaining.pop(0))

    def _forget_hints(self) -> None:
        """Forget what the person was told until a straight look: it is no cause of what comes after."""
        self._given_hints.clear()
        self._eyes_stay_hidden = False

    def _ask(self, action: Action, replaced: Action | None = None) -> None:
        self._replaced = replaced
        self._action, self._judge, self._other_judges = action, JUDGES[action](), other_judges(action)
        self._asked_at, self._hidden_eyes = self._now, _HiddenEyes(self._now)

    def _ask_again(self, *, unseen_eyes: bool = False) -> None:
        """Replace a step that was asked both ways for its time, or whose eyes nobody can see, unless its movement is
        met. What the person was told is kept: they are where they were."""
        if self._returning or self._action is None:
            return
        if not unseen_eyes and self._now - self._asked_at < 2 * self._step_seconds:
            return
        spares = [spare for spare in self._spares if self._may_replace(self._action, spare)]
        if spares:
            self._spares.remove(spares[0])
        if spares or not unseen_eyes:
            self._ask(next(iter(spares), self._action), replaced=self._action)
        else:
            self._eyes_stay_hidden = True

    def _may_replace(self, action: Action, spare: Action) -> bool:
        """Whether the spare may replace the action: a turn only another turn, and the only step of eyes or mouth only
        the other one, so that nobody can avoid them by waiting."""
        if action in TURNS or spare in TURNS:
            return action in TURNS and spare in TURNS
        elsewhere = any(step in FEATURES for step in (*self._accepted, *self._remaining))
        return action not in FEATURES or elsewhere or spare in FEATURES

    def _fail(self, failure: Failure) -> ChallengeProgress:
        self._state, self._failure, self._action, self._judge = "failed", failure, None, None
        self._returning = False
        return self._report()

    def _report(self, hint: str | None = None, *, key_frame: bool = False) -> ChallengeProgress:
        asking = self._action is not None and not (self._returning or self._back)
        return ChallengeProgress(
            state=self._state,
            action=self._action if asking or self._returning else None,
            asked_otherwise=asking and self._now - self._asked_at >= self._step_seconds,
            returning=self._returning,
            accepted=tuple(self._accepted),
            total=self._total,
            hint=hint,
            key_frame=key_frame,
            failure=self._failure,
            other_way=self._offers_other_way(),
            cause=self._given_hints.longest() if self._state != "passed" else None,
        )

    def _offers_other_way(self) -> bool:
        troubled = self._unasked >= limits.UNASKED_TO_OFFER or self._slow_for >= limits.SLOW_TO_OFFER
        return troubled or self._eyes_stay_hidden


class _HiddenEyes:
    """Notices that the eyes were hidden for most of the time since they were asked for."""

    def __init__(self, since: float) -> None:
        self._since = since
        self._views = [0, 0]

    def for_long(self, hidden: bool, now: float) -> bool:
        self._views[hidden] += 1
        return now - self._since >= limits.EYES_HIDDEN_SECONDS and self._views[True] > self._views[False]


def _movement_hint(verdict: Verdict, sighting: Sighting, hidden_by: str | None) -> str | None:
    """Return the hint for a movement that is not met yet. `hidden_by` is what hides eyes that were asked for."""
    if sighting.slow and not (verdict.moving or verdict.reached):
        return sighting.slow  # not the person's fault, whatever the movement looks like
    problem = next(iter(sighting.problems), None)
    if hidden_by and not (problem or verdict.moving):
        return hidden_by  # the landmark model guesses such eyes, open or half shut
    return verdict.hint or problem


def _not_straight(view: View) -> str | None:
    """Return the hint for what differs from the neutral; None if the face is as in it."""
    if view.nearness > 1 + (limits.SAME_DISTANCE + limits.CLOSER) / 2:
        return "move_back"
    if view.lips > (limits.MOUTH_SHUT + limits.MOUTH_OPEN) / 2:
        return "close_mouth"
    if view.openness < limits.OPEN:
        return "open_eyes"
    return None if view.straight else "look_straight"
