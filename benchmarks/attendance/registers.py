"""Registers on files, SQLite and PostgreSQL: what they add to a check-in, a grid of 180 students by 30 classes, a poll
that finds nothing new, ten lecturers who look on while 180 students arrive, exports, and low attendance.

REGISTER_RECORDS is how many records the log has: a million, or fewer for a quick run. PostgreSQL's programs must be on
PATH.
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
from benchmarks.attendance import lecturers, low_attendance, register_exports
from benchmarks.timing import Row, alternately, compared
from secure_attend import create_app
from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from secure_attend.settings import Settings
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Entry, Student
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import logged_in
from tests.support.postgres import Postgres

RECORDS = int(os.environ.get("REGISTER_RECORDS", "1000000"))
FEW_RECORDS = 1_000
AT_ONCE = 20_000
STUDENTS, IN_COURSE, CLASSES, OPEN = 2_000, 180, 30, 20
ROUNDS = 30
BEGIN = datetime(2026, 9, 7, 8, tzinfo=timezone.utc)
NOW = BEGIN + timedelta(days=CLASSES)


def rows() -> Iterator[Row]:
    """Measure beside the checkout, where data usually is, not in memory."""
    postgres = Postgres()
    try:
        with tempfile.TemporaryDirectory(dir=report.scratch()) as folder:
            for number, kind in enumerate(("files", "SQLite", "PostgreSQL")):
                yield from _of(kind, Path(folder, str(number)), postgres)
    finally:
        postgres.close()
    yield from register_exports.rows()
    yield from low_attendance.rows()


def _of(kind: str, folder: Path, postgres: Postgres) -> Iterator[Row]:
    def settings(name: str) -> Settings:
        data = folder / name
        data.mkdir(parents=True)
        urls = {"SQLite": f"sqlite:///{data / 'site.db'}", "PostgreSQL": postgres.new_database()}
        return Settings(data=data, site_key_file=data / "site.key", database_url=urls.get(kind))

    with _site(settings("full"), RECORDS) as (app, store):
        yield _grid(kind, app, store)
        yield _poll(kind, logged_in(app))
    taught, bare = _site(settings("taught"), FEW_RECORDS), _site(settings("bare"), FEW_RECORDS, opened=0)
    with taught as (with_classes, _), bare as (without, _):
        yield _check_in(kind, logged_in(with_classes), logged_in(without))
    yield from lecturers.rows(kind, settings("looked at"))


def _grid(kind: str, app: Any, store: Store) -> Row:
    """Compare the first grid after a start with the bare read of the records that it is made from."""

    def read() -> None:
        for number in range(IN_COURSE):
            for _ in store.records(person=_key(number)):
                pass

    registers = SITE_PARTS.of(app).services.registers
    registers.curriculum()  # the site's documents are read once after a start, not for each grid

    def grid() -> None:
        registers._logs.clear()
        registers._make_again()
        registers.of_course("c0")

    what, against = f"{kind}: grid of 180 by 30, {RECORDS:,} records", "read the records of 180 students"
    return compared(alternately({against: read, what: grid}, rounds=ROUNDS // 3), what, against, 3.0)


def _poll(kind: str, client: Any) -> Row:
    """Compare a poll of a register that has not changed with the least that any answer costs."""
    etag = client.get("/api/v1/meetings/open0/register").headers["ETag"]

    def poll() -> None:
        answer = client.get("/api/v1/meetings/open0/register", headers={"If-None-Match": etag})
        assert answer.status_code == 304

    what, against = f"{kind}: unchanged poll", "GET /health"
    times = alternately({against: lambda: client.get("/api/v1/health"), what: poll}, rounds=ROUNDS * 3)
    return compared(times, what, against, 2.0)


def _check_in(kind: str, client: Any, other: Any) -> Row:
    """Compare a check-in by hand on a site with open classes with one without. Nobody looks at a register."""
    turn = iter(range(STUDENTS))

    def checking_in(at: Any) -> Callable[[], None]:
        def check_in() -> None:
            assert at.post(f"/api/v1/students/{_key(next(turn))}/check-ins", json={}).status_code == 201

        return check_in

    what, against = f"{kind}: check in with 20 open classes", "check in with none"
    times = alternately({against: checking_in(other), what: checking_in(client)}, rounds=ROUNDS * 6)
    return compared(times, what, against, 1.1)


@contextmanager
def _site(settings: Settings, records: int, opened: int = OPEN) -> Iterator[tuple[Any, Store]]:
    store = open_store(settings, lambda: NOW)
    store.write_students([Student(_key(number), f"S{number}", f"Student {number}") for number in range(STUDENTS)])
    store.documents.write([*_taught(opened)])
    for begin in range(0, records, AT_ONCE):
        store.append_all([_entry(number, records) for number in range(begin, min(begin + AT_ONCE, records))])
    try:
        yield create_app(settings, store=store, clock=lambda: NOW), store
    finally:
        store.close()


def _taught(opened: int) -> Iterator[Any]:
    """Yield one course with 30 classes, and others that each have an open one."""
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


def _entry(number: int, of: int) -> Entry:
    """Return a record. They are of all students in turn, on the days of the classes, from opening to end of each."""
    day, of_day = divmod(number * CLASSES, of)
    moment, who = BEGIN + timedelta(days=day, minutes=75 * of_day / of - 15), number % STUDENTS
    return Entry(moment, "face", f"S{who}", "student", "Room 1", person=_key(who), room="*")


def _key(number: int) -> str:
    return f"{number:016x}"
