"""Finding faces: RetinaFace, dlib's detector, and deepface's other detectors, each an array in and faces out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from threading import BoundedSemaphore, Lock
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.engine import Box, Face
from secure_attend.faces.geometry import (
    area,
    dlib_box,
    five_points,
    holds_centre,
    largest_first,
    moved,
    points_array,
    retinaface_box,
    scaled,
    shifted,
)
from secure_attend.faces.models.dlib_models import FrontalDetector, Gray, LandmarkPredictor
from secure_attend.faces.models.onnx_sessions import at_once
from secure_attend.faces.models.retinaface_graph import COARSE_SIDE, RetinaFaceGraph
from secure_attend.frames import Frame

RETINAFACE_WIDTH = 480
"""Pixels. Over deepface's 64 test pictures this finds the same faces as its default of 1365, in a ninth of the time and
with fewer fragments."""

RETINAFACE_GLANCE = 192
"""Pixels of width of the first look at a frame never seen: it only says where to look. Of 136 faces of 60 to 320 px in
640x480 frames it shows 134."""

RETINAFACE_SCORE = 0.9
"""retina-face's own default."""

GLANCE_SCORE = 0.5
"""What a first look must score to be looked at again, then by the score above."""

GRID = 32
"""Pixels: the detector's coarsest stride. A window that begins on a multiple shows the network the same pixels in the
same places as the whole frame does, and gets its answers; a shift of 3 and 5 px moves landmarks by 4 % of the eye
distance, a change of size by 6 %."""

EDGE = 16
"""Pixels: a window may end on multiples of half that stride, which changes nothing of the above."""

REACH = 25.0
"""Pixels: how far from a face what is left out matters a third as much. The share of a window's side in moving the
landmarks falls as exp(-distance / 25), in 7 966 windows of 816 frames."""

FAR = 64
"""Pixels around a face beyond which a wider window is not worth its time: there landmarks are 0.3 % of the eye distance
from the whole frame's (median)."""

STEPS = (-GRID, -GRID, EDGE, EDGE)
"""By which a window is widened, left, top, right, bottom."""

FOLLOWED_PIXELS = 60 * GRID * GRID
"""Of a window around a followed face: the most that detection and embedding in a twentieth of a plain call allow."""

GLANCED_PIXELS = 48 * GRID * GRID
"""Of one around a face that a first look showed, in a fifteenth."""

CUT = 0.07
"""Share of a face's box that its window may leave out on each side before the frame is reduced instead: up to there
landmarks move less than the 6 % that a change of size costs."""

REDUCED_MARGIN = 8
"""Pixels left around a face too large for its window, where the frame is reduced."""

WHOLE_PIXELS = 320 * 240
"""Frames up to this size are looked at whole: a first look would not pay."""

SMALL = 0.15
"""Of the frame's longer side: where the first look shows no taller face, there may be more of the kind."""

DLIB_FIRST_SIDE = 440
"""Pixels: the longer side that dlib's detector sees first, in grey, which takes 7 tenths of what 480 in colour takes.
It showed all faces of 0.155, 0.17 and 0.185 of the side (74 each) and 70 of 74 of 0.14; in colour no more."""

DLIB_SECOND_SIDE = 800
"""Pixels: the longer side it sees next. Faces of a tenth of it are found."""

DLIB_SMALL = 0.19
"""Of the longer side: where the first look shows no wider face it looks again, for others of about that size. Of 143
frames with two faces of LFW where it did not, the larger of 0.18 to 0.27, it showed both in 99 of 99 with the smaller
of 0.155 and more, in 20 of 21 from 0.14, in 14 of 23 below."""

DLIB_AROUND, DLIB_NEAR_SIDE = 0.5, 130.0
"""What is looked at around a face already followed, in sides of its box, and how many pixels its box has there. On 167
frames no face was missed; landmarks are 0.7 % of the eye distance (median) from the whole frame's."""

DLIB_UPSAMPLED_SIDE = 800
"""Pixels: up to this size a picture without a face is looked at once more at twice its size (faces of 40 pixels)."""


Window = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels of the frame."""


class BoxedFace(Face):
    """A face by its box: the points are read when somebody asks for them, as dlib's recogniser aligns by the box."""

    _read_points: Callable[[], NDArray[np.float32]]

    def __init__(self, box: Box, score: float, read_points: Callable[[], NDArray[np.float32]]) -> None:
        self.__dict__.update(box=box, score=score, _read_points=read_points)

    @cached_property
    def points(self) -> NDArray[np.float32]:
        """(5, 2) float32, as of any face."""
        return self._read_points()


class Detector(Protocol):
    """Finds faces in a frame. Thread-safe."""

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
        """Largest first, fragments dropped; empty where there is no face.

        `near` is the box of a face that dlib's detector saw: faces elsewhere may then be left out.
        """


class RetinaFaceDetector:
    """RetinaFace (Deng et al. 2020) through retina-face, landmarks as floats, on as few pixels as show the same face.

    `package` is the module `retinaface.RetinaFace`, which runs `levels`: both come from the loader.
    """

    def __init__(self, package: Any, levels: RetinaFaceGraph) -> None:
        self._package = package
        self._levels = levels
        self._turns = BoundedSemaphore(at_once())

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
        """Around `near`, if it is there; else a first look at the frame made small says around where, and the frame is
        looked at whole where that is not clear."""
        if frame.shape[0] * frame.shape[1] <= WHOLE_PIXELS:
            return self._at(frame, 1.0)
        if near is not None:
            faces = self._around(frame, retinaface_box(near), FOLLOWED_PIXELS)
            if any(holds_centre(face.box, near) for face in faces):
                return faces
        seen = self._at(frame, min(1.0, RETINAFACE_GLANCE / frame.shape[1]), GLANCE_SCORE)
        if len(seen) == 1 and _height(seen[0].box) >= SMALL * max(frame.shape[:2]):
            faces = self._around(frame, seen[0].box, GLANCED_PIXELS)
            if faces:
                return faces
        return self._whole(frame)

    def _whole(self, frame: Frame) -> tuple[Face, ...]:
        """The frame at full size is looked at only where the reduced one shows no face; of what that shows, the largest
        face is looked at again with the frame's own pixels."""
        scale = min(1.0, RETINAFACE_WIDTH / frame.shape[1])
        faces = self._at(frame, scale)
        if scale == 1.0:
            return faces
        if not faces:
            return self._at(frame, 1.0)
        largest, *others = faces
        closely = (
            face for face in self._around(frame, largest.box, GLANCED_PIXELS) if holds_centre(face.box, largest.box)
        )
        return (next(closely, largest), *others)

    def _around(self, frame: Frame, box: Box, pixels: int) -> tuple[Face, ...]:
        window, scale = _window_around(frame, box, pixels)
        left, top, right, bottom = window
        if right <= left or bottom <= top:
            return ()
        coarse = scale * math.sqrt(area(box)) >= COARSE_SIDE
        return tuple(moved(face, left, top) for face in self._at(frame[top:bottom, left:right], scale, coarse=coarse))

    def _at(
        self, frame: Frame, scale: float, score: float = RETINAFACE_SCORE, *, coarse: bool = False
    ) -> tuple[Face, ...]:
        """`coarse` leaves out what only smaller faces than COARSE_SIDE need."""
        reduced, model = _resized(frame, scale), self._levels.coarse if coarse else self._levels
        with self._turns:
            answer = self._package.detect_faces(reduced, threshold=score, model=model, allow_upscaling=False)
        return largest_first(_retinaface_face(found, scale) for found in answer.values())


class DlibDetector:
    """dlib's frontal detector, the size it looks at chosen by the frame; points from the 68 landmarks."""

    def __init__(self, detector: FrontalDetector, predictor: LandmarkPredictor) -> None:
        self._detector = detector
        self._predictor = predictor

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
        """Around `near`, if it is there; else first reduced and in grey, then less so, then whole, then (small frames)
        enlarged: the first size that shows a face large enough for it decides."""
        gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
        found = self._around(frame, near) if near is not None else []
        if near is None or not any(holds_centre(box, near) for box, _ in found):
            found = self._anywhere(frame, gray)
        return largest_first(self._face(gray, box, score) for box, score in found)

    def _around(self, frame: Frame, near: Box) -> list[tuple[Box, float]]:
        side = near[2] - near[0]
        left, top, right, bottom = _inside(frame, _grown(near, DLIB_AROUND * side))
        if right <= left or bottom <= top:
            return []
        part = np.asarray(cv2.cvtColor(frame[top:bottom, left:right], cv2.COLOR_BGR2RGB), np.uint8)
        found = self._detector.boxes(part, min(1.0, DLIB_NEAR_SIDE / max(1.0, side)))
        return [(shifted(box, left, top), score) for box, score in found]

    def _anywhere(self, frame: Frame, gray: Gray) -> list[tuple[Box, float]]:
        longer = max(gray.shape)
        if longer > DLIB_FIRST_SIDE:
            found = self._detector.boxes(gray, DLIB_FIRST_SIDE / longer)
            if any(box[2] - box[0] >= DLIB_SMALL * longer for box, _ in found):
                return found
        rgb = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)
        looks = (self._detector.boxes(rgb, scale) for scale in _dlib_scales(longer))
        return next(filter(None, looks), [])

    def _face(self, gray: Gray, box: Box, score: float) -> Face:
        return BoxedFace(box, score, lambda: five_points(self._predictor.landmarks(gray, box)))


class DeepFaceDetector:
    """Any other detector deepface knows, called with the frame as it is. One call at a time: most keep state."""

    def __init__(self, client: Any, predictor: LandmarkPredictor) -> None:
        self._client = client
        self._predictor = predictor
        self._lock = Lock()

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
        """`near` saves nothing here. deepface's detectors answer whole pixels, and some no eyes: those points come from
        the 68 landmarks."""
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
    if longer > DLIB_SECOND_SIDE:
        yield DLIB_SECOND_SIDE / longer
    yield 1.0
    if longer <= DLIB_UPSAMPLED_SIDE:
        yield 2.0


def _window_around(frame: Frame, box: Box, pixels: int) -> tuple[Window, float]:
    """Which part of the frame to look at for the face in `box`, and how much to reduce it so that it has no more than
    `pixels`: not at all where a window on the grid has no more."""
    cut = CUT * math.sqrt(area(box))
    least = _on_grid(frame, _grown(box, -cut))
    if _pixels(least) > pixels:
        window = _inside(frame, _grown(box, REDUCED_MARGIN))
        return window, math.sqrt(pixels / _pixels(window))
    return _widened(frame, least, box, pixels) if _pixels(least) else least, 1.0


def _widened(frame: Frame, window: Window, box: Box, pixels: int) -> Window:
    """The window, a step at a time on the side that matters most for its pixels, while it has no more than `pixels`."""
    while wider := [each for each in _steps(frame, window, box) if _pixels(each) <= pixels]:
        lost = _lost(window, box)
        window = max(wider, key=lambda each: (lost - _lost(each, box)) / (_pixels(each) - _pixels(window)))
    return window


def _steps(frame: Frame, window: Window, box: Box) -> Iterator[Window]:
    """The window with one side a step farther out, for each side that is neither far enough from the face nor at the
    frame's edge."""
    for side, around in enumerate(_margins(window, box)):
        wider = list(window)
        wider[side] += STEPS[side]
        inside = _inside(frame, (wider[0], wider[1], wider[2], wider[3]))
        if around < FAR and inside != window:
            yield inside


def _lost(window: Window, box: Box) -> float:
    """How much what the window leaves out around the face in `box` matters, in no unit."""
    return sum(math.exp(-around / REACH) for around in _margins(window, box))


def _margins(window: Window, box: Box) -> tuple[float, ...]:
    """Pixels between the box and the window's sides; negative where the window cuts the box."""
    return (box[0] - window[0], box[1] - window[1], window[2] - box[2], window[3] - box[3])


def _on_grid(frame: Frame, box: Box) -> Window:
    """The box, grown until it begins on the grid and ends on an edge, as far as the frame goes."""
    left, top = (math.floor(side / GRID) * GRID for side in box[:2])
    right, bottom = (math.ceil(side / EDGE) * EDGE for side in box[2:])
    return _inside(frame, (left, top, right, bottom))


def _pixels(window: Window) -> int:
    return max(0, window[2] - window[0]) * max(0, window[3] - window[1])


def _inside(frame: Frame, box: Box) -> Window:
    """The part of the box inside the frame, in whole pixels."""
    rows, columns = frame.shape[:2]
    left, top = max(0, math.floor(box[0])), max(0, math.floor(box[1]))
    return left, top, min(columns, math.ceil(box[2])), min(rows, math.ceil(box[3]))


def _grown(box: Box, by: float) -> Box:
    return (box[0] - by, box[1] - by, box[2] + by, box[3] + by)


def _height(box: Box) -> float:
    return box[3] - box[1]
