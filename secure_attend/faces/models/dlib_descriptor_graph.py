"""dlib's face descriptor as an ONNX graph: made once, checked against dlib, kept beside the downloaded weights.

The graph takes (n, 150, 150, 3) uint8 RGB chips and gives (n, 128) float32. ONNX Runtime runs it many times faster than
dlib does and without the interpreter's lock. Nothing is trusted that was not compared: a graph is written only when it
answers as dlib does, and used only when file, source and answers are still those.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import dlib
import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.models.dlib_file import SIDE, Convolution, DlibLayers, read
from secure_attend.faces.models.onnx_sessions import open_session

log = logging.getLogger(__name__)

NAME = "dlib_face_recognition_resnet_model_v1.onnx"
FORMAT = 2
"""Of graph and note; raised when either changes, so that older ones are made again."""

CLOSE = 1e-5
"""The largest difference in any of the 128 values; the two differ by 5e-7 at most on real chips (2 000 of LFW and
Essex), and people by 0.05 and more."""

PROBES = 4
Chips = NDArray[np.uint8]
Descriptors = NDArray[np.float32]


class Disagreement(Exception):
    """The graph does not answer as dlib does."""


def opened(source: Path, folder: Path) -> Any:
    """A session on the graph of dlib's model file `source`, made anew in `folder` if the one there cannot be used.

    Raises Disagreement, `UnknownFormat`, `DamagedFile` or OSError where no graph can be made or kept.
    """
    graph, note = folder / NAME, folder / f"{NAME}.json"
    source_hash = _sha256(source)
    try:
        return _kept(graph, note, source_hash)
    except FileNotFoundError:
        log.info("%s is made from %s", graph, source)
    except Exception as error:  # whatever is wrong with the kept graph, a new one is made
        log.warning("%s is made again: %s", graph, error)
    return _made(source, source_hash, graph, note)


def probes() -> Chips:
    """(4, 150, 150, 3) uint8: noise, and noise as smooth as faces are; the same each time."""
    random = np.random.default_rng(6)
    fine = random.integers(0, 256, (PROBES // 2, SIDE, SIDE, 3), np.uint8)
    coarse = random.integers(0, 256, (PROBES // 2, SIDE // 30, SIDE // 30, 3), np.uint8)
    return np.concatenate([fine, coarse.repeat(30, axis=1).repeat(30, axis=2)])


def compare(session: Any, chips: Chips, expected: Descriptors) -> None:
    """Raises Disagreement unless the graph gives the (n, 128) `expected`, for all chips at once and for the first."""
    for count in (len(chips), 1):
        apart = float(np.abs(run(session, chips[:count]) - expected[:count]).max())
        if not apart <= CLOSE:
            raise Disagreement(f"the graph's answers are {apart:.1e} from dlib's")


def run(session: Any, chips: Chips) -> Descriptors:
    """(n, 128) float32 of (n, 150, 150, 3) RGB chips."""
    answer: Descriptors = session.run(None, {"chips": chips})[0]
    return answer


def by_dlib(source: Path, chips: Chips) -> Descriptors:
    """(n, 128) float32: what dlib itself answers."""
    network = dlib.face_recognition_model_v1(str(source))
    return np.array([network.compute_face_descriptor(chip) for chip in chips], np.float32)


def _kept(graph: Path, note: Path, source_hash: str) -> Any:
    kept = json.loads(note.read_text("utf-8"))
    if (kept["format"], kept["source"], kept["graph"]) != (FORMAT, source_hash, _sha256(graph)):
        raise Disagreement("it is not the one that was checked")
    session = open_session(graph)
    compare(session, probes(), np.array(kept["answers"], np.float32))
    return session


def _made(source: Path, source_hash: str, graph: Path, note: Path) -> Any:
    chips = probes()
    answers = by_dlib(source, chips)
    graph.parent.mkdir(parents=True, exist_ok=True)
    partial = graph.with_name(f".{NAME}.{os.getpid()}.part")
    try:
        partial.write_bytes(_model(read(source)))
        session = open_session(partial)
        compare(session, chips, answers)
        kept = {"format": FORMAT, "source": source_hash, "graph": _sha256(partial), "answers": answers.tolist()}
        partial.replace(graph)
        partial.write_text(json.dumps(kept), "utf-8")
        partial.replace(note)
    finally:
        partial.unlink(missing_ok=True)
    return session


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        digest = hashlib.sha256()
        while piece := handle.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _model(network: DlibLayers) -> bytes:
    """The network as a serialised ONNX model."""
    import onnx
    from onnx import TensorProto, helper

    graph = _Graph()
    planes = graph.add("Cast", graph.add("Transpose", "chips", perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)
    stem = graph.convolution(planes, _of_pixels(network))
    flow = graph.add("MaxPool", stem, kernel_shape=[3, 3], strides=[2, 2])
    size, channels = 35, len(network.stem.bias)
    for first, second in network.blocks:
        flow, size = graph.block(flow, first, second, size, channels)
        channels = len(second.bias)
    features = graph.add("Flatten", graph.add("GlobalAveragePool", flow))
    graph.add("MatMul", features, graph.constant(network.projection), output="descriptors")
    made = helper.make_graph(
        graph.nodes,
        "dlib_face_recognition_resnet_model_v1",
        [helper.make_tensor_value_info("chips", TensorProto.UINT8, ["n", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info("descriptors", TensorProto.FLOAT, ["n", 128])],
        graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _of_pixels(network: DlibLayers) -> Convolution:
    """The stem for pixels as they are: what is done to them before is folded in, as nothing is padded there."""
    weights = network.stem.weights / np.float32(256)
    bias = network.stem.bias - np.einsum("oihw,i->o", weights, network.mean, dtype=np.float64).astype(np.float32)
    return replace(network.stem, weights=weights, bias=bias)


class _Graph:
    """Nodes and constants as they are added; every node has one output, whose name is the answer."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        from onnx import helper

        output = output or f"flow{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, values: Any) -> str:
        from onnx import numpy_helper

        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def convolution(self, flow: str, layer: Convolution, *, rectified: bool = True) -> str:
        weights, bias = self.constant(layer.weights), self.constant(layer.bias)
        strides, pads = [layer.stride] * 2, [layer.padding] * 4
        flow = self.add("Conv", flow, weights, bias, strides=strides, pads=pads)
        return self.add("Relu", flow) if rectified else flow

    def block(self, flow: str, first: Convolution, second: Convolution, size: int, channels: int) -> tuple[str, int]:
        """A residual block on `channels` planes of `size` pixels a side: its output, and that one's size.

        dlib adds tensors of different sizes as if the smaller went on in zeros, at the far ends of each axis.
        """
        inner = self.convolution(self.convolution(flow, first), second, rectified=False)
        around, inner_size, around_size = flow, size, size
        if first.stride == 2:
            around = self.add("AveragePool", flow, kernel_shape=[2, 2], strides=[2, 2])
            inner_size, around_size = (size - 3) // 2 + 1, (size - 2) // 2 + 1
        largest = max(inner_size, around_size)
        inner = self._grown(inner, largest - inner_size)
        around = self._grown(around, largest - around_size)
        if len(second.bias) > channels:
            around = self._widened(around, channels, len(second.bias))
        return self.add("Relu", self.add("Add", inner, around)), largest

    def _grown(self, flow: str, pixels: int) -> str:
        if not pixels:
            return flow
        return self.add("Pad", flow, self.constant(np.array([0, 0, 0, 0, 0, 0, pixels, pixels], np.int64)))

    def _widened(self, flow: str, channels: int, planes: int) -> str:
        """With planes of zeros behind the channels. As a convolution it keeps the layout that ONNX Runtime computes
        these in, and the sum and the rectifier that follow are done inside the one before."""
        kept = np.eye(planes, channels, dtype=np.float32)
        return self.add("Conv", flow, self.constant(kept[:, :, None, None]))
