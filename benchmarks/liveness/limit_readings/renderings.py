"""Puppets, and photos held flat, folded or bent: rendered, with grain, and read as a kiosk's frames are (synthetic)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial

import numpy as np

from benchmarks.liveness.clips import kept_as, tracked
from benchmarks.liveness.limit_readings.readings import REST, Held, Run, compared
from benchmarks.liveness.pixel_tries import RATE, SIZE, engine, photographed, taken
from benchmarks.liveness.portraits import people, puppet
from benchmarks.liveness.prints import Sheet, rendered
from benchmarks.liveness.saved_counts import PLAYERS, READERS, code_of
from benchmarks.liveness.species import NEUTRAL
from secure_attend.frames import Frame
from secure_attend.liveness.actions import Action
from secure_attend.liveness.challenge import Sighting
from secure_attend.liveness.motion import scale
from tests.support.puppet import WIDTH

CODE = (
    *(*PLAYERS, *READERS),
    *(f"benchmarks/liveness/{name}.py" for name in ("pixel_tries", "portraits", "limit_readings/renderings")),
)
PUPPETS = 24
SIZES = (24, 30, 36, 48, 60)
"""Eye distances in pixels. A kiosk's face has 60 and more; puppets and bent photos are read at that."""
ANGLES = (15.0, 30.0, 45.0, 55.0)
BENT_ANGLES = ANGLES[:3]
UPWARDS = (0.0, 0.0, *ANGLES)
ONE_WAY, BOTH_WAYS = ((-1, 0), (1, 0), (0, -1), (0, 1)), ((-1, -1), (-1, 1), (1, -1), (1, 1))
FOLDS, RADII = (12.0, 25.0, 38.0), (1.5, 3.0)
"""Degrees by which each half is folded back, and radii of cylinders in eye distances."""
TURNED_BY = (5.0, 10.0, 15.0, 20.0, 25.0)
FLIPPED = (Action.TURN_LEFT, Action.TURN_RIGHT, Action.TILT_UP, Action.TILT_DOWN, Action.OPEN_MOUTH)
SHARES = (0.5, 1.0)

Shots = Sequence[tuple[Held, Callable[[], Frame]]]
"""What is held before the camera, one frame after the other."""


@lru_cache(maxsize=1)
def puppets() -> list[Run]:
    """Return puppets that turn, tilt, shut their eyes and open their mouths, each from rest."""
    return [_read("puppet", who, _poses(who)) for who in _everybody()]


@lru_cache(maxsize=1)
def flipped_prints() -> list[Run]:
    """Return prints of each movement, half done and done, put in front of one at rest."""
    return [_read("flipped", who, _prints(who)) for who in _everybody()]


@lru_cache(maxsize=8)
def flat_photos(size: int) -> list[Run]:
    """Return flat photos of this eye distance in pixels, tilted by degrees: `one way`, about an upright or a lying
    axis, or `both ways` at once, which makes 60 degrees of 45."""
    found = []
    for who in _everybody():
        shots = [
            shot
            for name, ways in (("one way", ONE_WAY), ("both ways", BOTH_WAYS))
            for shot in _held(name, who, [[Sheet(yaw=x * by, pitch=y * by) for by in UPWARDS] for x, y in ways], size)
        ]
        found.append(_read(f"flat {size}", who, shots))
    return found


@lru_cache(maxsize=2)
def bent_photos(*, across: bool) -> list[Run]:
    """Return photos folded or bent along the nose and turned, or `across` it and tilted. They are held `folded`,
    or `round` a cylinder, by the degrees of the turn."""
    found = []
    for who in _everybody():
        for name, bend in [
            *(("folded", Sheet(fold=fold, across=across)) for fold in FOLDS),
            *(("round", Sheet(curve=1 / radius, across=across)) for radius in RADII),
        ]:
            shots = _held(name, who, [_turned(bend, side) for side in (-1, 1)], SIZES[-1])
            found.append(_read(f"{name} {bend}", who, shots))
    return found


def _turned(bend: Sheet, side: int) -> list[Sheet]:
    angles = [side * by for by in (0.0, 0.0, *BENT_ANGLES)]
    return [replace(bend, pitch=angle) if bend.across else replace(bend, yaw=angle) for angle in angles]


def _everybody() -> range:
    return range(PUPPETS if people() else 0)


def _read(name: str, who: int, shots: list[Shots]) -> Run:
    """Show each of the shots to a new tracker, and measure them against the frames at rest."""

    def frames(one: Shots, rng: np.random.Generator) -> Iterator[Frame]:
        return (taken(shown(), rng) for _, shown in one)

    def read() -> list[Sighting]:
        rng = np.random.default_rng([who, *name.encode()])
        return list(itertools.chain.from_iterable(tracked(frames(one, rng), 1 / RATE) for one in shots))

    held = [how for one in shots for how, _ in one]
    key = (name, who, held, code_of(CODE), engine().profile.name)
    return compared(f"{who}", held, kept_as(key, read))


def _poses(who: int) -> list[Shots]:
    made = puppet(who)
    held: dict[str, Callable[[float], Frame]] = {
        "yaw": lambda amount: made.frame(yaw=amount),
        "pitch": lambda amount: made.frame(pitch=amount),
        "eyes": lambda amount: made.frame(eyes=amount),
        "mouth": lambda amount: made.frame(mouth=amount),
    }

    def shots(name: str, amounts: Iterable[float]) -> Shots:
        later = [((name, amount), partial(held[name], amount)) for amount in amounts]
        return [*_at_rest(who), *later]

    turned = [shots(name, [side * by for by in TURNED_BY]) for name in ("yaw", "pitch") for side in (-1, 1)]
    return [*turned, shots("eyes", (0.5, 0.0)), shots("mouth", SHARES)]


def _prints(who: int) -> list[Shots]:
    def shots(action: Action) -> Shots:
        later = [((action.value, share), partial(photographed, who, action.value, share)) for share in SHARES]
        return [*_at_rest(who), *later]

    return [shots(action) for action in FLIPPED]


def _at_rest(who: int) -> Shots:
    return [(REST, partial(photographed, who, NEUTRAL, 1.0))] * 2


def _held(name: str, who: int, sheets: list[list[Sheet]], size: int) -> list[Shots]:
    rest = np.asarray(puppet(who).landmarks(), np.float64)
    middle, unit = rest[27:31].mean(axis=0), scale(rest)
    zoom = size / (unit * SIZE[0] / WIDTH)

    def shot(sheet: Sheet) -> tuple[Held, Callable[[], Frame]]:
        by = max(abs(sheet.yaw), abs(sheet.pitch))
        placed = replace(sheet, zoom=zoom)
        return (name, by) if by else REST, lambda: rendered(photographed(who, NEUTRAL, 1.0), middle, unit, placed)

    return [[shot(sheet) for sheet in run] for run in sheets]
