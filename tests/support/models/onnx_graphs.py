"""Tiny ONNX graphs with the inputs and outputs of real ones: quick to load, and they recognise colours."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def recogniser(side: int = 160, dimension: int = 128) -> bytes:
    """As FaceNet: (n, side, side, 3) in, (n, dimension) out. The mean of each quarter's colours, mixed at random."""
    mix = np.random.default_rng(0).normal(size=(12, dimension)).astype(np.float32)
    nodes = [
        helper.make_node("Transpose", ["image"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node(
            "AveragePool", ["planes"], ["quarters"], kernel_shape=[side // 2, side // 2], strides=[side // 2, side // 2]
        ),
        helper.make_node("Flatten", ["quarters"], ["flat"]),
        helper.make_node("MatMul", ["flat", "mix"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", side, side, 3])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", dimension])],
        [numpy_helper.from_array(mix, "mix")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def detector(seed: int = 0) -> bytes:
    """As RetinaFace: (n, h, w, 3) in; nine outputs, scores, boxes and landmarks on strides of 32, 16 and 8, the finer
    computed from the coarser as well. Random: it finds nothing."""
    random = np.random.default_rng(seed)
    nodes = [helper.make_node("Transpose", ["data"], ["planes"], perm=[0, 3, 1, 2])]
    weights, flow = [], "planes"

    def convolution(name: str, source: str, planes: int, channels: int, stride: int = 1) -> str:
        kernel = random.normal(0, 0.1, (channels, planes, 3, 3)).astype(np.float32)
        weights.append(numpy_helper.from_array(kernel, f"{name}.weight"))
        inputs, strides = [source, f"{name}.weight"], [stride, stride]
        nodes.append(helper.make_node("Conv", inputs, [name], strides=strides, pads=[1, 1, 1, 1]))
        return name

    features = []
    for depth, planes in enumerate((3, 8, 8, 8, 8)):
        flow = convolution(f"down{depth}", flow, planes, 8, stride=2)
        features.append(flow)
    outputs, above = [], ""
    for stride, feature in ((32, features[4]), (16, features[3]), (8, features[2])):
        if above:
            weights.append(numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), f"twice{stride}"))
            nodes.append(helper.make_node("Resize", [above, "", f"twice{stride}"], [f"grown{stride}"], mode="nearest"))
            nodes.append(helper.make_node("Add", [f"grown{stride}", feature], [f"merged{stride}"]))
        above = f"merged{stride}" if above else feature
        for what, channels in (("cls_prob", 4), ("bbox_pred", 8), ("landmark_pred", 20)):
            name = f"{what}_stride{stride}"
            made = convolution(f"{name}_planes", above, 8, channels)
            nodes.append(helper.make_node("Transpose", [made], [name], perm=[0, 2, 3, 1]))
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", None, None, channels]))
    given = [helper.make_tensor_value_info("data", TensorProto.FLOAT, ["n", "h", "w", 3])]
    graph = helper.make_graph(nodes, "tiny", given, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
