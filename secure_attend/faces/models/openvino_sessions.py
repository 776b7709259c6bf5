"""OpenVINO in place of ONNX Runtime for the downloaded networks, where a site asks for it (`RUNTIME=openvino`).

Both read the same files and compute in float32, so templates made by one are searched by the other: with the networks
at hand their embeddings differ by 1e-6 of their length. OpenVINO's own choice on newer processors, bfloat16, is not
left to it: what that does to recognition was not measured.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secure_attend.errors import StartRefused
from secure_attend.faces.models.onnx_sessions import DamagedFile, first_line, threads, what_is_wrong


class Session:
    """Answers as an `onnxruntime.InferenceSession` does, as far as it is asked here and by deepface.

    One run at a time, on all threads: for a second beside it OpenVINO would keep as much memory again.
    """

    def __init__(self, network: Any) -> None:
        self._request = network.create_infer_request()
        self._inputs = [_Named(each.any_name) for each in network.inputs]
        self._lock = Lock()

    def get_inputs(self) -> list[_Named]:
        """What the network takes, each with its `name`."""
        return self._inputs

    def run(self, _outputs: None, given: dict[str, Any]) -> list[NDArray[np.float32]]:
        """Every output, in the graph's order."""
        with self._lock:
            return list(self._request.infer(given).values())


class _Named:
    def __init__(self, name: str) -> None:
        self.name = name


def check() -> None:
    """Raises StartRefused `runtime_missing` where OpenVINO is not installed."""
    try:
        _core()
    except ImportError as error:
        raise StartRefused(
            "runtime_missing",
            f"RUNTIME=openvino needs the package openvino, which does not load here ({first_line(error)}). "
            "Install it (python -m pip install openvino), or leave RUNTIME out.",
        ) from error


def open_session(path: Path) -> Session:
    """A session on the graph in `path`, on the processor. Raises DamagedFile."""
    damage = what_is_wrong(path)
    if damage:
        raise DamagedFile(damage)
    options = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads(),
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
    }
    try:
        return Session(_core().compile_model(_core().read_model(path), "CPU", options))
    except RuntimeError as error:
        raise DamagedFile(f"it is not a model that OpenVINO can load ({first_line(error)})") from error


@cache
def _core() -> Any:
    """OpenVINO, imported without its telemetry: that would tell its makers of every start, and keep a file in the home
    folder to tell one machine from another."""
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino.Core()
