"""What happened, as plain values: check-ins, marks and excuses, as the derivation of a status reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeVar

from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.storage.chains.log_chain import number_of
from secure_attend.storage.values import Record

Said = TypeVar("Said")
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
    """A mark by staff. `meeting` and `person` are keys: the cell that it marks. `remark` is a code of the site's, and
    `at` the local time that completes it, such as 10:15."""

    record_id: str
    number: int
    time: datetime
    person: str
    meeting: str
    status: MarkStatus
    remark: str | None = None
    at: str | None = None


def check_in_seen(record: Record) -> CheckInSeen:
    """Return a check-in of the log as the derivation reads it."""
    return CheckInSeen(record.id, number_of(record.id) or 0, record.time, record.person or "", record.room)


def mark_seen(record: Record) -> MarkSeen | None:
    """Return a mark of the log as the derivation reads it; None for another record, or one that names nobody."""
    if record.method != "mark" or record.meeting is None or record.status is None or record.person is None:
        return None
    remark, _, at = (record.reason or "").partition(" ")
    number = number_of(record.id) or 0
    return MarkSeen(
        record.id, number, record.time, record.person, record.meeting, record.status, remark or None, at or None
    )


@dataclass(frozen=True)
class Excuse:
    """An excuse of one student for meetings on these local days, both included; None: no bound. A bound that is a
    `datetime` is a minute on the clocks where the meeting is: the excuse then holds for meetings that are not over at
    the first, and begin before the last. `courses` and `meetings` narrow it to some, by key; None: all."""

    first: date | None = None
    last: date | None = None
    courses: frozenset[str] | None = None
    meetings: frozenset[str] | None = None

    def covers(self, meeting: Meeting) -> bool:
        """Return whether the excuse is for this meeting."""
        return (
            (self.courses is None or meeting.course in self.courses)
            and (self.meetings is None or meeting.key in self.meetings)
            and self._begins_before(meeting)
            and self._ends_after(meeting)
        )

    def _begins_before(self, meeting: Meeting) -> bool:
        first = self.first
        return first is None or (meeting.ends > first if isinstance(first, datetime) else first <= meeting.day)

    def _ends_after(self, meeting: Meeting) -> bool:
        last = self.last
        return last is None or (meeting.starts < last if isinstance(last, datetime) else meeting.day <= last)


def excuse_of(record: Record) -> Excuse:
    """Return what a record of an excuse says. One without a course holds in all: a registrar made it."""
    courses = frozenset([record.course]) if record.course is not None else None
    meetings = frozenset(record.meeting.split()) if record.meeting is not None else None
    return Excuse(record.first_day, record.last_day, courses, meetings)


def standing_excuses(records: Iterable[Record]) -> dict[str, Record]:
    """Return the excuses that hold among a student's records, oldest first, by the record's ID."""
    standing: dict[str, Record] = {}
    for record in records:
        if record.method == "excuse":
            take_in(standing, record, record)
    return standing


def take_in(standing: dict[str, Said], record: Record, said: Said) -> None:
    """Note what the next record of an excuse says. One that replaces another takes its place; `as_recorded` only
    removes that."""
    standing.pop(record.replaces or "", None)
    if record.status != "as_recorded":
        standing[record.id] = said


def newest_marks(marks: list[MarkSeen]) -> dict[tuple[str, str], MarkSeen]:
    """Return the mark that counts for each cell, by meeting and person: the newest one, if it was not cleared."""
    newest = {(mark.meeting, mark.person): mark for mark in sorted(marks, key=lambda mark: mark.number)}
    return {cell: mark for cell, mark in newest.items() if mark.status != "as_recorded"}
