"""A site in Berlin with a course, for tests of courses, meetings and registers."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.course_input import CourseDraft
from secure_attend.attendance.courses.courses import Courses
from secure_attend.attendance.courses.memberships import Memberships
from secure_attend.attendance.courses.site_attendance import SiteAttendance
from secure_attend.attendance.meetings.course_meetings import CourseMeetings
from secure_attend.attendance.meetings.kiosk_rooms import KioskRooms
from secure_attend.attendance.meetings.meeting_import import MeetingImport
from secure_attend.attendance.meetings.meetings import Meetings
from secure_attend.attendance.requests.correction_request import REQUESTS
from secure_attend.attendance.site_time import SiteTime
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Student
from tests.support.fakes import Clock

ANN, BOB, CAT = (Student(f"key-{name.lower()}", f"id-{name}", name) for name in ("Ann", "Bob", "Cat"))
DRAFT = CourseDraft(
    "STAT110", "Statistics", "Autumn 2026", date(2026, 10, 12), date(2027, 2, 5), ("Lab A", "Lab B"), 90, "Hall B"
)


class TaughtSite:
    """The use cases of courses and meetings on a store, with three students on the list."""

    def __init__(self, store: Store, clock: Clock, zone: str = "Europe/Berlin") -> None:
        store.write_students([ANN, BOB, CAT])
        self.store = store
        self.clock = clock
        self.time = SiteTime(clock, ZoneInfo(zone))
        of_courses = CourseMeetings(store.documents, self.time, [REQUESTS])
        self.courses = Courses(store, of_courses, self.time)
        self.memberships = Memberships(store, self.courses, self.time)
        self.meetings = Meetings(store, store.documents, self.courses, of_courses, self.time)
        self.imports = MeetingImport(store, self.courses, self.meetings, of_courses, self.time)
        self.attendance = SiteAttendance(store.documents)
        self.kiosks = KioskRooms(store.documents)

    def course(self) -> Course:
        """A new course with two groups."""
        return self.courses.create(DRAFT)


def local(text: str) -> datetime:
    """A naive local time: `2026-11-23 10:00`."""
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    """A moment in UTC: `2026-11-23 09:00`."""
    return datetime.fromisoformat(f"{text}+00:00")
