"""/attendance-settings: what the site decides about attendance: rules, days without teaching, remarks."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.courses.attendance_settings import AttendanceSettings, Closure, ExcuseReason, Remark
from secure_attend.attendance.courses.rules import MINUTE, StatusRules, rules_in_force
from secure_attend.attendance.courses.site_attendance import NEVER, SettingsChanges
from secure_attend.web.api.courses.courses import LOCKED
from secure_attend.web.api.courses.rules import in_words
from secure_attend.web.http.access_rules import AnyRule, Rule
from secure_attend.web.http.audit_rules import NotAudited, changes, note
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.course_schemas import (
    AttendanceSettingsChange,
    AttendanceSettingsOut,
    ClosureOut,
    ExcuseReasonOut,
    RemarkOut,
    RulesChange,
)
from secure_attend.web.schemas.courses.serialise_percentages import policy_in_words, policy_of, policy_out
from secure_attend.web.schemas.serialise_courses import rules_out

blueprint = APIBlueprint("attendance_settings", __name__, tag="Courses")
RULE = Rule.STAFF
EXCEPT_FOR: Mapping[str, AnyRule] = {"change_settings": Rule.OFFICE}
AUDIT = {
    "site_settings": NotAudited("settings name nobody"),
    "change_settings": changes(AuditedAction.CHANGE_ATTENDANCE_SETTINGS),
}


@blueprint.get("/attendance-settings")
@blueprint.output(AttendanceSettingsOut)
def site_settings() -> AttendanceSettingsOut:
    """Get the site's settings for attendance

    `rules` apply to courses without rules of their own. `closures` are days without teaching: a series has no class on
    them. `remarks` are what staff may add to a mark; one with `time` is completed by a time. `reasons` are those of
    excuses. With `excused_needs_reason` nobody gives an E without one; with `reason_after_days` nobody marks a class
    that is more days ago without a remark or reason. `policy` is how courses without a policy of their own count
    percentages.
    """
    return _out(current_services().site_attendance.settings)


@blueprint.patch("/attendance-settings")
@blueprint.input(AttendanceSettingsChange, location="json", arg_name="body")
@blueprint.output(AttendanceSettingsOut)
@describe(blueprint, {409: f"{LOCKED} Or a course for which these rules hold is archived."})
def change_settings(body: AttendanceSettingsChange) -> AttendanceSettingsOut:
    """Change the site's settings for attendance

    What is left out stays; a list replaces the whole list, and null as `reason_after_days` asks for none. New rules
    hold for classes that start from now on, or for all with `since: all`.
    """
    services = current_services()
    before = services.site_attendance.settings
    rules = _rules(body.rules) if body.rules is not None else None
    everything = body.rules is None or body.rules.since == "all"
    after = services.site_attendance.change(
        SettingsChanges(
            rules,
            None if everything else services.time.now(),
            [Closure(each.first_day, each.last_day, each.name) for each in body.closures]
            if body.closures is not None
            else None,
            [Remark(each.code, each.text, each.time) for each in body.remarks] if body.remarks is not None else None,
            body.kiosk_shows_status,
            [ExcuseReason(each.code, each.text) for each in body.reasons] if body.reasons is not None else None,
            body.excused_needs_reason,
            _reason_after(body),
            policy_of(body.policy) if body.policy is not None else None,
        )
    )
    note(**_facts(before, "before"), **_facts(after, "after"))
    return _out(after)


def _reason_after(body: AttendanceSettingsChange) -> int | None:
    """Return the days as they are to change; None if they were left out."""
    if "reason_after_days" not in body.model_fields_set:
        return None
    return NEVER if body.reason_after_days is None else body.reason_after_days


def _rules(body: RulesChange) -> StatusRules:
    late = None if body.late_until is None else body.late_until * MINUTE
    return StatusRules(body.opens_before * MINUTE, body.on_time * MINUTE, late)


def _now(settings: AttendanceSettings) -> StatusRules:
    return rules_in_force(current_services().time.now(), settings.rules)


def _facts(settings: AttendanceSettings, when: str) -> dict[str, str | bool | int | None]:
    closures = (f"{each.first_day}..{each.last_day} {each.name}" for each in settings.closures)
    return {
        f"rules_{when}": in_words(_now(settings)),
        f"closures_{when}": "; ".join(closures),
        f"remarks_{when}": "; ".join(each.code for each in settings.remarks),
        f"kiosk_shows_status_{when}": settings.kiosk_shows_status,
        f"reasons_{when}": "; ".join(each.code for each in settings.reasons),
        f"excused_needs_reason_{when}": settings.excused_needs_reason,
        f"reason_after_days_{when}": settings.reason_after_days,
        f"policy_{when}": policy_in_words(settings.policy),
    }


def _out(settings: AttendanceSettings) -> AttendanceSettingsOut:
    return AttendanceSettingsOut(
        rules=rules_out(_now(settings)),
        closures=[
            ClosureOut(first_day=each.first_day, last_day=each.last_day, name=each.name) for each in settings.closures
        ],
        remarks=[RemarkOut(code=each.code, text=each.text, time=each.time) for each in settings.remarks],
        kiosk_shows_status=settings.kiosk_shows_status,
        reasons=[ExcuseReasonOut(code=each.code, text=each.text) for each in settings.reasons],
        excused_needs_reason=settings.excused_needs_reason,
        reason_after_days=settings.reason_after_days,
        policy=policy_out(settings.policy),
    )
