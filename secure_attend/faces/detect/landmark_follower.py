"""The landmark follower: light enough for every frame of a webcam."""

from __future__ import annotations

import cv2
import numpy as np

from secure_attend.faces.engine import Box, FollowedFace
from secure_attend.faces.geometry import area, box_of_landmarks
from secure_attend.faces.models.dlib_models import FrontalDetector, Gray, LandmarkPredictor
from secure_attend.frames import Frame

FOLLOW_WIDTH = 480
"""Pixels. dlib's detector takes 7-10 ms there (18 at 640), and finds faces of a sixth of the width."""


NUDGE = 0.06
"""Share of a box's width by which it is moved aside to see whether the landmarks stay where they were."""
AGREE = 0.04
"""Farthest, in box widths, that landmarks read from two boxes may lie apart in the mean: frontal faces 0.027 at most
(60 portraits), puppets turned 35 degrees 0.045, 45 degrees 0.07; where no face is, below it in one box of twenty."""
STRIDE = 0.35
"""Farthest, in box widths, that a face may be from where it was in the frame before, and still be followed."""
GROWTH = 1.25
"""Most its size may have changed by."""


class LandmarkFollower:
    """dlib's frontal detector on the reduced frame, then 68 landmarks on the frame itself. Thread-safe."""

    def __init__(self, detector: FrontalDetector, predictor: LandmarkPredictor) -> None:
        self._detector = detector
        self._predictor = predictor

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        """Return the faces with their landmarks, largest first.

        If the reduced frame shows no face, look at it whole and in colour: someone may be farther away, or hardly stand
        out from the background.

        With `near`, the box in the frame before, read only the face there, without detection. That also works at angles
        where the detector no longer sees the face. The result is empty when the face is lost.
        """
        gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
        if near is not None:
            return self._still_there(gray, near.box if isinstance(near, FollowedFace) else near)
        scale = min(1.0, FOLLOW_WIDTH / max(frame.shape[:2]))
        detected = self._detector.boxes(gray, scale)
        if not detected:
            detected = self._detector.boxes(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8))
        boxes = sorted((box for box, _ in detected), key=area, reverse=True)
        return tuple(FollowedFace(box, self._predictor.landmarks(gray, box)) for box in boxes)

    def look(self, frame: Frame, before: FollowedFace) -> tuple[FollowedFace, ...]:
        """Look for all faces. Where the known one was is of no help to dlib's detector."""
        return self.follow(frame)

    def _still_there(self, gray: Gray, near: Box) -> tuple[FollowedFace, ...]:
        """Read the face near the box, twice. A face draws landmarks to itself from wherever the box is; without one,
        they move with the box."""
        landmarks = self._predictor.landmarks(gray, near)
        box = box_of_landmarks(landmarks)
        width, size = near[2] - near[0], box[2] - box[0]
        moved = float(np.hypot(box[0] + box[2] - near[0] - near[2], box[1] + box[3] - near[1] - near[3])) / 2
        if moved > STRIDE * width or not 1 / GROWTH < size / width < GROWTH:
            return ()
        nudge = NUDGE * size
        again = self._predictor.landmarks(gray, (box[0] + nudge, box[1] + nudge, box[2] + nudge, box[3] + nudge))
        if np.linalg.norm(again - landmarks, axis=1).mean() > AGREE * size:
            return ()
        return (FollowedFace(box, np.asarray((landmarks + again) / 2, np.float32)),)
