"""The landmark follower: light enough for every frame of a webcam."""

from __future__ import annotations

import cv2
import numpy as np

from secure_attend.faces.bundled import FrontalDetector, LandmarkPredictor
from secure_attend.faces.engine import FollowedFace
from secure_attend.faces.geometry import area
from secure_attend.frames import Frame

FOLLOW_WIDTH = 480
"""Pixels. dlib's detector takes 7-10 ms there (18 at 640), and finds faces of a sixth of the width."""


class Follower:
    """dlib's frontal detector on the reduced frame, then 68 landmarks on the frame itself. Thread-safe."""

    def __init__(self, detector: FrontalDetector, predictor: LandmarkPredictor) -> None:
        self._detector = detector
        self._predictor = predictor

    def follow(self, frame: Frame) -> tuple[FollowedFace, ...]:
        """Largest first. A frame whose reduction shows no face is looked at whole and in colour: someone may be farther
        away, or hard to tell from the background."""
        gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
        scale = min(1.0, FOLLOW_WIDTH / max(frame.shape[:2]))
        found = self._detector.boxes(gray, scale)
        if not found:
            found = self._detector.boxes(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8))
        boxes = sorted((box for box, _ in found), key=area, reverse=True)
        return tuple(FollowedFace(box, self._predictor.landmarks(gray, box)) for box in boxes)
