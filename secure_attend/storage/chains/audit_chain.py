"""The audit trail: who did what to whom, when and from where, as values, and the chain over them.

People are named by their opaque keys alone. So an erased student's entries name nobody, and the chain still verifies.
What it cannot see in a file: entries removed at the very end (a database counts them in another row).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from secure_attend.storage.chains.log_chain import START, compact_json
from secure_attend.storage.chains.record_seal import is_mac
from secure_attend.storage.clock import from_text, to_text

State = Literal["asked", "done", "refused"]
Fact = str | int | bool | None
Row = Mapping[str, Any]

FIELDS = ("number", "time", "by", "name", "place", "action", "state", "about", "facts", "of", "mac")
CHECKED_AT_START = 1_000
"""Entries at the end of the trail whose chain every start checks (some 20 ms); `verify` checks them all."""


@dataclass(frozen=True)
class AuditEvent:
    """What is to be entered. `by` and `about` are `KIND:KEY` (`account:x`, `kiosk:x`, `student:x`), or a word for who
    has no key (`nobody`, `terminal`, `server`); `name` is what `by` was called then, never a student's; `of` is the
    number of the entry that this one ends; `facts` say nothing about a person's body or identity."""

    time: datetime
    by: str
    name: str | None
    place: str
    action: str
    state: State
    about: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    of: int | None = None


@dataclass(frozen=True)
class AuditEntry:
    """A deed as it is in the trail, numbered from 1."""

    number: int
    deed: AuditEvent


@dataclass(frozen=True)
class AuditSelection:
    """Which entries are asked for: all of these where they are given. `asked` includes what was only begun."""

    by: str | None = None
    about: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    asked: bool = False

    def fits(self, deed: AuditEvent) -> bool:
        """Return whether this deed is one."""
        return (
            (self.asked or deed.state != "asked")
            and self.by in (None, deed.by)
            and self.action in (None, deed.action)
            and (self.about is None or self.about in deed.about)
            and (self.since is None or deed.time >= self.since)
            and (self.until is None or deed.time < self.until)
        )


@dataclass(frozen=True)
class AuditFault:
    """The first entry that is not what, or where, it was when it was written; `position` counts from 1."""

    position: int
    kind: Literal["altered", "missing", "inserted"]

    def __str__(self) -> str:
        return {
            "altered": f"entry {self.position} of the audit trail was altered",
            "missing": f"one or more entries of the audit trail are missing where entry {self.position} should be",
            "inserted": f"entry {self.position} of the audit trail was inserted, or is not in its place",
        }[self.kind]


class AuditChain:
    """Makes and checks the macs of one store's trail: each is keyed and covers its entry and the mac before."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, number: int, deed: AuditEvent, previous: str) -> dict[str, Any]:
        """The row for `deed` as entry `number`, chained to the row whose mac is `previous`."""
        row: dict[str, Any] = {
            "number": number,
            "time": to_text(deed.time),
            "by": deed.by,
            "name": deed.name,
            "place": deed.place,
            "action": deed.action,
            "state": deed.state,
            "about": list(deed.about),
            "facts": dict(deed.facts),
            "of": deed.of,
        }
        return {**row, "mac": self._mac(row, previous)}

    def _mac(self, row: Row, previous: str) -> str:
        covered = compact_json([previous, *(row[name] for name in FIELDS[:-1])])
        return hmac.digest(self._key, covered.encode("ascii"), "sha256").hex()

    def verify(self, rows: Iterable[object], *, position: int = 0, previous: str = START) -> AuditFault | None:
        """Return the first fault; None if there is none. `position` rows come before, the last with the mac
        `previous`."""
        for row in rows:
            position += 1
            if not isinstance(row, dict) or tuple(row) != FIELDS or not isinstance(row["number"], int):
                return AuditFault(position, "altered")
            if row["number"] != position:
                return AuditFault(position, "missing" if row["number"] > position else "inserted")
            if not is_mac(str(row["mac"]), self._mac(row, previous)):
                return AuditFault(position, "altered")
            previous = str(row["mac"])
        return None


def to_entry(row: Row) -> AuditEntry:
    """A row as the rest of the program sees it. Raises KeyError, TypeError or ValueError for what is no row."""
    deed = AuditEvent(
        time=from_text(row["time"]),
        by=row["by"],
        name=row["name"],
        place=row["place"],
        action=row["action"],
        state=row["state"],
        about=tuple(row["about"]),
        facts=row["facts"],
        of=row["of"],
    )
    return AuditEntry(row["number"], deed)
