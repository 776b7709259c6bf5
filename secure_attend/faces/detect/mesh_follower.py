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

from secure_attend.faces.detect.yunet import YuNet
from secure_attend.faces.engine import Box, Face, FollowedFace
from secure_attend.faces.geometry import area, box_of_landmarks, five_points, holds_centre, tilt
from secure_attend.faces.models import face_landmarker
from secure_attend.frames import Frame

Mesh = NDArray[np.float32]
"""(478, 3) float32: x and y in pixels of the frame, and the depth at the same scale."""

PRESENT = 0.5
"""The least presence that counts as a face (MediaPipe's own)."""

ROOM = 1.5
"""Sides of the square that is read, in those of the face in it (MediaPipe's own)."""

FROM_BOX, UP = 1.75, 0.05
"""The same in sides of a face's square, and by how many of them its middle lies above that square's."""

TILTED = 0.1
"""Radians. YuNet's eyes are nearly level whatever the tilt of the head, so where the second reading still finds another
tilt, it is read again: at 40 degrees points are 6 % of the eye distance off without that, 1 % with it."""

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

SOLID = (
    *(10, 338, 297, 332, 284, 251, 109, 67, 103, 54, 21),  # the forehead's edge
    *(151, 337, 299, 333, 298, 301, 108, 69, 104, 68, 71),  # forehead
    *(9, 8, 168, 6, 197, 195, 5, 4, 1, 19),  # between the eyes, and the nose's ridge
    *(122, 351, 196, 419, 3, 248, 51, 281, 45, 275, 44, 274, 220, 440, 115, 344),  # the nose's sides
    *(131, 360, 134, 363, 236, 456, 174, 399, 188, 412, 198, 420, 48, 278, 64, 294),
    *(33, 133, 263, 362),  # corners of the eyes
    *(127, 356, 162, 389, 234, 454, 139, 368, 34, 264, 143, 372),  # temples
)
"""80 vertices that no lip, lid or jaw moves."""


def solid_points(face: FollowedFace) -> NDArray[np.float32] | None:
    """Return the points that move with the head alone, (80, 3) as in the mesh; None without a mesh."""
    return None if face.mesh is None else face.mesh[list(SOLID)]


class MeshFollower:
    """The detector on the whole frame, then the mesh. `session` is on the landmarks' graph; runs in several threads."""

    def __init__(self, detector: YuNet, session: Any) -> None:
        self._detector = detector
        self._session = session

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        """Return the faces with their landmarks and mesh, largest first.

        With `near`, the face of the frame before, read only the face there, without detection: once if it brings its
        mesh, twice if it is a box alone. The result is empty when the face is lost.
        """
        if near is None:
            found = (self._settled(frame, _around_detected(face)) for face in self._detector.glance(frame))
            faces = (_followed(mesh) for mesh in found if mesh is not None)
            return tuple(sorted(faces, key=lambda face: area(face.box), reverse=True))
        if isinstance(near, FollowedFace) and near.mesh is not None:
            return _if_same(self._read(frame, _around_mesh(near.mesh)), near.box)
        box = near.box if isinstance(near, FollowedFace) else near
        return _if_same(self._settled(frame, _around_box(box)), box)

    def look(self, frame: Frame, before: FollowedFace) -> tuple[FollowedFace, ...]:
        """Look for all faces, as `follow` does without `near`, but read the one of the frame before from its mesh.

        That saves half of the time, and is how a session looks around for a second person.
        """
        detected = self._detector.glance(frame)
        known = self.follow(frame, before) if any(holds_centre(face.box, before.box) for face in detected) else ()
        others = (face for face in detected if not (known and holds_centre(face.box, known[0].box)))
        found = (self._settled(frame, _around_detected(face)) for face in others)
        faces = [*known, *(_followed(mesh) for mesh in found if mesh is not None)]
        return tuple(sorted(faces, key=lambda face: area(face.box), reverse=True))

    def tilt(self, frame: Frame, box: Box) -> float:
        """Return the radians by which the line of the eyes of the face in the box falls; 0 where there is none.

        A face that is level in the first reading is not read again.
        """
        mesh = self._read(frame, _around_box(box))
        if mesh is not None and abs(_around_mesh(mesh).angle) >= TILTED:
            mesh = self._refined(frame, mesh)
        faces = _if_same(mesh, box)
        return tilt(*five_points(faces[0].landmarks)[:2]) if faces else 0.0

    def _settled(self, frame: Frame, square: _Square) -> Mesh | None:
        """Read until the square fits: twice, and a third time if the face is still not level in it."""
        first = self._read(frame, square)
        return None if first is None else self._refined(frame, first)

    def _refined(self, frame: Frame, first: Mesh) -> Mesh | None:
        better = _around_mesh(first)
        second = self._read(frame, better)
        if second is None:
            return None
        best = _around_mesh(second)
        return second if abs(best.angle - better.angle) < TILTED else self._read(frame, best)

    def _read(self, frame: Frame, square: _Square) -> Mesh | None:
        side = face_landmarker.SIDE
        to_frame = square.to_frame()
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        # OpenCV warps four channels in half the time of three, to the same bytes
        four = cv2.cvtColor(frame, cv2.COLOR_BGR2BGRA)
        chip = cv2.warpAffine(four, to_frame, (side, side), flags=how, borderMode=cv2.BORDER_REPLICATE)
        rgb = np.asarray(cv2.cvtColor(chip, cv2.COLOR_BGRA2RGB), np.uint8)
        points, presence = face_landmarker.run(self._session, rgb)
        if presence < PRESENT:
            return None
        plane = points[:, :2] @ to_frame[:, :2].T + to_frame[:, 2]
        return np.column_stack([plane, points[:, 2] * square.side / side]).astype(np.float32)


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
    return _Square((left + right) / 2, (top + bottom) / 2, side, tilt(face.points[0], face.points[1]))


def _around_box(box: Box) -> _Square:
    left, top, right, bottom = box
    side = max(1.0, right - left)
    return _Square((left + right) / 2, (top + bottom) / 2 - UP * side, FROM_BOX * side)


def _around_mesh(mesh: Mesh) -> _Square:
    """The mesh's own bounds, upright in the face's axes."""
    angle = tilt(*(mesh[point] for point in OUTER_EYES))
    axes = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    upright = mesh[:, :2] @ axes
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = axes @ ((low + high) / 2)
    return _Square(float(x), float(y), ROOM * max(1.0, float((high - low).max())), angle)


def _followed(mesh: Mesh) -> FollowedFace:
    landmarks = np.ascontiguousarray(mesh[list(IBUG), :2])
    return FollowedFace(box_of_landmarks(landmarks), landmarks, mesh)


def _if_same(mesh: Mesh | None, before: Box) -> tuple[FollowedFace, ...]:
    """The face, if there is one that may have come from the box `before` since."""
    if mesh is None:
        return ()
    face = _followed(mesh)
    box, width, size = face.box, before[2] - before[0], face.box[2] - face.box[0]
    moved = math.hypot(box[0] + box[2] - before[0] - before[2], box[1] + box[3] - before[1] - before[3]) / 2
    same = moved <= STRIDE * width and 1 / GROWTH < size / max(1.0, width) < GROWTH
    return (face,) if same else ()
