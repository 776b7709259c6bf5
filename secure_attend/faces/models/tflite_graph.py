"""A TFLite model written as an ONNX graph, with the channels first, as ONNX Runtime computes them fastest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.models.tflite_file import Operator, TfliteModel, UnsupportedTflite

INPUT = "planes"
"""(1, c, h, w) float32."""

SAME = 0
"""Padding: as many places out as in, divided by the stride. The other kind adds none."""

CHANNELS_FIRST = (0, 3, 1, 2)
CHANNELS_LAST = (0, 2, 3, 1)


def to_onnx(model: TfliteModel) -> Any:
    """Return an ONNX model of the same network: input `planes`, outputs `output0` and so on, flat as in the file."""
    from onnx import helper

    graph = _Planes(model)
    for operator in model.operators:
        graph.add_operator(operator)
    for index, tensor in enumerate(model.outputs):
        graph.add("Identity", graph.channels_last(tensor), output=f"output{index}")
    (shape,) = (model.tensors[tensor].shape for tensor in model.inputs)
    made = helper.make_graph(
        graph.nodes,
        "tflite",
        [_info(INPUT, [shape[axis] for axis in CHANNELS_FIRST])],
        [_info(f"output{index}", model.tensors[tensor].shape) for index, tensor in enumerate(model.outputs)],
        graph.constants,
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _info(name: str, shape: Sequence[int]) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))


class _Planes:
    """Nodes and constants as they are added; `_flow` names what was computed of each tensor, channels first."""

    def __init__(self, model: TfliteModel) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._model = model
        self._known = {index: tensor.values for index, tensor in enumerate(model.tensors) if tensor.values is not None}
        self._flow = dict.fromkeys(model.inputs, INPUT)
        self._writers: dict[str, Callable[[Operator], str]] = {
            "ADD": self._sum,
            "CONV_2D": self._convolution,
            "DEPTHWISE_CONV_2D": self._depthwise,
            "LOGISTIC": lambda operator: self.add("Sigmoid", self._first(operator)),
            "MAX_POOL_2D": self._maximum,
            "PAD": self._pad,
            "PRELU": self._prelu,
            "RESHAPE": self._reshape,
        }

    def add(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node and return the name of its one output."""
        from onnx import helper

        output = output or f"flow{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def add_operator(self, operator: Operator) -> None:
        """Add what computes the operator's output. Raises UnsupportedTflite."""
        (out,) = operator.outputs
        if operator.kind == "DEQUANTIZE":  # float16 weights, which the file keeps to be small
            self._known[out] = np.asarray(self._known[operator.inputs[0]], np.float32)
        else:
            self._flow[out] = self._writers[operator.kind](operator)

    def channels_last(self, tensor: int) -> str:
        """The name of the tensor's values in the order of the file."""
        name = self._flow[tensor]
        return self.add("Transpose", name, perm=CHANNELS_LAST) if self._is_picture(tensor) else name

    def _is_picture(self, tensor: int) -> bool:
        return len(self._model.tensors[tensor].shape) == len(CHANNELS_FIRST)

    def _first(self, operator: Operator) -> str:
        return self._flow[operator.inputs[0]]

    def _constant(self, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _weights(self, tensor: int) -> NDArray[np.float32]:
        return np.asarray(self._known[tensor], np.float32)

    def _sum(self, operator: Operator) -> str:
        one, other = (self._flow[tensor] for tensor in operator.inputs)
        return self._activated(self.add("Add", one, other), operator.options.byte(0))

    def _convolution(self, operator: Operator) -> str:
        weights = self._weights(operator.inputs[1]).transpose(0, 3, 1, 2)
        return self._convolved(operator, weights, groups=1, activation=3, dilation=(5, 4))

    def _depthwise(self, operator: Operator) -> str:
        weights = self._weights(operator.inputs[1]).transpose(3, 0, 1, 2)
        channels = self._model.tensors[operator.inputs[0]].shape[3]
        return self._convolved(operator, weights, groups=channels, activation=4, dilation=(6, 5))

    def _convolved(
        self, operator: Operator, weights: NDArray[np.float32], groups: int, activation: int, dilation: tuple[int, int]
    ) -> str:
        """`activation` and `dilation` are where the operator's table has them; height comes before width in ONNX."""
        options = operator.options
        strides = [options.integer(2), options.integer(1)]
        dilations = [options.integer(field, 1) for field in dilation]
        bias = self._constant(self._weights(operator.inputs[2]))
        pads = self._pads(operator, weights.shape[2:], strides, dilations)
        flow = self.add(
            "Conv",
            self._first(operator),
            self._constant(weights),
            bias,
            strides=strides,
            dilations=dilations,
            group=groups,
            pads=pads,
        )
        return self._activated(flow, options.byte(activation))

    def _maximum(self, operator: Operator) -> str:
        options = operator.options
        strides, kernel = [options.integer(2), options.integer(1)], [options.integer(4), options.integer(3)]
        pads = self._pads(operator, kernel, strides, [1, 1])
        flow = self.add("MaxPool", self._first(operator), kernel_shape=kernel, strides=strides, pads=pads)
        return self._activated(flow, options.byte(5))

    def _pads(
        self, operator: Operator, kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
    ) -> list[int]:
        """Top, left, bottom, right; of an odd number TFLite puts the larger part behind."""
        if operator.options.byte(0) != SAME:
            return [0, 0, 0, 0]
        sizes = self._model.tensors[operator.inputs[0]].shape[1:3]
        sums = [
            max(0, (-(-size // stride) - 1) * stride + (reach - 1) * dilation + 1 - size)
            for size, reach, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True)
        ]
        return [each // 2 for each in sums] + [each - each // 2 for each in sums]

    def _pad(self, operator: Operator) -> str:
        """More channels, of zeros: as a convolution, through which ONNX Runtime keeps its blocked layout."""
        before, after = np.asarray(self._known[operator.inputs[1]], np.int64).T
        more = int(after[-1])
        if before.any() or after[:-1].any():
            raise UnsupportedTflite("it pads something other than the last channels")
        channels = self._model.tensors[operator.inputs[0]].shape[3]
        same = np.eye(channels + more, channels, dtype=np.float32)
        return self.add("Conv", self._first(operator), self._constant(same[:, :, None, None]))

    def _prelu(self, operator: Operator) -> str:
        slope = self._weights(operator.inputs[1]).reshape(-1, 1, 1)
        return self.add("PRelu", self._first(operator), self._constant(slope))

    def _reshape(self, operator: Operator) -> str:
        (out,) = operator.outputs
        if self._is_picture(out):
            raise UnsupportedTflite("it reshapes values into a picture")
        shape = self._constant(np.array(self._model.tensors[out].shape, np.int64))
        return self.add("Reshape", self.channels_last(operator.inputs[0]), shape)

    def _activated(self, flow: str, which: int) -> str:
        """ActivationFunctionType: none, or a rectifier."""
        if which > 1:
            raise UnsupportedTflite(f"its activation {which} is not known here")
        return self.add("Relu", flow) if which else flow
