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

from secure_attend.faces.models.deepface_patches import module
from secure_attend.faces.models.retinaface_graph import RetinaFaceGraph, open_graph

Tensor = NDArray[np.float32]
Run = Callable[[Tensor], Any]


class Answering:
    """RetinaFace's true network for the time it takes, and a small one's answers, since the true one's weights are
    random: it runs, and what the small one answered to a picture of the same size is given out."""

    def __init__(self, network: RetinaFaceGraph, small: RetinaFaceGraph) -> None:
        self.network = network
        self._small = small
        self._answers: dict[tuple[str, bytes], Any] = {}

    def __call__(self, tensor: Tensor) -> Any:
        return self._answer("every level", tensor, self.network, self._small)

    def coarse(self, tensor: Tensor) -> Any:
        """Without the finest level."""
        return self._answer("coarse", tensor, self.network.coarse, self._small.coarse)

    def _answer(self, levels: str, tensor: Tensor, network: Run, small: Run) -> Any:
        tensor = np.ascontiguousarray(tensor, np.float32)
        key = levels, repr(tensor.shape).encode() + tensor[:, ::37, ::41].tobytes()
        if key not in self._answers:
            self._answers[key] = small(tensor)
        network(tensor)
        return [answer.copy() for answer in self._answers[key]]


def shared() -> Path | None:
    """The folder of pictures and weights to measure with, named by SECURE_ATTEND_TEST_DATA."""
    named = os.environ.get("SECURE_ATTEND_TEST_DATA")
    return Path(named) if named else None


def fill(folder: Path, data: Path) -> None:
    """Writes the true-architecture weights under `folder`, and makes it DEEPFACE_HOME."""
    script = data / "weights" / "true_architecture" / "fill.py"
    subprocess.run([sys.executable, str(script), str(folder)], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    os.environ["DEEPFACE_HOME"] = str(folder)


def small_detector(data: Path, home: Path) -> RetinaFaceGraph:
    """The real RetinaFace with MobileNet, its files kept in `home`."""
    folder = home / "small"
    folder.mkdir()
    return RetinaFaceGraph(open_graph(Path(shutil.copy(data / "weights" / "real" / "retinaface.onnx", folder))))


def plain_detector(small: RetinaFaceGraph) -> Answering:
    """With the package's own session options, in the place where the package keeps its model."""
    answering = Answering(RetinaFaceGraph(module("retinaface.model.retinaface_onnx_model").load_weights()), small)
    module("retinaface.RetinaFace").model = answering
    return answering


def represent() -> Any:
    """`DeepFace.represent` and `DeepFace.find`, the module."""
    return module("deepface.DeepFace")


@contextmanager
def pictures(folder: Path, frame_files: dict[str, bytes]) -> Iterator[Path]:
    """A folder of pictures, as `DeepFace.find` searches one."""
    folder.mkdir()
    for name, data in frame_files.items():
        (folder / name).write_bytes(data)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
