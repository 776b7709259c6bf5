"""/courses/<course>/rules: who counts as late, from which class on, and whose status that would change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.course_input import check_rules
from secure_attend.attendance.courses.rules import MINUTE, StatusRules, rules_in_force, with_rules
from secure_attend.attendance.registers.curriculum import Curriculum
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.web.api.courses.courses import ARCHIVED, LOCKED, UNKNOWN
from secure_attend.web.http.access_rules import AnyRule
from secure_attend.web.http.audit_rules import NotAudited, changes, note
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.course_schemas import CourseRulesOut, RulesChange, RulesQuery
from secure_attend.web.schemas.register_schemas import ChangedMeeting, PreviewedChange, RulesPreviewOut
from secure_attend.web.schemas.serialise_courses import minutes_text, person_out, rules_out

blueprint = APIBlueprint("rules", __name__, tag="Courses")
RULE = in_course("lecturer")
EXCEPT_FOR: Mapping[str, AnyRule] = {"course_rules": in_course("lecturer", "assistant", "viewer")}
AUDIT = {
    "course_rules": NotAudited("rules name nobody"),
    "change_rules": changes(AuditedAction.CHANGE_RULES),
}


@blueprint.get("/courses/<course>/rules")
@blueprint.output(CourseRulesOut)
@describe(blueprint, UNKNOWN)
def course_rules(course: str) -> CourseRulesOut:
    """Get the rules of a course

    All are minutes from the start of a class. `late_until: null` is the end of the class. `site` are the site's rules,
    which hold for a course without rules of its own.
    """
    taught = current_services().registers.curriculum()
    return _out(taught, taught.course(course))


@blueprint.put("/courses/<course>/rules")
@blueprint.input(RulesChange, location="json", arg_name="body")
@blueprint.input(RulesQuery, location="query", arg_name="query")
@blueprint.output(RulesPreviewOut)
@describe(blueprint, UNKNOWN | {409: f"{ARCHIVED} {LOCKED}"})
def change_rules(course: str, body: RulesChange, query: RulesQuery) -> RulesPreviewOut:
    """Change the rules of a course

    `since: next` lets them hold from the next class on, `all` for past classes too. With `preview=1` nothing is
    changed. Either way the answer says whose status would change, or has changed, in which classes. `warning` says if
    the students of a class need longer at its kiosks than they are on time.
    """
    services = current_services()
    rules = StatusRules(
        body.opens_before * MINUTE, body.on_time * MINUTE, None if body.late_until is None else body.late_until * MINUTE
    )
    check_rules(rules)
    taught = services.registers.curriculum()
    before = taught.course(course)
    since = None if body.since == "all" else _next_start(taught, course, services.time.now())
    answer = _preview(taught, before, rules, since)
    own = _now(before, taught) if before.rules else None
    note(f"course:{course}", preview=query.preview, since=body.since, before=in_words(own))
    if not query.preview:
        services.courses.change_rules(course, rules, since)
    note(after=in_words(rules), students=answer.students)
    return answer


def _next_start(taught: Curriculum, course: str, now: datetime) -> datetime:
    """Return when the next class of the course starts, or now if none is planned."""
    starts = (each.starts_at for each in taught.meetings.get(course, ()) if each.phase(now) == "planned")
    return min(starts, default=now)


def _preview(taught: Curriculum, course: Course, rules: StatusRules, since: datetime | None) -> RulesPreviewOut:
    services = current_services()
    found = services.registers.preview(course.key, with_rules(course.rules, rules, since))
    meetings = [RuledMeeting(each.meeting, rules) for each in taught.meetings.get(course.key, ())]
    changes_out = [
        PreviewedChange(
            meeting=ChangedMeeting(
                key=ruled.meeting.key, title=ruled.meeting.title, starts=minutes_text(ruled.meeting.starts)
            ),
            student=person_out(person),
            before=change.before.status,
            after=change.after.status,
        )
        for ruled, person, change in found
    ]
    return RulesPreviewOut(
        changes=changes_out,
        students=len({each.student.key for each in changes_out}),
        meetings=len({each.meeting.key for each in changes_out}),
        warning=services.queues.warning(meetings, services.time.now()),
    )


def _out(taught: Curriculum, course: Course) -> CourseRulesOut:
    site = rules_in_force(current_services().time.now(), taught.settings.rules)
    return CourseRulesOut(rules=rules_out(_now(course, taught)), own=bool(course.rules), site=rules_out(site))


def _now(course: Course, taught: Curriculum) -> StatusRules:
    """Return the rules to show: the newest that somebody set, even if they hold from the next class on."""
    return (
        course.rules[-1].rules if course.rules else rules_in_force(current_services().time.now(), taught.settings.rules)
    )


def in_words(rules: StatusRules | None) -> str:
    """Return rules for the audit trail, in minutes."""
    if rules is None:
        return "the site's"
    late = "end" if rules.late_until is None else str(rules.late_until // MINUTE)
    return f"opens {rules.opens_before // MINUTE} before; on time {rules.on_time // MINUTE}; late until {late}"
