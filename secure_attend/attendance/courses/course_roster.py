"""Importing a roster into a course: planned, applied only as planned, and undone until the next change.

Students are written before memberships. In a database both are one transaction. In files they are two writes, each
whole: if the program ends between them, students are on the list without being in the course, and the same file
completes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from secure_attend.attendance.courses.course import course_document
from secure_attend.attendance.courses.course_roster_plan import (
    CourseRosterPlan,
    RosterScope,
    plan_course_roster,
    with_new_groups,
)
from secure_attend.attendance.courses.courses import Courses, Refuse
from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.attendance.courses.last_import import (
    LAST_IMPORTS,
    MOST_UNDOABLE,
    ImportedStudent,
    LastImport,
    ListedAs,
    last_import_document,
)
from secure_attend.attendance.courses.membership import (
    MEMBERSHIPS,
    Membership,
    MembershipChange,
    membership_document,
    membership_of,
)
from secure_attend.attendance.find_student import by_merged_id
from secure_attend.attendance.imports.roster_rows import PLAIN, Reading, RosterFile, read_roster
from secure_attend.attendance.imports.roster_shapes import RosterShapes
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.import_progress import RunningImports
from secure_attend.attendance.students.roster_plan import NO_CHOICES, Retiring, RosterChoices, confirm
from secure_attend.errors import Conflict
from secure_attend.storage.documents import Document
from secure_attend.storage.ports import HasDocuments, StudentStore
from secure_attend.storage.values import Student


class CourseRosterStore(StudentStore, HasDocuments, Protocol):
    """The ports that rosters of courses need."""


@dataclass(frozen=True)
class RosterOrder:
    """What to do with a file: with `confirmed`, the digest of the plan that somebody has looked at, or without. `leave`
    are the keys of those who leave the course because the file no longer lists them; None: all of them."""

    course: str
    first_day: date | None = None
    dry_run: bool = False
    confirmed: str | None = None
    leave: Collection[str] | None = ()
    name: str | None = None
    reading: Reading = PLAIN
    choices: RosterChoices = NO_CHOICES


@dataclass(frozen=True)
class CourseImport:
    """A plan, and what was done with it: who left, whether it can be undone, and the memberships that changed, before
    and after."""

    plan: CourseRosterPlan
    applied: bool = False
    left: tuple[Student, ...] = ()
    undoable: bool = False
    changed: tuple[MembershipChange, ...] = ()


@dataclass(frozen=True)
class _Changes:
    """The documents that an import writes, who leaves by it, and whether it can be undone."""

    puts: Sequence[Document]
    deletes: Sequence[Document]
    left: tuple[Student, ...]
    undoable: bool
    memberships: tuple[MembershipChange, ...]


class CourseRosters:
    """Plans what a file would change of a course, and applies it. `refuse` raises if documents may not be written so:
    it is asked before the students are."""

    def __init__(
        self,
        store: CourseRosterStore,
        courses: Courses,
        time: SiteTime,
        imports: RunningImports,
        refuse: Refuse,
        leave_courses: Callable[[Collection[str]], object] = len,
    ) -> None:
        """`leave_courses` ends what students who leave the list, by key, are members of."""
        self._store = store
        self._courses = courses
        self._time = time
        self._imports = imports
        self._leave_courses = leave_courses
        self._shapes = RosterShapes(store)
        self._refuse = refuse

    def load(self, data: bytes, order: RosterOrder, scope: RosterScope) -> CourseImport:
        """Plan or import a file. Raises `InvalidInput` with every fault by line, `NotFound`, and `Conflict` if the
        course is archived, the days are `locked`, the plan has changed (`plan_changed`) or is to be looked at first
        (`plan_needed`). Then nothing has changed."""
        _refuse_unseen_leaving(order)
        self._courses.unarchived(order.course)
        with self._imports.named(order.name) as progress:
            reading = replace(order.reading, remembered=self._shapes.chosen_before, groups=True)
            file = read_roster(data, reading, lambda done: progress.now("reading", done))
            if order.dry_run:
                return CourseImport(self._planned(file, order, scope))
            with self._store.transaction():
                plan = self._planned(file, order, scope)
                _refuse_unconfirmed(plan, order)
                leaving = _leaving(plan, order)
                wanted = self._changes(plan, leaving, self._memberships(order.course))
                self._refuse(wanted.puts, wanted.deletes)
                written, retired = plan.listed.to_write, [each.after.key for each in plan.listed.retired]
                if written:
                    report = lambda done: progress.now("writing", done, len(written))  # noqa: E731
                    self._leave_courses(retired)
                    self._store.write_students(written, drop_faces=retired, progress=report)
                changes = wanted
                if retired:  # they may have left this course
                    changes = self._changes(plan, leaving, self._memberships(order.course))
                if changes.puts or changes.deletes:
                    self._store.documents.write(changes.puts, changes.deletes)
                self._shapes.remember(file.columns)
                return CourseImport(plan, True, changes.left, changes.undoable, changes.memberships)

    def _planned(self, file: RosterFile, order: RosterOrder, scope: RosterScope) -> CourseRosterPlan:
        course = self._courses.unarchived(order.course)
        day = order.first_day if order.first_day is not None else self._time.today()
        faults = FieldFaults()
        faults.day("first_day", day)
        if day > course.last_day:
            faults.add("first_day", f"{course.code} ends on {course.last_day}. Choose an earlier day.")
        faults.refuse()
        members = {key: membership_of(document) for key, document in self._memberships(course.key).items()}
        retiring = Retiring(self._time.now(), self._time.today())
        students = self._store.students()
        merged = by_merged_id(self._store)
        return plan_course_roster(file, course, day, students, members, scope, order.choices, retiring, merged)

    def apply(
        self, plan: CourseRosterPlan, leaving: tuple[Student, ...], known: Mapping[str, Document]
    ) -> tuple[MembershipChange, ...]:
        """Write a plan whose students are written already. `known` are the documents of the course's memberships, by
        student. Return the memberships that changed. Raises `Conflict` if the days are `locked`."""
        changes = self._changes(plan, leaving, known)
        if changes.puts or changes.deletes:
            self._store.documents.write(changes.puts, changes.deletes)
        return changes.memberships

    def _changes(self, plan: CourseRosterPlan, leaving: tuple[Student, ...], known: Mapping[str, Document]) -> _Changes:
        """Return memberships, new groups and what undoing needs: one write."""
        ends = self._time.today()
        changed = {each.student.key: each.after for each in (*plan.joining, *plan.moving)}
        changed |= {each.key: membership_of(known[each.key]).left(ends) for each in leaving}
        puts = [
            membership_document(after, known[key].version if key in known else 0)
            for key, after in changed.items()
            if after.spans
        ]
        deletes = [known[key] for key, after in changed.items() if not after.spans and key in known]
        if plan.new_groups:
            course = with_new_groups(plan.course, plan.new_groups)
            puts.append(course_document(course, self._courses.version(course.key)))
        last = _last_import(plan, {key: (known.get(key), after) for key, after in changed.items()})
        undoable = 0 < len(last.students) <= MOST_UNDOABLE and not plan.listed.retired
        earlier = self._store.documents.get(LAST_IMPORTS.name, plan.course.key)
        if undoable:
            puts.append(last_import_document(last, earlier.version if earlier is not None else 0))
        elif last.students and earlier is not None:
            deletes.append(earlier)
        before = {key: membership_of(each) for key, each in known.items()}
        memberships = tuple(
            (before.get(key, Membership(plan.course.key, key, ())), after) for key, after in changed.items()
        )
        return _Changes(puts, deletes, leaving, undoable, memberships)

    def _memberships(self, course: str) -> dict[str, Document]:
        """Return the documents of the course's memberships, by student."""
        documents = self._store.documents.all(MEMBERSHIPS.name)
        return {each.value["student"]: each for each in documents if each.value["course"] == course}


def _refuse_unseen_leaving(order: RosterOrder) -> None:
    """Raise `InvalidInput` if students would leave by a plan that nobody has looked at."""
    if (order.leave is None or order.leave) and order.confirmed is None:
        faults = FieldFaults()
        faults.add("leave", "Look at the plan first (dry_run=1), and send its digest as plan.")
        faults.refuse()


def _refuse_unconfirmed(plan: CourseRosterPlan, order: RosterOrder) -> None:
    confirm(plan.digest, order.confirmed)
    plan.listed.refuse_open()
    if order.confirmed is None and plan.needs_choice:
        raise Conflict(
            "plan_needed",
            "This file changes names, or has lines that cannot be imported. Nothing was imported. Look at the plan "
            "first (dry_run=1), and send its digest as plan.",
            plan=plan.digest,
        )


def _leaving(plan: CourseRosterPlan, order: RosterOrder) -> tuple[Student, ...]:
    if order.leave is None:
        return plan.not_listed
    wanted = set(order.leave)
    if not wanted <= {student.key for student in plan.not_listed}:
        faults = FieldFaults()
        faults.add("leave", "Only students whom the file no longer lists can leave by it. Look at the plan again.")
        faults.refuse()
    return tuple(student for student in plan.not_listed if student.key in wanted)


def _last_import(plan: CourseRosterPlan, memberships: Mapping[str, tuple[Document | None, Membership]]) -> LastImport:
    """Return what the import changes, with the values before. `memberships` are those it changes, as they were, and as
    they are then."""
    spans = {key: membership_of(before).spans if before is not None else () for key, (before, _) in memberships.items()}
    deleted = {key for key, (_, after) in memberships.items() if not after.spans}
    was = {change.after.key: change for change in (*plan.listed.updated, *plan.listed.restored)}
    now = {student.key: ListedAs.of(student) for student in plan.listed.to_write}
    students = {
        key: ImportedStudent(
            spans.get(key),
            ListedAs.of(was[key].before) if key in was else None,
            now.get(key),
            key in deleted,
        )
        for key in sorted(spans.keys() | now.keys())
    }
    return LastImport(plan.course.key, plan.digest, students, tuple(group.key for group in plan.new_groups))
