"""/courses/<course>/policy and /low-attendance: how a course counts percentages, and who attends little there."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint
from flask import Response, request

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.courses.percentage_policy import PercentagePolicy, check_policy
from secure_attend.attendance.registers.percentages import Percentage
from secure_attend.attendance.registers.person_logs import PersonName
from secure_attend.web.api.courses.courses import ARCHIVED, LOCKED, UNKNOWN
from secure_attend.web.api.courses.registers import UNCHANGED, register_etag, with_etag
from secure_attend.web.http.access_rules import AnyRule
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.courses.percentage_schemas import (
    CoursePolicyOut,
    LowInCourseOut,
    LowQuery,
    LowRowOut,
    PercentageChange,
    PolicyBody,
    PolicyPreviewOut,
    PreviewQuery,
    WeighedRemarkOut,
)
from secure_attend.web.schemas.courses.serialise_percentages import (
    part_of,
    percentage_out,
    policy_in_words,
    policy_of,
    policy_out,
)
from secure_attend.web.schemas.serialise_courses import person_out

blueprint = APIBlueprint("percentages", __name__, tag="Courses")
RULE = in_course("lecturer")
EXCEPT_FOR: Mapping[str, AnyRule] = {"course_policy": in_course("lecturer", "assistant", "viewer")}
AUDIT = {
    "course_policy": NotAudited("policies name nobody"),
    "change_policy": changes(AuditedAction.CHANGE_POLICY),
    "drop_policy": changes(AuditedAction.CHANGE_POLICY),
    "low_in_course": looks(AuditedAction.SEE_LOW_ATTENDANCE, polled=True),
}
LIST_CHANGED = {409: "Nobody with the key `after` is on the list any more: start again without it."}


@blueprint.get("/courses/<course>/policy")
@blueprint.output(CoursePolicyOut)
@describe(blueprint, UNKNOWN)
def course_policy(course: str) -> CoursePolicyOut:
    """Get how a course counts percentages

    Weights and `limit` are percents. `excused: null` leaves excused classes out. `site` is the site's policy, which
    holds for a course without one of its own. `remarks` are those of the site, which a policy may give a weight. With
    `locked` days, a course counts as it did when they were locked: only `limit` and `in_row` may change.
    """
    taught = current_services().registers.curriculum()
    own = taught.course(course).policy
    return CoursePolicyOut(
        policy=policy_out(taught.policy(course)),
        own=own is not None,
        locked=course in taught.locked_policies,
        site=policy_out(taught.settings.policy),
        remarks=[WeighedRemarkOut(code=each.code, text=each.text) for each in taught.settings.remarks],
    )


@blueprint.put("/courses/<course>/policy")
@blueprint.input(PolicyBody, location="json", arg_name="body")
@blueprint.input(PreviewQuery, location="query", arg_name="query")
@blueprint.output(PolicyPreviewOut)
@describe(blueprint, UNKNOWN | {409: f"{ARCHIVED} {LOCKED}"})
def change_policy(course: str, body: PolicyBody, query: PreviewQuery) -> PolicyPreviewOut:
    """Change how a course counts percentages

    The policy holds for all classes of the course, past ones included. What is left out has its default. `basis` is
    what is divided by: the classes `held` so far, or all `planned` ones; `best` takes those to come as attended.
    Attendance is low below `limit`, and after `in_row` absences in a row. If all `planned` classes are divided by, what
    is still possible is compared with the limit. With `preview=1` nothing is changed. Either way the answer says whose
    percentage would change, or has changed.
    """
    return _changed(course, policy_of(body), preview=query.preview)


@blueprint.delete("/courses/<course>/policy")
@blueprint.input(PreviewQuery, location="query", arg_name="query")
@blueprint.output(PolicyPreviewOut)
@describe(blueprint, UNKNOWN | {409: f"{ARCHIVED} {LOCKED}"})
def drop_policy(course: str, query: PreviewQuery) -> PolicyPreviewOut:
    """Let the site's policy hold for a course again

    With `preview=1` nothing is changed.
    """
    return _changed(course, None, preview=query.preview)


@blueprint.get("/courses/<course>/low-attendance")
@blueprint.input(LowQuery, location="query", arg_name="query")
@blueprint.output(LowInCourseOut)
@describe(blueprint, UNKNOWN | UNCHANGED | LIST_CHANGED)
def low_in_course(course: str, query: LowQuery) -> Response:
    """List low attendance in a course

    Students who are in the course now, the lowest first. `low` says why: below the limit (`under_limit`), no more class
    may be missed (`may_miss_none`), absent in a row (`absent_in_row`). For the next page, ask for `after` = `next`.
    """
    services = current_services()
    register = services.registers.of_course(course)
    etag = register_etag(course, register, "low", services.time.today(), repr(query))
    if etag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{etag}"'})
    note(f"course:{course}")
    found = services.low_attendance.in_course(course)
    rows, following = part_of(found, [name.key for name, _ in found], query.after, query.limit)
    answer = LowInCourseOut(
        rows=[LowRowOut(student=person_out(name), percentage=percentage_out(each)) for name, each in rows],
        policy=policy_out(register.policy),
        total=len(found),
        next=following,
    )
    return with_etag(answer, etag)


def _changed(course: str, policy: PercentagePolicy | None, *, preview: bool) -> PolicyPreviewOut:
    services = current_services()
    taught = services.registers.curriculum()
    own = taught.course(course).policy
    note(f"course:{course}", preview=preview, before=policy_in_words(own))
    if policy is not None:
        check_policy(policy, taught.settings.remark_codes)
    before = services.registers.of_course(course)
    after = before.counted_by(policy if policy is not None else taught.settings.policy)
    if not preview:
        services.courses.change_policy(course, policy)
    note(after=policy_in_words(policy))
    pairs = zip(before.rows, before.percentages, after.percentages, strict=True)
    return PolicyPreviewOut(
        changes=[_change(name, old, new) for (name, _), old, new in pairs if _differs(old, new)],
        low_before=sum(bool(each.low) for each in before.percentages),
        low_after=sum(bool(each.low) for each in after.percentages),
    )


def _differs(old: Percentage, new: Percentage) -> bool:
    return (old.value, old.low) != (new.value, new.low)


def _change(name: PersonName, old: Percentage, new: Percentage) -> PercentageChange:
    return PercentageChange(
        student=person_out(name),
        before=old.percent,
        after=new.percent,
        low_before=list(old.low),
        low_after=list(new.low),
    )
