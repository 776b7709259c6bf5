"""deepface's other detectors."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.detect.follower import Follower
from secure_attend.faces.engine import Box, Face, FollowedFace
from secure_attend.faces.geometry import five_points, holds_centre, largest_first, points_array
from secure_attend.frames import Frame


class DeepFaceDetector:
    """Any other detector that deepface knows, called with the frame as it is. Most keep state, so one call at a time.

    deepface's detectors answer whole pixels, and some give no eyes: missing points come from the follower's landmarks.
    """

    def __init__(self, client: Any, follower: Follower) -> None:
        self._client = client
        self._follower = follower
        self._lock = Lock()

    def find(self, frame: Frame, near: FollowedFace | None = None) -> tuple[Face, ...]:
        """Find the faces in the whole frame: `near` saves nothing here. One whose points can't be read is left out."""
        with self._lock:
            regions = self._client.detect_faces(frame)
        found = (self._face(frame, region) for region in regions if region.w > 0 and region.h > 0)
        return largest_first(face for face in found if face is not None)

    def _face(self, frame: Frame, region: Any) -> Face | None:
        left, top = float(region.x), float(region.y)
        box = (left, top, left + float(region.w), top + float(region.h))
        points = self._points(frame, region)
        return None if points is None else Face(box, points, float(region.confidence or 0.0))

    def _points(self, frame: Frame, region: Any) -> NDArray[np.float32] | None:
        given = (region.right_eye, region.left_eye, region.nose, region.mouth_right, region.mouth_left)
        if all(point is not None for point in given):
            return points_array(given)
        points = self._read(frame, _square(region))
        if points is None:
            return None
        for index, point in enumerate(given):
            if point is not None:
                points[index] = point
        return points

    def _read(self, frame: Frame, box: Box) -> NDArray[np.float32] | None:
        """Return the five points of the face in the box: from there, or else by a look at the whole frame."""
        faces = self._follower.follow(frame, box) or self._follower.follow(frame)
        return next((five_points(face.landmarks) for face in faces if holds_centre(box, face.box)), None)


def _square(region: Any) -> Box:
    """Return about the square that a follower would draw around a face in deepface's region."""
    half = float(max(region.w, region.h)) * 0.85 / 2
    x, y = region.x + region.w / 2, region.y + region.h / 2 + 0.16 * half
    return (x - half, y - half, x + half, y + half)
