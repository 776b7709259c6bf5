"""MediaPipe's mesh of 478 points as a follower: eyes and mouths as they are, on turned heads too.

The network reads a square around the face, turned until the eyes are level. Both are known best from the mesh of the
frame before; from a box alone they are read first, roughly.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.detect.yunet import YuNetDetector
from secure_attend.faces.engine import Box, Face, FollowedFace
from secure_attend.faces.geometry import area, box_of_landmarks
from secure_attend.faces.models import face_landmarker
from secure_attend.frames import Frame

Mesh = NDArray[np.float32]
"""(478, 3) float32: x and y in pixels of the frame, and the depth at the same scale."""

PRESENT = 0.5
"""The least presence that counts as a face (MediaPipe's own)."""

ROOM = 1.5
"""Sides of the square that is read, in those of the face in it (MediaPipe's own)."""

FROM_DLIB, UP = 1.75, 0.05
"""The same in sides of a box as dlib draws it, and by how many of them its middle lies above that box's."""

STRIDE = 0.35
"""Farthest, in box widths, that a face may be from where it was in the frame before, and still be followed."""
GROWTH = 1.25
"""Most its size may have changed by."""

OUTER_EYES = (33, 263)
"""Outer corners, the person's right and left."""

IBUG = (
    *(162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389),  # jaw
    *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300),  # brows
    *(168, 197, 5, 4, 75, 97, 2, 326, 305),  # nose
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),  # eyes
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87),  # mouth
)
"""The mesh's vertices nearest to iBUG 300-W's 68 landmarks, in their order."""


class MeshFollower:
    """The detector on the whole frame, then the mesh. `session` is on the landmarks' graph; runs in several threads."""

    def __init__(self, detector: YuNetDetector, session: Any) -> None:
        self._detector = detector
        self._session = session

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        """Return the faces with their landmarks and mesh, largest first.

        With `near`, the face of the frame before, read only the face there, without detection: once if it brings its
        mesh, twice if it is a box alone, as dlib draws it. The result is empty when the face is lost.
        """
        if near is None:
            found = (self._read_twice(frame, _around_detected(face)) for face in self._detector.glance(frame))
            return tuple(sorted(filter(None, found), key=lambda face: area(face.box), reverse=True))
        if isinstance(near, FollowedFace):
            square = _around_mesh(near.mesh) if near.mesh is not None else _around_box(near.box)
            face = self._read(frame, square) if near.mesh is not None else self._read_twice(frame, square)
            return (face,) if face is not None and _is_same(face.box, near.box) else ()
        face = self._read_twice(frame, _around_box(near))
        return (face,) if face is not None and _is_same(face.box, near) else ()

    def _read_twice(self, frame: Frame, square: _Square) -> FollowedFace | None:
        """The second reading, from the first one's mesh, corrects what the square got wrong."""
        first = self._read(frame, square)
        if first is None or first.mesh is None:
            return None
        return self._read(frame, _around_mesh(first.mesh))

    def _read(self, frame: Frame, square: _Square) -> FollowedFace | None:
        side = face_landmarker.SIDE
        to_frame = square.to_frame()
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        chip = cv2.warpAffine(frame, to_frame, (side, side), flags=how, borderMode=cv2.BORDER_REPLICATE)
        rgb = np.asarray(cv2.cvtColor(chip, cv2.COLOR_BGR2RGB), np.uint8)
        points, presence = face_landmarker.run(self._session, rgb)
        if presence < PRESENT:
            return None
        plane = points[:, :2] @ to_frame[:, :2].T + to_frame[:, 2]
        mesh = np.column_stack([plane, points[:, 2] * square.side / side]).astype(np.float32)
        landmarks = np.ascontiguousarray(mesh[list(IBUG), :2])
        return FollowedFace(box_of_landmarks(landmarks), landmarks, mesh)


class _Square(NamedTuple):
    """What the network reads: the middle, the side and the angle, in pixels of the frame and radians."""

    x: float
    y: float
    side: float
    angle: float = 0.0

    def to_frame(self) -> NDArray[np.float64]:
        """(2, 3): from pixels of the network's square to those of the frame."""
        scale, half = self.side / face_landmarker.SIDE, face_landmarker.SIDE / 2
        cosine, sine = math.cos(self.angle) * scale, math.sin(self.angle) * scale
        turn = np.array([[cosine, -sine], [sine, cosine]])
        return np.column_stack([turn, np.array([self.x, self.y]) - turn @ [half, half]])


def _around_detected(face: Face) -> _Square:
    left, top, right, bottom = face.box
    side = ROOM * max(1.0, right - left, bottom - top)
    return _Square((left + right) / 2, (top + bottom) / 2, side, _angle(face.points[0], face.points[1]))


def _around_box(box: Box) -> _Square:
    left, top, right, bottom = box
    side = max(1.0, right - left)
    return _Square((left + right) / 2, (top + bottom) / 2 - UP * side, FROM_DLIB * side)


def _around_mesh(mesh: Mesh) -> _Square:
    """The mesh's own bounds, upright in the face's axes."""
    angle = _angle(*(mesh[point] for point in OUTER_EYES))
    axes = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    upright = mesh[:, :2] @ axes
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = axes @ ((low + high) / 2)
    return _Square(float(x), float(y), ROOM * max(1.0, float((high - low).max())), angle)


def _angle(right: NDArray[np.float32], left: NDArray[np.float32]) -> float:
    """By which the line from the person's right eye to the left falls."""
    return math.atan2(float(left[1] - right[1]), float(left[0] - right[0]))


def _is_same(box: Box, before: Box) -> bool:
    """Whether a face may have come from one box to the other between two frames."""
    width, size = before[2] - before[0], box[2] - box[0]
    moved = math.hypot(box[0] + box[2] - before[0] - before[2], box[1] + box[3] - before[1] - before[3]) / 2
    return moved <= STRIDE * width and 1 / GROWTH < size / max(1.0, width) < GROWTH
