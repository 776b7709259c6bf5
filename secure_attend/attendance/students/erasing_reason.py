"""Why a person is erased or held, or a course is held or unlocked: kept in the audit trail when people are gone, so it
must not name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from secure_attend.attendance.identity_text import UnfitText, clean_line
from secure_attend.errors import FieldError, InvalidInput
from secure_attend.storage.ports import StudentStore
from secure_attend.storage.values import Student, entries_of

REASON_LENGTH = 200
_WORD = re.compile(r"\w{2,}")


def clean_reason(text: str) -> str:
    """Return the reason on one line. Raises `InvalidInput` if it is blank or too long."""
    try:
        return clean_line(text, "reason", REASON_LENGTH)
    except UnfitText as fault:
        raise _refusal(str(fault)) from None


def reason_without_name(text: str, store: StudentStore, student: Student) -> str:
    """Return the reason as `clean_reason`. Raises `InvalidInput` if it has a word of a name, ID or email address that
    the student, or an entry that was merged into theirs, has or had, too."""
    reason = clean_reason(text)
    merged = map(store.merged_entry, entries_of(student.key, store.merged_into()))
    entries = [student, *(entry for entry in merged if entry is not None)]
    named = " ".join(each for entry in entries for each in (*_ids(entry), *_names(entry)))
    if not _words(reason).isdisjoint(_words(named)):
        raise _refusal("The reason is kept after the student is erased. Leave out their name, ID and email address.")
    return reason


def reason_without_names(text: str, students: Iterable[Student]) -> str:
    """Return the reason as `clean_reason`. Raises `InvalidInput` if it has an ID, an email address or a whole name of
    one of several students, too. Names of one word, and parts of names, are let through: among the names of a course
    are words of any sentence."""
    reason = clean_reason(text)
    said = _words(reason)
    for student in students:
        names = (words for words in map(_words, _names(student)) if len(words) > 1)
        if any(words and words <= said for words in (*map(_words, _ids(student)), *names)):
            raise _refusal("The reason is kept for good. Leave out names, IDs and email addresses of students.")
    return reason


def _ids(student: Student) -> Iterator[str]:
    """Yield each ID that the student has or had, and the email address."""
    yield from (student.student_id, student.email, *(former.student_id for former in student.former))


def _names(student: Student) -> Iterator[str]:
    yield from (student.name, student.known_as, *(former.name for former in student.former))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _refusal(message: str) -> InvalidInput:
    return InvalidInput("invalid_input", message, errors=[FieldError("reason", message)])
