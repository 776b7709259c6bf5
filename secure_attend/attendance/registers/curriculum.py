"""What is taught to whom, and where kiosks are: made from the documents, and made again only where they changed."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from secure_attend.attendance.courses.attendance_settings import (
    ATTENDANCE_SETTINGS,
    AttendanceSettings,
    settings_of,
)
from secure_attend.attendance.courses.course import COURSES, Course, course_of
from secure_attend.attendance.courses.lock import LOCKS, Lock, lock_of
from secure_attend.attendance.courses.membership import MEMBERSHIPS, Membership, membership_of
from secure_attend.attendance.courses.percentage_policy import PercentagePolicy, in_force
from secure_attend.attendance.courses.period import Period
from secure_attend.attendance.meetings.kiosk_settings import (
    KIOSK_SETTINGS,
    KioskSettings,
    kiosk_settings_of,
    room_of_check_in,
    site_has_rooms,
)
from secure_attend.attendance.meetings.meeting import MEETINGS, meeting_of
from secure_attend.attendance.meetings.meetings import unknown_meeting
from secure_attend.attendance.registers.register import Timetable, with_rules_in_force
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.errors import NotFound
from secure_attend.storage.documents import Document
from secure_attend.storage.kept_documents import DocumentView, KeptDocuments

_PLANNED = (COURSES.name, MEETINGS.name, ATTENDANCE_SETTINGS.name, LOCKS.name)
"""The kinds of documents that say when there is a meeting, and whether it may still change."""
KINDS = (*_PLANNED, MEMBERSHIPS.name, KIOSK_SETTINGS.name)
"""The kinds of documents that a curriculum is made from."""
Value = TypeVar("Value")


@dataclass(frozen=True)
class Curriculum:
    """Courses, their meetings with the rules in force, memberships by course and by student, the settings of kiosks by
    key, and how courses with locked days count."""

    settings: AttendanceSettings = field(default_factory=AttendanceSettings)
    courses: Mapping[str, Course] = field(default_factory=dict, repr=False)
    timetable: Timetable = field(default_factory=lambda: Timetable(()), repr=False)
    meetings: Mapping[str, tuple[RuledMeeting, ...]] = field(default_factory=dict, repr=False)
    members: Mapping[str, tuple[Membership, ...]] = field(default_factory=dict, repr=False)
    memberships: Mapping[str, Mapping[str, Membership]] = field(default_factory=dict, repr=False)
    kiosks: Mapping[str, KioskSettings] = field(default_factory=dict, repr=False)
    locked_policies: Mapping[str, PercentagePolicy] = field(default_factory=dict, repr=False)

    def course(self, key: str) -> Course:
        """Return a course. Raises `NotFound` if it was deleted meanwhile."""
        course = self.courses.get(key)
        if course is None:
            raise NotFound("unknown_course", "This course doesn't exist. The list may have changed, so refresh it.")
        return course

    def policy(self, course: str) -> PercentagePolicy:
        """Return how a course counts attendance: its own policy, or the site's. While days are locked, it counts as it
        did when they were locked first."""
        return in_force(self.courses[course].policy, self.settings.policy, self.locked_policies.get(course))

    def meeting(self, key: str) -> RuledMeeting:
        """Return a meeting with its rules. Raises `NotFound` if it was removed meanwhile."""
        ruled = self.timetable.by_key.get(key)
        if ruled is None:
            raise unknown_meeting()
        return ruled

    def room_of(self, kiosk: str) -> str | None:
        """Return the room that a check-in at this kiosk records."""
        return room_of_check_in(self.kiosks.get(kiosk), rooms=site_has_rooms(self.kiosks.values()))


class _Values(Generic[Value]):
    """What the documents of a kind say, by key. Those whose documents are the same are not read again."""

    def __init__(self, value_of: Callable[[Document], Value]) -> None:
        self._value_of = value_of
        self._known: dict[str, tuple[Document, Value]] = {}

    def of(self, documents: Mapping[str, Document]) -> dict[str, Value]:
        known = self._known
        self._known = {
            key: before
            if (before := known.get(key)) is not None and before[0] is document
            else (document, self._value_of(document))
            for key, document in documents.items()
        }
        return {key: value for key, (_, value) in self._known.items()}


class CurriculumValues:
    """Makes curricula from documents. Not locked: one at a time."""

    def __init__(self) -> None:
        self._courses = _Values(course_of)
        self._meetings = _Values(meeting_of)
        self._memberships = _Values(membership_of)

    def followed(self, curriculum: Curriculum, view: DocumentView, changed: set[str]) -> Curriculum:
        """Return the curriculum with what these kinds of documents say now."""
        if not changed.isdisjoint(_PLANNED):
            curriculum = self._planned(curriculum, view)
        if MEMBERSHIPS.name in changed:
            curriculum = _with_members(curriculum, self._memberships.of(view.kinds[MEMBERSHIPS.name]).values())
        if KIOSK_SETTINGS.name in changed:
            kiosks = {key: kiosk_settings_of(each) for key, each in view.kinds[KIOSK_SETTINGS.name].items()}
            curriculum = replace(curriculum, kiosks=kiosks)
        return curriculum

    def _planned(self, curriculum: Curriculum, view: DocumentView) -> Curriculum:
        courses = self._courses.of(view.kinds[COURSES.name])
        kept = next(iter(view.kinds[ATTENDANCE_SETTINGS.name].values()), None)
        settings = settings_of(kept) if kept is not None else AttendanceSettings()
        known = (each for each in self._meetings.of(view.kinds[MEETINGS.name]).values() if each.course in courses)
        ruled_meetings = with_rules_in_force(known, courses, settings.rules)
        locks = sorted(map(lock_of, view.kinds[LOCKS.name].values()), key=lambda each: each.at, reverse=True)
        timetable = Timetable(_with_locks(ruled_meetings, locks))
        policies = {lock.course: lock.policy for lock in locks}
        meetings: dict[str, list[RuledMeeting]] = defaultdict(list)
        for ruled in sorted(timetable.meetings, key=lambda each: (each.starts_at, each.meeting.key)):
            meetings[ruled.meeting.course].append(ruled)
        by_course = {course: tuple(each) for course, each in meetings.items()}
        return replace(
            curriculum,
            settings=settings,
            courses=courses,
            timetable=timetable,
            meetings=by_course,
            locked_policies=policies,
        )


class Curricula:
    """Makes the curriculum of a view of the documents, and keeps the last one, for all that ask. Thread-safe.

    `documents` keeps at least `KINDS`.
    """

    def __init__(self, documents: KeptDocuments) -> None:
        self.documents = documents
        self._lock = threading.Lock()
        self._last: tuple[DocumentView, Curriculum] | None = None
        self._values = CurriculumValues()

    def now(self) -> Curriculum:
        """Return what is taught now. While nothing changes, that costs one question to the store. Don't call it within
        a transaction. Raises `StorageFailed`."""
        return self.of(self.documents.view())

    def of(self, view: DocumentView) -> Curriculum:
        """Return the curriculum of this view: the very same as before, if nothing of it changed."""
        with self._lock:
            before, curriculum = self._last if self._last is not None else (None, Curriculum())
            if before is not view:
                changed = {kind for kind in KINDS if before is None or view.kinds[kind] is not before.kinds[kind]}
                curriculum = self._values.followed(curriculum, view, changed)
                self._last = view, curriculum
            return curriculum


def _with_members(curriculum: Curriculum, memberships: Iterable[Membership]) -> Curriculum:
    by_course: dict[str, list[Membership]] = defaultdict(list)
    by_student: dict[str, dict[str, Membership]] = defaultdict(dict)
    for membership in memberships:
        by_course[membership.course].append(membership)
        by_student[membership.student][membership.course] = membership
    members = {course: tuple(each) for course, each in by_course.items()}
    return replace(curriculum, members=members, memberships=dict(by_student))


def curriculum_of(view: DocumentView) -> Curriculum:
    """Return the curriculum of a view that nobody follows."""
    return CurriculumValues().followed(Curriculum(), view, set(KINDS))


def _with_locks(meetings: Iterable[RuledMeeting], locks: Iterable[Lock]) -> tuple[RuledMeeting, ...]:
    locked: dict[str, list[Period]] = defaultdict(list)
    for lock in locks:
        locked[lock.course].append(lock.period)
    return tuple(
        replace(ruled, locked=any(period.includes(ruled.meeting.day) for period in locked[ruled.meeting.course]))
        if ruled.meeting.course in locked
        else ruled
        for ruled in meetings
    )
