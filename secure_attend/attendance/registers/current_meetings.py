"""The meetings around the present, kept in memory: which of them a check-in counts for, and what a kiosk shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from secure_attend.attendance.courses.attendance_settings import (
    ATTENDANCE_SETTINGS,
    AttendanceSettings,
    settings_of,
)
from secure_attend.attendance.courses.course import COURSES, Course, course_of
from secure_attend.attendance.courses.membership import MEMBERSHIPS, membership_key, membership_of
from secure_attend.attendance.meetings.kiosk_settings import (
    EVERY_ROOM,
    KIOSK_SETTINGS,
    kiosk_settings_of,
    room_of_check_in,
    serves,
    site_has_rooms,
)
from secure_attend.attendance.meetings.meeting import MEETINGS, meeting_of
from secure_attend.attendance.registers.facts import CheckInSeen
from secure_attend.attendance.registers.register import PersonFacts, Timetable, with_rules_in_force
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import place_in
from secure_attend.attendance.site_time import SiteTime
from secure_attend.storage.documents import Document
from secure_attend.storage.kept_documents import DocumentView, KeptDocuments
from secure_attend.storage.ports import Documents
from secure_attend.storage.values import Record

_PLANNED = (COURSES.name, MEETINGS.name, ATTENDANCE_SETTINGS.name)
"""The kinds of documents that say when there is a meeting."""
_KINDS = (*_PLANNED, MEMBERSHIPS.name, KIOSK_SETTINGS.name)
_AROUND = timedelta(days=2)
"""Meetings that start this many UTC days before or after now are kept: a meeting is open for less than a day, and local
dates are up to 14 hours from UTC's."""


@dataclass(frozen=True)
class CurrentMeetings:
    """The meetings around one UTC day, as of one version of the documents. `by_course` has the courses that meet then;
    `memberships` and `kiosks` are the documents, by key."""

    day: date
    any_course: bool
    settings: AttendanceSettings
    courses: Mapping[str, Course] = field(repr=False)
    by_course: Mapping[str, tuple[RuledMeeting, ...]] = field(repr=False)
    memberships: Mapping[str, Document] = field(repr=False)
    kiosks: Mapping[str, Document] = field(repr=False)

    def room_of(self, kiosk: str | None) -> str | None:
        """Return the room that a check-in at this kiosk records; without a kiosk, it counts in every room."""
        if kiosk is None:
            return EVERY_ROOM
        own = self.kiosks.get(kiosk)
        settings = kiosk_settings_of(own) if own is not None else None
        return room_of_check_in(settings, rooms=site_has_rooms(map(kiosk_settings_of, self.kiosks.values())))

    def of(self, person: str) -> tuple[Timetable, PersonFacts]:
        """Return the meetings of the courses that this student is or was in, and the memberships."""
        found = ((course, self.memberships.get(membership_key(course, person))) for course in self.by_course)
        memberships = {course: membership_of(document) for course, document in found if document is not None}
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
                for member in map(membership_of, self._members.get(ruled.meeting.course, ()))
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
    def _members(self) -> Mapping[str, list[Document]]:
        """The documents of the memberships, by course."""
        by_course: dict[str, list[Document]] = defaultdict(list)
        for document in self.memberships.values():
            by_course[document.value["course"]].append(document)
        return by_course

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
    """Makes `CurrentMeetings`, and keeps the last. While nothing changes, a look costs one question to the store."""

    def __init__(self, documents: Documents, time: SiteTime) -> None:
        self._kept = KeptDocuments(documents, _KINDS)
        self._time = time
        self._last: tuple[DocumentView, CurrentMeetings] | None = None

    def look(self) -> CurrentMeetings:
        """Return the meetings around now. Don't call it within a transaction. Raises `StorageFailed`."""
        view, day = self._kept.view(), self._time.now().date()
        last = self._last
        if last is not None and last[0] is view and last[1].day == day:
            return last[1]
        current = _followed(last[0], last[1], view, day) if last is not None else _around(view, day)
        self._last = view, current
        return current


def seen(record: Record) -> CheckInSeen:
    """Return a check-in as the derivation reads it."""
    return CheckInSeen(record.id, int(record.id.partition("-")[0]), record.time, record.person or "", record.room)


def open_at(meetings: Iterable[RuledMeeting], moment: datetime) -> list[RuledMeeting]:
    """Return those that take check-ins at this moment."""
    return [ruled for ruled in meetings if ruled.opens_at <= moment < ruled.closes_at]


def _followed(before: DocumentView, current: CurrentMeetings, view: DocumentView, day: date) -> CurrentMeetings:
    """Return the meetings of a later view: if none was planned otherwise, without reading them again."""
    if current.day != day or any(view.kinds[kind] is not before.kinds[kind] for kind in _PLANNED):
        return _around(view, day)
    return replace(current, memberships=view.kinds[MEMBERSHIPS.name], kiosks=view.kinds[KIOSK_SETTINGS.name])


def _around(view: DocumentView, day: date) -> CurrentMeetings:
    first, last = (day - _AROUND).isoformat(), (day + _AROUND).isoformat()
    known = view.kinds[COURSES.name]
    near = [
        meeting_of(document)
        for document in view.kinds[MEETINGS.name].values()
        if first <= document.value["starts"][:10] <= last and document.value["course"] in known
    ]
    courses = {key: course_of(known[key]) for key in {meeting.course for meeting in near}}
    decided = list(view.kinds[ATTENDANCE_SETTINGS.name].values())
    settings = settings_of(decided[0]) if decided else AttendanceSettings()
    by_course: dict[str, list[RuledMeeting]] = defaultdict(list)
    for ruled in with_rules_in_force(near, courses, settings.rules):
        by_course[ruled.meeting.course].append(ruled)
    return CurrentMeetings(
        day,
        bool(known),
        settings,
        courses,
        {course: tuple(meetings) for course, meetings in by_course.items()},
        view.kinds[MEMBERSHIPS.name],
        view.kinds[KIOSK_SETTINGS.name],
    )
