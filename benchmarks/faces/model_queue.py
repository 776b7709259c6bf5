"""Ten kiosks show a key frame at the same moment: is it faster to take turns, or to let the networks compete?"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore

from benchmarks.faces import plain_deepface
from benchmarks.faces.faces import frame, papers_pair
from benchmarks.timing import Row, Times, compared
from secure_attend.attendance.metrics import MeasuredEngine, Metrics
from secure_attend.faces import loading
from secure_attend.faces.composed import ComposedEngine
from secure_attend.faces.detect.retinaface import RetinaFaceDetector
from secure_attend.faces.detect.second_look import SecondLook
from secure_attend.faces.models import profiles
from secure_attend.faces.models.onnx_sessions import parallel_runs, threads

KIOSKS = 10
ROUNDS = int(os.environ.get("TURNS_ROUNDS", "15"))
TURNS, COMPETING = f"{KIOSKS} key frames in turns", f"{KIOSKS} key frames competing"


def rows() -> Iterator[Row]:
    """Measure the profile sface, and facenet if its networks' architecture is at hand."""
    sface, data = loading.load(profiles.SFACE), plain_deepface.shared()
    assert isinstance(sface, ComposedEngine)
    yield from _compared("sface", sface)
    if data is None:
        print("SKIPPED: the facenet profile. Set SECURE_ATTEND_TEST_DATA to the folder with its networks.")
        return
    with tempfile.TemporaryDirectory() as home:
        plain_deepface.fill(Path(home), data)
        yield from _compared("facenet", papers_pair(plain_deepface.small_detector(data, Path(home))))


def _compared(profile: str, engine: ComposedEngine) -> Iterator[Row]:
    """Measure the time until the last has its answer, and the average wait. Frames are followed, detected and
    embedded."""
    last, average = (f"{profile}: {what}" for what in ("until all are answered", "the average answer"))
    times: Times = defaultdict(list)
    with ThreadPoolExecutor(KIOSKS) as pool:
        for turn in range(1 + ROUNDS):
            for name, most, detectors in ((TURNS, threads(), parallel_runs()), (COMPETING, KIOSKS, KIOSKS)):
                detector = engine.detector.first if isinstance(engine.detector, SecondLook) else engine.detector
                if isinstance(detector, RetinaFaceDetector):
                    detector._runs = BoundedSemaphore(detectors)
                waits = _waits(pool, MeasuredEngine(engine, Metrics(most)))
                if turn:
                    times[f"{last}, {name}"].append(max(waits))
                    times[f"{average}, {name}"].append(statistics.fmean(waits))
    for what in (last, average):
        yield compared(times, f"{what}, {TURNS}", f"{what}, {COMPETING}")


def _waits(pool: ThreadPoolExecutor, engine: MeasuredEngine) -> list[float]:
    """Return the milliseconds from the moment that all come in to each one's answer."""
    picture, began = frame(), time.perf_counter()

    def answered(_kiosk: int) -> float:
        near = engine.follow(picture)[0]
        engine.embed(picture, engine.find(picture, near)[0])
        return (time.perf_counter() - began) * 1000

    return list(pool.map(answered, range(KIOSKS)))
