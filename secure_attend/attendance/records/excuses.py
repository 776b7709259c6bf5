"""Excuses: from days, hours or chosen classes. Each is a record of the log, ended or undone by one more record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from secure_attend.attendance.courses.courses import Courses, archived
from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.attendance.courses.lock import refuse_locked
from secure_attend.attendance.find_student import known_student
from secure_attend.attendance.reader_scope import ReaderScope
from secure_attend.attendance.records.reports import safe_cell
from secure_attend.attendance.registers.curriculum import Curriculum
from secure_attend.attendance.registers.facts import Excuse, excuse_of, standing_excuses
from secure_attend.attendance.registers.marks import MarkStore, append_with, refuse_own
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import place_in
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import Actor
from secure_attend.errors import Conflict, NotFound
from secure_attend.storage.documents import Document
from secure_attend.storage.values import Entry, MarkedStatus, Record, Student

NOTE_LENGTH = 200
MOST_MEETINGS = 100
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class WantedExcuse:
    """An excuse to be made: for `meetings` (keys), or from `first` to `last`, which are local days, both included, or
    minutes. `course` None: in all courses. `reason` is the code of one of the site's reasons."""

    student: str
    course: str | None
    meetings: Sequence[str] = ()
    first: date | None = None
    last: date | None = None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class StandingExcuse:
    """An excuse that holds. `noted`: the reader may see its reason and note, end it and undo it. `meetings` are those
    that it excuses the student from, as planned now."""

    record: Record
    noted: bool
    meetings: tuple[RuledMeeting, ...]


class Excuses:
    """Makes, ends and undoes excuses. Who may do so is decided before, but for a student's own: nobody excuses
    themselves. Don't call it within a transaction of the store."""

    def __init__(self, store: MarkStore, registers: Registers, courses: Courses, time: SiteTime) -> None:
        self._store = store
        self._registers = registers
        self._courses = courses
        self._time = time

    def of(self, student: str, scope: ReaderScope) -> list[StandingExcuse]:
        """Return the student's excuses that hold and that the reader may see, newest first. Of a student whom the
        reader no longer teaches, those by a registrar only where they excuse from the reader's classes. Raises
        `NotFound`."""
        known_student(self._store, student)
        taught, sees = self._registers.curriculum(), scope.sees(student)
        standing = (
            StandingExcuse(record, scope.reads_notes(record.course), tuple(_excused(taught, student, record)))
            for record in reversed(self._standing(student).values())
            if scope.shows(student, record)
        )
        return [
            each
            for each in standing
            if sees
            or each.record.course is not None
            or any(scope.sees_course(ruled.meeting.course) for ruled in each.meetings)
        ]

    def preview(self, wanted: WantedExcuse) -> tuple[RuledMeeting, ...]:
        """Return the meetings that the excuse would be for. Raises as `add`, but asks for no reason, and doesn't look
        at other excuses."""
        taught = self._registers.curriculum()
        excuse = self._checked(wanted, taught)[0]
        return tuple(_covered(taught, wanted.student, excuse))

    def add(self, wanted: WantedExcuse, actor: Actor, decided: Document | None = None) -> Record:
        """Append the excuse; `decided` is a document that is written with it, or refused with it. Raises
        `InvalidInput`, `NotFound`, `Forbidden` (`own_cell`), and `Conflict` if the course is archived
        (`course_archived`), a class is `locked`, the student is excused from the very same (`already_excused`), or
        somebody else wrote the document (`documents_changed`)."""
        taught = self._registers.curriculum()
        excuse, note = self._checked(wanted, taught)
        _check_reason(wanted, taught, self._time.today())
        with self._store.transaction():
            self._refuse_locked(_covered(taught, wanted.student, excuse))
            student = known_student(self._store, wanted.student)
            refuse_own([student], actor)
            if any(excuse_of(record) == excuse for record in self._standing(student.key).values()):
                raise Conflict("already_excused", "The student is excused from exactly this already.")
            entry = Entry(
                time=self._time.now(),
                method="excuse",
                student_id=student.student_id,
                person=student.key,
                by=actor.name,
                course=wanted.course,
                meeting=" ".join(dict.fromkeys(wanted.meetings)) or None,
                first_day=wanted.first,
                last_day=wanted.last,
                status="excused",
                reason=wanted.reason,
                note=note,
            )
            return append_with(self._store, [entry], decided)[0]

    def end(self, student: str, excuse: str, last: date, actor: Actor, scope: ReaderScope) -> Record:
        """Let an excuse end earlier, with this local day or minute, by a record that takes its place. Raises
        `InvalidInput`, `NotFound`, `Forbidden`, and `Conflict`: `excuse_changed` if it no longer holds, `locked` if
        it would no longer excuse from a locked class."""
        taught = self._registers.curriculum()
        faults = FieldFaults()
        faults.day("last_day", last)
        faults.refuse()
        with self._store.transaction():
            known, record = self._changeable(student, excuse, actor, scope)
            if record.first_day is not None and _end(last) <= _begin(record.first_day):
                faults.add("last_day", "That is before the excuse begins. Undo it instead.")
            elif record.last_day is not None and _end(last) >= _end(record.last_day):
                faults.add("last_day", "That is not before its present end. For more days, add another excuse.")
            faults.refuse()
            shorter = {ruled.meeting.key for ruled in _covered(taught, student, replace(excuse_of(record), last=last))}
            covered = _excused(taught, student, record)
            self._refuse_locked(ruled for ruled in covered if ruled.meeting.key not in shorter)
            return self._replace(known, record, "excused", last, actor)

    def undo(self, student: str, excuse: str, actor: Actor, scope: ReaderScope) -> Record:
        """Undo an excuse by a record. Raises as `end`."""
        taught = self._registers.curriculum()
        with self._store.transaction():
            known, record = self._changeable(student, excuse, actor, scope)
            self._refuse_locked(_excused(taught, student, record))
            return self._replace(known, record, "as_recorded", record.last_day, actor)

    def erase_note(self, student: str, record_id: str, scope: ReaderScope) -> int:
        """Erase reason and note of a mark or an excuse of this student, also where the excuse was ended. Return how
        many records had any. Raises `NotFound`."""
        taught = self._registers.curriculum()
        with self._store.transaction():
            records = {record.id: record for record in self._store.records(person=student) if record.is_mark}
            named = records.get(record_id)
            if named is None or not scope.shows(student, named) or not scope.reads_notes(_course_of(named, taught)):
                raise NotFound("unknown_record", "This student has no such mark or excuse, or you may not change it.")
            same = _same_excuse(records, named) if named.method == "excuse" else {record_id}
            return sum(self._store.erase_note(each) for each in sorted(same))

    def _standing(self, student: str) -> dict[str, Record]:
        return standing_excuses(self._store.records(person=student))

    def _changeable(self, student: str, excuse: str, actor: Actor, scope: ReaderScope) -> tuple[Student, Record]:
        known = known_student(self._store, student)
        record = self._store.record(excuse)
        mine = record is not None and record.method == "excuse" and record.person == student
        if record is None or not mine or not scope.shows(student, record) or not scope.reads_notes(record.course):
            raise NotFound("unknown_excuse", "This student has no such excuse, or you may not change it.")
        refuse_own([known], actor)
        if excuse not in self._standing(student):
            raise Conflict("excuse_changed", "Somebody else ended or undid this excuse in the meantime. Load it again.")
        return known, record

    def _refuse_locked(self, meetings: Iterable[RuledMeeting]) -> None:
        """Refuse what would reach into locked days, or into the past of an archived course."""
        for ruled in meetings:
            course = self._courses.get(ruled.meeting.course)
            if course.archived and ruled.meeting.day <= self._time.today():
                raise archived(course)
            refuse_locked(self._store.documents, ruled.meeting.course, [ruled.meeting.day])

    def _replace(
        self, student: Student, record: Record, status: MarkedStatus, last: date | None, actor: Actor
    ) -> Record:
        """Append what takes the place of an excuse. Reason and note stay with it if it still holds."""
        if record.course is not None and (course := self._courses.get(record.course)).archived:
            raise archived(course)
        holds = status == "excused"
        return self._store.append(
            Entry(
                time=self._time.now(),
                method="excuse",
                student_id=student.student_id,
                person=student.key,
                by=actor.name,
                course=record.course,
                meeting=record.meeting,
                first_day=record.first_day,
                last_day=last,
                status=status,
                replaces=record.id,
                reason=record.reason if holds else None,
                note=record.note if holds else None,
            )
        )

    def _checked(self, wanted: WantedExcuse, taught: Curriculum) -> tuple[Excuse, str | None]:
        """Return what is wanted as registers read it, and the note as it is kept."""
        known_student(self._store, wanted.student)
        faults = FieldFaults()
        if wanted.course is not None:
            course = self._courses.get(wanted.course)
            if course.archived:
                raise archived(course)
            if wanted.course not in taught.memberships.get(wanted.student, {}):
                raise NotFound("not_a_member", "This student is not in the course. Load its students again.")
            if wanted.first is not None and _begin(wanted.first).date() > course.last_day:
                faults.add("first_day", f"{course.code} ends on {course.last_day}. Choose an earlier day.")
        if wanted.meetings:
            _check_meetings(faults, wanted, taught)
        else:
            _check_days(faults, wanted.first, wanted.last)
        note = _note(faults, wanted.note)
        faults.refuse()
        courses = frozenset([wanted.course]) if wanted.course is not None else None
        return Excuse(wanted.first, wanted.last, courses, frozenset(wanted.meetings) or None), note


def _check_reason(wanted: WantedExcuse, taught: Curriculum, today: date) -> None:
    """Raise `InvalidInput` for an unknown reason, or (`reason_needed`) where this site asks for one and none is
    given."""
    faults, settings = FieldFaults(), taught.settings
    if wanted.reason is not None and wanted.reason not in {each.code for each in settings.reasons}:
        faults.add("reason", "The site has no such reason. Choose one of its list.")
        faults.refuse()
    days = [taught.timetable.by_key[key].meeting.day for key in wanted.meetings]
    first = min(days) if days else wanted.first
    needed = first is not None and settings.needs_reason(_begin(first).date(), today, excused=True)
    if wanted.reason is None and needed:
        faults.add("reason", "This site asks for a reason here. Choose one of the list.")
    faults.refuse("reason_needed")


def _check_days(faults: FieldFaults, first: date | None, last: date | None) -> None:
    if first is None or last is None:
        faults.add("first_day" if first is None else "last_day", "Give the first and the last day, or choose classes.")
        return
    faults.day("first_day", first)
    faults.day("last_day", last)
    if _end(last) <= _begin(first):
        timed = isinstance(last, datetime) and _begin(first).date() == last.date()
        faults.add("last_time" if timed else "last_day", f"The end, {_words(last)}, is before the start.")
    elif _end(last) - _begin(first) > LONGEST:
        faults.add("last_day", f"An excuse lasts at most {LONGEST.days} days. Add another one after it.")


def _check_meetings(faults: FieldFaults, wanted: WantedExcuse, taught: Curriculum) -> None:
    if wanted.first is not None or wanted.last is not None:
        faults.add("meetings", "Give days, or choose classes, not both.")
    if len(wanted.meetings) > MOST_MEETINGS:
        faults.add("meetings", f"Choose at most {MOST_MEETINGS} classes.")
        return
    memberships = taught.memberships.get(wanted.student, {})
    for key in wanted.meetings:
        ruled = taught.timetable.by_key.get(key)
        meeting = ruled.meeting if ruled is not None else None
        if meeting is None or wanted.course not in (None, meeting.course):
            faults.add("meetings", "The course has no such class. Load it again, and choose from its classes.")
        elif place_in(memberships.get(meeting.course), meeting) != "member":
            faults.add("meetings", f"The list of '{meeting.title}' on {meeting.day} does not name the student.")


def _note(faults: FieldFaults, note: str | None) -> str | None:
    cleaned = faults.optional_line("note", note, "note", NOTE_LENGTH)
    if cleaned is not None and safe_cell(cleaned) != cleaned:
        faults.add("note", "A spreadsheet would run this note as a formula. Begin it with a letter or a digit.")
    return cleaned


def _excused(taught: Curriculum, student: str, record: Record) -> Iterator[RuledMeeting]:
    return _covered(taught, student, excuse_of(record))


def _covered(taught: Curriculum, student: str, excuse: Excuse) -> Iterator[RuledMeeting]:
    """Yield the meetings of the student that an excuse covers, by start."""
    memberships = taught.memberships.get(student, {})
    meetings = [ruled for course in memberships for ruled in taught.meetings.get(course, ())]
    for ruled in sorted(meetings, key=lambda each: (each.starts_at, each.meeting.key)):
        meeting = ruled.meeting
        member = place_in(memberships[meeting.course], meeting) == "member"
        if member and not meeting.cancelled and excuse.covers(meeting):
            yield ruled


def _course_of(record: Record, taught: Curriculum) -> str | None:
    """Return the course whose lecturers read why: of a mark, that of its meeting; None of an excuse by a registrar."""
    if record.method == "excuse" or record.course is not None:
        return record.course
    ruled = taught.timetable.by_key.get(record.meeting or "")
    return ruled.meeting.course if ruled is not None else None


def _same_excuse(records: dict[str, Record], named: Record) -> set[str]:
    """Return the ids of the records that one excuse is made of: the first, and those that took its place."""
    found = {named.id}
    earlier = named.replaces
    while earlier is not None and earlier in records and earlier not in found:
        found.add(earlier)
        earlier = records[earlier].replaces
    for record in records.values():  # in the order of the log
        if record.replaces in found:
            found.add(record.id)
    return found


def _begin(bound: date) -> datetime:
    return bound if isinstance(bound, datetime) else datetime.combine(bound, time.min)


def _end(bound: date) -> datetime:
    """Return the end of an excuse: the minute, or the end of the day."""
    return bound if isinstance(bound, datetime) else datetime.combine(bound, time.max)


def _words(bound: date) -> str:
    return f"{bound:%Y-%m-%d %H:%M}" if isinstance(bound, datetime) else str(bound)
