"""Who acts, who somebody claims to be, and the personal code that proves a claim."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from secure_attend.attendance.identity_text import ID_LENGTH, without_unseen
from secure_attend.storage.ports import StudentStore
from secure_attend.storage.values import Record, Student


@dataclass(frozen=True)
class Actor:
    """The caller who acts. `id` is unique among all callers. Records carry `name`, and `kiosk` with `kiosk_key`, which
    are None if a lecturer acts."""

    id: str
    name: str
    kiosk: str | None
    kiosk_key: str | None = None

    def made(self, record: Record) -> bool:
        """Return whether the record was made at this kiosk, or by faculty if no kiosk acts. A kiosk is known by its
        key, whatever it is called now; version 0.1 wrote down its name alone."""
        if record.kiosk_key is not None:
            return record.kiosk_key == self.kiosk_key
        return record.kiosk == self.kiosk


@dataclass(frozen=True)
class Claim:
    """The student ID that somebody gives as their own, and the personal code if it is needed."""

    student_id: str
    code: str | None = None


class PersonalCodes(Protocol):
    """The students' personal codes, which access control keeps."""

    def issued(self, students: Collection[str]) -> bool:
        """Return whether any of these students' keys has a valid code."""

    def prove(self, student: str | None, typed_id: str, code: str, kiosk: str) -> str:
        """Return the student's key if the code is this student's. `student` is None if nobody has `typed_id`, the ID
        `as_typed`.

        Every wrong proof costs the same work and raises the same `Forbidden`. Raises `TooMany` after too many guesses,
        and `NotReady` if too many codes are being checked.
        """


def as_typed(student_id: str) -> str:
    """Return the ID as the list has it (`identity_text.clean_id`), however it was typed. One far too long
    is nobody's, and stays as it is."""
    return student_id if len(student_id) > 4 * ID_LENGTH else without_unseen(student_id)


def student_with_typed_id(store: StudentStore, student_id: str) -> Student | None:
    """Return the student who has this ID as people type it, even if removed from the list; None if nobody has it."""
    return store.student_with_id(as_typed(student_id))
