"""/students/<key>/hold and /courses/<course>/hold: what is held does not expire by its age."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.courses.holds import Hold
from secure_attend.attendance.site_time import utc_text
from secure_attend.web.api.courses.courses import UNKNOWN
from secure_attend.web.http.access_rules import AnyRule, Rule, actor
from secure_attend.web.http.audit_rules import changes, looks, note
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import Done
from secure_attend.web.schemas.privacy_schemas import CourseHoldOut, HoldOut, NewHold, StudentHoldOut

blueprint = APIBlueprint("holds", __name__, tag="Students")
RULE = Rule.REGISTRAR
EXCEPT_FOR: Mapping[str, AnyRule] = {}
AUDIT = {
    "student_hold": looks(AuditedAction.SEE_HOLD, about="student"),
    "hold_student": changes(AuditedAction.HOLD, about="student"),
    "lift_student_hold": changes(AuditedAction.LIFT_HOLD, about="student"),
    "course_hold": looks(AuditedAction.SEE_HOLD),
    "hold_course": changes(AuditedAction.HOLD),
    "lift_course_hold": changes(AuditedAction.LIFT_HOLD),
}
UNKNOWN_STUDENT = {404: "There is no such student, or no hold (`no_hold`)."}
HELD = {409: "There is a hold already (`already_held`)."}


@blueprint.get("/students/<key>/hold")
@blueprint.output(StudentHoldOut)
@describe(blueprint, UNKNOWN_STUDENT)
def student_hold(key: str) -> StudentHoldOut:
    """Get the hold on a student

    `courses` are the codes of held courses that the student is or was in: they hold the student, too.
    """
    holds = current_services().holds
    hold = holds.get("student", key)
    return StudentHoldOut(hold=_out(hold) if hold is not None else None, courses=holds.courses_of(key))


@blueprint.post("/students/<key>/hold")
@blueprint.input(NewHold, location="json", arg_name="body")
@blueprint.output(HoldOut, status_code=201)
@describe(blueprint, UNKNOWN_STUDENT | HELD)
def hold_student(key: str, body: NewHold) -> HoldOut:
    """Hold a student

    Nothing of the student expires by its age, and erasing the student is refused (`on_hold`), until the hold is lifted.
    The `reason` is entered in the audit trail, which nobody can change. It must not name the student.
    """
    hold = current_services().holds.place("student", key, body.reason, actor().name)
    note(reason=hold.reason)
    return _out(hold)


@blueprint.delete("/students/<key>/hold")
@blueprint.output(Done)
@describe(blueprint, UNKNOWN_STUDENT)
def lift_student_hold(key: str) -> Done:
    """Lift the hold on a student

    What is due by then is erased at the next daily run.
    """
    note(reason=current_services().holds.lift("student", key).reason)
    return Done(done=True)


@blueprint.get("/courses/<course>/hold")
@blueprint.output(CourseHoldOut)
@describe(blueprint, UNKNOWN)
def course_hold(course: str) -> CourseHoldOut:
    """Get the hold on a course"""
    note(f"course:{course}")
    hold = current_services().holds.get("course", course)
    return CourseHoldOut(hold=_out(hold) if hold is not None else None)


@blueprint.post("/courses/<course>/hold")
@blueprint.input(NewHold, location="json", arg_name="body")
@blueprint.output(HoldOut, status_code=201)
@describe(blueprint, UNKNOWN | HELD)
def hold_course(course: str, body: NewHold) -> HoldOut:
    """Hold a course

    Everybody who is or was in the course is held, with everything of theirs, in other courses too. The `reason` is
    entered in the audit trail. It must name no student.
    """
    hold = current_services().holds.place("course", course, body.reason, actor().name)
    note(f"course:{course}", reason=hold.reason)
    return _out(hold)


@blueprint.delete("/courses/<course>/hold")
@blueprint.output(Done)
@describe(blueprint, {404: "There is no such course, or no hold (`no_hold`)."})
def lift_course_hold(course: str) -> Done:
    """Lift the hold on a course"""
    note(f"course:{course}", reason=current_services().holds.lift("course", course).reason)
    return Done(done=True)


def _out(hold: Hold) -> HoldOut:
    return HoldOut(reason=hold.reason, by=hold.by, at=utc_text(hold.at))
