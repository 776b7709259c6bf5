"""One change of a document at a large site in files: 300 courses, 9,000 meetings, 20,000 memberships."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks import report
from benchmarks.timing import Row, alternately, compared
from secure_attend.storage.documents import Document
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import Student

COURSES, MEETINGS, MEMBERS = 300, 9_000, 20_000


def rows() -> Iterator[Row]:
    """Measure beside the checkout, where data usually is, not in memory."""
    with tempfile.TemporaryDirectory(dir=report.scratch()) as folder:
        store = JsonStore.open(Path(folder), site_key_file=Path(folder, "site.key"))
        store.write_students([Student(f"{number:016x}", str(number), f"Student {number}") for number in range(MEMBERS)])
        store.documents.write(large_site())
        with Path(folder, "bare").open("wb", buffering=0) as file:

            def write() -> None:
                file.write(b"x" * 400)
                os.fsync(file.fileno())

            times = alternately(
                {
                    "write 400 bytes and sync": write,
                    "change a course": changing(store, "courses"),
                    "change a meeting": changing(store, "meetings"),
                    "change a membership": changing(store, "memberships"),
                },
                rounds=60,
            )
        store.close()
    for what in ("change a course", "change a meeting", "change a membership"):
        yield compared(times, what, "write 400 bytes and sync")


def large_site() -> list[Document]:
    """Return documents of the size that courses, meetings and memberships have."""
    rules = {"on_time": 10, "late_until": 30, "opens_before": 15, "limit": 0.75, "absent_in_a_row": 3}
    course = {"name": "Computer Science 101", "term": "2026W", "staff": ["a" * 16, "b" * 16], "rules": rules}
    meeting = {"starts": "2026-11-22T09:00", "ends": "2026-11-22T10:30", "zone": "Europe/Berlin", "room": "A1"}
    member = {"from": "2026-10-01", "until": None, "groups": ["A"]}
    documents = [Document("courses", f"c{number:015x}", course) for number in range(COURSES)]
    for number in range(MEETINGS):
        documents.append(Document("meetings", f"e{number:015x}", {**meeting, "course": f"c{number % COURSES:015x}"}))
    for number in range(MEMBERS):
        key, course_key = f"{number:016x}", f"c{number % COURSES:015x}"
        documents.append(Document("memberships", f"m{key}", {**member, "course": course_key, "student": key}, (key,)))
    return documents


def changing(store: JsonStore, kind: str) -> Callable[[], None]:
    """Return a function that changes one document of this kind."""
    key = store.documents.all(kind)[0].key

    def change() -> None:
        document = store.documents.get(kind, key)
        assert document is not None
        store.documents.write([replace(document, value={**document.value, "note": str(document.version)})])

    return change
