"""The challenge: what is asked, whether it was done, and what a person should change. Pure: time is passed in."""

from __future__ import annotations

import random as randomness
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from secure_attend.liveness import limits
from secure_attend.liveness.actions import Action
from secure_attend.liveness.motion import Points

__all__ = ["Action", "Challenge", "Failure", "Progress", "Sighting", "State", "draw"]

State = Literal["neutral", "step", "passed", "failed"]
Failure = Literal["too_slow", "lost_face", "several_faces", "face_changed"]


@dataclass(frozen=True)
class Sighting:
    """What one frame showed. `landmarks` is (68, 2) in pixels of the one face, None when there is none; `faces` is how
    many were seen, `size` the frame's width and height, `problems` the quality's hint codes."""

    landmarks: Points | None
    faces: int
    size: tuple[int, int]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """Where a challenge stands. Never holds a score.

    `action` is asked now; `returning` says that its movement was met and the straight look is due; from then on it is
    among `accepted`. `key_frame` says that this frame shows the face straight and well, to be embedded by the caller.
    Hints: no_face one_person move_to_center come_closer look_straight a_little_more other_side slower hold open_eyes
    hold_still, and whatever problems the sightings bring.
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


def draw(random: randomness.Random, count: int = 2) -> tuple[Action, ...]:
    """`count` different steps in random order, one turn (its side at random) always among them."""
    turns = [Action.TURN_LEFT, Action.TURN_RIGHT]
    random.shuffle(turns)
    others = [action for action in Action if action not in turns]
    random.shuffle(others)
    steps = [turns[0], *others, turns[1]][:count]
    random.shuffle(steps)
    return tuple(steps)


class Challenge:
    """One session's judgement, a frame at a time. Not safe for several threads at once."""

    def __init__(
        self,
        steps: Sequence[Action],
        started: float,
        *,
        step_seconds: float = limits.STEP_SECONDS,
        lifetime: float = limits.LIFETIME,
    ) -> None:
        self._steps = tuple(steps)
        self._started = started
        self._step_seconds = step_seconds
        self._lifetime = lifetime

    def see(self, sighting: Sighting, now: float) -> Progress:
        """The progress after this frame, seen at `now` (seconds of the clock that gave `started`)."""
        raise NotImplementedError
