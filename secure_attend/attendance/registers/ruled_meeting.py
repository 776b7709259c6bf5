"""A meeting with the rules in force for it: the moments that decide a status."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from secure_attend.attendance.courses.rules import StatusRules
from secure_attend.attendance.meetings.kiosk_settings import serves
from secure_attend.attendance.meetings.meeting import Meeting, Phase
from secure_attend.attendance.registers.facts import CheckInSeen

LONGEST_OPEN = timedelta(hours=24)
"""A meeting takes check-ins for less than this from its start: shorter is checked when times are set."""


@dataclass(frozen=True)
class RuledMeeting:
    """All moments are UTC. The bounds are included: a check-in at `on_time_end` is on time. `locked`: nobody may change
    anything about it."""

    meeting: Meeting
    rules: StatusRules
    locked: bool = False

    @cached_property
    def opens_at(self) -> datetime:
        """When check-in opens for somebody without an earlier meeting."""
        return self.meeting.opens_at(self.rules)

    @property
    def starts_at(self) -> datetime:
        """The start."""
        return self.meeting.starts_at

    @property
    def closes_at(self) -> datetime:
        """The end of check-in."""
        return self.meeting.closes_at

    @cached_property
    def on_time_end(self) -> datetime:
        """Up to then a check-in is on time."""
        wanted = self.meeting.on_time_until
        return min(wanted if wanted is not None else self.starts_at + self.rules.on_time, self.closes_at)

    @cached_property
    def late_end(self) -> datetime:
        """Up to then a check-in counts."""
        limit = self.rules.late_until
        return self.closes_at if limit is None else max(self.on_time_end, min(self.starts_at + limit, self.closes_at))

    @cached_property
    def over_at(self) -> datetime:
        """Up to then a check-in is shown with the meeting, even if it no longer counts: it was made in class."""
        return max(self.meeting.ends_at, self.closes_at)

    def phase(self, now: datetime) -> Phase:
        """Return what the meeting is at this moment."""
        return self.meeting.phase(now, self.rules)

    def takes(self, check_in: CheckInSeen, opens: datetime) -> bool:
        """Return whether a check-in concerns this meeting, if check-in opens at `opens` for that student."""
        return opens <= check_in.time <= self.over_at and serves(check_in.room, self.meeting.room)

    def same_block(self, other: RuledMeeting) -> bool:
        """Return whether one check-in serves both."""
        return self.meeting.served_with is not None and self.meeting.served_with == other.meeting.served_with


def opening(ruled: RuledMeeting, others: Iterable[RuledMeeting]) -> datetime:
    """Return when check-in opens for a student whose other meetings are `others`.

    It does not open before the end of an earlier meeting that is still open, and opens at the start at the latest.
    In a block, the opening of the first meeting serves all.
    """
    held = [other for other in others if not other.meeting.cancelled and other.meeting.key != ruled.meeting.key]
    block = [ruled, *(other for other in held if ruled.same_block(other))]
    first = min(block, key=lambda each: (each.starts_at, each.meeting.key))
    earlier = (other.closes_at for other in held if other.starts_at < first.starts_at and not other.same_block(first))
    return max(first.opens_at, min(first.starts_at, max(earlier, default=first.opens_at)))


def blocks_of(meetings: Iterable[RuledMeeting]) -> Mapping[tuple[str, date] | None, list[RuledMeeting]]:
    """Return the meetings that one check-in serves together, by what they have in common (`served_with`)."""
    blocks: dict[tuple[str, date] | None, list[RuledMeeting]] = defaultdict(list)
    for each in meetings:
        if each.meeting.served_with is not None:
            blocks[each.meeting.served_with].append(each)
    return blocks


def rivals(meetings: Sequence[RuledMeeting]) -> Mapping[str, tuple[RuledMeeting, ...]]:
    """Return, by meeting's key, the others that may decide when its check-in opens. `opening` gives the same with them
    as with all; most meetings have none."""
    ordered = sorted(meetings, key=lambda each: each.starts_at)
    starts = [each.starts_at for each in ordered]
    blocks = blocks_of(ordered)

    def earlier(ruled: RuledMeeting) -> list[RuledMeeting]:
        begin = bisect_left(starts, ruled.opens_at - LONGEST_OPEN)
        return [other for other in ordered[begin : bisect_left(starts, ruled.starts_at)] if _reaches(other, ruled)]

    found = {}
    for each in ordered:
        near = [other for mate in blocks.get(each.meeting.served_with, [each]) for other in (mate, *earlier(mate))]
        found[each.meeting.key] = tuple({other.meeting.key: other for other in near if other is not each}.values())
    return found


def _reaches(earlier: RuledMeeting, later: RuledMeeting) -> bool:
    return earlier.closes_at > later.opens_at
