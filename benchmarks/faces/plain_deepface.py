"""The yardstick: `DeepFace.represent` as everyone calls it, with networks of the paper's pair's architecture."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.models import weights
from secure_attend.faces.models.deepface_patches import module
from secure_attend.faces.models.retinaface_graph import RetinaFaceGraph, open_graph

Tensor = NDArray[np.float32]
Run = Callable[[Tensor], Any]


class Answering:
    """RetinaFace's true network for the time it takes, with a small one's answers, because the true one's weights are
    random. It runs, and the answers of the small one to a picture of the same size are returned."""

    def __init__(self, network: RetinaFaceGraph, small: RetinaFaceGraph) -> None:
        self.network = network
        self._small = small
        self._answers: dict[tuple[str, bytes], Any] = {}

    def __call__(self, tensor: Tensor) -> Any:
        return self._answer("every level", tensor, self.network, self._small)

    def coarse(self, tensor: Tensor) -> Any:
        """The small network without the finest level."""
        return self._answer("coarse", tensor, self.network.coarse, self._small.coarse)

    def _answer(self, levels: str, tensor: Tensor, network: Run, small: Run) -> Any:
        tensor = np.ascontiguousarray(tensor, np.float32)
        key = levels, repr(tensor.shape).encode() + tensor[:, ::37, ::41].tobytes()
        if key not in self._answers:
            self._answers[key] = small(tensor)
        network(tensor)
        return [answer.copy() for answer in self._answers[key]]


def shared() -> Path | None:
    """Return the folder of pictures and weights to measure with, named by SECURE_ATTEND_TEST_DATA."""
    named = os.environ.get("SECURE_ATTEND_TEST_DATA")
    return Path(named) if named else None


def fill(folder: Path, data: Path) -> None:
    """Write the true-architecture weights under `folder`, copy the landmark file there, and make it DEEPFACE_HOME."""
    landmarks = weights.face_landmarker().path
    script = data / "weights" / "true_architecture" / "fill.py"
    subprocess.run([sys.executable, str(script), str(folder)], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    os.environ["DEEPFACE_HOME"] = str(folder)
    shutil.copy(landmarks, weights.folder())


def small_detector(data: Path, home: Path) -> RetinaFaceGraph:
    """Return the real RetinaFace with MobileNet, its files kept in `home`."""
    folder = home / "small"
    folder.mkdir()
    return RetinaFaceGraph(open_graph(Path(shutil.copy(data / "weights" / "real" / "retinaface.onnx", folder))))


def plain_detector(small: RetinaFaceGraph) -> Answering:
    """Load it with the package's own session options, where the package keeps its model."""
    answering = Answering(RetinaFaceGraph(module("retinaface.model.retinaface_onnx_model").load_weights()), small)
    module("retinaface.RetinaFace").model = answering
    return answering


def represent() -> Any:
    """Return the module of `DeepFace.represent` and `DeepFace.find`."""
    return module("deepface.DeepFace")


@contextmanager
def pictures(folder: Path, frame_files: dict[str, bytes]) -> Iterator[Path]:
    """Return a folder of pictures, as `DeepFace.find` searches one."""
    folder.mkdir()
    for name, data in frame_files.items():
        (folder / name).write_bytes(data)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
