"""Rows of limits for what only a face can do: closing the eyes and opening the mouth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from benchmarks.liveness.limit_readings import renderings
from benchmarks.liveness.limit_readings.footage import ASKED, USUAL, at_ease, moving
from benchmarks.liveness.limit_readings.readings import Reading, Run, each, held_as, largest_step, most
from benchmarks.liveness.limit_readings.rows import (
    BUSY,
    EASE,
    QUIET,
    TILTS,
    Row,
    blinks,
    either,
    every,
    flipped,
    least_open,
    open_eyed,
    words,
)
from secure_attend.liveness import limits
from secure_attend.liveness.actions import TURNS, Action


def eyes() -> Iterator[Row]:
    """Yield how far eyes are open."""
    puppets = renderings.puppets()
    for limit in ("SHUT, STAYS_SHUT, OPEN", "SHUT_UNASKED, STAYS_SHUT_UNASKED"):
        yield Row(limit, "made", "blinks, at the bottom", least_open())
        yield Row(limit, "made", "puppets with shut eyes", each(held_as(puppets, "eyes", 0.0), _openness))
        for name, runs in open_eyed():
            yield Row(limit, "none", f"open eyes, {name}", each(runs, _openness))
        if "UNASKED" in limit:
            for behaviour in BUSY:
                yield Row(limit, "none", behaviour, each(at_ease(behaviour), _openness))
        yield Row(limit, "kept out", _PHOTOS, each(_photos(), _openness))
    ways: dict[str, Callable[[Reading, Reading], float]] = {
        "STILL": lambda one, other: one.view.distance_from(other.view),
        "STILL_NOSE": lambda one, other: one.view.nose_shift_since(other.view),
    }
    for limit, apart in ways.items():
        for name, behaviours in (("sitting quietly", QUIET), ("talking or acting", BUSY)):
            found = [[max(apart(reading, before) for reading in shut)] for before, shut in blinks(behaviours)]
            yield Row(limit, "made", f"blinks, shut against open, {name}", found)
    yield Row("STILL_NOSE", "made", "puppets with shut eyes", each(held_as(puppets, "eyes", 0.0), either))
    for action in (*TURNS, *TILTS):
        yield Row("STILL_NOSE", "none", f"{words(action)}, at the end", most(moving(action), either))


_PHOTOS = "flat photos tilted to 55 degrees, one way or both"


def _photos() -> list[Run]:
    flat = renderings.flat_photos(renderings.SIZES[-1])
    return [*held_as(flat, "one way"), *held_as(flat, "both ways")]


def _openness(reading: Reading) -> float:
    return reading.view.openness


def mouth() -> Iterator[Row]:
    """Yield what mouths are held to."""
    opened = moving(Action.OPEN_MOUTH)
    puppets = held_as(renderings.puppets(), "mouth", 1.0)
    yield Row("MOUTH_OPEN", "made", "openings, at the end", most(opened, _lips))
    yield Row("MOUTH_OPEN", "made", "puppets with open mouths", each(puppets, _lips))
    for behaviour in EASE:
        yield Row("MOUTH_OPEN", "none", behaviour, each(at_ease(behaviour), _lips))
    yield Row("MOUTH_OPEN", "kept out", _PHOTOS, each(_photos(), _lips))
    yield Row("MOUTH_SHUT", "none", "at rest", each(at_ease("at rest"), _lips))
    for pace in (ASKED, USUAL):
        runs = moving(Action.OPEN_MOUTH, pace)
        steps = [largest_step(run, _lips, limits.MOUTH_SHUT, limits.MOUTH_OPEN) for run in runs]
        yield Row("MOUTH_STEP", "made", f"openings, most {every(pace)}", steps)
    yield from flipped("MOUTH_STEP", (Action.OPEN_MOUTH,))
    yield Row("MOUTH_NOSE", "made", "openings, while open, since shut", [_shift_since_shut(run) for run in opened])
    yield Row("MOUTH_NOSE", "made", "puppets with open mouths", each(puppets, either))
    for action in (*TURNS, *TILTS):
        yield Row("MOUTH_NOSE", "none", f"{words(action)}, at the end", most(moving(action), either))
    yield Row("MOUTH_WIDEST", "made", "openings, while open", each(_while_open(opened), _width))
    for behaviour in EASE:
        busy = _while_open(at_ease(behaviour))
        yield Row("MOUTH_WIDEST", "none", f"{behaviour}, lips MOUTH_OPEN apart", each(busy, _width))


def _while_open(runs: Iterable[Run]) -> list[Run]:
    return [run._replace(readings=[r for r in run.readings if r.view.lips >= limits.MOUTH_OPEN]) for run in runs]


def _shift_since_shut(run: Run) -> list[float]:
    """Return how far the nose has shifted while the mouth is open, since it was last shut."""
    shut: Reading | None = None
    shifts = []
    for reading in run.readings:
        shut = reading if abs(reading.view.lips) < limits.MOUTH_SHUT else shut
        if shut and reading.view.lips >= limits.MOUTH_OPEN:
            shifts.append(reading.view.nose_shift_since(shut.view))
    return shifts


def _lips(reading: Reading) -> float:
    return reading.view.lips


def _width(reading: Reading) -> float:
    return reading.view.mouth_width
