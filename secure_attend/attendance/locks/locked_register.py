"""What a lock freezes, without any status: the meetings with their rules, who was in the course, and the digests of the
rows. With the log it gives the statuses again, so that a check can name what was changed by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from secure_attend.attendance.courses.rules import StatusRules
from secure_attend.attendance.evidence.canonical_register import CanonicalRegister, canonical_meeting
from secure_attend.attendance.meetings.meeting import MEETINGS, meeting_of
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.storage.documents import Document, DocumentKind

_EXAMPLE = {
    "meetings": [canonical_meeting(RuledMeeting(meeting_of(Document("", "", MEETINGS.example)), StatusRules()))],
    "students": {
        "key of the student": {
            "spans": [{"first_day": "2026-10-12", "last_day": "2026-12-18", "groups": ["key of the group"]}]
        }
    },
    "rows": ["digest of the row"],
}
LOCKED_REGISTERS = DocumentKind(
    "locked_registers", erasing="drop", example=_EXAMPLE, example_about=("key of the student",)
)


@dataclass(frozen=True)
class LockedRegister:
    """`meetings` and `rows` (digests) are those of the canonical form. `spans` are those of each student, but for those
    who were erased since: of them only the digests stay."""

    meetings: Sequence[Mapping[str, Any]]
    spans: Mapping[str, Sequence[Mapping[str, Any]]]
    rows: Sequence[str]


def locked_register_document(lock: str, register: CanonicalRegister) -> Document:
    """Return what the lock with this key freezes, as a document."""
    value = {
        "meetings": [dict(meeting) for meeting in register.meetings],
        "students": {student: {"spans": row["spans"]} for student, row in register.rows.items()},
        "rows": list(register.leaves),
    }
    return LOCKED_REGISTERS.document(lock, value, register.rows)


def locked_register_of(document: Document) -> LockedRegister:
    """Return what a document holds."""
    value = document.value
    spans = {student: row["spans"] for student, row in value["students"].items()}
    return LockedRegister(value["meetings"], spans, value["rows"])
