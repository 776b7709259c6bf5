"""What grows with size and what does not: each figure is a ratio of things measured in turns, in one run."""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks import report
from benchmarks.durability.figures import Figure
from benchmarks.storage import database
from benchmarks.timing import alternately
from secure_attend.attendance.exports.csv_file import csv_pieces
from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.model_status import ModelStatus
from secure_attend.attendance.records.reports import ReportFilter, Reports
from secure_attend.attendance.site_time import SiteTime
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.models.profiles import SFACE
from secure_attend.storage.chains import log_chain
from secure_attend.storage.files import log_scan
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.files.log_file import line_of
from secure_attend.storage.paths import LOG
from secure_attend.storage.ports import Store
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.values import Student
from tests.support.postgres import Postgres

ROUNDS = 400


def run(*, long: bool) -> Iterator[Figure]:
    """Measure files, then databases."""
    size, gallery = (1_000_000, 100_000) if long else (100_000, 20_000)
    with tempfile.TemporaryDirectory(dir=report.scratch()) as scratch:
        folder = Path(scratch)
        yield from _files(folder, size)
        yield _taking_in(gallery)
        postgres = Postgres()
        try:
            urls: dict[str, Callable[[], str]] = {
                "SQLite": lambda: f"sqlite:///{folder}/{time.monotonic_ns()}.db",
                "PostgreSQL": postgres.new_database,
            }
            for name, new in urls.items():
                yield _report(f"{name}", size, _filled_database(folder, new(), size), folder)
                yield _enrolling(name, folder, new(), gallery)
        finally:
            postgres.close()


@contextmanager
def _timed() -> Iterator[list[str]]:
    """Measure the block: the seconds that passed, and the processor's seconds, far fewer on a busy machine."""
    words, began, work = list[str](), time.perf_counter(), time.process_time()
    yield words
    words += [f"{time.perf_counter() - began:.1f} s", f"{time.process_time() - work:.1f} s of a processor's time"]


def json_store(data: Path) -> JsonStore:
    """Open the store in a directory."""
    return JsonStore.open(data, site_key_file=data.parent / f"{data.name}.key")


def fill_files(data: Path, count: int) -> None:
    """Write at once the log that this many appends would leave."""
    with closing(json_store(data)) as store:
        store.write_students([Student(f"key {number}", f"id {number}", "N") for number in range(database.PEOPLE)])
        chain, mac = log_chain.LogChain(store._vault.ledger_key), log_chain.START
    with (data / LOG).open("wb") as file:
        for number in range(count):
            row = chain.seal(number + 1, database.entry(number), mac)
            mac = str(row["mac"])
            file.write((b",\n" if number else b"[\n") + line_of(row))
        file.write(log_scan.CLOSING)


def _files(folder: Path, size: int) -> Iterator[Figure]:
    for name, count in (("small", 1_000), ("large", size)):
        fill_files(folder / name, count)
    with (folder / "bare").open("wb", buffering=0) as file:

        def bare() -> None:
            file.write(b"x" * 420)
            os.fsync(file.fileno())

        with closing(json_store(folder / "small")) as small, closing(json_store(folder / "large")) as large:
            things: dict[str, Callable[[], object]] = {
                "small": lambda: small.append(database.entry(7)),
                "large": lambda: large.append(database.entry(7)),
                "bare": bare,
            }
            times = {what: statistics.median(each) for what, each in alternately(things, ROUNDS).items()}
    what = f"append at {size:,} records in the file against 1,000"
    yield Figure(what, ROUNDS, value=f"x {times['large'] / times['small']:.2f}", note=f"p50 {times['large']:.2f} ms")
    note = f"p50 {times['bare']:.2f} ms; 420 bytes, as long as a record"
    yield Figure(
        "the same against a bare write and sync", ROUNDS, value=f"x {times['large'] / times['bare']:.2f}", note=note
    )
    with _timed() as started:
        json_store(folder / "large").close()
    yield Figure(f"start at {size:,} records in the file", 1, value=started[0], note=started[1])
    log = folder / "large" / LOG
    os.truncate(log, log.stat().st_size - len(log_scan.CLOSING))
    with log.open("ab") as broken:
        broken.write(b',\n{"id":"%d-0123' % (size + 1 + ROUNDS + 2))
    with _timed() as repaired, closing(json_store(folder / "large")) as large:
        assert "cut off" in " ".join(large.notices)
    yield Figure(f"start and repair at {size:,} records in the file", 1, value=repaired[0], note=repaired[1])
    yield _report("JSON files", size, str(folder / "large"), folder)


def _filled_database(folder: Path, url: str, size: int) -> str:
    with database.opened(folder, url) as store:
        database.fill_log(store, size)
    return url


def _report(name: str, size: int, place: str, folder: Path) -> Figure:
    """Write a report in a process of its own, whose memory is watched from the first row to the last."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_write_report, args=(place, folder, theirs))
    child.start()
    theirs.close()
    seconds, megabytes, grown = ours.recv()
    child.join()
    what = f"report of {size:,} rows from {name}: memory grown while it streamed {megabytes:.0f} MB"
    return Figure(what, 1, value=f"{grown:.1f} MB", note=f"{seconds:.0f} s")


def _write_report(place: str, folder: Path, answer: Connection) -> None:
    store: Store = (
        SqlStore.open(place, data=folder, site_key_file=folder / "site.key")
        if "://" in place
        else json_store(Path(place))
    )
    pieces = csv_pieces(Reports(store, SiteTime(lambda: database.BEGAN, ZoneInfo("UTC"))).log(ReportFilter()))
    length = sum(len(next(pieces)) for _ in range(20))  # what every report needs, however long, is there by now
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    length += sum(map(len, pieces))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    answer.send((time.perf_counter() - began, length / 1e6, grown))
    store.close()


def _taking_in(size: int) -> Figure:
    """Measure the cost of a face for the gallery itself, including how close people are to each other, without a
    search."""
    draw, means = np.random.default_rng(1), []
    for count in (1_000, size):
        gallery = Gallery(SFACE)
        for number, row in enumerate(database.unit(draw, count)):
            gallery.replace(str(number), row[None], made_by=SFACE.name)
        _ = gallery.operating_point
        new = [database.unit(draw, 5) for _ in range(200)]
        began = time.perf_counter()
        for number, rows in enumerate(new):
            gallery.replace(f"new {number}" if number % 2 else str(number), rows, made_by=SFACE.name)
            _ = gallery.operating_point
        means.append((time.perf_counter() - began) / len(new) * 1000)
    note = f"mean {means[1]:.1f} against {means[0]:.1f} ms"
    what = f"taking a face into the gallery among {size:,} against among 1,000"
    return Figure(what, 200, value=f"x {means[1] / means[0]:.2f}", note=note)


def _enrolling(name: str, folder: Path, url: str, size: int) -> Figure:
    """Measure registering a face (five templates) and the search after it, at 1,000 people and then at `size`."""
    draw = np.random.default_rng(1)
    with database.opened(folder, url) as store:
        database.fill_students(store, 1_000, draw)
        galleries = Galleries(EngineHolder(database.Engine(), ModelStatus()), store)  # type: ignore[arg-type]
        few = database.milliseconds(lambda number: database.register(store, galleries, f"key {number}", draw), 100)
        database.fill_students(store, size, draw)
        assert len(galleries.current) == size
        many = database.milliseconds(lambda number: database.register(store, galleries, f"key {number}", draw), 100)
    ratio = statistics.mean(many) / statistics.mean(few)
    note = f"mean {statistics.mean(many):.1f} against {statistics.mean(few):.1f} ms"
    return Figure(
        f"registering a face among {size:,} against among 1,000, {name}", 100, value=f"x {ratio:.2f}", note=note
    )
