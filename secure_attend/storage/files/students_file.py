"""`students_db.json`: the whole roster with its sealed templates, read once and replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from secure_attend.errors import StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.clock import from_text
from secure_attend.storage.consent_values import share, text, to_consent, to_former, to_held, word
from secure_attend.storage.durable_writes import Unsure
from secure_attend.storage.sealed_students import FORMAT, SealedStudent, StudentsData
from secure_attend.storage.values import Pair, Source, Student, Template, pair_of

READABLE = (1, FORMAT)
SOURCES = frozenset(get_args(Source))


class StudentsFile:
    """Reads and replaces the file; refuses to replace what somebody else changed in the meantime."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._signature: durable_writes.Signature | None = None

    def read(self) -> StudentsData:
        """Return what is in the file; an empty roster where there is none. Raises StartRefused."""
        self._signature = durable_writes.signature(self.path)
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return StudentsData()
        except OSError as error:
            raise StartRefused("students_unreadable", f"{self.path}: {durable_writes.in_words(error)}.") from error
        return parse(data, self.path.name)

    def write(self, roster: StudentsData) -> None:
        """Replace the file by `roster`, on disk when this returns. Raises NotWritten, Unsure."""
        if durable_writes.signature(self.path) != self._signature:
            raise Unsure(f"{self.path.name} was changed by another program while this one was running")
        durable_writes.replace_file(self.path, roster.chunks())
        self._signature = durable_writes.signature(self.path)


def parse(data: bytes, name: str) -> StudentsData:
    """Parse the file's bytes. Raises StartRefused that says what is wrong with them."""
    try:
        value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_refuse_duplicate_names)
    except (ValueError, RecursionError) as error:
        raise _damaged(name, f"it is not JSON ({error})") from error
    if not isinstance(value, dict) or not isinstance(value.get("students"), dict):
        raise _damaged(name, 'it has no "students"')
    if value.get("format") not in READABLE:
        raise StartRefused(
            "other_format",
            f"{name} has format {value.get('format')!r}, and this version of Secure-Attend reads format {FORMAT}. "
            "Start the version that wrote it. The file is left as it is.",
            file=name,
        )
    return _roster(value, name)


def _roster(value: dict[str, Any], name: str) -> StudentsData:
    students: dict[str, SealedStudent] = {}
    for student_id, entry in value["students"].items():
        try:
            kept = _kept(student_id, entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _damaged(name, f"student {student_id!r} cannot be read ({error!r})") from error
        if kept.student.key in students:
            raise _damaged(name, f"two students have the key {kept.student.key!r}")
        students[kept.student.key] = kept
    try:
        head = (_maybe(value.get("store")), _maybe(value.get("key_check")), _maybe(value.get("profile")))
        since = _maybe(value.get("consents_from"))
        site_limit = _maybe(value.get("site_limit"))
        alike = frozenset(_pair(pair, students) for pair in value.get("alike", ()))
        consents_from = from_text(since) if since is not None else None
        return StudentsData(*head, students, consents_from, site_limit, alike, value["format"])
    except (TypeError, ValueError) as error:
        raise _damaged(name, str(error)) from error


def _pair(value: object, students: Mapping[str, SealedStudent]) -> Pair:
    if not isinstance(value, list) or len(value) != 2 or not all(key in students for key in value):
        raise ValueError(f"{value!r} is no pair of students")
    return pair_of(*map(word, value))


def _kept(student_id: str, entry: dict[str, Any]) -> SealedStudent:
    templates, sealed = [], []
    for value in entry["templates"]:
        if value["source"] not in SOURCES:
            raise ValueError(f"source {value['source']!r}")
        templates.append(
            Template(
                word(value["id"]),
                word(value["profile"]),
                value["source"],
                from_text(value["created_at"]),
                share(value.get("quality")),
            )
        )
        sealed.append(word(value["sealed"]))
    removed_at = entry.get("removed_at")
    held, waiting = to_held(entry.get("held"))
    student = Student(
        key=word(entry["key"]),
        student_id=student_id,
        name=text(entry["name"]),
        email=text(entry.get("email", "")),
        removed_at=from_text(removed_at) if removed_at is not None else None,
        consent=to_consent(entry.get("consent")),
        templates=tuple(templates),
        held=held,
        known_as=text(entry.get("known_as", "")),
        former=to_former(entry.get("former")),
        merged_into=_maybe(entry.get("merged_into")),
    )
    macs = _maybe(entry.get("mac")), _maybe_text(entry.get("logged_id")), _maybe(entry.get("logged_mac"))
    return SealedStudent(student, tuple(sealed), waiting, *macs)


def _maybe(value: object) -> str | None:
    return None if value is None else word(value)


def _maybe_text(value: object) -> str | None:
    return None if value is None else text(value)


def _refuse_duplicate_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON readers keep the last of two equal names: a student would vanish without a word."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("the same name stands twice in one object")
    return members


def _damaged(name: str, why: str) -> StartRefused:
    return StartRefused(
        "students_damaged",
        f"{name} is damaged: {why}. It is left as it is. Correct it, or put it back from a backup.",
        file=name,
    )
