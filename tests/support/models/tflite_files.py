"""Tiny TFLite files, written field by field as TensorFlow's schema numbers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import flatbuffers
import numpy as np

CODES = {
    "ADD": 0,
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 4,
    "DEQUANTIZE": 6,
    "LOGISTIC": 14,
    "MAX_POOL_2D": 17,
    "RESHAPE": 22,
    "TANH": 28,
    "PAD": 34,
    "PRELU": 54,
}
KINDS = {np.dtype(np.float32): 0, np.dtype(np.float16): 1, np.dtype(np.int32): 2}


@dataclass(frozen=True)
class Step:
    """An operator; `small` and `large` are its options of one byte and of four, by field."""

    kind: str
    inputs: Sequence[int]
    output: int
    small: Mapping[int, int] = field(default_factory=dict)
    large: Mapping[int, int] = field(default_factory=dict)


def tflite(tensors: Sequence[tuple[int, ...] | np.ndarray], steps: Sequence[Step], outputs: Sequence[int]) -> bytes:
    """A file with these tensors (a shape, or a constant's values); tensor 0 is the input."""
    builder = flatbuffers.Builder(1024)
    kinds = sorted({step.kind for step in steps})
    contents = [_buffer(builder, None), *(_buffer(builder, each) for each in tensors)]
    graph = _table(
        builder,
        {
            0: _offsets(builder, [_tensor(builder, index, each) for index, each in enumerate(tensors)]),
            1: _numbers(builder, [0]),
            2: _numbers(builder, outputs),
            3: _offsets(builder, [_operator(builder, step, kinds.index(step.kind)) for step in steps]),
        },
    )
    codes = [_table(builder, {}, small={0: CODES[kind]}, large={3: CODES[kind]}) for kind in kinds]
    root = _table(
        builder,
        {1: _offsets(builder, codes), 2: _offsets(builder, [graph]), 4: _offsets(builder, contents)},
        {},
        {0: 3},
    )
    builder.Finish(root, b"TFL3")
    return bytes(builder.Output())


def _table(
    builder: flatbuffers.Builder,
    offsets: Mapping[int, int],
    small: Mapping[int, int] | None = None,
    large: Mapping[int, int] | None = None,
) -> int:
    builder.StartObject(8)
    for number, value in (small or {}).items():
        builder.PrependInt8Slot(number, value, 0)
    for number, value in (large or {}).items():
        builder.PrependInt32Slot(number, value, 0)
    for number, value in offsets.items():
        builder.PrependUOffsetTRelativeSlot(number, value, 0)
    return int(builder.EndObject())


def _tensor(builder: flatbuffers.Builder, index: int, given: tuple[int, ...] | np.ndarray) -> int:
    constant = isinstance(given, np.ndarray)
    shape = given.shape if constant else given
    kind = KINDS[given.dtype] if constant else 0
    return _table(builder, {0: _numbers(builder, shape)}, small={1: kind}, large={2: index + 1})


def _operator(builder: flatbuffers.Builder, step: Step, code: int) -> int:
    options = _table(builder, {}, step.small, step.large)
    fields = {1: _numbers(builder, step.inputs), 2: _numbers(builder, [step.output]), 4: options}
    return _table(builder, fields, large={0: code})


def _buffer(builder: flatbuffers.Builder, given: tuple[int, ...] | np.ndarray | None) -> int:
    if not isinstance(given, np.ndarray):
        return _table(builder, {})
    return _table(builder, {0: builder.CreateNumpyVector(np.frombuffer(given.tobytes(), np.uint8))})


def _numbers(builder: flatbuffers.Builder, numbers: Sequence[int]) -> int:
    return int(builder.CreateNumpyVector(np.asarray(numbers, np.int32)))


def _offsets(builder: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())
