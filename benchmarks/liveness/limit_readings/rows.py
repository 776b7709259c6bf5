"""Rows of the table, and what its subjects share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.liveness.clip_frames import Behaviour
from benchmarks.liveness.limit_readings import footage, renderings
from benchmarks.liveness.limit_readings.footage import ASKED, at_ease
from benchmarks.liveness.limit_readings.readings import AMOUNTS, Reading, Run, windows
from secure_attend.liveness import limits
from secure_attend.liveness.actions import Action

TILTS = (Action.TILT_UP, Action.TILT_DOWN)
QUIET: tuple[Behaviour, ...] = ("at rest", "reading aloud")
BUSY: tuple[Behaviour, ...] = ("talking", "play-acting")
EASE = (*QUIET, *BUSY)

Values = Sequence[Sequence[float]]


class Row(NamedTuple):
    """What one limit is compared with: the readings of some material, a list for each clip, movement or person. An
    honest movement is `made`, somebody at rest or busy makes `none`, and an attack is `kept out`. `against` names the
    limit that the readings are compared with, if it is another one."""

    limits: str
    side: str
    material: str
    values: Values
    against: str | None = None


def open_eyed() -> Iterator[tuple[str, list[Run]]]:
    """Yield those who sit quietly, without their blinks."""
    yield "one film of a minute", [footage.open_eyed(run) for run in footage.long_film()]
    for behaviour in QUIET:
        yield behaviour, [footage.open_eyed(run) for run in at_ease(behaviour)]


def blinks(behaviours: Sequence[Behaviour]) -> list[tuple[Reading, list[Reading]]]:
    """Return the blinks of people who do this, as often as pictures are taken while a movement is asked."""
    runs = [run for behaviour in behaviours for run in at_ease(behaviour, ASKED)]
    runs += footage.long_film() if "at rest" in behaviours else []
    return [blink for run in runs for blink in footage.blinks(run)]


def least_open() -> Values:
    """Return how far the eyes are open at the bottom of each blink."""
    return [[min(reading.view.openness for reading in shut)] for _, shut in blinks(EASE)]


def along(reading: Reading) -> float:
    """Return how far the nose is shifted to either side."""
    return abs(reading.view.nose.along)


def up(reading: Reading) -> float:
    """Return how far the nose is shifted up or down."""
    return abs(reading.view.nose.up)


def either(reading: Reading) -> float:
    """Return how far the nose is shifted in any direction."""
    return max(along(reading), up(reading))


def halves(run: Run) -> Iterator[list[Reading]]:
    """Yield half a second each, the time that the neutral takes."""
    return windows(run.readings, limits.NEUTRAL_SECONDS)


def flipped(limit: str, actions: Sequence[Action]) -> Iterator[Row]:
    """Yield the steps of prints of these movements, put in front of one at rest."""

    def steps(run: Run, action: Action, prints: int) -> list[float]:
        shown = [AMOUNTS[action](reading) for reading in run.readings if reading.held[0] == action.value]
        if len(shown) < len(renderings.SHARES):
            return []
        return [max(after - before for before, after in itertools.pairwise([0.0, *shown[-prints:]]))]

    for prints in (1, 2):
        found = [steps(run, action, prints) for run in renderings.flipped_prints() for action in actions]
        yield Row(limit, "kept out", f"{prints} print{'s' * (prints > 1)} flipped, largest step", found)


def every(pace: float) -> str:
    """Return the words for a pace."""
    return f"in {pace * 1000:.0f} ms"


def words(action: Action) -> str:
    """Return the words for an action."""
    return action.value.replace("_", " ")
