"""YuNet, on as few pixels as show the same face."""

from __future__ import annotations

import math
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.detect.windows import inside
from secure_attend.faces.engine import Box, Face, FollowedFace
from secure_attend.faces.geometry import (
    box_of_points,
    five_points,
    grown,
    holds_centre,
    largest_first,
    moved,
    scaled,
    tilt,
)
from secure_attend.faces.models import yunet_graph
from secure_attend.frames import Frame

SCORE = 0.8
"""The least that counts as a face. Patches of a poster scored 0.64 to 0.71, true faces of about 12 000 pictures 0.86
and more, a turning head 0.91."""

OVERLAP = 0.3
"""Of two boxes that share more than this of their union, the one that scores less is dropped (OpenCV Zoo's own)."""

SAME_FACE = 0.5
"""Boxes that share this much show the same face, and their mean shows it best: between a picture and a part of it
points move by 6 % of the eye distance, not 10 % (medians, 220 of LFW), and two pictures of a person come nearer."""

TILTED = 0.1
"""Radians, 6 degrees: a face tilted by more is read level. Of 50 people of LFW (one picture registered, one shown and
turned in its plane by 20 and 30 degrees) 22 and 56 % were refused without that, 12 and 34 % with the tilt of
version 0.1's landmarks, 8 and 4 % with the mesh's; upright 8 %."""

FIRST_SIDE = 320
"""Pixels: the longer side of what it sees first."""

SECOND_SIDE = 640
"""Pixels: the longer side it sees next."""

SMALL = 0.14
"""Of the longer side: where the first look shows no wider face, it looks again for others of about that size."""

AROUND = 0.6
"""How much is looked at around a face whose place is known, in sides of its box."""

NEAR_SIDE = 120.0
"""Pixels: how wide the face is brought to there."""


class YuNet:
    """YuNet (Wu et al. 2023) through ONNX Runtime, which runs several frames at a time. `session` is on its graph."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def glance(self, frame: Frame) -> tuple[Face, ...]:
        """Return how many faces there are and roughly where, largest first: on the frame reduced, then larger, then
        whole, until there is a large enough face."""
        longer = max(frame.shape[:2])
        faces = self.look(frame, min(1.0, FIRST_SIDE / longer))
        if longer <= FIRST_SIDE or any(_width(face.box) >= SMALL * longer for face in faces):
            return faces
        return self.look(frame, min(1.0, SECOND_SIDE / longer)) or faces or self.look(frame, 1.0)

    def around(self, frame: Frame, box: Box, angle: float = 0.0) -> tuple[Face, ...]:
        """Return the faces around `box`, seen from nearby and turned level by `angle` (radians)."""
        side = _width(box)
        left, top, right, bottom = inside(frame, grown(box, AROUND * side))
        if right <= left or bottom <= top:
            return ()
        part = np.ascontiguousarray(frame[top:bottom, left:right])
        scale = min(1.0, NEAR_SIDE / max(1.0, side))
        if not angle:
            return tuple(moved(face, left, top) for face in self.look(part, scale))
        middle = ((box[0] + box[2]) / 2 - left, (box[1] + box[3]) / 2 - top)
        turn = cv2.getRotationMatrix2D(middle, math.degrees(angle), 1.0)
        level = np.asarray(cv2.warpAffine(part, turn, part.shape[1::-1], borderMode=cv2.BORDER_REPLICATE), np.uint8)
        back = cv2.invertAffineTransform(turn)
        return tuple(moved(_turned(face, back), left, top) for face in self.look(level, scale))

    def look(self, frame: Frame, scale: float) -> tuple[Face, ...]:
        """Return the faces, largest first, in pixels of `frame`, which is looked at reduced by `scale`."""
        seen = frame
        if scale != 1.0:
            seen = np.asarray(cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        rows = yunet_graph.run(self._session, seen, SCORE)
        return largest_first(_face(row, scale) for row in _merged(rows))


class TiltReader(Protocol):
    """What reads how far the face in a box is tilted."""

    def tilt(self, frame: Frame, box: Box) -> float:
        """Return the radians by which the line of the eyes falls; 0 where there is no face."""


class YuNetDetector:
    """YuNet with points as good as it can make them: read from nearby, and level.

    Its points hardly turn with a tilted face, and a recogniser that aligns by them is misled. So the tilt comes from
    landmarks.
    """

    def __init__(self, yunet: YuNet, tilts: TiltReader) -> None:
        self._yunet = yunet
        self._tilts = tilts

    def find(self, frame: Frame, near: FollowedFace | None = None) -> tuple[Face, ...]:
        """Look around `near` first, and everywhere if the face isn't there. The face near `near`, or the largest, is
        read from nearby where that shows more, and level where it is tilted."""
        if near is not None:
            angle = tilt(*five_points(near.landmarks)[:2])
            faces = self._level(frame, self._yunet.around(frame, near.box), near.box, angle)
            if any(holds_centre(face.box, near.box) for face in faces):
                return faces
        faces = self._yunet.glance(frame)
        if not faces:
            return ()
        largest = faces[0]
        if max(frame.shape[:2]) > FIRST_SIDE:
            faces = _replaced(faces, largest.box, self._yunet.around(frame, largest.box))
        box = box_of_points(largest.points)
        return self._level(frame, faces, box, self._tilts.tilt(frame, box))

    def _level(self, frame: Frame, faces: tuple[Face, ...], near: Box, angle: float) -> tuple[Face, ...]:
        """Read the face that is near again if it is tilted."""
        face = next((face for face in faces if holds_centre(face.box, near)), None)
        if face is None or abs(angle) < TILTED:
            return faces
        return _replaced(faces, face.box, self._yunet.around(frame, face.box, angle))


def _replaced(faces: tuple[Face, ...], box: Box, again: tuple[Face, ...]) -> tuple[Face, ...]:
    """The faces with the one in `box` as it was read again, if it was."""
    better = next((face for face in again if holds_centre(face.box, box)), None)
    return tuple(better if better is not None and face.box == box else face for face in faces)


def _turned(face: Face, turn: NDArray[Any]) -> Face:
    """The face's points and the middle of its box turned by the (2, 3) matrix."""
    left, top, right, bottom = face.box
    x, y = turn[:, :2] @ [(left + right) / 2, (top + bottom) / 2] + turn[:, 2]
    half_width, half_height = (right - left) / 2, (bottom - top) / 2
    box = (float(x) - half_width, float(y) - half_height, float(x) + half_width, float(y) + half_height)
    points = np.asarray(face.points @ turn[:, :2].T + turn[:, 2], np.float32)
    return Face(box, points, face.score)


def _merged(rows: yunet_graph.Rows) -> list[yunet_graph.Rows]:
    """One row for each face: the mean, by score, of those that show it."""
    faces = []
    rows = rows[np.argsort(-rows[:, 14], kind="stable")]
    while len(rows):
        shared = _shared(rows)
        same = rows[shared >= SAME_FACE]
        faces.append(np.asarray(np.average(same, axis=0, weights=same[:, 14]), np.float32))
        rows = rows[shared < OVERLAP]
    return faces


def _shared(rows: yunet_graph.Rows) -> NDArray[np.float32]:
    """(N,): the share of their union that each box has in common with the first."""
    low, high = rows[:, :2], rows[:, 2:4]
    common = np.prod(np.clip(np.minimum(high, high[0]) - np.maximum(low, low[0]), 0, None), axis=1)
    areas = np.prod(high - low, axis=1)
    return np.asarray(common / (areas + areas[0] - common), np.float32)


def _face(row: yunet_graph.Rows, scale: float) -> Face:
    left, top, right, bottom = (float(side) for side in row[:4])
    points = row[4:14].reshape(5, 2) / np.float32(scale)
    return Face(scaled((left, top, right, bottom), 1 / scale), points, float(row[14]))


def _width(box: Box) -> float:
    return box[2] - box[0]
