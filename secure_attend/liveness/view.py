"""Measuring one frame against the person's own neutral."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from secure_attend.liveness import limits
from secure_attend.liveness.eyes import openness
from secure_attend.liveness.head_pose import turn_since
from secure_attend.liveness.motion import (
    MOUTH_CORNERS,
    NoseShift,
    Plane,
    Points,
    Pose,
    Solid,
    centre,
    nose_shift,
    scale,
)

_LIPS_ABOVE, _LIPS_BELOW = [61, 62, 63], [67, 66, 65]


@dataclass(frozen=True)
class View:
    """One frame at `now` seconds. Lengths are in neutral eye distances: `nose` is its shift against the face's plane,
    `lips` how much farther apart the lips are, and `place` (x, y) the middle between the eyes. `openness` (of the
    eyes), `mouth_width` and `nearness` (size) are shares of the neutral's."""

    now: float
    nose: NoseShift
    openness: float
    lips: float
    mouth_width: float
    nearness: float
    place: tuple[float, float]

    @property
    def straight(self) -> bool:
        """Whether the head is as straight as in the neutral."""
        return abs(self.nose.along) < limits.STRAIGHT and abs(self.nose.up) < limits.STRAIGHT_PITCH

    def distance_from(self, before: View) -> float:
        """Return how far the face is from its place before, in neutral eye distances."""
        return float(np.hypot(self.place[0] - before.place[0], self.place[1] - before.place[1]))

    def nose_shift_since(self, before: View) -> float:
        """Return how far the nose has shifted against the face's plane since, in neutral eye distances."""
        return max(abs(self.nose.along - before.nose.along), abs(self.nose.up - before.nose.up))


class Reference:
    """The neutral, with everything computed once that is the same for all frames. `solid` is its solid points."""

    def __init__(self, neutral: Points, solid: Solid | None = None) -> None:
        self._neutral = np.asarray(neutral, np.float64)
        self._plane = Plane(self._neutral)
        self._scale = scale(self._neutral)
        self._openness = max(openness(self._neutral), 1e-6)
        self._gap = _gap(self._neutral)
        self._mouth = max(_mouth_width(self._neutral), 1e-6)
        self._solid = solid

    def measure(self, landmarks: Points, now: float) -> View | None:
        """Return the view of `landmarks` (68, 2); None if they can't be a face's (all in one line, say)."""
        with np.errstate(all="ignore"):
            flat = self._plane.flatten(landmarks)
            x, y = (float(value) for value in centre(landmarks) / self._scale)
            nose = nose_shift(self._neutral, flat)
            values = (
                openness(flat) / self._openness,
                (_gap(flat) - self._gap) / self._scale,
                _mouth_width(landmarks) / self._mouth,
                scale(landmarks) / self._scale,
            )
        return View(now, nose, *values, (x, y)) if all(map(math.isfinite, (*nose, *values, x, y))) else None

    def turn(self, solid: Solid | None) -> Pose | None:
        """Return how far the head has turned by its own pose; None if the landmark model gives no depth."""
        return None if solid is None or self._solid is None else turn_since(self._solid, solid)


def _mouth_width(landmarks: Points) -> float:
    """Return the distance between the corners of the mouth, in eye distances of the same frame: a turn narrows both."""
    right, left = landmarks[list(MOUTH_CORNERS)].tolist()
    return math.dist(right, left) / max(scale(landmarks), 1e-6)


def _gap(landmarks: Points) -> float:
    """Return the gap between the inner edges of the lips, in pixels."""
    apart = landmarks[_LIPS_BELOW] - landmarks[_LIPS_ABOVE]
    return float(np.hypot(apart[:, 0], apart[:, 1]).sum()) / len(apart)
