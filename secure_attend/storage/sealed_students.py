"""All students with their sealed templates: what `students_db.json` holds, and what keys and copies work on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from secure_attend.storage.clock import to_text
from secure_attend.storage.consent_values import consent_value, former_value, held_value
from secure_attend.storage.values import Pair, Student

FORMAT = 2
"""Format 1, of version 0.1, is read too. With format 2, the log's rows may have fields that 0.1 does not know."""
LoggedId = tuple[str, str, str | None]
"""A student's key, the ID by which rows of format 1 name the student, and the MAC over both if it was filled."""


@dataclass(frozen=True)
class SealedFace:
    """One sealed embedding and where it is kept. `face` is the ID of the template or of the waiting registration."""

    student_key: str
    student_id: str
    face: str
    profile: str
    sealed: str
    waiting: bool = False

    @property
    def fault(self) -> str:
        """Return what to say about a face that does not open."""
        return (
            f"face {self.face} of student {self.student_id} does not open: it was altered, or belongs to another "
            "student or store, or no lecturer accepted it"
        )


@dataclass(frozen=True)
class SealedStudent:
    """A student as kept. `sealed` holds the sealed embeddings in the order of `student.templates`, `waiting` those of
    `student.held`. `mac` covers the identity (chains/record_seal.py); it is None in data of version 0.1.

    `logged_id` is the ID by which the log's rows of format 1 name this student, None of one who was added later. It was
    taken down when this version first started, and stays when the ID changes; `logged_mac` covers it."""

    student: Student
    sealed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    mac: str | None = None
    logged_id: str | None = None
    logged_mac: str | None = None

    def faces(self) -> Iterator[SealedFace]:
        """Yield all faces, those that wait too."""
        key, student_id, held = self.student.key, self.student.student_id, self.student.held
        for template, sealed in zip(self.student.templates, self.sealed, strict=True):
            yield SealedFace(key, student_id, template.id, template.profile, sealed)
        if held is not None:
            for profile, sealed in zip(held.profiles(len(self.waiting)), self.waiting, strict=True):
                yield SealedFace(key, student_id, held.id, profile, sealed, waiting=True)

    @cached_property
    def line(self) -> str:
        """The student's line in the file; kept, so that a write formats only who changed."""
        student = self.student
        value = {
            "key": student.key,
            "name": student.name,
            "email": student.email,
            "consent": consent_value(student.consent),
            "removed_at": to_text(student.removed_at) if student.removed_at else None,
            "templates": [
                {**vars(template), "created_at": to_text(template.created_at), "sealed": sealed}
                for template, sealed in zip(student.templates, self.sealed, strict=True)
            ],
        }
        if student.known_as:
            value["known_as"] = student.known_as
        if student.former:
            value["former"] = former_value(student.former)
        if student.merged_into is not None:
            value["merged_into"] = student.merged_into
        if student.held is not None:
            value["held"] = held_value(student.held, self.waiting)
        if self.mac is not None:
            value["mac"] = self.mac
        if self.logged_id is not None:
            value["logged_id"] = self.logged_id
            value["logged_mac"] = self.logged_mac
        return f"{json.dumps(student.student_id)}: {json.dumps(value)}"


@dataclass(frozen=True)
class StudentsData:
    """Everything in the file. `students` are by key, in the order in which they were added; `consents_from` is when the
    site first ran a version that records consent. Never changed, only replaced.

    Version 0.1 also kept the site's limit and the pairs of look-alikes here. They are read, and written no more.
    `format` is that of the file that was read; what is written is of `FORMAT`.
    """

    store: str | None = None
    key_check: str | None = None
    profile: str | None = None
    students: Mapping[str, SealedStudent] = field(default_factory=dict)
    consents_from: datetime | None = None
    site_limit: str | None = None
    alike: frozenset[Pair] = frozenset()
    format: int = FORMAT

    def logged_ids(self) -> Iterator[LoggedId]:
        """Yield by which IDs the log's rows of format 1 name students."""
        for kept in self.students.values():
            if kept.logged_id is not None:
                yield kept.student.key, kept.logged_id, kept.logged_mac

    def persons(self) -> dict[str, str]:
        """Return whose the log's rows of format 1 are: the key by student ID."""
        return {logged_id: key for key, logged_id, _ in self.logged_ids()}

    def sealed(self) -> bool:
        """Return whether there is any template."""
        return any(kept.sealed or kept.waiting for kept in self.students.values())

    def chunks(self) -> Iterator[bytes]:
        """The file's bytes, a line a student."""
        head: dict[str, Any] = {"format": FORMAT, "store": self.store, "key_check": self.key_check}
        head["profile"] = self.profile
        if self.consents_from is not None:
            head["consents_from"] = to_text(self.consents_from)
        yield json.dumps(head)[:-1].encode() + b', "students": {'
        separator = "\n"
        for kept in self.students.values():
            yield f"{separator}{kept.line}".encode("ascii")
            separator = ",\n"
        yield b"\n}}\n" if self.students else b"}}\n"
