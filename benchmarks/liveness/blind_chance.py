"""The chances of an earlier recording, counted over all sequences."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from secure_attend.liveness.actions import TURNS, Action
from secure_attend.liveness.step_sequences import STILL_ACTIONS, Mode, step_sets

LOOPS = 4


def every_sequence(mode: Mode, *, without_turning: bool = False) -> list[tuple[Action, ...]]:
    """Yield every sequence that may be drawn."""
    if without_turning:
        chosen = STILL_ACTIONS[:2] if mode == "quick" else STILL_ACTIONS
        return list(itertools.permutations(chosen))
    return [order for steps in step_sets(mode) for order in itertools.permutations(steps)]


def passes(recorded: Sequence[Action], asked: Sequence[Action]) -> bool:
    """Return whether a looped recording of whole movements answers what is asked, by the rules of liveness/challenge.py
    without time, which runs out for most."""
    waiting, mistook = list(asked), False
    for action in itertools.islice(itertools.cycle(recorded), LOOPS * len(recorded)):
        if not waiting:
            return True
        if action is waiting[0]:
            waiting.pop(0)
        elif action in TURNS and waiting[0] in TURNS and not mistook:
            mistook = True
        elif action is not Action.COME_CLOSER:
            return False
    return not waiting


def blind_chance(mode: Mode, *, without_turning: bool = False) -> float:
    """Return the mean share of sequences that a recorded one answers."""
    sequences = every_sequence(mode, without_turning=without_turning)
    recorded = sequences[:: max(1, len(sequences) // 240)]
    hits = sum(passes(one, other) for one in recorded for other in sequences)
    return hits / (len(recorded) * len(sequences))
