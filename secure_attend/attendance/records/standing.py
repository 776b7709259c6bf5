"""What a check-in comes to, for the student who made it: the status in each class, or why it counts for none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.registers.current_meetings import CurrentMeetings, MeetingsNow, open_at
from secure_attend.attendance.registers.facts import (
    CheckInSeen,
    check_in_seen,
    excuse_of,
    mark_seen,
    newest_marks,
    standing_excuses,
)
from secure_attend.attendance.registers.register import PersonFacts, Timetable
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Status, cell
from secure_attend.attendance.site_time import SiteTime
from secure_attend.storage.ports import AttendanceLog
from secure_attend.storage.values import Record

StandingKind = Literal["counted", "other_room", "other_group", "not_a_member", "no_class"]
_MARKED_BEFORE = timedelta(days=7)
"""Marks that staff made up to this long before a class are read for the greeting. The register reads all."""


@dataclass(frozen=True)
class ClassStanding:
    """A class that a check-in concerns. `status` is None where the kiosk does not say it, or there is none."""

    course: Course
    ruled: RuledMeeting
    status: Status | None = None


@dataclass(frozen=True)
class Standing:
    """`counted`: `classes` are those the check-in counts for. Otherwise it is kept and offered to the lecturer, and
    `classes` are those it may have been meant for: the student's own in another room, one here for other groups, one
    here whose list does not name the student; none for `no_class`."""

    kind: StandingKind
    classes: tuple[ClassStanding, ...] = ()


class Standings:
    """Says what a check-in comes to."""

    def __init__(self, log: AttendanceLog, meetings: MeetingsNow, time: SiteTime) -> None:
        self._log = log
        self._meetings = meetings
        self._time = time

    def of(self, record: Record) -> Standing | None:
        """Return what the check-in comes to now; None on a site without courses, or if the record names nobody."""
        current = self._meetings.look()
        if not current.any_course or record.person is None:
            return None
        check_in = check_in_seen(record)
        timetable, facts = current.of(record.person)
        counted = timetable.counted_meetings(facts, check_in)
        if not counted:
            return _uncounted(current, timetable, facts, check_in)
        if current.settings.kiosk_shows_status:
            facts = self._with_records(facts, timetable, counted)
        return Standing("counted", tuple(self._class(current, timetable, facts, ruled) for ruled in _by_start(counted)))

    def _class(
        self, current: CurrentMeetings, timetable: Timetable, facts: PersonFacts, ruled: RuledMeeting
    ) -> ClassStanding:
        course = current.courses[ruled.meeting.course]
        if not current.settings.kiosk_shows_status:
            return ClassStanding(course, ruled)
        place = cell(ruled, timetable.facts(ruled, facts), taken=True, now=self._time.now())
        if place.status == "absent":  # seldom, so only then are all of the student's records read
            excuses = standing_excuses(self._log.records(person=facts.person)).values()
            excused = replace(facts, excuses=tuple(map(excuse_of, excuses)))
            place = cell(ruled, timetable.facts(ruled, excused), taken=True, now=self._time.now())
        return ClassStanding(course, ruled, place.status)

    def _with_records(self, facts: PersonFacts, timetable: Timetable, counted: Sequence[RuledMeeting]) -> PersonFacts:
        """Return the facts with the student's check-ins and marks that may decide these meetings."""
        since = min(timetable.opens(ruled, facts) for ruled in counted) - _MARKED_BEFORE
        records = list(self._log.records(person=facts.person, since=since))
        cancelled = {record.cancels for record in records}
        check_ins = [check_in_seen(each) for each in records if each.is_check_in and each.id not in cancelled]
        marks = newest_marks([mark for mark in map(mark_seen, records) if mark is not None])
        return replace(
            facts,
            check_ins=tuple(sorted(check_ins, key=lambda each: (each.time, each.number))),
            marks={meeting: mark for (meeting, _), mark in marks.items()},
        )


def _uncounted(current: CurrentMeetings, timetable: Timetable, facts: PersonFacts, check_in: CheckInSeen) -> Standing:
    """Return why the check-in counts for no class of the student's: the likeliest reason first."""
    mine = [
        ruled
        for ruled in open_at(timetable.meetings, check_in.time)
        if not ruled.meeting.cancelled and facts.place_in(ruled.meeting) == "member"
    ]
    here = open_at(current.served(check_in.room), check_in.time)
    other_groups = [ruled for ruled in here if facts.place_in(ruled.meeting) == "other_group"]
    found: tuple[tuple[StandingKind, list[RuledMeeting]], ...] = (
        ("other_room", mine),
        ("other_group", other_groups),
        ("not_a_member", here),
    )
    for kind, meetings in found:
        if meetings:
            shown = _by_start(meetings)
            return Standing(kind, tuple(ClassStanding(current.courses[each.meeting.course], each) for each in shown))
    return Standing("no_class")


def _by_start(meetings: Sequence[RuledMeeting]) -> list[RuledMeeting]:
    return sorted(meetings, key=lambda ruled: (ruled.starts_at, ruled.meeting.key))
