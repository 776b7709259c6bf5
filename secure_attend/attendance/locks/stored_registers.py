"""Registers made again from what a store holds, as of an earlier record of the log: for checks beside the server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.lock import LOCKS, Lock, lock_of
from secure_attend.attendance.courses.membership import DAY, Membership, spans_of
from secure_attend.attendance.courses.period import Period
from secure_attend.attendance.courses.rules import rules_from_json
from secure_attend.attendance.locks.locked_register import LOCKED_REGISTERS, LockedRegister, locked_register_of
from secure_attend.attendance.meetings.meeting import MEETINGS, meeting_of
from secure_attend.attendance.registers.curriculum import KINDS, Curriculum, curriculum_of
from secure_attend.attendance.registers.meeting_register import CourseRegister, course_rows
from secure_attend.attendance.registers.person_logs import PersonLog, PersonName
from secure_attend.attendance.registers.register import PersonFacts, Timetable, register
from secure_attend.attendance.registers.registers import RegisterSnapshot
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.storage.chains.log_chain import number_of
from secure_attend.storage.documents import Document
from secure_attend.storage.kept_documents import DocumentView
from secure_attend.storage.values import Record, Student


@dataclass(frozen=True)
class Taught:
    """A course with its meetings and memberships: as the documents are, or with what its locks froze put back."""

    course: Course
    meetings: tuple[RuledMeeting, ...]
    members: tuple[Membership, ...]


@dataclass(frozen=True)
class StoredRegisters:
    """What the documents and the log say of some courses. `records` are those of their students, by student. `retain`
    is how long the site keeps identities; None: for ever."""

    students: Mapping[str, Student]
    curriculum: Curriculum
    locks: Mapping[str, Sequence[tuple[Lock, LockedRegister]]]
    records: Mapping[str, Sequence[Record]] = field(repr=False)
    retain: timedelta | None = None

    def named(self, student: str) -> str:
        """Return name and ID of a student, by key."""
        known = self.students.get(student)
        return f"{known.name} ({known.student_id})" if known is not None else "an erased student"

    def taught(self, course: str) -> Taught:
        """Return a course as the documents are now."""
        known = self.curriculum
        return Taught(known.course(course), known.meetings.get(course, ()), known.members.get(course, ()))

    def as_locked(self, course: str) -> Taught:
        """Return a course with what its locks froze put back."""
        taught = self.taught(course)
        for lock, frozen in self.locks.get(course, ()):
            taught = _with_frozen(taught, lock, frozen)
        return taught

    def snapshot(self, taught: Taught, at: datetime, number: int) -> RegisterSnapshot:
        """Return the course's register as it was `at` a moment, after the record with this `number`."""
        course = taught.course.key
        timetable = Timetable(
            (*(each for each in self.curriculum.timetable.meetings if each.meeting.course != course), *taught.meetings)
        )
        members = {member.student: member for member in taught.members}
        people = [self._facts(person, members.get(person), course, number) for person in self._people(taught)]
        kept_since = at - self.retain if self.retain is not None else None
        cells = register(timetable, taught.meetings, people, at, kept_since)
        rows = [
            (name, tuple(cells[ruled.meeting.key, name.key] for ruled in taught.meetings))
            for name in (self._name(person.person) for person in people)
            if name is not None
        ]
        phases = tuple(ruled.phase(at) for ruled in taught.meetings)
        grid = CourseRegister(taught.course, taught.meetings, phases, *course_rows(rows, members))
        return RegisterSnapshot(grid.counted_by(self.curriculum.policy(course)), taught.members, at, number)

    def _people(self, taught: Taught) -> list[str]:
        """Return the members, and everybody with a mark in one of the meetings."""
        meetings = {ruled.meeting.key for ruled in taught.meetings}
        marked = {person for person, own in self.records.items() if any(each.meeting in meetings for each in own)}
        return sorted({member.student for member in taught.members} | marked)

    def _facts(self, person: str, member: Membership | None, course: str, number: int) -> PersonFacts:
        log = PersonLog()
        for record in self.records.get(person, ()):
            if (number_of(record.id) or 0) <= number:
                log.add(record)
        memberships = {**self.curriculum.memberships.get(person, {})}
        memberships.pop(course, None)
        return log.facts(person, memberships if member is None else {**memberships, course: member})

    def _name(self, person: str) -> PersonName | None:
        student = self.students.get(person)
        return PersonName(student.key, student.student_id, student.shown_name) if student is not None else None


def stored_registers(
    students: Iterable[Student],
    documents: Iterable[Document],
    records: Iterable[Record],
    courses: Collection[str],
    retain_days: int = 0,
) -> StoredRegisters:
    """Return what a store says of these courses. Courses that do not exist are left out."""
    kinds: dict[str, dict[str, Document]] = {kind: {} for kind in (*KINDS, LOCKED_REGISTERS.name)}
    for document in documents:
        if document.kind in kinds:
            kinds[document.kind][document.key] = document
    curriculum = curriculum_of(DocumentView(0, kinds))
    locks: dict[str, list[tuple[Lock, LockedRegister]]] = defaultdict(list)
    for key, document in kinds[LOCKS.name].items():
        frozen = kinds[LOCKED_REGISTERS.name].get(key)
        if frozen is not None and document.value["course"] in courses:
            locks[document.value["course"]].append((lock_of(document), locked_register_of(frozen)))
    people = {member.student for course in courses for member in curriculum.members.get(course, ())}
    people |= {student for each in locks.values() for _, frozen in each for student in frozen.spans}
    return StoredRegisters(
        {student.key: student for student in students},
        curriculum,
        locks,
        _of_people(records, people, courses),
        timedelta(days=retain_days) if retain_days else None,
    )


def _of_people(
    records: Iterable[Record], people: Collection[str], courses: Collection[str]
) -> Mapping[str, Sequence[Record]]:
    """Return the records of these people, and of those who have a mark in one of the courses, by student."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.person is not None and (record.person in people or record.course in courses):
            found[record.person].append(record)
    return found


def _with_frozen(taught: Taught, lock: Lock, frozen: LockedRegister) -> Taught:
    own = (each for each in taught.meetings if not lock.period.includes(each.meeting.day))
    meetings = [*own, *map(_ruled, _with_course(frozen.meetings, lock.course))]
    meetings.sort(key=lambda each: (each.starts_at, each.meeting.key))
    spans = {member.student: member.spans for member in taught.members}
    members = [
        _patched(Membership(lock.course, student, spans.get(student, ())), lock.period, frozen.spans.get(student, ()))
        for student in sorted(spans.keys() | frozen.spans)
    ]
    return replace(taught, meetings=tuple(meetings), members=tuple(member for member in members if member.spans))


def _patched(member: Membership, period: Period, frozen: Sequence[Mapping[str, Any]]) -> Membership:
    """Return the membership with these spans inside the period, and its own outside."""
    last = period.last_day
    before = Period(None, period.first_day - DAY).of(member.spans) if period.first_day is not None else ()
    after = Period(last + DAY, None).of(member.spans) if last is not None else ()
    return member.merged((*before, *spans_of(frozen), *after))


def _with_course(meetings: Iterable[Mapping[str, Any]], course: str) -> Iterator[Mapping[str, Any]]:
    return ({**meeting, "course": course, "kiosks_silent": False} for meeting in meetings)


def _ruled(value: Mapping[str, Any]) -> RuledMeeting:
    [version] = rules_from_json([{"since": None, **value["rules"]}])
    return RuledMeeting(meeting_of(MEETINGS.document(value["key"], value)), version.rules, locked=True)
