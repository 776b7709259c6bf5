"""Stores at full size, SQLite and PostgreSQL: `python -m benchmarks.storage.database --records 1000000`.

Starts a PostgreSQL of its own (initdb and postgres must be on PATH). Every figure is printed with the number of tries.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert

from secure_attend.attendance.exports.csv_file import csv_pieces
from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.model_status import ModelStatus
from secure_attend.attendance.records.reports import ReportFilter, Reports
from secure_attend.attendance.site_time import SiteTime
from secure_attend.faces.models.profiles import SFACE
from secure_attend.storage.chains.log_chain import LogChain
from secure_attend.storage.sql import log_table, students_table
from secure_attend.storage.sql.schema import records
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.values import Entry, NewFace, Student, Template
from tests.support.postgres import Postgres

BEGAN = datetime(2026, 9, 1, 8, tzinfo=timezone.utc)
PEOPLE = 5000
TRIES = 300


def main() -> None:
    """Measure everything, on each kind of database."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storage.database")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--gallery", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=5)
    chosen = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}")
    postgres = Postgres()
    try:
        with tempfile.TemporaryDirectory() as folder:
            kinds: dict[str, Callable[[], str]] = {
                "SQLite": lambda: _file(folder),
                "PostgreSQL": postgres.new_database,
            }
            for name, new in kinds.items():
                print(f"\n{name}")
                log_at_size(Path(folder), new(), chosen.records)
                gallery_at_size(Path(folder), new(), chosen.gallery)
                processes(Path(folder), new, chosen.seconds)
    finally:
        postgres.close()


def _file(folder: str) -> str:
    return f"sqlite:///{folder}/{time.monotonic_ns()}.db"


@contextmanager
def opened(folder: Path, url: str) -> Iterator[SqlStore]:
    store = SqlStore.open(url, data=folder, site_key_file=folder / "site.key")
    yield store
    store.close()


def entry(number: int) -> Entry:
    return Entry(
        BEGAN + timedelta(seconds=number),
        "face",
        f"id {number % PEOPLE}",
        "student",
        "kiosk",
        "sface",
        person=f"key {number % PEOPLE}",
        kiosk_key="0123456789abcdef",
        room="*",
    )


def milliseconds(act: Callable[[int], object], tries: int = TRIES) -> list[float]:
    times = []
    for number in range(tries):
        began = time.perf_counter()
        act(number)
        times.append((time.perf_counter() - began) * 1000)
    return times


def line(what: str, times: list[float]) -> float:
    """Print median and 95th percentile, and return the median."""
    median, high = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    print(f"  {what:<58} {median:9.2f} ms  (95 %: {high:.2f}; n = {len(times)})")
    return median


def log_at_size(folder: Path, url: str, size: int) -> None:
    """Measure a check-in, a start and a report, at a thousand records and at `size`."""
    medians = []
    for count in (1000, size):
        with opened(folder, url) as store:
            fill_log(store, count)
        began = time.perf_counter()
        with opened(folder, url) as store:
            print(
                f"  {f'start, chain checked, at {count:,} records':<58} {(time.perf_counter() - began) * 1000:9.2f} ms"
            )
            medians.append(_in_use(store, count))
            if count == size:
                report(store, size)
    print(f"  check-in at {size:,} against 1,000 records: x {medians[1] / medians[0]:.2f}")
    bare = line("bare: write 400 bytes and sync", milliseconds(lambda _: bare_write(folder)))
    print(f"  check-in against bare: x {medians[1] / bare:.2f}")


def _in_use(store: SqlStore, count: int) -> float:
    """Measure what a day needs at `count` records, and return the median of a check-in."""
    check = milliseconds(lambda number: check_in(store, number))
    median = line(f"check-in (read, then append) at {count:,} records", check)
    line(f"today's records at {count:,} records", milliseconds(lambda _: today(store, count), 20))
    return median


def fill_log(store: SqlStore, count: int) -> None:
    with store._database.writing() as writing:
        head, chain, rows = writing.change(), LogChain(store._vault.ledger_key), []
        while head.records < count:
            row = chain.seal(head.records + 1, entry(head.records), head.last_mac)
            head.records, head.last_mac = head.records + 1, str(row["mac"])
            rows.append(log_table.as_stored(row))
            if len(rows) == 5000 or head.records == count:
                writing.connection.execute(insert(records), rows)
                rows.clear()
    with store._database.reading() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def check_in(store: SqlStore, number: int) -> None:
    with store.transaction():
        store.latest_check_in(f"key {number % PEOPLE}")
        store.append(replace(entry(number), redemption=f"{os.getpid()} {time.monotonic_ns()}"))


def today(store: SqlStore, count: int) -> list[object]:
    last = BEGAN + timedelta(seconds=count)
    return list(store.records(since=last - timedelta(seconds=500), until=last))


def report(store: SqlStore, size: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, length = time.perf_counter(), 0
    for piece in csv_pieces(Reports(store, SiteTime(lambda: BEGAN, ZoneInfo("UTC"))).log(ReportFilter())):
        length += len(piece)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    seconds = time.perf_counter() - began
    print(f"  report of {size:,} rows: {seconds:.1f} s, {length / 1e6:.0f} MB, memory grown by {grown:.0f} MB")


def bare_write(folder: Path) -> None:
    descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, b"x" * 400)
    os.fsync(descriptor)
    os.close(descriptor)


class Engine:
    """An engine of which only the profile is used."""

    profile = SFACE


def gallery_at_size(folder: Path, url: str, size: int) -> None:
    """Measure registering a face, in the process that does it and in another process that learns of it."""
    draw, medians = np.random.default_rng(1), []
    with opened(folder, url) as store:
        for count in (1000, size):
            fill_students(store, count, draw)
            began = time.perf_counter()
            engines = EngineHolder(Engine(), ModelStatus())  # type: ignore[arg-type]
            registering, searching = (Galleries(engines, store) for _ in range(2))
            print(f"  {f'two galleries of {count:,} filled':<58} {(time.perf_counter() - began) * 1000:9.2f} ms")
            enrol = milliseconds(partial(_enrol, store, registering, draw), 50)
            medians.append(line(f"registering (5 templates) in a gallery of {count:,}", enrol))
            taken = milliseconds(partial(_search, searching, draw), 1)
            print(f"  {f'50 of them taken in elsewhere, and one search, at {count:,}':<58} {taken[0]:9.2f} ms")
            line(f"one search in {count:,}", milliseconds(partial(_search, searching, draw), 50))
    print(f"  registering at {size:,} against 1,000: x {medians[1] / medians[0]:.2f}")


def _enrol(store: SqlStore, galleries: Galleries, draw: np.random.Generator, number: int) -> None:
    register(store, galleries, f"key {number}", draw)


def _search(galleries: Galleries, draw: np.random.Generator, _number: int) -> None:
    galleries.current.identify(unit(draw, 1), made_by=SFACE.name)


def unit(draw: np.random.Generator, rows: int) -> NDArray[np.float32]:
    """Return invented templates: (rows, 128) float32, unit length."""
    drawn = draw.standard_normal((rows, 128)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def fill_students(store: SqlStore, count: int, draw: np.random.Generator) -> None:
    known = len(store.students())
    new = [Student(f"key {number}", f"id {number}", "N") for number in range(known, count)]
    began = time.perf_counter()
    store.write_students(new)
    print(f"  {f'{len(new):,} students written at once':<58} {(time.perf_counter() - began) * 1000:9.2f} ms")
    with store._database.writing() as writing:
        faces = ((one.key, [sealed(store, one.key, row)]) for one, row in zip(new, unit(draw, len(new)), strict=True))
        students_table.add_faces(writing.connection, faces)
        writing.change()


def sealed(store: SqlStore, key: str, row: np.ndarray) -> tuple[Template, str]:
    template = Template(f"{key} 0", "sface", "camera", BEGAN)
    return template, store._vault.seal(row, student_key=key, profile="sface")


def register(store: SqlStore, galleries: Galleries, key: str, draw: np.random.Generator) -> None:
    """Register a face as enrolment does."""
    faces = unit(draw, 5)
    with store.transaction():
        store.student(key)
        galleries.current.others_near(faces, key, made_by=SFACE.name)
        store.replace_faces(key, "sface", [NewFace(row, "sface", "camera", BEGAN) for row in faces])
    store.student(key)


def processes(folder: Path, new: Callable[[], str], seconds: float) -> dict[int, float]:
    """Measure the check-ins a second that one and two processes write. Writes of a site take turns."""
    rates: dict[int, float] = {}
    for count in (1, 2):
        url = new()
        with opened(folder, url):
            pass
        context = multiprocessing.get_context("spawn")
        ready, counts = context.Barrier(count), context.Queue()
        children = [context.Process(target=_write, args=(folder, url, seconds, ready, counts)) for _ in range(count)]
        for child in children:
            child.start()
        rates[count] = sum(counts.get() for _ in children) / seconds
        for child in children:
            child.join()
    print(f"  check-ins a second: {rates[1]:.0f} by one process, {rates[2]:.0f} by two ({seconds:.0f} s each)")
    return rates


def _write(folder: Path, url: str, seconds: float, ready: Barrier, counts: Queue[int]) -> None:
    with opened(folder, url) as store:
        ready.wait()
        done, until = 0, time.monotonic() + seconds
        while time.monotonic() < until:
            check_in(store, done)
            done += 1
        counts.put(done)


if __name__ == "__main__":
    main()
