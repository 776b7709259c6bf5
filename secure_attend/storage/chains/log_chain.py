"""The chain over the log: who changed, removed, moved or added a record by hand is found.

A row is a log record as it is in the file. `commit = HMAC(salt, [student_id, person])` ties the row to its student
without naming them, and `note_commit` does the same for remark and note. `mac` is keyed and covers every other field,
and the `mac` of the row before. Erasing a student nulls `student_id`, `person` and `salt` and removes remark, note and
their salt; a note can be erased alone. The chain still verifies. What it cannot see: rows removed at the very end, and
an identity or a note removed by hand, which looks like an erasure.

Version 0.1 wrote rows of format 1: exactly the fields of `FIELDS_1`, and `commit = HMAC(salt, student_id)`. They stay
as they are, and the chain continues over them. In a row of format 2, a field without a value is left out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal, TypeGuard, cast

from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.values import EVERY_ROOM, Entry, MarkedStatus, MergedInto, Method, Record, person_of

Row = Mapping[str, str | None]
Kind = Literal["altered", "missing", "reordered", "inserted"]

FIELDS_1 = ("id", "time", "kiosk", "method", "by", "profile", "cancels", "student_id", "salt", "commit", "mac")
COVERED_1 = ("id", "time", "kiosk", "method", "by", "profile", "cancels", "commit")
ENDING = ("student_id", "person", "salt", "commit", "mac")
"""What every row of format 2 ends with."""
BESIDE = ("kiosk", "kiosk_key", "room")
"""What may stand between the time and the method."""
ABOUT = (
    *("profile", "cancels", "course", "meeting", "first_day", "last_day", "status", "replaces"),
    *("reason", "note", "note_salt", "note_commit"),
)
"""What may stand between `by` and the ending."""
FIELDS = ("id", "time", *BESIDE, "method", "by", *ABOUT, *ENDING)
"""The fields of format 2, in their order in the file."""
IDENTITY = ("student_id", "person", "salt")
NOTE = ("reason", "note", "note_salt")
COVERED = tuple(name for name in FIELDS if name not in (*IDENTITY, *NOTE, "mac"))
CHECKED_AT_START = 10_000
"""Records at the end of the log whose chain every start checks (0.1 s); `verify` checks them all."""
NOBODY: Mapping[str, str] = MappingProxyType({})
START = ""
"""What stands for the mac before the first row."""

compact_json = json.JSONEncoder(separators=(",", ":")).encode
"""JSON in ASCII, without spaces or line breaks: always the same bytes for the same value."""

_NAMES, _NAMES_1 = frozenset(FIELDS), frozenset(FIELDS_1)
_LEAST = _NAMES.difference(BESIDE, ABOUT)
_MAYBE_NULL_1 = frozenset({"kiosk", "profile", "cancels", "student_id", "salt"})
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
    """Return the end of the id of the record that `redemption` was traded for. It does not reveal the secret."""
    return hashlib.sha256(redemption.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def number_of(record_id: object) -> int | None:
    """The number in a record's id; None for what is no record id."""
    match = _ID.fullmatch(record_id) if isinstance(record_id, str) else None
    return int(match[1]) if match else None


def format_of(row: Row) -> int:
    """Return the format of a row, 1 or 2."""
    return 2 if "person" in row else 1


def to_record(row: Row, persons: Mapping[str, str] = NOBODY) -> Record:
    """A row as the rest of the program sees it. `persons` tells whose rows of format 1 are: the key by student ID.
    Raises KeyError, TypeError or ValueError for what is no row."""
    text = cast("dict[str, str]", row)
    common: dict[str, Any] = {
        "id": text["id"],
        "time": from_text(text["time"]),
        "method": cast("Method", text["method"]),
        "student_id": row["student_id"],
        "by": text["by"],
        "kiosk": row.get("kiosk"),
        "profile": row.get("profile"),
        "cancels": row.get("cancels"),
    }
    if format_of(row) == 1:
        return Record(**common, person=persons.get(row["student_id"] or ""), room=EVERY_ROOM)
    return Record(
        **common,
        person=row["person"],
        kiosk_key=row.get("kiosk_key"),
        room=row.get("room"),
        course=row.get("course"),
        meeting=row.get("meeting"),
        first_day=day_of(row.get("first_day")),
        last_day=day_of(row.get("last_day")),
        status=cast("MarkedStatus | None", row.get("status")),
        replaces=row.get("replaces"),
        reason=row.get("reason"),
        note=row.get("note"),
    )


def of_person(record: Record, merged: MergedInto) -> Record:
    """Return the record as that of the student into whose entry its own was merged, if it was."""
    if record.person is None or record.person not in merged:
        return record
    return replace(record, person=person_of(record.person, merged))


def day_of(text: str | None) -> date | None:
    """Return the day that a row names, or the minute of it."""
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _day_text(day: date | None) -> str | None:
    return day.isoformat(timespec="minutes") if isinstance(day, datetime) else day.isoformat() if day else None


def without_note(row: Row) -> dict[str, str | None]:
    """Return the row with remark and note erased."""
    return {name: value for name, value in row.items() if name not in NOTE}


def without_identity(row: Row) -> dict[str, str | None]:
    """Return the row with everything erased that says whose it is, and what was noted about them."""
    return {name: None if name in IDENTITY else value for name, value in without_note(row).items()}


def commitment(salt: str, text: str) -> str:
    """Return what ties a row to a text. Without the salt (128 random bits) it says nothing about the text."""
    return hmac.digest(salt.encode("utf-8", "surrogatepass"), text.encode("utf-8", "surrogatepass"), "sha256").hex()


class LogChain:
    """Makes and checks the macs of one store's log."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, number: int, entry: Entry, previous: str) -> dict[str, str | None]:
        """The row for `entry` as record `number`, chained to the row whose mac is `previous`."""
        salt = secrets.token_hex(16)
        values: dict[str, str | None] = {
            "id": new_id(number, entry.redemption),
            "time": to_text(entry.time),
            "kiosk": entry.kiosk,
            "kiosk_key": entry.kiosk_key,
            "room": entry.room,
            "method": entry.method,
            "by": entry.by,
            "profile": entry.profile,
            "cancels": entry.cancels,
            "course": entry.course,
            "meeting": entry.meeting,
            "first_day": _day_text(entry.first_day),
            "last_day": _day_text(entry.last_day),
            "status": entry.status,
            "replaces": entry.replaces,
            **_sealed_note(entry),
            "student_id": entry.student_id,
            "person": entry.person,
            "salt": salt,
            "commit": commitment(salt, compact_json([entry.student_id, entry.person])),
        }
        row = {name: value for name, value in values.items() if value is not None}
        return {**row, "mac": self._mac(row, previous)}

    def _mac(self, row: Row, previous: str) -> str:
        if format_of(row) == 1:
            covered = compact_json([previous, *(row[name] for name in COVERED_1)])
        else:
            covered = compact_json([previous, *map(row.get, COVERED)])
        return hmac.digest(self._key, covered.encode("ascii"), "sha256").hex()

    def fits(self, row: object, previous: str) -> bool:
        """Return whether `row` is unaltered and follows the row whose mac is `previous`."""
        if not is_row(row):
            return False
        known = cast("dict[str, str]", row)
        if not hmac.compare_digest(self._mac(known, previous), known["mac"]):
            return False
        if format_of(row) == 1:
            return _opens(row["salt"], row["student_id"], known["commit"])
        whose, noted = (row["student_id"], row["person"]), (row.get("reason"), row.get("note"))
        return _opens(row["salt"], _joined(whose, all), known["commit"]) and _opens(
            row.get("note_salt"), _joined(noted, any), row.get("note_commit")
        )

    def verify(self, rows: Iterable[object], *, position: int = 0, previous: str = START) -> Fault | None:
        """The first row that is not what, or where, it was when it was written; None if all are.

        `position` rows, the last with the mac `previous`, come before `rows`."""
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


def _sealed_note(entry: Entry) -> dict[str, str | None]:
    """Return remark and note with a salt and a commitment of their own; nothing where there are none."""
    if entry.reason is None and entry.note is None:
        return {}
    salt = secrets.token_hex(16)
    commit = commitment(salt, compact_json([entry.reason, entry.note]))
    return {"reason": entry.reason, "note": entry.note, "note_salt": salt, "note_commit": commit}


def _joined(texts: Sequence[str | None], enough: Callable[[Iterable[bool]], bool]) -> str | None:
    """Return what a row of format 2 commits to; None if all were erased. Too few of them fit no commitment."""
    there = [text is not None for text in texts]
    return compact_json(texts) if enough(there) else "" if any(there) else None


def _opens(salt: str | None, text: str | None, commit: str | None) -> bool:
    """Return whether this is the text that was committed to, or it was erased with its salt."""
    if salt is None or text is None:
        return salt is None and text is None
    return commit is not None and hmac.compare_digest(commitment(salt, text), commit)


def is_note_erased(row: Row) -> bool:
    """Return whether a row of format 2 had a remark or a note that was erased since."""
    return row.get("note_commit") is not None and row.get("note_salt") is None


def is_row(row: object) -> TypeGuard[Row]:
    """Return whether `row` has the fields of a log record of either format, all texts, and null only where it may
    be."""
    if not isinstance(row, dict):
        return False
    if not (_LEAST <= row.keys() <= _NAMES if "person" in row else row.keys() == _NAMES_1):
        return False
    maybe_null = IDENTITY if "person" in row else _MAYBE_NULL_1
    if any(not isinstance(value, str) and (value is not None or name not in maybe_null) for name, value in row.items()):
        return False
    commits: str = row["commit"] + row["mac"] + row.get("note_commit", "")
    return commits.isascii()


def _id(row: object) -> str | None:
    value = row.get("id") if isinstance(row, dict) else None
    return value if isinstance(value, str) else None
