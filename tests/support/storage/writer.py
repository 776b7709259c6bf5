"""A process that writes to a store and says what was acknowledged, to be killed in the middle."""

from __future__ import annotations

import itertools
import secrets
import threading
from multiprocessing.connection import Connection
from pathlib import Path

from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.store import Student
from tests.support.storage.site import entry, face


def write_until_killed(data: Path, key_file: Path, acknowledged: Connection) -> None:
    """Three threads append and one changes the roster; each acknowledged change is sent as a text."""
    store = JsonStore.open(data, site_key_file=key_file)
    threads = [threading.Thread(target=_append, args=(store, acknowledged)) for _ in range(3)]
    for thread in threads:
        thread.start()
    _enrol(store, acknowledged)


_one_at_a_time = threading.Lock()


def _say(acknowledged: Connection, text: str) -> None:
    with _one_at_a_time:
        acknowledged.send_bytes(text.encode())


def _append(store: JsonStore, acknowledged: Connection) -> None:
    while True:
        _say(acknowledged, f"record {store.append(entry()).id}")


def _enrol(store: JsonStore, acknowledged: Connection) -> None:
    for number in itertools.count():
        key = secrets.token_hex(4)
        student = Student(key, f"id {key}", "N")
        store.write_students([student])
        store.replace_faces(student.key, "bundled", [face()])
        _say(acknowledged, f"student {student.key}")
        if number % 3 == 0:
            _say(acknowledged, f"erasing {student.key}")
            store.erase(student.key)
            _say(acknowledged, f"erased {student.key}")


def hold(data: Path, key_file: Path, acknowledged: Connection) -> None:
    """Opens the store, notes an address, says so, and waits to be killed."""
    store = JsonStore.open(data, site_key_file=key_file)
    store.note_address("http://127.0.0.1:5000")
    _say(acknowledged, "holding")
    threading.Event().wait()
