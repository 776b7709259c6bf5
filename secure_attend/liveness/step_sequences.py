"""Which steps a session asks for: drawn at random, by how strict the site is and what the person can do."""

from __future__ import annotations

import random as randomness
from itertools import combinations
from math import factorial
from typing import Literal, NamedTuple

from secure_attend.liveness.actions import FEATURES, TURNS, Action

Mode = Literal["quick", "standard", "strict"]

STEPS: dict[Mode, int] = {"quick": 2, "standard": 4, "strict": 6}
STILL_ACTIONS = (Action.CLOSE_EYES, Action.OPEN_MOUTH, Action.COME_CLOSER)
"""What can be done without turning or tilting the head."""


class DrawnSteps(NamedTuple):
    """The steps in order, and what may be asked, in this order, in place of one that cannot be met."""

    steps: tuple[Action, ...]
    spares: tuple[Action, ...]


def draw(random: randomness.Random, mode: Mode = "standard", *, without_turning: bool = False) -> DrawnSteps:
    """Different steps in random order, one of `sets`. `without_turning` leaves out whatever moves the head."""
    if without_turning:
        actions = list(STILL_ACTIONS)
        random.shuffle(actions)
        if mode == "quick":
            actions.remove(Action.COME_CLOSER)
        return DrawnSteps(tuple(actions), ())
    steps = list(random.choice(sets(mode)))
    random.shuffle(steps)
    spares = [action for action in Action if action not in steps]
    random.shuffle(spares)
    return DrawnSteps(tuple(steps), tuple(spares))


def sets(mode: Mode) -> list[tuple[Action, ...]]:
    """What may be asked together. `quick`: one turn and the eyes; `standard`: both turns and two others; `strict`: both
    turns and four others. One of eyes and mouth at least is always among them."""
    if mode == "quick":
        return [(turn, Action.CLOSE_EYES) for turn in TURNS]
    others = [action for action in Action if action not in TURNS]
    chosen = combinations(others, STEPS[mode] - len(TURNS))
    return [(*TURNS, *steps) for steps in chosen if any(action in FEATURES for action in steps)]


def sequences(mode: Mode, *, without_turning: bool = False) -> int:
    """How many sequences `draw` chooses from, all alike likely: what a recording made before has to guess."""
    if without_turning:
        return factorial(2 if mode == "quick" else len(STILL_ACTIONS))
    return len(sets(mode)) * factorial(STEPS[mode])
