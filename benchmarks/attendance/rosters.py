"""A roster of the largest size, planned and imported while somebody checks in: its seconds, and what check-ins wait."""

from __future__ import annotations

import math
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.report import scratch
from benchmarks.timing import Row, measured
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.roster_import import RosterImport
from secure_attend.errors import StorageFailed
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.files.student_edits import MOST_STUDENTS
from secure_attend.storage.ports import Store
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.values import Entry, Student
from tests.support.postgres import Postgres

STUDENTS = int(os.environ.get("ROSTER_STUDENTS", "100000"))
ROUNDS = int(os.environ.get("ROSTER_ROUNDS", "3"))
P95_MS = 2_000.0
"""Milliseconds that 95 of 100 check-ins should wait at most while a roster is planned and imported."""
TIME = SiteTime(lambda: datetime(2026, 11, 22, 9, tzinfo=timezone.utc), ZoneInfo("UTC"))


def rows() -> Iterator[Row]:
    """Measure plan, import and the waits of check-ins meanwhile, in files, SQLite and PostgreSQL."""
    with closing(Postgres()) as postgres:
        for name, students in (
            ("files", min(STUDENTS, MOST_STUDENTS - 1)),
            ("SQLite", STUDENTS),
            ("PostgreSQL", STUDENTS),
        ):
            found = [measured_once(name, students, postgres) for _ in range(ROUNDS)]
            plans, imports, most, longest = ([each[place] for each in found] for place in range(4))
            yield measured(f"{name}: plan {students} students", "seconds", plans)
            yield measured(f"{name}: import them", "seconds", imports)
            yield measured(f"{name}: wait of a check-in meanwhile, p95", "ms", most, P95_MS)
            yield measured(f"{name}: longest wait of a check-in meanwhile", "ms", longest)


def measured_once(name: str, students: int, postgres: Postgres) -> tuple[float, float, float, float]:
    """Return the seconds of plan and import, and the 95th percentile and maximum of the waits of check-ins in
    milliseconds."""
    data = b"student_id,name,email\n" + b"".join(
        b"%07d,Student Number %d,s%d@example.org\n" % (number, number, number) for number in range(students)
    )
    with tempfile.TemporaryDirectory(dir=scratch()) as folder, opened(name, Path(folder), postgres) as store:
        store.write_students([Student("k", "K1", "Ann Lee")])
        roster = RosterImport(store, TIME)
        with checking_in(store) as waits:
            began = time.perf_counter()
            plan = roster.load(data, dry_run=True)
            planned = time.perf_counter()
            roster.load(data, confirmed=plan.digest)
            imported = time.perf_counter()
        return planned - began, imported - planned, float(np.percentile(waits, 95)), max(waits)


@contextmanager
def opened(name: str, folder: Path, postgres: Postgres) -> Iterator[Store]:
    """Open an empty store."""
    key = folder / "site.key"
    if name == "files":
        store: Store = JsonStore.open(folder, site_key_file=key)
    else:
        url = f"sqlite:///{folder / 'site.db'}" if name == "SQLite" else postgres.new_database()
        store = SqlStore.open(url, data=folder, site_key_file=key)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def checking_in(store: Store) -> Iterator[list[float]]:
    """Append a record every 50 ms during the block, and yield the milliseconds that each took; infinity if refused."""
    done, waits = threading.Event(), list[float]()

    def check_in() -> None:
        while not done.wait(0.05):
            began = time.perf_counter()
            kept = _appended(store)
            waits.append((time.perf_counter() - began) * 1000 if kept else math.inf)

    thread = threading.Thread(target=check_in)
    thread.start()
    try:
        yield waits
    finally:
        done.set()
        thread.join()


def _appended(store: Store) -> bool:
    """Append a record, and return whether the store took it."""
    entry = Entry(time=datetime.now(timezone.utc), method="by_hand", person="k", student_id="K1", by="benchmark")
    try:
        store.append(entry)
    except StorageFailed:
        return False
    return True
