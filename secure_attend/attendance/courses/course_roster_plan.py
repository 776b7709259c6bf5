"""What a roster would change of a course: who joins, who is in it already, whose groups change, and whom the file no
longer lists. Pure: nothing is read or written here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Protocol

from secure_attend.attendance.courses.course import Course, CourseGroup
from secure_attend.attendance.courses.course_input import MOST_GROUPS
from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.attendance.courses.membership import Membership, Span
from secure_attend.attendance.imports.roster_rows import RosterFile, RosterRow, RosterWarning
from secure_attend.attendance.students.roster_plan import (
    NEVER,
    NO_CHOICES,
    ListChanges,
    Retiring,
    RosterChoices,
    digest_of,
    plan_list,
    similar_ids,
)
from secure_attend.attendance.students.same_person import is_named, share_a_word
from secure_attend.attendance.students.students import new_key
from secure_attend.storage.values import Student


class RosterScope(Protocol):
    """Whose students the caller may see, and of whom the site's list may be changed."""

    @property
    def everything(self) -> bool:
        """Whether the caller may change all students."""

    def sees(self, student: str) -> bool:
        """Whether the caller may see this student."""

    def answers_for(self, student: str) -> bool:
        """Whether the caller may change what the site's list says of this student."""


@dataclass(frozen=True)
class CourseMember:
    """A student of the file, with the membership as it is and as it will be."""

    row: RosterRow
    student: Student
    before: Membership
    after: Membership


@dataclass(frozen=True)
class CourseRosterPlan:
    """What a file changes of a course from a day on, and of the site's list.

    `others` are those who join and whom the caller does not see yet. `left_out` and `kept_names` are lines that are
    not, or not wholly, imported: the caller is asked first.
    """

    course: Course
    first_day: date
    file: RosterFile
    listed: ListChanges
    joining: tuple[CourseMember, ...]
    moving: tuple[CourseMember, ...]
    staying: tuple[CourseMember, ...]
    not_listed: tuple[Student, ...]
    new_groups: tuple[CourseGroup, ...]
    others: tuple[Student, ...]
    left_out: tuple[RosterWarning, ...]
    kept_names: tuple[RosterWarning, ...]
    similar: tuple[RosterWarning, ...]

    @property
    def digest(self) -> str:
        """What names this plan. Random keys are left out, so that the same changes have the same name."""
        names = {group.key: group.name for group in (*self.course.groups, *self.new_groups)}
        members = [
            [each.student.student_id, sorted(names.get(key, key) for key in _groups_from(each.after, self.first_day))]
            for each in (*self.joining, *self.moving)
        ]
        left_out = [[each.line, each.message] for each in (*self.left_out, *self.kept_names)]
        return digest_of(
            [
                self.course.key,
                self.first_day.isoformat(),
                self.listed.outline(),
                members,
                len(self.joining),
                len(self.staying),
                [student.key for student in self.not_listed],
                sorted(group.name for group in self.new_groups),
                left_out,
            ]
        )

    @property
    def needs_choice(self) -> bool:
        """Whether somebody is to look at the plan first: names change, or lines are left out."""
        return bool(self.left_out or self.kept_names or any(change.renamed for change in self.listed.updated))

    @property
    def warnings(self) -> tuple[RosterWarning, ...]:
        """All warnings, by line."""
        return tuple(
            sorted(
                (*self.file.warnings, *self.left_out, *self.kept_names, *self.similar, *self.listed.once),
                key=lambda warning: warning.line,
            )
        )

    @property
    def already(self) -> int:
        """How many students of the file are in the course."""
        return len(self.moving) + len(self.staying)

    @property
    def unchanged(self) -> int:
        """How many students of the file are in the course and stay as they are."""
        changed = {change.after.key for change in (*self.listed.updated, *self.listed.restored)}
        return sum(each.student.key not in changed for each in self.staying)

    @property
    def updated(self) -> int:
        """How many of the students change: name, address or groups."""
        return len({change.after.key for change in self.listed.updated} | {each.student.key for each in self.moving})


def plan_course_roster(
    file: RosterFile,
    course: Course,
    first_day: date,
    students: Sequence[Student],
    members: Mapping[str, Membership],
    scope: RosterScope,
    choices: RosterChoices = NO_CHOICES,
    retiring: Retiring = NEVER,
    merged: Mapping[str, Student] = MappingProxyType({}),
) -> CourseRosterPlan:
    """Return what a file changes of a course from a day on. `students` are all of the site, `members` the memberships
    of the course by student, and `merged` students by the IDs of entries that were merged into theirs. Raises
    `InvalidInput` if it would have too many groups."""
    known = {**merged, **{student.student_id: student for student in students}}
    rows, left_out, kept_names = _checked_rows(file.rows, known, scope, choices.same)
    may_change = lambda student: scope.answers_for(student.key)  # noqa: E731
    mine = [student for student in students if scope.sees(student.key)]
    listed = plan_list(rows, known, may_change, choices, retiring, mine)
    new_groups = _new_groups(rows, course)
    keys = {group.name.casefold(): group.key for group in (*course.groups, *new_groups)}
    found = [_member(row, listed.named[row.student_id], course, first_day, members, keys) for row in listed.rows]
    joining = tuple(each for each in found if not _stays(each.before, first_day))
    staying = [each for each in found if _stays(each.before, first_day)]
    named = {row.student_id for row in file.rows}
    staying_or_gone = {student.key for student in listed.named.values()} | {each.after.key for each in listed.retired}
    not_listed = tuple(
        student
        for student in students
        if student.key in members and _stays(members[student.key], first_day)
        if student.student_id not in named and student.key not in staying_or_gone
    )
    return CourseRosterPlan(
        course,
        first_day,
        file,
        listed,
        joining,
        tuple(each for each in staying if each.before != each.after),
        tuple(each for each in staying if each.before == each.after),
        not_listed,
        new_groups,
        tuple(each.student for each in joining if each.row.student_id in known and not scope.sees(each.student.key)),
        tuple(left_out),
        tuple(kept_names),
        similar_ids(rows, students, listed.damaged, scope.sees),
    )


def _checked_rows(
    rows: Iterable[RosterRow], known: Mapping[str, Student], scope: RosterScope, same: Collection[str]
) -> tuple[list[RosterRow], list[RosterWarning], list[RosterWarning]]:
    """Return the rows that can be imported, and warnings of the others, and of those whose name is not taken over.

    Somebody else's student is added by the exact ID and name, so that nobody learns a name by an ID.
    """
    usable: list[RosterRow] = []
    left_out: list[RosterWarning] = []
    kept: list[RosterWarning] = []
    for row in rows:
        student = known.get(row.student_id)
        if student is not None and not scope.everything and row.name == student.known_as:
            row = replace(row, name=student.name)  # the only name that lecturers see, also in a list they downloaded
        if student is not None and _is_somebody_else(row, student, scope) and student.key not in same:
            left_out.append(RosterWarning(row.line, _another_person(row, student)))
        elif student is None or scope.everything or (student.removed_at is None and scope.answers_for(student.key)):
            usable.append(row)
        elif not scope.sees(student.key) and not is_named(student, row.name):
            left_out.append(RosterWarning(row.line, _another_name(row)))
        elif student.removed_at is not None:
            left_out.append(RosterWarning(row.line, _removed(row)))
        else:
            usable.append(row)
            if row.name != student.name and scope.sees(student.key):
                kept.append(RosterWarning(row.line, _name_kept(row, student)))
    return usable, left_out, kept


def _is_somebody_else(row: RosterRow, student: Student, scope: RosterScope) -> bool:
    """Whether a row gives the ID of a student whom the caller sees to somebody else. Only registrars may do that."""
    return not scope.everything and scope.sees(student.key) and not share_a_word(row.name, student.name)


def _another_person(row: RosterRow, student: Student) -> str:
    return (
        f"The student ID {row.student_id} belongs to {student.shown_name}, so this row is left out. If it is another "
        "person's now, ask a registrar."
    )


def _another_name(row: RosterRow) -> str:
    return (
        f"The site knows the student ID {row.student_id} under another name, so this row is left out. Write the name "
        "exactly as it is there, or ask a registrar."
    )


def _removed(row: RosterRow) -> str:
    return (
        f"The student with the ID {row.student_id} was removed from the site's list, so this row is left out. Ask a "
        "registrar to restore the student."
    )


def _name_kept(row: RosterRow, student: Student) -> str:
    return (
        f"{student.shown_name} ({row.student_id}) keeps this name, because the student is in other courses, too. "
        "A registrar can change it."
    )


def _new_groups(rows: Iterable[RosterRow], course: Course) -> tuple[CourseGroup, ...]:
    known = {group.name.casefold() for group in course.groups}
    names: dict[str, str] = {}
    for name in (name for row in rows for name in row.groups or ()):
        names.setdefault(name.casefold(), name)
    new = [name for folded, name in names.items() if folded not in known]
    if len(known) + len(new) > MOST_GROUPS:
        faults = FieldFaults()
        faults.add(
            "group", f"With this file the course would have {len(known) + len(new)} groups, at most {MOST_GROUPS}."
        )
        faults.refuse("roster_rejected", "Nothing has changed. ")
    return tuple(CourseGroup(new_key(), name) for name in new)


def _member(
    row: RosterRow,
    student: Student,
    course: Course,
    day: date,
    members: Mapping[str, Membership],
    keys: Mapping[str, str],
) -> CourseMember:
    """Return the student with the membership before and after. A blank group cell changes no groups."""
    before = members.get(student.key, Membership(course.key, student.key, ()))
    groups = frozenset(keys[name.casefold()] for name in row.groups or ())
    if not _stays(before, day):
        return CourseMember(row, student, before, before.joined(day, groups))
    return CourseMember(row, student, before, before.moved(day, groups) if groups else before)


def _stays(member: Membership, day: date) -> bool:
    """Whether the student is in the course after this day."""
    return any(span.last_day is None or span.last_day > day for span in member.spans)


def _groups_from(member: Membership, day: date) -> Collection[str]:
    coming: Iterable[Span] = (span for span in member.spans if span.last_day is None or span.last_day >= day)
    return next((span.groups for span in coming), ())


def with_new_groups(course: Course, groups: Sequence[CourseGroup]) -> Course:
    """Return the course with these groups, too."""
    return replace(course, groups=(*course.groups, *groups))
