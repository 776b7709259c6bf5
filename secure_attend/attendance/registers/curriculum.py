"""What is taught to whom, as registers need it: made from the documents, and made again only where they changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from secure_attend.attendance.courses.attendance_settings import (
    ATTENDANCE_SETTINGS,
    AttendanceSettings,
    settings_of,
)
from secure_attend.attendance.courses.course import COURSES, Course, course_of
from secure_attend.attendance.courses.membership import MEMBERSHIPS, Membership, membership_of
from secure_attend.attendance.courses.percentage_policy import PercentagePolicy
from secure_attend.attendance.courses.rules import rules_in_force
from secure_attend.attendance.meetings.meeting import MEETINGS, meeting_of
from secure_attend.attendance.meetings.meetings import unknown_meeting
from secure_attend.attendance.registers.register import Timetable
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.errors import NotFound
from secure_attend.storage.documents import Document
from secure_attend.storage.kept_documents import DocumentView

KINDS = (COURSES.name, MEMBERSHIPS.name, MEETINGS.name, ATTENDANCE_SETTINGS.name)
"""The kinds of documents that it is made from."""


@dataclass(frozen=True)
class Curriculum:
    """Courses, their meetings with the rules in force, and memberships by course and by student."""

    settings: AttendanceSettings = field(default_factory=AttendanceSettings)
    courses: Mapping[str, Course] = field(default_factory=dict, repr=False)
    timetable: Timetable = field(default_factory=lambda: Timetable(()), repr=False)
    meetings: Mapping[str, tuple[RuledMeeting, ...]] = field(default_factory=dict, repr=False)
    members: Mapping[str, tuple[Membership, ...]] = field(default_factory=dict, repr=False)
    memberships: Mapping[str, Mapping[str, Membership]] = field(default_factory=dict, repr=False)

    def course(self, key: str) -> Course:
        """Return a course. Raises `NotFound` if it was deleted meanwhile."""
        course = self.courses.get(key)
        if course is None:
            raise NotFound("unknown_course", "This course doesn't exist. The list may have changed, so refresh it.")
        return course

    def policy(self, course: str) -> PercentagePolicy:
        """Return how a course counts attendance: its own policy, or the site's."""
        own = self.courses[course].policy
        return own if own is not None else self.settings.policy

    def meeting(self, key: str) -> RuledMeeting:
        """Return a meeting with its rules. Raises `NotFound` if it was removed meanwhile."""
        ruled = self.timetable.by_key.get(key)
        if ruled is None:
            raise unknown_meeting()
        return ruled


class Curricula:
    """Makes the curriculum of a view of the documents, and keeps the last one."""

    def __init__(self) -> None:
        self._last: tuple[DocumentView, Curriculum] | None = None
        self._members: dict[str, tuple[Document, Membership]] = {}

    def of(self, view: DocumentView) -> Curriculum:
        """Return the curriculum of this view: the very same as before, if nothing of it changed."""
        if self._last is not None and all(view.kinds[kind] is self._last[0].kinds[kind] for kind in KINDS):
            return self._last[1]
        made = self._made(view)
        self._last = view, made
        return made

    def _made(self, view: DocumentView) -> Curriculum:
        courses = {key: course_of(document) for key, document in view.kinds[COURSES.name].items()}
        kept = next(iter(view.kinds[ATTENDANCE_SETTINGS.name].values()), None)
        settings = settings_of(kept) if kept is not None else AttendanceSettings()
        timetable = Timetable(tuple(_ruled(view, courses, settings)))
        meetings: dict[str, list[RuledMeeting]] = defaultdict(list)
        for ruled in sorted(timetable.meetings, key=lambda each: (each.starts_at, each.meeting.key)):
            meetings[ruled.meeting.course].append(ruled)
        by_course: dict[str, list[Membership]] = defaultdict(list)
        by_student: dict[str, dict[str, Membership]] = defaultdict(dict)
        for membership in self._memberships(view):
            by_course[membership.course].append(membership)
            by_student[membership.student][membership.course] = membership
        return Curriculum(
            settings,
            courses,
            timetable,
            {course: tuple(each) for course, each in meetings.items()},
            {course: tuple(each) for course, each in by_course.items()},
            by_student,
        )

    def _memberships(self, view: DocumentView) -> list[Membership]:
        """Return all memberships. Those whose documents are the same are not read again."""
        known = self._members
        self._members = {
            key: before if (before := known.get(key)) is not None and before[0] is document else _membership(document)
            for key, document in view.kinds[MEMBERSHIPS.name].items()
        }
        return [membership for _, membership in self._members.values()]


def _membership(document: Document) -> tuple[Document, Membership]:
    return document, membership_of(document)


def _ruled(view: DocumentView, courses: Mapping[str, Course], settings: AttendanceSettings) -> list[RuledMeeting]:
    meetings = map(meeting_of, view.kinds[MEETINGS.name].values())
    return [
        RuledMeeting(meeting, rules_in_force(meeting.starts_at, courses[meeting.course].rules, settings.rules))
        for meeting in meetings
        if meeting.course in courses
    ]
