"""Rows of limits for the whole head: its neutral, turns and tilts, coming closer, and where it is."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks.liveness.limit_readings import footage, renderings
from benchmarks.liveness.limit_readings.footage import ASKED, SLOW, USUAL, at_ease, moving
from benchmarks.liveness.limit_readings.readings import (
    AMOUNTS,
    DEGREES,
    REST,
    Measure,
    Reading,
    Run,
    each,
    held_as,
    largest_step,
    most,
    spread,
)
from benchmarks.liveness.limit_readings.rows import (
    EASE,
    QUIET,
    TILTS,
    Row,
    Values,
    along,
    either,
    every,
    flipped,
    halves,
    least_open,
    open_eyed,
    up,
    words,
)
from secure_attend.liveness import limits
from secure_attend.liveness.actions import TURNS, Action
from secure_attend.liveness.eyes import openness

PLAIN_TILT = (15.0, 30.0, 45.0)
"""Degrees that a flat photo is tilted by, unless 55 is said too."""
REST_SECONDS = 5.0


def neutral() -> Iterator[Row]:
    """Yield what the neutral is held to."""
    for behaviour in EASE:
        found = [[spread(part) for part in halves(run)] for run in at_ease(behaviour)]
        yield Row("NEUTRAL_SPREAD", "none", f"{behaviour}, in half a second", found)
    moved = [[max(map(spread, halves(run)), default=math.nan)] for action in (*TURNS, *TILTS) for run in moving(action)]
    yield Row("NEUTRAL_SPREAD", "made", "turns and tilts, most in half a second", moved)
    for name, runs in open_eyed():
        yield Row("NEUTRAL_BLINK", "none", f"open eyes, {name}, of the widest in half a second", _of_widest(runs))
    yield Row("NEUTRAL_BLINK", "made", "blinks, at the bottom", least_open())
    for angle in ("yaw", "pitch", "roll"):
        limit = f"NEUTRAL_{angle.upper()}"
        for name, held in footage.portraits().items():
            yield Row(limit, "none", f"pictures {name}", [[abs(getattr(pose, angle))] for pose in held])
        for behaviour in QUIET:
            yield Row(limit, "none", behaviour, each(at_ease(behaviour), _abs_pose(angle)))
        asked = {"yaw": TURNS, "pitch": TILTS, "roll": ()}[angle]
        if asked:
            farthest = [value for action in asked for value in most(moving(action), _abs_pose(angle))]
            yield Row(limit, "made", "turns at their end" if angle == "yaw" else "tilts at their end", farthest)


def _abs_pose(angle: str) -> Measure:
    return lambda reading: abs(getattr(reading.pose, angle))


def _of_widest(runs: Iterable[Run]) -> Values:
    def shares(part: list[Reading]) -> list[float]:
        widths = [openness(reading.landmarks) for reading in part]
        return [width / max(widths) for width in widths]

    return [[s for part in halves(run) for s in shares(part)] for run in runs]


def size() -> Iterator[Row]:
    """Yield how far noses of flat photos seem to shift, by the size of the face."""
    for pixels in renderings.SIZES:
        photos = held_as(renderings.flat_photos(pixels), "one way", *PLAIN_TILT)
        name = f"flat photos of {pixels} px tilted to 45 degrees"
        for limit, way, shift in (("TURNED", "sideways", along), ("TILTED", "up or down", up)):
            yield Row("SMALLEST_EYE_DISTANCE", "kept out", f"{name}, {way}", each(photos, shift), limit)
        at_rest = each(held_as(renderings.flat_photos(pixels), REST[0]), either)
        yield Row("SMALLEST_EYE_DISTANCE", "none", f"pictures of {pixels} px at rest, grain alone", at_rest, "STRAIGHT")


def _movement_rows(
    limit: str, actions: Sequence[Action], name: str, angle: str, shift: Measure, *, across: bool
) -> Iterator[Row]:
    for action in actions:
        yield Row(limit, "made", f"{words(action)}, at the end", most(moving(action), AMOUNTS[action]))
    for degrees in renderings.TURNED_BY[1:]:
        held = held_as(renderings.puppets(), angle, degrees, -degrees)
        yield Row(limit, "made", f"puppets {name} {degrees:.0f} degrees", each(held, shift))
    pixels, farthest = renderings.SIZES[-1], renderings.ANGLES[-1]
    for way in ("one way", "both ways"):
        flat = held_as(renderings.flat_photos(pixels), way)
        yield Row(limit, "kept out", f"flat photos tilted {way} to {farthest:.0f} degrees", each(flat, shift))
    for how in ("folded", "round"):
        bent = held_as(renderings.bent_photos(across=across), how)
        yield Row(limit, "kept out", f"photos {_HOW[how]}, {name} to 45 degrees", each(bent, shift))


_HOW = {"folded": "folded", "round": "round a cylinder"}


def turns() -> Iterator[Row]:
    """Yield what turns are held to."""
    yield from _movement_rows("TURNED", TURNS, "turned", "yaw", along, across=False)
    yield from _out_rows(
        (TURNS, limits.TURNED), "yaw", lambda nose: (nose.along, nose.out_along), "turned", across=False
    )
    yield from _out_rows((TILTS, limits.TILTED), "pitch", lambda nose: (nose.up, nose.out_up), "tilted", across=True)
    still = [[away for part in halves(run) for away in _from_median(part)] for run in at_ease("at rest")]
    yield Row("STRAIGHT", "none", "at rest, sideways, from the median of half a second", still)
    for behaviour in EASE:
        yield Row("STRAIGHT", "none", f"{behaviour}, sideways", each(at_ease(behaviour), along))
    for behaviour in EASE:
        yield Row("WRONG_SIDE", "none", f"{behaviour}, sideways or up", each(at_ease(behaviour), either))
    for pace in (ASKED, USUAL):
        made = [
            largest_step(run, AMOUNTS[action], rest, reached)
            for actions, rest, reached in (
                (TURNS, limits.STRAIGHT, limits.TURNED),
                (TILTS, limits.LEVEL, limits.TILTED),
            )
            for action in actions
            for run in moving(action, pace)
        ]
        yield Row("LARGEST_STEP", "made", f"turns and tilts, most {every(pace)}", made)
    yield from flipped("LARGEST_STEP", (*TURNS, *TILTS))


def _from_median(part: Sequence[Reading]) -> list[float]:
    shifts = [reading.view.nose.along for reading in part]
    return [abs(shift - statistics.median(shifts)) for shift in shifts]


def _out_rows(
    movement: tuple[Sequence[Action], float],
    angle: str,
    shift_and_out: Callable[..., tuple[float, float]],
    name: str,
    *,
    across: bool,
) -> Iterator[Row]:
    """Yield the nose tip's own share of its shift, where that counts as a turn or tilt."""
    actions, reached = movement

    def shares(runs: Iterable[Run]) -> Values:
        pairs = [[shift_and_out(reading.view.nose) for reading in run.readings] for run in runs]
        return [[out / shift for shift, out in run if abs(shift) >= reached] for run in pairs]

    real = [run for action in actions for run in moving(action)]
    yield Row("OUT", "made", f"people, {name} far enough", shares(real))
    yield Row("OUT", "made", f"puppets, {name} far enough", shares(held_as(renderings.puppets(), angle)))
    for how in ("folded", "round"):
        bent = held_as(renderings.bent_photos(across=across), how)
        yield Row("OUT", "kept out", f"photos {_HOW[how]}, {name} far enough", shares(bent))


def tilts() -> Iterator[Row]:
    """Yield what tilts are held to."""
    yield from _movement_rows("TILTED", TILTS, "tilted", "pitch", up, across=True)
    for limit in ("LEVEL", "STRAIGHT_PITCH"):
        for behaviour in EASE:
            yield Row(limit, "none", f"{behaviour}, up or down", each(at_ease(behaviour), up))


def unasked() -> Iterator[Row]:
    """Yield how far heads turn by their own pose."""
    for behaviour in EASE:
        turned = each(at_ease(behaviour), lambda reading: max(abs(reading.turn.yaw), abs(reading.turn.pitch)))
        yield Row("UNASKED_TURN", "none", behaviour, turned)
    for action in (*TURNS, *TILTS):
        yield Row("UNASKED_TURN", "made", f"{words(action)}, at the end", most(moving(action), _degrees(action)))


def _degrees(action: Action) -> Measure:
    """Return the measure of how far the head's own pose has gone the action's way."""
    degrees = DEGREES[action]
    return lambda reading: degrees(reading.turn)


def closer() -> Iterator[Row]:
    """Yield how much larger faces become."""
    for behaviour in EASE:
        soon = [
            run._replace(readings=[r for r in run.readings if r.view.now < run.readings[0].view.now + REST_SECONDS])
            for run in at_ease(behaviour)
        ]
        grown = each(soon, lambda reading: abs(reading.view.nearness - 1))
        yield Row("SAME_DISTANCE, CLOSER", "none", f"{behaviour}, in 5 s", grown)
    nearest = most(moving(Action.COME_CLOSER), AMOUNTS[Action.COME_CLOSER])
    yield Row("SAME_DISTANCE, CLOSER", "made", "coming closer, at the end", nearest)
    for pace in (ASKED, USUAL):
        runs = moving(Action.COME_CLOSER, pace)
        steps = [largest_step(run, AMOUNTS[Action.COME_CLOSER], limits.SAME_DISTANCE, limits.CLOSER) for run in runs]
        yield Row("CLOSER_STEP", "made", f"coming closer, most {every(pace)}", steps)


def presence() -> Iterator[Row]:
    """Yield how far faces move, and grow, between two frames."""
    for pace in (USUAL, SLOW):
        runs = [run for behaviour in (*EASE, "signing") for run in at_ease(behaviour, pace)]
        runs += [run for action in AMOUNTS for run in moving(action, pace)]
        moved = [list(footage.from_frame_to_frame(run)) for run in runs]
        everybody = f"all clips, {every(pace)}"
        yield Row(f"JUMP + SPEED x {pace:.3f} s", "none", everybody, [[far for far, _ in run] for run in moved])
        yield Row("GROWTH", "none", everybody, [[grown for _, grown in run] for run in moved])
