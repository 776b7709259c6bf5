"""Registers: what they add to a check-in, a grid of 180 students by 30 classes, and a poll that finds nothing new.

REGISTER_RECORDS is how many records the log has: 20,000, or 1,000,000 where time allows.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.attendance import low_attendance, register_exports
from benchmarks.timing import Row, alternately, compared
from secure_attend import create_app
from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.site_time import SiteTime
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Entry, Student
from tests.conftest import logged_in

RECORDS = int(os.environ.get("REGISTER_RECORDS", "20000"))
STUDENTS, IN_COURSE, CLASSES, OPEN = 2_000, 180, 30, 20
ROUNDS = 30
BEGIN = datetime(2026, 9, 7, 8, tzinfo=timezone.utc)
NOW = BEGIN + timedelta(days=CLASSES)


def rows() -> Iterator[Row]:
    """Beside the checkout, where data usually is, not in memory."""
    with tempfile.TemporaryDirectory(dir=report.scratch()) as folder, _site(Path(folder, "taught")) as taught:
        yield _grid(taught)
        client = logged_in(create_app(_settings(Path(folder, "taught")), store=taught, clock=lambda: NOW))
        yield _poll(client)
        with _site(Path(folder, "bare"), opened=0) as bare:
            other = logged_in(create_app(_settings(Path(folder, "bare")), store=bare, clock=lambda: NOW))
            yield _check_in(client, other)
    yield from register_exports.rows()
    yield from low_attendance.rows()


def _grid(store: Store) -> Row:
    """The grid for the first time, against the bare read of the records that it is made from."""

    def read() -> None:
        for number in range(IN_COURSE):
            for _ in store.records(person=_key(number)):
                pass

    registers = Registers(store, SiteTime(lambda: NOW, Settings().time_zone))
    registers.curriculum()  # the site's documents are read once after a start, not for each grid

    def grid() -> None:
        registers._logs.clear()
        registers._make_again()
        registers.of_course("c0")

    times = alternately({"read the records of 180 students": read, "grid of 180 by 30": grid}, rounds=ROUNDS)
    return compared(times, "grid of 180 by 30", "read the records of 180 students", 3.0)


def _poll(client: Any) -> Row:
    """A register that has not changed, against the least that any answer costs."""
    etag = client.get("/api/v1/meetings/open0/register").headers["ETag"]

    def poll() -> None:
        answer = client.get("/api/v1/meetings/open0/register", headers={"If-None-Match": etag})
        assert answer.status_code == 304

    times = alternately({"GET /health": lambda: client.get("/api/v1/health"), "unchanged poll": poll}, rounds=ROUNDS)
    return compared(times, "unchanged poll", "GET /health", 2.0)


def _check_in(client: Any, other: Any) -> Row:
    """A check-in by hand, after which a lecturer looks at the register of none, against a site without open classes."""
    turn = iter(range(STUDENTS))

    def checking_in(at: Any) -> Callable[[], None]:
        def check_in() -> None:
            assert at.post(f"/api/v1/students/{_key(next(turn))}/check-ins", json={}).status_code == 201

        return check_in

    what, against = "check in with 20 open classes", "check in with none"
    times = alternately({against: checking_in(other), what: checking_in(client)}, rounds=ROUNDS * 3)
    return compared(times, what, against, 1.1)


@contextmanager
def _site(folder: Path, opened: int = OPEN) -> Iterator[Store]:
    folder.mkdir()
    store = JsonStore.open(folder, site_key_file=folder / "site.key")
    store.write_students([Student(_key(number), f"S{number}", f"Student {number}") for number in range(STUDENTS)])
    store.documents.write([*_taught(opened)])
    fsync = os.fsync
    os.fsync = lambda _: None
    try:
        _fill(store)
    finally:
        os.fsync = fsync
    yield store
    store.close()


def _taught(opened: int) -> Iterator[Any]:
    """One course with 30 classes, and others that each have an open one."""
    for course in range(max(1, opened)):
        first, last = BEGIN.date(), BEGIN.date() + timedelta(days=120)
        yield course_document(Course(f"c{course}", f"C{course}", f"Course {course}", "Autumn", first, last))
        for number in range(IN_COURSE):
            student = _key((course * 90 + number) % STUDENTS)
            yield membership_document(Membership(f"c{course}", student, (Span(first),)))
    for day in range(CLASSES):
        starts = (BEGIN + timedelta(days=day)).replace(tzinfo=None)
        yield meeting_document(Meeting(f"m{day}", "c0", "Lecture", starts, starts + timedelta(hours=1), "UTC"))
    for course in range(opened):
        starts = NOW.replace(tzinfo=None)
        yield meeting_document(
            Meeting(f"open{course}", f"c{course}", "Lecture", starts, starts + timedelta(hours=2), "UTC")
        )


def _fill(store: Store) -> None:
    """Records of all students in turn, spread over the days of the classes."""
    step = timedelta(days=CLASSES - 1) / RECORDS
    for number in range(RECORDS):
        who = number % STUDENTS
        entry = Entry(BEGIN + step * number, "face", f"S{who}", "student", "Room 1", person=_key(who), room="*")
        store.append(entry)


def _key(number: int) -> str:
    return f"{number:016x}"


def _settings(folder: Path) -> Settings:
    return Settings(data=folder, site_key_file=folder / "site.key")
