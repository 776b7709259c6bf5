"""Is the quick look as good as the thorough one? Real faces, as they are and in 640x480 frames at several sizes.

The thorough look is the whole frame at full size, through the real RetinaFace with MobileNet; for dlib the whole frame.
Embeddings are dlib's in both.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from benchmarks import plain
from benchmarks.timing import Row, measured, share
from secure_attend.faces import models
from secure_attend.faces.composed import ComposedEngine
from secure_attend.faces.engine import Face
from secure_attend.faces.geometry import holds_centre
from secure_attend.faces.profiles import named
from secure_attend.frames import PHOTO, Frame, decode

EACH = int(os.environ.get("OUTCOME_PICTURES", "12"))
"""Pictures of each set; all in one run take minutes."""
HEIGHTS = (160, 240, 340, 460)
"""To which the pictures are brought on the 640x480 background."""
WITHIN, ALIKE = 0.02, 0.995


@dataclass
class Tally:
    """What was compared: the landmarks' mean distance in eye distances, the embeddings' cosine, and who was missed."""

    apart: list[float] = field(default_factory=list)
    cosine: list[float] = field(default_factory=list)
    missed: int = 0

    def rows(self, name: str) -> Iterator[Row]:
        """Missed, landmarks, embeddings."""
        apart, cosine = np.array(self.apart), np.array(self.cosine)
        yield share(f"{name}: missed", self.missed, len(apart) + self.missed, 0.0)
        yield measured(f"{name}: landmarks apart", "eye distances", self.apart)
        yield share(f"{name}: landmarks over 2 % apart", int((apart > WITHIN).sum()), len(apart), 0.0)
        yield share(f"{name}: cosine under 0.995", int((cosine < ALIKE).sum()), len(cosine), 0.0)


def rows() -> Iterator[Row]:
    """Both detectors, a picture seen first and a face followed, on small pictures and in frames."""
    data = plain.shared()
    if data is None:
        print("SKIPPED: whether the outcome is equal. Set SECURE_ATTEND_TEST_DATA to the folder of pictures.")
        return
    with tempfile.TemporaryDirectory() as home:
        weights = Path(home, ".deepface", "weights")
        weights.mkdir(parents=True)
        shutil.copy(data / "weights" / "real" / "retinaface.onnx", weights)
        os.environ["DEEPFACE_HOME"] = home
        for profile in ("retinaface+Dlib", "bundled"):
            engine = models.load(named(profile))
            assert isinstance(engine, ComposedEngine)
            tallies: dict[str, Tally] = defaultdict(Tally)
            for kind, frame in frames(data / "data"):
                _compare(engine, frame, kind, tallies)
            for name, tally in sorted(tallies.items()):
                yield from tally.rows(f"{engine.profile.detector}, {name}")


def frames(data: Path) -> Iterator[tuple[str, Frame]]:
    """(`as it is` or `in 640x480`, frame)."""
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
                yield "in 640x480", _enlarged(picture, height, np.random.default_rng(1000 * number + height))


def _enlarged(picture: Frame, height: int, noise: np.random.Generator) -> Frame:
    """The picture at that height somewhere on a cloudy background."""
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
    thorough = _thorough(engine, frame)
    followed = engine.follow(frame)
    if not thorough:
        return
    face = thorough[0]
    _note(tallies[f"seen first, {kind}"], engine, frame, face, engine.find(frame))
    if len(followed) == 1 and holds_centre(face.box, followed[0].box):
        _note(tallies[f"followed, {kind}"], engine, frame, face, engine.find(frame, followed[0].box))


def _thorough(engine: ComposedEngine, frame: Frame) -> tuple[Face, ...]:
    """The whole frame at its full size; RetinaFace's first look is at nothing less."""
    detector = engine._detector
    if hasattr(detector, "_at"):
        return tuple(detector._at(frame, 1.0))
    rgb = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)
    gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
    for scale in (1.0, 2.0):
        found = detector._detector.boxes(rgb, scale)  # type: ignore[attr-defined]
        if found:
            box, score = max(found, key=lambda one: one[0][2] - one[0][0])
            return (detector._face(gray, box, score),)  # type: ignore[attr-defined]
    return ()


def _note(tally: Tally, engine: ComposedEngine, frame: Frame, face: Face, found: tuple[Face, ...]) -> None:
    same = [other for other in found if holds_centre(other.box, face.box)]
    if not same:
        tally.missed += 1
        return
    eye_distance = float(np.linalg.norm(face.points[0] - face.points[1]))
    tally.apart.append(float(np.linalg.norm(same[0].points - face.points, axis=1).mean()) / eye_distance)
    one, other = engine.embed(frame, face), engine.embed(frame, same[0])
    tally.cosine.append(float(one @ other / np.linalg.norm(one) / np.linalg.norm(other)))
