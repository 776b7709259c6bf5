"""What a nightly file brings: courses, each with its term, groups, staff and members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from secure_attend.attendance.imports.roster_rows import MOST_GROUPS, RosterRow
from secure_attend.attendance.reader_scope import StaffRole

CourseStaffRole = StaffRole
CourseName = tuple[str, str]
"""Code and term, case folded: what a course is known by from night to night."""


@dataclass(frozen=True)
class NightlyWarning:
    """A line of one of the files that is left out, or whose ID looks like another student's, and why."""

    file: str
    line: int
    message: str


@dataclass(frozen=True)
class NightlyStaff:
    """Somebody who teaches a course, by the names that an account may have."""

    names: tuple[str, ...]
    role: CourseStaffRole
    file: str
    line: int


@dataclass
class NightlyCourse:
    """A course as the file has it, with its students by ID and its staff."""

    code: str
    term: str
    title: str
    first_day: date
    last_day: date
    groups: list[str] = field(default_factory=list)
    rows: dict[str, RosterRow] = field(default_factory=dict)
    staff: list[NightlyStaff] = field(default_factory=list)

    def enrol(self, row: RosterRow, groups: Sequence[str]) -> None:
        """Add a student, or further groups of one. Beyond what a course may have none is added: it is refused
        later, and each would copy all before it."""
        known = self.rows.get(row.student_id)
        if known is not None and len(known.groups or ()) > MOST_GROUPS:
            return
        both = (*(known.groups or () if known else ()), *groups)
        self.rows[row.student_id] = RosterRow(row.line, row.student_id, row.name, row.email, tuple(dict.fromkeys(both)))


@dataclass(frozen=True)
class NightlyFile:
    """The content of the file. `kind` says which set of files it is."""

    kind: Literal["oneroster", "own"]
    courses: tuple[NightlyCourse, ...]
    warnings: tuple[NightlyWarning, ...]


def course_name(code: str, term: str) -> CourseName:
    """Return what a course is known by."""
    return code.casefold(), term.casefold()
