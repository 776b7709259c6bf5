"""/courses/<course>/staff: who teaches a course, and handing courses over."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.access.course_staff import DAY, CourseStaff, StaffChange, StaffMember
from secure_attend.errors import NotFound
from secure_attend.web.api.courses.courses import UNKNOWN
from secure_attend.web.http.access_rules import AnyRule, Rule, scope
from secure_attend.web.http.audit_rules import NotAudited, changes, note
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_access, current_site
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.course_schemas import (
    CourseStaffOut,
    HandedOver,
    Handover,
    LastDayQuery,
    StaffAppointment,
    StaffList,
)

blueprint = APIBlueprint("staff", __name__, tag="Courses")
RULE = in_course("lecturer")
EXCEPT_FOR: Mapping[str, AnyRule] = {
    "list_staff": in_course("lecturer", "assistant", "viewer"),
    "hand_over": Rule.REGISTRAR,
}
AUDIT = {
    "list_staff": NotAudited("it shows who teaches, and names no student"),
    "appoint": changes(AuditedAction.CHANGE_STAFF),
    "end_role": changes(AuditedAction.CHANGE_STAFF),
    "hand_over": changes(AuditedAction.HAND_OVER_COURSES),
}
LAST = "The course would have no lecturer (`last_lecturer`)."


@blueprint.get("/courses/<course>/staff")
@blueprint.output(StaffList)
@describe(blueprint, UNKNOWN)
def list_staff(course: str) -> StaffList:
    """List the staff of a course

    Past and future staff are included. Without `first_day`, somebody has always been staff; without `last_day`, they
    are until further notice.
    """
    return _out(current_site().staffing.staff(course))


@blueprint.put("/courses/<course>/staff")
@blueprint.input(StaffAppointment, location="json", arg_name="body")
@blueprint.output(StaffList)
@describe(blueprint, UNKNOWN | {409: LAST})
def appoint(course: str, body: StaffAppointment) -> StaffList:
    """Add somebody to the staff of a course, or change their role

    `account` is the name or the key of an account with the role Lecturer. A role that begins on the same day is
    replaced.
    """
    member = StaffMember(_account(body.account, "account"), body.role, body.first_day, body.last_day)
    return _noted(current_site().staffing.appoint(scope(), course, member))


@blueprint.delete("/courses/<course>/staff/<account>")
@blueprint.input(LastDayQuery, location="query", arg_name="query")
@blueprint.output(StaffList)
@describe(blueprint, {404: "There is no such course, or the account is not among its staff.", 409: LAST})
def end_role(course: str, account: str, query: LastDayQuery) -> StaffList:
    """End the roles of an account in a course

    `last_day` is the last day of service: yesterday if it is left out, so that it ends now.
    """
    staffing, seen = current_site().staffing, scope()
    if all(member.account != account for member in staffing.staff(course).members):
        raise NotFound("unknown_staff", "This account is not among the course's staff. Load the list again.")
    last_day = query.last_day if query.last_day is not None else seen.day - DAY
    return _noted(staffing.end(seen, course, account, last_day))


@blueprint.post("/courses/hand-over")
@blueprint.input(Handover, location="json", arg_name="body")
@blueprint.output(HandedOver)
@describe(blueprint, {409: LAST})
def hand_over(body: Handover) -> HandedOver:
    """Hand somebody's courses over

    The account `to` takes all roles that `leaving` has now or later, from today on. Both are names or keys.
    """
    leaving, to = _account(body.leaving, "leaving"), _account(body.to, "to")
    changed = current_site().staffing.hand_over(scope(), leaving, to)
    note(f"account:{leaving}", f"account:{to}", *(f"course:{change.after.course}" for change in changed))
    for name in ("before", "after"):
        note(**{name: " | ".join(f"course:{change.after.course}: {change.facts[name]}" for change in changed)})
    return HandedOver(courses=[change.after.course for change in changed])


def _noted(change: StaffChange) -> StaffList:
    accounts = {member.account for staff in (change.before, change.after) for member in staff.members}
    note(f"course:{change.after.course}", *(f"account:{key}" for key in sorted(accounts)), **change.facts)
    return _out(change.after)


def _out(staff: CourseStaff) -> StaffList:
    names = {account.key: account.name for account in current_access().accounts.all()}
    return StaffList(
        staff=[
            CourseStaffOut(
                account=member.account,
                name=names.get(member.account, ""),
                role=member.role,
                first_day=member.first_day,
                last_day=member.last_day,
            )
            for member in staff.members
        ]
    )


def _account(name: str, field: str) -> str:
    """Return the key of the account with this key or name. Raises `InvalidInput` for nobody's."""
    accounts = current_access().accounts
    for account in accounts.all():
        if account.key == name:
            return name
    named = accounts.named(name)
    if named is None:
        raise refused_field(field, "No account has this name. Check it, or ask an admin to add the account.")
    return named.key
