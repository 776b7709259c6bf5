"""What comparing the shape of the face with enrolment would add: `python -m benchmarks.liveness.face_shape`.

The check leaves it out because of these figures: a flat photo has the shape of the person on it, and a bent one differs
from it by less than two looks of one person differ.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.liveness.pixel_tries import engine
from benchmarks.liveness.portraits import people, picture
from benchmarks.liveness.prints import Sheet, shown
from secure_attend.liveness.motion import centre, eye_centres, scale

PICTURES = 4
REFUSED = (0.01, 0.05)
"""Shares of honest looks that a limit would refuse."""

Points = NDArray[np.float64]


def main() -> None:
    """Print how far apart shapes of one person, of two people, and of bent photos are."""
    known = [found for found in map(_shapes, _sessions()) if len(found) > 1]
    own = np.array([_apart(a, b) for mine in known for a, b in itertools.combinations(mine, 2)])
    other = np.array([_apart(a[0], b[1]) for a, b in itertools.permutations(known, 2)])
    print(f"{len(known)} people (Essex), {len(own)} comparisons of one person, {len(other)} of two")
    print(f"equal error rate between people: {_equal_error(own, other):.1%}")
    for name, bend in BENT.items():
        attacks = np.array([_apart(mine[0], bend(mine[1])) for mine in known])
        for refused in REFUSED:
            stopped = (attacks > np.quantile(own, 1 - refused)).mean()
            print(f"{name}: {stopped:.0%} of {len(attacks)} stopped where {refused:.0%} of honest looks are refused")


def _sessions() -> list[list[Points]]:
    """Return the landmarks of each person's first pictures."""
    chosen = [pictures[:PICTURES] for pictures in people() if "essex" in str(pictures[0])]
    return [[face for path in pictures for face in _read(picture(path))] for pictures in chosen]


def _read(frame: NDArray[np.uint8]) -> list[Points]:
    return [np.asarray(face.landmarks, np.float64) for face in engine().follow(frame)[:1]]


def _shapes(faces: list[Points]) -> list[Points]:
    return [_shape(face) for face in faces]


def _shape(landmarks: Points) -> Points:
    """Return (51, 2), all but the jaw, in eye distances from the middle between the eyes, the eyes level."""
    right, left = eye_centres(landmarks)
    along = (left - right) / scale(landmarks)
    placed = (landmarks[17:] - centre(landmarks)) / scale(landmarks)
    return np.asarray(placed @ np.array([[along[0], -along[1]], [along[1], along[0]]]))


def _apart(one: Points, other: Points) -> float:
    """Return the root mean square, in eye distances."""
    return float(np.sqrt(((one - other) ** 2).sum(axis=1).mean()))


def _equal_error(own: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    limits = np.unique(own)
    refused = np.array([(own > limit).mean() for limit in limits])
    accepted = np.array([(other <= limit).mean() for limit in limits])
    place = int(np.argmin(np.abs(refused - accepted)))
    return float((refused[place] + accepted[place]) / 2)


def _held(sheet: Sheet) -> Callable[[Points], Points]:
    """Return the shape of a photo held like this, whose landmarks are read where they are."""

    def bend(shape: Points) -> Points:
        seen = shown(shape, shape[27 - 17 : 31 - 17].mean(axis=0), 1.0, sheet)
        whole = np.concatenate([np.zeros((17, 2)), seen])
        return _shape(whole)

    return bend


BENT = {
    "a photo, flat": _held(Sheet()),
    "a photo folded along the nose by 15 degrees a side": _held(Sheet(fold=15.0)),
    "a photo folded along the nose by 30 degrees a side": _held(Sheet(fold=30.0)),
    "a photo round a cylinder of two eye distances": _held(Sheet(curve=0.5)),
}


if __name__ == "__main__":
    cv2.setNumThreads(1)
    main()
