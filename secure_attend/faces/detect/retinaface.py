"""RetinaFace, on as few pixels as show the same face."""

from __future__ import annotations

import math
from threading import BoundedSemaphore
from typing import Any

import cv2
import numpy as np

from secure_attend.faces.detect.windows import GRID, window_around
from secure_attend.faces.engine import Box, Face, FollowedFace
from secure_attend.faces.geometry import (
    area,
    holds_centre,
    largest_first,
    moved,
    points_array,
    retinaface_box,
    scaled,
)
from secure_attend.faces.models.onnx_sessions import parallel_runs
from secure_attend.faces.models.retinaface_graph import COARSE_SIDE, RetinaFaceGraph
from secure_attend.frames import Frame

WIDTH = 480
"""Pixels. Over deepface's 64 test pictures this finds the same faces as its default of 1365, in a ninth of the time and
with fewer fragments."""

GLANCE_WIDTH = 192
"""Pixels of width of the first look at a frame never seen: it only says where to look. Of 136 faces of 60 to 320 px in
640x480 frames it shows 134."""

SCORE = 0.9
"""retina-face's own default."""

GLANCE_SCORE = 0.5
"""What a first look must score to be looked at again, then by the score above."""

FOLLOWED_PIXELS = 60 * GRID * GRID
"""Of a window around a followed face: the most that detection and embedding in a twentieth of a plain call allow."""

GLANCED_PIXELS = 48 * GRID * GRID
"""Of one around a face that a first look showed, in a fifteenth."""

WHOLE_PIXELS = 320 * 240
"""Frames up to this size are looked at whole: a first look would not pay."""

SMALL = 0.15
"""Of the frame's longer side: where the first look shows no taller face, there may be more of the kind."""


class RetinaFaceDetector:
    """RetinaFace (Deng et al. 2020) through the package retina-face, with landmarks as floats.

    `package` is the module `retinaface.RetinaFace`, which runs `graph`: both come from the loader.
    """

    def __init__(self, package: Any, graph: RetinaFaceGraph) -> None:
        self._package = package
        self._graph = graph
        self._runs = BoundedSemaphore(parallel_runs())

    def find(self, frame: Frame, near: FollowedFace | None = None) -> tuple[Face, ...]:
        """Look around `near` first. If the face isn't there, glance at the frame made small, and look around the one
        face it shows. Look at the whole frame where neither is clear."""
        if frame.shape[0] * frame.shape[1] <= WHOLE_PIXELS:
            return self._detect(frame, 1.0)
        if near is not None:
            faces = self._around(frame, retinaface_box(near.box), FOLLOWED_PIXELS)
            if any(holds_centre(face.box, near.box) for face in faces):
                return faces
        glanced = self._detect(frame, min(1.0, GLANCE_WIDTH / frame.shape[1]), GLANCE_SCORE)
        if len(glanced) == 1 and _height(glanced[0].box) >= SMALL * max(frame.shape[:2]):
            faces = self._around(frame, glanced[0].box, GLANCED_PIXELS)
            if faces:
                return faces
        return self._whole(frame)

    def _whole(self, frame: Frame) -> tuple[Face, ...]:
        """Look at the whole frame, reduced; at full size only if that shows no face.

        The largest face found on the reduced frame is looked at again with the frame's own pixels.
        """
        scale = min(1.0, WIDTH / frame.shape[1])
        faces = self._detect(frame, scale)
        if scale == 1.0:
            return faces
        if not faces:
            return self._detect(frame, 1.0)
        largest, *others = faces
        at_full_size = (
            face for face in self._around(frame, largest.box, GLANCED_PIXELS) if holds_centre(face.box, largest.box)
        )
        return (next(at_full_size, largest), *others)

    def _around(self, frame: Frame, box: Box, most_pixels: int) -> tuple[Face, ...]:
        window, scale = window_around(frame, box, most_pixels)
        left, top, right, bottom = window
        if right <= left or bottom <= top:
            return ()
        coarse = scale * math.sqrt(area(box)) >= COARSE_SIDE
        return tuple(
            moved(face, left, top) for face in self._detect(frame[top:bottom, left:right], scale, coarse=coarse)
        )

    def _detect(self, frame: Frame, scale: float, score: float = SCORE, *, coarse: bool = False) -> tuple[Face, ...]:
        """Run the network. `coarse` leaves out what only faces smaller than COARSE_SIDE need."""
        reduced, model = _resized(frame, scale), self._graph.coarse if coarse else self._graph
        with self._runs:
            answer = self._package.detect_faces(reduced, threshold=score, model=model, allow_upscaling=False)
        return largest_first(_face(described, scale) for described in answer.values())


def _face(described: dict[str, Any], scale: float) -> Face:
    """The face as retina-face describes it in a frame reduced by `scale`, in pixels of the frame itself."""
    marks = described["landmarks"]
    names = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
    points = points_array([marks[name] for name in names]) / np.float32(scale)
    left, top, right, bottom = (float(side) for side in described["facial_area"])
    return Face(scaled((left, top, right, bottom), 1 / scale), points, float(described["score"]))


def _resized(frame: Frame, scale: float) -> Frame:
    if scale == 1.0:
        return frame
    return np.asarray(cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _height(box: Box) -> float:
    return box[3] - box[1]
