"""What can be asked, and how each is judged. A new action is a new member, a judge and a line in JUDGES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

import numpy as np

from secure_attend.liveness import limits
from secure_attend.liveness.eyes import share_of
from secure_attend.liveness.motion import Points, centre, flattened, nose_shift, scale


class Action(str, Enum):
    """What a person is asked to do; left and right are their own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    CLOSE_EYES = "close_eyes"


@dataclass(frozen=True)
class View:
    """One frame measured against the neutral, at `now` seconds. `parallax` and `nose_up` are the nose's shift against
    the face's plane, `place` (x, y) the middle between the eyes, all in neutral eye distances; `openness` is a share
    of the neutral's."""

    now: float
    parallax: float
    nose_up: float
    openness: float
    place: tuple[float, float]

    @property
    def straight(self) -> bool:
        """Whether the head is as straight as in the neutral."""
        return abs(self.parallax) < limits.STRAIGHT and abs(self.nose_up) < limits.STRAIGHT_PITCH


def measure(neutral: Points, landmarks: Points, now: float) -> View | None:
    """The view of `landmarks` (68, 2); None when they cannot be those of a face (all in one line, say)."""
    with np.errstate(all="ignore"):
        flat = flattened(neutral, landmarks)
        along, up = nose_shift(neutral, flat)
        openness = share_of(neutral, flat)
    x, y = centre(landmarks) / scale(neutral)
    values = (along, up, openness, float(x), float(y))
    return View(now, along, up, openness, (float(x), float(y))) if np.isfinite(values).all() else None


class Verdict(NamedTuple):
    """Whether the movement was met, and what to change if not."""

    met: bool
    hint: str | None


class Judge(Protocol):
    """Watches one movement, a view at a time."""

    def see(self, view: View) -> Verdict:
        """The verdict after this view."""

    def interrupt(self) -> None:
        """Views were missing or cannot be trusted: what was begun does not count."""


class Turn:
    """The head turned to one side, seen moving there: from straight, through the angles between, and held a moment."""

    def __init__(self, side: int) -> None:
        self._side = side
        self.interrupt()

    def interrupt(self) -> None:
        """Start again from straight."""
        self._last: float | None = None
        self._between = 0
        self._turned = 0
        self._excuse = "look_straight"

    def see(self, view: View) -> Verdict:
        """Met when turned in two frames in a row, after a way without gaps."""
        amount = self._side * view.parallax
        if abs(amount) < limits.STRAIGHT:
            self.interrupt()
            self._last = amount
            return Verdict(False, None)
        if amount < 0:
            self.interrupt()
            return Verdict(False, "other_side" if amount < -limits.WRONG_SIDE else None)
        if self._last is None:
            return Verdict(False, self._excuse)
        return self._follow(amount, self._last)

    def _follow(self, amount: float, last: float) -> Verdict:
        arrived = amount >= limits.TURNED
        leapt = last < limits.TURNED and amount - last > limits.LARGEST_STEP
        if leapt or (arrived and not self._between):
            self.interrupt()
            self._excuse = "slower"
            return Verdict(False, "slower")
        self._last = amount
        self._turned = self._turned + 1 if arrived else 0
        self._between += not arrived
        if self._turned >= limits.TURNED_FRAMES:
            return Verdict(True, None)
        return Verdict(False, "hold" if arrived else "a_little_more")


class HeldShut:
    """Both eyes shut for most of a second, by lids alone: the rest of the face stays as it was when they were open."""

    def __init__(self) -> None:
        self.interrupt()

    def interrupt(self) -> None:
        """Start again from open eyes."""
        self._open: View | None = None
        self._since: float | None = None
        self._frames = 0

    def see(self, view: View) -> Verdict:
        """Met when shut, and still, for long enough."""
        shut = view.openness < (limits.SHUT if self._since is None else limits.STAYS_SHUT)
        if not shut:
            self._since, self._frames = None, 0
            wide = view.openness > limits.OPEN
            self._open = view if wide else self._open
            return Verdict(False, None if wide else "a_little_more")
        if self._open is None:
            return Verdict(False, "open_eyes")
        if not _still(view, self._open):
            self._since, self._frames = None, 0
            return Verdict(False, "hold_still")
        self._since = view.now if self._since is None else self._since
        self._frames += 1
        met = view.now - self._since >= limits.SHUT_SECONDS and self._frames >= limits.SHUT_FRAMES
        return Verdict(met, None if met else "hold")


def _still(view: View, before: View) -> bool:
    moved = np.hypot(view.place[0] - before.place[0], view.place[1] - before.place[1])
    turned = max(abs(view.parallax - before.parallax), abs(view.nose_up - before.nose_up))
    return bool(moved < limits.STILL and turned < limits.STILL_NOSE)


JUDGES: dict[Action, Callable[[], Judge]] = {
    Action.TURN_LEFT: lambda: Turn(+1),
    Action.TURN_RIGHT: lambda: Turn(-1),
    Action.CLOSE_EYES: HeldShut,
}
