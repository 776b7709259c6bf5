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
    """Write each PRelu with a slope a channel as two depthwise convolutions and a sum.

    ONNX Runtime keeps its blocked layout through these and not through PRelu: SFace takes half of the time.
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
        graph.initializer.extend(
            [numpy_helper.from_array(slope, f"{out}_slope"), numpy_helper.from_array(1 - slope, f"{out}_rest")]
        )
        nodes += [
            helper.make_node("Relu", [flow], [f"{out}_above"]),
            helper.make_node("Conv", [f"{out}_above", f"{out}_rest"], [f"{out}_added"], group=len(slope)),
            helper.make_node("Conv", [flow, f"{out}_slope"], [f"{out}_sloped"], group=len(slope)),
            helper.make_node("Add", [f"{out}_added", f"{out}_sloped"], [out]),
        ]
    _replace(graph.node, nodes)
    wanted = {name for node in nodes for name in node.input}
    _replace(graph.initializer, [tensor for tensor in graph.initializer if tensor.name in wanted])
    return model


def of_pixels(model: Any, shape: list[int | str]) -> Any:
    """Let the graph take pixels as OpenCV keeps them: `pixels`, (n, h, w, c) uint8, for its one input of planes."""
    from onnx import TensorProto, helper

    graph = model.graph
    (planes,) = (each.name for each in graph.input)
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
