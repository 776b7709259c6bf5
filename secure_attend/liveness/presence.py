"""Checking that the same single face is present from frame to frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from secure_attend.liveness import limits
from secure_attend.liveness.motion import EYE_CORNERS, MOUTH_CORNERS, Points, Solid

_MARKS = [*EYE_CORNERS, *MOUTH_CORNERS]

Failure = Literal["too_slow", "lost_face", "several_faces", "face_changed"]
"""Why a challenge failed: out of time; no face; several faces; a face whose place or size jumped and stayed so."""

Away = Literal["hidden", "unseen"]
"""Where a face was that comes back: frames came without it, or no frames came."""


@dataclass(frozen=True)
class Sighting:
    """What one frame shows. `landmarks` is (68, 2) in pixels of the only face; None if there is none. `faces` is the
    number of faces, `size` the frame's width and height, and `problems` the hint codes of its quality.
    `eyes_hidden_by` is the hint code of what keeps the eyes from being seen: `dark_glasses` or `glare`. `weak` is the
    hint code of what would improve a usable face's template. `solid` is the points of the head that no lip, lid or jaw
    moves, if the landmark model gives their depth. `slow` is the hint code of what makes frames come too far apart to
    follow a movement."""

    landmarks: Points | None
    faces: int
    size: tuple[int, int]
    problems: tuple[str, ...] = ()
    eyes_hidden_by: str | None = None
    weak: str | None = None
    solid: Solid | None = None
    slow: str | None = None


class PresentFace(NamedTuple):
    """The face to judge in this frame, or a hint; whether an earlier movement is `broken`; and a failure, if any.
    `back` says that it was away for a while, or came back elsewhere, so that it may be another's."""

    landmarks: Points | None
    hint: str | None
    broken: bool
    failure: Failure | None
    back: Away | None = None


class Presence:
    """Follows a single face by place and size."""

    def __init__(self) -> None:
        self._last: tuple[float, _Place] | None = None
        self._absent_since: float | None = None
        self._jumped_since: float | None = None
        self._jumped = 0

    def see(self, sighting: Sighting, now: float) -> PresentFace:
        """Return the face to judge in this frame."""
        if sighting.faces > 1:
            return self._absent("one_person", "several_faces", now)
        place = None if sighting.landmarks is None else _place_of(sighting.landmarks)
        if sighting.landmarks is None or place is None:
            return self._absent("no_face", "lost_face", now)
        hidden, self._absent_since = self._absent_since is not None, None
        return self._present(sighting.landmarks, place, now, "hidden" if hidden else "unseen")

    def _absent(self, hint: str, failure: Failure, now: float) -> PresentFace:
        self._absent_since = now if self._absent_since is None else self._absent_since
        absent = now - self._absent_since
        broken = self._last is None or now - self._last[0] > limits.GONE_SHORT
        return PresentFace(None, hint, broken, failure if absent > limits.LEFT else None)

    def _present(self, landmarks: Points, place: _Place, now: float, before: Away) -> PresentFace:
        seconds = now - self._last[0] if self._last else 0.0
        away = seconds > limits.GONE_SHORT
        elsewhere = self._last is not None and _jumped(self._last[1], place, seconds)
        if elsewhere and not away:
            self._jumped += 1
            self._jumped_since = now if self._jumped_since is None else self._jumped_since
            stays = now - self._jumped_since >= limits.JUMPED_SECONDS and self._jumped >= limits.JUMPED_FRAMES
            return PresentFace(None, "hold_still", True, "face_changed" if stays else None)
        self._last = (now, place)
        self._jumped, self._jumped_since = 0, None
        may_be_another = seconds > limits.GONE_LONG or elsewhere
        return PresentFace(landmarks, None, away, None, before if may_be_another else None)


class _Place(NamedTuple):
    """Where a face is, in pixels: the middle between the eyes, their distance, and the face's size. The size is the
    geometric mean of that distance and of how far the mouth lies below. A turn, or a mouth misread on the chin, changes
    one of the two; another face, or another picture of it, changes both."""

    x: float
    y: float
    eyes: float
    size: float


def _place_of(landmarks: Points) -> _Place | None:
    """Return the place; None if the points can't be a face's, with the eyes apart and the mouth below them."""
    if landmarks.shape != (68, 2) or not np.isfinite(landmarks).all():
        return None
    (a, b), (c, d), (e, f), (g, h), (i, j), (k, m) = landmarks[_MARKS].tolist()
    x, y = (a + c + e + g) / 4, (b + d + f + h) / 4
    along_x, along_y = (e + g - a - c) / 2, (f + h - b - d) / 2
    down_x, down_y = (i + k) / 2 - x, (j + m) / 2 - y
    eyes, height = math.hypot(along_x, along_y), math.hypot(down_x, down_y)
    if eyes < 1.0 or along_x * down_y - along_y * down_x <= 0.5 * eyes * height:
        return None
    return _Place(x, y, eyes, math.sqrt(eyes * max(height, 1e-6)))


def _jumped(before: _Place, after: _Place, seconds: float) -> bool:
    reach = limits.JUMP + limits.SPEED * min(seconds, limits.SPEED_SECONDS)
    moved = math.hypot(after.x - before.x, after.y - before.y) / before.eyes
    grown = after.size / before.size
    return moved > reach or not 1 / limits.GROWTH < grown < limits.GROWTH
