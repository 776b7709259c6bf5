"""What a nightly file would change of the site: its list, its courses, who joins and leaves them, and their staff.
Pure: nothing is read or written here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.course_input import CourseDraft, GroupDraft, checked_course
from secure_attend.attendance.courses.course_roster_plan import CourseRosterPlan, RosterScope, plan_course_roster
from secure_attend.attendance.courses.membership import Membership
from secure_attend.attendance.imports.nightly_courses import (
    CourseName,
    CourseStaffRole,
    NightlyCourse,
    NightlyFile,
    NightlyWarning,
    course_name,
)
from secure_attend.attendance.imports.roster_rows import RosterFile, RosterRow, RosterWarning, rejected
from secure_attend.attendance.students.roster_plan import ListChanges, Retiring, digest_of, plan_list, similar_ids
from secure_attend.errors import FieldError, InvalidInput
from secure_attend.storage.chains.audit_chain import Fact
from secure_attend.storage.documents import Json
from secure_attend.storage.values import Student

MOST_LEAVING_COURSE = 10
"""Per cent of a course that a file may let leave unasked. An export that was cut off loses far more."""
MOST_LEAVING_SITE = 2
"""Per cent of the site's students, likewise."""


class CourseDrafts(Protocol):
    """What makes a course of a draft."""

    def drafted(self, draft: CourseDraft) -> Course:
        """Return the course, without keeping it. Raises `InvalidInput`."""


class AppointedStaff(Protocol):
    """The staff of a course before a change, and after it."""

    @property
    def facts(self) -> Mapping[str, Fact]:
        """Return both for the audit trail, as `before` and `after`. They name accounts by their keys."""


class Appointments(Protocol):
    """Who teaches a course. `access` knows it."""

    def account_named(self, names: Sequence[str]) -> str | None:
        """Return the account with one of these names that may teach; None if there is none."""

    def listed(self, course: str, day: date) -> Collection[str]:
        """Return the accounts that teach the course on this day or later."""

    def enlist(self, course: str, roles: Mapping[str, CourseStaffRole]) -> AppointedStaff:
        """Add accounts to the staff of a course from now on. Who may do so is decided before."""


@dataclass(frozen=True)
class SiteBefore:
    """The site as it is: students, courses, and memberships by course and student. `merged` are students by the IDs of
    entries that were merged into theirs."""

    students: Sequence[Student]
    courses: Sequence[Course]
    members: Mapping[str, Mapping[str, Membership]]
    merged: Mapping[str, Student] = field(default_factory=dict)


@dataclass(frozen=True)
class NightlyCoursePlan:
    """What changes of one course. `before` is None for a new one; `staff` are those to add, by account."""

    before: Course | None
    members: CourseRosterPlan
    staff: Mapping[str, CourseStaffRole]

    @property
    def course(self) -> Course:
        """The course as it will be, without new groups."""
        return self.members.course

    @property
    def leaving(self) -> tuple[Student, ...]:
        """Who leaves, because the file does not list them."""
        return self.members.not_listed

    @property
    def size(self) -> int:
        """How many students are in the course now."""
        return self.members.already + len(self.leaving)

    @property
    def asks(self) -> bool:
        """Whether more would leave than unasked."""
        return len(self.leaving) * 100 > self.size * MOST_LEAVING_COURSE

    @property
    def changes_members(self) -> bool:
        """Whether a membership or a group changes."""
        plan = self.members
        return bool(plan.joining or plan.moving or plan.not_listed or plan.new_groups)


@dataclass(frozen=True)
class NightlyPlan:
    """What a file changes of the site. `listed_now` is how many students are on its list."""

    file: NightlyFile
    listed: ListChanges
    courses: tuple[NightlyCoursePlan, ...]
    warnings: tuple[NightlyWarning, ...]
    listed_now: int

    @property
    def leaving(self) -> int:
        """How many students leave a course."""
        return len({student.key for each in self.courses for student in each.leaving})

    @property
    def asks(self) -> bool:
        """Whether somebody is to look at it first: more students would leave than unasked."""
        return self.leaving * 100 > self.listed_now * MOST_LEAVING_SITE or any(each.asks for each in self.courses)

    @property
    def counts(self) -> dict[str, int]:
        """The numbers that reports and the audit trail have."""
        return {
            "added": len(self.listed.added),
            "updated": len(self.listed.updated),
            "restored": len(self.listed.restored),
            "new_courses": sum(each.before is None for each in self.courses),
            "changed_courses": sum(each.before not in (None, each.course) for each in self.courses),
            "joining": sum(len(each.members.joining) for each in self.courses),
            "moving": sum(len(each.members.moving) for each in self.courses),
            "leaving": sum(len(each.leaving) for each in self.courses),
            "new_staff": sum(len(each.staff) for each in self.courses),
            "left_out": len(self.warnings),
        }

    @property
    def digest(self) -> str:
        """What names this plan. Random keys of new courses and students are left out."""
        return digest_of([self.listed.outline(), [_outline(each) for each in self.courses]])


def _outline(plan: NightlyCoursePlan) -> Json:
    course, names = plan.course, {each.key: each.name for each in (*plan.course.groups, *plan.members.new_groups)}
    return [
        [course.code, course.term, course.title, course.first_day.isoformat(), course.last_day.isoformat()],
        plan.before is None,
        [
            [each.student.student_id, sorted(names.get(key, key) for key in each.after.spans[-1].groups)]
            for each in (*plan.members.joining, *plan.members.moving)
        ],
        [student.key for student in plan.leaving],
        sorted(group.name for group in plan.members.new_groups),
        [[account, role] for account, role in sorted(plan.staff.items())],
    ]


def plan_nightly(
    file: NightlyFile,
    site: SiteBefore,
    drafts: CourseDrafts,
    appointments: Appointments,
    scope: RosterScope,
    retiring: Retiring,
) -> NightlyPlan:
    """Return what a file changes. Raises `InvalidInput` for a course that cannot be as the file has it, and where a
    whole column of names changed."""
    plan = _NightlyPlan(file, site, drafts, appointments, scope, retiring)
    courses = tuple(filter(None, map(plan.course, file.courses)))
    listed_now = sum(student.removed_at is None for student in site.students)
    return NightlyPlan(file, plan.listed, courses, (*file.warnings, *plan.warnings), listed_now)


class _NightlyPlan:
    """Goes through the courses of a file."""

    def __init__(
        self,
        file: NightlyFile,
        site: SiteBefore,
        drafts: CourseDrafts,
        appointments: Appointments,
        scope: RosterScope,
        retiring: Retiring,
    ) -> None:
        self._site = site
        self._drafts = drafts
        self._appointments = appointments
        self._scope = scope
        self._today = retiring.day
        self._people = {student.key: student for student in site.students}
        self._known: dict[CourseName, list[Course]] = defaultdict(list)
        for course in site.courses:
            self._known[course_name(course.code, course.term)].append(course)
        known = {**site.merged, **{student.student_id: student for student in site.students}}
        self.listed = plan_list(_once(file.courses), known, retiring=retiring)
        people = "users.csv" if file.kind == "oneroster" else "members.csv"
        self.warnings = [
            NightlyWarning(people, each.line, each.message) for each in (*self.listed.once, *self._looking_alike())
        ]

    def _looking_alike(self) -> list[RosterWarning]:
        """Return warnings of new students' IDs alone: those of others were said when they were new."""
        new = {student.student_id for student in self.listed.added}
        lines = {row.line for row in self.listed.rows if row.student_id in new}
        similar = similar_ids(self.listed.rows, self._site.students, self.listed.damaged)
        return [warning for warning in similar if warning.line in lines]

    def course(self, wanted: NightlyCourse) -> NightlyCoursePlan | None:
        """Return what changes of a course; None if it is over, archived, or there twice."""
        known = self._known[course_name(wanted.code, wanted.term)]
        open_ones = [course for course in known if not course.archived]
        why = self._why_left_out(wanted, known, open_ones)
        if why:
            self.warnings.append(NightlyWarning("courses.csv", 0, f"{_called(wanted)} {why}"))
            return None
        before = open_ones[0] if open_ones else None
        course = self._changed(before, wanted) if before else self._drafted(wanted)
        staff = self._staff(wanted, before)
        return NightlyCoursePlan(before, self._members(course, wanted), staff)

    def _why_left_out(self, wanted: NightlyCourse, known: Sequence[Course], open_ones: Sequence[Course]) -> str:
        if wanted.last_day < self._today:
            return f"ended on {wanted.last_day}. It stays as it is."
        if known and not open_ones:
            return "is archived. It stays as it is."
        if len(open_ones) > 1:
            return f"is on the site {len(open_ones)} times. Archive all but one."
        return ""

    def _drafted(self, wanted: NightlyCourse) -> Course:
        draft = CourseDraft(
            wanted.code, wanted.title, wanted.term, wanted.first_day, wanted.last_day, tuple(_different(wanted.groups))
        )
        return _named(wanted, lambda: self._drafts.drafted(draft))

    def _changed(self, before: Course, wanted: NightlyCourse) -> Course:
        after = replace(before, title=wanted.title, first_day=wanted.first_day, last_day=wanted.last_day)
        groups = [GroupDraft(group.name, group.key) for group in before.groups]
        return before if after == before else _named(wanted, lambda: checked_course(after, groups))

    def _members(self, course: Course, wanted: NightlyCourse) -> CourseRosterPlan:
        members = self._site.members.get(course.key, {})
        rows = tuple(self._as_listed(row) for row in wanted.rows.values())
        students = {student.key: student for key in members if (student := self._people.get(key)) is not None}
        students |= {
            student.key: student for row in wanted.rows.values() for student in [self.listed.named[row.student_id]]
        }
        file = RosterFile(rows, (), "", "")
        listed = sorted(students.values(), key=lambda student: student.student_id)
        return plan_course_roster(file, course, self._today, listed, members, self._scope)

    def _as_listed(self, row: RosterRow) -> RosterRow:
        """Return a row with the ID and name that its student will have on the list: that is planned for all courses
        together."""
        student = self.listed.named[row.student_id]
        return replace(row, student_id=student.student_id, name=student.name, email=student.email)

    def _staff(self, wanted: NightlyCourse, before: Course | None) -> dict[str, CourseStaffRole]:
        """Return whom to add. Who teaches the course already keeps the role that people gave them."""
        known = self._appointments.listed(before.key, self._today) if before is not None else ()
        found: dict[str, CourseStaffRole] = {}
        for each in wanted.staff:
            account = self._appointments.account_named(each.names)
            if account is None:
                message = f"No account that may teach is named {' or '.join(each.names)[:100]}. Left out."
                self.warnings.append(NightlyWarning(each.file, each.line, message))
            elif account not in known:
                found.setdefault(account, each.role)
        return found


def _once(courses: Iterable[NightlyCourse]) -> list[RosterRow]:
    """Return each student once."""
    rows = {row.student_id: row for course in courses for row in course.rows.values()}
    return sorted(rows.values(), key=lambda row: row.line)


def _different(names: Iterable[str]) -> list[str]:
    return list({name.casefold(): name for name in names}.values())


def _called(course: NightlyCourse) -> str:
    return f"The course {course.code} ({course.term})"


def _named(wanted: NightlyCourse, make: Callable[[], Course]) -> Course:
    """Return the course. Raises `InvalidInput` that names the course beside what is wrong with it."""
    try:
        return make()
    except InvalidInput as error:
        raise rejected(
            [FieldError("courses.csv", f"{_called(wanted)}: {each.message}") for each in error.errors]
        ) from error
