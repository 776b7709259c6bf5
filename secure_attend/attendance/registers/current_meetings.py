"""The meetings around the present, kept in memory: which of them a check-in counts for, and what a kiosk shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from secure_attend.attendance.courses.attendance_settings import AttendanceSettings
from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.meetings.kiosk_settings import serves
from secure_attend.attendance.registers.curriculum import Curricula, Curriculum
from secure_attend.attendance.registers.facts import CheckInSeen
from secure_attend.attendance.registers.register import PersonFacts, Timetable
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import place_in
from secure_attend.attendance.site_time import SiteTime
from secure_attend.storage.values import EVERY_ROOM

_AROUND = timedelta(days=2)
"""Meetings that start this many UTC days before or after now are kept: a meeting is open for less than a day, and local
dates are up to 14 hours from UTC's."""


@dataclass(frozen=True)
class CurrentMeetings:
    """The meetings around one UTC day, by course."""

    day: date
    curriculum: Curriculum = field(repr=False)
    by_course: Mapping[str, tuple[RuledMeeting, ...]] = field(repr=False)

    @property
    def any_course(self) -> bool:
        """Whether the site has a course."""
        return bool(self.curriculum.courses)

    @property
    def settings(self) -> AttendanceSettings:
        """What the site decided for all courses."""
        return self.curriculum.settings

    @property
    def courses(self) -> Mapping[str, Course]:
        """The site's courses, by key."""
        return self.curriculum.courses

    def room_of(self, kiosk: str | None) -> str | None:
        """Return the room that a check-in at this kiosk records; without a kiosk, it counts in every room."""
        return EVERY_ROOM if kiosk is None else self.curriculum.room_of(kiosk)

    def of(self, person: str) -> tuple[Timetable, PersonFacts]:
        """Return the meetings of the courses that this student is or was in, and the memberships."""
        known = self.curriculum.memberships.get(person, {})
        memberships = {course: membership for course, membership in known.items() if course in self.by_course}
        meetings = tuple(ruled for course in memberships for ruled in self.by_course[course])
        return Timetable(meetings), PersonFacts(person, memberships)

    def counted(self, check_in: CheckInSeen) -> frozenset[str]:
        """Return the keys of the student's meetings that this check-in counts for."""
        timetable, facts = self.of(check_in.person)
        return frozenset(ruled.meeting.key for ruled in timetable.counted_meetings(facts, check_in))

    def in_class(self, room: str | None, now: datetime) -> frozenset[str]:
        """Return the keys of the students whose meetings take check-ins by face in this room now. What they checked in
        for already makes no difference."""
        open_here = [ruled for ruled in self._open(room, now) if self._uses_faces(ruled)]
        meetings = tuple(ruled.meeting.key for ruled in open_here)
        named = self._lists.get(meetings)
        if named is None:
            named = self._lists[meetings] = frozenset(
                member.student
                for ruled in open_here
                for member in self.curriculum.members.get(ruled.meeting.course, ())
                if place_in(member, ruled.meeting) == "member"
            )
        return named

    def takes_faces(self, room: str | None, now: datetime) -> bool:
        """Return whether anybody may check in by face in this room now: unless all that is open here does without."""
        open_here = self._open(room, now)
        return not open_here or any(map(self._uses_faces, open_here))

    def takes_face(self, check_in: CheckInSeen) -> bool:
        """Return whether this check-in may be by face: unless all that it counts for does without."""
        timetable, facts = self.of(check_in.person)
        counted = timetable.counted_meetings(facts, check_in)
        return not counted or any(map(self._uses_faces, counted))

    def _uses_faces(self, ruled: RuledMeeting) -> bool:
        return self.courses[ruled.meeting.course].faces

    def _open(self, room: str | None, now: datetime) -> list[RuledMeeting]:
        """Return the meetings that take check-ins in this room now."""
        return [
            ruled for opens, closes, ruled in self._held if opens <= now < closes and serves(room, ruled.meeting.room)
        ]

    @cached_property
    def _held(self) -> list[tuple[datetime, datetime, RuledMeeting]]:
        """The meetings that are not called off, with when they open and close."""
        return [(ruled.opens_at, ruled.closes_at, ruled) for ruled in self.served(EVERY_ROOM)]

    @cached_property
    def _lists(self) -> dict[tuple[str, ...], frozenset[str]]:
        """Whom the lists of meetings that were open at once name, as far as somebody asked."""
        return {}

    def served(self, room: str | None) -> list[RuledMeeting]:
        """Return the meetings that check-ins in this room may count for, by start, without those called off."""
        found = (
            ruled
            for course, meetings in self.by_course.items()
            if not self.courses[course].archived
            for ruled in meetings
            if not ruled.meeting.cancelled and serves(room, ruled.meeting.room)
        )
        return sorted(found, key=lambda ruled: (ruled.starts_at, ruled.meeting.key))


class MeetingsNow:
    """Chooses `CurrentMeetings` from what is taught, and keeps the last. While nothing changes, a look costs one
    question to the store."""

    def __init__(self, curricula: Curricula, time: SiteTime) -> None:
        self._curricula = curricula
        self._time = time
        self._last: CurrentMeetings | None = None

    def look(self) -> CurrentMeetings:
        """Return the meetings around now. Don't call it within a transaction. Raises `StorageFailed`."""
        curriculum, day, last = self._curricula.now(), self._time.now().date(), self._last
        if last is not None and last.curriculum is curriculum and last.day == day:
            return last
        same = last is not None and last.curriculum.timetable is curriculum.timetable and last.day == day
        by_course = last.by_course if last is not None and same else _around(curriculum, day)
        self._last = CurrentMeetings(day, curriculum, by_course)
        return self._last


def open_at(meetings: Iterable[RuledMeeting], moment: datetime) -> list[RuledMeeting]:
    """Return those that take check-ins at this moment."""
    return [ruled for ruled in meetings if ruled.opens_at <= moment < ruled.closes_at]


def _around(curriculum: Curriculum, day: date) -> dict[str, tuple[RuledMeeting, ...]]:
    near: dict[str, list[RuledMeeting]] = defaultdict(list)
    for ruled in curriculum.timetable.meetings:
        if abs(ruled.meeting.day - day) <= _AROUND:
            near[ruled.meeting.course].append(ruled)
    return {course: tuple(meetings) for course, meetings in near.items()}
