"""Whether a photo shows its face upright."""

from __future__ import annotations

import cv2
import numpy as np

from secure_attend.faces.detect.windows import inside
from secure_attend.faces.engine import Face, FaceEngine
from secure_attend.faces.geometry import grown
from secure_attend.frames import Frame

SEEN_SIDE = 640
"""Pixels: the longer side of what is looked at turned. A face large enough for a template has 28 there."""

AROUND = 0.8
"""How much of the photo is looked at around a face, in widths of its box."""

LEAST_AROUND = 32
"""The same in pixels: detectors are made for larger pictures than a small face alone."""

CLEARLY = 0.8
"""Of what the face's score lacks of 1: a turned photo lacks less than this, or it isn't taken for the upright one.
`sface` finds a face in 160 of 200 photos upside down and in 31 of them on their side (100 of LFW, 100 of Essex), with
points so wrong that the embedding is a stranger's. Each lacked at most 0.78 of that once it was upright. Of the 200 as
they are, each lacked at least 1.19 times as much when turned."""


def turns_to_upright(engine: FaceEngine, photo: Frame, face: Face | None) -> int:
    """Return how many quarter turns clockwise put the photo's face upright: 0 if it is, or if no turn shows it better.

    `face` is the one that was found in the photo as it is, if any: detectors find sideways faces too, but not where
    their eyes and mouth are. It takes three looks at a small picture.
    """
    seen = _reduced(photo if face is None else _around(photo, face))
    lacking = {turns: 1 - _best_score(engine, np.rot90(seen, -turns)) for turns in (1, 2, 3)}
    best = min(lacking, key=lambda turns: lacking[turns])
    return best if lacking[best] < CLEARLY * (1 - (face.score if face else 0.0)) else 0


def _best_score(engine: FaceEngine, frame: Frame) -> float:
    return max((found.score for found in engine.find(np.ascontiguousarray(frame))), default=0.0)


def _around(photo: Frame, face: Face) -> Frame:
    margin = max(LEAST_AROUND, AROUND * (face.box[2] - face.box[0]))
    left, top, right, bottom = inside(photo, grown(face.box, margin))
    return photo[top:bottom, left:right]


def _reduced(frame: Frame) -> Frame:
    scale = SEEN_SIDE / max(frame.shape[:2])
    if scale >= 1:
        return frame
    return np.asarray(cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
