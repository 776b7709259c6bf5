"""RetinaFace's graph with its finest level behind a switch: derived once from the downloaded graph and kept beside it.

RetinaFace looks for faces on three levels, each with squares ("anchors") of two sizes, the finest of 16 and 32 pixels.
It learns a face on a square that shares half of their union with it (Deng et al. 2020), so a face of more than 45
pixels belongs to the coarser levels. The finest level has the most pixels, and takes a quarter of the network's work.
ONNX Runtime runs the whole graph whichever outputs are requested, so the finest level's nodes move into a branch that
an input opens. Weights and answers stay the same.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.models.onnx_sessions import DamagedFile, open_session

log = logging.getLogger(__name__)

FORMAT = 1
"""The format of the derived graph. Raise it when the derivation changes, so that older graphs are replaced."""

FINEST = 3
"""The number of outputs of the finest level, the last of the nine: scores, boxes, landmarks."""

SWITCH = "finest"
"""The added input: whether to run the finest level."""

COARSE_SIDE = 48.0
"""Pixels, the root of the face's area: from here on the finest level is not needed. Of 936 faces of 30 pixels and more
(Essex, LFW; RetinaFace with MobileNet) it gave none its box or landmarks."""

PIECES, PIECE = 16, 1 << 16
"""The number of pieces, and their bytes, that identify a model file."""

Tensor = NDArray[np.float32]


class RetinaFaceGraph:
    """The function that `retinaface.RetinaFace.detect_faces` runs: (1, h, w, 3) float32 in, the nine outputs out."""

    def __init__(self, session: Any) -> None:
        names = [graph_input.name for graph_input in session.get_inputs()]
        self._session = session
        self._pixels = names[0]
        self._switched = SWITCH in names

    def __call__(self, pixels: Tensor) -> list[Tensor]:
        """Run every level."""
        return self._run(pixels, finest=True)

    def coarse(self, pixels: Tensor) -> list[Tensor]:
        """Run the coarser levels, which find faces of COARSE_SIDE. The finest level's outputs show no face."""
        return self._run(pixels, finest=False)

    def _run(self, pixels: Tensor, *, finest: bool) -> list[Tensor]:
        inputs: dict[str, Any] = {self._pixels: np.ascontiguousarray(pixels, np.float32)}
        if self._switched:
            inputs[SWITCH] = np.array(finest)
        answer: list[Tensor] = self._session.run(None, inputs)
        return answer


def open_graph(source: Path) -> Any:
    """Open the graph with the switch in ONNX Runtime. If it can't be derived or kept, log that and open `source`.

    Raises DamagedFile if `source` isn't a model.
    """
    graph = source.with_name(f"retinaface.levels.{_fingerprint(source)}.onnx")
    try:
        return open_session(graph)
    except FileNotFoundError:
        log.info("Deriving %s from %s", graph, source)
    except (DamagedFile, OSError) as error:
        log.warning("Deriving %s again: %s", graph, error)
    whole = RetinaFaceGraph(open_session(source))
    try:
        _derive(source, graph, whole)
        return open_session(graph)
    except Exception as error:  # the switch is for speed alone: nothing that goes wrong with it may stop the start
        log.warning("Detecting faces takes a third longer: %s could not be derived (%s).", graph, error)
        return open_session(source)


def _fingerprint(source: Path) -> str:
    """Identify a model file in a millisecond, by its size and pieces from all over it."""
    size = source.stat().st_size
    digest = hashlib.sha256(f"{FORMAT} {size}".encode())
    with source.open("rb") as handle:
        for piece in range(PIECES):
            handle.seek(max(0, size - PIECE) * piece // (PIECES - 1))
            digest.update(handle.read(PIECE))
    return digest.hexdigest()[:16]


def _derive(source: Path, graph: Path, whole: RetinaFaceGraph) -> None:
    partial = graph.with_name(f".{graph.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(switched(source))
        _compare(RetinaFaceGraph(open_session(partial)), whole)
        partial.replace(graph)
        for older in set(graph.parent.glob("retinaface.levels.*.onnx")) - {graph}:
            older.unlink()
    finally:
        partial.unlink(missing_ok=True)


def _compare(derived: RetinaFaceGraph, whole: RetinaFaceGraph) -> None:
    """Raise ValueError unless both answer the same, bit for bit, and so do the coarser levels with the switch off."""
    noise = np.random.default_rng(6).uniform(0, 255, (1, 96, 128, 3)).astype(np.float32)
    expected, coarse = whole(noise), derived.coarse(noise)
    same = all(map(np.array_equal, derived(noise), expected))
    if not same or not all(map(np.array_equal, coarse[:-FINEST], expected[:-FINEST])):
        raise ValueError("it answers differently from the original graph")


def switched(source: Path) -> bytes:
    """Return the model in `source`, serialised, with the nodes that only its last three outputs need inside an `If`."""
    import onnx
    from onnx import TensorProto, helper

    model = onnx.load(source)
    graph = model.graph
    finest = list(graph.output)[-FINEST:]
    needed = _ancestors(graph, [output.name for output in list(graph.output)[:-FINEST]])
    inside = [node for node in graph.node if needed.isdisjoint(node.output)]
    around = [node for node in graph.node if not needed.isdisjoint(node.output)]
    shared = {name for node in around for name in node.input}
    own = {name for node in inside for name in node.input} - shared
    weights = [tensor for tensor in graph.initializer if tensor.name in own]
    choice = helper.make_node(
        "If",
        [SWITCH],
        [output.name for output in finest],
        then_branch=_finest_level(inside, finest, weights),
        else_branch=_nothing(finest),
    )
    derived = helper.make_graph(
        [*around, choice],
        graph.name,
        [*graph.input, helper.make_tensor_value_info(SWITCH, TensorProto.BOOL, [])],
        graph.output,
        [tensor for tensor in graph.initializer if tensor.name not in own],
    )
    return bytes(
        helper.make_model(derived, opset_imports=model.opset_import, ir_version=model.ir_version).SerializeToString()
    )


def _ancestors(graph: Any, outputs: Iterable[str]) -> set[str]:
    """Return the names of all values that the outputs are computed from, including their own."""
    makers = {name: node for node in graph.node for name in node.output}
    ancestors: set[str] = set()
    waiting = list(outputs)
    while waiting:
        name = waiting.pop()
        if name not in ancestors:
            ancestors.add(name)
            waiting += makers[name].input if name in makers else ()
    return ancestors


def _finest_level(nodes: list[Any], outputs: list[Any], weights: list[Any]) -> Any:
    """Return the branch that runs: the same nodes, with the branch's own names for the last values."""
    from onnx import TensorProto, helper

    own = {output.name: f"{output.name}_looked" for output in outputs}
    for node in nodes:
        node.input[:] = [own.get(name, name) for name in node.input]
        node.output[:] = [own.get(name, name) for name in node.output]
    values = [
        helper.make_tensor_value_info(own[output.name], TensorProto.FLOAT, [None, None, None, _channels(output)])
        for output in outputs
    ]
    return helper.make_graph(nodes, "looked", [], values, weights)


def _nothing(outputs: list[Any]) -> Any:
    """Return the branch that doesn't run: a single place, with zero scores and values."""
    from onnx import TensorProto, helper

    nodes, values = [], []
    for output in outputs:
        name, shape = f"{output.name}_nothing", [1, 1, 1, _channels(output)]
        zeros = helper.make_tensor(f"{name}_zeros", TensorProto.FLOAT, shape, [0.0] * shape[3])
        nodes.append(helper.make_node("Constant", [], [name], value=zeros))
        values.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    return helper.make_graph(nodes, "nothing", [], values)


def _channels(output: Any) -> int:
    return int(output.type.tensor_type.shape.dim[3].dim_value)
