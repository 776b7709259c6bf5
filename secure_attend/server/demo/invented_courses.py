"""The demo's courses: three of a term that began six weeks ago, with groups and weekly classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from secure_attend.attendance.courses.attendance_settings import Closure
from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.course_input import CourseDraft
from secure_attend.attendance.courses.site_attendance import SettingsChanges
from secure_attend.attendance.meetings.local_time import clock_time
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.meetings.meeting_input import SeriesDraft, Slot
from secure_attend.attendance.services import Services
from secure_attend.storage.values import Student

WEEKS = 6
"""Whole weeks of the term that are over."""
WEEKS_TO_COME = 7
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
AHEAD = timedelta(hours=2)
"""No other class is near the one that is open now."""


@dataclass(frozen=True)
class WeeklyClass:
    """A class every week on a day of it, 0 for Monday; for everybody, or for one group, by its place."""

    title: str
    weekday: int
    starts: time
    room: str
    group: int | None = None


@dataclass(frozen=True)
class InventedCourse:
    """A course with its students as a slice of the roster, dealt out to the groups in turn."""

    code: str
    title: str
    students: slice
    groups: tuple[str, ...]
    room: str
    weekly: tuple[WeeklyClass, ...]
    minutes: int = 90


STATISTICS = InventedCourse(
    "STAT110",
    "Introduction to statistics",
    slice(0, 24),
    ("Lab A", "Lab B"),
    "Hall B",
    (
        WeeklyClass("Lecture", 0, time(10), "Hall B"),
        WeeklyClass("Lecture", 2, time(10), "Hall B"),
        WeeklyClass("Lab A", 3, time(14), "Computer lab", 0),
        WeeklyClass("Lab B", 4, time(14), "Computer lab", 1),
    ),
)
BIOLOGY = InventedCourse(
    "BIO201",
    "Cell biology",
    slice(14, 30),
    ("Seminar 1", "Seminar 2"),
    "Room 101",
    (
        WeeklyClass("Lecture", 1, time(9), "Room 101"),
        WeeklyClass("Seminar 1", 3, time(10), "Room 101", 0),
        WeeklyClass("Seminar 2", 3, time(12), "Room 101", 1),
    ),
)
HISTORY = InventedCourse(
    "HIST105",
    "History of science",
    slice(2, 14),
    ("Reading 1", "Reading 2"),
    "Room 204",
    (
        WeeklyClass("Lecture", 4, time(9), "Room 204"),
        WeeklyClass("Reading 1", 1, time(14), "Room 204", 0),
        WeeklyClass("Reading 2", 1, time(16), "Room 204", 1),
    ),
)
INVENTED_COURSES = (STATISTICS, BIOLOGY, HISTORY)


@dataclass(frozen=True)
class DemoTerm:
    """The days of the term, both included, and the moment (UTC) at which the demo starts."""

    first_day: date
    last_day: date
    now: datetime

    @classmethod
    def around(cls, now: datetime, today: date) -> DemoTerm:
        """Return the term that began on a Monday six weeks before this week's."""
        monday = today - today.weekday() * DAY
        return cls(monday - WEEKS * WEEK, monday + WEEKS_TO_COME * WEEK - 3 * DAY, now)

    @property
    def name(self) -> str:
        """The term's name: by the half of the year in which it begins."""
        return f"{'Spring' if self.first_day.month < 7 else 'Autumn'} {self.first_day.year}"


def teach(services: Services, invented: InventedCourse, students: list[Student], term: DemoTerm) -> Course:
    """Create the course with its groups, students and weekly classes. Return it."""
    course = services.courses.create(
        CourseDraft(
            invented.code, invented.title, term.name, term.first_day, term.last_day,
            invented.groups, invented.minutes, invented.room,
        )
    )  # fmt: skip
    enrolled = students[invented.students]
    for place, group in enumerate(course.groups):
        keys = [student.key for student in enrolled[place :: len(course.groups)]]
        services.memberships.join(course.key, keys, term.first_day, [group.key])
    for weekly in invented.weekly:
        services.meetings.add_series(course.key, _series(services, course, weekly, term))
    return course


def plan_study_day(services: Services, term: DemoTerm) -> None:
    """Close the site on a Wednesday to come, so that its calendar has an entry."""
    day = term.first_day + (WEEKS + 3) * WEEK + 2 * DAY
    services.site_attendance.change(SettingsChanges(closures=[Closure(day, day, "Study day")]))


def _series(services: Services, course: Course, weekly: WeeklyClass, term: DemoTerm) -> SeriesDraft:
    ends = (datetime.combine(term.first_day, weekly.starts) + timedelta(minutes=course.minutes)).time()
    groups = [course.groups[weekly.group].key] if weekly.group is not None else []
    return SeriesDraft(
        weekly.title,
        term.first_day,
        term.last_day,
        [Slot(weekly.weekday, weekly.starts, ends)],
        _days_without(services, course, weekly, term),
        room=weekly.room,
        groups=groups,
    )


def _days_without(services: Services, course: Course, weekly: WeeklyClass, term: DemoTerm) -> list[date]:
    """Return today if the class would be near the one that is open now, or is another of the same course."""
    now = clock_time(term.now, services.time.zone)
    starts = datetime.combine(now.date(), weekly.starts)
    near = starts - AHEAD <= now <= starts + timedelta(minutes=course.minutes) + AHEAD
    return [now.date()] if near or course.code == STATISTICS.code else []


def meetings_held(services: Services, courses: Sequence[Course], term: DemoTerm) -> list[Meeting]:
    """Return the classes of all courses that have begun, in order of their start."""
    found = [meeting for course in courses for meeting in services.meetings.of_course(course.key)]
    begun = [meeting for meeting in found if meeting.starts_at <= term.now and not meeting.cancelled]
    return sorted(begun, key=lambda meeting: (meeting.starts_at, meeting.title))
