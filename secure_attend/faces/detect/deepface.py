"""deepface's other detectors."""

from __future__ import annotations

from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.engine import Box, Face
from secure_attend.faces.geometry import five_points, largest_first, points_array
from secure_attend.faces.models.dlib_models import Gray, LandmarkPredictor
from secure_attend.frames import Frame


class DeepFaceDetector:
    """Any other detector that deepface knows, called with the frame as it is. Most keep state, so one call at a time.

    deepface's detectors answer whole pixels, and some give no eyes: missing points come from the 68 landmarks.
    """

    def __init__(self, client: Any, predictor: LandmarkPredictor) -> None:
        self._client = client
        self._predictor = predictor
        self._lock = Lock()

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
        """Find the faces in the whole frame: `near` saves nothing here."""
        with self._lock:
            regions = self._client.detect_faces(frame)
        gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
        return largest_first(self._face(gray, region) for region in regions if region.w > 0 and region.h > 0)

    def _face(self, gray: Gray, region: Any) -> Face:
        left, top = float(region.x), float(region.y)
        box = (left, top, left + float(region.w), top + float(region.h))
        return Face(box, self._points(gray, region), float(region.confidence or 0.0))

    def _points(self, gray: Gray, region: Any) -> NDArray[np.float32]:
        given = (region.right_eye, region.left_eye, region.nose, region.mouth_right, region.mouth_left)
        if all(point is not None for point in given):
            return points_array(given)
        points = five_points(self._predictor.landmarks(gray, _landmark_box(region)))
        for index, point in enumerate(given):
            if point is not None:
                points[index] = point
        return points


def _landmark_box(region: Any) -> Box:
    """The square that the landmark predictor expects around a face in deepface's region."""
    half = float(max(region.w, region.h)) * 0.85 / 2
    x, y = region.x + region.w / 2, region.y + region.h / 2 + 0.16 * half
    return (x - half, y - half, x + half, y + half)
