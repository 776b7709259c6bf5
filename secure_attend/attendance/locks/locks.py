"""Locks a period of a course, and unlocks it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from secure_attend.attendance.courses.courses import Courses
from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.attendance.courses.lock import LOCKS, Lock, lock_of, lock_value, locks_of
from secure_attend.attendance.courses.memberships import students_of_course
from secure_attend.attendance.courses.period import Period
from secure_attend.attendance.evidence.canonical_register import canonical_register
from secure_attend.attendance.evidence.locked_statuses import LockStore
from secure_attend.attendance.locks.locked_register import LOCKED_REGISTERS, locked_register_document
from secure_attend.attendance.registers.registers import Registers, RegisterSnapshot
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.erasing_reason import reason_without_names
from secure_attend.attendance.students.students import new_key
from secure_attend.errors import Conflict, NotFound
from secure_attend.storage.documents import Document

TRIES = 5
"""How often the register is read again because somebody changed it meanwhile. Check-ins disturb nothing."""
MOST_LOCKS = 50
"""Of a course: one for each week of a year."""


class Locks:
    """Makes and removes locks. Who may do so is decided before."""

    def __init__(self, store: LockStore, courses: Courses, registers: Registers, time: SiteTime) -> None:
        self._store = store
        self._courses = courses
        self._registers = registers
        self._time = time

    def of_course(self, course: str) -> list[Lock]:
        """Return the course's locks, the earliest first."""
        return locks_of(self._store.documents, course)

    def lock(self, course: str, first_day: date | None, last_day: date, by: str) -> Lock:
        """Lock the days from `first_day` (None: the beginning) to `last_day`.

        Raises `NotFound`, `InvalidInput` while a class of these days is still to come or open, and `Conflict`:
        `already_locked`, `too_many_locks`, or `documents_changed` if others keep changing the register.
        """
        self._courses.get(course)
        _check(first_day, last_day, self._time.today())
        for _ in range(TRIES):
            version = self._store.documents.version
            snapshot = self._registers.snapshot(course)
            self._refuse_unfinished(snapshot, Period(first_day, last_day))
            lock = self._locked(snapshot, version, first_day, last_day, by)
            if lock is not None:
                return lock
        raise Conflict("documents_changed", "Others are changing this course. Nothing was locked. Try again.")

    def reason_to_unlock(self, course: str, text: str) -> str:
        """Return the reason for unlocking, cleaned. Raises `InvalidInput` if it is blank, too long, or names a student
        of the course."""
        return reason_without_names(text, students_of_course(self._store, course))

    def unlock(self, course: str, key: str) -> Lock:
        """Remove a lock. Return it. Raises `NotFound`."""
        with self._store.transaction():
            document = self._store.documents.get(LOCKS.name, key)
            if document is None or document.value["course"] != course:
                raise NotFound("unknown_lock", "This lock doesn't exist. Load the course's locks again.")
            frozen = self._store.documents.get(LOCKED_REGISTERS.name, key)
            self._store.documents.write([], [document] if frozen is None else [document, frozen])
        return lock_of(document)

    def _locked(
        self, snapshot: RegisterSnapshot, version: int, first_day: date | None, last_day: date, by: str
    ) -> Lock | None:
        """Write the lock; None if the register is another by now."""
        course, documents = snapshot.register.course.key, self._store.documents
        register = canonical_register(snapshot.register, snapshot.members, Period(first_day, last_day))
        with self._store.transaction():
            if documents.version != version or self._decided_since(snapshot.number):
                return None
            _refuse_covered(self.of_course(course), register.period)
            mac = self._store.mac_of(snapshot.number)
            lock = Lock(
                new_key(),
                course,
                first_day,
                last_day,
                by,
                snapshot.at,
                snapshot.number,
                mac,
                register.digest,
                snapshot.register.policy,
            )
            documents.write([_document(lock), locked_register_document(lock.key, register)])
        return lock

    def _decided_since(self, number: int) -> bool:
        """Return whether the log has something newer than a check-in: those are made now, never in the past."""
        return any(not record.is_check_in for record in self._store.records(after=number))

    def _refuse_unfinished(self, snapshot: RegisterSnapshot, period: Period) -> None:
        now = self._time.now()
        unfinished = (
            ruled.meeting
            for ruled in snapshot.register.meetings
            if period.includes(ruled.meeting.day) and not ruled.meeting.cancelled and now <= ruled.over_at
        )
        meeting = next(unfinished, None)
        if meeting is not None:
            faults = FieldFaults()
            faults.add("last_day", f"{meeting.title} on {meeting.day} is not over yet. Lock up to an earlier day.")
            faults.refuse()


def _document(lock: Lock) -> Document:
    return LOCKS.document(lock.key, lock_value(lock))


def _check(first_day: date | None, last_day: date, today: date) -> None:
    faults = FieldFaults()
    faults.days(first_day if first_day is not None else last_day, last_day)
    if last_day > today:
        faults.add("last_day", "This day is still to come. Lock up to today, or an earlier day.")
    faults.refuse()


def _refuse_covered(locks: Sequence[Lock], period: Period) -> None:
    covering = next((lock for lock in locks if lock.period.covers(period)), None)
    if covering is not None:
        raise Conflict("already_locked", f"{covering.by} has locked these days already, on {covering.at.date()}.")
    if len(locks) >= MOST_LOCKS:
        raise Conflict("too_many_locks", f"A course has at most {MOST_LOCKS} locks. Unlock old ones first.")
