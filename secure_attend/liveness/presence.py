"""Whether the same one face is there from frame to frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from secure_attend.liveness import limits
from secure_attend.liveness.motion import Points, centre, eye_centres, mouth_centre, scale

Failure = Literal["too_slow", "lost_face", "several_faces", "face_changed", "wrong_movement"]
"""Why a challenge ended: out of time; no face; more than one; a face that jumped elsewhere or in size and stayed so; a
whole movement that was not asked."""


@dataclass(frozen=True)
class Sighting:
    """What one frame showed. `landmarks` is (68, 2) in pixels of the one face, None when there is none; `faces` is how
    many were seen, `size` the frame's width and height, `problems` the quality's hint codes, `glare` whether something
    shines where the eyes are."""

    landmarks: Points | None
    faces: int
    size: tuple[int, int]
    problems: tuple[str, ...] = ()
    glare: bool = False


class Seen(NamedTuple):
    """The face to judge in this frame, if there is one; why not; whether what was begun before still counts."""

    landmarks: Points | None
    hint: str | None
    broken: bool
    failure: Failure | None


class Presence:
    """Follows the one face by place and size."""

    def __init__(self) -> None:
        self._last: tuple[float, Points] | None = None
        self._absent_since: float | None = None
        self._jumped_since: float | None = None
        self._jumped = 0

    def see(self, sighting: Sighting, now: float) -> Seen:
        """What to make of this frame."""
        if sighting.faces > 1:
            return self._absent("one_person", "several_faces", now)
        if sighting.landmarks is None or not _is_face(sighting.landmarks):
            return self._absent("no_face", "lost_face", now)
        self._absent_since = None
        return self._present(sighting.landmarks, now)

    def _absent(self, hint: str, failure: Failure, now: float) -> Seen:
        self._absent_since = now if self._absent_since is None else self._absent_since
        gone = now - self._absent_since
        broken = self._last is None or now - self._last[0] > limits.GONE_SHORT
        return Seen(None, hint, broken, failure if gone > limits.GONE_LONG else None)

    def _present(self, landmarks: Points, now: float) -> Seen:
        seconds = now - self._last[0] if self._last else 0.0
        if self._last and _jumped(self._last[1], landmarks, seconds):
            self._jumped += 1
            self._jumped_since = now if self._jumped_since is None else self._jumped_since
            stays = now - self._jumped_since >= limits.JUMPED_SECONDS and self._jumped >= limits.JUMPED_FRAMES
            return Seen(None, "hold_still", True, "face_changed" if stays else None)
        self._last = (now, landmarks)
        self._jumped, self._jumped_since = 0, None
        return Seen(landmarks, None, seconds > limits.GONE_SHORT, None)


def _is_face(landmarks: Points) -> bool:
    """Whether the points can be a face at all: eyes apart, and the mouth across from them."""
    if landmarks.shape != (68, 2) or not np.isfinite(landmarks).all() or scale(landmarks) < 1.0:
        return False
    right, left = eye_centres(landmarks)
    along, down = left - right, mouth_centre(landmarks) - (left + right) / 2
    across = along[0] * down[1] - along[1] * down[0]
    return bool(across > 0.5 * math.hypot(*along) * math.hypot(*down))


def _jumped(before: Points, after: Points, seconds: float) -> bool:
    reach = limits.JUMP + limits.SPEED * min(seconds, limits.SPEED_SECONDS)
    moved = math.dist(centre(after), centre(before)) / scale(before)
    grown = _height(after) / _height(before)
    return bool(moved > reach or not 1 / limits.GROWTH < grown < limits.GROWTH)


def _height(landmarks: Points) -> float:
    """From between the eyes to the mouth, in pixels: hardly changes when the head turns, as the eye distance does."""
    return max(math.dist(mouth_centre(landmarks), centre(landmarks)), 1e-6)
