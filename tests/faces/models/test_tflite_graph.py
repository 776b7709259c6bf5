"""TFLite files read and written as ONNX graphs, against a plain computation of what TensorFlow defines."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from secure_attend.faces.models.tflite_file import UnsupportedTflite, read
from secure_attend.faces.models.tflite_graph import INPUT, to_onnx
from tests.support.models.tflite_files import Step, tflite

RANDOM = np.random.default_rng(8)
PICTURE = RANDOM.normal(size=(1, 7, 6, 3)).astype(np.float32)
SAME, VALID = 0, 1
RELU, RELU6 = 1, 3


def noise(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape).astype(np.float32)


def answer(data: bytes, picture: np.ndarray = PICTURE) -> np.ndarray:
    session = onnxruntime.InferenceSession(to_onnx(read(data)).SerializeToString())
    return np.asarray(session.run(None, {INPUT: picture.transpose(0, 3, 1, 2)})[0])


def windows(picture: np.ndarray, kernel: int, stride: int, padding: int, fill: float) -> np.ndarray:
    """(rows, columns, kernel, kernel, channels): what each place of the output sees."""
    padded = picture[0]
    if padding == SAME:
        totals = [max(0, (-(-size // stride) - 1) * stride + kernel - size) for size in padded.shape[:2]]
        before = [total // 2 for total in totals]
        after = [total - first for total, first in zip(totals, before, strict=True)]
        padded = np.pad(padded, [*zip(before, after, strict=True), (0, 0)], constant_values=fill)
    seen = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(0, 1))
    return seen[::stride, ::stride].transpose(0, 1, 3, 4, 2)


@pytest.mark.parametrize("padding", [SAME, VALID])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("half", [True, False])
def test_convolutions(padding: int, stride: int, half: bool) -> None:
    weights, bias = noise(4, 3, 3, 3), noise(4)
    expected = np.einsum("rcijk,oijk->rco", windows(PICTURE, 3, stride, padding, 0.0), weights) + bias
    options = {"small": {0: padding, 3: RELU}, "large": {1: stride, 2: stride, 4: 1, 5: 1}}
    if half:
        weights = weights.astype(np.float16)
        expected = np.einsum("rcijk,oijk->rco", windows(PICTURE, 3, stride, padding, 0.0), weights.astype(np.float32))
        expected += bias
    tensors = [PICTURE.shape, weights, bias, weights.shape, (1, *expected.shape)]
    steps = [Step("CONV_2D", [0, 1, 2], 4, **options)]
    if half:
        steps = [Step("DEQUANTIZE", [1], 3), Step("CONV_2D", [0, 3, 2], 4, **options)]
    np.testing.assert_allclose(answer(tflite(tensors, steps, [4]))[0], np.maximum(expected, 0), atol=1e-4)


def test_depthwise_convolutions_and_what_follows_them() -> None:
    weights, bias, slope = noise(1, 3, 3, 3), noise(3), noise(1, 1, 3)
    seen = np.einsum("rcijk,ijk->rck", windows(PICTURE, 3, 1, SAME, 0.0), weights[0]) + bias
    summed = np.where(seen > 0, seen, seen * slope) + PICTURE[0]
    tensors = [PICTURE.shape, weights, bias, slope, PICTURE.shape, PICTURE.shape, PICTURE.shape]
    steps = [
        Step("DEPTHWISE_CONV_2D", [0, 1, 2], 4, small={0: SAME}, large={1: 1, 2: 1, 3: 1, 5: 1, 6: 1}),
        Step("PRELU", [4, 3], 5),
        Step("ADD", [5, 0], 6),
    ]
    np.testing.assert_allclose(answer(tflite(tensors, steps, [6]))[0], summed, atol=1e-4)


def test_pools_pads_and_flat_answers_in_the_order_of_the_file() -> None:
    pads = np.array([[0, 0], [0, 0], [0, 0], [0, 2]], np.int32)
    largest = windows(PICTURE, 2, 2, VALID, -np.inf).max(axis=(2, 3))
    padded = np.pad(largest, [(0, 0), (0, 0), (0, 2)])
    tensors = [PICTURE.shape, pads, (1, *largest.shape), (1, *padded.shape), (1, padded.size), (1, padded.size)]
    steps = [
        Step("MAX_POOL_2D", [0], 2, small={0: VALID}, large={1: 2, 2: 2, 3: 2, 4: 2}),
        Step("PAD", [2, 1], 3),
        Step("RESHAPE", [3], 4),
        Step("LOGISTIC", [4], 5),
    ]
    got = answer(tflite(tensors, steps, [5]))
    np.testing.assert_allclose(got[0], 1 / (1 + np.exp(-padded.reshape(-1))), atol=1e-6)


def test_a_pad_of_anything_but_more_channels_is_refused() -> None:
    pads = np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32)
    data = tflite([PICTURE.shape, pads, PICTURE.shape], [Step("PAD", [0, 1], 2)], [2])
    with pytest.raises(UnsupportedTflite):
        to_onnx(read(data))


def test_several_answers_are_in_their_order() -> None:
    data = tflite([PICTURE.shape, PICTURE.shape], [Step("LOGISTIC", [0], 1)], [0, 1])
    made = to_onnx(read(data))
    assert [each.name for each in made.graph.output] == ["output0", "output1"]
    np.testing.assert_allclose(answer(data), PICTURE)


@pytest.mark.parametrize(
    "data", [b"", b"<html>no model</html>", b"\x20\0\0\0TFL3", b"\xff\xff\xff\xffTFL3" + b"\0" * 64]
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(UnsupportedTflite):
        read(data)


def test_a_file_cut_anywhere_is_refused() -> None:
    weights, bias = noise(4, 3, 3, 3), noise(4)
    steps = [Step("CONV_2D", [0, 1, 2], 3, small={0: SAME}, large={1: 1, 2: 1, 4: 1, 5: 1})]
    whole = tflite([PICTURE.shape, weights, bias, (1, 7, 6, 4)], steps, [3])
    for end in range(0, len(whole), 97):
        with pytest.raises(UnsupportedTflite):
            read(whole[:end])


@pytest.mark.parametrize(
    "step",
    [
        Step("TANH", [0], 1),
        Step("ADD", [0, 0], 1, small={0: RELU6}),
        Step("RESHAPE", [0], 1),
    ],
)
def test_what_is_not_known_is_refused(step: Step) -> None:
    with pytest.raises(UnsupportedTflite):
        to_onnx(read(tflite([PICTURE.shape, PICTURE.shape], [step], [1])))
