"""One frame: detect, align, embed and follow, compared with plain deepface and with the bare sessions."""

from __future__ import annotations

import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import skimage

from benchmarks.faces import plain_deepface
from benchmarks.faces.search import SIZES, gallery_of
from benchmarks.timing import Row, alternately, compared, measured
from secure_attend.attendance.liveness_sessions.face_tracker import LOOK_AROUND, FaceTracker
from secure_attend.faces import loading
from secure_attend.faces.composed import ComposedEngine
from secure_attend.faces.detect.retinaface import RetinaFaceDetector
from secure_attend.faces.detect.second_look import SecondLook
from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.models import profiles
from secure_attend.faces.models.deepface_patches import module
from secure_attend.faces.models.retinaface_graph import RetinaFaceGraph, Tensor, open_graph
from secure_attend.faces.models.weights import folder
from secure_attend.frames import Frame, decode

ROUNDS = int(os.environ.get("PLAIN_ROUNDS", "15"))
"""Rounds of plain DeepFace, which takes a second and more each."""

PACE = 0.033
"""Seconds from one frame of a kiosk to the next while a movement is asked."""

PAUSE = 0.05
"""Seconds of pause before each: plain DeepFace's threads keep spinning for a while after its answer."""

REPRESENT, FIND = "plain DeepFace.represent, Facenet", "plain DeepFace.find, 3 pictures"


def frame() -> Frame:
    """A frame of 640x480 with one face, its box 116 px wide: a public-domain portrait by NASA."""
    return np.ascontiguousarray(cv2.resize(skimage.data.astronaut()[:384, :, ::-1], (640, 480)), np.uint8)


def closer() -> Frame:
    """The same face half as large again, its box 167 px wide."""
    return np.ascontiguousarray(cv2.resize(frame()[10:330, 70:496], (640, 480)), np.uint8)


def key_frame(engine: FaceEngine, picture: Frame, *, followed: bool) -> Callable[[], Tensor]:
    """Detect, align and embed; near the followed face if it is known."""
    near = engine.follow(picture)[0] if followed else None

    def work() -> Tensor:
        return engine.embed(picture, engine.find(picture, near)[0])

    return work


def rows() -> Iterator[Row]:
    """Measure all of them. Those of the paper's pair need its networks' architecture."""
    data = plain_deepface.shared()
    sface = loading.load(profiles.SFACE)
    yield from _sface_alone(sface)
    if data is None:
        print(
            "SKIPPED: everything against plain DeepFace. Set SECURE_ATTEND_TEST_DATA to the folder with its networks."
        )
        return
    with tempfile.TemporaryDirectory() as home:
        plain_deepface.fill(Path(home), data)
        small = plain_deepface.small_detector(data, Path(home))
        plain_deepface.plain_detector(small)
        yield from _against_plain(sface, papers_pair(small), Path(home))
        yield from _stages(papers_pair(small))


def papers_pair(small: RetinaFaceGraph) -> ComposedEngine:
    """Return the facenet profile, with the answers of the small detector."""
    engine = loading.load(profiles.FACENET)
    assert isinstance(engine, ComposedEngine)
    network = RetinaFaceGraph(open_graph(folder() / "retinaface.onnx"))
    answering: Any = plain_deepface.Answering(network, small)
    engine.detector = SecondLook(RetinaFaceDetector(module("retinaface.RetinaFace"), answering))
    return engine


def _against_plain(sface: FaceEngine, facenet: FaceEngine, home: Path) -> Iterator[Row]:
    deepface, picture = plain_deepface.represent(), frame()
    options = {"model_name": "Facenet", "detector_backend": "retinaface", "enforce_detection": False}
    gallery = Gallery(facenet.profile)
    gallery.replace("one", facenet.embed(picture, facenet.find(picture)[0])[None], made_by=gallery.profile.name)
    first = key_frame(facenet, picture, followed=False)
    with plain_deepface.pictures(
        home / "pictures", {f"{n}.jpg": cv2.imencode(".jpg", picture)[1].tobytes() for n in range(3)}
    ) as at:
        things = {
            REPRESENT: lambda: deepface.represent(picture, **options),
            FIND: lambda: deepface.find(picture, str(at), silent=True, **options),
            "facenet: key frame of a followed face": key_frame(facenet, picture, followed=True),
            "facenet: key frame of a followed face, half as large again": key_frame(facenet, closer(), followed=True),
            "facenet: picture seen first": first,
            "facenet: picture seen first, and searched": lambda: gallery.identify(
                first()[None], made_by=gallery.profile.name
            ),
            "sface: key frame of a followed face": key_frame(sface, picture, followed=True),
            "sface: picture seen first": key_frame(sface, picture, followed=False),
        }
        for count in SIZES:
            things[f"facenet: last frame and decision, {count} students"] = _last_frame(facenet, picture, count)
        times = alternately(things, rounds=ROUNDS, before=partial(time.sleep, PAUSE))
    for what, target in (
        ("facenet: key frame of a followed face", 1 / 20),
        ("facenet: key frame of a followed face, half as large again", 1 / 20),
        ("facenet: picture seen first", 1 / 15),
        ("sface: key frame of a followed face", 1 / 60),
        ("sface: picture seen first", 1 / 60),
        *((f"facenet: last frame and decision, {count} students", 1 / 5) for count in SIZES),
    ):
        yield compared(times, what, REPRESENT, target)
    yield compared(times, "facenet: picture seen first, and searched", FIND)


def _last_frame(engine: FaceEngine, picture: Frame, count: int) -> Callable[[], object]:
    """Measure what happens between the last frame of a liveness session and the greeting: follow, embed, search."""
    gallery, _ = gallery_of(count, engine.profile)

    def work() -> object:
        near = engine.follow(picture)[0]
        return gallery.identify(
            engine.embed(picture, engine.find(picture, near)[0])[None], made_by=gallery.profile.name
        )

    return work


def _stages(facenet: ComposedEngine) -> Iterator[Row]:
    """Compare each stage of the facenet profile with its session run alone on the same input."""
    picture = frame()
    near = facenet.follow(picture)[0]
    face = facenet.find(picture, near)[0]
    seen: list[Tensor] = []
    answering = facenet.detector.first._graph  # type: ignore[attr-defined]
    run = answering.coarse

    def noted(tensor: Tensor) -> list[Tensor]:
        seen.append(tensor.copy())
        answer: list[Tensor] = run(tensor)
        return answer

    answering.coarse = noted
    facenet.find(picture, near)
    del answering.coarse
    session = facenet._recogniser._client.model  # type: ignore[attr-defined]
    batch = np.zeros((1, 160, 160, 3), np.float32)
    things = {
        "detector's session": lambda: answering.network.coarse(seen[0]),
        "detect, near": lambda: facenet.find(picture, near),
        "recogniser's session": lambda: session.run(None, {session.get_inputs()[0].name: batch}),
        "align and embed": lambda: facenet.embed(picture, face),
    }
    times = alternately(things, rounds=40)
    yield compared(times, "detect, near", "detector's session")
    yield compared(times, "align and embed", "recogniser's session", 1.05)


def _sface_alone(engine: FaceEngine) -> Iterator[Row]:
    picture = frame()
    face = engine.find(picture)[0]
    near = engine.follow(picture)[0]
    yield measured("align and embed, a face", "ms", _each(lambda: engine.embed(picture, face), time.perf_counter))
    yield measured("align and embed", "ms of one core", _core(lambda: engine.embed(picture, face)))
    yield measured("follow a frame: look for faces", "ms of one core", _core(lambda: engine.follow(picture)))
    yield measured("follow a frame: go on from the last", "ms of one core", _core(lambda: engine.follow(picture, near)))
    yield measured("follow a frame, on the average of a session", "ms of one core", _core(_followed(engine)), 6.0)


def _followed(engine: FaceEngine) -> Callable[[], object]:
    """Take frames as a liveness session's tracker does, decoding included, from one look around to the next: most of
    the time it follows the last face."""
    watcher, clock = FaceTracker(), count(step=PACE)
    jpeg = cv2.imencode(".jpg", cv2.resize(frame(), (480, 360)))[1].tobytes()
    frames = math.ceil(LOOK_AROUND / PACE)
    return lambda: [watcher.see(engine, decode(jpeg), next(clock)) for _ in range(frames)]


def _core(thing: Callable[[], object]) -> list[float]:
    """Return the milliseconds of processor time per call, of all threads together."""
    return _each(thing, time.process_time)


def _each(thing: Callable[[], object], clock: Callable[[], float]) -> list[float]:
    """Return the milliseconds per call. If the call returns a list, each item counts."""
    spent = []
    for _ in range(40):
        began = clock()
        made = thing()
        spent.append((clock() - began) * 1000 / (len(made) if isinstance(made, list) else 1))
    return spent
