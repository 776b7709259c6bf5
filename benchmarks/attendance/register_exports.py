"""An export of 300 students by 30 classes by 4 courses as a workbook: its time, and that it takes no more memory than
one course. `registers` measures it with the other rows."""

from __future__ import annotations

import os
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

from benchmarks import report
from benchmarks.timing import Row, alternately, compared, measured
from secure_attend import create_app
from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.exports.csv_file import csv_pieces
from secure_attend.attendance.exports.register_exports import RegisterExports
from secure_attend.attendance.exports.workbooks import Workbooks
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from secure_attend.attendance.site_time import SiteTime
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Entry, Student
from secure_attend.web.http.site_parts import SITE_PARTS

STUDENTS, CLASSES, COURSES = 300, 30, 4
ROUNDS = 3
BEGIN = datetime(2026, 9, 7, 8, tzinfo=timezone.utc)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CODES = [f"c{number}" for number in range(COURSES)]


def rows() -> Iterator[Row]:
    """Compare the time with CSV, and the memory with one course."""
    with tempfile.TemporaryDirectory(dir=report.scratch()) as folder:
        store = JsonStore.open(Path(folder), site_key_file=Path(folder, "site.key"))
        time = SiteTime(lambda: BEGIN + CLASSES * DAY, Settings().time_zone)
        fsync, os.fsync = os.fsync, lambda fd: None
        try:
            _fill(store)
            settings = Settings(data=Path(folder), site_key_file=Path(folder, "site.key"))
            registers = SITE_PARTS.of(create_app(settings, store=store, clock=time.now)).services.registers
            yield from _measured(RegisterExports(registers, store), Workbooks(Path(folder, "exports"), time))
        finally:
            os.fsync = fsync
            store.close()


def _measured(exports: RegisterExports, workbooks: Workbooks) -> Iterator[Row]:
    def workbook(courses: list[str]) -> None:
        workbooks.make(exports.of_courses(courses)).delete()

    def csv() -> None:
        for _ in csv_pieces(exports.of_courses(CODES)):
            pass

    what, against = "workbook of 300 students by 30 classes by 4 courses", "CSV of the same rows"
    yield compared(alternately({against: csv, what: lambda: workbook(CODES)}, rounds=ROUNDS, warm_up=1), what, against)
    one, all_ = (_peak(partial(workbook, courses)) for courses in (CODES[:1], CODES))
    yield measured("memory of that workbook", "memory of a workbook of 1 course", [all_ / one], 1.2)
    yield measured("memory of that workbook at its peak", "MB", [all_ / 1e6])


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _fill(store: Store) -> None:
    """Put everybody in all courses, and append their check-ins: they come to nine classes of ten."""
    store.write_students([Student(_key(number), f"S{number}", f"Student {number}") for number in range(STUDENTS)])
    first = BEGIN.date()
    documents = []
    for hour, course in enumerate(CODES):
        documents.append(course_document(Course(course, course, course, "Autumn", first, first + 120 * DAY)))
        documents += [membership_document(Membership(course, _key(each), (Span(first),))) for each in range(STUDENTS)]
        for day in range(CLASSES):
            starts = (BEGIN + day * DAY + 2 * hour * HOUR).replace(tzinfo=None)
            documents.append(
                meeting_document(Meeting(f"{course}m{day}", course, "Lecture", starts, starts + HOUR, "UTC"))
            )
    store.documents.write(documents)
    times = [BEGIN + day * DAY + 2 * hour * HOUR for day in range(CLASSES) for hour in range(COURSES)]
    for time in times:
        store.append_all([_entry(each, time) for each in range(STUDENTS) if (each + time.day) % 10])


def _entry(number: int, time: datetime) -> Entry:
    return Entry(time, "face", f"S{number}", "student", "Room 1", person=_key(number), room="*")


def _key(number: int) -> str:
    return f"{number:016x}"
