"""dlib's frontal face detector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.detect.windows import inside
from secure_attend.faces.engine import Box, Face
from secure_attend.faces.geometry import five_points, grown, holds_centre, largest_first, shifted
from secure_attend.faces.models.dlib_models import FrontalDetector, Gray, LandmarkPredictor
from secure_attend.frames import Frame

FIRST_SIDE = 440
"""Pixels: the longer side that dlib's detector sees first, in grey, which takes 7 tenths of what 480 in colour takes.
It showed all faces of 0.155, 0.17 and 0.185 of the side (74 each) and 70 of 74 of 0.14; in colour no more."""

SECOND_SIDE = 800
"""Pixels: the longer side it sees next. Faces of a tenth of it are found."""

SMALL = 0.19
"""Of the longer side: where the first look shows no wider face it looks again, for others of about that size. Of 143
frames with two faces of LFW where it did not, the larger of 0.18 to 0.27, it showed both in 99 of 99 with the smaller
of 0.155 and more, in 20 of 21 from 0.14, in 14 of 23 below."""

AROUND, NEAR_SIDE = 0.5, 130.0
"""What is looked at around a face already followed, in sides of its box, and how many pixels its box has there. On 167
frames no face was missed; landmarks are 0.7 % of the eye distance (median) from the whole frame's."""

UPSAMPLED_SIDE = 800
"""Pixels: up to this size a picture without a face is looked at once more at twice its size (faces of 40 pixels)."""


class BoxedFace(Face):
    """A face known by its box. The points are computed on first use, as dlib's recogniser aligns by the box."""

    _read_points: Callable[[], NDArray[np.float32]]

    def __init__(self, box: Box, score: float, read_points: Callable[[], NDArray[np.float32]]) -> None:
        self.__dict__.update(box=box, score=score, _read_points=read_points)

    @cached_property
    def points(self) -> NDArray[np.float32]:
        """The five points, (5, 2) float32, as of any face."""
        return self._read_points()


class DlibDetector:
    """dlib's frontal detector, at a size that depends on the frame; points from the 68 landmarks."""

    def __init__(self, detector: FrontalDetector, predictor: LandmarkPredictor) -> None:
        self._detector = detector
        self._predictor = predictor

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
        """Look around `near` first. If the face isn't there, look at the frame reduced and in grey, then larger, then
        whole, then (small frames) enlarged: the first size that shows a large enough face decides."""
        gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
        boxes = self._around(frame, near) if near is not None else []
        if near is None or not any(holds_centre(box, near) for box, _ in boxes):
            boxes = self._anywhere(frame, gray)
        return largest_first(self._face(gray, box, score) for box, score in boxes)

    def _around(self, frame: Frame, near: Box) -> list[tuple[Box, float]]:
        side = near[2] - near[0]
        left, top, right, bottom = inside(frame, grown(near, AROUND * side))
        if right <= left or bottom <= top:
            return []
        part = np.asarray(cv2.cvtColor(frame[top:bottom, left:right], cv2.COLOR_BGR2RGB), np.uint8)
        boxes = self._detector.boxes(part, min(1.0, NEAR_SIDE / max(1.0, side)))
        return [(shifted(box, left, top), score) for box, score in boxes]

    def _anywhere(self, frame: Frame, gray: Gray) -> list[tuple[Box, float]]:
        longer = max(gray.shape)
        if longer > FIRST_SIDE:
            boxes = self._detector.boxes(gray, FIRST_SIDE / longer)
            if any(box[2] - box[0] >= SMALL * longer for box, _ in boxes):
                return boxes
        rgb = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)
        looks = (self._detector.boxes(rgb, scale) for scale in _scales(longer))
        return next(filter(None, looks), [])

    def _face(self, gray: Gray, box: Box, score: float) -> Face:
        return BoxedFace(box, score, lambda: five_points(self._predictor.landmarks(gray, box)))


def _scales(longer: int) -> Iterator[float]:
    if longer > SECOND_SIDE:
        yield SECOND_SIDE / longer
    yield 1.0
    if longer <= UPSAMPLED_SIDE:
        yield 2.0
