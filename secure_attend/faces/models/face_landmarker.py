"""MediaPipe's Face Landmarker (Grishchenko et al. 2020): 478 points of a face, and whether there is one.

Only the network that places the points is read from the publisher's file. Its other networks, the one for expressions
above all, are neither loaded nor computed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.models import tflite_file, tflite_graph
from secure_attend.faces.models.graph_surgery import answering, checked_bytes, mirrored, of_pixels, rectified
from secure_attend.faces.models.kept_graph import Recipe, opened, pattern
from secure_attend.faces.models.onnx_sessions import DamagedFile

SIDE, POINTS = 256, 478
MEMBER = "face_landmarks_detector.tflite"
MEMBER_SHA256 = "c7d54204ce0448474c7f3fa9af494787c0965cbdd6f20fc72867e43046bd43d5"


def session(source: Path) -> Any:
    """Return a session on the graph made once of the publisher's file, and kept beside it.

    Raises DamagedFile or OSError where there is no such file.
    """
    return opened(RECIPE, source, source.parent)


def check(source: Path) -> None:
    """Raise DamagedFile for a file that does not hold the network."""
    _member(source)


def run(session: Any, chip: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float]:
    """Return (478, 3) float32, pixels of a (256, 256, 3) RGB chip (z is depth at the same scale), and the presence of a
    face, from 0 to 1."""
    answer: NDArray[np.float32] = session.run(None, {"pixels": chip[None]})[0][0]
    return answer[:-1].reshape(POINTS, 3), float(1 / (1 + np.exp(-np.clip(answer[-1], -50, 50))))


def _made(source: Path) -> bytes:
    return checked_bytes(graph_of(_member(source)))


def graph_of(data: bytes) -> Any:
    """The network in a TFLite file's bytes as an ONNX model: `pixels` in, points and presence in one row out."""
    from onnx import helper, numpy_helper

    model = rectified(mirrored(tflite_graph.to_onnx(tflite_file.read(data))))
    graph = model.graph
    graph.node.extend(
        [
            helper.make_node("Reshape", ["output0", "flat"], ["points"]),
            helper.make_node("Reshape", ["output1", "flat"], ["presence"]),
            helper.make_node("Concat", ["points", "presence"], ["row"], axis=1),
        ]
    )
    graph.initializer.append(numpy_helper.from_array(np.array([1, -1]), "flat"))
    return answering(of_pixels(model, [1, SIDE, SIDE, 3], scale=1 / 255), "row", [1, 3 * POINTS + 1])


def _member(source: Path) -> bytes:
    try:
        with ZipFile(source) as bundle:
            data = bundle.read(MEMBER)
    except (BadZipFile, KeyError) as error:
        raise DamagedFile(f"it is not MediaPipe's Face Landmarker ({error})") from error
    if hashlib.sha256(data).hexdigest() != MEMBER_SHA256:
        raise DamagedFile(f"{MEMBER} in it is not the file that its publisher released")
    return data


def _ask(session: Any) -> NDArray[np.float32]:
    points, presence = run(session, pattern(SIDE, SIDE)[0])
    return np.append(points[::80].reshape(-1), np.float32(presence))


RECIPE = Recipe(
    name="face_landmarks.onnx",
    version=4,
    make=_made,
    ask=_ask,
    expected=(
        *(133.445, 150.570, -6.786, 130.585, 159.793, -4.823, 114.565, 84.634, 0.391, 129.599),
        *(139.309, -4.561, 133.442, 164.574, -8.012, 124.970, 197.688, 1.830, 0.0),
    ),
    close=0.01,
    threads=1,
    one_size=True,
)
