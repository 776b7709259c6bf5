"""dlib's serialised face descriptor, read without dlib: the layers with their trained values.

The format is that of dlib's `serialize` functions (dlib/serialize.h, dlib/dnn/layers.h, dlib/cuda/tensor.h). A whole
number is a byte holding sign and length, then its bytes, least first; a text is its length and its bytes; a real number
is mantissa and exponent, each a whole number; a tensor is a version, four sizes and raw float32.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]


class UnknownFormat(Exception):
    """The file is not the network that this module reads."""


@dataclass(frozen=True)
class Convolution:
    """A convolution with the affine layer behind it folded in. `weights` is (out, in, height, width), `bias` (out,)."""

    weights: Values
    bias: Values
    stride: int
    padding: int


@dataclass(frozen=True)
class DlibLayers:
    """dlib's ResNet-29 (D. King, dlib's dnn_face_recognition_ex.cpp).

    `mean` is (3,) RGB, taken off the pixels before they are divided by 256; `stem` comes before the largest pooling,
    `blocks` are the residual blocks' pairs; `projection` is (features, 128).
    """

    mean: Values
    stem: Convolution
    blocks: tuple[tuple[Convolution, Convolution], ...]
    projection: Values


SIDE = 150
BLOCKS = 14
"""Residual blocks: two convolutions each; where the first has a stride of 2, what goes around is pooled by its mean."""


def _serialised(*names: str) -> re.Pattern[bytes]:
    return re.compile(b"|".join(bytes([1, len(name)]) + re.escape(name.encode("ascii")) for name in names))


PICTURE = _serialised("input_rgb_image_sized")
LAYERS = _serialised("con_4", "affine_", "relu_", "max_pool_2", "avg_pool_2", "add_prev_", "fc_2")


class _Reader:
    """Reads values one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def skip_to(self, names: re.Pattern[bytes]) -> str:
        """Goes behind the next of the serialised `names`, passing over what training left between two layers; ""
        where none is left."""
        found = names.search(self._data, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0][2:].decode("ascii")

    def whole(self) -> int:
        head = self._data[self._at]
        end = self._at + 1 + (head & 0x0F)
        value = int.from_bytes(self._data[self._at + 1 : end], "little")
        self._at = end
        return -value if head & 0x80 else value

    def real(self) -> float:
        mantissa = self.whole()
        return float(mantissa * 2.0 ** self.whole())

    def tensor(self) -> Values:
        """The tensor's values in one row."""
        version = self.whole()
        count = int(np.prod([self.whole() for _ in range(4)]))
        if version != 2 or self._at + 4 * count > len(self._data):
            raise UnknownFormat("a tensor is cut off")
        values = np.frombuffer(self._data, "<f4", count, self._at).astype(np.float32)
        self._at += 4 * count
        return values


def read(path: Path) -> DlibLayers:
    """The network in dlib_face_recognition_resnet_model_v1.dat. Raises UnknownFormat for anything else."""
    reader = _Reader(path.read_bytes())
    try:
        network = _network(reader)
    except (IndexError, ValueError, OverflowError) as error:
        raise UnknownFormat(f"{path.name} is not dlib's face descriptor") from error
    return network


def _network(reader: _Reader) -> DlibLayers:
    if not reader.skip_to(PICTURE):
        raise UnknownFormat("it begins with no picture")
    mean = np.array([reader.real() for _ in range(3)], np.float32)
    if (reader.whole(), reader.whole()) != (SIDE, SIDE):
        raise UnknownFormat("it takes pictures of another size")
    stem = _convolution(reader, 3)
    _expect(reader, "relu_", "max_pool_2")
    blocks = []
    channels = len(stem.bias)
    for _ in range(BLOCKS):
        first = _convolution(reader, channels)
        _expect(reader, "relu_")
        second = _convolution(reader, len(first.bias))
        if first.stride == 2:
            _expect(reader, "avg_pool_2")
        _expect(reader, "add_prev_", "relu_")
        blocks.append((first, second))
        channels = len(second.bias)
    _expect(reader, "avg_pool_2", "fc_2")
    return DlibLayers(mean, stem, tuple(blocks), _projection(reader))


def _expect(reader: _Reader, *names: str) -> None:
    for name in names:
        if reader.skip_to(LAYERS) != name:
            raise UnknownFormat(f"{name} was expected")


def _convolution(reader: _Reader, channels: int) -> Convolution:
    _expect(reader, "con_4")
    values = reader.tensor()
    count, height, width, stride, stride_across, padding, padding_across = (reader.whole() for _ in range(7))
    if (height, stride, padding) != (width, stride_across, padding_across):
        raise UnknownFormat("a convolution is not square")
    weights, bias = values[:-count].reshape(count, channels, height, width), values[-count:]
    _expect(reader, "affine_")
    gain, shift = reader.tensor().reshape(2, count)
    return Convolution(weights * gain[:, None, None, None], bias * gain + shift, stride, padding)


def _projection(reader: _Reader) -> Values:
    outputs, inputs = reader.whole(), reader.whole()
    return reader.tensor().reshape(inputs, outputs)
