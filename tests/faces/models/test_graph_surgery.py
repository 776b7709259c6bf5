"""Changed graphs answer as they did before."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from secure_attend.faces.models.graph_surgery import (
    answering,
    checked_bytes,
    folded,
    mirrored,
    of_pixels,
    rectified,
)

RANDOM = np.random.default_rng(3)
PICTURE = RANDOM.normal(size=(1, 4, 6, 6)).astype(np.float32)


def model_of(nodes: list[Any], constants: dict[str, np.ndarray], opset: int = 21) -> Any:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, None, None, None])],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def answer(model: Any, **given: np.ndarray) -> np.ndarray:
    return np.asarray(onnxruntime.InferenceSession(checked_bytes(model)).run(None, given)[0])


def block_quantised() -> Any:
    """A convolution of weights in blocks of eight, each with a scale and a zero of its own."""
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["flat"], axis=1, block_size=8),
        helper.make_node("Reshape", ["flat", "shape"], ["weights"]),
        helper.make_node("Conv", ["x", "weights"], ["y"]),
    ]
    random = np.random.default_rng(4)
    constants = {
        "q": random.integers(-128, 128, (2, 16), np.int8),
        "scale": random.uniform(0.01, 0.1, (2, 2)).astype(np.float32),
        "zero": random.integers(-5, 5, (2, 2), np.int8),
        "shape": np.array([2, 4, 2, 2]),
    }
    return model_of(nodes, constants)


def test_block_quantised_weights_become_plain_ones() -> None:
    expected = ReferenceEvaluator(block_quantised()).run(None, {"x": PICTURE})[0]
    made = folded(block_quantised())
    assert [node.op_type for node in made.graph.node] == ["Conv"]
    assert [tensor.name for tensor in made.graph.initializer] == ["weights"]
    np.testing.assert_allclose(answer(made, x=PICTURE), expected, atol=1e-4)


@pytest.mark.parametrize("shape", [(4, 1, 1), (1, 4, 1, 1)])
def test_prelu_in_other_words_answers_the_same(shape: tuple[int, ...]) -> None:
    slope = RANDOM.uniform(-0.5, 1.5, shape).astype(np.float32)
    model = model_of([helper.make_node("PRelu", ["x", "slope"], ["y"])], {"slope": slope})
    expected = answer(model, x=PICTURE)
    made = rectified(model)
    assert "PRelu" not in {node.op_type for node in made.graph.node}
    np.testing.assert_allclose(answer(made, x=PICTURE), expected, atol=1e-6)


def bottleneck(channels: int, reader: str) -> Any:
    """Channels of 4, each read for itself, then together; `reader` gets what these give, and only a convolution takes
    nothing besides."""
    random = np.random.default_rng(5)
    nodes = [
        helper.make_node("Conv", ["x", "more", "bias"], ["some"]),
        helper.make_node("PRelu", ["some", "slope"], ["bent"]),
        helper.make_node("Conv", ["bent", "each", "bias"], ["apart"], group=channels, pads=[1, 1, 1, 1]),
        helper.make_node(reader, ["apart", "fewer"] if reader == "Conv" else ["apart", "bent"], ["y"]),
    ]
    shapes = {
        "more": (channels, 4, 1, 1),
        "bias": (channels,),
        "slope": (channels, 1, 1),
        "each": (channels, 1, 3, 3),
        "fewer": (16, channels, 1, 1),
    }
    return model_of(nodes, {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()})


@pytest.mark.parametrize(
    ("channels", "reader", "kinds"),
    [
        (8, "Conv", ["Conv", "Relu", "Conv", "Conv"]),
        (5, "Conv", ["Conv", "Relu", "Conv", "Conv"]),
        (9, "Conv", ["Conv", "PRelu", "Conv", "Conv"]),
        (8, "Add", ["Conv", "PRelu", "Conv", "Add"]),
    ],
)
def test_half_a_block_is_mirrored_where_only_convolutions_read_it(channels: int, reader: str, kinds: list[str]) -> None:
    expected = answer(bottleneck(channels, reader), x=PICTURE)
    made = mirrored(bottleneck(channels, reader))
    assert [node.op_type for node in made.graph.node] == kinds
    np.testing.assert_allclose(answer(made, x=PICTURE), expected, atol=1e-4)


def test_weights_carry_the_scale_of_pixels() -> None:
    weights = RANDOM.normal(size=(16, 4, 1, 1)).astype(np.float32)
    model = model_of([helper.make_node("Conv", ["x", "w"], ["y"])], {"w": weights})
    pixels = RANDOM.integers(0, 256, (1, 6, 6, 4), np.uint8)
    expected = answer(model, x=(pixels.transpose(0, 3, 1, 2) / 255).astype(np.float32))
    np.testing.assert_allclose(
        answer(of_pixels(model, [1, 6, 6, 4], scale=1 / 255), pixels=pixels), expected, atol=1e-5
    )


def test_a_graph_takes_pixels_as_opencv_keeps_them_and_gives_what_is_asked() -> None:
    model = model_of([helper.make_node("Relu", ["x"], ["inner"]), helper.make_node("Neg", ["inner"], ["y"])], {})
    made = answering(of_pixels(model, [1, 6, 6, 4]), "inner", [1, 4, 6, 6])
    pixels = RANDOM.integers(0, 256, (1, 6, 6, 4), np.uint8)
    np.testing.assert_array_equal(answer(made, pixels=pixels), pixels.transpose(0, 3, 1, 2))


def test_a_graph_that_onnx_refuses_is_not_written() -> None:
    with pytest.raises(onnx.checker.ValidationError):
        checked_bytes(model_of([helper.make_node("Relu", ["nothing"], ["y"])], {}))
