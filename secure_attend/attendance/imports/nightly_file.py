"""One file with everything that another system knows of the courses: terms, courses, groups, staff and members.

It is a zip archive of CSV files: OneRoster 1.1 (bulk), or the site's own set, whose files have names and codes instead
of identifiers. What refers to something that the file does not have is left out and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from secure_attend.attendance.identity_text import UnfitText, clean_email, clean_id, clean_line, clean_name
from secure_attend.attendance.imports.file_table import file_table
from secure_attend.attendance.imports.file_text import UnreadableFile
from secure_attend.attendance.imports.roster_rows import MOST_WARNINGS, RosterRow, rejected
from secure_attend.attendance.imports.roster_spellings import folded
from secure_attend.attendance.imports.zip_archive import texts_of_archive
from secure_attend.errors import FieldError

CourseStaffRole = Literal["lecturer", "assistant", "viewer"]
CourseName = tuple[str, str]
"""Code and term, case folded: what a course is known by from night to night."""
MOST_MEMBERS = 1_000
MOST_UNPACKED = 48_000_000
"""Bytes of the CSV files together: 100,000 students with 300,000 enrolments."""
ONEROSTER = "manifest.csv"
ONEROSTER_FILES = ("academicSessions.csv", "courses.csv", "classes.csv", "users.csv", "enrollments.csv")
OWN_FILES = ("terms.csv", "courses.csv", "members.csv")
OWN_EXTRAS = ("groups.csv", "staff.csv")
_ALL = frozenset(name.casefold() for name in (ONEROSTER, *ONEROSTER_FILES, *OWN_FILES, *OWN_EXTRAS))
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
class NightlyWarning:
    """A line of one of the files that is left out, and why."""

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
        """Add a student, or further groups of one."""
        known = self.rows.get(row.student_id)
        both = (*(known.groups or () if known else ()), *groups)
        self.rows[row.student_id] = RosterRow(row.line, row.student_id, row.name, row.email, tuple(dict.fromkeys(both)))


@dataclass(frozen=True)
class NightlyFile:
    """The content of the file. `kind` says which set of files it is."""

    kind: Literal["oneroster", "own"]
    courses: tuple[NightlyCourse, ...]
    warnings: tuple[NightlyWarning, ...]


def read_nightly(data: bytes, today: date) -> NightlyFile:
    """Read the whole file. Enrolments that ended before `today` are left out without a word.

    Raises `InvalidInput` `roster_rejected`, which names every fault with its file and line.
    """
    try:
        texts = texts_of_archive(data, _ALL, MOST_MEMBERS, MOST_UNPACKED)
        reader = _OneRoster(texts, today) if ONEROSTER in texts else _OwnSet(texts, today)
        return reader.read()
    except UnreadableFile as error:
        raise rejected(error.faults) from error


@dataclass(frozen=True)
class _Line:
    """A row of one of the files, by the folded names of its columns."""

    file: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(folded(column), "").strip()


class _NightlyReader:
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

    def _fill(self) -> None:
        raise NotImplementedError

    def _wanted(self) -> str:
        return f"It needs {', '.join(self.needed)}; a OneRoster archive also {ONEROSTER}."

    def _lines(self, file: str, *columns: str) -> Iterator[_Line]:
        """Yield the rows of a file that are in force. Raises `UnreadableFile` if it has none of these columns."""
        try:
            yield from self._rows(file, columns)
        except UnreadableFile as error:
            faults = [FieldError(file, f"{file}: {fault.message}", fault.line) for fault in error.faults]
            raise UnreadableFile(f"{file}: {error}", faults) from error

    def _rows(self, file: str, columns: Sequence[str]) -> Iterator[_Line]:
        rows = file_table(self._texts[file.casefold()]).rows
        _, header = next(rows)
        names = [folded(cell) for cell in header]
        absent = [column for column in columns if folded(column) not in names]
        if absent:
            raise UnreadableFile(f"It has no column {', '.join(absent)}.")
        for number, cells in rows:
            line = _Line(file, number, dict(zip(names, cells, strict=False)))
            if line["status"].casefold() not in _GONE:
                yield line

    def _text(self, line: _Line, column: str, clean: Callable[[str], str], instead: str = "") -> str:
        return self._clean(line, line[column] or instead, clean)

    def _clean(self, line: _Line, text: str, clean: Callable[[str], str]) -> str:
        try:
            return clean(text)
        except UnfitText as fault:
            self._fault(line, str(fault))
            return ""

    def _day(self, line: _Line, column: str, instead: date | None = None) -> date | None:
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

    def _student(self, line: _Line, student_id: str, name: str) -> RosterRow | None:
        """Return a student. A poor address is a warning: it does not cost the student."""
        before = len(self._faults)
        student_id, name = self._clean(line, student_id, clean_id), self._clean(line, name, clean_name)
        try:
            email = clean_email(line["email"])
        except UnfitText as fault:
            self._orphan(line, f"{fault} The student is imported without it.")
            email = ""
        return RosterRow(line.number, student_id, name, email) if len(self._faults) == before else None

    def _course(self, line: _Line, course: NightlyCourse) -> NightlyCourse:
        """Keep a course. Two with one code in one term are a fault."""
        known = self._courses.setdefault(course_name(course.code, course.term), course)
        if known is not course:
            self._fault(line, f"The course {course.code} is there twice in {course.term}. Give each its own code.")
        return known

    def _role(self, line: _Line) -> CourseStaffRole | None:
        role = _ROLES.get(line["role"].casefold())
        if role is None:
            self._orphan(line, f"The role '{line['role'][:40]}' is not known here. This line is left out.")
        return role

    def _orphan(self, line: _Line, message: str) -> None:
        self._warnings.append(NightlyWarning(line.file, line.number, message))

    def _fault(self, line: _Line, message: str) -> None:
        self._faults.append(FieldError(line.file, message, line.number))


def course_name(code: str, term: str) -> CourseName:
    """Return what a course is known by."""
    return code.casefold(), term.casefold()


def _code(text: str) -> str:
    return clean_line(text, "code", _CODE_LENGTH)


def _term(text: str) -> str:
    return clean_line(text, "term", _CODE_LENGTH)


def _title(text: str) -> str:
    return clean_line(text, "title", 200)


def _group(text: str) -> str:
    return clean_line(text.replace(";", ","), "name of the group", _CODE_LENGTH)


@dataclass(frozen=True)
class _Term:
    title: str
    first_day: date
    last_day: date


class _OneRoster(_NightlyReader):
    """OneRoster 1.1: a class is a group of its course in a term, where the course has several."""

    kind = "oneroster"
    needed = ONEROSTER_FILES

    def _fill(self) -> None:
        self._refuse_delta()
        terms = self._terms()
        titles = {line["sourcedId"]: line for line in self._lines("courses.csv", "sourcedId", "title")}
        classes = self._classes(terms, titles)
        self._enrolments(classes, {line["sourcedId"]: line for line in self._users()})

    def _refuse_delta(self) -> None:
        told = {
            line["propertyName"].casefold(): line["value"].casefold()
            for line in self._lines(ONEROSTER, "propertyName", "value")
        }
        version = told.get("oneroster.version", "1.1")
        if not version.startswith("1.1"):
            raise UnreadableFile(f"The archive is OneRoster {version[:10]}. Export it as OneRoster 1.1.")
        parts = [name for name in ONEROSTER_FILES if told.get(f"file.{name[:-4]}".casefold(), "bulk") == "delta"]
        if parts:
            raise UnreadableFile(f"{', '.join(parts)} has changes alone (delta). Export everything (bulk).")

    def _terms(self) -> dict[str, _Term]:
        terms = {}
        for line in self._lines("academicSessions.csv", "sourcedId", "title", "startDate", "endDate"):
            title = self._text(line, "title", _term)
            first, last = self._day(line, "startDate"), self._day(line, "endDate")
            if first and last:
                terms[line["sourcedId"]] = _Term(title, first, last)
        return terms

    def _users(self) -> Iterator[_Line]:
        return self._lines("users.csv", "sourcedId", "givenName", "familyName")

    def _classes(
        self, terms: Mapping[str, _Term], titles: Mapping[str, _Line]
    ) -> dict[str, tuple[NightlyCourse, tuple[str, ...]]]:
        """Return each class's course, and the group that the class is of it."""
        lines: dict[tuple[str, str], list[_Line]] = {}
        for line in self._lines("classes.csv", "sourcedId", "courseSourcedId", "termSourcedIds"):
            held = [each.strip() for each in line["termSourcedIds"].split(",")]
            if line["courseSourcedId"] not in titles:
                self._orphan(line, f"The class {_named(line)} is of a course that courses.csv does not have.")
            elif not all(term in terms for term in held):
                self._orphan(line, f"The class {_named(line)} is in a term that academicSessions.csv does not have.")
            else:
                lines.setdefault((line["courseSourcedId"], ",".join(held)), []).append(line)
        return {
            line["sourcedId"]: (course, group)
            for (key, held), together in lines.items()
            for course in [self._taught(titles[key], [terms[term] for term in held.split(",")])]
            for line, group in self._groups(course, together)
        }

    def _taught(self, line: _Line, terms: Sequence[_Term]) -> NightlyCourse:
        code = self._text(line, "courseCode", _code, line["sourcedId"])
        first, last = min(each.first_day for each in terms), max(each.last_day for each in terms)
        return self._course(line, NightlyCourse(code, terms[0].title, self._text(line, "title", _title), first, last))

    def _groups(self, course: NightlyCourse, lines: Sequence[_Line]) -> Iterator[tuple[_Line, tuple[str, ...]]]:
        """Yield the classes of one course, each with its group: none if it is the only one."""
        names = [self._text(line, "title", _group, line["classCode"] or line["sourcedId"]) for line in lines]
        if len({name.casefold() for name in names}) < len(names):
            names = [self._text(line, "classCode", _group, line["sourcedId"]) for line in lines]
        if len({name.casefold() for name in names}) < len(names):
            names = [self._text(line, "sourcedId", _group) for line in lines]
        if len(lines) > 1:
            course.groups += names
        yield from ((line, (name,) if len(lines) > 1 else ()) for line, name in zip(lines, names, strict=True))

    def _enrolments(
        self, classes: Mapping[str, tuple[NightlyCourse, tuple[str, ...]]], users: Mapping[str, _Line]
    ) -> None:
        students: dict[str, RosterRow | None] = {}
        for line in self._lines("enrollments.csv", "classSourcedId", "userSourcedId", "role"):
            place, user = classes.get(line["classSourcedId"]), users.get(line["userSourcedId"])
            if place is None:
                self._orphan(line, f"{_named(line, 'classSourcedId')} is no class that can be used. Left out.")
            elif user is None:
                self._orphan(line, f"{_named(line, 'userSourcedId')} is not in users.csv. Left out.")
            elif (self._day(line, "endDate", date.max) or date.max) < self._today:
                continue
            elif line["role"].casefold() == "student":
                key = line["userSourcedId"]
                if key not in students:
                    students[key] = self._known(user)
                if (row := students[key]) is not None:
                    place[0].enrol(row, place[1])
            elif (role := self._role(line)) is not None:
                names = tuple(filter(None, (user["username"], user["email"])))
                place[0].staff.append(NightlyStaff(names or (line["userSourcedId"],), role, line.file, line.number))
        self._refuse_shared_ids([row for row in students.values() if row is not None])

    def _known(self, user: _Line) -> RosterRow | None:
        name = f"{user['givenName']} {user['familyName']}"
        return self._student(user, user["identifier"] or user["sourcedId"], name)

    def _refuse_shared_ids(self, rows: Iterable[RosterRow]) -> None:
        seen: dict[str, RosterRow] = {}
        for row in rows:
            first = seen.setdefault(row.student_id, row)
            if first is not row:
                message = f"The student ID {row.student_id} is also on line {first.line}. Give each student their own."
                self._faults.append(FieldError("users.csv", message, row.line))


def _named(line: _Line, column: str = "sourcedId") -> str:
    return f"'{line[column][:40]}'"


class _OwnSet(_NightlyReader):
    """The site's own set: courses by code and term, accounts by name, students by ID."""

    kind = "own"
    needed = OWN_FILES

    def _fill(self) -> None:
        terms = {}
        for line in self._lines("terms.csv", "term", "first_day", "last_day"):
            first, last = self._day(line, "first_day"), self._day(line, "last_day")
            if first and last:
                terms[line["term"].casefold()] = _Term(self._text(line, "term", _term), first, last)
        self._own_courses(terms)
        self._own_groups()
        self._own_members()
        self._own_staff()

    def _own_courses(self, terms: Mapping[str, _Term]) -> None:
        for line in self._lines("courses.csv", "code", "term", "title"):
            term = terms.get(line["term"].casefold())
            if term is None:
                self._orphan(line, f"{_named(line, 'term')} is not in terms.csv. The course is left out.")
                continue
            first, last = self._day(line, "first_day", term.first_day), self._day(line, "last_day", term.last_day)
            code, title = self._text(line, "code", _code), self._text(line, "title", _title)
            self._course(line, NightlyCourse(code, term.title, title, first or term.first_day, last or term.last_day))

    def _own_groups(self) -> None:
        for line in self._optional("groups.csv", "code", "term", "group"):
            course = self._of(line)
            if course is not None:
                course.groups.append(self._text(line, "group", _group))

    def _own_members(self) -> None:
        named: dict[str, RosterRow] = {}
        for line in self._lines("members.csv", "code", "term", "student_id", "name"):
            course = self._of(line)
            row = self._student(line, line["student_id"], line["name"]) if course is not None else None
            if course is None or row is None:
                continue
            first = named.setdefault(row.student_id, row)
            if first.name != row.name:
                message = f"The student ID {row.student_id} is also on line {first.line}, with another name. Keep one."
                self._fault(line, message)
            groups = [self._clean(line, part, _group) for part in line["group"].split(";") if part.strip()]
            course.enrol(row, groups)

    def _own_staff(self) -> None:
        for line in self._optional("staff.csv", "code", "term", "account", "role"):
            course, role = self._of(line), self._role(line)
            if course is not None and role is not None:
                course.staff.append(NightlyStaff((line["account"],), role, line.file, line.number))

    def _optional(self, file: str, *columns: str) -> Iterator[_Line]:
        return self._lines(file, *columns) if file in self._texts else iter(())

    def _of(self, line: _Line) -> NightlyCourse | None:
        course = self._courses.get(course_name(line["code"], line["term"]))
        if course is None:
            self._orphan(line, f"courses.csv has no course {_named(line, 'code')} in {_named(line, 'term')}. Left out.")
        return course
