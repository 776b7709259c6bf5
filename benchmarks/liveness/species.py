"""The attack species, each as its player acts: it hears what the kiosk asks for and answers as well as it can.

A player knows the protocol and the page. It holds its picture still until the neutral is taken and then does what may
pass for the movement asked for. It shows a picture (a pose the victim was photographed in) on a sheet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.liveness.prints import Sheet
from secure_attend.liveness.challenge import Action, ChallengeProgress
from tests.support.puppet import Held

NEUTRAL = "neutral"
POSES = {
    NEUTRAL: Held(),
    Action.TURN_LEFT.value: Held(yaw=28.0),
    Action.TURN_RIGHT.value: Held(yaw=-28.0),
    Action.TILT_UP.value: Held(pitch=20.0),
    Action.TILT_DOWN.value: Held(pitch=-22.0),
    Action.CLOSE_EYES.value: Held(eyes=0.0),
    Action.OPEN_MOUTH.value: Held(mouth=1.0),
    Action.COME_CLOSER.value: Held(),
}
REST = Sheet()
WAYS = {
    Action.TURN_LEFT: (1, 0),
    Action.TURN_RIGHT: (-1, 0),
    Action.TILT_UP: (0, 1),
    Action.TILT_DOWN: (0, -1),
}


@dataclass(frozen=True)
class Shown:
    """What is held before the camera. `share` is how far the pose of the picture goes, `covered` whether its eyes are
    covered, and `hidden` whether all of it is."""

    picture: str = NEUTRAL
    sheet: Sheet = REST
    share: float = 1.0
    covered: bool = False
    hidden: bool = False


def posed(picture: str, share: float) -> Held:
    """Return how far the head on a picture is held this share of the way to its pose."""
    end = POSES[picture]
    eyes = 1 + (end.eyes - 1) * share
    return Held(yaw=end.yaw * share, pitch=end.pitch * share, eyes=eyes, mouth=end.mouth * share)


Player = Callable[[ChallengeProgress | None, float], Shown]


class Reaction:
    """How long the present step has been answered: 0 until a person would react."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._asked: tuple[Action | None, bool] = (None, False)
        self._since = 0.0

    def __call__(self, progress: ChallengeProgress | None, now: float) -> tuple[Action | None, float]:
        """The action to answer, None at rest, and for how many seconds it has been answered."""
        asked = (progress.action, progress.returning) if progress else (None, False)
        if asked != self._asked:
            self._asked, self._since = asked, now + self._rng.uniform(0.3, 0.8)
        action = None if asked[1] else asked[0]
        return (action if now >= self._since else None), max(0.0, now - self._since)


def still(rng: np.random.Generator) -> Player:
    """(a) A photo, held still."""
    wobble = rng.uniform(0, 2, 3)

    def play(_progress: ChallengeProgress | None, now: float) -> Shown:
        yaw, pitch, roll = wobble * np.sin(now)
        return Shown(sheet=Sheet(yaw, pitch, roll, shift=(0.5 * np.sin(2 * now), 0)))

    return play


def moved(rng: np.random.Generator) -> Player:
    """(b) A photo, moved around, brought closer and turned in its plane."""
    phase, pace, reaction = rng.uniform(0, 6, 4), rng.uniform(0.6, 2.5, 4), Reaction(rng)

    def play(progress: ChallengeProgress | None, now: float) -> Shown:
        if not (progress and progress.action):
            return Shown()
        action, seconds = reaction(progress, now)
        x, y, roll, zoom = np.sin(pace * now + phase) * min(1.0, seconds)
        closer = 1 + 0.35 * min(1.0, seconds / 1.2) if action is Action.COME_CLOSER else 1 + 0.06 * zoom
        return Shown(sheet=Sheet(roll=12 * roll, zoom=float(closer), shift=(60 * x, 40 * y)))

    return play


def swayed(rng: np.random.Generator, sheet: Sheet = REST) -> Player:
    """A sheet tilted as asked, or this way and that, by up to 55 degrees in both axes."""
    reaction, far, pace = Reaction(rng), rng.uniform(15, 55), rng.uniform(15, 60)
    aimed, phase = rng.random() < 0.7, rng.uniform(0, 6, 2)

    def play(progress: ChallengeProgress | None, now: float) -> Shown:
        action, seconds = reaction(progress, now)
        if action is None:
            return Shown(sheet=sheet)
        amount = min(far, pace * seconds)
        way = np.array(WAYS.get(action, (0, 0)), float)
        if not aimed or not way.any():
            way = np.sin(1.7 * now + phase)
        zoom = 1 + 0.35 * min(1.0, seconds / 1.2) if action is Action.COME_CLOSER else 1.0
        return Shown(sheet=replace(sheet, yaw=amount * way[0], pitch=amount * way[1], zoom=zoom))

    return play


def bent(rng: np.random.Generator) -> Player:
    """(d) A photo bent around an upright or lying cylinder (radius from one eye distance to six) and tilted."""
    return swayed(rng, Sheet(curve=float(1 / rng.uniform(1.0, 6.0)), across=bool(rng.random() < 0.3)))


def creased(rng: np.random.Generator) -> Player:
    """(e) A photo folded along the nose by 10 to 40 degrees a side and tilted."""
    return swayed(rng, Sheet(fold=float(rng.uniform(10, 40)), across=bool(rng.random() < 0.3)))


def swapped(rng: np.random.Generator, *, poses: tuple[Action, ...]) -> Player:
    """(f) Photos of the person in several poses, the one asked for shown after a moment in the same place."""
    reaction = Reaction(rng)

    def play(progress: ChallengeProgress | None, now: float) -> Shown:
        action, seconds = reaction(progress, now)
        zoom = 1 + 0.35 * min(1.0, seconds / 1.2) if action is Action.COME_CLOSER else 1.0
        picture = action.value if action in poses else NEUTRAL
        return Shown(picture, Sheet(zoom=zoom, shift=tuple(rng.normal(0, 2, 2))))

    return play


def flipped_through(rng: np.random.Generator, *, prints: int) -> Player:
    """(f14, f49) Prints of every pose in growing steps, this many of each, flipped through like a cartoon: one every
    0.15 to 0.3 s, each placed where the one before was, to a millimetre or two."""
    reaction, pace = Reaction(rng), rng.uniform(0.15, 0.3)

    def play(progress: ChallengeProgress | None, now: float) -> Shown:
        action, seconds = reaction(progress, now)
        if action is None:
            return Shown(sheet=Sheet(shift=tuple(rng.normal(0, 2, 2))))
        share = min(1.0, np.ceil(seconds / pace) / prints)
        zoom = 1 + 0.35 * share if action is Action.COME_CLOSER else 1.0
        return Shown(action.value, Sheet(zoom=zoom, shift=tuple(rng.normal(0, 2, 2))), float(share))

    return play


def covered(rng: np.random.Generator) -> Player:
    """(g) A photo whose eyes are covered when they should be shut, and which is tilted for everything else."""
    hold, reaction = swayed(rng), Reaction(rng)

    def play(progress: ChallengeProgress | None, now: float) -> Shown:
        action, _ = reaction(progress, now)
        if action is Action.CLOSE_EYES:
            return Shown(covered=True)
        return hold(progress, now)

    return play


def hiding(rng: np.random.Generator, answer: Player) -> Player:
    """A player that hides its picture where its answer is not taken, until another movement is asked."""
    when = Hiding(rng.uniform(2.0, 3.0), rng.uniform(2.6, 3.5))

    def play(progress: ChallengeProgress | None, now: float) -> Shown:
        return Shown(hidden=True) if when.hides(progress, now) else answer(progress, now)

    return play


class Hiding:
    """When somebody hides: for `away` seconds, where a step was asked for `patience` seconds and not accepted."""

    def __init__(self, patience: float, away: float) -> None:
        self._patience, self._away = patience, away
        self._asked: tuple[Action | None, int] = (None, 0)
        self._since = self._until = 0.0

    def hides(self, progress: ChallengeProgress | None, now: float) -> bool:
        """Whether nothing is shown at this moment."""
        asked = (progress.action, len(progress.accepted)) if progress else (None, 0)
        if asked != self._asked or asked[0] is None or now < self._until:
            self._asked, self._since = asked, now
        elif now - self._since > self._patience:
            self._since = self._until = now + self._away
        return now < self._until


POSED = (Action.TURN_LEFT, Action.TURN_RIGHT)
PRINTS: dict[str, tuple[Callable[[np.random.Generator], Player], str]] = {
    "a": (still, "still photo"),
    "b": (moved, "photo moved about and brought closer"),
    "c": (swayed, "photo tilted to 55 degrees in both axes, mostly the way asked"),
    "d": (bent, "photo bent round a cylinder, and tilted"),
    "e": (creased, "photo folded along the nose, and tilted"),
    "f": (lambda rng: swapped(rng, poses=POSED), "three pose photos swapped (straight, left, right)"),
    "f7": (lambda rng: swapped(rng, poses=tuple(Action)), "a photo of every movement, swapped"),
    "f14": (lambda rng: flipped_through(rng, prints=2), "two prints of every movement, flipped through"),
    "f14h": (
        lambda rng: hiding(rng, flipped_through(rng, prints=2)),
        "the same, hidden by a hand until another movement is asked",
    ),
    "f49": (lambda rng: flipped_through(rng, prints=7), "seven prints of every movement: a cartoon on paper"),
    "g": (covered, "photo with the eyes covered and uncovered, and tilted"),
}
HIDERS = ("f14h",)
"""Those of PRINTS that hide instead of starting again."""
