"""A log as version 0.1 wrote it: rows of format 1, which name a student by the ID alone."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from contextlib import closing

from secure_attend.storage.chains import log_chain
from secure_attend.storage.chains.log_chain import START, LogChain
from secure_attend.storage.clock import to_text
from secure_attend.storage.files.log_file import line_of
from secure_attend.storage.values import Entry, Student
from tests.support.storage.site import Site

Rows = list[dict[str, str | None]]


def old_row(ledger: LogChain, number: int, given: Entry, previous: str) -> dict[str, str | None]:
    """The row that version 0.1 wrote for an entry: 11 fields, in its order."""
    salt = secrets.token_hex(16)
    row: dict[str, str | None] = {
        "id": log_chain.new_id(number, given.redemption),
        "time": to_text(given.time),
        "kiosk": given.kiosk,
        "method": given.method,
        "by": given.by,
        "profile": given.profile,
        "cancels": given.cancels,
        "student_id": given.student_id,
        "salt": salt,
        "commit": log_chain.commitment(salt, given.student_id),
    }
    return {**row, "mac": ledger._mac(row, previous)}


def old_rows(ledger: LogChain, entries: Sequence[Entry]) -> Rows:
    """A chain of them."""
    rows: Rows = []
    for number, given in enumerate(entries, 1):
        rows.append(old_row(ledger, number, given, str(rows[-1]["mac"]) if rows else START))
    return rows


def left_by_0_1(site: Site, students: Sequence[Student], entries: Sequence[Entry]) -> Rows:
    """Make a site in files as version 0.1 would have left it. Return the rows of its log."""
    with closing(site.open()) as store:
        store.write_students(students)
        rows = old_rows(LogChain(store._vault.ledger_key), entries)
    site.log.write_bytes(b"[\n" + b",\n".join(map(line_of, rows)) + b"\n]\n")
    kept = json.loads(site.students.read_bytes())
    for student in kept["students"].values():
        del student["mac"]
    site.students.write_text(json.dumps({**kept, "format": 1}))
    assert not (site.instance / "checkpoint.json").exists(), "a later version's says that there were MACs"
    return rows
