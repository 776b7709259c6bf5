"""The chain over the log: who changed, removed, moved or added a record by hand is found.

A row is a log record as it is in the file. `commit = HMAC(salt, student_id)` ties the row to its student without
naming them; `mac` is keyed, covers every field but `student_id` and `salt`, and the `mac` of the row before. Erasing a
student nulls those two fields, and the chain still verifies. What it cannot see: rows removed at the very end, and an
identity nulled by hand, which looks like an erasure.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeGuard, cast

from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.values import Entry, Method, Record

Row = Mapping[str, str | None]
Kind = Literal["altered", "missing", "reordered", "inserted"]

FIELDS = ("id", "time", "kiosk", "method", "by", "profile", "cancels", "student_id", "salt", "commit", "mac")
ERASABLE = ("student_id", "salt")
COVERED = tuple(name for name in FIELDS if name not in (*ERASABLE, "mac"))
REQUIRED = ("id", "time", "method", "by", "commit", "mac")
CHECKED_AT_START = 10_000
"""Records at the end of the log whose chain every start checks (0.1 s); `verify` checks them all."""
START = ""
"""What stands for the mac before the first row."""

compact_json = json.JSONEncoder(separators=(",", ":")).encode
"""JSON in ASCII, without spaces or line breaks: always the same bytes for the same value."""

_NAMES = frozenset(FIELDS)
_ID = re.compile(r"([1-9][0-9]{0,14})-[0-9a-f]{16}")


@dataclass(frozen=True)
class Fault:
    """The first row that breaks the chain: `position` counts from 1; `kind` as far as it is known."""

    position: int
    record_id: str | None
    kind: Kind

    def __str__(self) -> str:
        name = f"record {self.position}" + (f" (id {self.record_id})" if self.record_id else "")
        return {
            "altered": f"{name} was altered",
            "missing": f"one or more records are missing before {name}",
            "reordered": f"{name} is not in its place: the records were reordered",
            "inserted": f"{name} was inserted",
        }[self.kind]


def new_id(number: int, redemption: str | None = None) -> str:
    """The id of the record with this number, counted from 1: the number finds it, the rest is not guessed."""
    return f"{number}-{mark_of(redemption) if redemption is not None else secrets.token_hex(8)}"


def mark_of(redemption: str) -> str:
    """Return what the id of the record that `redemption` was traded for ends in. Tells nobody the secret itself."""
    return hashlib.sha256(redemption.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def number_of(record_id: object) -> int | None:
    """The number in a record's id; None for what is no record id."""
    match = _ID.fullmatch(record_id) if isinstance(record_id, str) else None
    return int(match[1]) if match else None


def to_record(row: Row) -> Record:
    """A row as the rest of the program sees it. Raises KeyError, TypeError or ValueError for what is no row."""
    text = cast("dict[str, str]", row)
    return Record(
        id=text["id"],
        time=from_text(text["time"]),
        method=cast("Method", text["method"]),
        student_id=row["student_id"],
        by=text["by"],
        kiosk=row["kiosk"],
        profile=row["profile"],
        cancels=row["cancels"],
    )


def commitment(salt: str, student_id: str) -> str:
    """Return what ties a row to a student ID. Without the salt (128 random bits) it says nothing about the ID."""
    return hmac.digest(
        salt.encode("utf-8", "surrogatepass"), student_id.encode("utf-8", "surrogatepass"), "sha256"
    ).hex()


class LogChain:
    """Makes and checks the macs of one store's log."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, number: int, entry: Entry, previous: str) -> dict[str, str | None]:
        """The row for `entry` as record `number`, chained to the row whose mac is `previous`."""
        salt = secrets.token_hex(16)
        row: dict[str, str | None] = {
            "id": new_id(number, entry.redemption),
            "time": to_text(entry.time),
            "kiosk": entry.kiosk,
            "method": entry.method,
            "by": entry.by,
            "profile": entry.profile,
            "cancels": entry.cancels,
            "student_id": entry.student_id,
            "salt": salt,
            "commit": commitment(salt, entry.student_id),
        }
        row["mac"] = self._mac(row, previous)
        return row

    def _mac(self, row: Row, previous: str) -> str:
        covered = compact_json([previous, *(row[name] for name in COVERED)])
        return hmac.digest(self._key, covered.encode("ascii"), "sha256").hex()

    def fits(self, row: object, previous: str) -> bool:
        """Return whether `row` is unaltered and follows the row whose mac is `previous`."""
        if not is_row(row):
            return False
        known = cast("dict[str, str]", row)
        if not hmac.compare_digest(self._mac(known, previous), known["mac"]):
            return False
        salt, student_id = row["salt"], row["student_id"]
        if salt is None or student_id is None:
            return salt is None and student_id is None
        return hmac.compare_digest(commitment(salt, student_id), known["commit"])

    def verify(self, rows: Iterable[object], *, position: int = 0, previous: str = START) -> Fault | None:
        """The first row that is not what, or where, it was when it was written; None if all are.

        `position` rows, the last with the mac `previous`, stand before `rows`."""
        rest = iter(rows)
        for row in rest:
            position += 1
            if number_of(_id(row)) != position or not self.fits(row, previous):
                return self._explain(row, rest, position, previous)
            previous = cast("dict[str, str]", row)["mac"]
        return None

    def _explain(self, row: object, rest: Iterator[object], position: int, previous: str) -> Fault:
        """Return what happened at `position`, by the numbers in the ids and by whether the true row comes
        later."""
        name = _id(row)
        follower: int | None = None
        true_row_later = copied = False
        for distance, other in enumerate(rest, 1):
            number = number_of(_id(other))
            follower = number if distance == 1 else follower
            true_row_later |= number == position and self.fits(other, previous)
            copied |= _id(other) == name
        return Fault(position, name, _kind(number_of(name), position, follower, true_row_later, copied))


def _kind(number: int | None, position: int, follower: int | None, true_row_later: bool, copied: bool) -> Kind:
    if true_row_later:
        return "reordered" if number is not None and number > position and not copied else "inserted"
    if number is None or number == position or follower == position + 1:
        return "altered"
    return "inserted" if number < position else "missing"


def is_row(row: object) -> TypeGuard[Row]:
    """Return whether `row` has the fields of a log record, all texts or null, and texts where they must be."""
    if not isinstance(row, dict) or row.keys() != _NAMES:
        return False
    if any(value is not None and not isinstance(value, str) for value in row.values()):
        return False
    return all(isinstance(row[name], str) for name in REQUIRED) and (row["commit"] + row["mac"]).isascii()


def _id(row: object) -> str | None:
    value = row.get("id") if isinstance(row, dict) else None
    return value if isinstance(value, str) else None
