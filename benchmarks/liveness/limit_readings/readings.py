"""Frames measured against the neutral of whom they show, as a session measures them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from secure_attend.liveness.actions import Action
from secure_attend.liveness.motion import NOSE_TIP, PLANE, Points, Pose, pose, scale
from secure_attend.liveness.neutral import Neutral
from secure_attend.liveness.presence import Sighting
from secure_attend.liveness.view import Reference, View

Held = tuple[str, float]
"""What somebody does, or how something is held, and how far: degrees or a share."""
REST: Held = ("rest", 0.0)


class Reading(NamedTuple):
    """One frame: its view, its landmarks, its pose towards the camera, and how far the head turned by its own pose."""

    view: View
    landmarks: Points
    pose: Pose
    turn: Pose
    held: Held


class Run(NamedTuple):
    """Readings of one clip, or of one person, from the neutral on. `seen` is everything that the tracker saw."""

    name: str
    seen: Sequence[Sighting]
    readings: list[Reading]


Measure = Callable[[Reading], float]

AMOUNTS: dict[Action, Measure] = {
    Action.TURN_LEFT: lambda reading: reading.view.nose.along,
    Action.TURN_RIGHT: lambda reading: -reading.view.nose.along,
    Action.TILT_UP: lambda reading: reading.view.nose.up,
    Action.TILT_DOWN: lambda reading: -reading.view.nose.up,
    Action.OPEN_MOUTH: lambda reading: reading.view.lips,
    Action.COME_CLOSER: lambda reading: reading.view.nearness - 1,
}
"""How far each movement has come, as its judge measures it."""
DEGREES: dict[Action, Callable[[Pose], float]] = {
    Action.TURN_LEFT: lambda held: held.yaw,
    Action.TURN_RIGHT: lambda held: -held.yaw,
    Action.TILT_UP: lambda held: held.pitch,
    Action.TILT_DOWN: lambda held: -held.pitch,
}


def judged(name: str, seen: Sequence[Sighting], pace: float, skipped: int = 0) -> Run:
    """Take the neutral as a session does, and measure what follows; `skipped` frames at the beginning are not
    measured."""
    neutral = Neutral()
    for number, sighting in enumerate(seen):
        if sighting.landmarks is None:
            continue
        state = neutral.see(sighting.landmarks, sighting, number * pace)
        if state.neutral is not None:
            reference, first = Reference(state.neutral, state.solid), max(number + 1, skipped)
            later = ((REST, place * pace, seen[place]) for place in range(first, len(seen)))
            return Run(name, seen[skipped:], list(_measured(reference, later)))
    return Run(name, seen[skipped:], [])


def compared(name: str, held: Sequence[Held], seen: Sequence[Sighting]) -> Run:
    """Measure what is held against the median of the frames at rest."""
    rest = [sighting for how, sighting in zip(held, seen, strict=True) if how == REST and sighting.solid is not None]
    if not rest:
        return Run(name, seen, [])
    reference = Reference(
        np.asarray(np.median([sighting.landmarks for sighting in rest], axis=0)),
        np.asarray(np.median([sighting.solid for sighting in rest], axis=0)),
    )
    timed = ((how, float(place), sighting) for place, (how, sighting) in enumerate(zip(held, seen, strict=True)))
    return Run(name, seen, list(_measured(reference, timed)))


def _measured(reference: Reference, timed: Iterable[tuple[Held, float, Sighting]]) -> Iterator[Reading]:
    for held, now, sighting in timed:
        turn = reference.turn(sighting.solid)
        view = None if sighting.landmarks is None else reference.measure(sighting.landmarks, now)
        if view is not None and turn is not None and sighting.landmarks is not None:
            yield Reading(view, sighting.landmarks, pose(sighting.landmarks, sighting.size), turn, held)


def each(runs: Iterable[Run], measure: Measure) -> list[list[float]]:
    """Return the measure of each reading, by run."""
    return [[measure(reading) for reading in run.readings] for run in runs]


def most(runs: Iterable[Run], measure: Measure) -> list[list[float]]:
    """Return the largest measure of each run."""
    return [[max(measure(reading) for reading in run.readings)] for run in runs if run.readings]


def held_as(runs: Iterable[Run], name: str, *amounts: float) -> list[Run]:
    """Return the runs with only what is held so; by any amount if none is named."""
    return [
        run._replace(readings=[r for r in run.readings if r.held[0] == name and (not amounts or r.held[1] in amounts)])
        for run in runs
    ]


def windows(readings: Sequence[Reading], seconds: float) -> Iterator[list[Reading]]:
    """Yield readings of this many seconds each, one after the other without overlap."""
    begun = 0
    for place, reading in enumerate(readings):
        if reading.view.now - readings[begun].view.now >= seconds:
            yield list(readings[begun : place + 1])
            begun = place + 1


def spread(window: Sequence[Reading]) -> float:
    """Return the farthest that eyes, nose and mouth are from their median, as the neutral measures it."""
    watched = np.array([reading.landmarks[[*PLANE, NOSE_TIP]] for reading in window])
    apart = np.linalg.norm(watched - np.median(watched, axis=0), axis=2)
    return float(apart.max() / scale(window[-1].landmarks))


def largest_step(run: Run, measure: Measure, rest: float, reached: float) -> list[float]:
    """Return the most that a measure grows by between two readings, on the way from rest to the movement's end."""
    amounts = [measure(reading) for reading in run.readings]
    steps = [now - before for before, now in itertools.pairwise(amounts) if -rest < before < reached and now >= rest]
    return [max(steps)] if steps else []
