"""What a site decides about attendance as a whole, and changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from secure_attend.attendance.courses.attendance_settings import (
    ATTENDANCE_SETTINGS,
    AttendanceSettings,
    Closure,
    ExcuseReason,
    Remark,
    attendance_settings,
    settings_document,
)
from secure_attend.attendance.courses.course_input import check_rules
from secure_attend.attendance.courses.field_faults import CODE_LENGTH, FieldFaults
from secure_attend.attendance.courses.percentage_policy import PercentagePolicy, check_policy
from secure_attend.attendance.courses.rules import StatusRules, with_rules
from secure_attend.storage.ports import Documents

MOST_CLOSURES = 200
MOST_REMARKS = 50
MOST_DAYS = 366
NEVER = -1
"""Days after which a reason is needed, where none is."""
_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")
Named = TypeVar("Named", Remark, ExcuseReason)


@dataclass(frozen=True)
class SettingsChanges:
    """What is to change; None stays. `rules` hold for meetings from `rules_since` (UTC) on; None: for all. With `NEVER`
    as `reason_after_days`, no mark needs a reason for its age."""

    rules: StatusRules | None = None
    rules_since: datetime | None = None
    closures: Sequence[Closure] | None = None
    remarks: Sequence[Remark] | None = None
    kiosk_shows_status: bool | None = None
    reasons: Sequence[ExcuseReason] | None = None
    excused_needs_reason: bool | None = None
    reason_after_days: int | None = None
    policy: PercentagePolicy | None = None


class SiteAttendance:
    """Reads and changes the site's settings for attendance."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    @property
    def settings(self) -> AttendanceSettings:
        """The settings, or the defaults."""
        return attendance_settings(self._documents)

    @property
    def version(self) -> int:
        """The version of the settings: 0 while they are the defaults."""
        document = self._documents.get(ATTENDANCE_SETTINGS.name, "site")
        return document.version if document is not None else 0

    def change(self, changes: SettingsChanges, version: int | None = None) -> AttendanceSettings:
        """Change the settings. Raises `InvalidInput`, and `Conflict` if they have another version than `version`."""
        known = self.version if version is None else version
        settings = self.settings
        if changes.rules is not None:
            check_rules(changes.rules)
            settings = replace(settings, rules=with_rules(settings.rules, changes.rules, changes.rules_since))
        faults = FieldFaults()
        if changes.closures is not None:
            settings = replace(settings, closures=_closures(faults, changes.closures))
        if changes.remarks is not None:
            _check_codes(faults, changes.remarks, "remarks", "remark")
            settings = replace(settings, remarks=tuple(_named(faults, each, "remark") for each in changes.remarks))
        settings = _with_reasons(faults, settings, changes)
        if changes.kiosk_shows_status is not None:
            settings = replace(settings, kiosk_shows_status=changes.kiosk_shows_status)
        faults.refuse()
        if changes.policy is not None:
            check_policy(changes.policy, settings.remark_codes)
            settings = replace(settings, policy=changes.policy)
        self._documents.write([settings_document(settings, known)])
        return settings


def _closures(faults: FieldFaults, closures: Sequence[Closure]) -> tuple[Closure, ...]:
    if len(closures) > MOST_CLOSURES:
        faults.add("closures", f"The calendar has at most {MOST_CLOSURES} closures.")
        return ()
    for closure in closures:
        faults.days(closure.first_day, closure.last_day)
    named = [replace(each, name=faults.line("name", each.name, "name of the closure")) for each in closures]
    return tuple(sorted(named, key=lambda each: (each.first_day, each.last_day)))


def _with_reasons(faults: FieldFaults, settings: AttendanceSettings, changes: SettingsChanges) -> AttendanceSettings:
    """Return the settings with the reasons for excuses, and when one is needed."""
    if changes.reasons is not None:
        _check_codes(faults, changes.reasons, "reasons", "reason")
        settings = replace(settings, reasons=tuple(_named(faults, each, "reason") for each in changes.reasons))
    if changes.excused_needs_reason is not None:
        settings = replace(settings, excused_needs_reason=changes.excused_needs_reason)
    if changes.reason_after_days is not None:
        after = changes.reason_after_days
        if not NEVER <= after <= MOST_DAYS:
            faults.add("reason_after_days", f"Use 0 to {MOST_DAYS} days, or leave it out.")
        settings = replace(settings, reason_after_days=None if after == NEVER else after)
    if not {each.code for each in settings.remarks}.isdisjoint(each.code for each in settings.reasons):
        faults.add("code", "A remark and a reason have the same code. Give each its own.")
    if settings.excused_needs_reason and not settings.reasons:
        faults.add("reasons", "Excuses need a reason, so the list must have one.")
    return settings


def _check_codes(faults: FieldFaults, listed: Sequence[Remark | ExcuseReason], field: str, what: str) -> None:
    if len(listed) > MOST_REMARKS:
        faults.add(field, f"The list has at most {MOST_REMARKS} {field}.")
    if any(_CODE.fullmatch(each.code) is None for each in listed):
        faults.add("code", f"The code of a {what} has small letters, digits and underscores only.")
    if len({each.code for each in listed}) < len(listed):
        faults.add("code", f"Two {field} have the same code. Give each its own.")


def _named(faults: FieldFaults, named: Named, what: str) -> Named:
    return replace(named, text=faults.line("text", named.text, what, CODE_LENGTH))
