"""Rosters and archives that would take minutes or gigabytes if they were read before they are judged.

How long the answer over HTTP takes, how long the server computes for it, and how much memory it takes. Each is refused
with words, and nothing is kept.
"""

from __future__ import annotations

import io
import json
import os
import random
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.server.heavy_requests import MARKS, WORKBOOK, Request, sent, set_up, workbook
from benchmarks.server.kiosks import memory_of, peak_memory_of, processor_seconds
from benchmarks.timing import Row, measured
from tests.support.app_process import Running, started

ROUNDS = int(os.environ.get("REFUSED_ROUNDS", "3"))
LONGEST_S = 1.0
MOST_MB = 150.0
LARGE = 50_000_000
"""Bytes of a file that is refused for its size alone."""


def requests() -> dict[str, Request]:
    """Return what is sent, by its name."""
    roster, nightly = "/api/v1/roster?dry_run=1", "/api/v1/imports/nightly?dry_run=1"
    marks = f"student_id,name\nZ0,{MARKS}\nZ1,{MARKS}\n".encode()
    noise = random.Random(1).randbytes(LARGE)
    far = (
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>student_id</t></is></c></row><row r="99999"><c r="ALL99999"/></row>'
    )
    return {
        f"a roster of {len(marks) // 1000} kB with two cells of 130,001 combining marks": (roster, marks, "text/csv"),
        "a workbook with a billion empty cells": (roster, workbook(far), WORKBOOK),
        "a workbook of 50 MB": (roster, archive({"xl/worksheets/sheet1.xml": noise}), WORKBOOK),
        "OneRoster of 50 MB": (nightly, archive({"manifest.csv": b"a,b\n", "users.csv": noise}), "application/zip"),
        "an archive that unpacks to 2 GB": (nightly, archive({"users.csv": bytes(2_000_000_000)}), "application/zip"),
        "a workbook that unpacks to 2 GB": (
            roster,
            archive({"xl/worksheets/sheet1.xml": bytes(2_000_000_000)}),
            WORKBOOK,
        ),
        "an archive of 100,000 members": (
            nightly,
            archive({f"{number}.csv": b"" for number in range(100_000)}),
            "application/zip",
        ),
        "an archive with ../": (nightly, archive({"../../users.csv": b"sourcedId\n"}), "application/zip"),
    }


def archive(files: dict[str, bytes]) -> bytes:
    """Return a zip archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return written.getvalue()


def rows() -> Iterator[Row]:
    """Measure each answer: its seconds, the processor's, and the most megabytes that the server took for it."""
    with (
        tempfile.TemporaryDirectory() as home,
        started(Path(home), "--data", home, "--models", "sface", PORT="0") as server,
    ):
        address = server.ready()
        token, _ = set_up(server, address)
        for name, request in requests().items():
            found = [_refused(server, address, token, request) for _ in range(ROUNDS)]
            answers, computing, memory = ([each[place] for each in found] for place in range(3))
            yield measured(f"{name}: answer", "seconds", answers, LONGEST_S)
            yield measured(f"{name}: computing", "processor seconds", computing, LONGEST_S)
            yield measured(f"{name}: memory", "MB", memory, MOST_MB)


def _refused(server: Running, address: str, token: str, request: Request) -> tuple[float, float, float]:
    """Return the seconds of the answer, those that the server computed, and the most megabytes that it took."""
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")  # forget the peak
    resident, computed, began = memory_of(server), processor_seconds(server), perf_counter()
    status, body = sent(address, token, request)
    seconds = perf_counter() - began
    if not 400 <= status < 500 or not json.loads(body)["detail"]:
        raise RuntimeError(f"{request[0]} was answered by {status}: {body[:200]!r}")
    return seconds, processor_seconds(server) - computed, peak_memory_of(server) - resident
