"""What a site decides about attendance as a whole: rules, closures, remarks, reasons. As a value and a document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from secure_attend.attendance.courses.percentage_policy import (
    DEFAULT_POLICY,
    PercentagePolicy,
    RemarkWeight,
    policy_from_json,
    policy_to_json,
)
from secure_attend.attendance.courses.rules import (
    DEFAULT_RULES,
    RulesFrom,
    rules_from_json,
    rules_to_json,
)
from secure_attend.storage.documents import Document, DocumentKind
from secure_attend.storage.ports import Documents

_KEY = "site"


@dataclass(frozen=True)
class Closure:
    """Days on which nothing is taught, both included: a holiday, a break."""

    first_day: date
    last_day: date
    name: str

    def holds_on(self, day: date) -> bool:
        """Return whether the closure includes this day."""
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True)
class Remark:
    """A remark that staff choose for a mark. `code` is stable; a remark with a `time` is completed by one (left early
    at 10:40)."""

    code: str
    text: str
    time: bool = False


@dataclass(frozen=True)
class ExcuseReason:
    """A reason that staff choose for an excuse. `code` is stable."""

    code: str
    text: str


DEFAULT_REMARKS = (
    Remark("left_early", "Left early", time=True),
    Remark("online", "Took part online"),
    Remark("placement", "On placement"),
    Remark("kiosk_failed", "The kiosk did not work"),
    Remark("make_up", "Made up for a missed class"),
)
DEFAULT_REASONS = (
    ExcuseReason("approved", "Approved absence"),
    ExcuseReason("event", "University event"),
    ExcuseReason("duty", "Official duty"),
    ExcuseReason("family", "Family"),
    ExcuseReason("other", "Other"),
)
"""None names an illness, so that a register says nothing about anybody's health."""


@dataclass(frozen=True)
class AttendanceSettings:
    """`rules` and `policy` hold where a course has none of its own; `rules` are in order of `since`.
    `kiosk_shows_status`: whether the kiosk says "late" on its screen. `excused_needs_reason`: no E without a reason.
    `reason_after_days`: no mark and no excuse without a reason for a class that is more days ago; None: never."""

    rules: tuple[RulesFrom, ...] = (RulesFrom(None, DEFAULT_RULES),)
    closures: tuple[Closure, ...] = ()
    remarks: tuple[Remark, ...] = DEFAULT_REMARKS
    kiosk_shows_status: bool = True
    reasons: tuple[ExcuseReason, ...] = DEFAULT_REASONS
    excused_needs_reason: bool = False
    reason_after_days: int | None = None
    policy: PercentagePolicy = DEFAULT_POLICY

    @property
    def remark_codes(self) -> frozenset[str]:
        """The codes of its remarks."""
        return frozenset(remark.code for remark in self.remarks)

    def closed_on(self, day: date) -> Closure | None:
        """Return the closure that includes this day."""
        return next((closure for closure in self.closures if closure.holds_on(day)), None)

    def reason_text(self, kept: str) -> str:
        """Return the words for a remark or reason as records keep it: a code, and the time if it has one. Of a code
        that the lists no longer have, the code."""
        code, _, at = kept.partition(" ")
        texts = {each.code: each.text for each in self.remarks} | {each.code: each.text for each in self.reasons}
        return f"{texts[code]} {at}".rstrip() if code in texts else kept

    def needs_reason(self, day: date, today: date, *, excused: bool) -> bool:
        """Return whether an E, or another mark, of a class on this day needs a reason."""
        old = self.reason_after_days is not None and (today - day).days > self.reason_after_days
        return old or (excused and self.excused_needs_reason)


def _value(settings: AttendanceSettings) -> dict[str, object]:
    return {
        "rules": rules_to_json(settings.rules),
        "closures": [
            {
                "first_day": closure.first_day.isoformat(),
                "last_day": closure.last_day.isoformat(),
                "name": closure.name,
            }
            for closure in settings.closures
        ],
        "remarks": [{"code": remark.code, "text": remark.text, "time": remark.time} for remark in settings.remarks],
        "kiosk_shows_status": settings.kiosk_shows_status,
        "reasons": [{"code": each.code, "text": each.text} for each in settings.reasons],
        "excused_needs_reason": settings.excused_needs_reason,
        "reason_after_days": settings.reason_after_days,
        "policy": policy_to_json(settings.policy),
    }


ATTENDANCE_SETTINGS = DocumentKind(
    "attendance_settings",
    erasing="drop",
    example=_value(
        AttendanceSettings(
            closures=(Closure(date(2026, 12, 24), date(2027, 1, 3), "Winter break"),),
            policy=PercentagePolicy(remarks=(RemarkWeight("left_early", 500),)),
        )
    ),
)


def attendance_settings(documents: Documents) -> AttendanceSettings:
    """Return the site's settings, or the defaults."""
    document = documents.get(ATTENDANCE_SETTINGS.name, _KEY)
    return settings_of(document) if document is not None else AttendanceSettings()


def settings_document(settings: AttendanceSettings, version: int = 0) -> Document:
    """Return the settings as a document, in the place of that with this `version`."""
    return ATTENDANCE_SETTINGS.document(_KEY, _value(settings), version=version)


def settings_of(document: Document) -> AttendanceSettings:
    """Return the settings that a document holds."""
    value = document.value
    return AttendanceSettings(
        rules_from_json(value["rules"]),
        tuple(
            Closure(date.fromisoformat(each["first_day"]), date.fromisoformat(each["last_day"]), each["name"])
            for each in value["closures"]
        ),
        tuple(Remark(each["code"], each["text"], each["time"]) for each in value["remarks"]),
        value["kiosk_shows_status"],
        tuple(ExcuseReason(each["code"], each["text"]) for each in value["reasons"])
        if "reasons" in value
        else DEFAULT_REASONS,
        value.get("excused_needs_reason", False),
        value.get("reason_after_days"),
        policy_from_json(value["policy"]) if "policy" in value else DEFAULT_POLICY,
    )
