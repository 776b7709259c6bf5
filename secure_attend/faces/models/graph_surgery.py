"""Changes to ONNX graphs that keep their answers, so that ONNX Runtime can load them or runs them faster."""

from __future__ import annotations

from typing import Any

import numpy as np


def folded(model: Any) -> Any:
    """Compute once what depends on constants alone: block-quantised weights, above all, become float32.

    ONNX Runtime refuses convolutions whose weights are computed while the graph runs.
    """
    from onnx import numpy_helper
    from onnx.reference import ReferenceEvaluator

    graph = model.graph
    opsets = {each.domain: each.version for each in model.opset_import}
    known = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type in ("DequantizeLinear", "Reshape") and all(name in known for name in node.input):
            given = {name: known[name] for name in node.input}
            answers: Any = ReferenceEvaluator(node, opsets=opsets).run(None, given)
            known |= zip(node.output, answers, strict=True)
        else:
            nodes.append(node)
    _replace(graph.node, nodes)
    wanted = {name for node in nodes for name in node.input}
    _replace(graph.initializer, [numpy_helper.from_array(known[name], name) for name in known if name in wanted])
    _replace(graph.input, [each for each in graph.input if each.name in wanted - known.keys()])
    return model


def rectified(model: Any) -> Any:
    """Write each PRelu with a slope a channel as two depthwise convolutions: x + (1 - slope) * relu(-x).

    ONNX Runtime keeps its blocked layout through these and not through PRelu, and computes the relu and the sum within
    them: SFace takes half of the time.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type != "PRelu":
            nodes.append(node)
            continue
        (flow, slope_name), (out,) = node.input, node.output
        slope = numpy_helper.to_array(constants[slope_name]).reshape(-1, 1, 1, 1).astype(np.float32)
        minus, rest = f"{out}_minus", f"{out}_rest"
        graph.initializer.extend(
            [numpy_helper.from_array(-np.ones_like(slope), minus), numpy_helper.from_array(1 - slope, rest)]
        )
        nodes += [
            helper.make_node("Conv", [flow, minus], [f"{out}_turned"], group=len(slope)),
            helper.make_node("Relu", [f"{out}_turned"], [f"{out}_below"]),
            helper.make_node("Conv", [f"{out}_below", rest], [f"{out}_added"], group=len(slope)),
            helper.make_node("Add", [f"{out}_added", flow], [out]),
        ]
    _replace(graph.node, nodes)
    wanted = {name for node in nodes for name in node.input}
    _replace(graph.initializer, [tensor for tensor in graph.initializer if tensor.name in wanted])
    return model


BLOCK = 16
"""Channels that ONNX Runtime computes at once on processors with AVX-512; on others it takes 8."""


def whole_blocks(model: Any) -> Any:
    """Give convolutions that answer with part of a block of channels a whole one, the rest zeros, where only
    convolutions and PRelus read it.

    ONNX Runtime leaves its blocked layout otherwise: on eight channels of 128 x 128 that costs more than the zeros.
    """
    from onnx import numpy_helper

    graph = model.graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    given: dict[str, int] = {}  # channels of what was widened
    for node in graph.node:
        channels = given.get(node.input[0], 0)
        if node.op_type == "PRelu" and channels:
            _widen(node, 1, values, {-3: channels})
            given[node.output[0]] = channels
        elif node.op_type == "Conv":
            group = _group(node)
            out = channels if group else _whole(node, values) if _read_by_convolutions(graph, node.output[0]) else 0
            if group and channels:
                group.i = channels
            _widen(node, 1, values, {0: out, 1: 0 if group else channels})
            _widen(node, 2, values, {0: out})
            given[node.output[0]] = out
    wanted = {name for node in graph.node for name in node.input}
    _replace(
        graph.initializer, [numpy_helper.from_array(each, name) for name, each in values.items() if name in wanted]
    )
    return model


def _whole(node: Any, values: dict[str, Any]) -> int:
    """Return the channels of whole blocks that a convolution needs; 0 where it answers with whole ones."""
    channels = len(values[node.input[1]])
    return -(-channels // BLOCK) * BLOCK if channels % BLOCK else 0


def _read_by_convolutions(graph: Any, name: str) -> bool:
    """Return whether nothing but convolutions reads the value, at once or after what keeps its channels apart."""
    readers = [node for node in graph.node if name in node.input]
    passing = [node for node in readers if node.op_type == "PRelu" or _group(node)]
    kinds = {node.op_type for node in readers}
    return (
        bool(readers)
        and kinds <= {"Conv", "PRelu"}
        and all(_read_by_convolutions(graph, each.output[0]) for each in passing)
    )


def _group(node: Any) -> Any:
    """Return the attribute that counts the groups of a convolution of each channel for itself; None for others."""
    return next((each for each in node.attribute if each.name == "group" and each.i > 1), None)


def _widen(node: Any, index: int, values: dict[str, Any], sizes: dict[int, int]) -> None:
    """Fill the node's constant with zeros up to the sizes of its axes; a size of 0 leaves the axis as it is."""
    if len(node.input) <= index or not any(sizes.values()):
        return
    constant = values[node.input[index]]
    more = [(0, 0)] * constant.ndim
    for axis, size in sizes.items():
        more[axis] = (0, max(0, size - constant.shape[axis]))
    node.input[index] = f"{node.input[index]}_of_{node.output[0]}"
    values[node.input[index]] = np.pad(constant, more)


def of_pixels(model: Any, shape: list[int | str], scale: float = 1.0) -> Any:
    """Let the graph take pixels as OpenCV keeps them: `pixels`, (n, h, w, c) uint8, for its one input of planes.

    A network that was trained on pixels times `scale` has the scale in the weights of its first convolutions.
    """
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    (planes,) = (each.name for each in graph.input)
    first_weights = {node.input[1] for node in graph.node if node.op_type == "Conv" and node.input[0] == planes}
    for tensor in graph.initializer:
        if tensor.name in first_weights and scale != 1:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) * np.float32(scale), tensor.name))
    first = [
        helper.make_node("Transpose", ["pixels"], ["pixel_planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["pixel_planes"], [planes], to=TensorProto.FLOAT),
    ]
    _replace(graph.node, [*first, *graph.node])
    _replace(graph.input, [helper.make_tensor_value_info("pixels", TensorProto.UINT8, shape)])
    return model


def answering(model: Any, name: str, shape: list[int | str]) -> Any:
    """Let `name`, float32, be the graph's only output."""
    from onnx import TensorProto, helper

    _replace(model.graph.output, [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)])
    del model.graph.value_info[:]
    return model


def checked_bytes(model: Any) -> bytes:
    """The model, serialised, once ONNX's own checker accepts it."""
    import onnx

    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _replace(field: Any, values: list[Any]) -> None:
    kept = list(values)
    del field[:]
    field.extend(kept)
