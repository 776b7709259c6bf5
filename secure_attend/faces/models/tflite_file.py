"""A TFLite model file, read in Python: its tensors and the operators between them.

The file is a flatbuffer of the tables in TensorFlow's `tensorflow/lite/schema/schema.fbs`, whose numbers of fields are
used here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flatbuffers import number_types
from flatbuffers.table import Table
from numpy.typing import NDArray

KINDS: dict[int, type[Any]] = {0: np.float32, 1: np.float16, 2: np.int32}
"""TensorType, as far as it is met here."""

OPERATORS = {
    0: "ADD",
    3: "CONV_2D",
    4: "DEPTHWISE_CONV_2D",
    6: "DEQUANTIZE",
    14: "LOGISTIC",
    17: "MAX_POOL_2D",
    22: "RESHAPE",
    34: "PAD",
    54: "PRELU",
}
"""BuiltinOperator, as far as it is met here."""


class UnsupportedTflite(Exception):
    """The file is no TFLite model, or one that asks for more than is known here."""


@dataclass(frozen=True)
class Tensor:
    """A value in the graph; `values` is None unless it is a constant."""

    shape: tuple[int, ...]
    values: NDArray[Any] | None


@dataclass(frozen=True)
class Options:
    """An operator's options, by their number in its table. One that is missing is 0 in the schema."""

    table: Table | None

    def byte(self, field: int) -> int:
        """An option of one byte."""
        return self._number(field, number_types.Int8Flags, 0)

    def integer(self, field: int, default: int = 0) -> int:
        """An option of four bytes."""
        return self._number(field, number_types.Int32Flags, default)

    def _number(self, field: int, kind: Any, default: int) -> int:
        place = _place(self.table, field) if self.table is not None else 0
        return int(self.table.Get(kind, place)) if self.table is not None and place else default


@dataclass(frozen=True)
class Operator:
    """One step of the graph, on tensors by number."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Options


@dataclass(frozen=True)
class TfliteModel:
    """The first graph of a file, in the order in which it is computed."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read(data: bytes) -> TfliteModel:
    """Return the model in the file's bytes. Raises UnsupportedTflite."""
    if data[4:8] != b"TFL3":
        raise UnsupportedTflite("it is not a TFLite model")
    try:
        return _model(Table(bytearray(data), struct.unpack_from("<I", data)[0]))
    except (struct.error, IndexError, ValueError, KeyError, TypeError) as error:
        raise UnsupportedTflite(f"it cannot be read as a TFLite model ({error})") from error


def _model(root: Table) -> TfliteModel:
    kinds = [_kind(code) for code in _tables(root, 1)]
    graph, buffers = next(_tables(root, 2)), list(_tables(root, 4))
    return TfliteModel(
        tuple(_tensor(table, buffers) for table in _tables(graph, 0)),
        tuple(_operator(table, kinds) for table in _tables(graph, 3)),
        _integers(graph, 1),
        _integers(graph, 2),
    )


def _kind(code: Table) -> str:
    """Files of before 2020 keep the code in a byte, field 0; newer ones in field 3."""
    options = Options(code)
    number = max(options.byte(0), options.integer(3))
    if number not in OPERATORS:
        raise UnsupportedTflite(f"its operator {number} is not known here")
    return OPERATORS[number]


def _tensor(table: Table, buffers: list[Table]) -> Tensor:
    shape, options = _integers(table, 0), Options(table)
    if _place(table, 6):
        raise UnsupportedTflite("it holds sparse tensors")
    content = _array(buffers[options.integer(2)], 0, np.uint8)
    if not content.size:
        return Tensor(shape, None)
    return Tensor(shape, content.view(KINDS[options.byte(1)]).reshape(shape))


def _operator(table: Table, kinds: list[str]) -> Operator:
    place = _place(table, 4)
    options = Table(table.Bytes, table.Indirect(place)) if place else None
    return Operator(kinds[Options(table).integer(0)], _integers(table, 1), _integers(table, 2), Options(options))


def _place(table: Table, field: int) -> int:
    """Where the field lies in the file; 0 if the table leaves it out."""
    offset = int(table.Offset(4 + 2 * field))
    return offset + int(table.Pos) if offset else 0


def _tables(table: Table, field: int) -> Iterator[Table]:
    offset = table.Offset(4 + 2 * field)
    for index in range(table.VectorLen(offset) if offset else 0):
        yield Table(table.Bytes, table.Indirect(table.Vector(offset) + 4 * index))


def _integers(table: Table, field: int) -> tuple[int, ...]:
    return tuple(int(number) for number in _array(table, field, np.int32))


def _array(table: Table, field: int, kind: type[Any]) -> NDArray[Any]:
    offset = table.Offset(4 + 2 * field)
    if not offset:
        return np.zeros(0, kind)
    return np.frombuffer(table.Bytes, kind, table.VectorLen(offset), table.Vector(offset)).copy()
