"""Finding faces: RetinaFace, dlib's detector, and deepface's other detectors, each an array in and faces out."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.bundled import FrontalDetector, Gray, LandmarkPredictor
from secure_attend.faces.engine import Box, Face
from secure_attend.faces.geometry import dlib_box, five_points, largest_first, points_array, scaled
from secure_attend.frames import Frame

RETINAFACE_WIDTH = 480
"""Pixels. Over deepface's 64 test pictures this finds the same faces as its default of 1365, in a ninth of the time and
with fewer fragments."""

RETINAFACE_SCORE = 0.9
"""retina-face's own default."""

DLIB_FIRST_SIDE = 800
"""Pixels: the longer side that dlib's detector sees first. Faces of a tenth of it are found."""

DLIB_UPSAMPLED_SIDE = 800
"""Pixels: up to this size a picture without a face is looked at once more at twice its size (faces of 40 pixels)."""


class Detector(Protocol):
    """Finds faces in a frame. Thread-safe."""

    def find(self, frame: Frame) -> tuple[Face, ...]:
        """Largest first, fragments dropped; empty where there is no face."""


class RetinaFaceDetector:
    """RetinaFace (Deng et al. 2020) through retina-face, on the frame reduced to 480 px of width, landmarks as floats.

    `package` is the module `retinaface.RetinaFace`, `model` what its `detect_faces` runs: both come from the loader.
    """

    def __init__(self, package: Any, model: Any) -> None:
        self._package = package
        self._model = model

    def find(self, frame: Frame) -> tuple[Face, ...]:
        """The frame at full size is looked at only where the reduced one shows no face."""
        scale = min(1.0, RETINAFACE_WIDTH / frame.shape[1])
        faces = self._at(frame, scale)
        if not faces and scale < 1.0:
            faces = self._at(frame, 1.0)
        return faces

    def _at(self, frame: Frame, scale: float) -> tuple[Face, ...]:
        answer = self._package.detect_faces(
            _resized(frame, scale), threshold=RETINAFACE_SCORE, model=self._model, allow_upscaling=False
        )
        return largest_first(_retinaface_face(found, scale) for found in answer.values())


class DlibDetector:
    """dlib's frontal detector, the size it looks at chosen by the frame; points from the 68 landmarks."""

    def __init__(self, detector: FrontalDetector, predictor: LandmarkPredictor) -> None:
        self._detector = detector
        self._predictor = predictor

    def find(self, frame: Frame) -> tuple[Face, ...]:
        """First reduced, then whole, then (small frames) enlarged: the first size that shows a face decides."""
        rgb = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)
        for scale in _dlib_scales(max(frame.shape[:2])):
            found = self._detector.boxes(rgb, scale)
            if found:
                gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
                return largest_first(self._face(gray, box, score) for box, score in found)
        return ()

    def _face(self, gray: Gray, box: Box, score: float) -> Face:
        return Face(box, five_points(self._predictor.landmarks(gray, box)), score)


class DeepFaceDetector:
    """Any other detector deepface knows, called with the frame as it is. One call at a time: most keep state."""

    def __init__(self, client: Any, predictor: LandmarkPredictor) -> None:
        self._client = client
        self._predictor = predictor
        self._lock = Lock()

    def find(self, frame: Frame) -> tuple[Face, ...]:
        """deepface's detectors answer whole pixels, and some no eyes: those points come from the 68 landmarks."""
        with self._lock:
            regions = self._client.detect_faces(frame)
        gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
        return largest_first(self._face(gray, region) for region in regions if region.w > 0 and region.h > 0)

    def _face(self, gray: Gray, region: Any) -> Face:
        box = tuple(float(side) for side in (region.x, region.y, region.x + region.w, region.y + region.h))
        return Face((box[0], box[1], box[2], box[3]), self._points(gray, region), float(region.confidence or 0.0))

    def _points(self, gray: Gray, region: Any) -> NDArray[np.float32]:
        named = (region.right_eye, region.left_eye, region.nose, region.mouth_right, region.mouth_left)
        if all(point is not None for point in named):
            return points_array(named)
        side = float(max(region.w, region.h)) * 0.85
        x, y = region.x + region.w / 2, region.y + region.h / 2 + 0.08 * side
        points = five_points(self._predictor.landmarks(gray, (x - side / 2, y - side / 2, x + side / 2, y + side / 2)))
        for index, point in enumerate(named):
            if point is not None:
                points[index] = point
        return points


def box_for_dlib(face: Face, detector: str) -> Box:
    """The box dlib's landmark models expect: its own detector's, or one drawn from the points."""
    return face.box if detector == "dlib" else dlib_box(face.points)


def _retinaface_face(found: dict[str, Any], scale: float) -> Face:
    marks = found["landmarks"]
    names = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
    points = points_array([marks[name] for name in names]) / np.float32(scale)
    left, top, right, bottom = (float(side) for side in found["facial_area"])
    return Face(scaled((left, top, right, bottom), 1 / scale), points, float(found["score"]))


def _resized(frame: Frame, scale: float) -> Frame:
    if scale == 1.0:
        return frame
    return np.asarray(cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _dlib_scales(longer: int) -> Iterator[float]:
    if longer > DLIB_FIRST_SIDE:
        yield DLIB_FIRST_SIDE / longer
    yield 1.0
    if longer <= DLIB_UPSAMPLED_SIDE:
        yield 2.0
