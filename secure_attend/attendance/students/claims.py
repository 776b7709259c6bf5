"""Whose ID was typed, and the personal code that proves it. The face, compared 1:1, is whose.py's."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import Protocol

from secure_attend.storage.ports import StudentStore
from secure_attend.storage.values import Student


class PersonalCodes(Protocol):
    """The students' personal codes, which access control keeps."""

    def issued(self, students: Collection[str]) -> bool:
        """Whether any of these students' keys has a code that still counts."""

    def prove(self, student: str | None, code: str, kiosk: str) -> str:
        """The student's key if it is this student's code; `student` is None where the ID was nobody's.

        Whatever is wrong costs the same work and raises the same `Forbidden`; `TooMany` where somebody goes on
        guessing.
        """


def as_typed(student_id: str) -> str:
    """The ID as the list has it (`text.clean_id`), however it was typed."""
    return " ".join(unicodedata.normalize("NFC", student_id).split())


def student_with_typed_id(store: StudentStore, student_id: str) -> Student | None:
    """Who has this id as people type it, removed students too; None if nobody."""
    return store.student_with_id(as_typed(student_id))
