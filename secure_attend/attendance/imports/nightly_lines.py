"""What both sets of files that a nightly file may hold have in common: lines, faults, orphans and courses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from secure_attend.attendance.identity_text import UnfitText, clean_email, clean_id, clean_line, clean_name
from secure_attend.attendance.imports.file_table import file_table
from secure_attend.attendance.imports.file_text import UnreadableFile
from secure_attend.attendance.imports.nightly_courses import (
    CourseName,
    CourseStaffRole,
    NightlyCourse,
    NightlyFile,
    NightlyWarning,
    course_name,
)
from secure_attend.attendance.imports.roster_rows import MOST_WARNINGS, RosterRow, rejected
from secure_attend.attendance.imports.roster_spellings import folded
from secure_attend.errors import FieldError

ONEROSTER = "manifest.csv"
"""What only a OneRoster archive has."""
_CODE_LENGTH = 64
_GONE = frozenset(("tobedeleted", "inactive"))
_ROLES: Mapping[str, CourseStaffRole] = {
    "teacher": "lecturer",
    "proctor": "assistant",
    "aide": "assistant",
    "lecturer": "lecturer",
    "assistant": "assistant",
    "viewer": "viewer",
}
"""Roles as files name them."""


@dataclass(frozen=True)
class NightlyTerm:
    """A term, or another part of a year."""

    title: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class NightlyLine:
    """A row of one of the files, by the folded names of its columns."""

    file: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(folded(column), "").strip()


class NightlyReader(ABC):
    """What both sets of files have in common: lines, faults, orphans and courses."""

    kind: Literal["oneroster", "own"]
    needed: tuple[str, ...]

    def __init__(self, texts: Mapping[str, bytes], today: date) -> None:
        self._texts = texts
        self._today = today
        self._faults: list[FieldError] = []
        self._warnings: list[NightlyWarning] = []
        self._courses: dict[CourseName, NightlyCourse] = {}

    def read(self) -> NightlyFile:
        missing = [name for name in self.needed if name.casefold() not in self._texts]
        if missing:
            raise UnreadableFile(f"The archive has no {', '.join(missing)}. {self._wanted()}")
        self._fill()
        if self._faults:
            raise rejected(self._faults)
        if not self._courses:
            raise UnreadableFile("The archive has no course that can be used.")
        return NightlyFile(self.kind, tuple(self._courses.values()), tuple(self._warnings[:MOST_WARNINGS]))

    @abstractmethod
    def _fill(self) -> None:
        """Take up the courses of the files, with faults and warnings."""

    def _wanted(self) -> str:
        return f"It needs {', '.join(self.needed)}; a OneRoster archive also {ONEROSTER}."

    def _lines(self, file: str, *columns: str) -> Iterator[NightlyLine]:
        """Yield the rows of a file that are in force. Raises `UnreadableFile` if it has none of these columns."""
        try:
            yield from self._rows(file, columns)
        except UnreadableFile as error:
            faults = [FieldError(file, f"{file}: {fault.message}", fault.line) for fault in error.faults]
            raise UnreadableFile(f"{file}: {error}", faults) from error

    def _rows(self, file: str, columns: Sequence[str]) -> Iterator[NightlyLine]:
        rows = file_table(self._texts[file.casefold()]).rows
        _, header = next(rows, (0, []))
        if not header:
            raise UnreadableFile("It has no rows. Start it with a line that names its columns.")
        names = [folded(cell) for cell in header]
        absent = [column for column in columns if folded(column) not in names]
        if absent:
            raise UnreadableFile(f"It has no column {', '.join(absent)}.")
        for number, cells in rows:
            line = NightlyLine(file, number, dict(zip(names, cells, strict=False)))
            if line["status"].casefold() not in _GONE:
                yield line

    def _text(self, line: NightlyLine, column: str, clean: Callable[[str], str], instead: str = "") -> str:
        return self._clean(line, line[column] or instead, clean)

    def _clean(self, line: NightlyLine, text: str, clean: Callable[[str], str]) -> str:
        try:
            return clean(text)
        except UnfitText as fault:
            self._fault(line, str(fault))
            return ""

    def _day(self, line: NightlyLine, column: str, instead: date | None = None) -> date | None:
        """Return a day; `instead` for a blank cell."""
        if not line[column]:
            if instead is None:
                self._fault(line, f"{column} is empty. Write a day such as 2026-10-12.")
            return instead
        try:
            return date.fromisoformat(line[column][:10])
        except ValueError:
            self._fault(line, f"{column}: '{line[column][:40]}' is not a day such as 2026-10-12.")
            return instead

    def _student(self, line: NightlyLine, student_id: str, name: str) -> RosterRow | None:
        """Return a student. A poor address is a warning: it does not cost the student."""
        before = len(self._faults)
        student_id, name = self._clean(line, student_id, clean_id), self._clean(line, name, clean_name)
        try:
            email = clean_email(line["email"])
        except UnfitText as fault:
            self._orphan(line, f"{fault} The student is imported without it.")
            email = ""
        return RosterRow(line.number, student_id, name, email) if len(self._faults) == before else None

    def _course(self, line: NightlyLine, course: NightlyCourse) -> NightlyCourse:
        """Keep a course. Two with one code in one term are a fault."""
        known = self._courses.setdefault(course_name(course.code, course.term), course)
        if known is not course:
            self._fault(line, f"The course {course.code} is there twice in {course.term}. Give each its own code.")
        return known

    def _role(self, line: NightlyLine) -> CourseStaffRole | None:
        role = _ROLES.get(line["role"].casefold())
        if role is None:
            self._orphan(line, f"The role '{line['role'][:40]}' is not known here. This line is left out.")
        return role

    def _orphan(self, line: NightlyLine, message: str) -> None:
        self._warnings.append(NightlyWarning(line.file, line.number, message))

    def _fault(self, line: NightlyLine, message: str) -> None:
        self._faults.append(FieldError(line.file, message, line.number))


def named(line: NightlyLine, column: str = "sourcedId") -> str:
    """Return a cell as a sentence names it."""
    return f"'{line[column][:40]}'"


def clean_code(text: str) -> str:
    """Return the code of a course. Raises `UnfitText`."""
    return clean_line(text, "code", _CODE_LENGTH)


def clean_term(text: str) -> str:
    """Return the name of a term. Raises `UnfitText`."""
    return clean_line(text, "term", _CODE_LENGTH)


def clean_title(text: str) -> str:
    """Return the title of a course. Raises `UnfitText`."""
    return clean_line(text, "title", 200)


def clean_group(text: str) -> str:
    """Return the name of a group. Raises `UnfitText`."""
    return clean_line(text.replace(";", ","), "name of the group", _CODE_LENGTH)
