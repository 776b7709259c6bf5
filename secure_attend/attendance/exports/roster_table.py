"""A roster as a table that an upload reads back: who is on the list or in a course, and nothing about faces."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.membership import Membership
from secure_attend.attendance.table import Table
from secure_attend.storage.values import Student

COLUMNS = ("student_id", "name", "email")
SHEET = "Students"


def list_table(students: Iterable[Student]) -> Table:
    """Return a row for each student on the list, by ID, with the official name."""
    return Table(COLUMNS, (_row(student, official=True) for student in _listed(students)), SHEET)


def course_table(
    course: Course, students: Iterable[Student], members: Collection[Membership], day: date, *, official: bool
) -> Table:
    """Return a row for each student who is in a course on a day or later, with the names of their groups. `official`:
    with the official name, and not the one that the student is known as."""
    names = {group.key: group.name for group in course.groups}
    spans = {
        member.student: span for member in members for span in member.spans[-1:] if (span.last_day or date.max) >= day
    }
    groups: Mapping[str, str] = {
        student: ";".join(sorted(names.get(key, key) for key in span.groups)) for student, span in spans.items()
    }
    inside = [student for student in _listed(students) if student.key in groups]
    return Table(
        (*COLUMNS, "groups"), ((*_row(student, official=official), groups[student.key]) for student in inside), SHEET
    )


def _listed(students: Iterable[Student]) -> list[Student]:
    return sorted(
        (student for student in students if student.removed_at is None), key=lambda student: student.student_id
    )


def _row(student: Student, *, official: bool) -> tuple[str, str, str]:
    return student.student_id, student.name if official else student.shown_name, student.email
