"""The models that come with the installation: dlib's frontal detector, its landmark predictors and its descriptor.

The files belong to `face_recognition_models`, which is located and never imported (its `__init__` needs
`pkg_resources`, which newer setuptools no longer has).
"""

from __future__ import annotations

import copy
import importlib.util
import logging
import math
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from secure_attend.errors import NotReady
from secure_attend.faces.engine import Box
from secure_attend.faces.models import dlib_descriptor_graph
from secure_attend.frames import Frame

log = logging.getLogger(__name__)

Gray = NDArray[np.uint8]
"""(H, W) uint8."""

DESCRIPTOR = "dlib_face_recognition_resnet_model_v1.dat"
FIVE_POINTS = "shape_predictor_5_face_landmarks.dat"
SIXTY_EIGHT_POINTS = "shape_predictor_68_face_landmarks.dat"

CHIP_SIDE, CHIP_PADDING = 150, 0.25
"""The alignment the descriptor was trained with (D. King, dlib's face_recognition.py)."""

SLOW = "Faces are described by dlib itself, ten times slower: its network could not be kept as a graph in %s (%s)"

LEAST = -0.1
"""The least score that counts as a face, for dlib's 0.0. Of 360 pictures (350 at random, and all 10 of one student with
dark skin whom 0.0 misses in part) 4 instead of 8 are without a face in colour, 6 instead of 12 in grey; no box is
false."""

WEAK, STRONG = 0.2, 0.5
"""Scores. A box under the one beside a box over the other is a passer-by cut off by the frame's edge (8 pictures of
2 086), or no face at all (clothes, up to 0.18). Alone it counts."""

CLOSE_UP, AROUND = 300.0, 0.8
"""dlib rounds landmarks to whole pixels: they are predicted on the face brought to this many pixels of box, and
this share of it around. At 300 the rounding costs less than landmarks vary; on Essex Faces95 it halved the
descriptor's equal error rate (0.21 to 0.10 %), on LFW (2.11, 2.14 %) and Faces96 (1.62, 1.68 %) it changed nothing."""


def folder() -> Path:
    """Where the bundled model files lie. Raises NotReady `models_missing` if they don't."""
    found = importlib.util.find_spec("face_recognition_models")
    if found is None or found.origin is None:
        raise NotReady(
            "models_missing",
            "The package face_recognition_models is not installed. Run: pip install -r requirements.txt",
        )
    return Path(found.origin).parent / "models"


def file(name: str) -> Path:
    """The bundled file of that name. Raises NotReady `models_missing` if it is not there."""
    path = folder() / name
    if not path.is_file():
        raise NotReady(
            "models_missing",
            f"{path} is missing. Run: pip install --force-reinstall --no-deps face_recognition_models",
        )
    return path


class FrontalDetector:
    """dlib's HOG detector (Dalal & Triggs 2005; King 2015): frontal faces of 80 pixels and more. Thread-safe."""

    def __init__(self) -> None:
        self._detector: Any = copy.deepcopy(_frontal_detector())
        self._lock = Lock()

    def boxes(self, image: Gray | Frame, scale: float = 1.0) -> list[tuple[Box, float]]:
        """Boxes and scores found in `image` (grey or RGB) resized by `scale`, in pixels of `image`."""
        if scale != 1.0:
            how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=how), np.uint8)
        with self._lock:
            rectangles, scores, _ = self._detector.run(image, 0, LEAST)
        least = WEAK if max(scores, default=LEAST) >= STRONG else LEAST
        found = zip(rectangles, scores, strict=True)
        return [(_box(rectangle, scale), float(score)) for rectangle, score in found if score >= least]


class LandmarkPredictor:
    """68 landmarks (iBUG 300-W; Kazemi & Sullivan 2014). Thread-safe: predicting changes nothing."""

    def __init__(self) -> None:
        self._predictor: Any = dlib.shape_predictor(str(file(SIXTY_EIGHT_POINTS)))

    def landmarks(self, gray: Gray, box: Box) -> NDArray[np.float32]:
        """(68, 2) float32, pixels of `gray`, for the face in a box as dlib's detector draws it."""
        near, inside, scale, origin = _close_up(gray, box, cv2.INTER_LINEAR)
        shape = self._predictor(near, _rectangle(inside))
        found = np.array([(point.x, point.y) for point in shape.parts()], np.float32)
        # the middle of a pixel is half a pixel in, at either size
        return np.asarray((found + 0.5) / scale - 0.5 + np.array(origin), np.float32)


class Network(Protocol):
    """dlib's ResNet-29 on whatever runs it. Thread-safe."""

    def __call__(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 128) float32 of (n, 150, 150, 3) uint8 RGB chips."""


class DlibNetwork:
    """As dlib runs it: 60 ms a face, under the interpreter's lock. For where its graph cannot be had."""

    def __init__(self) -> None:
        self._network: Any = dlib.face_recognition_model_v1(str(file(DESCRIPTOR)))
        self._lock = Lock()

    def __call__(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 128) float32."""
        with self._lock:
            return np.array([self._network.compute_face_descriptor(chip) for chip in chips], np.float32)


class GraphNetwork:
    """As ONNX Runtime runs it (faces/models/dlib_descriptor_graph.py)."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __call__(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 128) float32."""
        return dlib_descriptor_graph.run(self._session, chips)


class Descriptor:
    """dlib's descriptor on its own chip from five landmarks. Thread-safe."""

    def __init__(self, network: Network) -> None:
        self._predictor: Any = dlib.shape_predictor(str(file(FIVE_POINTS)))
        self._network = network

    def chip(self, frame: Frame, box: Box) -> Frame:
        """(150, 150, 3) uint8, RGB: the face in a dlib box, upright and at the size the network was trained with."""
        near, inside, _, _ = _close_up(frame, box, cv2.INTER_CUBIC)
        shape = self._predictor(near, _rectangle(inside))  # it reads the mean of the colours, whatever their order
        chip = np.asarray(dlib.get_face_chip(near, shape, CHIP_SIDE, CHIP_PADDING), np.uint8)
        return np.asarray(cv2.cvtColor(chip, cv2.COLOR_BGR2RGB), np.uint8)

    def describe(self, chip: Frame) -> NDArray[np.float32]:
        """(128,) float32, about unit length; compared by Euclidean distance."""
        described: NDArray[np.float32] = self._network(chip[None])[0]
        return described


def network(folder: Path) -> Network:
    """The network as a graph kept in `folder`; where none can be made or trusted, dlib's own, and the log says so."""
    try:
        return GraphNetwork(dlib_descriptor_graph.opened(file(DESCRIPTOR), folder))
    except NotReady:
        raise
    except Exception as error:  # the graph is for speed alone: nothing that goes wrong with it may stop the start
        log.warning(SLOW, folder, error)
        return DlibNetwork()


@cache
def _frontal_detector() -> Any:
    """dlib unpacks its detector in 0.3 s; a copy takes 2 ms, and each user needs one, as looking changes it."""
    return dlib.get_frontal_face_detector()


def _close_up(
    image: NDArray[np.uint8], box: Box, enlarging: int
) -> tuple[NDArray[np.uint8], Box, float, tuple[int, int]]:
    """The face's surroundings with the face at a fixed size, the box in there, the scale, and the corner in `image`.

    Beyond the image its edge is repeated.
    """
    left, top, right, bottom = box
    margin = AROUND * (right - left)
    x, y = math.floor(left - margin), math.floor(top - margin)
    part = _window(image, x, y, math.ceil(right + margin), math.ceil(bottom + margin))
    scale = CLOSE_UP / max(1.0, right - left)
    how = cv2.INTER_AREA if scale < 1 else enlarging
    near = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=how), np.uint8)
    inside = ((left - x) * scale, (top - y) * scale, (right - x) * scale, (bottom - y) * scale)
    return near, inside, scale, (x, y)


def _window(image: NDArray[np.uint8], left: int, top: int, right: int, bottom: int) -> NDArray[np.uint8]:
    rows, columns = image.shape[:2]
    beyond = (max(0, -top), max(0, bottom - rows), max(0, -left), max(0, right - columns))
    if any(beyond):
        image = np.asarray(cv2.copyMakeBorder(image, *beyond, cv2.BORDER_REPLICATE), np.uint8)
    return image[top + beyond[0] : bottom + beyond[0], left + beyond[2] : right + beyond[2]]


def _box(found: Any, scale: float) -> Box:
    return (found.left() / scale, found.top() / scale, (found.right() + 1) / scale, (found.bottom() + 1) / scale)


def _rectangle(box: Box) -> Any:
    left, top, right, bottom = (round(side) for side in box)
    return dlib.rectangle(left, top, right - 1, bottom - 1)
