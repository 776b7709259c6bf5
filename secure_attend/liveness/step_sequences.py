"""The steps that a session asks for, drawn at random by how strict the site is and what the person can do."""

from __future__ import annotations

import random as randomness
from itertools import combinations
from math import factorial
from typing import Literal, NamedTuple

from secure_attend.liveness.actions import FEATURES, TURNS, Action

Mode = Literal["quick", "standard", "strict"]

STEPS: dict[Mode, int] = {"quick": 2, "standard": 4, "strict": 6}
STILL_ACTIONS = (Action.CLOSE_EYES, Action.OPEN_MOUTH, Action.COME_CLOSER)
"""Actions without turning or tilting the head."""


class DrawnSteps(NamedTuple):
    """The steps in order, and the spares that may replace, in this order, a step that the person can't do."""

    steps: tuple[Action, ...]
    spares: tuple[Action, ...]


def draw(random: randomness.Random, mode: Mode = "standard", *, without_turning: bool = False) -> DrawnSteps:
    """Draw one of `step_sets` in random order. `without_turning` leaves out movements of the head."""
    if without_turning:
        actions = list(STILL_ACTIONS)
        random.shuffle(actions)
        if mode == "quick":
            actions.remove(Action.COME_CLOSER)
        return DrawnSteps(tuple(actions), ())
    steps = list(random.choice(step_sets(mode)))
    random.shuffle(steps)
    spares = [action for action in Action if action not in steps]
    random.shuffle(spares)
    return DrawnSteps(tuple(steps), tuple(spares))


def step_sets(mode: Mode) -> list[tuple[Action, ...]]:
    """Return the sets of steps that a session may ask for. `quick`: one turn and the eyes; `standard`: both turns and
    two others; `strict`: both turns and four others. Each set has a step of the eyes or the mouth."""
    if mode == "quick":
        return [(turn, Action.CLOSE_EYES) for turn in TURNS]
    others = [action for action in Action if action not in TURNS]
    chosen = combinations(others, STEPS[mode] - len(TURNS))
    return [(*TURNS, *steps) for steps in chosen if any(action in FEATURES for action in steps)]


def sequence_count(mode: Mode, *, without_turning: bool = False) -> int:
    """Return how many equally likely sequences `draw` chooses from, of which a recording would have to match one."""
    if without_turning:
        return factorial(2 if mode == "quick" else len(STILL_ACTIONS))
    return len(step_sets(mode)) * factorial(STEPS[mode])
