"""Clips of real people, as a kiosk's camera would have sent them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from benchmarks.liveness.portraits import data
from secure_attend import frames
from secure_attend.faces.detect.yunet import YuNet
from secure_attend.faces.engine import Box
from secure_attend.faces.models import weights, yunet_graph
from secure_attend.frames import Frame
from secure_attend.liveness.challenge import Action

Behaviour = Literal["talking", "play-acting", "reading aloud", "signing", "at rest"]

LANDSCAPE, UPRIGHT = (640, 480), (360, 480)
"""Sizes of a kiosk's pictures, which are the middle 4:3 or 3:4 of the camera's."""
JPEG_QUALITY = 85
CLOSE_UP = -0.6
"""How a close-up is placed: with a face of that share of the picture's height, as before a kiosk."""
SUFFIXES = (".gif", ".mkv", ".mp4", ".mpg")

BEHAVIOURS: dict[str, Behaviour] = {
    **{f"KwaiVGI__assets_examples_driving_d{n}.mp4": "talking" for n in (9, 13, 19, 20)},
    **{f"KwaiVGI__assets_examples_driving_d{n}.mp4": "play-acting" for n in (0, 3, 6, 10, 11, 12, 14, 18)},
    **{f"KwaiVGI__assets_examples_source_s{n}.mp4": "at rest" for n in (18, 20, 29, 32)},
}
"""What people do in clips whose name does not say it, judged by eye."""
BEGINNINGS: dict[str, Behaviour] = {
    "rizkiarm__": "reading aloud",
    "intel-iot-devkit__asl": "signing",
    "vardanagarwal__": "at rest",
}


@dataclass(frozen=True)
class Movement:
    """A movement that somebody makes in a clip: the numbers of its first and last frame, and of a calm one before."""

    clip: str
    placed: float
    action: Action
    first: int
    last: int
    calm: int


class Clip:
    """A clip, with its own clock. `placed` says how it is put before a kiosk: enlarged by this factor, or CLOSE_UP."""

    def __init__(self, path: Path, placed: float) -> None:
        video = cv2.VideoCapture(str(path))
        self.rate = float(video.get(cv2.CAP_PROP_FPS))
        self._jpegs = [_encoded(frame) for frame in _placed(_read(video), placed)]
        video.release()

    @property
    def seconds(self) -> float:
        """The length."""
        return len(self._jpegs) / self.rate

    def frame(self, number: int) -> Frame:
        """Return a frame as the server decodes it."""
        return frames.decode(self._jpegs[min(number, len(self._jpegs) - 1)])

    def sampled(self, first: int, last: int, pace: float, phase: float) -> Iterator[Frame]:
        """Yield the frames that a page sends which takes one every `pace` seconds, from `phase` after the first."""
        times = np.arange(phase, (last + 1 - first) / self.rate, pace)
        return (self.frame(first + int(time * self.rate)) for time in times)

    def __len__(self) -> int:
        return len(self._jpegs)


@lru_cache(maxsize=1)
def opened(path: Path, placed: float) -> Clip:
    """Return the clip; the last one is kept."""
    return Clip(path, placed)


def folder() -> Path | None:
    """Return the folder of clips; None if there is none."""
    found = data()
    return found / "clips" if found and (found / "clips" / "labels.json").is_file() else None


def movements(clips: Path) -> list[Movement]:
    """Return the movements that were labelled by eye."""
    labels = json.loads((clips / "labels.json").read_text(encoding="utf-8"))["movements"]
    names = ("clip", "placed", "first", "last", "calm")
    return [Movement(action=Action(label["action"]), **{name: label[name] for name in names}) for label in labels]


def behaviours(clips: Path) -> dict[Path, Behaviour]:
    """Return the clips in which nobody was asked for anything, with what people do in them."""
    named = {path: behaviour_of(path.name) for path in sorted(clips.iterdir()) if path.suffix in SUFFIXES}
    return {path: behaviour for path, behaviour in named.items() if behaviour is not None}


def behaviour_of(name: str) -> Behaviour | None:
    """Return what people do in the clip of this name; None if they make movements, or show no face."""
    begun = next((behaviour for start, behaviour in BEGINNINGS.items() if name.startswith(start)), None)
    return BEHAVIOURS.get(name, begun)


def placed_by_name(name: str) -> float:
    """Return how a clip without labels is put before a kiosk."""
    return CLOSE_UP if name.startswith("KwaiVGI__") else 1.0


def _read(video: cv2.VideoCapture) -> Iterator[Frame]:
    while True:
        there, frame = video.read()
        if not there:
            return
        yield np.asarray(frame, np.uint8)


def _placed(read: Iterator[Frame], placed: float) -> Iterator[Frame]:
    if placed == CLOSE_UP:
        yield from _close_ups(read)
        return
    for frame in read:
        larger = cv2.resize(frame, None, fx=placed, fy=placed, interpolation=cv2.INTER_CUBIC)
        yield _as_kiosk(np.asarray(larger, np.uint8))


def _as_kiosk(frame: Frame) -> Frame:
    """Return the middle 4:3 (upright: 3:4) at a kiosk's size."""
    rows, columns = frame.shape[:2]
    width, height = LANDSCAPE if columns >= rows else UPRIGHT
    share = min(columns / width, rows / height)
    w, h = int(width * share), int(height * share)
    x, y = (columns - w) // 2, (rows - h) // 2
    scale = min(1.0, height / h)
    middle = frame[y : y + h, x : x + w]
    return np.asarray(cv2.resize(middle, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _close_ups(read: Iterator[Frame]) -> Iterator[Frame]:
    """Place the face of the first frame in the middle of the picture, and everything else around it."""
    matrix: np.ndarray | None = None
    for frame in read:
        if matrix is None:
            left, top, right, bottom = _face(frame)
            scale = -CLOSE_UP * LANDSCAPE[1] / (bottom - top)
            x, y = (LANDSCAPE[0] - scale * (left + right)) / 2, (LANDSCAPE[1] - scale * (top + bottom)) / 2
            matrix = np.array([[scale, 0, x], [0, scale, y]])
        moved = cv2.warpAffine(frame, matrix, LANDSCAPE, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
        yield np.asarray(moved, np.uint8)


def _face(frame: Frame) -> Box:
    """Return the box of the largest face; the whole frame if none is found."""
    found = YuNet(yunet_graph.session(weights.folder())).glance(frame)
    return found[0].box if found else (0.0, 0.0, float(frame.shape[1]), float(frame.shape[0]))


def _encoded(frame: Frame) -> bytes:
    done, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert done
    return jpeg.tobytes()
