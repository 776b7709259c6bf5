"""Why a cell is what it is. Each code is a sentence in `static/i18n/en.json`, under `why`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from secure_attend.attendance.meetings.local_time import clock_time, zone_named
from secure_attend.attendance.meetings.meeting import Meeting


@dataclass(frozen=True)
class Reason:
    """`params` are what the sentence names: local times of the meeting's zone, as `10:04`."""

    code: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def reason(code: str, meeting: Meeting, **moments: datetime) -> Reason:
    """Return the reason, with moments (UTC) as clocks at the meeting show them."""
    zone = zone_named(meeting.zone)
    if not moments or zone is None:
        return Reason(code)
    return Reason(code, {name: f"{clock_time(moment, zone):%H:%M}" for name, moment in moments.items()})
