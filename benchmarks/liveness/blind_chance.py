"""The chances of an earlier recording, played against sequences as they are drawn."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from secure_attend.liveness.actions import FEATURES, TURNS, Action
from secure_attend.liveness.limits import ADDED_STILL, MORE_STEPS, MORE_STILL_STEPS
from secure_attend.liveness.step_sequences import STILL_ACTIONS, Mode, draw, step_sets

LOOPS = 4
TRIES = 20_000


def every_sequence(mode: Mode, *, without_turning: bool = False) -> list[tuple[Action, ...]]:
    """Yield every sequence that may be drawn."""
    if without_turning:
        chosen = STILL_ACTIONS[:2] if mode == "quick" else STILL_ACTIONS
        return list(itertools.permutations(chosen))
    return [order for steps in step_sets(mode) for order in itertools.permutations(steps)]


def passes(recorded: Sequence[Action], asked: Sequence[Action], pool: Sequence[Action], rng: random.Random) -> bool:
    """Return whether a looped recording of whole movements answers what is asked, by the rules of liveness/challenge.py
    without time, which runs out for most. `pool` is what may be asked after a movement that was not."""
    waiting, done, unasked = list(asked), list[Action](), 0
    turning = any(action in TURNS for action in pool)
    for action in itertools.islice(itertools.cycle(recorded), LOOPS * len(recorded)):
        if action is waiting[0]:
            done.append(waiting.pop(0))
        elif action is not Action.COME_CLOSER:
            first, unasked = waiting.pop(0), unasked + 1
            still = MORE_STILL_STEPS if unasked <= ADDED_STILL else 0
            replacing = _replacing(first, (*done, *waiting), pool)
            for drawn in rng.choices(pool, k=MORE_STEPS if turning else still):
                waiting.insert(rng.randint(0, len(waiting)), drawn)
            waiting.insert(0, rng.choice(replacing))
        if not waiting:
            return True
    return False


def _replacing(action: Action, others: Sequence[Action], pool: Sequence[Action]) -> list[Action]:
    if action in TURNS:
        return [each for each in pool if each in TURNS]
    only = action in FEATURES and not any(each in FEATURES for each in others)
    return [each for each in pool if each not in TURNS and (each in FEATURES or not only)]


def blind_chance(mode: Mode, *, without_turning: bool = False, tries: int = TRIES) -> float:
    """Return the share of sessions that a recording of another one answers, in this many drawn pairs."""
    rng = random.Random(0)
    hits = 0
    for _ in range(tries):
        recorded = draw(rng, mode, without_turning=without_turning).steps
        steps, spares = draw(rng, mode, without_turning=without_turning)
        hits += passes(recorded, steps, (*steps, *spares), rng)
    return hits / tries
