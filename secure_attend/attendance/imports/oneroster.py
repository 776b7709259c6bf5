"""OneRoster 1.1 (bulk) as courses: academic sessions, courses, classes, users and enrolments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from secure_attend.attendance.imports.file_text import UnreadableFile
from secure_attend.attendance.imports.nightly_courses import NightlyCourse, NightlyStaff
from secure_attend.attendance.imports.nightly_lines import (
    ONEROSTER,
    NightlyLine,
    NightlyReader,
    NightlyTerm,
    clean_code,
    clean_group,
    clean_term,
    clean_title,
    named,
)
from secure_attend.attendance.imports.roster_rows import RosterRow
from secure_attend.errors import FieldError

ONEROSTER_FILES = ("academicSessions.csv", "courses.csv", "classes.csv", "users.csv", "enrollments.csv")


class OneRoster(NightlyReader):
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

    def _terms(self) -> dict[str, NightlyTerm]:
        terms = {}
        for line in self._lines("academicSessions.csv", "sourcedId", "title", "startDate", "endDate"):
            title = self._text(line, "title", clean_term)
            first, last = self._day(line, "startDate"), self._day(line, "endDate")
            if first and last:
                terms[line["sourcedId"]] = NightlyTerm(title, first, last)
        return terms

    def _users(self) -> Iterator[NightlyLine]:
        return self._lines("users.csv", "sourcedId", "givenName", "familyName")

    def _classes(
        self, terms: Mapping[str, NightlyTerm], titles: Mapping[str, NightlyLine]
    ) -> dict[str, tuple[NightlyCourse, tuple[str, ...]]]:
        """Return each class's course, and the group that the class is of it."""
        lines: dict[tuple[str, str], list[NightlyLine]] = {}
        for line in self._lines("classes.csv", "sourcedId", "courseSourcedId", "termSourcedIds"):
            held = [each.strip() for each in line["termSourcedIds"].split(",")]
            if line["courseSourcedId"] not in titles:
                self._orphan(line, f"The class {named(line)} is of a course that courses.csv does not have.")
            elif not all(term in terms for term in held):
                self._orphan(line, f"The class {named(line)} is in a term that academicSessions.csv does not have.")
            else:
                lines.setdefault((line["courseSourcedId"], ",".join(held)), []).append(line)
        return {
            line["sourcedId"]: (course, group)
            for (key, held), together in lines.items()
            for course in [self._taught(titles[key], [terms[term] for term in held.split(",")])]
            for line, group in self._groups(course, together)
        }

    def _taught(self, line: NightlyLine, terms: Sequence[NightlyTerm]) -> NightlyCourse:
        code = self._text(line, "courseCode", clean_code, line["sourcedId"])
        first, last = min(each.first_day for each in terms), max(each.last_day for each in terms)
        return self._course(
            line, NightlyCourse(code, terms[0].title, self._text(line, "title", clean_title), first, last)
        )

    def _groups(
        self, course: NightlyCourse, lines: Sequence[NightlyLine]
    ) -> Iterator[tuple[NightlyLine, tuple[str, ...]]]:
        """Yield the classes of one course, each with its group: none if it is the only one."""
        names = [self._text(line, "title", clean_group, line["classCode"] or line["sourcedId"]) for line in lines]
        if len({name.casefold() for name in names}) < len(names):
            names = [self._text(line, "classCode", clean_group, line["sourcedId"]) for line in lines]
        if len({name.casefold() for name in names}) < len(names):
            names = [self._text(line, "sourcedId", clean_group) for line in lines]
        if len(lines) > 1:
            course.groups += names
        yield from ((line, (name,) if len(lines) > 1 else ()) for line, name in zip(lines, names, strict=True))

    def _enrolments(
        self, classes: Mapping[str, tuple[NightlyCourse, tuple[str, ...]]], users: Mapping[str, NightlyLine]
    ) -> None:
        students: dict[str, RosterRow | None] = {}
        for line in self._lines("enrollments.csv", "classSourcedId", "userSourcedId", "role"):
            place, user = classes.get(line["classSourcedId"]), users.get(line["userSourcedId"])
            if place is None:
                self._orphan(line, f"{named(line, 'classSourcedId')} is no class that can be used. Left out.")
            elif user is None:
                self._orphan(line, f"{named(line, 'userSourcedId')} is not in users.csv. Left out.")
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

    def _known(self, user: NightlyLine) -> RosterRow | None:
        name = f"{user['givenName']} {user['familyName']}"
        return self._student(user, user["identifier"] or user["sourcedId"], name)

    def _refuse_shared_ids(self, rows: Iterable[RosterRow]) -> None:
        seen: dict[str, RosterRow] = {}
        for row in rows:
            first = seen.setdefault(row.student_id, row)
            if first is not row:
                message = f"The student ID {row.student_id} is also on line {first.line}. Give each student their own."
                self._faults.append(FieldError("users.csv", message, row.line))
