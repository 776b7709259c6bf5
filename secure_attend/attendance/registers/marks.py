"""Marks: what staff say of students in a meeting. Each is a record of the log, and names the mark that it replaces."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Protocol

from secure_attend.attendance.courses.attendance_settings import AttendanceSettings, attendance_settings
from secure_attend.attendance.courses.courses import Courses, archived
from secure_attend.attendance.courses.lock import refuse_locked
from secure_attend.attendance.find_student import known_student
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.meetings.meetings import Meetings
from secure_attend.attendance.registers.facts import MarkSeen
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import Actor
from secure_attend.errors import Conflict, FieldError, Forbidden, InvalidInput
from secure_attend.storage.documents import Document, refuse_changed
from secure_attend.storage.ports import HasDocuments, StudentsAndLog
from secure_attend.storage.values import Entry, MarkedStatus, Record, Student

MOST_MARKS = 500
"""In one request: a lecture hall."""


@dataclass(frozen=True)
class WantedMark:
    """A mark to be made. `replaces` is the record of the mark that the editor saw, None if there was none. `remark` is
    the code of one of the site's remarks, or of its reasons for excuses with an E; `at` is the local time that
    completes it."""

    student: str
    status: MarkedStatus
    replaces: str | None = None
    remark: str | None = None
    at: time | None = None


class MarkStore(StudentsAndLog, HasDocuments, Protocol):
    """The ports that marks need."""


class Marks:
    """Makes marks. Who may do so is decided before, but for the student's own cell: nobody marks that.

    All marks of one call are checked before they are written, in one write: all or none.
    """

    def __init__(
        self, store: MarkStore, registers: Registers, courses: Courses, meetings: Meetings, time: SiteTime
    ) -> None:
        self._store = store
        self._registers = registers
        self._courses = courses
        self._meetings = meetings
        self._time = time

    def mark(
        self,
        meeting: str,
        wanted: Sequence[WantedMark],
        actor: Actor,
        *,
        explained: bool = False,
        decided: Document | None = None,
    ) -> list[Record]:
        """Append the marks; return their records in the same order. `explained`: check-ins are the reason, so none is
        asked for. `decided` is a document that is written with them, or refused with them.

        Raises `NotFound`, `InvalidInput`, `Forbidden` (`own_cell`), and `Conflict`: `mark_changed` with the other
        editors' marks, `course_archived`, `locked`, or `documents_changed`.
        """
        return self.mark_in({meeting: wanted}, actor, explained=explained, decided=decided)

    def mark_in(
        self,
        wanted: Mapping[str, Sequence[WantedMark]],
        actor: Actor,
        *,
        explained: bool = False,
        decided: Document | None = None,
    ) -> list[Record]:
        """Append the marks of several meetings, by key, together. Raises as `mark`."""
        seen = {}
        for meeting, marks in wanted.items():
            _refuse_unfit(marks)
            seen[meeting] = self._registers.marks(meeting, [mark.student for mark in marks])
        settings = attendance_settings(self._store.documents)
        with self._store.transaction():
            entries = []
            for meeting, marks in wanted.items():
                marked = self._meetings.get(meeting)
                if not explained:
                    self._refuse_unexplained(marked, marks, settings)
                entries += self._entries(marked, marks, settings, actor)
                _refuse_changed(marks, self._newest(meeting, *seen[meeting]))
            return append_with(self._store, entries, decided)

    def _entries(
        self, meeting: Meeting, wanted: Sequence[WantedMark], settings: AttendanceSettings, actor: Actor
    ) -> list[Entry]:
        reasons = [_reason(mark, settings) for mark in wanted]
        course = self._courses.get(meeting.course)
        if course.archived:
            raise archived(course)
        refuse_locked(self._store.documents, course.key, [meeting.day])
        students = [known_student(self._store, mark.student) for mark in wanted]
        refuse_own(students, actor)
        return [
            self._entry(meeting, student, mark, reason, actor)
            for student, mark, reason in zip(students, wanted, reasons, strict=True)
        ]

    def rest(self, meeting: str, status: MarkedStatus, remark: str | None, at: time | None) -> list[WantedMark]:
        """Return the marks that give this status to everybody of the meeting's list who has none yet: nobody who came,
        is excused or was marked."""
        rows = self._registers.of_meeting(meeting).rows
        open_ = [row for row in rows if row.cell.mark is None and row.cell.status in ("not_yet", "not_taken", "absent")]
        return [WantedMark(row.student.key, status, None, remark, at) for row in open_]

    def _newest(self, meeting: str, number: int, marks: Mapping[str, MarkSeen]) -> dict[str, Record]:
        """Return the marks that count now. `marks` are those as of the record with this number."""
        found = {
            person: record
            for person, mark in marks.items()
            if (record := self._store.record(mark.record_id)) is not None
        }
        for record in self._store.records(after=number):
            if record.method == "mark" and record.meeting == meeting and record.person is not None:
                found[record.person] = record
        return {person: record for person, record in found.items() if record.status != "as_recorded"}

    def _refuse_unexplained(self, meeting: Meeting, wanted: Sequence[WantedMark], settings: AttendanceSettings) -> None:
        """Raise `InvalidInput` (`reason_needed`) for a mark that needs a reason on this site and has none. To decline a
        visitor, whom nobody marked, gives and takes no status."""
        today = self._time.today()
        for mark in wanted:
            if mark.status == "declined" and mark.replaces is None:
                continue
            if mark.remark is None and settings.needs_reason(meeting.day, today, excused=mark.status == "excused"):
                old = settings.needs_reason(meeting.day, today, excused=False)
                what = f"marks of classes more than {settings.reason_after_days} days ago" if old else "an E"
                message = f"This site asks for a reason for {what}. Choose a remark or a reason."
                raise InvalidInput("reason_needed", message, errors=[FieldError("marks", message)])

    def _entry(self, meeting: Meeting, student: Student, mark: WantedMark, reason: str | None, actor: Actor) -> Entry:
        return Entry(
            time=self._time.now(),
            method="mark",
            student_id=student.student_id,
            person=student.key,
            by=actor.name,
            course=meeting.course,
            meeting=meeting.key,
            status=mark.status,
            replaces=mark.replaces,
            reason=reason,
        )


def append_with(store: MarkStore, entries: Sequence[Entry], decided: Document | None) -> list[Record]:
    """Append the entries, and write the document that was decided with them. In a transaction, of any process, either
    both are done or, if the document has another version by now, none: `Conflict` `documents_changed`."""
    if decided is None:
        return store.append_all(entries)
    kept = store.documents.get(*decided.id)  # in files a record can't be taken back, so this is asked first
    refuse_changed([decided], [], {decided.id: kept.version} if kept is not None else {})
    records = store.append_all(entries)
    store.documents.write([decided])
    return records


def is_own(student: Student, actor: Actor) -> bool:
    """Return whether the account is the student's: it is named like the student's ID or email address."""
    name = actor.name.casefold()
    return bool(name) and name in (student.student_id.casefold(), student.email.casefold())


def refuse_own(students: Collection[Student], actor: Actor) -> None:
    """Raise `Forbidden` if one of them is whose account it is."""
    if any(is_own(student, actor) for student in students):
        raise Forbidden("own_cell", "Nobody marks their own attendance. Ask another member of the course's staff.")


def _refuse_changed(wanted: Sequence[WantedMark], now: Mapping[str, Record]) -> None:
    changed = [mark for mark in wanted if mark.replaces != (now[mark.student].id if mark.student in now else None)]
    if changed:
        raise Conflict(
            "mark_changed",
            "Somebody else changed this mark in the meantime. Nothing was saved. Look at the new one first.",
            changed=[_shown(mark.student, now.get(mark.student)) for mark in changed],
        )


def _refuse_unfit(wanted: Sequence[WantedMark]) -> None:
    if len({mark.student for mark in wanted}) < len(wanted):
        raise _unfit("A student is named twice. Send one mark for each.")
    if len(wanted) > MOST_MARKS:
        raise _unfit(f"Mark at most {MOST_MARKS} students at once.")


def _reason(mark: WantedMark, settings: AttendanceSettings) -> str | None:
    """Return the remark as records keep it: its code, and the time if it has one."""
    if mark.remark is None:
        if mark.at is not None:
            raise _unfit("A time needs a remark. Choose one of the site's remarks.")
        return None
    if mark.at is None and mark.status == "excused" and mark.remark in {each.code for each in settings.reasons}:
        return mark.remark
    remark = next((each for each in settings.remarks if each.code == mark.remark), None)
    if remark is None:
        raise _unfit("The site has no such remark. Choose one of its list.")
    if mark.at is not None and not remark.time:
        raise _unfit(f"'{remark.text}' takes no time. Leave it out.")
    return f"{remark.code} {mark.at:%H:%M}" if mark.at is not None else remark.code


def _shown(student: str, record: Record | None) -> dict[str, str | None]:
    if record is None:
        return {"student": student, "mark": None, "status": "as_recorded", "by": None}
    return {"student": student, "mark": record.id, "status": record.status, "by": record.by}


def _unfit(message: str) -> InvalidInput:
    return InvalidInput("invalid_input", message, errors=[FieldError("marks", message)])
