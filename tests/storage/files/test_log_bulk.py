"""A log read by the thousand is read as it is line by line, whatever stands in it."""

from __future__ import annotations

import io
import json
import random
from dataclasses import replace

import numpy as np
import pytest

from secure_attend.storage.chains.log_chain import START, LogChain, without_identity, without_note
from secure_attend.storage.files import log_bulk, log_scan
from secure_attend.storage.files.log_file import line_of
from secure_attend.storage.files.log_index import LogIndex
from secure_attend.storage.values import CHECK_INS
from tests.support.storage.old_log import old_row
from tests.support.storage.site import entry, key_of, mark

NAMES = ("007", "CS/2021/001", 'a "b" \\', "Ł\n\x7f", "\ud800", "id 8", "x" * 300)
MEETINGS = ("meeting-1", 'class "2" \\')
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


PERSONS = {name: key_of(name) for name in NAMES[:-2]}
"""The others have records of 0.1 and are no students."""


def log_of(records: int, chance: random.Random, old: float = 0.4) -> bytes:
    """A log whose first records are of version 0.1, with cancellations, marks, erased students and notes, and names of
    all kinds."""
    ledger, previous, lines = LogChain(bytes(32)), START, []
    for number in range(1, records + 1):
        cancels = f"{chance.randrange(1, number)}-{'0' * 16}" if number > 1 and chance.random() < 0.2 else None
        given = entry(chance.choice(NAMES), minutes=chance.random() * 9999, cancels=cancels)
        if number <= old * records:
            row = old_row(ledger, number, given, previous)
        else:
            marked = replace(mark(given.student_id), meeting=chance.choice(MEETINGS))
            excuse = replace(marked, method="excuse", reason=None)
            row = ledger.seal(number, chance.choice([given, given, marked, excuse]), previous)
        previous = str(row["mac"])
        lines.append(line_of(chance.choice([dict, dict, dict, without_identity, without_note])(row)))
    return b"[\n" + b",\n".join(lines) + b"\n]\n"


def read(data: bytes) -> tuple[object, ...]:
    """All that a scan tells of the file, the refusal included."""
    try:
        found = log_scan.scan(io.BytesIO(data), len(data), "log", PERSONS)
    except log_scan.EditedLog as refused:
        return (refused.detail,)
    return (*_known(found.index), found.torn)


def _known(index: LogIndex) -> tuple[object, ...]:
    theirs = {name: list(index.of_person(key_of(name))) for name in NAMES}
    latest = {name: index.latest_check_in(key_of(name)) for name in NAMES}
    cancelled = [index.cancellation_of(position) for position in range(len(index))]
    marks = [list(index.of_meetings([meeting])) for meeting in MEETINGS]
    whose = theirs, latest, cancelled, index.named(), bytes(index._check_ins), marks
    return list(index.offsets), list(index._times), index.end, index.last_mac, *whose


def nothing(file: io.BytesIO, offset: int, size: int, middles: log_bulk.Middles) -> log_bulk.Ordinary:
    """Leaves all of the file to be read line by line."""
    empty = np.zeros(0, np.int64)
    return log_bulk.Ordinary(empty, empty, np.zeros(0, np.int32), [], offset, None)


@pytest.mark.parametrize("at_once", [700, log_bulk.AT_ONCE])
def test_it_reads_what_is_read_line_by_line(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    chance = random.Random(5)
    whole = log_of(120, chance)
    logs = [whole, whole[:-1], whole[: len(whole) // 2], b"[]\n", b"[", b"[\n", log_of(1, chance), log_of(10, chance)]
    logs += [log_of(30, chance, old=0), log_of(30, chance, old=1)]
    for _ in range(TRIES):
        at = chance.randrange(len(whole))
        logs.append(whole[:at] + chance.choice(IN_THE_WAY) + whole[at + chance.choice((0, 1, 1, 2, 4)) :])
    monkeypatch.setattr(log_bulk, "AT_ONCE", at_once)
    quick = [read(data) for data in logs]
    monkeypatch.setattr(log_scan, "read_ordinary", nothing)
    assert [data for data, found in zip(logs, quick, strict=True) if found != read(data)] == []
    assert len(quick[0]) > 1
    assert len([found for found in quick if len(found) == 1]) > TRIES // 4


@pytest.mark.parametrize("old", [0, 0.4, 1])
def test_ordinary_records_are_read_at_once(old: float) -> None:
    data = log_of(120, random.Random(5), old)
    assert read_ordinary(data) == 119  # no comma follows the last


def read_ordinary(data: bytes) -> int:
    """How many records are read at once."""
    return len(log_bulk.read_ordinary(io.BytesIO(data), 2, len(data), log_bulk.Middles({})).offsets)


def test_an_index_says_whose_records_are() -> None:
    data = log_of(120, random.Random(5))
    index = log_scan.scan(io.BytesIO(data), len(data), "log", PERSONS).index
    rows = json.loads(data)
    for name in NAMES:
        key = key_of(name)
        old = [row.get("person", PERSONS.get(row["student_id"])) for row in rows]
        assert list(index.of_person(key)) == [at for at, person in enumerate(old) if person == key]
    assert index.named() == {at for at, row in enumerate(rows) if row["student_id"] is not None}
    assert [bool(one) for one in index._check_ins] == [row["method"] in CHECK_INS for row in rows]


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
    assert read_ordinary(data) <= 1
    assert len(read(data)) == 1
