"""The place and pose of a face, from its 68 landmarks (numbered as in iBUG 300-W, in pixels of the frame).

Frames are not mirrored: the person's own left is at larger x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]
"""(68, 2), pixels."""

Solid = NDArray[np.floating]
"""(N, 3): points of the head that no lip, lid or jaw moves. x and y in pixels, the depth at the same scale, away from
the camera."""

NOSE_TIP = 30
EYE_CORNERS = (36, 39, 42, 45)
MOUTH_CORNERS = (48, 54)
PLANE = (*EYE_CORNERS, *MOUTH_CORNERS)
"""Points that lie near one plane in any face and hardly move with its expression."""
_PLANE_POINTS = list(PLANE)
_EYE_POINTS = list(EYE_CORNERS)
_NOSE_POINTS = [NOSE_TIP, 27, 51, 31, 35]

_HEAD_POINTS = [36, 39, 42, 45, 27, 30, 31, 33, 35, 48, 54]
_HEAD_MM = np.array(
    [
        *[(-46.0, 0.0, -10.0), (-17.0, 0.0, 0.0), (17.0, 0.0, 0.0), (46.0, 0.0, -10.0)],
        *[(0.0, -3.0, 12.0), (0.0, 33.0, 36.0), (-16.0, 42.0, 15.0), (0.0, 46.0, 24.0), (16.0, 42.0, 15.0)],
        *[(-25.0, 68.0, 10.0), (25.0, 68.0, 10.0)],
    ]
)
"""An adult head in rounded anthropometric proportions: x to the person's own left, y down, z forward, in mm."""
_HEAD = (_HEAD_MM - _HEAD_MM.mean(axis=0)) / 63.0
_HEAD_FIT = np.linalg.pinv(_HEAD)


@dataclass(frozen=True)
class Pose:
    """Degrees, of the face towards the camera. Positive yaw: the person turns to their own left; positive pitch: looks
    up; positive roll: the head leans to its own left shoulder."""

    yaw: float
    pitch: float
    roll: float


def eye_centres(landmarks: Points) -> tuple[Points, Points]:
    """Return the middles between the corners of the right and the left eye, (2,) each. Lids don't move them."""
    return (landmarks[36] + landmarks[39]) / 2, (landmarks[42] + landmarks[45]) / 2


def scale(landmarks: Points) -> float:
    """Return the distance between the eyes' centres in pixels."""
    (a, b), (c, d), (e, f), (g, h) = landmarks[_EYE_POINTS].tolist()
    return math.hypot(e + g - a - c, f + h - b - d) / 2


def centre(landmarks: Points) -> Points:
    """Return the middle between the eyes, (2,) pixels."""
    return np.asarray(landmarks[_EYE_POINTS].sum(axis=0) / 4)


class Plane:
    """The plane through the eye and mouth corners of `neutral` (68, 2), onto which other landmarks are mapped."""

    def __init__(self, neutral: Points) -> None:
        target, placed = _normalised(neutral[_PLANE_POINTS])
        u, v = placed.T
        self._back = np.linalg.inv(target)
        self._u, self._v = u, v

    def homography(self, landmarks: Points) -> NDArray[np.float64]:
        """Return the homography (3, 3) that maps the plane's points of `landmarks` onto the neutral's, by least
        squares.

        Direct linear transform on normalised points (Hartley & Zisserman, Multiple View Geometry, algorithm 4.2).
        """
        source, placed = _normalised(landmarks[_PLANE_POINTS])
        rows = np.zeros((2 * len(placed), 9))
        top, bottom = rows[: len(placed)], rows[len(placed) :]
        homogeneous = np.column_stack([placed, np.ones(len(placed))])
        top[:, 0:3] = bottom[:, 3:6] = homogeneous
        top[:, 6:9] = -self._u[:, None] * homogeneous
        bottom[:, 6:9] = -self._v[:, None] * homogeneous
        # the right singular vector of the least singular value; the products' eigenvectors are a third of the work
        matrix = np.linalg.eigh(rows.T @ rows)[1][:, 0].reshape(3, 3)
        return np.asarray(self._back @ matrix @ source)

    def flatten(self, landmarks: Points) -> NDArray[np.float64]:
        """Return `landmarks` (68, 2) as seen from the neutral's viewpoint if the face were flat.

        Eye and mouth corners coincide with the neutral's. For a photo, in any pose, all 68 landmarks do; a real nose
        doesn't.
        """
        matrix = self.homography(landmarks)
        homogeneous = landmarks @ matrix[:, :2].T + matrix[:, 2]
        return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:])


def flattened(neutral: Points, landmarks: Points) -> NDArray[np.float64]:
    """Return `landmarks` mapped onto the plane of `neutral`, as `Plane.flatten` does."""
    return Plane(neutral).flatten(landmarks)


class NoseShift(NamedTuple):
    """How far the nose tip is from where a flat face would have it, in eye distances: `along` the eyes (positive to the
    person's own left) and `up` across them; and how much of that is the tip's alone, `out_along` of what lies above and
    below it (the nose's root, the upper lip), `out_up` of what lies beside it (the nostrils).

    A picture folded or bent along the middle of the face gives its nose tip a shift, but then shifts root and lip too.
    """

    along: float
    up: float
    out_along: float
    out_up: float


def nose_shift(neutral: Points, flat: Points) -> NoseShift:
    """Return the shift from `neutral` to `flat`, landmarks as `flattened` gives them."""
    right, left = eye_centres(neutral)
    size = scale(neutral)
    along = (left - right) / size
    shift = (flat[_NOSE_POINTS] - neutral[_NOSE_POINTS]) / size
    tip, root, lip, _, _ = shift @ along
    up, _, _, up_right, up_left = shift @ np.array([along[1], -along[0]])
    return NoseShift(float(tip), float(up), float(tip - (root + lip) / 2), float(up - (up_right + up_left) / 2))


def parallax(neutral: Points, landmarks: Points) -> float:
    """Return the nose tip's shift against the plane of eyes and mouth, in eye distances: positive if the person turned
    to their own left since `neutral`, near zero for anything flat."""
    return nose_shift(neutral, flattened(neutral, landmarks)).along


def pose(landmarks: Points, size: tuple[int, int]) -> Pose:
    """Return the face's pose towards the camera, for guidance, in a frame of `size` (width, height).

    A generic head is fitted to the landmarks as in DeMenthon & Davis 1995 (POSIT); a person's own build shifts pitch by
    several degrees. The focal length is assumed to be the longer side, a webcam's view of 53 degrees; twice or half of
    it changes the angles by a degree or two.
    """
    picture = landmarks[_HEAD_POINTS] - landmarks[_HEAD_POINTS].mean(axis=0)
    nearer = np.ones(len(_HEAD))
    rotation = np.eye(3)
    for _ in range(4):
        first, second = (_HEAD_FIT @ (picture * nearer[:, None])).T
        left, sizes, right = np.linalg.svd(np.stack([first, second]), full_matrices=False)
        rotation[:2] = left @ right
        rotation[2] = _cross_product(*rotation[:2].tolist())
        nearer = 1 - (_HEAD @ rotation[2]) * sizes.mean() / max(size)
    yaw = np.arcsin(np.clip(-rotation[2, 0], -1, 1))
    pitch = np.arctan2(rotation[2, 1], rotation[2, 2])
    roll = np.arctan2(rotation[1, 0], rotation[0, 0])
    return Pose(*(float(np.degrees(angle)) for angle in (yaw, pitch, roll)))


def _cross_product(first: list[float], second: list[float]) -> list[float]:
    """Return the cross product of two vectors (3,). numpy's is for many, and takes as long as the rest of `pose`."""
    (a, b, c), (d, e, f) = first, second
    return [b * f - c * e, c * d - a * f, a * e - b * d]


def _normalised(points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the similarity (3, 3) that centres `points` at a mean distance of the root of two, and the result."""
    middle = points.sum(axis=0) / len(points)
    placed = points - middle
    spread = math.sqrt(2) * len(points) / max(float(np.sqrt((placed * placed).sum(axis=1)).sum()), 1e-9)
    matrix = np.array([[spread, 0, -spread * middle[0]], [0, spread, -spread * middle[1]], [0, 0, 1]])
    return matrix, placed * spread
