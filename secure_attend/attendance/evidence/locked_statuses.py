"""What students are in the locked classes, as the documents are or would be. It reads the store, not what is kept in
memory, so it can be asked inside a transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from secure_attend.attendance.courses.attendance_settings import (
    ATTENDANCE_SETTINGS,
    AttendanceSettings,
    settings_of,
)
from secure_attend.attendance.courses.course import COURSES, course_of
from secure_attend.attendance.courses.lock import locks_of, refuse_locked
from secure_attend.attendance.courses.membership import MEMBERSHIPS, Membership, membership_of
from secure_attend.attendance.courses.period import Period
from secure_attend.attendance.courses.rules import RulesFrom
from secure_attend.attendance.meetings.meeting import MEETINGS, meeting_of
from secure_attend.attendance.registers.person_logs import PersonLog
from secure_attend.attendance.registers.register import PersonFacts, Timetable, is_taken, with_rules_in_force
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Status, cell
from secure_attend.storage.documents import Document
from secure_attend.storage.ports import AttendanceLog, Documents, HasDocuments, StudentsAndLog
from secure_attend.storage.values import Record


class LockStore(StudentsAndLog, HasDocuments, Protocol):
    """The ports that locks need."""


Periods = Mapping[str, Sequence[Period]]
"""What is locked, by course."""


@dataclass(frozen=True)
class DocumentsAfter:
    """The documents as they would be after a write."""

    documents: Documents
    puts: Sequence[Document]
    deletes: Sequence[Document]

    def get(self, kind: str, key: str) -> Document | None:
        """Return the document."""
        if any(document.id == (kind, key) for document in self.deletes):
            return None
        put = next((document for document in self.puts if document.id == (kind, key)), None)
        return put if put is not None else self.documents.get(kind, key)

    def all(self, kind: str) -> list[Document]:
        """Return all documents of a kind."""
        return self._after(self.documents.all(kind), [each for each in self.puts if each.kind == kind])

    def _after(self, known: Iterable[Document], put: Sequence[Document]) -> list[Document]:
        changed = {each.id for each in (*self.puts, *self.deletes)}
        return [*(each for each in known if each.id not in changed), *put]


class LockedStatuses:
    """The locked meetings of some courses, and what students are in them."""

    def __init__(
        self,
        documents: Documents | DocumentsAfter,
        meetings: Iterable[Document],
        people: Collection[str],
        courses: Collection[str],
        periods: Periods,
    ) -> None:
        """`people` are the students to be asked about, `meetings` the documents of the meetings to look at: those of
        other courses are left out."""
        found = ((key, documents.get(COURSES.name, key)) for key in courses)
        known = {key: course_of(document) for key, document in found if document is not None}
        taught = [meeting_of(document) for document in meetings if document.value["course"] in known]
        self._memberships = memberships_of(documents, people)
        self._timetable = Timetable(with_rules_in_force(taught, known, _site_rules(documents)))
        self.locked = [
            ruled
            for ruled in self._timetable.meetings
            if any(period.includes(ruled.meeting.day) for period in periods.get(ruled.meeting.course, ()))
        ]

    def opens(self, person: str) -> dict[str, datetime]:
        """Return when check-in opens for a student, for each locked meeting of the student's courses."""
        facts = PersonFacts(person, self._memberships[person])
        return {ruled.meeting.key: self._timetable.opens(ruled, facts) for ruled in self._of(facts)}

    def of(
        self, person: str, log: AttendanceLog, now: datetime, without: str | None = None
    ) -> dict[str, Status | None]:
        """Return the student's status in each locked meeting of the student's courses, and in those where staff marked
        the student as a visitor; `without` a check-in, by its id. Whether somebody else came makes no difference here:
        a meeting that this student alone attended is no longer one that was taken."""
        facts = _facts(person, self._memberships[person], log, without)
        return {ruled.meeting.key: self._status(ruled, facts, now) for ruled in self._of(facts)}

    def _of(self, person: PersonFacts) -> Iterator[RuledMeeting]:
        return (
            ruled
            for ruled in self.locked
            if ruled.meeting.course in person.memberships or ruled.meeting.key in person.marks
        )

    def _status(self, ruled: RuledMeeting, person: PersonFacts, now: datetime) -> Status | None:
        facts = self._timetable.facts(ruled, person)
        return cell(ruled, facts, taken=is_taken(ruled, [facts]), now=now).status


def memberships_of(documents: Documents | DocumentsAfter, people: Collection[str]) -> dict[str, dict[str, Membership]]:
    """Return the memberships of these students, by student and course."""
    found: dict[str, dict[str, Membership]] = {person: {} for person in people}
    for document in documents.all(MEMBERSHIPS.name):
        if document.value["student"] in found:
            membership = membership_of(document)
            found[membership.student][membership.course] = membership
    return found


def refuse_locked_cancellation(store: LockStore, check_in: Record, now: datetime) -> None:
    """Raise `Conflict` `locked` if cancelling this check-in would change a status inside a lock. Ask it inside the
    transaction that cancels."""
    person = check_in.person or ""
    courses = memberships_of(store.documents, [person])[person]
    locks = [lock for course in courses for lock in locks_of(store.documents, course)]
    if not locks:
        return
    periods = {course: [lock.period for lock in locks if lock.course == course] for course in courses}
    statuses = LockedStatuses(store.documents, store.documents.all(MEETINGS.name), [person], courses, periods)
    before, after = (statuses.of(person, store, now, without) for without in (None, check_in.id))
    changed = next(
        (ruled.meeting for ruled in statuses.locked if before.get(ruled.meeting.key) != after.get(ruled.meeting.key)),
        None,
    )
    if changed is not None:
        refuse_locked(store.documents, changed.course, [changed.day])


def _site_rules(documents: Documents | DocumentsAfter) -> Sequence[RulesFrom]:
    found = documents.all(ATTENDANCE_SETTINGS.name)
    return (settings_of(found[0]) if found else AttendanceSettings()).rules


def _facts(person: str, memberships: Mapping[str, Membership], log: AttendanceLog, without: str | None) -> PersonFacts:
    known = PersonLog()
    for record in log.records(person=person):
        known.add(record)
    facts = known.facts(person, memberships)
    return replace(facts, check_ins=[seen for seen in facts.check_ins if seen.record_id != without])
