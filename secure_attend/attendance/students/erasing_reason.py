"""Why a person is erased, or held: kept in the audit trail when the person is gone, so it must not name them."""

from __future__ import annotations

import re

from secure_attend.attendance.identity_text import UnfitText, clean_line
from secure_attend.errors import FieldError, InvalidInput
from secure_attend.storage.values import Student

REASON_LENGTH = 200
_WORD = re.compile(r"\w{2,}")


def clean_reason(text: str) -> str:
    """Return the reason on one line. Raises `InvalidInput` if it is blank or too long."""
    try:
        return clean_line(text, "reason", REASON_LENGTH)
    except UnfitText as fault:
        raise _refusal(str(fault)) from None


def reason_without_name(text: str, student: Student) -> str:
    """Return the reason as `clean_reason`. Raises `InvalidInput` if it has a word of the student's name, ID or email
    address, too."""
    reason = clean_reason(text)
    if not _words(reason).isdisjoint(_words(f"{student.student_id} {student.name} {student.email}")):
        raise _refusal("The reason is kept after the student is erased. Leave out their name, ID and email address.")
    return reason


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _refusal(message: str) -> InvalidInput:
    return InvalidInput("invalid_input", message, errors=[FieldError("reason", message)])
