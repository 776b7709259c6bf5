"""What can be asked, and how each is judged. A new action is a new member, a judge and a line in JUDGES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from secure_attend.liveness import limits
from secure_attend.liveness.view import View


class Action(str, Enum):
    """What a person is asked to do; left and right are their own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"
    CLOSE_EYES = "close_eyes"
    OPEN_MOUTH = "open_mouth"
    COME_CLOSER = "come_closer"


TURNS = (Action.TURN_LEFT, Action.TURN_RIGHT)
FEATURES = (Action.CLOSE_EYES, Action.OPEN_MOUTH)
"""What nothing rigid does, however it is held: no paper, folded or not, and no bust."""


class Verdict(NamedTuple):
    """Whether the movement was met, what to change if not, and whether this view shows the person in the middle of it
    with the face still well to be seen (`moving`), or having just got where it was asked (`there`)."""

    met: bool
    hint: str | None
    moving: bool = False
    there: bool = False


class Judge(Protocol):
    """Watches one movement, a view at a time."""

    def see(self, view: View) -> Verdict:
        """The verdict after this view."""

    def interrupt(self) -> None:
        """Views were missing or cannot be trusted: what was begun does not count."""


@dataclass(frozen=True)
class Movement:
    """A movement as one number that grows from nothing: `reading` gives it, below `rest` it has not begun, from
    `reached` on it is done. `stride` is the most it may grow by between two frames on the way; `seconds` how long, and
    two frames at least, it is held. Less than -`wrong` is the opposite, said as `opposite`. `begins` is the hint for
    whoever is not at rest at first; `steady` how far the nose may shift
    against the face from where it was at rest, where it and the whole face have to stay."""

    reading: Callable[[View], float]
    rest: float
    reached: float
    stride: float
    wrong: float = float("inf")
    opposite: str | None = None
    begins: str = "look_straight"
    seconds: float = 0.0
    steady: float | None = None


class Sweep:
    """Watches a movement go from rest, through what lies between, to where it is asked, and stay there a moment."""

    def __init__(self, movement: Movement) -> None:
        self._movement = movement
        self.interrupt()

    def interrupt(self) -> None:
        """Start again from rest."""
        self._start_over(self._movement.begins)

    def _start_over(self, excuse: str) -> None:
        self._rest: View | None = None
        self._last = 0.0
        self._between = 0
        self._since: float | None = None
        self._frames = 0
        self._excuse = excuse

    def see(self, view: View) -> Verdict:
        """Met when it was reached by a way without gaps, and held."""
        asked = self._movement
        amount = asked.reading(view)
        if abs(amount) < asked.rest:
            self._start_over(asked.begins)
            self._rest, self._last = view, amount
            return Verdict(False, None)
        if amount < 0:
            self._start_over(asked.begins)
            return Verdict(False, asked.opposite if amount < -asked.wrong else None)
        if self._rest is None:
            return Verdict(False, self._excuse)
        if asked.steady is not None and not _still(view, self._rest, asked.steady):
            self._start_over("hold_still")
            return Verdict(False, "hold_still")
        return self._follow(view, amount)

    def _follow(self, view: View, amount: float) -> Verdict:
        arrived = amount >= self._movement.reached
        leapt = self._last < self._movement.reached and amount - self._last > self._movement.stride
        if leapt or (arrived and not self._between):
            self._start_over("slower")
            return Verdict(False, "slower")
        self._last = amount
        if not arrived:
            self._between += 1
            self._since, self._frames = None, 0
            return Verdict(False, "a_little_more", moving=True)
        self._since = view.now if self._since is None else self._since
        self._frames += 1
        held = view.now - self._since >= self._movement.seconds and self._frames >= limits.REACHED_FRAMES
        return Verdict(held, None if held else "hold", there=not held)


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
        # a mouth opened wide narrows the eyes
        if not shut or view.lips > limits.MOUTH_OPEN:
            self._since, self._frames = None, 0
            wide = view.openness > limits.OPEN
            self._open = view if wide else self._open
            return Verdict(False, None if wide else "a_little_more")
        if self._open is None:
            return Verdict(False, "open_eyes")
        if not _still(view, self._open, limits.STILL_NOSE):
            self._since, self._frames = None, 0
            return Verdict(False, "hold_still")
        self._since = view.now if self._since is None else self._since
        self._frames += 1
        met = view.now - self._since >= limits.SHUT_SECONDS and self._frames >= limits.SHUT_FRAMES
        return Verdict(met, None if met else "hold", moving=True)


def _still(view: View, before: View, nose: float) -> bool:
    return view.away(before) < limits.STILL and view.nose_moved(before) < nose


def _as_a_nose_does(shift: float, out: float, across: float, reached: float) -> float:
    """The shift; short of `reached` while the nose's surroundings go along with it, as in a picture that is bent, or
    while it goes farther `across`: a turn is not a tilt on the way."""
    return shift if out >= limits.OUT * shift and shift > abs(across) else min(shift, 0.99 * reached)


def _turn(side: int) -> Movement:
    return Movement(
        lambda view: _as_a_nose_does(side * view.nose.along, side * view.nose.out_along, view.nose.up, limits.TURNED),
        limits.STRAIGHT,
        limits.TURNED,
        limits.LARGEST_STEP,
        limits.WRONG_SIDE,
        "other_side",
    )


def _tilt(side: int) -> Movement:
    return Movement(
        lambda view: _as_a_nose_does(side * view.nose.up, side * view.nose.out_up, view.nose.along, limits.TILTED),
        limits.LEVEL,
        limits.TILTED,
        limits.LARGEST_STEP,
        limits.WRONG_SIDE,
        "other_way",
    )


def _mouth(view: View) -> float:
    """How far the mouth is open, as far as the jaw went down with it: lips are pulled apart in a smile, too."""
    return view.lips if view.chin > limits.JAW * view.lips else min(view.lips, limits.MOUTH_SHUT)


MOUTH = Movement(
    _mouth,
    limits.MOUTH_SHUT,
    limits.MOUTH_OPEN,
    limits.MOUTH_STEP,
    begins="close_mouth",
    seconds=limits.MOUTH_SECONDS,
    steady=limits.MOUTH_NOSE,
)
CLOSER = Movement(
    lambda view: view.nearness - 1,
    limits.SAME_DISTANCE,
    limits.CLOSER,
    limits.CLOSER_STEP,
    limits.CLOSER,
    "come_closer",
    begins="move_back",
)

JUDGES: dict[Action, Callable[[], Judge]] = {
    Action.TURN_LEFT: lambda: Sweep(_turn(+1)),
    Action.TURN_RIGHT: lambda: Sweep(_turn(-1)),
    Action.TILT_UP: lambda: Sweep(_tilt(+1)),
    Action.TILT_DOWN: lambda: Sweep(_tilt(-1)),
    Action.CLOSE_EYES: HeldShut,
    Action.OPEN_MOUTH: lambda: Sweep(MOUTH),
    Action.COME_CLOSER: lambda: Sweep(CLOSER),
}


def others(asked: Action) -> dict[Action, Judge]:
    """Judges of what else would be a whole movement while this one is asked: a recording made before shows them.

    Coming closer is not among them: people lean in to read.
    """
    return {action: JUDGES[action]() for action in Action if action not in (asked, Action.COME_CLOSER)}
