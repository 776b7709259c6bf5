"""Read the log once at start: find every whole record, and distinguish a torn end from an edited file.

The file is a JSON array with a record a line. An append writes `,\\n{record}\\n]\\n` over the closing `\\n]\\n` in one
write, so a power cut leaves, behind the last record that was acknowledged, any mixture of the new bytes, the old ones
and zeros. Of several records, all but `,\n{` is written and synced behind the old closing first. Anything else was not
done by this program and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from secure_attend.errors import StartRefused
from secure_attend.storage.chains.log_chain import NOBODY
from secure_attend.storage.clock import from_text
from secure_attend.storage.files.log_bulk import MAX_RECORD, MAYBE, MIDDLE, Middles, read_ordinary
from secure_attend.storage.files.log_index import LogIndex, microseconds

CLOSING = b"\n]\n"
CLOSING_EMPTY = b"]\n"
_RECORD = re.compile(
    rb'\{"id":"(?P<number>[1-9][0-9]{0,14})-[0-9a-f]{16}",'
    rb'"time":"(?P<minute>\d{4}-\d\d-\d\dT\d\d:\d\d:)(?P<second>[0-5]\d)\.(?P<fraction>\d{6})Z"'
    rb"(?P<middle>" + MIDDLE + rb"),"
    rb'"salt":' + MAYBE + rb',"commit":"[0-9a-f]{64}","mac":"(?P<mac>[0-9a-f]{64})"\}'
)
_OPENING = re.compile(rb"\[\r?\n?")
_CLOSED = re.compile(rb"\s*\]\s*")


class EditedLog(StartRefused):
    """The log is not as this program left it; `facts['line']` says where (1 is the first)."""

    def __init__(self, name: str, line: int, what: str) -> None:
        super().__init__(
            "log_edited",
            f"{name}, line {line}: {what}. The file was changed by something else than Secure-Attend and is left as it "
            "is. Put it back from a backup; or move it elsewhere to begin a new log. "
            "`python -m secure_attend.storage verify` names the first record that is wrong.",
            file=name,
            line=line,
        )


@dataclass(frozen=True)
class Scan:
    """What the file holds: `index` of the whole records; `torn` is how many bytes of an interrupted append stand behind
    them, None where the end is as it should be."""

    index: LogIndex
    torn: int | None


def scan(file: BinaryIO, size: int, name: str, persons: Mapping[str, str] = NOBODY) -> Scan:
    """Read the first `size` bytes of the log, without checking the chain. `persons` tells whose rows of format 1 are:
    the key by student ID. Raises EditedLog."""
    opening = _OPENING.match(file.read(4))
    if opening is None:
        raise EditedLog(name, 1, "this is not the beginning of a JSON array" if size else "the file is empty")
    index = LogIndex()
    index.end = 1
    middles = Middles(persons)
    ordinary = read_ordinary(file, opening.end(), size, middles)
    index.add_many(ordinary.offsets, ordinary.times, ordinary.which, ordinary.gists)
    if ordinary.last_mac is not None:
        index.end, index.last_mac = ordinary.end - len(b",\n"), ordinary.last_mac
    file.seek(ordinary.end)
    minute = _Minute()
    for offset, match in _records(file, ordinary.end, size):
        try:
            if int(match["number"]) != len(index) + 1:
                raise EditedLog(name, len(index) + 2, f"record {len(index) + 1} is expected here and is not")
            time = minute.microseconds(match["minute"]) + int(match["second"] + match["fraction"])
            index.add(offset, time, middles.gists[middles.number(match["middle"])])
        except ValueError as error:
            raise EditedLog(name, len(index) + 2, "this record cannot be read") from error
        index.end, index.last_mac = offset + match.end(), match["mac"].decode()
    return Scan(index, _tail(file, size, index, name))


def _records(file: BinaryIO, offset: int, size: int) -> Iterator[tuple[int, re.Match[bytes]]]:
    """Lines that are whole records, up to the first that is not, or that no comma follows."""
    while offset < size:
        line = file.readline(min(MAX_RECORD, size - offset))
        match = _RECORD.match(line)
        if match is None:
            return
        yield offset, match
        if line[match.end() :] != b",\n":
            return
        offset += len(line)


class _Minute:
    """Most records share their minute with the one before: half of the time of reading a log is saved."""

    def __init__(self) -> None:
        self._text = b""
        self._microseconds = 0

    def microseconds(self, text: bytes) -> int:
        """Return the microseconds since 1970 of a text like `2026-11-22T09:03:`. Raises ValueError."""
        if text != self._text:
            self._microseconds = microseconds(from_text(text.decode() + "00Z"))
            self._text = text
        return self._microseconds


def _tail(file: BinaryIO, size: int, index: LogIndex, name: str) -> int | None:
    """Return how many bytes of a torn append stand behind the last whole record. Raises EditedLog if it is none."""
    file.seek(index.end)
    tail = file.read(min(MAX_RECORD + 1, size - index.end))
    if _CLOSED.fullmatch(tail):
        return None
    if not could_be_torn(tail, len(index)):
        line = len(index) + (2 if len(index) or tail.startswith((b"\n", b"\r")) else 1)
        raise EditedLog(name, line, "this is not a record as Secure-Attend writes it")
    return size - index.end


def could_be_torn(tail: bytes, records: int) -> bool:
    """Return whether an interrupted append can have left `tail` behind this many records. Where the old closing was not
    replaced yet, several records may follow it."""
    begins = (b",\n" if records else b"\n") + b'{"id":"%d-' % (records + 1)
    old = CLOSING if records else CLOSING_EMPTY
    for place, byte in enumerate(tail[: len(begins)]):
        if byte not in (begins[place], 0, *old[place : place + 1]):
            return False
    rest = tail[len(begins) :]
    single = tail.startswith(begins[: len(old)])
    if single and (len(tail) > MAX_RECORD or rest.count(b"\n") > len(CLOSING) - 1):
        return False
    if any(byte < 0x20 and byte not in (0, 0x0A) for byte in rest):
        return False
    # An append that is whole up to its bracket and yet no record is not a power cut's work: no text holds a newline.
    complete = tail.startswith(begins) and b"\0" not in tail and rest.rstrip(b"\n").endswith(b"\n]")
    return not complete
