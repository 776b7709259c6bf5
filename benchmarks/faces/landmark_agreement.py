"""Is the quick look as good as the thorough one? Real faces, as they are and in 640x480 frames at several sizes.

The thorough look is the whole frame at full size, through the real RetinaFace with MobileNet, and through YuNet.
Embeddings are SFace's in both. RetinaFace's landmarks depend on where and how large the frame is shown to it. So three
more are compared: the whole frame shown a few pixels aside, the whole frame enlarged as by plain deepface, and how far
all of them are from the mean of many looks at the whole frame.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.faces import plain_deepface
from benchmarks.timing import Row, measured, share
from secure_attend.faces import loading
from secure_attend.faces.composed import ComposedEngine
from secure_attend.faces.detect.retinaface import RetinaFaceDetector
from secure_attend.faces.detect.windows import GRID
from secure_attend.faces.detect.yunet import YuNet, YuNetDetector
from secure_attend.faces.embed.recognisers import SFaceRecogniser
from secure_attend.faces.engine import Face
from secure_attend.faces.geometry import holds_centre, moved
from secure_attend.faces.models import profiles, sface_graph, weights, yunet_graph
from secure_attend.faces.models.deepface_patches import module
from secure_attend.frames import PHOTO, Frame, decode

EACH = int(os.environ.get("OUTCOME_PICTURES", "12"))
"""Pictures of each set; all in one run take minutes."""
HEIGHTS = (160, 240, 340, 460)
"""Heights of the pictures on the 640x480 background."""
IN_FRAME = "in 640x480"
WITHIN, ALIKE = 0.02, 0.995
ASIDE = (3, 5)
"""Pixels by which the frame is shown aside once."""
PLAIN_SIDE = 1024
"""Pixels to which retina-face enlarges a frame's shorter side."""
SHIFTS = tuple(itertools.product((4, 12, 20, 28), repeat=2))
"""Pixels, all over the network's coarsest stride, by which the frame is shown aside for the mean of many looks."""


@dataclass
class Tally:
    """The comparison: the landmarks' mean distance in eye distances, from the thorough look's and from the mean of many
    looks, the embeddings' cosine, and the faces missed."""

    apart: list[float] = field(default_factory=list)
    from_mean: list[float] = field(default_factory=list)
    cosine: list[float] = field(default_factory=list)
    missed: int = 0

    def rows(self, name: str, target: float | None) -> Iterator[Row]:
        """Missed, landmarks, embeddings."""
        apart, cosine = np.array(self.apart), np.array(self.cosine)
        yield share(f"{name}: missed", self.missed, len(apart) + self.missed, target)
        yield measured(f"{name}: landmarks apart", "eye distances", self.apart)
        yield share(f"{name}: landmarks over 2 % apart", int((apart > WITHIN).sum()), len(apart), target)
        yield share(f"{name}: cosine under 0.995", int((cosine < ALIKE).sum()), len(cosine), target)
        if self.from_mean:
            yield measured(f"{name}: from the mean of {len(SHIFTS)} whole looks", "eye distances", self.from_mean)


def rows() -> Iterator[Row]:
    """Compare both detectors, on a picture seen first and on a followed face, on small pictures and in frames."""
    data = plain_deepface.shared()
    if data is None:
        print("SKIPPED: whether the outcome is equal. Set SECURE_ATTEND_TEST_DATA to the folder of pictures.")
        return
    for engine in engines(data):
        tallies: dict[str, Tally] = defaultdict(Tally)
        for kind, frame in frames(data / "data"):
            _compare(engine, frame, kind, tallies)
        for name, tally in sorted(tallies.items()):
            target = None if name.startswith("whole") else 0.0
            yield from tally.rows(f"{engine.profile.detector}, {name}", target)


def engines(data: Path) -> Iterator[ComposedEngine]:
    """The real RetinaFace with MobileNet and YuNet, both with SFace and followed by the mesh."""
    follower, recogniser = loading.mesh_follower(), SFaceRecogniser(sface_graph.session(weights.folder()))
    with tempfile.TemporaryDirectory() as home:
        network = plain_deepface.small_detector(data, Path(home))
        retinaface = RetinaFaceDetector(module("retinaface.RetinaFace"), network)
        yield ComposedEngine(replace(profiles.SFACE, detector="retinaface"), retinaface, recogniser, follower)
    yunet = YuNetDetector(YuNet(yunet_graph.session(weights.folder())), follower)
    yield ComposedEngine(profiles.SFACE, yunet, recogniser, follower)


def frames(data: Path) -> Iterator[tuple[str, Frame]]:
    """Yield (`as it is` or `in 640x480`, frame)."""
    chosen = random.Random(0)
    sets = defaultdict(list)
    for entry in json.loads((data / "MANIFEST.json").read_text("utf-8")):
        if entry["kind"] == "identity":
            sets[entry["dataset"]].append(data / entry["path"])
    for paths in sets.values():
        for number, path in enumerate(chosen.sample(paths, min(EACH, len(paths)))):
            picture = decode(path.read_bytes(), PHOTO)
            yield "as it is", picture
            for height in HEIGHTS:
                yield IN_FRAME, enlarged(picture, height, np.random.default_rng(1000 * number + height))


def enlarged(picture: Frame, height: int, noise: np.random.Generator) -> Frame:
    """Return the picture at that height somewhere on a cloudy background."""
    background = np.full((480, 640, 3), 110, np.float32)
    for cells in (3, 6, 12, 48, 160):
        cloud = noise.normal(0, 40 / cells**0.35, (cells * 3 // 4 + 1, cells, 3)).astype(np.float32)
        background += cv2.resize(cloud, (640, 480), interpolation=cv2.INTER_CUBIC)
    frame = np.clip(background, 0, 255).astype(np.uint8)
    scale = height / picture.shape[0]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    brought = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how)[:480, :640]
    top, left = (int(noise.integers(0, room + 1)) for room in (480 - brought.shape[0], 640 - brought.shape[1]))
    frame[top : top + brought.shape[0], left : left + brought.shape[1]] = brought
    return frame


def _compare(engine: ComposedEngine, frame: Frame, kind: str, tallies: dict[str, Tally]) -> None:
    looked = thorough(engine, frame)
    if not looked:
        return
    face, mean = looked[0], None
    looks = {"seen first": engine.find(frame)}
    followed = engine.follow(frame)
    if len(followed) == 1 and holds_centre(face.box, followed[0].box):
        looks["followed"] = engine.find(frame, followed[0])
    if isinstance(engine.detector, RetinaFaceDetector) and kind == IN_FRAME:
        look = engine.detector._detect
        looks["whole, aside"] = _aside(look, frame, *ASIDE)
        looks["whole, enlarged"] = look(frame, PLAIN_SIDE / min(frame.shape[:2]))
        many = [same(_aside(look, frame, *shift), face) for shift in SHIFTS]
        mean = np.mean([each.points for each in many if each], axis=0)
    for name, found in looks.items():
        _note(tallies[f"{name}, {kind}"], engine, frame, face, mean, same(found, face))


def same(found: tuple[Face, ...], face: Face) -> Face | None:
    """Return that face among the detected ones."""
    return next((other for other in found if holds_centre(other.box, face.box)), None)


def _aside(look: Callable[[Frame, float], tuple[Face, ...]], frame: Frame, x: int, y: int) -> tuple[Face, ...]:
    """Return the faces in the whole frame when it is shown this many pixels farther right and down, at their place in
    it."""
    shown = cv2.copyMakeBorder(frame, y, GRID - y, x, GRID - x, cv2.BORDER_REPLICATE)
    return tuple(moved(face, -x, -y) for face in look(np.asarray(shown, np.uint8), 1.0))


def thorough(engine: ComposedEngine, frame: Frame) -> tuple[Face, ...]:
    """Return the faces in the whole frame at its full size; RetinaFace's first look is at nothing less."""
    detector = engine.detector
    if isinstance(detector, RetinaFaceDetector):
        return detector._detect(frame, 1.0)
    assert isinstance(detector, YuNetDetector)
    return detector._yunet.look(frame, 1.0)


def _note(
    tally: Tally,
    engine: ComposedEngine,
    frame: Frame,
    face: Face,
    mean: NDArray[np.float32] | None,
    found: Face | None,
) -> None:
    if found is None:
        tally.missed += 1
        return
    eye_distance = float(np.linalg.norm(face.points[0] - face.points[1]))
    tally.apart.append(_apart(found.points, face.points) / eye_distance)
    if mean is not None:
        tally.from_mean.append(_apart(found.points, mean) / eye_distance)
    one, other = engine.embed(frame, face), engine.embed(frame, found)
    tally.cosine.append(float(one @ other / np.linalg.norm(one) / np.linalg.norm(other)))


def _apart(points: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(points - others, axis=1).mean())
