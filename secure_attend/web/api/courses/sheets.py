"""Sheets to print: of a class, of a course, and a student's own statement."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.evidence.register_evidence import evidence_of
from secure_attend.attendance.students.students import names_for
from secure_attend.web.api.courses.courses import UNKNOWN
from secure_attend.web.api.courses.meetings import UNKNOWN_MEETING
from secure_attend.web.http.access_rules import AnyRule, scope
from secure_attend.web.http.audit_rules import looks, note
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.export_schemas import ClassSheet, CourseSheet, StatementOut
from secure_attend.web.schemas.serialise_sheets import (
    class_row,
    course_rows,
    course_statement,
    course_visitors,
    evidence_out,
    sheet_class,
    sheet_course,
)
from secure_attend.web.schemas.student_schemas import StudentName

blueprint = APIBlueprint("sheets", __name__, tag="Registers")
RULE = in_course("lecturer")
EXCEPT_FOR: Mapping[str, AnyRule] = {
    "class_sheet": in_course("lecturer", "assistant"),
    "statement": in_course("lecturer", past=True),
}
AUDIT = {
    "class_sheet": looks(AuditedAction.PRINT_SHEET),
    "course_sheet": looks(AuditedAction.PRINT_SHEET),
    "statement": looks(AuditedAction.PRINT_STATEMENT, about="student"),
}


@blueprint.get("/meetings/<meeting>/sheet")
@blueprint.output(ClassSheet)
@describe(blueprint, UNKNOWN_MEETING)
def class_sheet(meeting: str) -> ClassSheet:
    """Get the sheet of a class

    The students of its list in the order of their names, for printing, and for entering a sheet that was signed on
    paper. `mark` is what a new mark replaces.
    """
    services = current_services()
    register = services.registers.of_meeting(meeting)
    course = register.course
    note(f"course:{course.key}")
    return ClassSheet(
        course=sheet_course(course),
        meeting=sheet_class(register.ruled.meeting, course),
        rows=[class_row(row) for row in register.rows],
        may_mark=not (course.archived or register.ruled.locked),
        evidence=evidence_out(evidence_of(services.registers.snapshot(course.key), services.store), services.time),
    )


@blueprint.get("/courses/<course>/sheet")
@blueprint.output(CourseSheet)
@describe(blueprint, UNKNOWN)
def course_sheet(course: str) -> CourseSheet:
    """Get the sheet of a course

    Its register for printing, with totals: `statuses` are in the order of the `meetings`. Accepted visitors, who never
    were in the course, have none. `evidence` is what a file of the register has in its last columns.
    """
    services = current_services()
    snapshot = services.registers.snapshot(course)
    register = snapshot.register
    note(f"course:{course}")
    return CourseSheet(
        course=sheet_course(register.course),
        meetings=[sheet_class(ruled.meeting, register.course) for ruled in register.meetings],
        rows=course_rows(register),
        visitors=course_visitors(register),
        evidence=evidence_out(evidence_of(snapshot, services.store), services.time),
    )


@blueprint.get("/students/<key>/statement")
@blueprint.output(StatementOut)
@describe(blueprint, {404: "There is no such student."})
def statement(key: str) -> StatementOut:
    """Get a student's statement of attendance

    The student's classes so far with their statuses, totals for each course, and the last date attended: the day of the
    last class that the student came to, also if excused from it. Lecturers get their own courses, also those that
    are over. Registrars get all.
    """
    services, seen = current_services(), scope()
    student = services.students.get(key)
    found = services.statements.of(key, lambda course: seen.may(course, "lecturer"))
    note(courses=len(found))
    return StatementOut(
        student=StudentName(key=student.key, student_id=student.student_id, name=names_for(seen, student)[-1]),
        courses=[course_statement(each, services.time) for each in found],
        last_attended=max((each.last_attended for each in found if each.last_attended), default=None),
    )
