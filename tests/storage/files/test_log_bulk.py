"""A log read by the thousand is read as it is line by line, whatever stands in it."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest

from secure_attend.storage.chains.log_chain import START, LogChain
from secure_attend.storage.files import log_bulk, log_scan
from secure_attend.storage.files.log_file import line_of
from secure_attend.storage.files.log_index import LogIndex
from tests.support.storage.site import entry

NAMES = ("007", "CS/2021/001", 'a "b" \\', "Ł\n\x7f", "\ud800", "id 8", "x" * 300)
TRIES = 250
IN_THE_WAY = (
    b"\n",
    b'"',
    b"0",
    b"g",
    b"",
    b"\\",
    b"9999",
    b"null",
    b"\x80",
    b'{"id":"1-',
    b",\n",
    b'"salt":null',
    b"24",
)


def log_of(records: int, chance: random.Random) -> bytes:
    """A log with cancellations, erased students and names of all kinds."""
    ledger, previous, lines = LogChain(bytes(32)), START, []
    for number in range(1, records + 1):
        cancels = f"{chance.randrange(1, number)}-{'0' * 16}" if number > 1 and chance.random() < 0.2 else None
        row = ledger.seal(
            number, entry(chance.choice(NAMES), minutes=chance.random() * 9999, cancels=cancels), previous
        )
        previous = str(row["mac"])
        lines.append(line_of({**row, "student_id": None, "salt": None} if chance.random() < 0.2 else row))
    return b"[\n" + b",\n".join(lines) + b"\n]\n"


def read(data: bytes) -> tuple[object, ...]:
    """All that a scan tells of the file, the refusal included."""
    try:
        found = log_scan.scan(io.BytesIO(data), len(data), "log")
    except log_scan.EditedLog as refused:
        return (refused.detail,)
    return (*_known(found.index), found.torn)


def _known(index: LogIndex) -> tuple[object, ...]:
    names = {name: list(index.of_student(name)) for name in NAMES}
    latest = {name: index.latest_check_in(name) for name in NAMES}
    cancelled = [index.cancellation_of(position) for position in range(len(index))]
    return list(index.offsets), list(index._times), index.end, index.last_mac, names, latest, cancelled


def nothing(file: io.BytesIO, offset: int, size: int) -> log_bulk.Ordinary:
    """Leaves all of the file to be read line by line."""
    empty = np.zeros(0, np.int64)
    return log_bulk.Ordinary(empty, empty, np.zeros(0, np.int32), [], offset, None)


@pytest.mark.parametrize("at_once", [700, log_bulk.AT_ONCE])
def test_it_reads_what_is_read_line_by_line(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    chance = random.Random(5)
    whole = log_of(120, chance)
    logs = [whole, whole[:-1], whole[: len(whole) // 2], b"[]\n", b"[", b"[\n", log_of(1, chance), log_of(10, chance)]
    for _ in range(TRIES):
        at = chance.randrange(len(whole))
        logs.append(whole[:at] + chance.choice(IN_THE_WAY) + whole[at + chance.choice((0, 1, 1, 2, 4)) :])
    monkeypatch.setattr(log_bulk, "AT_ONCE", at_once)
    quick = [read(data) for data in logs]
    monkeypatch.setattr(log_scan, "read_ordinary", nothing)
    assert [data for data, found in zip(logs, quick, strict=True) if found != read(data)] == []
    assert len(quick[0]) > 1
    assert len([found for found in quick if len(found) == 1]) > TRIES // 4


def test_ordinary_records_are_read_at_once() -> None:
    data = log_of(120, random.Random(5))
    read_at_once = log_bulk.read_ordinary(io.BytesIO(data), 2, len(data))
    assert len(read_at_once.offsets) == 119  # no comma follows the last


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"T09:", b"T24:"),
        (b"2026-11-22T09:03:00", b"2026-13-22T09:03:00"),
        (b"2026-11-22T09:03:00", b"2026-02-30T09:03:00"),
        (b"2026-11-22T09:03:00", b"0000-11-22T09:03:00"),
        (b"2026-11-22T09:03:00", b"2026-11-22T09:60:00"),
        (b"2026-11-22T09:03:00", b"2026-11-22T09:03:60"),
        (b'"mac":"', b'"mac":"g'),
        (b'"commit":"', b'"commut":"'),
        (b'{"id":"2-', b'{"id":"3-'),
    ],
)
def test_what_no_record_can_be_is_left_to_be_told(old: bytes, new: bytes) -> None:
    ledger, previous, lines = LogChain(bytes(32)), START, []
    for number in range(1, 5):
        row = ledger.seal(number, entry(), previous)
        previous = str(row["mac"])
        lines.append(line_of(row))
    data = b"[\n" + b",\n".join([lines[0], lines[1].replace(old, new, 1), *lines[2:]]) + b"\n]\n"
    assert len(log_bulk.read_ordinary(io.BytesIO(data), 2, len(data)).offsets) <= 1
    assert len(read(data)) == 1
