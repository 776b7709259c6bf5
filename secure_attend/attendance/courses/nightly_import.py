"""Importing one nightly file: terms, courses, groups, staff and members, planned and then written.

In a database it is one transaction. In files each write is whole: if the program ends between two, the same file
completes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from secure_attend.attendance.courses.course_input import CourseChanges
from secure_attend.attendance.courses.course_roster import CourseRosters
from secure_attend.attendance.courses.course_roster_plan import RosterScope
from secure_attend.attendance.courses.courses import Courses
from secure_attend.attendance.courses.membership import (
    MEMBERSHIPS,
    MembershipChange,
    changes_in_words,
    membership_of,
)
from secure_attend.attendance.courses.nightly_plan import (
    AppointedStaff,
    Appointments,
    NightlyCoursePlan,
    NightlyPlan,
    SiteBefore,
    plan_nightly,
)
from secure_attend.attendance.find_student import by_merged_id
from secure_attend.attendance.imports.nightly_courses import NightlyFile
from secure_attend.attendance.imports.nightly_file import read_nightly
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.import_progress import ImportProgress, RunningImports
from secure_attend.attendance.students.roster_plan import Retiring, confirm
from secure_attend.errors import Conflict
from secure_attend.storage.chains.audit_chain import Fact
from secure_attend.storage.documents import Document
from secure_attend.storage.ports import HasDocuments, StudentStore

MOST_LEAVING_NAMED = 200
"""Students whom a refusal names, of each course."""
_Members = dict[str, dict[str, Document]]


class NightlyStore(StudentStore, HasDocuments, Protocol):
    """The ports that nightly files need."""


@dataclass(frozen=True)
class NightlyLoad:
    """The plan of a file, and what importing it changed: memberships, and the staff of courses, by the course's key."""

    plan: NightlyPlan
    members: Sequence[MembershipChange] = ()
    staff: Mapping[str, AppointedStaff] = field(default_factory=dict)

    @property
    def about(self) -> tuple[str, ...]:
        """Whom and what the audit trail's entry is about."""
        courses = dict.fromkeys([*(after.course for _, after in self.members), *self.staff])
        students = dict.fromkeys(after.student for _, after in self.members)
        return (*(f"course:{key}" for key in courses), *(f"student:{key}" for key in students))

    @property
    def facts(self) -> dict[str, Fact]:
        """What the audit trail's entry says: the counts, and both values of what changed."""
        staff = {
            f"staff_{name}": " | ".join(f"course:{key}: {each.facts[name]}" for key, each in self.staff.items())
            for name in (("before", "after") if self.staff else ())
        }
        return {**self.plan.counts, **changes_in_words(self.members), **staff}


@dataclass(frozen=True)
class NightlyOrder:
    """What to do with a file: with `confirmed`, the digest of the plan that somebody has looked at, or without."""

    dry_run: bool = False
    confirmed: str | None = None
    name: str | None = None


class WholeSite:
    """What a nightly file may change: everything. Who may send one is decided before."""

    everything = True

    def sees(self, student: str) -> bool:
        """Return true."""
        return True

    def answers_for(self, student: str) -> bool:
        """Return true."""
        return True


class NightlyImport:
    """Plans what a nightly file would change of the site, and applies it."""

    def __init__(
        self, store: NightlyStore, courses: Courses, rosters: CourseRosters, time: SiteTime, imports: RunningImports
    ) -> None:
        self._store = store
        self._courses = courses
        self._rosters = rosters
        self._time = time
        self._imports = imports

    def load(self, data: bytes, order: NightlyOrder, appointments: Appointments) -> NightlyLoad:
        """Plan or import a file.

        Raises `InvalidInput` with every fault by file and line, and `Conflict`: `plan_changed`, `people_to_decide`, or
        `plan_needed` if more would leave than unasked. Then nothing has changed.
        """
        with self._imports.named(order.name) as progress:
            file = read_nightly(data, self._time.today())
            if order.dry_run:
                return NightlyLoad(self._planned(file, self._members(), appointments))
            with self._store.transaction():
                members = self._members()
                plan = self._planned(file, members, appointments)
                _refuse_unconfirmed(plan, order)
                return self._write(plan, members, appointments, progress)

    def _members(self) -> _Members:
        """Return the documents of all memberships, by course and student."""
        members: _Members = defaultdict(dict)
        for each in self._store.documents.all(MEMBERSHIPS.name):
            members[each.value["course"]][each.value["student"]] = each
        return members

    def _planned(self, file: NightlyFile, members: _Members, appointments: Appointments) -> NightlyPlan:
        site = SiteBefore(
            self._store.students(),
            self._courses.all(),
            {
                course: {student: membership_of(each) for student, each in documents.items()}
                for course, documents in members.items()
            },
            by_merged_id(self._store),
        )
        scope: RosterScope = WholeSite()
        retiring = Retiring(self._time.now(), self._time.today())
        return plan_nightly(file, site, self._courses, appointments, scope, retiring)

    def _write(
        self, plan: NightlyPlan, members: _Members, appointments: Appointments, progress: ImportProgress
    ) -> NightlyLoad:
        written = plan.listed.to_write
        if written:
            self._store.write_students(written, progress=lambda done: progress.now("writing", done, len(written)))
        changed: list[MembershipChange] = []
        staff: dict[str, AppointedStaff] = {}
        for each in plan.courses:
            self._write_course(each)
            if each.changes_members:
                changed += self._rosters.apply(each.members, each.leaving, members.get(each.course.key, {}))
            if each.staff:
                staff[each.course.key] = appointments.enlist(each.course.key, each.staff)
        return NightlyLoad(plan, changed, staff)

    def _write_course(self, plan: NightlyCoursePlan) -> None:
        course = plan.course
        if plan.before is None:
            self._courses.add(course)
        elif course != plan.before:
            changes = CourseChanges(title=course.title, first_day=course.first_day, last_day=course.last_day)
            self._courses.change(course.key, changes)


def _refuse_unconfirmed(plan: NightlyPlan, order: NightlyOrder) -> None:
    """Raise `Conflict` if many students would leave by a plan that nobody has looked at."""
    confirm(plan.digest, order.confirmed)
    plan.listed.refuse_open()
    if plan.asks and order.confirmed is None:
        raise Conflict(
            "plan_needed",
            f"Nothing was imported. {_why(plan)} Look at the plan first (dry_run=1). If it is right, send its digest, "
            f"{plan.digest}, as plan.",
            plan=plan.digest,
            leaving=[
                {
                    "code": each.course.code,
                    "term": each.course.term,
                    "of": each.size,
                    "students": [
                        {"student_id": student.student_id, "name": student.name}
                        for student in each.leaving[:MOST_LEAVING_NAMED]
                    ],
                    "leaving": len(each.leaving),
                }
                for each in plan.courses
                if each.leaving
            ],
        )


def _why(plan: NightlyPlan) -> str:
    worst = [each for each in plan.courses if each.asks]
    if worst:
        first = worst[0]
        more = f", and {len(worst) - 1} more courses lose as many" if len(worst) > 1 else ""
        course = f"{first.course.code} ({first.course.term})"
        return f"{len(first.leaving)} of {first.size} students would leave {course}{more}."
    return f"{plan.leaving} of the site's {plan.listed_now} students would leave a course."
