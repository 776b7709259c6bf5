"""A process that writes to a store and says what was acknowledged, to be killed in the middle."""

from __future__ import annotations

import itertools
import secrets
import threading
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from secure_attend.storage.documents import Document
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import Student
from tests.support.storage.site import entry, face, mark


def write_until_killed(data: Path, key_file: Path, acknowledged: Connection) -> None:
    """Three threads append, one marks, one changes the roster and one documents. Each confirmed change is sent as a
    text."""
    store = JsonStore.open(data, site_key_file=key_file)
    threads = [threading.Thread(target=_append, args=(store, acknowledged)) for _ in range(3)]
    threads.append(threading.Thread(target=_mark, args=(store, acknowledged)))
    threads.append(threading.Thread(target=_decide, args=(store, acknowledged)))
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


def _mark(store: JsonStore, acknowledged: Connection) -> None:
    """Every other mark loses its note."""
    while True:
        noted, bare = store.append(mark()), store.append(mark())
        _say(acknowledged, f"noted {noted.id}")
        store.erase_note(bare.id)
        _say(acknowledged, f"unnoted {bare.id}")


def _decide(store: JsonStore, acknowledged: Connection) -> None:
    """Keep two documents of different kinds equal, in one write each time."""
    while True:
        with store.transaction():
            pair = [store.documents.get(kind, "count") or Document(kind, "count", 0) for kind in ("first", "second")]
            store.documents.write([replace(document, value=document.value + 1) for document in pair])
        _say(acknowledged, f"count {pair[0].value + 1}")


def _enrol(store: JsonStore, acknowledged: Connection) -> None:
    for number in itertools.count():
        key = secrets.token_hex(4)
        student = Student(key, f"id {key}", "N")
        store.write_students([student])
        store.replace_faces(student.key, "sface", [face()])
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
