"""The site's own set of files, whose courses have codes and terms instead of identifiers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from secure_attend.attendance.imports.nightly_courses import NightlyCourse, NightlyStaff, course_name
from secure_attend.attendance.imports.nightly_lines import (
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

OWN_FILES = ("terms.csv", "courses.csv", "members.csv")
OWN_EXTRAS = ("groups.csv", "staff.csv")


class OwnSet(NightlyReader):
    """The site's own set: courses by code and term, accounts by name, students by ID."""

    kind = "own"
    needed = OWN_FILES

    def _fill(self) -> None:
        terms = {}
        for line in self._lines("terms.csv", "term", "first_day", "last_day"):
            first, last = self._day(line, "first_day"), self._day(line, "last_day")
            if first and last:
                terms[line["term"].casefold()] = NightlyTerm(self._text(line, "term", clean_term), first, last)
        self._own_courses(terms)
        self._own_groups()
        self._own_members()
        self._own_staff()

    def _own_courses(self, terms: Mapping[str, NightlyTerm]) -> None:
        for line in self._lines("courses.csv", "code", "term", "title"):
            term = terms.get(line["term"].casefold())
            if term is None:
                self._orphan(line, f"{named(line, 'term')} is not in terms.csv. The course is left out.")
                continue
            first, last = self._day(line, "first_day", term.first_day), self._day(line, "last_day", term.last_day)
            code, title = self._text(line, "code", clean_code), self._text(line, "title", clean_title)
            self._course(line, NightlyCourse(code, term.title, title, first or term.first_day, last or term.last_day))

    def _own_groups(self) -> None:
        for line in self._optional("groups.csv", "code", "term", "group"):
            course = self._of(line)
            if course is not None:
                course.groups.append(self._text(line, "group", clean_group))

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
            groups = [self._clean(line, part, clean_group) for part in line["group"].split(";") if part.strip()]
            course.enrol(row, groups)

    def _own_staff(self) -> None:
        for line in self._optional("staff.csv", "code", "term", "account", "role"):
            course, role = self._of(line), self._role(line)
            if course is not None and role is not None:
                course.staff.append(NightlyStaff((line["account"],), role, line.file, line.number))

    def _optional(self, file: str, *columns: str) -> Iterator[NightlyLine]:
        return self._lines(file, *columns) if file in self._texts else iter(())

    def _of(self, line: NightlyLine) -> NightlyCourse | None:
        course = self._courses.get(course_name(line["code"], line["term"]))
        if course is None:
            self._orphan(line, f"courses.csv has no course {named(line, 'code')} in {named(line, 'term')}. Left out.")
        return course
