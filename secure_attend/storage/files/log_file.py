"""The records of `attendance_log.json`: appended, streamed, erased, repaired at start. Callers hold the lock."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from secure_attend.errors import InvalidInput, StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.chains.log_chain import (
    CHECKED_AT_START,
    NOBODY,
    START,
    LogChain,
    Row,
    compact_json,
    mark_of,
    number_of,
    of_person,
    to_record,
    without_identity,
    without_note,
)
from secure_attend.storage.durable_writes import NotWritten, Unsure
from secure_attend.storage.files import log_scan
from secure_attend.storage.files.array_file import ArrayFile
from secure_attend.storage.files.log_bulk import MAX_RECORD
from secure_attend.storage.files.log_index import Gist, microseconds
from secure_attend.storage.values import Entry, MergedInto, Record, Spared, entries_of, person_of

RefuseCut = Callable[[int, Callable[[int], str]], object]
"""Given how many records there are and the mac behind each number, raises StartRefused where some are missing."""
Change = Callable[[Row], dict[str, str | None]]
"""What erasing makes of a row."""
EMPTY = b"[]\n"
BETWEEN = b",\n"


def line_of(row: Mapping[str, str | None]) -> bytes:
    """Return a record as it is in the file."""
    return compact_json(dict(row)).encode("ascii")


def holds_records(path: Path) -> bool:
    """Return whether there is anything but an empty array in the log; False where there is no file."""
    try:
        with path.open("rb") as file:
            return file.read(64).translate(None, b" \r\n") != b"[]"
    except FileNotFoundError:
        return False


@dataclass(frozen=True)
class LogReading:
    """An open file and what of it was chosen, fixed at one moment: later appends and erasures do not disturb it.
    A context manager that closes the file."""

    file: BinaryIO | FileIO
    offsets: array[int]
    positions: Sequence[int]
    count: int
    end: int

    def __enter__(self) -> LogReading:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __iter__(self) -> Iterator[dict[str, str | None]]:
        """The rows, oldest first."""
        for position in self.positions:
            yield json.loads(self.line(position))

    def mac_behind(self, number: int) -> str:
        """Return what the record behind `number` is chained to."""
        return str(json.loads(self.line(number - 1))["mac"]) if number else START

    def line(self, position: int) -> bytes:
        """Return the record at `position` without its separator."""
        begin = self.offsets[position]
        end = self.offsets[position + 1] if position + 1 < self.count else self.end
        self.file.seek(begin)
        return self.file.read(end - begin).rstrip(b",\n")


class LogFile:
    """The log of one store, open for appending. Not locked: the store does that."""

    def __init__(
        self, path: Path, ledger: LogChain, scan: log_scan.Scan, persons: Mapping[str, str], refuse_cut: RefuseCut
    ) -> None:
        self.path = path
        self._persons = persons
        self._merged: MergedInto = NOBODY
        self.notices: list[str] = []
        self._ledger = ledger
        self._index = scan.index
        self._marks: dict[str, int] = {}
        self._check_chain()
        refuse_cut(len(self._index), self.mac_of)
        self._file = ArrayFile(path)
        if scan.torn is not None:
            self._repair(scan.torn)

    @classmethod
    def open(
        cls,
        path: Path,
        ledger: LogChain,
        refuse_cut: RefuseCut = lambda _records, _mac_of: None,
        persons: Mapping[str, str] = NOBODY,
    ) -> LogFile:
        """Open the log, or begin one, and repair a torn end. `persons` tells whose rows of format 1 are: the key by
        student ID. Raises StartRefused, as `refuse_cut` may, and then the file is as it was."""
        try:
            if not path.exists():
                refuse_cut(0, lambda _: START)
                durable_writes.replace_file(path, [EMPTY])
            durable_writes.make_private(path)
            with path.open("rb") as file:
                scan = log_scan.scan(file, path.stat().st_size, path.name, persons)
            return cls(path, ledger, scan, persons, refuse_cut)
        except (OSError, NotWritten, Unsure) as error:
            why = durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
            raise StartRefused("log_unreadable", f"{path} cannot be opened: {why}.") from error

    def _check_chain(self) -> None:
        first = max(0, len(self._index) - CHECKED_AT_START)
        with self.reading(range(max(0, first - 1), len(self._index))) as reading:
            rows = self._noting_marks(iter(reading), max(0, first - 1))
            previous = str(next(rows)["mac"]) if first else START
            fault = self._ledger.verify(rows, position=first, previous=previous)
        if fault is not None:
            raise log_scan.EditedLog(self.path.name, fault.position + 1, str(fault))

    def _noting_marks(self, rows: Iterator[Row], position: int) -> Iterator[Row]:
        for row in rows:
            yield row  # checked before it is noted
            self._note_mark(str(row["id"]), position)
            position += 1

    def _note_mark(self, record_id: str, position: int) -> None:
        self._marks[record_id.partition("-")[2]] = position
        if len(self._marks) > CHECKED_AT_START:
            del self._marks[next(iter(self._marks))]

    def _repair(self, torn: int) -> None:
        self._file.cut_behind(self._index.end)
        self.notices.append(
            f"{self.path.name}: the last write was interrupted. {torn} bytes that were never "
            f"confirmed were removed; all {len(self._index)} confirmed records are there."
        )

    def append(self, entry: Entry) -> Record:
        """Add a record, on disk when this returns, unless its redemption has one. Raises NotWritten, Unsure,
        InvalidInput."""
        earlier = self.redeemed(entry.redemption) if entry.redemption is not None else None
        return earlier if earlier is not None else self.append_all([entry])[0]

    def append_all(self, entries: Sequence[Entry]) -> list[Record]:
        """Add records that redeem nothing, all or none. Raises NotWritten, Unsure, InvalidInput."""
        rows = self._sealed(entries)
        lines = [line_of(row) for row in rows]
        if any(len(line) + len(BETWEEN) + len(log_scan.CLOSING) >= MAX_RECORD for line in lines):
            raise InvalidInput("record_too_long", "The record is too long: shorten the names it carries.")
        if not rows:
            return []
        before = BETWEEN if len(self._index) else b"\n"
        self._file.extend(self._index.end, before + BETWEEN.join(lines) + log_scan.CLOSING, several=len(lines) > 1)
        begin = self._index.end + len(before)
        records = []
        for row, line in zip(rows, lines, strict=True):
            records.append(self._indexed(row, begin, begin + len(line)))
            begin += len(line) + len(BETWEEN)
        return records

    def _sealed(self, entries: Sequence[Entry]) -> list[Row]:
        """Return the rows that follow the last one."""
        rows: list[Row] = []
        mac = self._index.last_mac
        for number, entry in enumerate(entries, start=len(self._index) + 1):
            rows.append(self._ledger.seal(number, entry, mac))
            mac = str(rows[-1]["mac"])
        return rows

    def _indexed(self, row: Row, begin: int, end: int) -> Record:
        """Add a record that was written to the index."""
        record = self.as_record(row)
        count = len(self._index)
        marks = record.meeting if record.method == "mark" else None
        gist = Gist(row["person"], record.cancels, record.is_check_in, marks)
        self._index.add(begin, microseconds(record.time), gist)
        self._index.end, self._index.last_mac = end, str(row["mac"])
        self._note_mark(record.id, count)
        return record

    def reading(self, positions: Sequence[int]) -> LogReading:
        """Return the chosen records as the file is now."""
        in_order = isinstance(positions, range)  # one student's are far apart: each is a read of its own
        file: BinaryIO | FileIO = self.path.open("rb", buffering=1 << 16) if in_order else FileIO(self.path)
        return LogReading(file, self._index.offsets, positions, len(self._index), self._index.end)

    def chosen(self, person: str | None, since: datetime | None, until: datetime | None, after: int = 0) -> LogReading:
        """Return the records after number `after` with `since <= time < until`, of one student or of all."""
        if person is None:
            positions = self._index.chosen(None, since, until)
        else:
            chosen = (self._index.chosen(entry, since, until) for entry in entries_of(person, self._merged))
            positions = array("I", merge(*chosen))
        return self.reading(positions[bisect_left(positions, after) :])

    def marks(self, meetings: Iterable[str]) -> LogReading:
        """Return the marks of these meetings."""
        return self.reading(self._index.of_meetings(meetings))

    def record(self, record_id: str) -> Record | None:
        """Return the record with this id."""
        number = number_of(record_id)
        record = self._at(number - 1 if number is not None and number <= len(self._index) else None)
        return record if record is not None and record.id == record_id else None

    def redeemed(self, redemption: str) -> Record | None:
        """Return the record that `redemption` was traded for, if it is one of the newest `CHECKED_AT_START`."""
        return self._at(self._marks.get(mark_of(redemption)))

    def cancellation_of(self, record_id: str) -> Record | None:
        """Return the record that cancels this one."""
        number = number_of(record_id)
        record = self._at(self._index.cancellation_of(number - 1) if number is not None else None)
        return record if record is not None and record.cancels == record_id else None

    def cancellations(self) -> dict[str, str]:
        """Return the ids of all cancelled records, each with the id of the record that cancels it."""
        cancelling = (self._at(position) for position in self._index.cancelling())
        return {record.cancels: record.id for record in cancelling if record is not None and record.cancels is not None}

    def latest_check_in(self, person: str) -> Record | None:
        """Return the student's newest check-in that wasn't cancelled."""
        latest = (self._index.latest_check_in(entry) for entry in entries_of(person, self._merged))
        return self._at(max((position for position in latest if position is not None), default=None))

    def _at(self, position: int | None) -> Record | None:
        if position is None:
            return None
        return self.as_record(self._row(position))

    def _row(self, position: int) -> Row:
        begin, end = self._index.span(position)
        row: Row = json.loads(self._file.read(begin, end).rstrip(b",\n"))
        return row

    def as_record(self, row: Row) -> Record:
        """Return a row of this log as a value. Raises KeyError, TypeError or ValueError for what is no row."""
        record = to_record(row, self._persons)
        return of_person(record, self._merged)

    def follow_merged(self, merged: MergedInto) -> None:
        """Read the records of merged entries as those of the students they were merged into."""
        self._merged = merged

    def forget(self, entries: Sequence[str]) -> int:
        """Null the identity in all records of these entries, with what was noted about them, in one atomic write.
        Raises NotWritten, Unsure, OSError."""
        theirs = frozenset(position for entry in entries for position in self._index.of_person(entry))
        count = self._rewrite(theirs, without_identity)
        self._persons = {student_id: key for student_id, key in self._persons.items() if key not in entries}
        return count

    def erase_note(self, record_id: str) -> bool | None:
        """Erase remark and note of a record, in one atomic write. Return whether it had any; None if there is no such
        record. Raises as `forget`."""
        number = number_of(record_id)
        if number is None or self.record(record_id) is None:
            return None
        row = self._row(number - 1)
        return without_note(row) != row and bool(self._rewrite(frozenset([number - 1]), without_note))

    def recognised_since(self, time: datetime) -> set[str]:
        """Return the keys of students with a check-in by face at `time` or later. For most of them, one record is
        read."""
        since = self._index.since(microseconds(time))
        seen = (key for key, positions in since if any(self._method_at(position) == "face" for position in positions))
        return {person_of(key, self._merged) for key in seen}

    def _method_at(self, position: int) -> str | None:
        record = self._at(position)
        return record.method if record is not None else None

    def forget_before(self, time: datetime, spared: Spared | None = None) -> int:
        """Null the identity in all records older than `time` that are not `spared`, in one atomic write. Raises as
        `forget`."""
        older = self._index.named().intersection(self._index.chosen(None, None, time))
        return self._rewrite(self._due(older, lambda row: True, spared) if spared else older, without_identity)

    def erase_notes_before(self, time: datetime, spared: Spared | None = None) -> list[str]:
        """Erase remark and note of the marks and excuses older than `time` that are not `spared`, in one atomic write.
        Return whose they were, by key, for each record. Raises as `forget`."""
        older = self._index.named().intersection(self._index.chosen(None, None, time)) - self._index.check_ins()
        due = self._due(older, lambda row: without_note(row) != row, spared)
        people = [record.person or "" for position in sorted(due) if (record := self._at(position)) is not None]
        self._rewrite(due, without_note)
        return people

    def _due(self, positions: frozenset[int], wanted: Callable[[Row], bool], spared: Spared | None) -> frozenset[int]:
        """Return the positions of the rows that are wanted and not spared."""
        with self.reading(sorted(positions)) as reading:
            rows = zip(reading.positions, reading, strict=True)
            return frozenset(
                position
                for position, row in rows
                if wanted(row) and (spared is None or not spared(self.as_record(row)))
            )

    def _rewrite(self, chosen: frozenset[int], change: Change) -> int:
        """Replace the file by one in which the records at these positions are changed. Return how many they are."""
        if not chosen:
            return 0
        self._file.refuse_if_touched()
        offsets: array[int] = array("Q")
        rewritten = _rewritten(self.reading(range(len(self._index))), chosen, change, offsets)
        end = self._file.replace(rewritten) - len(log_scan.CLOSING)
        unnamed = chosen if change is without_identity else frozenset[int]()
        self._index = self._index.without(unnamed, offsets, end)
        return len(chosen)

    @property
    def state(self) -> tuple[int, str]:
        """Return how many records there are, and the mac of the last."""
        return len(self._index), self._index.last_mac

    def mac_of(self, number: int) -> str:
        """Return what the record behind `number` is chained to."""
        with self.reading([]) as reading:
            return reading.mac_behind(number)

    def __len__(self) -> int:
        return len(self._index)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _rewritten(reading: LogReading, chosen: frozenset[int], change: Change, offsets: array[int]) -> Iterator[bytes]:
    """The file's bytes with the chosen records changed; fills `offsets` with where each record now begins."""
    with reading:
        at = len(b"[\n")
        yield b"[\n"
        for position in reading.positions:
            line = reading.line(position)
            if position in chosen:
                line = line_of(change(json.loads(line)))
            offsets.append(at)
            data = line + (log_scan.CLOSING if position + 1 == reading.count else b",\n")
            at += len(data)
            yield data
