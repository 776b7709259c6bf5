"""Changes to ONNX graphs that keep their answers, so that ONNX Runtime can load them or runs them faster."""

from __future__ import annotations

from collections.abc import Callable
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


def mirrored(model: Any) -> Any:
    """Write each PRelu of half a block of channels or less, between convolutions, as the relu of these channels and of
    their negatives: relu(x) - slope * relu(-x).

    The negatives fill a block that is computed anyhow, and the next convolution of all channels subtracts its share of
    them. Left alone, eight channels of 128 x 128 make ONNX Runtime leave its blocked layout; filled up with zeros
    they keep it, but the landmarks take a tenth more time.
    """
    from onnx import numpy_helper

    graph = model.graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        convolutions = _around_small(graph.node, node, values)
        if convolutions:
            _mirror(node, *convolutions, values)
    wanted = {name for node in graph.node for name in node.input}
    _replace(
        graph.initializer, [numpy_helper.from_array(each, name) for name, each in values.items() if name in wanted]
    )
    return model


def _around_small(nodes: Any, node: Any, values: dict[str, Any]) -> tuple[Any, Any, Any] | None:
    """Return the convolutions around a PRelu that can be mirrored: the one before, then one of each channel for itself
    and one of all channels. None where others stand there."""
    if node.op_type != "PRelu":
        return None
    before: Any = next((each for each in nodes if node.input[0] in each.output), None)
    apart = _only_reader(nodes, node)
    after = apart and _only_reader(nodes, apart)
    if any(each is None or each.op_type != "Conv" for each in (before, apart, after)):
        return None
    small = 2 * len(values[before.input[1]]) <= BLOCK and _only_reader(nodes, before) == node
    fitting = _group(before) is None and _group(apart) is not None and _group(after) is None
    return (before, apart, after) if small and fitting else None


def _only_reader(nodes: Any, node: Any) -> Any:
    readers = [each for each in nodes if node.output[0] in each.input]
    return readers[0] if len(readers) == 1 else None


def _mirror(prelu: Any, before: Any, apart: Any, after: Any, values: dict[str, Any]) -> None:
    slope = values[prelu.input[1]].reshape(-1, 1, 1)
    prelu.op_type = "Relu"
    del prelu.input[1]
    _group(apart).i *= 2
    for index in (1, 2):  # weights and bias
        _change(before, index, values, lambda each: np.concatenate([each, -each]))
    _change(apart, 1, values, lambda each: np.concatenate([each, each]))
    _change(apart, 2, values, lambda each: np.concatenate([each, 0 * each]))
    _change(after, 1, values, lambda each: np.concatenate([each, -slope * each], axis=1))


def _group(node: Any) -> Any:
    """Return the attribute that counts the groups of a convolution of each channel for itself; None for others."""
    return next((each for each in node.attribute if each.name == "group" and each.i > 1), None)


def _change(node: Any, index: int, values: dict[str, Any], change: Callable[[Any], Any]) -> None:
    """Give the node a constant of its own, changed, in place of the one that it may share."""
    if index < len(node.input):
        own = f"{node.input[index]}_of_{node.output[0]}"
        values[own] = change(values[node.input[index]])
        node.input[index] = own


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
