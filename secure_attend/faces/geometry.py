"""Boxes and points of faces, without pixels or models."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.engine import Box, Face

NESTED = 0.7
"""A box with this share of itself inside a larger one is a fragment of the same face."""

POINT_SIZE, POINT_DOWN = 3.88, 0.025
"""Side and centre of a face's square, from the brows to the chin, against the five points' spread: medians over 2 019
faces whose squares a detector drew. Limits on size and quality are measured in its sides."""

LANDMARK_SIZE, LANDMARK_DOWN = 3.51, 0.08
"""The same against the spread of the 51 landmarks inside the face: medians over 147 faces (Essex, LFW), +- 8 %."""

RETINAFACE_SIDES = (-0.5, -0.7, 0.5, 0.6)
"""Where RetinaFace's box ends against the centre of the face's square, in its sides: at most of 130 faces (medians
-0.45, -0.67, 0.43, 0.51)."""


def area(box: Box) -> float:
    """The area in square pixels."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def overlap(box: Box, other: Box) -> float:
    """The area that both boxes cover, in square pixels."""
    return area((max(box[0], other[0]), max(box[1], other[1]), min(box[2], other[2]), min(box[3], other[3])))


def scaled(box: Box, factor: float) -> Box:
    """The box in an image `factor` times as large."""
    return (box[0] * factor, box[1] * factor, box[2] * factor, box[3] * factor)


def shifted(box: Box, x: float, y: float) -> Box:
    """The box, moved."""
    return (box[0] + x, box[1] + y, box[2] + x, box[3] + y)


def grown(box: Box, margin: float) -> Box:
    """The box with `margin` more on every side."""
    return (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)


def moved(face: Face, x: float, y: float) -> Face:
    """The face, moved."""
    return Face(shifted(face.box, x, y), face.points + np.array([x, y], np.float32), face.score)


def holds_centre(box: Box, other: Box) -> bool:
    """Whether the middle of `other` lies in `box`."""
    x, y = (other[0] + other[2]) / 2, (other[1] + other[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def retinaface_box(box: Box) -> Box:
    """The box that RetinaFace would draw around a face in the square `box`, at its largest."""
    side, x, y = box[2] - box[0], (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    left, top, right, bottom = (share * side for share in RETINAFACE_SIDES)
    return (x + left, y + top, x + right, y + bottom)


def largest_first(faces: Iterable[Face]) -> tuple[Face, ...]:
    """Sort the faces by area, and drop those nested in a larger one."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: area(face.box), reverse=True):
        if not any(overlap(face.box, larger.box) >= NESTED * area(face.box) for larger in kept):
            kept.append(face)
    return tuple(kept)


def box_of_points(points: NDArray[np.float32]) -> Box:
    """The square around the face with these (5, 2) points, seen from the front."""
    return _square(points, POINT_SIZE, POINT_DOWN)


def box_of_landmarks(landmarks: NDArray[np.float32]) -> Box:
    """The square around the face with these (68, 2) landmarks, seen from the front."""
    return _square(landmarks[17:], LANDMARK_SIZE, LANDMARK_DOWN)


def _square(points: NDArray[np.float32], size: float, down: float) -> Box:
    centre = points.mean(axis=0)
    spread = float(np.sqrt(((points - centre) ** 2).sum(axis=1).mean()))
    half = max(1.0, size * spread / 2)
    x, y = float(centre[0]), float(centre[1]) + down * spread
    return (x - half, y - half, x + half, y + half)


def tilt(right: NDArray[np.float32], left: NDArray[np.float32]) -> float:
    """Radians by which the line from the person's right eye to the left falls."""
    return math.atan2(float(left[1] - right[1]), float(left[0] - right[0]))


def five_points(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """The (5, 2) points of (68, 2) landmarks: eye centres, nose tip and mouth corners, the person's right first."""
    right, left = landmarks[36:42].mean(axis=0), landmarks[42:48].mean(axis=0)
    return np.stack([right, left, landmarks[30], landmarks[48], landmarks[54]]).astype(np.float32)


def points_array(points: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    """The points as an (N, 2) float32 array."""
    return np.asarray(points, np.float32).reshape(-1, 2)
