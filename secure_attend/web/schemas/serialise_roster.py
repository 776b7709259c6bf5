"""Plans of rosters as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from secure_attend.attendance.courses.course_roster import CourseImport
from secure_attend.attendance.courses.nightly_plan import NightlyCoursePlan, NightlyPlan
from secure_attend.attendance.imports.roster_rows import RosterFile, RosterWarning
from secure_attend.attendance.reader_scope import UNLIMITED, ReaderScope
from secure_attend.attendance.students.roster_import import RosterPlan
from secure_attend.attendance.students.roster_plan import ListChanges, ListedChange
from secure_attend.attendance.students.students import names_for
from secure_attend.storage.values import Student
from secure_attend.web.schemas.courses.nightly_schemas import NightlyCourseOut, NightlyReportOut, NightlyWarningOut
from secure_attend.web.schemas.roster_schemas import (
    DamagedIdOut,
    HandedIdOut,
    LineWarning,
    ListedName,
    RenamedStudent,
    RosterReportOut,
)
from secure_attend.web.schemas.serialise import name_of

MOST_COURSES_LISTED = 2_000
MOST_NAMED_OF_NIGHT = 200


class _People(TypedDict):
    handed: list[HandedIdOut]
    damaged: list[DamagedIdOut]
    retired: list[RenamedStudent]


def site_roster_out(plan: RosterPlan, *, applied: bool) -> RosterReportOut:
    """Return what a file changes of the site's list. With a plan that is not applied yet come the names of those whom
    it adds."""
    changes = plan.changes
    return RosterReportOut(
        applied=applied,
        digest=plan.digest,
        added=len(changes.added),
        created=len(changes.added),
        already=len(changes.updated) + changes.unchanged,
        updated=len(changes.updated),
        unchanged=changes.unchanged,
        restored=len(changes.restored),
        joining=[] if applied else _names(changes.added),
        renamed=_renamed(changes.updated),
        **_people(changes),
        not_listed=[],
        left=0,
        left_out=0,
        new_groups=[],
        undoable=False,
        ignored_columns=list(plan.file.ignored_columns),
        columns=_columns(plan.file),
        warnings=_warnings(plan.warnings),
        encoding=plan.file.encoding,
        delimiter=plan.file.delimiter,
    )


def course_roster_out(imported: CourseImport, scope: ReaderScope) -> RosterReportOut:
    """Return what a file changes of a course, with the names that this reader sees. Of those who join come ID and name
    alone."""
    plan = imported.plan
    return RosterReportOut(
        applied=imported.applied,
        digest=plan.digest,
        added=len(plan.joining),
        created=len(plan.listed.added),
        already=plan.already,
        updated=plan.updated,
        unchanged=plan.unchanged,
        restored=len(plan.listed.restored),
        joining=[
            ListedName(student_id=each.row.student_id, name=names_for(scope, each.student)[-1]) for each in plan.joining
        ],
        renamed=_renamed((*plan.listed.updated, *plan.listed.restored), scope),
        **_people(plan.listed, scope),
        not_listed=[name_of(student) for student in plan.not_listed],
        left=len(imported.left),
        left_out=len(plan.left_out),
        new_groups=[group.name for group in plan.new_groups],
        undoable=imported.undoable,
        ignored_columns=list(plan.file.ignored_columns),
        columns=_columns(plan.file),
        warnings=_warnings(plan.warnings),
        encoding=plan.file.encoding,
        delimiter=plan.file.delimiter,
    )


def _people(changes: ListChanges, scope: ReaderScope = UNLIMITED) -> _People:
    """Return what a file leaves open about who is who, and those who gave up their ID to somebody else."""
    heirs = {student.student_id: student.name for student in changes.added}
    return {
        "handed": [
            HandedIdOut(
                line=each.line,
                key=each.student.key,
                student_id=each.student.student_id,
                before=names_for(scope, each.student)[-1],
                name=each.name,
                face=bool(each.student.templates),
            )
            for each in changes.handed
        ],
        "damaged": [
            DamagedIdOut(
                line=each.line,
                student_id=each.student_id,
                listed=each.student.student_id,
                name=names_for(scope, each.student)[-1],
                why=each.why,
            )
            for each in changes.damaged
        ],
        "retired": [
            RenamedStudent(
                student_id=each.before.student_id,
                before=names_for(scope, each.before)[-1],
                name=heirs[each.before.student_id],
            )
            for each in changes.retired
        ],
    }


def _columns(file: RosterFile) -> dict[str, int]:
    """Return the columns that are used, counted from 1."""
    places = file.columns.places if file.columns is not None else {}
    return {role: place + 1 for role, place in places.items()}


def _names(students: Iterable[Student]) -> list[ListedName]:
    return [ListedName(student_id=student.student_id, name=student.name) for student in students]


def _renamed(changes: Iterable[ListedChange], scope: ReaderScope = UNLIMITED) -> list[RenamedStudent]:
    """Return the new names, as the file has them, beside those that this reader knew."""
    return [
        RenamedStudent(student_id=each.after.student_id, name=each.after.name, before=names_for(scope, each.before)[-1])
        for each in changes
        if each.renamed
    ]


def _warnings(warnings: Iterable[RosterWarning]) -> list[LineWarning]:
    return [LineWarning(line=warning.line, message=warning.message) for warning in warnings]


def nightly_out(plan: NightlyPlan, *, applied: bool) -> NightlyReportOut:
    """Return what a nightly file changes of the site, or changed."""
    people = _people(plan.listed)
    return NightlyReportOut(
        applied=applied,
        digest=plan.digest,
        asks=plan.asks,
        **plan.counts,
        courses=[_course_of_night(each) for each in plan.courses[:MOST_COURSES_LISTED]],
        handed=people["handed"],
        damaged=people["damaged"],
        warnings=[
            NightlyWarningOut(file=each.file, line=each.line, message=each.message)
            for each in plan.warnings[:MOST_NAMED_OF_NIGHT]
        ],
    )


def _course_of_night(plan: NightlyCoursePlan) -> NightlyCourseOut:
    return NightlyCourseOut(
        code=plan.course.code,
        term=plan.course.term,
        new=plan.before is None,
        joining=len(plan.members.joining),
        moving=len(plan.members.moving),
        leaving=len(plan.leaving),
        of=plan.size,
        new_staff=len(plan.staff),
        leaving_students=_names(plan.leaving[:MOST_NAMED_OF_NIGHT]),
    )
