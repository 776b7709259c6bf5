"""YuNet (Wu et al. 2023) as ONNX Runtime runs it: a frame of any size in, a row for each place it looks at out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.models.graph_surgery import answering, checked_bytes, folded, of_pixels
from secure_attend.faces.models.kept_graph import Recipe, opened, pattern
from secure_attend.faces.models.packaged import YUNET

STRIDES = (8, 16, 32)
"""Pixels between the places that each of its three levels looks at."""

Rows = NDArray[np.float32]
"""(N, 15) float32: a face's box (left, top, right, bottom) and its five points (x, y) in pixels, then the score."""


def session(folder: Path) -> Any:
    """Return a session on the graph, made once and kept in `folder`."""
    return opened(RECIPE, YUNET.path(), folder)


def run(session: Any, frame: NDArray[np.uint8], least: float) -> Rows:
    """Return the places of an (h, w, 3) BGR frame that score `least` or more, before overlaps are dropped."""
    height, width = (-(-side // STRIDES[-1]) * STRIDES[-1] for side in frame.shape[:2])
    padded = np.zeros((1, height, width, 3), np.uint8)
    padded[0, : frame.shape[0], : frame.shape[1]] = frame
    answer: Rows = session.run(None, {"pixels": padded})[0][0]
    places = np.flatnonzero(answer[:, 0] >= least)
    return _decoded(answer[places], _grid(height, width)[places])


def _decoded(answer: Rows, grid: Rows) -> Rows:
    """In pixels. The network says where a box's centre and the points are, and the logarithm of its sides, in strides
    from its place."""
    corner, stride = grid[:, :2], grid[:, 2:]
    centre, half = (answer[:, 1:3] + corner) * stride, np.exp(answer[:, 3:5]) * stride / 2
    points = (answer[:, 5:].reshape(-1, 5, 2) + corner[:, None]) * stride[:, None]
    return np.concatenate([centre - half, centre + half, points.reshape(-1, 10), answer[:, :1]], axis=1)


def _grid(height: int, width: int) -> Rows:
    """(N, 3) float32: column, row and stride of every place, in the order of the graph's rows."""
    levels = []
    for stride in STRIDES:
        row, column = np.indices((height // stride, width // stride)).reshape(2, -1)
        levels.append(np.stack([column, row, np.full_like(row, stride)], axis=1))
    return np.concatenate(levels).astype(np.float32)


def _made(source: Path) -> bytes:
    """The network with its twelve outputs as one, `rows`: (1, N, 15), a place's score, box and points."""
    import onnx
    from onnx import helper

    model = folded(onnx.load(source))
    for stride in STRIDES:
        model.graph.node.extend(
            [
                helper.make_node("Mul", [f"cls_{stride}", f"obj_{stride}"], [f"product_{stride}"]),
                helper.make_node("Sqrt", [f"product_{stride}"], [f"score_{stride}"]),
                helper.make_node(
                    "Concat", [f"{what}_{stride}" for what in ("score", "bbox", "kps")], [f"rows_{stride}"], axis=2
                ),
            ]
        )
    model.graph.node.append(helper.make_node("Concat", [f"rows_{stride}" for stride in STRIDES], ["rows"], axis=1))
    return checked_bytes(answering(of_pixels(model, [1, "height", "width", 3]), "rows", [1, "places", 15]))


def _ask(session: Any) -> NDArray[np.float32]:
    answer: Rows = session.run(None, {"pixels": pattern(64, 96)})[0][0]
    return np.asarray(answer.mean(axis=0), np.float32)


RECIPE = Recipe(
    name="yunet.onnx",
    version=1,
    make=_made,
    ask=_ask,
    expected=(
        *(0.00775, 0.47473, 0.39261, 0.93406, 0.94444, 0.02769, -0.13482, 1.06938),
        *(-0.06414, 0.59455, 0.79170, 0.19180, 1.38236, 0.75738, 1.35066),
    ),
    close=1e-4,
    threads=1,
)
