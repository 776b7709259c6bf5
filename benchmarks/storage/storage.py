"""A check-in on disk compared with the least that any record on disk costs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from benchmarks import report
from benchmarks.timing import Row, alternately, compared
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import Entry, Student

KIOSK_KEY = "0123456789abcdef"


def rows() -> Iterator[Row]:
    """Measure beside the checkout, where data usually is, not in memory."""
    with tempfile.TemporaryDirectory(dir=report.scratch()) as folder:
        store = JsonStore.open(Path(folder), site_key_file=Path(folder, "site.key"))
        store.write_students([Student("key", "1001", "John Doe")])
        with Path(folder, "bare").open("wb", buffering=0) as file:

            def write() -> None:
                file.write(b"x" * 400)
                os.fsync(file.fileno())

            def append() -> None:
                now = datetime.now(timezone.utc)
                store.append(
                    Entry(now, "face", "1001", by="student", kiosk="kiosk", person="key", kiosk_key=KIOSK_KEY, room="*")
                )

            times = alternately({"write 400 bytes and sync": write, "append a check-in": append}, rounds=200)
        store.close()
    yield compared(times, "append a check-in", "write 400 bytes and sync")
