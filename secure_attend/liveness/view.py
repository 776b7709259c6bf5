"""Measuring one frame against the person's own neutral."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from secure_attend.liveness import limits
from secure_attend.liveness.eyes import openness
from secure_attend.liveness.motion import NoseShift, Plane, Points, centre, eye_centres, nose_shift, scale

CHIN = 8
_LIPS_ABOVE, _LIPS_BELOW = [61, 62, 63], [67, 66, 65]


@dataclass(frozen=True)
class View:
    """One frame at `now` seconds. Lengths are in neutral eye distances: `nose` is its shift against the face's plane,
    `lips` how much farther apart the lips are, `chin` how much lower the chin is, and `place` (x, y) the middle between
    the eyes. `openness` (of the eyes) and `nearness` (size) are shares of the neutral's."""

    now: float
    nose: NoseShift
    openness: float
    lips: float
    chin: float
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
    """The neutral, with everything computed once that is the same for all frames."""

    def __init__(self, neutral: Points) -> None:
        self._neutral = np.asarray(neutral, np.float64)
        self._plane = Plane(self._neutral)
        self._scale = scale(self._neutral)
        self._openness = max(openness(self._neutral), 1e-6)
        self._gap = _gap(self._neutral)
        right, left = eye_centres(self._neutral)
        along = (left - right) / self._scale
        self._down = np.array([-along[1], along[0]])

    def measure(self, landmarks: Points, now: float) -> View | None:
        """Return the view of `landmarks` (68, 2); None if they can't be a face's (all in one line, say)."""
        with np.errstate(all="ignore"):
            flat = self._plane.flatten(landmarks)
            x, y = (float(value) for value in centre(landmarks) / self._scale)
            nose = nose_shift(self._neutral, flat)
            values = (
                openness(flat) / self._openness,
                (_gap(flat) - self._gap) / self._scale,
                float((flat[CHIN] - self._neutral[CHIN]) @ self._down) / self._scale,
                scale(landmarks) / self._scale,
            )
        return View(now, nose, *values, (x, y)) if all(map(math.isfinite, (*nose, *values, x, y))) else None


def _gap(landmarks: Points) -> float:
    """Return the gap between the inner edges of the lips, in pixels."""
    apart = landmarks[_LIPS_BELOW] - landmarks[_LIPS_ABOVE]
    return float(np.hypot(apart[:, 0], apart[:, 1]).sum()) / len(apart)
