"""Registers kept in memory, fed by the log's new records and by changed documents.

The log is never read from its start: a student's records are read once, when somebody first looks at them, and those of
the time of a meeting once, for its visitors. An unchanged register costs one question to the store, its version.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from secure_attend.attendance.courses.membership import Membership
from secure_attend.attendance.courses.rules import RulesFrom
from secure_attend.attendance.meetings.kiosk_settings import serves
from secure_attend.attendance.registers.curriculum import Curricula, Curriculum
from secure_attend.attendance.registers.facts import MarkSeen
from secure_attend.attendance.registers.kiosk_silences import KioskSilences
from secure_attend.attendance.registers.meeting_register import (
    CourseRegister,
    MeetingRegister,
    RegisterRow,
    RegisterVisitor,
    course_rows,
)
from secure_attend.attendance.registers.person_logs import UNREAD, PersonLogs, PersonName
from secure_attend.attendance.registers.preview import StatusChange, preview
from secure_attend.attendance.registers.register import PersonFacts, register, visitors
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import NotFound
from secure_attend.storage.ports import StudentsAndLog
from secure_attend.storage.values import Record

MOST_BOOKS = 300
"""Registers kept, of meetings and of courses: those looked at last."""
_MICROSECOND = timedelta(microseconds=1)
Shown = TypeVar("Shown", MeetingRegister, CourseRegister)


@dataclass(frozen=True)
class Window:
    """The time in which check-ins may concern a meeting (UTC, both included), and where."""

    first: datetime
    last: datetime
    room: str | None

    def takes(self, record: Record) -> bool:
        """Return whether the record is a check-in then and there."""
        here = record.is_check_in and record.person is not None and self.first <= record.time <= self.last
        return here and serves(record.room, self.room)


@dataclass(frozen=True)
class RegisterSnapshot:
    """A course's register with the course's memberships, as they were at one moment: after the record with this
    `number`."""

    register: CourseRegister
    members: tuple[Membership, ...]
    at: datetime
    number: int


@dataclass
class Book(Generic[Shown]):
    """A register that is kept. `people` are those whose records may change it. `came` checked in within the `window`,
    and `marked` have a mark in one of the `meetings` (keys)."""

    people: set[str] = field(default_factory=set)
    window: Window | None = None
    came: set[str] = field(default_factory=set)
    meetings: frozenset[str] = frozenset()
    marked: set[str] = field(default_factory=set)
    stale: bool = True
    last: Shown | None = None

    def note(self, record: Record) -> None:
        """Note a new record of the log."""
        if record.person is None:
            return
        if self.window is not None and self.window.takes(record):
            self.came.add(record.person)
            self.stale = True
        elif record.method == "mark" and record.meeting in self.meetings:
            self.marked.add(record.person)
            self.stale = True
        elif record.person in self.people:
            self.stale = True

    def read_again(self) -> None:
        """Let the next question read who came and who is marked: of merged entries, it is another one by now."""
        self.window, self.meetings, self.marked = None, frozenset(), set()

    def holds(self, now: datetime) -> bool:
        """Return whether the register is as it was."""
        return not self.stale and self.last is not None and (self.last.changes_at is None or now < self.last.changes_at)


class Registers:
    """Answers who was where. Thread-safe. Don't call it within a transaction of the store."""

    def __init__(
        self, store: StudentsAndLog, curricula: Curricula, silences: KioskSilences, time: SiteTime, retain_days: int = 0
    ) -> None:
        self._store = store
        self._silences = silences
        self._curricula = curricula
        self._time = time
        self._retain = timedelta(days=retain_days)
        self._curriculum = Curriculum()
        self._logs = PersonLogs(store)
        self._meetings: OrderedDict[str, Book[MeetingRegister]] = OrderedDict()
        self._courses: OrderedDict[str, Book[CourseRegister]] = OrderedDict()
        self._version = UNREAD
        self._changes = 0  # of all registers: one that was dropped must not count the same numbers again
        self._kept_day: datetime | None = None
        self._lock = Lock()

    def curriculum(self) -> Curriculum:
        """Return what is taught to whom now."""
        with self._lock:
            self._follow()
            return self._curriculum

    def of_meeting(self, key: str, as_of: int | None = None) -> MeetingRegister:
        """Return the register of a meeting, at least as new as the version `as_of` of the store, which the caller has
        just asked for; None: as of now. Raises `NotFound`."""
        with self._lock:
            return self._of_meeting(key, as_of)

    def of_course(self, key: str, as_of: int | None = None) -> CourseRegister:
        """Return the grid of a course, as `of_meeting` does. Raises `NotFound`."""
        with self._lock:
            self._follow(as_of)
            self._curriculum.course(key)
            return self._current(self._courses, key, self._grid)

    def snapshot(self, key: str) -> RegisterSnapshot:
        """Return the grid of a course, and what it was made from. A grid that is made for this is not kept, so that
        an export of all courses does not fill the memory. Raises `NotFound`."""
        with self._lock:
            self._follow()
            self._curriculum.course(key)
            at, book = self._time.now(), self._courses.get(key)
            kept = book.last if book is not None and book.holds(at) else None
            register = kept if kept is not None else self._grid(key, Book())
            self._logs.trim()
            return RegisterSnapshot(register, self._curriculum.members.get(key, ()), at, self._logs.number)

    def marks(self, key: str, people: Collection[str]) -> tuple[int, dict[str, MarkSeen]]:
        """Return the marks of these students in a meeting, and the number of the newest record that was read. Raises
        `NotFound` for an unknown meeting, and for a student who is neither of the course nor came to the meeting."""
        with self._lock:
            self._of_meeting(key)
            known = self._meetings[key].people
            if not known.issuperset(people):
                raise NotFound("not_in_register", "This student is not in the class's register. Load it again.")
            logs = {person: self._logs.of(person) for person in people}
            return self._logs.number, {person: log.marks[key] for person, log in logs.items() if key in log.marks}

    def preview(self, course: str, rules: Iterable[RulesFrom]) -> list[tuple[RuledMeeting, PersonName, StatusChange]]:
        """Return whose status would change in which meetings of a course under other rules."""
        with self._lock:
            self._follow()
            taught, now = self._curriculum, self._time.now()
            members = {member.student for member in taught.members.get(course, ())}
            marked = self._marked([ruled.meeting.key for ruled in taught.meetings.get(course, ())])
            people = self._facts(members | marked)
            found = preview(
                taught.timetable, taught.course(course), tuple(rules), taught.settings.rules, people, now, self._kept()
            )
            names = {person.person: self._logs.of(person.person).name for person in people}
            self._logs.trim()
        by_key = taught.timetable.by_key
        return [
            (by_key[change.meeting], name, change) for change in found if (name := names[change.person]) is not None
        ]

    def _of_meeting(self, key: str, as_of: int | None = None) -> MeetingRegister:
        self._follow(as_of)
        self._curriculum.meeting(key)
        return self._current(self._meetings, key, self._register)

    def _current(
        self,
        books: OrderedDict[str, Book[Shown]],
        key: str,
        make: Callable[[str, Book[Shown]], Shown],
    ) -> Shown:
        """Return the kept register if it holds, else make it again, and count if it became another."""
        book = books.setdefault(key, Book())
        books.move_to_end(key)
        before = book.last
        if before is not None and book.holds(self._time.now()):
            return before
        made = make(key, book)
        if before is None or made != before:
            self._changes += 1
        changes = before.changes if before is not None and made == before else self._changes
        book.last, book.stale = replace(made, changes=changes), False
        self._logs.trim()
        while len(books) > MOST_BOOKS:
            books.popitem(last=False)
        return book.last

    # What is new

    def _follow(self, as_of: int | None = None) -> None:
        """Take in what changed since the last question. Nothing did if that was at version `as_of` or later."""
        self._forget_by_age()
        if as_of is not None and as_of <= self._version:
            return
        version = self._store.version
        if version == self._version:
            return
        if self._logs.number == UNREAD:
            self._logs.number = self._store.newest_number
        curriculum = self._curricula.now()
        if curriculum is not self._curriculum:
            self._curriculum = curriculum
            self._make_again()
        if self._version != UNREAD:
            self._forget_changed()
        for record in self._store.records(after=self._logs.number):
            self._logs.follow(record)
            for book in self._books():
                book.note(record)
        self._version = version

    def _forget_changed(self) -> None:
        _, keys = self._store.changed_students(self._version)
        for key in keys:
            self._logs.forget(key)
        changed = set(keys)
        for book in self._books():
            book.stale |= not changed.isdisjoint(book.people)
            if not changed.isdisjoint(book.came | book.marked):
                book.read_again()

    def _books(self) -> list[Book[MeetingRegister] | Book[CourseRegister]]:
        return [*self._meetings.values(), *self._courses.values()]

    def _make_again(self) -> None:
        for book in self._books():
            book.stale = True

    def _forget_by_age(self) -> None:
        """Forget what was read, once a day: the log forgets whose the oldest records are."""
        day = self._time.start_of(self._time.today()) if self._retain else None
        if day != self._kept_day:
            self._kept_day = day
            self._logs.clear()
            self._make_again()

    def _kept(self) -> datetime | None:
        """Return since when identities are kept; None: all are."""
        return self._time.now() - self._retain if self._retain else None

    # What registers say

    def _register(self, key: str, book: Book[MeetingRegister]) -> MeetingRegister:
        taught, now = self._curriculum, self._time.now()
        ruled = taught.timetable.by_key[key]
        course = taught.courses[ruled.meeting.course]
        self._look_for_visitors(ruled, book)
        self._look_for_marks([ruled], book)
        book.people = {member.student for member in taught.members.get(course.key, ())} | book.came | book.marked
        people = self._facts(book.people)
        listed = [each for each in people if each.place_in(ruled.meeting) == "member" or key in each.marks]
        cells = register(taught.timetable, [ruled], listed, now, self._kept())
        rows = [
            RegisterRow(name, cell, person.marks.get(key))
            for person in listed
            if (name := self._logs.of(person.person).name) is not None
            for cell in [cells[key, person.person]]
            if cell.status is not None or person.place_in(ruled.meeting) == "member"
        ]
        rows.sort(key=lambda row: (row.student.name.casefold(), row.student.student_id))
        return MeetingRegister(
            ruled,
            course,
            ruled.phase(now),
            tuple(rows),
            tuple(self._visitors(ruled, people)),
            self._silences.please_check(ruled, taught, now),
            changes_at=self._changes_at([ruled], now),
        )

    def _grid(self, key: str, book: Book[CourseRegister]) -> CourseRegister:
        taught, now = self._curriculum, self._time.now()
        shown = taught.meetings.get(key, ())
        members = {member.student for member in taught.members.get(key, ())}
        self._look_for_marks(shown, book)
        book.people = members | book.marked
        people = self._facts(book.people)
        cells = register(taught.timetable, shown, people, now, self._kept())
        rows = [
            (name, tuple(cells[ruled.meeting.key, name.key] for ruled in shown))
            for person in people
            if (name := self._logs.of(person.person).name) is not None
        ]
        made = CourseRegister(
            taught.courses[key],
            shown,
            tuple(ruled.phase(now) for ruled in shown),
            *course_rows(rows, members),
            frozenset(each.meeting.key for each in shown if self._silences.please_check(each, taught, now)),
            changes_at=self._changes_at(shown, now),
        )
        return made.counted_by(taught.policy(key))

    def _look_for_marks(
        self, shown: Iterable[RuledMeeting], book: Book[MeetingRegister] | Book[CourseRegister]
    ) -> None:
        """Read who has a mark in these meetings, whether or not they are in the course, unless that is known."""
        meetings = frozenset(ruled.meeting.key for ruled in shown)
        if new := meetings - book.meetings:
            book.marked |= self._marked(new)
        book.meetings = meetings

    def _marked(self, meetings: Collection[str]) -> set[str]:
        return {record.person for record in self._store.marks(meetings) if record.person is not None}

    def _visitors(self, ruled: RuledMeeting, people: Iterable[PersonFacts]) -> Iterable[RegisterVisitor]:
        for visitor in visitors(self._curriculum.timetable, ruled, people):
            log = self._logs.of(visitor.person)
            if log.name is not None:
                seen = visitor.check_in
                kiosk = log.kiosks.get(seen.record_id)
                yield RegisterVisitor(log.name, visitor.kind, seen.time, kiosk, seen.room, seen.record_id)

    def _look_for_visitors(self, ruled: RuledMeeting, book: Book[MeetingRegister]) -> None:
        """Read who checked in at the time of the meeting, unless that is known."""
        block = [each for each in self._curriculum.timetable.meetings if ruled.same_block(each)]
        first = min(each.opens_at for each in (*block, ruled))
        window = Window(first, ruled.over_at, ruled.meeting.room)
        if window == book.window:
            return
        book.window = window
        records = self._store.records(since=window.first, until=window.last + _MICROSECOND)
        book.came = {record.person or "" for record in records if window.takes(record)}

    def _facts(self, people: Iterable[str]) -> list[PersonFacts]:
        memberships = self._curriculum.memberships
        return [self._logs.of(person).facts(person, memberships.get(person, {})) for person in sorted(people)]

    def _changes_at(self, meetings: Iterable[RuledMeeting], now: datetime) -> datetime | None:
        """Return the next moment at which the clock changes a phase, or what a check-in comes to."""
        moments = [
            moment
            for ruled in meetings
            if not ruled.meeting.cancelled
            for moment in (ruled.opens_at, ruled.on_time_end, ruled.late_end, ruled.closes_at, *self._forgotten(ruled))
        ]
        return min((moment for moment in moments if moment > now), default=None)

    def _forgotten(self, ruled: RuledMeeting) -> tuple[datetime, ...]:
        """Return when the meeting has no statuses any more: it is kept up to the moment, and that included."""
        return (self._curriculum.timetable.begins(ruled) + self._retain + _MICROSECOND,) if self._retain else ()
