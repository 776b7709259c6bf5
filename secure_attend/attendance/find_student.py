"""Find a student by key, or raise an error that says there is none."""

from __future__ import annotations

from secure_attend.errors import Conflict, NotFound
from secure_attend.storage.ports import StudentStore
from secure_attend.storage.values import Student, person_of


def known_student(store: StudentStore, key: str) -> Student:
    """Return the student, even if removed from the list. Raises `NotFound`."""
    student = store.student(key)
    if student is None:
        raise unknown_student()
    return student


def unknown_student() -> NotFound:
    """Return the refusal for a student who does not exist, or whom the caller may not see."""
    return NotFound("unknown_student", "This student doesn't exist. The list may have changed, so refresh it.")


def by_merged_id(store: StudentStore) -> dict[str, Student]:
    """Return students by the IDs of entries that were merged into theirs."""
    merged = store.merged_into()
    entries = map(store.merged_entry, merged)
    found = {entry.student_id: store.student(person_of(entry.key, merged)) for entry in entries if entry is not None}
    return {student_id: student for student_id, student in found.items() if student is not None}


def listed_student(store: StudentStore, key: str) -> Student:
    """Return the student. Raises `NotFound`, or `Conflict` if the student was removed from the list."""
    student = known_student(store, key)
    if student.removed_at is not None:
        raise Conflict("student_removed", f"{student.shown_name} was removed from the list. Restore the student first.")
    return student
