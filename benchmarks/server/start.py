"""From the start to the first address, compared with the least that importing and loading takes; memory then and
later."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.faces import plain_deepface
from benchmarks.server.kiosks import Kiosk, kiosk_key, memory_of
from benchmarks.timing import Row, alternately, compared, measured
from secure_attend.faces.models import weights
from tests.support.app_process import started

FLOOR = {
    "sface": """
import cv2, numpy, onnxruntime, apiflask, uvicorn.protocols.http.h11_impl, cryptography.fernet
from secure_attend.faces.models import weights
from secure_attend.faces.models.onnx_sessions import open_session
sessions = [open_session(weights.folder() / name) for name in ("face_landmarks.onnx", "yunet.onnx", "sface.onnx")]
""",
    "facenet": """
import cv2, numpy, onnxruntime, apiflask, uvicorn.protocols.http.h11_impl, cryptography.fernet
from secure_attend.faces.models.deepface_patches import module
module("retinaface.RetinaFace"), module("deepface.modules.modeling")
from secure_attend.faces.models import weights
from secure_attend.faces.models.onnx_sessions import open_session
names = ("face_landmarks.onnx", "yunet.onnx", "retinaface.onnx", "facenet_weights.onnx")
sessions = [open_session(weights.folder() / name) for name in names]
""",
}
"""The least that each profile needs: its packages imported, its models loaded."""
MOST_MEMORY = {"sface": 320.0, "facenet": 700.0}
MOST_GROWTH = 5.0
"""Megabytes in the second half of an hour's frames: the difference between a figure taken twice."""
ROUNDS = int(os.environ.get("START_ROUNDS", "7"))
FRAMES = int(os.environ.get("MEMORY_FRAMES", "28800"))
"""An hour of a kiosk at 8 frames a second, sent as fast as they are answered."""


def rows() -> Iterator[Row]:
    """Measure the profile sface, and facenet if its networks' architecture is at hand."""
    with tempfile.TemporaryDirectory() as home:
        landmarker, data = weights.face_landmarker().path, plain_deepface.shared()
        folder = Path(home, ".deepface", "weights")
        folder.mkdir(parents=True)
        shutil.copy(landmarker, folder)
        if data is None:
            print("SKIPPED: the facenet profile. Set SECURE_ATTEND_TEST_DATA to the folder with its networks.")
        else:
            plain_deepface.fill(Path(home), data)
        for profile in ("sface", "facenet") if data else ("sface",):
            yield _ready(Path(home), profile)
            yield from _memory(Path(home), profile)


def _ready(home: Path, profile: str) -> Row:
    """Measure a second start, which finds what Python compiled at the first, if nothing in the environment forbids
    it."""
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(home / "compiled"), "DEEPFACE_HOME": str(home)}
    environment = {**os.environ, **kept}

    def floor() -> None:
        subprocess.run([sys.executable, "-c", FLOOR[profile]], check=True, env=environment)  # noqa: S603

    def ready() -> None:
        with started(home, "--data", str(home), "--models", profile, PORT="0", **kept) as server:
            server.ready()

    what, against = f"{profile}: start to ready", "importing and loading alone"
    return compared(alternately({what: ready, against: floor}, rounds=ROUNDS, warm_up=1), what, against, 1.3)


def _memory(home: Path, profile: str) -> Iterator[Row]:
    with started(home, "--data", str(home), "--models", profile, PORT="0", DEEPFACE_HOME=str(home)) as server:
        address = server.ready()
        yield measured(f"{profile}: memory when ready", "MB", [memory_of(server)], MOST_MEMORY[profile])
        halves = []
        for _ in range(2):
            kiosks = [Kiosk(address, kiosk_key(server, address), most=FRAMES / 8, rate=1000.0) for _ in range(4)]
            for kiosk in kiosks:
                kiosk.start()
            for kiosk in kiosks:
                kiosk.join()
            halves.append(memory_of(server))
        yield measured(f"{profile}: memory after {FRAMES} frames", "MB", halves[1:], MOST_MEMORY[profile])
        yield measured(f"{profile}: growth in their second half", "MB", [halves[1] - halves[0]], MOST_GROWTH)
        server.stop()
