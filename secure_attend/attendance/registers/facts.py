"""What happened, as plain values: check-ins, marks and excuses, as the derivation of a status reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from secure_attend.attendance.meetings.meeting import Meeting

MarkStatus = Literal["present", "late", "excused", "absent", "as_recorded", "declined"]
"""`as_recorded` clears a mark, so that the cell is derived again. `declined`: staff declined a visitor."""


@dataclass(frozen=True)
class CheckInSeen:
    """A check-in that was not cancelled. `number` is its place in the log, `time` is UTC, `person` the student's key.
    `room` is the kiosk's at that moment; `*` counts in every room, None only for meetings without one."""

    record_id: str
    number: int
    time: datetime
    person: str
    room: str | None


@dataclass(frozen=True)
class MarkSeen:
    """A mark by staff. `meeting` and `person` are keys: the cell that it marks."""

    record_id: str
    number: int
    time: datetime
    person: str
    meeting: str
    status: MarkStatus


@dataclass(frozen=True)
class Excuse:
    """An excuse of one student for meetings on these local days, both included; None: no bound. `courses` and
    `meetings` narrow it to some, by key; None: all."""

    first: date | None = None
    last: date | None = None
    courses: frozenset[str] | None = None
    meetings: frozenset[str] | None = None

    def covers(self, meeting: Meeting) -> bool:
        """Return whether the excuse is for this meeting."""
        return (
            (self.first is None or self.first <= meeting.day)
            and (self.last is None or meeting.day <= self.last)
            and (self.courses is None or meeting.course in self.courses)
            and (self.meetings is None or meeting.key in self.meetings)
        )


def newest_marks(marks: list[MarkSeen]) -> dict[tuple[str, str], MarkSeen]:
    """Return the mark that counts for each cell, by meeting and person: the newest one, if it was not cleared."""
    newest = {(mark.meeting, mark.person): mark for mark in sorted(marks, key=lambda mark: mark.number)}
    return {cell: mark for cell, mark in newest.items() if mark.status != "as_recorded"}
