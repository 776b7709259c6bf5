"""Cancelling a check-in: a further record, which deletes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from secure_attend.attendance.courses.courses import archived
from secure_attend.attendance.evidence.locked_statuses import refuse_locked_cancellation
from secure_attend.attendance.find_student import known_student
from secure_attend.attendance.reader_scope import ReaderScope
from secure_attend.attendance.recognition.model_migration import ModelMigration
from secure_attend.attendance.records.check_in import BY_STUDENT
from secure_attend.attendance.registers.current_meetings import MeetingsNow
from secure_attend.attendance.registers.curriculum import Curriculum
from secure_attend.attendance.registers.facts import check_in_seen
from secure_attend.attendance.registers.marks import refuse_own
from secure_attend.attendance.registers.register import PersonFacts
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import Actor
from secure_attend.errors import Conflict, Forbidden, NotFound
from secure_attend.storage.ports import AttendanceLog, HasDocuments, StudentStore
from secure_attend.storage.values import Entry, Method, Record

NOT_ME_WITHIN = timedelta(seconds=15)  # ten that the page shows, five for a slow press and a slow network
BY_THE_STUDENT: tuple[Method, ...] = ("face", "code")


class CancellationStore(StudentStore, AttendanceLog, HasDocuments, Protocol):
    """The ports that cancelling needs."""


class Cancellations:
    """Cancels check-ins for kiosks and accounts."""

    def __init__(
        self, store: CancellationStore, time: SiteTime, model_migration: ModelMigration, meetings: MeetingsNow
    ) -> None:
        self._store = store
        self._time = time
        self._model_migration = model_migration
        self._meetings = meetings

    def cancel(self, record_id: str, actor: Actor, scope: ReaderScope, *, not_me: bool = False) -> Record:
        """Cancel a check-in by a record of its own. "Not me" is for the kiosk that made the record, shortly after a
        check-in by the student, and is all that a kiosk may do. An account needs to be lecturer or assistant of a
        course that the check-in concerns, and may not cancel its own. Raises `Conflict` `locked` if that would change
        a status inside a lock, and for an account `course_archived` if it counts in an archived course."""
        taught = self._meetings.look().curriculum
        with self._store.transaction():
            record = self._store.record(record_id)
            # One that names nobody is shown to those who see everyone.
            if record is None or not scope.shows(record.person or "", record):
                raise NotFound("unknown_record", "This check-in doesn't exist.")
            if actor.kiosk is not None and not (not_me and actor.made(record)):
                raise Forbidden(
                    "not_this_kiosks", "This check-in was made at another kiosk. Ask your lecturer to cancel it."
                )
            if not scope.changes(record.person or "", record):
                raise Forbidden("not_allowed", "Only lecturers and assistants of the course can cancel a check-in.")
            self._refuse_uncancellable(record)
            if actor.kiosk is None and taught.courses:
                refuse_own([known_student(self._store, record.person or "")], actor)
                _refuse_archived(taught, record)
            late = abs(self._time.now() - record.time) > NOT_ME_WITHIN
            if not_me and (record.method not in BY_THE_STUDENT or late):
                raise Forbidden("too_late", "It's too late to cancel this here. Ask your lecturer to cancel it.")
            refuse_locked_cancellation(self._store, record, self._time.now())
            self._model_migration.unlearn(record)
            return self._store.append(
                Entry(
                    time=self._time.now(),
                    method="cancellation",
                    student_id=record.student_id or "",
                    person=record.person or "",
                    by=BY_STUDENT if not_me and actor.kiosk is not None else actor.name,
                    kiosk=actor.kiosk,
                    kiosk_key=actor.kiosk_key,
                    cancels=record.id,
                )
            )

    def _refuse_uncancellable(self, record: Record) -> None:
        if record.method == "cancellation":
            raise Conflict("not_a_check_in", "This record is a cancellation. Only check-ins can be cancelled.")
        if not record.is_check_in:
            raise Conflict("not_a_check_in", "This record is a mark. Only check-ins can be cancelled.")
        if record.person is None:
            raise Conflict("student_erased", "This student was erased. The record names nobody and cannot be changed.")
        earlier = self._store.cancellation_of(record.id)
        if earlier is not None:
            raise Conflict("already_cancelled", "This check-in is already cancelled.", cancelled_by=earlier.id)


def _refuse_archived(taught: Curriculum, check_in: Record) -> None:
    """Raise `Conflict` if the check-in counts in a course that is archived."""
    person = check_in.person or ""
    facts = PersonFacts(person, taught.memberships.get(person, {}))
    counted = taught.timetable.counted_meetings(facts, check_in_seen(check_in))
    courses = (taught.courses[ruled.meeting.course] for ruled in counted)
    closed = next((course for course in courses if course.archived), None)
    if closed is not None:
        raise archived(closed)
