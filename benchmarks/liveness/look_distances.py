"""How far apart the looks of a session are, and how close another person's come.

Run it with `python -m benchmarks.liveness.look_distances`.

The looks are embedded by the profile `sface`, whose `Profile.same` they are compared with.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.liveness.identity import Known, Look, embedded
from secure_attend.faces.matching.distance import combined, distances, squares
from secure_attend.faces.models.profiles import SFACE
from secure_attend.liveness.actions import Action

Pick = Callable[[Known], Look]


def main() -> None:
    """Print a line for each movement and pair of looks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.liveness.look_distances", description=__doc__)
    parser.add_argument("--people", type=int, default=150)
    known = embedded(parser.parse_args().people)
    print(f"{len(known)} people (Essex); same person within {SFACE.same}")
    for line in report(known):
        print(line)


def report(known: list[Known]) -> list[str]:
    """Yield the lines: the distances of own looks, the closest of another person, and the shares on the wrong side of
    the limit."""
    lines = []
    for action in Action:
        pairs = {
            "on the way from the straight look": (_straight, _moving(action, 0)),
            "at the end from the straight look": (_straight, _moving(action, 1)),
            "at the end from that on the way": (_moving(action, 0), _moving(action, 1)),
        }
        lines += [f"{action.value:<12} {name:<34} {_compared(known, *pair)}" for name, pair in pairs.items()]
    own = [(one, other) for person in known for one, other in itertools.combinations(person.at_rest, 2)]
    return [*lines, f"{'at rest':<12} {'from another picture of a session':<34} {_own(own)}"]


def _compared(known: list[Known], before: Pick, now: Pick) -> str:
    own = [(before(person), now(person)) for person in known]
    others = [(before(one), now(other)) for one, other in itertools.permutations(known, 2)]
    far, limit = _distances(others), SFACE.same
    return f"{_own(own)}; another's of {len(far)}: nearest {far.min():.2f}, within {np.mean(far <= limit):.6f}"


def _own(pairs: Sequence[tuple[Look, Look]]) -> str:
    near, limit = _distances(pairs), SFACE.same
    middle, most = np.quantile(near, [0.5, 0.98])
    return f"of {len(near)}: {middle:.2f}, 98 % {most:.2f}, most {near.max():.2f}, beyond {np.mean(near > limit):.4f}"


def _distances(pairs: Sequence[tuple[Look, Look]]) -> np.ndarray:
    found = []
    for one, other in pairs:
        if one is not None and other is not None:
            row = combined(SFACE, other[None])[None]
            found.append(float(distances(combined(SFACE, one[None]), row, squares(row))[0]))
    return np.array(found)


def _straight(person: Known) -> Look:
    return person.at_rest[0]


def _moving(action: Action, place: int) -> Pick:
    return lambda person: person.moving[action][place]


if __name__ == "__main__":
    main()
