"""YuNet, on as few pixels as show the same face."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.detect.windows import inside
from secure_attend.faces.engine import Box, Face
from secure_attend.faces.geometry import grown, holds_centre, largest_first, moved, scaled
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


class YuNetDetector:
    """YuNet (Wu et al. 2023) through ONNX Runtime, which runs several frames at a time. `session` is on its graph."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
        """Look around `near` first. If the face isn't there, look at the frame reduced, then larger, then whole: the
        first size that shows a large enough face decides. The largest face is then read from its own surroundings."""
        if near is not None:
            faces = self._around(frame, near)
            if any(holds_centre(face.box, near) for face in faces):
                return faces
        return self._closer(frame, self.glance(frame))

    def glance(self, frame: Frame) -> tuple[Face, ...]:
        """Return how many faces there are and roughly where, at the first size that shows a large enough face."""
        longer = max(frame.shape[:2])
        faces = self._detect(frame, min(1.0, FIRST_SIDE / longer))
        if longer <= FIRST_SIDE or any(_width(face.box) >= SMALL * longer for face in faces):
            return faces
        return self._detect(frame, min(1.0, SECOND_SIDE / longer)) or faces or self._detect(frame, 1.0)

    def _closer(self, frame: Frame, faces: tuple[Face, ...]) -> tuple[Face, ...]:
        """Read the largest face again where it was seen reduced; its points are a fraction of a pixel of what was seen
        off, whatever that was reduced from."""
        if not faces or max(frame.shape[:2]) <= FIRST_SIDE:
            return faces
        largest, *others = faces
        again = (face for face in self._around(frame, largest.box) if holds_centre(face.box, largest.box))
        return (next(again, largest), *others)

    def _around(self, frame: Frame, box: Box) -> tuple[Face, ...]:
        side = _width(box)
        left, top, right, bottom = inside(frame, grown(box, AROUND * side))
        if right <= left or bottom <= top:
            return ()
        part = frame[top:bottom, left:right]
        return tuple(moved(face, left, top) for face in self._detect(part, min(1.0, NEAR_SIDE / max(1.0, side))))

    def _detect(self, frame: Frame, scale: float) -> tuple[Face, ...]:
        """Return the faces, largest first, in pixels of `frame`, which is looked at reduced by `scale`."""
        seen = frame
        if scale != 1.0:
            seen = np.asarray(cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        rows = yunet_graph.run(self._session, seen, SCORE)
        return largest_first(_face(row, scale) for row in _merged(rows))


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
