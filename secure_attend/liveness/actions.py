"""The actions that a session can ask for, and how each is judged. Add an action with a member, a judge and a line in
JUDGES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from secure_attend.liveness import limits
from secure_attend.liveness.motion import Pose
from secure_attend.liveness.view import View


class Action(str, Enum):
    """What a person is asked to do. Left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"
    CLOSE_EYES = "close_eyes"
    OPEN_MOUTH = "open_mouth"
    COME_CLOSER = "come_closer"


TURNS = (Action.TURN_LEFT, Action.TURN_RIGHT)
FEATURES = (Action.CLOSE_EYES, Action.OPEN_MOUTH)
"""Movements that nothing rigid can make: no paper, folded or not, and no bust."""


class Verdict(NamedTuple):
    """Whether the movement is complete (`met`), and a hint if it isn't.

    `moving` says that this view shows the person in the middle of the movement, with the face still clearly visible,
    and `reached` that the person has just reached the end of the movement."""

    met: bool
    hint: str | None
    moving: bool = False
    reached: bool = False


class Judge(Protocol):
    """Judges one movement, a view at a time."""

    def see(self, view: View) -> Verdict:
        """Return the verdict after this view."""

    def interrupt(self) -> None:
        """Discard what was begun, because views were missing or can't be trusted."""


@dataclass(frozen=True)
class Movement:
    """A movement as one number that grows from zero.

    `reading` gives the number. Below `rest` the movement has not begun; from `reached` on it is complete. It may grow
    by at most `stride` between two frames on the way. It must be held for `seconds`, and for two frames at least. Less
    than -`wrong` is the opposite movement, whose hint is `opposite`. `begins` is the hint for a person who isn't at
    rest at the start. If `steady` is given, the face must stay where it was at rest, and the nose may shift against it
    by at most that much. A view for which `looks_right` is false is still on the way, however large its number.
    `counts_back` says that it also counts if it was seen between rest and end on the way back alone."""

    reading: Callable[[View], float]
    rest: float
    reached: float
    stride: float
    wrong: float = float("inf")
    opposite: str | None = None
    begins: str = "look_straight"
    seconds: float = 0.0
    steady: float | None = None
    looks_right: Callable[[View], bool] = lambda _view: True
    counts_back: bool = False

    def arrived(self, view: View, amount: float) -> bool:
        """Whether a view shows the end of the movement."""
        return amount >= self.reached and self.looks_right(view)


class MovementJudge:
    """Judges a movement that must go from rest, without gaps, to its end, and stay there a moment."""

    def __init__(self, movement: Movement) -> None:
        self._movement = movement
        self.interrupt()

    def interrupt(self) -> None:
        """Start again from rest."""
        self._start_over(self._movement.begins)

    def _start_over(self, rest_hint: str) -> None:
        self._rest: View | None = None
        self._last = _Reading(0.0, 0.0)
        self._frames_on_the_way = 0
        self._hold = _Hold(self._movement.seconds)
        self._rest_hint = rest_hint
        self._way_back: WayBack | None = None

    def see(self, view: View) -> Verdict:
        """Return a verdict: the movement is met when it was reached without gaps, and held."""
        movement = self._movement
        amount = movement.reading(view)
        back = self._way_back.see(view, amount) if self._way_back else None
        if abs(amount) < movement.rest:
            self._start_over(movement.begins)
            self._rest, self._last = view, _Reading(view.now, amount)
            return Verdict(back is not None and back.met, None)
        if amount < 0:
            self._start_over(movement.begins)
            return Verdict(False, movement.opposite if amount < -movement.wrong else None)
        if self._rest is None:
            return back or Verdict(False, self._rest_hint)
        if movement.steady is not None and not _still(view, self._rest, movement.steady):
            self._start_over("hold_still")
            return Verdict(False, "hold_still")
        return self._follow(view, amount, self._rest)

    def _follow(self, view: View, amount: float, rest: View) -> Verdict:
        movement = self._movement
        arrived = movement.arrived(view, amount)
        before, self._last = self._last, _Reading(view.now, amount)
        leapt = before.amount < movement.reached and amount - before.amount > movement.stride
        if leapt or (arrived and not self._frames_on_the_way):
            self._start_over("slower")
            if leapt or not movement.counts_back:
                return Verdict(False, "slower")
            self._way_back = WayBack(movement, rest)
            return self._way_back.see(view, amount)
        crossed = before.crossing(self._last, movement.reached, arrived=arrived)
        if not arrived:
            fell = before.amount - amount > movement.stride
            held = not fell and self._hold.lasted_until(crossed)
            self._frames_on_the_way += 1
            self._hold = _Hold(movement.seconds)
            return Verdict(held, None if held else "a_little_more", moving=True)
        held = self._hold.see(view.now, since=crossed)
        return Verdict(held, None if held else "hold", reached=not held)


class WayBack:
    """Judges the rest of a movement whose end was there before any view on the way, and is told to go slower.

    It counts if its end was held and the way back to rest is without gaps, with a view between. `rest` is the view
    before. Mouths open within a picture of a camera that sends fifteen a second, as in dim rooms (3 of 21 tries in
    clips). Prints need one between on the way back as they do on the way out, and may show it there already.
    """

    def __init__(self, movement: Movement, rest: View) -> None:
        self._movement = movement
        self._rest = rest
        self._last = 0.0
        self._hold = _Hold(movement.seconds)
        self._frames_on_the_way = 0
        self._broken = False

    def see(self, view: View, amount: float) -> Verdict:
        """Return a verdict: the movement is met when the face is back at rest."""
        movement = self._movement
        leapt = amount < movement.reached and self._last - amount > movement.stride
        moved = movement.steady is not None and not _still(view, self._rest, movement.steady)
        self._broken = self._broken or leapt or moved
        self._last = amount
        if self._broken:
            return Verdict(False, "slower")
        if abs(amount) < movement.rest:
            return Verdict(self._hold.done and self._frames_on_the_way > 0, None)
        if not movement.arrived(view, amount):
            self._frames_on_the_way += 1
            self._hold = self._hold if self._hold.done else _Hold(movement.seconds)
            return Verdict(False, "slower", moving=self._hold.done)
        self._frames_on_the_way = 0
        self._hold.see(view.now, since=view.now)
        return Verdict(False, "slower", reached=limits.REACHED_FRAMES <= self._hold.frames <= limits.LEAPS_SEEN)


class _Reading(NamedTuple):
    """A movement's number at a moment."""

    now: float
    amount: float

    def crossing(self, after: _Reading, end: float, *, arrived: bool) -> float:
        """Return the moment between two views at which the movement came to its end (`arrived`) or left it, by a
        straight line. Where the number says neither, only one of the views looks right, and its own moment counts."""
        if (self.amount < end) == (after.amount < end):
            return after.now if arrived else self.now
        share = (end - self.amount) / (after.amount - self.amount)
        return self.now + share * (after.now - self.now)


class _Hold:
    """Counts how long the end of a movement is held: for `seconds` and a few frames, in a row.

    A movement comes to its end between two views, and leaves it between two. Counted from view to view, a nod of a
    tenth of a second would be too short at 30 views a second, and long enough at 15.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None
        self.frames = 0
        self.done = False

    def see(self, now: float, since: float) -> bool:
        """Count a frame at the end, and return whether it was held for long enough. `since` is when the movement
        reached its end, if this is the first frame of it."""
        self._since = since if self._since is None else self._since
        self.frames += 1
        self.done = self.lasted_until(now)
        return self.done

    def lasted_until(self, now: float) -> bool:
        """Return whether it was held for long enough if it was left at `now`."""
        long_enough = self._since is not None and now - self._since >= self._seconds
        return long_enough and self.frames >= limits.REACHED_FRAMES


class ClosedEyesJudge:
    """Judges closed eyes: both shut for most of a second, while the rest of the face stays as it was.

    They are shut below `shut` of the person's own openness, and stay so below `stays_shut`.
    """

    def __init__(self, shut: float = limits.SHUT, stays_shut: float = limits.STAYS_SHUT) -> None:
        self._shut, self._stays_shut = shut, stays_shut
        self.interrupt()

    def interrupt(self) -> None:
        """Start again from open eyes."""
        self._open: View | None = None
        self._since: float | None = None
        self._frames = 0

    def see(self, view: View) -> Verdict:
        """Return a verdict: the step is met when the eyes were shut for long enough, and the face was still."""
        shut = view.openness < (self._shut if self._since is None else self._stays_shut)
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
    return view.distance_from(before) < limits.STILL and view.nose_shift_since(before) < nose


def _plausible_shift(shift: float, out: float, across: float, reached: float) -> float:
    """Return the shift, kept below `reached` if the nose's surroundings move with it, as in a bent picture, or if the
    nose moves farther `across`: a turn must not count as a tilt on its way."""
    return shift if out >= limits.OUT * shift and shift > abs(across) else min(shift, 0.99 * reached)


def _turn(side: int) -> Movement:
    return Movement(
        lambda view: _plausible_shift(side * view.nose.along, side * view.nose.out_along, view.nose.up, limits.TURNED),
        limits.STRAIGHT,
        limits.TURNED,
        limits.LARGEST_STEP,
        limits.WRONG_SIDE,
        "other_side",
        seconds=limits.REACHED_SECONDS,
    )


def _tilt(side: int) -> Movement:
    return Movement(
        lambda view: _plausible_shift(side * view.nose.up, side * view.nose.out_up, view.nose.along, limits.TILTED),
        limits.LEVEL,
        limits.TILTED,
        limits.LARGEST_STEP,
        limits.WRONG_SIDE,
        "other_way",
        seconds=limits.REACHED_SECONDS,
    )


MOUTH = Movement(
    lambda view: view.lips,
    limits.MOUTH_SHUT,
    limits.MOUTH_OPEN,
    limits.MOUTH_STEP,
    begins="close_mouth",
    seconds=limits.MOUTH_SECONDS,
    steady=limits.MOUTH_NOSE,
    # a laugh parts the lips too
    looks_right=lambda view: view.mouth_width < limits.MOUTH_WIDEST,
    # not for turns and tilts: two prints flipped to and fro would double their chances
    counts_back=True,
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
    Action.TURN_LEFT: lambda: MovementJudge(_turn(+1)),
    Action.TURN_RIGHT: lambda: MovementJudge(_turn(-1)),
    Action.TILT_UP: lambda: MovementJudge(_tilt(+1)),
    Action.TILT_DOWN: lambda: MovementJudge(_tilt(-1)),
    Action.CLOSE_EYES: ClosedEyesJudge,
    Action.OPEN_MOUTH: lambda: MovementJudge(MOUTH),
    Action.COME_CLOSER: lambda: MovementJudge(CLOSER),
}


def other_judges(asked: Action) -> dict[Action, Judge]:
    """Return judges of the other movements, to notice a recording that shows one while this one is asked.

    Coming closer isn't among them, because people lean in to read. Eyes are judged more strictly than where closing
    them is asked: people look down, and laugh.
    """
    judges: dict[Action, Judge] = {
        action: JUDGES[action]() for action in Action if action not in (asked, Action.COME_CLOSER)
    }
    if Action.CLOSE_EYES in judges:
        judges[Action.CLOSE_EYES] = ClosedEyesJudge(limits.SHUT_UNASKED, limits.STAYS_SHUT_UNASKED)
    return judges


def shown_by(turn: Pose, action: Action) -> bool:
    """Whether the head's own pose shows the movement too, if the head as a whole makes it."""
    degrees = {
        Action.TURN_LEFT: turn.yaw,
        Action.TURN_RIGHT: -turn.yaw,
        Action.TILT_UP: turn.pitch,
        Action.TILT_DOWN: -turn.pitch,
    }
    return degrees.get(action, limits.UNASKED_TURN) >= limits.UNASKED_TURN
