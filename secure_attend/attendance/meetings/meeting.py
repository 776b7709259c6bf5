"""A meeting as a value, and as a document. Planned, open and closed are computed from the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from secure_attend.attendance.courses.rules import StatusRules
from secure_attend.attendance.meetings.local_time import moment_of, zone_named
from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.documents import Document, DocumentKind

Phase = Literal["planned", "open", "closed", "cancelled"]
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Meeting:
    """One occasion on which a course meets.

    `starts` and `ends` are naive local times in `zone` (IANA); the moments are computed. `groups` empty: for
    everybody. `counts`: in percentages. `may_be_absent` False: nobody is absent from it (a drop-in). Meetings with one
    `block` on one day are served by one check-in; those with one `series` were planned together.

    `closes` (UTC) replaces the end of check-in: closed early, extended or reopened. `on_time_until` (UTC) replaces the
    rule for this meeting ("queue"). `held`: staff said that it was. `kiosks_silent`: its kiosks were not heard of for
    minutes while it took check-ins, so staff are asked to check it once it is closed.
    """

    key: str
    course: str
    title: str
    starts: datetime
    ends: datetime
    zone: str
    room: str | None = None
    groups: frozenset[str] = frozenset()
    counts: bool = True
    may_be_absent: bool = True
    block: str | None = None
    series: str | None = None
    cancelled: bool = False
    closes: datetime | None = None
    on_time_until: datetime | None = None
    held: bool | None = None
    kiosks_silent: bool = False

    @property
    def day(self) -> date:
        """The local date on which it starts."""
        return self.starts.date()

    @property
    def served_with(self) -> tuple[str, date] | None:
        """What meetings that one check-in serves have in common; None for one alone. A meeting of a block that was
        moved to another day is alone there."""
        return (self.block, self.day) if self.block is not None else None

    @cached_property
    def starts_at(self) -> datetime:
        """The start, in UTC."""
        return moment_of(self.starts, self._zone)

    @cached_property
    def ends_at(self) -> datetime:
        """The planned end, in UTC. Where a change of clocks leaves no time between start and end, it lasts as long as
        its local times say."""
        ends_at = moment_of(self.ends, self._zone)
        return ends_at if ends_at > self.starts_at else self.starts_at + (self.ends - self.starts)

    @property
    def closes_at(self) -> datetime:
        """The end of check-in, in UTC."""
        return self.closes if self.closes is not None else self.ends_at

    def opens_at(self, rules: StatusRules) -> datetime:
        """Return when check-in opens for somebody without an earlier meeting, in UTC."""
        return self.starts_at - rules.opens_before

    def phase(self, now: datetime, rules: StatusRules) -> Phase:
        """Return what the meeting is at this moment."""
        if self.cancelled:
            return "cancelled"
        if now >= self.closes_at:
            return "closed"
        return "open" if now >= self.opens_at(rules) else "planned"

    @property
    def _zone(self) -> ZoneInfo:
        return zone_named(self.zone) or _UTC


def meeting_value(meeting: Meeting) -> dict[str, object]:
    """Return the meeting as documents hold it."""
    return {
        "course": meeting.course,
        "title": meeting.title,
        "starts": meeting.starts.isoformat(),
        "ends": meeting.ends.isoformat(),
        "zone": meeting.zone,
        "room": meeting.room,
        "groups": sorted(meeting.groups),
        "counts": meeting.counts,
        "may_be_absent": meeting.may_be_absent,
        "block": meeting.block,
        "series": meeting.series,
        "cancelled": meeting.cancelled,
        "closes": to_text(meeting.closes) if meeting.closes is not None else None,
        "on_time_until": to_text(meeting.on_time_until) if meeting.on_time_until is not None else None,
        "held": meeting.held,
        "kiosks_silent": meeting.kiosks_silent,
    }


MEETINGS = DocumentKind(
    "meetings",
    erasing="drop",
    example=meeting_value(
        Meeting(
            "key of the meeting",
            "key of the course",
            "Lecture 1",
            datetime.fromisoformat("2026-10-12T10:00"),
            datetime.fromisoformat("2026-10-12T11:30"),
            "Europe/Berlin",
            "Hall B",
            frozenset({"key of the group"}),
        )
    ),
)


def meeting_document(meeting: Meeting, version: int = 0) -> Document:
    """Return the meeting as a document, in the place of that with this `version`."""
    return MEETINGS.document(meeting.key, meeting_value(meeting), version=version)


def meeting_of(document: Document) -> Meeting:
    """Return the meeting that a document holds."""
    value = document.value
    return Meeting(
        document.key,
        value["course"],
        value["title"],
        datetime.fromisoformat(value["starts"]),
        datetime.fromisoformat(value["ends"]),
        value["zone"],
        value["room"],
        frozenset(value["groups"]),
        value["counts"],
        value["may_be_absent"],
        value["block"],
        value["series"],
        value["cancelled"],
        from_text(value["closes"]) if value["closes"] is not None else None,
        from_text(value["on_time_until"]) if value["on_time_until"] is not None else None,
        value["held"],
        value["kiosks_silent"],
    )
