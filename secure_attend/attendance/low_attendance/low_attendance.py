"""Who attends little: in one course, and across all courses that run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from secure_attend.attendance.low_attendance.person_standing import KeptPerson, Places, StudentStanding, standing
from secure_attend.attendance.registers.curriculum import Curriculum
from secure_attend.attendance.registers.meeting_register import CourseRegister
from secure_attend.attendance.registers.percentages import Percentage
from secure_attend.attendance.registers.person_logs import PersonLog, PersonName
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.site_time import SiteTime
from secure_attend.storage.ports import StudentsAndLog
from secure_attend.storage.values import Student

_UNREAD = -1


@dataclass(frozen=True)
class LowAttendanceList:
    """Everybody with low attendance in a course that runs, those absent longest first. `changes` is a number that no
    other state of the list has in this process."""

    rows: tuple[StudentStanding, ...]
    changes: int
    day: date


class LowAttendance:
    """Answers from memory. The log is read once for each student, then only for those with new records. Thread-safe.
    Don't call it within a transaction of the store."""

    def __init__(self, store: StudentsAndLog, registers: Registers, time: SiteTime, retain_days: int = 0) -> None:
        self._store = store
        self._registers = registers
        self._time = time
        self._retain = timedelta(days=retain_days)
        self._taught = Curriculum()
        self._kept: dict[str, KeptPerson] = {}
        self._takers: Counter[str] = Counter()
        self._untaken: frozenset[str] = frozenset()
        self._version = self._number = _UNREAD
        self._looked_at: datetime | None = None
        self._last: LowAttendanceList | None = None
        self._lock = Lock()

    def in_course(self, course: str) -> list[tuple[PersonName, Percentage]]:
        """Return the students who are in a course now and have low attendance there, the lowest first. Raises
        `NotFound`."""
        register = self._registers.of_course(course)
        members = self._registers.curriculum().members.get(course, ())
        today = self._time.today()
        return low_rows(register, {each.student for each in members if each.current(today)})

    def everywhere(self) -> LowAttendanceList:
        """Return the list across courses."""
        with self._lock:
            version, now = self._store.version, self._time.now()
            number = self._store.newest_number if version != self._version else self._number
            stale = self._stale(version, now)
            if stale is None or stale or self._last is None:
                self._derive(stale, now)
                rows = [each.standing for each in self._kept.values() if each.standing is not None]
                changes = self._last.changes + 1 if self._last is not None else 1
                self._last = LowAttendanceList(_ordered(rows), changes, self._time.date_of(now))
            self._version, self._number, self._looked_at = version, number, now
            return self._last

    # What is new

    def _stale(self, version: int, now: datetime) -> set[str] | None:
        """Return whose places may have changed since the last look; None: everybody's."""
        if version != self._version:
            taught = self._registers.curriculum()
            if taught is not self._taught or self._version == _UNREAD:
                self._taught = taught
                return None
            stale = set(self._store.changed_students(self._version)[1])
            new = self._store.records(after=self._number)
            stale |= {record.person for record in new if record.person is not None}
        else:
            stale = set()
        looked_at = self._looked_at
        if looked_at is None or self._time.date_of(looked_at) != self._time.date_of(now):
            return None
        return stale | self._by_the_clock(looked_at, now)

    def _by_the_clock(self, before: datetime, now: datetime) -> set[str]:
        """Return the students of the courses in which a class closed between two looks."""
        return {
            member.student
            for course, meetings in self._taught.meetings.items()
            if any(before < each.closes_at <= now for each in meetings)
            for member in self._taught.members.get(course, ())
        }

    # What it comes to

    def _derive(self, stale: set[str] | None, now: datetime) -> None:
        places = Places(self._taught, self._time, now, now - self._retain if self._retain else None)
        if stale is None:
            self._kept, self._takers = {}, Counter()
        running = self._running(self._time.date_of(now))
        students = {each.key: each for each in self._store.students()} if stale is None else {}
        for key in students if stale is None else stale:
            student = students.get(key) or self._store.student(key)
            self._keep(key, self._read(student, places, running) if student is not None else None)
        self._settle(stale, now)

    def _read(self, student: Student, places: Places, running: Mapping[str, frozenset[str]]) -> KeptPerson:
        log = PersonLog()
        for record in self._store.records(person=student.key):
            log.add(record)
        name = PersonName(student.key, student.student_id, student.shown_name)
        memberships = self._taught.memberships.get(student.key, {})
        own = [key for key in memberships if student.key in running.get(key, ())]
        listed = own if student.removed_at is None else []
        return places.of(name, log.facts(student.key, memberships), listed)

    def _running(self, today: date) -> dict[str, frozenset[str]]:
        """Return the courses that run, each with its students of today."""
        courses = (each for each in self._taught.courses.values() if not each.archived and today <= each.last_day)
        return {
            course.key: frozenset(
                member.student for member in self._taught.members.get(course.key, ()) if member.current(today)
            )
            for course in courses
        }

    def _keep(self, key: str, kept: KeptPerson | None) -> None:
        before = self._kept.pop(key, None)
        if before is not None:
            self._takers.subtract(before.takes)
        if kept is not None:
            self._kept[key] = kept
            self._takers.update(kept.takes)

    def _settle(self, stale: set[str] | None, now: datetime) -> None:
        """Sum up the students that are stale, and those of courses where it became another question whether a class was
        taken."""
        closed = (each.meeting.key for each in self._taught.timetable.meetings if each.closes_at <= now)
        untaken = frozenset(key for key in closed if self._takers[key] <= 0)
        changed = untaken ^ self._untaken
        self._untaken = untaken
        by_key = self._taught.timetable.by_key
        courses = {by_key[key].meeting.course for key in changed if key in by_key}
        for key, kept in self._kept.items():
            if stale is None or key in stale or not courses.isdisjoint(kept.places):
                found = standing(kept, self._taught, untaken)
                kept.standing = found if found.courses else None


def low_rows(register: CourseRegister, current: Iterable[str]) -> list[tuple[PersonName, Percentage]]:
    """Return the rows with low attendance of a register, the lowest first."""
    members = set(current)
    rows = [
        (name, found)
        for (name, _), found in zip(register.rows, register.percentages, strict=True)
        if found.low and name.key in members
    ]
    return sorted(rows, key=lambda row: (row[1].value if row[1].value is not None else 1, row[0].name.casefold()))


def _ordered(rows: Iterable[StudentStanding]) -> tuple[StudentStanding, ...]:
    def longest_first(row: StudentStanding) -> tuple[int, date, str, str]:
        return -row.absent_in_row, row.last_attended or date.min, row.student.name.casefold(), row.student.key

    return tuple(sorted(rows, key=longest_first))
