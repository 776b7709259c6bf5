"""What a site decides about attendance as a whole, and changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from secure_attend.attendance.courses.attendance_settings import (
    ATTENDANCE_SETTINGS,
    AttendanceSettings,
    Closure,
    Remark,
    attendance_settings,
    settings_document,
)
from secure_attend.attendance.courses.course_input import check_rules
from secure_attend.attendance.courses.field_faults import CODE_LENGTH, FieldFaults
from secure_attend.attendance.courses.rules import StatusRules, with_rules
from secure_attend.storage.ports import Documents

MOST_CLOSURES = 200
MOST_REMARKS = 50
_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True)
class SettingsChanges:
    """What is to change; None stays. `rules` hold for meetings from `rules_since` (UTC) on; None: for all."""

    rules: StatusRules | None = None
    rules_since: datetime | None = None
    closures: Sequence[Closure] | None = None
    remarks: Sequence[Remark] | None = None
    kiosk_shows_status: bool | None = None


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
            settings = replace(settings, remarks=_remarks(faults, changes.remarks))
        if changes.kiosk_shows_status is not None:
            settings = replace(settings, kiosk_shows_status=changes.kiosk_shows_status)
        faults.refuse()
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


def _remarks(faults: FieldFaults, remarks: Sequence[Remark]) -> tuple[Remark, ...]:
    if len(remarks) > MOST_REMARKS:
        faults.add("remarks", f"The list has at most {MOST_REMARKS} remarks.")
        return ()
    for remark in remarks:
        if _CODE.fullmatch(remark.code) is None:
            faults.add("code", "The code of a remark has small letters, digits and underscores only.")
    if len({remark.code for remark in remarks}) < len(remarks):
        faults.add("code", "Two remarks have the same code. Give each its own.")
    return tuple(replace(each, text=faults.line("text", each.text, "remark", CODE_LENGTH)) for each in remarks)
