"""Low attendance across courses, for the first time after a start, against the bare read of the log. `registers`
measures it with the other rows.

REGISTER_RECORDS is how many records the log has: 20,000 of 100 students in 4 courses, or, if there is time, 1,000,000
of 5,000 students in 200 courses.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

from benchmarks import report
from benchmarks.timing import Row, alternately, compared
from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.attendance.courses.courses import Courses
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.courses.percentage_policy import PercentagePolicy
from secure_attend.attendance.low_attendance.low_attendance import LowAttendance
from secure_attend.attendance.meetings.course_meetings import CourseMeetings
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from secure_attend.attendance.meetings.meetings import Meetings
from secure_attend.attendance.registers.curriculum import KINDS, Curricula
from secure_attend.attendance.registers.kiosk_silences import KioskSilences
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.site_time import SiteTime
from secure_attend.settings import Settings
from secure_attend.storage.documents import Document
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.kept_documents import KeptDocuments
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Entry, Student

RECORDS = int(os.environ.get("REGISTER_RECORDS", "20000"))
STUDENTS, COURSES = RECORDS // 200, RECORDS // 5_000
COURSES_EACH, WEEKS = 4, 15
ROUNDS = 3
AT_ONCE = 10_000
BEGIN = datetime(2026, 9, 7, 8, tzinfo=timezone.utc)
NOW = BEGIN + timedelta(weeks=WEEKS)


def rows() -> Iterator[Row]:
    """Measure beside the checkout, where data usually is, not in memory."""
    with tempfile.TemporaryDirectory(dir=report.scratch()) as folder:
        store = JsonStore.open(Path(folder), site_key_file=Path(folder, "site.key"))
        store.write_students([Student(_key(number), f"S{number}", f"Student {number}") for number in range(STUDENTS)])
        store.documents.write(list(_taught()))
        _fill(store)
        yield _low(store)
        store.close()


def _meetings(store: Store, time: SiteTime) -> Meetings:
    of_courses = CourseMeetings(store.documents, time)
    return Meetings(store, store.documents, Courses(store, of_courses, time), of_courses, time)


def _low(store: Store) -> Row:
    time = SiteTime(lambda: NOW, Settings().time_zone)
    curricula = Curricula(KeptDocuments(store, KINDS))
    registers = Registers(store, curricula, KioskSilences(list, _meetings(store, time), curricula, time), time)
    registers.curriculum()  # the site's documents are read once after a start

    def read() -> None:
        for _ in store.records():
            pass

    def listed() -> None:
        LowAttendance(store, registers, time).everywhere()

    against, what = "read the log", f"low attendance of {STUDENTS:,} students in {COURSES} courses"
    return compared(alternately({against: read, what: listed}, rounds=ROUNDS), what, against, 3.0)


def _taught() -> Iterator[Document]:
    """Yield the courses, with two classes a week, and their members. Each student is in four."""
    first, last = BEGIN.date(), BEGIN.date() + timedelta(weeks=WEEKS + 1)
    for course in range(COURSES):
        policy = PercentagePolicy(limit=750)
        yield course_document(Course(f"c{course}", f"C{course}", "Course", "Autumn", first, last, policy=policy))
        for number in range(2 * WEEKS):
            day = 7 * (number // 2) + (number % 2) * 2 + course % 2
            starts = (BEGIN + timedelta(days=day, hours=course // 2 % 5 * 2)).replace(tzinfo=None)
            ends = starts + timedelta(minutes=90)
            yield meeting_document(Meeting(f"m{course}-{number}", f"c{course}", "Lecture", starts, ends, "UTC"))
    for number in range(STUDENTS):
        for place in range(COURSES_EACH):
            joined = f"c{(number * 7 + place * 51) % COURSES}"
            yield membership_document(Membership(joined, _key(number), (Span(first),)))


def _fill(store: JsonStore) -> None:
    """Append check-ins of all students in turn, spread over the term."""
    step = timedelta(weeks=WEEKS) / RECORDS
    fsync, os.fsync = os.fsync, lambda fd: None
    try:
        for begin in range(0, RECORDS, AT_ONCE):
            numbers = range(begin, min(begin + AT_ONCE, RECORDS))
            store.append_all([_entry(BEGIN + step * number, number * 37 % STUDENTS) for number in numbers])
    finally:
        os.fsync = fsync


def _entry(time: datetime, who: int) -> Entry:
    return Entry(time, "face", f"S{who}", "student", "Room 1", person=_key(who), room="*")


def _key(number: int) -> str:
    return f"{number:016x}"
