"""A site to keep things in, and the few people and times that all storage tests use."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from secure_attend.storage.access_items import MAC
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.keys.key_file import Chosen
from secure_attend.storage.ports import Store
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.tools.snapshot import contents_of
from secure_attend.storage.values import EVERY_ROOM, Consent, Entry, NewFace, PendingFaces, Student

NOW = datetime(2026, 11, 22, 9, 3, 0, 250_000, tzinfo=timezone.utc)
CONSENT = Consent("0123456789ab", NOW, "on_paper", "Dr Ada Byron")
WITHDRAWN = Consent("0123456789ab", NOW, "in_person", "Dr Ada Byron", NOW + timedelta(days=1), "Dr B. Cole")
JOHN = Student("key-john", "007", "John Doe")
JANE = Student("key-jane", "CS/2021/001", 'Jane "J" Smith, née Ł\\', "jane@example.org", consent=WITHDRAWN)
Reopen = Callable[[], Store]


@dataclass
class Site:
    """Paths of one store; `clock` says NOW."""

    data: Path
    key_file: Path

    @property
    def log(self) -> Path:
        return self.data / "attendance_log.json"

    @property
    def students(self) -> Path:
        return self.data / "students_db.json"

    @property
    def instance(self) -> Path:
        return self.data / "instance"

    def open(self) -> JsonStore:
        return JsonStore.open(self.data, site_key_file=self.key_file, clock=lambda: NOW)


def open_at(place: str, data: Path, key: Chosen) -> Store:
    """The store in a folder, or in the database at an address."""
    if "://" in place:
        return SqlStore.open(place, data=data, site_key_file=key)
    return JsonStore.open(data, site_key_file=key)


def wrong_macs(place: str, store: Store) -> list[str]:
    """Whose MAC at a place is not the one that its store computes: students, documents, the accounts."""
    with contents_of(place) as contents:
        students, documents, access = contents.roster.students.values(), contents.documents, contents.access
    wrong = [kept.student.key for kept in students if kept.mac != store.seal.student(kept.student)]
    logged = [(kept, kept.logged_id) for kept in students if kept.logged_id is not None]
    wrong += [
        kept.student.key for kept, its_id in logged if kept.logged_mac != store.seal.logged_id(kept.student.key, its_id)
    ]
    wrong += [sealed.document.key for sealed in documents if sealed.mac != store.seal.document(sealed.document)]
    if access and json.loads(access.get(MAC, "null")) != store.seal.access(access):
        wrong.append("access")
    return wrong


def key_of(student_id: str) -> str:
    """The key of the student that `entry` means by this ID."""
    return {JOHN.student_id: JOHN.key, JANE.student_id: JANE.key}.get(student_id, f"key of {student_id}")


def entry(student_id: str = JOHN.student_id, *, minutes: float = 0, cancels: str | None = None) -> Entry:
    """A check-in at the kiosk "hall", or a cancellation."""
    return Entry(
        NOW + timedelta(minutes=minutes),
        "face" if cancels is None else "cancellation",
        student_id,
        "kiosk",
        kiosk="hall [A]",
        cancels=cancels,
        person=key_of(student_id),
        kiosk_key="hall-key",
        room=EVERY_ROOM if cancels is None else None,
    )


def mark(student_id: str = JOHN.student_id, *, minutes: float = 0, replaces: str | None = None) -> Entry:
    """A lecturer's mark with a remark and a note."""
    return Entry(
        NOW + timedelta(minutes=minutes),
        "mark",
        student_id,
        "Dr Ada Byron",
        person=key_of(student_id),
        meeting="meeting-1",
        status="excused",
        replaces=replaces,
        reason="left early",
        note='was "ill" \\ Ł\n',
    )


def held(number: str = "47", profile: str = "sface") -> PendingFaces:
    """A request made at the kiosk "hall"."""
    return PendingFaces(f"request {number}", number, profile, "0123456789ab", "hall [A]", NOW)


def face(seed: int = 1, profile: str = "sface") -> NewFace:
    """A random unit vector, (128,) float32."""
    vector = np.random.default_rng(seed).standard_normal(128).astype(np.float32)
    return NewFace(vector / np.linalg.norm(vector), profile, "camera", NOW)
