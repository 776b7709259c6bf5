"""ONNX Runtime sessions with our options: threads sized to the machine, and none that spins while it waits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

MOST_THREADS = 4
"""One 480 px frame through RetinaFace gains little from more, and the server's own threads need the rest."""

GRAPH_FIELD = 7
"""`ModelProto.graph` in onnx.proto."""


class DamagedFile(Exception):
    """The file isn't a whole, loadable ONNX graph; the message says why."""


def threads() -> int:
    """Return how many threads a network may use on this machine."""
    return max(1, min(MOST_THREADS, _cores()))


def parallel_runs() -> int:
    """Return how many runs of a large network at a time keep every core busy. One more costs memory (RetinaFace 120 MB)
    and gains nothing."""
    return max(1, _cores() // threads())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def open_session(graph: Path | bytes, most_threads: int = MOST_THREADS, *, one_size: bool = False) -> Any:
    """Open an `onnxruntime.InferenceSession` on the graph, in a file or in memory, on the CPU.

    `one_size`: all pictures have the same size, so ONNX Runtime plans its memory once (the landmarks: 3 % less time).
    Waiting threads sleep: by default they spin, which took twice the CPU and more than twice the time beside a busy
    process. Raises DamagedFile.
    """
    import onnxruntime

    damage = what_is_wrong(graph) if isinstance(graph, Path) else None
    if damage:
        raise DamagedFile(damage)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = min(most_threads, threads())
    options.inter_op_num_threads = 1
    # a plan of the memory for each size of picture it has seen: over 60 windows 10 MB more, and no quicker
    options.enable_mem_pattern = one_size
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(_named(graph), sess_options=options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's kinds of error share no base of their own
        raise DamagedFile(f"ONNX Runtime can't load it ({first_line(error)})") from error


def _named(graph: Path | bytes) -> str | bytes:
    return str(graph) if isinstance(graph, Path) else graph


def what_is_wrong(path: Path) -> str | None:
    """Return why the file can't be a whole ONNX graph, or None. Reads only the outermost protobuf fields.

    An incomplete file ends inside a field, and an HTML page is no sequence of fields.
    """
    size = path.stat().st_size
    if size == 0:
        return "it is empty"
    seen = set()
    with path.open("rb") as handle:
        while handle.tell() < size:
            head = handle.tell()
            tag = _varint(handle.read(10))
            if tag is None:
                return "it isn't an ONNX model"
            handle.seek(head + tag[1])
            seen.add(tag[0] >> 3)
            skip = _field_length(handle, tag[0] & 7)
            if skip is None or tag[0] >> 3 == 0:
                return "it isn't an ONNX model"
            handle.seek(skip, os.SEEK_CUR)
        if handle.tell() > size:
            return "it is incomplete" if GRAPH_FIELD in seen else "it isn't an ONNX model"
    return None if GRAPH_FIELD in seen else "it isn't an ONNX model"


def _field_length(handle: Any, wire: int) -> int | None:
    """Return how many bytes to skip to the field's end; None for a wire type that protobuf doesn't have."""
    fixed = {1: 8, 5: 4}
    if wire in fixed:
        return fixed[wire]
    start = handle.tell()
    number = _varint(handle.read(10))
    if number is None or wire not in (0, 2):
        return None
    handle.seek(start)
    return number[1] if wire == 0 else number[1] + number[0]


def _varint(data: bytes) -> tuple[int, int] | None:
    """Return the base-128 number that `data` starts with, and its length in bytes."""
    value = 0
    for index, byte in enumerate(data):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, index + 1
    return None


def first_line(error: Exception) -> str:
    """Return the first line of the error's text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
