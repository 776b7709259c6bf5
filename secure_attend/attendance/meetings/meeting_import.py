"""Meetings from a file: read, planned, added only as planned, and taken back. Nothing is kept in between."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from secure_attend.attendance.courses.attendance_settings import attendance_settings
from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.courses import Courses
from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.attendance.meetings.calendar_file import read_calendar
from secure_attend.attendance.meetings.course_meetings import CourseMeetings
from secure_attend.attendance.meetings.drafted_meetings import DraftedMeetings, SkippedMeeting
from secure_attend.attendance.meetings.kiosk_settings import KIOSK_SETTINGS, kiosk_settings_of
from secure_attend.attendance.meetings.meeting import MEETINGS, Meeting, meeting_of
from secure_attend.attendance.meetings.meeting_input import checked_meeting, meeting_from
from secure_attend.attendance.meetings.meetings import Meetings
from secure_attend.attendance.meetings.sessions_csv import read_sessions
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.roster_plan import digest_of
from secure_attend.attendance.students.students import new_key
from secure_attend.errors import Conflict
from secure_attend.storage.ports import AttendanceLog, HasDocuments


class ImportStore(AttendanceLog, HasDocuments, Protocol):
    """The ports that files of meetings need."""


Identity = tuple[datetime, datetime, frozenset[str]]


@dataclass(frozen=True)
class MeetingPlan:
    """What a file would change: the meetings to `add`, and those `present` already, at the same times for the same
    groups. `unknown_rooms`: no kiosk is there, so nobody could check in. `version` is that of the meetings' documents,
    once they are added."""

    course: str
    add: tuple[Meeting, ...]
    present: tuple[Meeting, ...]
    skipped: tuple[SkippedMeeting, ...] = ()
    unknown_rooms: tuple[str, ...] = ()
    version: int | None = None


def plan_digest(plan: MeetingPlan) -> str:
    """Return what names this plan: 32 hexadecimal digits, the same for the same changes. Random keys are left out."""
    added = [
        [each.title, each.starts.isoformat(), each.ends.isoformat(), each.zone, each.room, sorted(each.groups)]
        for each in plan.add
    ]
    present = [each.key for each in plan.present]
    return digest_of([plan.course, added, present])


class MeetingImport:
    """Plans what a file would add to a course, and adds it if the plan is still the same."""

    def __init__(
        self, store: ImportStore, courses: Courses, meetings: Meetings, of_courses: CourseMeetings, time: SiteTime
    ) -> None:
        self._store = store
        self._documents = store.documents
        self._courses = courses
        self._meetings = meetings
        self._of_courses = of_courses
        self._time = time

    def plan(self, course: str, data: bytes, encoding: str | None = None) -> MeetingPlan:
        """Return what an iCalendar file, or a CSV file of Moodle's sessions, would change. Raises `InvalidInput`,
        `TooLarge`, `NotFound`, `Conflict`."""
        taught = self._courses.unarchived(course)
        return self._planned(taught, self._read(taught, data, encoding))

    def apply(self, course: str, data: bytes, digest: str, encoding: str | None = None) -> MeetingPlan:
        """Add the meetings of the plan with this digest. Return the plan. Raises `Conflict` `plan_changed` if the
        plan would be another by now, and as `plan` does."""
        taught = self._courses.get(course)
        drafted = self._read(taught, data, encoding)
        with self._store.transaction():
            taught = self._courses.get(course)
            plan = self._planned(taught, drafted)
            if plan_digest(plan) != digest:
                raise Conflict(
                    "plan_changed",
                    "The course has changed since you looked at the plan. Nothing was added. Look at the new plan.",
                    plan=plan_digest(plan),
                )
            if not plan.add:
                return plan
            self._meetings.add_all(taught, plan.add)
            written = self._documents.get(MEETINGS.name, plan.add[0].key)
            return replace(plan, version=written.version if written is not None else None)

    def undo(self, course: str, keys: Collection[str], version: int) -> list[Meeting]:
        """Delete the meetings that an import added, with what is about them, all or none. Return them. Raises
        `NotFound`, and `Conflict`: `import_changed` if one of them was changed or marked since, `other_phase` if one
        has opened."""
        self._courses.get(course)
        with self._store.transaction():
            added = [document for document in self._documents.all(MEETINGS.name) if document.version == version]
            meetings = [meeting_of(document) for document in added]
            if {(each.course, each.key) for each in meetings} != {(course, key) for key in keys} or any(
                True for _ in self._store.marks(keys)
            ):
                raise Conflict(
                    "import_changed",
                    "Something of these classes has changed since the import. Nothing was removed. Cancel the classes "
                    "that are wrong.",
                )
            self._refuse_opened(meetings)
            self._documents.write([], self._of_courses.with_what_is_about(added))
        return meetings

    def _refuse_opened(self, meetings: Collection[Meeting]) -> None:
        """Raise `Conflict` if a class has opened: check-ins may count for it, and nobody may delete such a class."""
        phase = next((phase for phase in map(self._meetings.phase, meetings) if phase in ("open", "closed")), None)
        if phase is not None:
            raise Conflict(
                "other_phase",
                "A class of this import has opened already. Nothing was removed. Cancel the classes that are wrong.",
                phase=phase,
            )

    def _read(self, course: Course, data: bytes, encoding: str | None) -> DraftedMeetings:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].upper() == b"BEGIN:VCALENDAR":
            return read_calendar(data, course, attendance_settings(self._documents), self._time.zone)
        return read_sessions(data, course, encoding)

    def _planned(self, course: Course, drafted: DraftedMeetings) -> MeetingPlan:
        faults = FieldFaults()
        series: dict[str, str] = {}
        wanted: list[Meeting] = []
        for each in drafted.meetings:
            meeting = checked_meeting(meeting_from(each.draft, course, self._meetings.zone), course, faults, each.line)
            if each.series is not None:
                meeting = replace(meeting, series=series.setdefault(each.series, new_key()))
            wanted.append(meeting)
        faults.refuse("meetings_rejected", "Nothing has changed. ")
        known = {_identity(meeting): meeting for meeting in self._meetings.of_course(course.key)}
        found = {_identity(meeting): meeting for meeting in wanted}
        add = [meeting for identity, meeting in found.items() if identity not in known]
        return MeetingPlan(
            course.key,
            tuple(sorted(add, key=lambda meeting: (meeting.starts_at, meeting.ends_at, sorted(meeting.groups)))),
            tuple(known[identity] for identity in sorted(found, key=_order) if identity in known),
            drafted.skipped,
            self._unknown_rooms(add),
        )

    def _unknown_rooms(self, meetings: list[Meeting]) -> tuple[str, ...]:
        kiosks = map(kiosk_settings_of, self._documents.all(KIOSK_SETTINGS.name))
        rooms = {kiosk.room for kiosk in kiosks if kiosk.room is not None}
        return tuple(sorted({each.room for each in meetings if each.room is not None} - rooms)) if rooms else ()


def _identity(meeting: Meeting) -> Identity:
    return meeting.starts_at, meeting.ends_at, meeting.groups


def _order(identity: Identity) -> tuple[datetime, datetime, list[str]]:
    starts, ends, groups = identity
    return starts, ends, sorted(groups)
