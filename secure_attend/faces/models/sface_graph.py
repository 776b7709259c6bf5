"""SFace (Zhong et al. 2021) as ONNX Runtime runs it: (1, 112, 112, 3) uint8 RGB chips in, (1, 128) float32 out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.models.graph_surgery import answering, checked_bytes, folded, of_pixels, rectified
from secure_attend.faces.models.kept_graph import Recipe, opened, pattern
from secure_attend.faces.models.packaged import SFACE

SIDE, DIMENSION = 112, 128


def session(folder: Path) -> Any:
    """Return a session on the graph, made once and kept in `folder`."""
    return opened(RECIPE, SFACE.path(), folder)


def run(session: Any, chip: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(128,) float32 of a (112, 112, 3) RGB chip; its length says nothing."""
    answer: NDArray[np.float32] = session.run(None, {"pixels": chip[None]})[0].reshape(-1)
    return answer


def _made(source: Path) -> bytes:
    import onnx

    model = rectified(folded(onnx.load(source)))
    (output,) = (each.name for each in model.graph.output)
    return checked_bytes(answering(of_pixels(model, [1, SIDE, SIDE, 3]), output, [1, DIMENSION]))


def _ask(session: Any) -> NDArray[np.float32]:
    answer = run(session, pattern(SIDE, SIDE)[0])
    return answer[::16] / np.float32(np.linalg.norm(answer))


RECIPE = Recipe(
    name="sface.onnx",
    version=2,
    make=_made,
    ask=_ask,
    expected=(0.05716, 0.05738, -0.02480, 0.04979, -0.04310, -0.08416, 0.01357, 0.13055),
    close=1e-4,
)
