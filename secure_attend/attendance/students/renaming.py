"""Giving a student another name or ID, and keeping the old one for the registrar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from secure_attend.storage.values import FormerIdentity, Student

MOST_FORMER = 50
"""Earlier IDs and names that are kept of one student, the newest. A typing error each time makes no endless list."""


def renamed(student: Student, now: datetime, *, student_id: str | None = None, name: str | None = None) -> Student:
    """Return the student with another ID or name. What they had before is the last of `former`."""
    after = replace(
        student,
        student_id=student_id if student_id is not None else student.student_id,
        name=name if name is not None else student.name,
    )
    if (after.student_id, after.name) == (student.student_id, student.name):
        return after
    return with_former(after, [FormerIdentity(student.student_id, student.name, now)])


def with_former(student: Student, more: list[FormerIdentity]) -> Student:
    """Return the student with more earlier IDs and names, in the order of time."""
    former = sorted((*student.former, *more), key=lambda each: each.until)
    return replace(student, former=tuple(former[-MOST_FORMER:]))
