"""The demo: invented students, three courses and a term of their attendance in a temporary folder."""

from __future__ import annotations

import random
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from secure_attend.access.course_staff import CourseStaffing
from secure_attend.access.open_access import open_access, open_repository
from secure_attend.access.state import ROLES_OF
from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.reader_scope import UNLIMITED
from secure_attend.attendance.recognition.model_status import ModelStatus
from secure_attend.attendance.registers.curriculum import Curricula
from secure_attend.attendance.services import KEPT_KINDS, Services, assemble
from secure_attend.attendance.students.claims import Actor
from secure_attend.faces.engine import Profile
from secure_attend.server.demo.invented_attendance import InventedAttendance, InventedClass, members_of
from secure_attend.server.demo.invented_courses import (
    BIOLOGY,
    HISTORY,
    INVENTED_COURSES,
    STATISTICS,
    WEEK,
    DemoTerm,
    InventedCourse,
    meetings_held,
    plan_study_day,
    teach,
)
from secure_attend.server.demo.invented_decisions import InventedDecisions
from secure_attend.server.demo.invented_people import invented_roster, pretend_registered
from secure_attend.settings import Settings
from secure_attend.storage.kept_documents import KeptDocuments
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Student

SEED = 2023
LECTURER = "Dr Ada Byron"
"""The account that the demo opens with, an admin's."""
REGISTERED = 24  # of the invented; the others are yours to register
OPEN_FOR = timedelta(minutes=13)
"""How long ago the class that is open now began: long enough for somebody to be late."""
SELDOM = slice(7, 24, 8)
"""Students who come to every second class."""
MOVED, MOVED_IN_WEEK = 6, 3
"""A student who changed from one lab group to the other."""
VISITOR, VISITOR_NOW = 20, 25


@dataclass(frozen=True)
class PlannedClass:
    """One class of the term: of a course, with this title, in this week, 0 for the first."""

    invented: InventedCourse
    title: str
    week: int


CANCELLED = PlannedClass(STATISTICS, "Lab B", 2)
NOT_TAKEN = PlannedClass(BIOLOGY, "Seminar 2", 4)
VISITED = PlannedClass(HISTORY, "Lecture", 5)


@contextmanager
def temporary(settings: Settings) -> Iterator[Settings]:
    """Yield the settings with data and key in a temporary folder, which is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="secure-attend-demo-") as folder:
        yield replace(settings, data=Path(folder, "data"), site_key_file=Path(folder, "site.key"))


class DemoClock:
    """A clock that the demo sets, so that the services write the past."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def fill(settings: Settings, store: Store, profile: Profile | None, now: datetime | None = None) -> None:
    """Add the lecturer, import the roster, pretend that most faces are registered, teach three courses since six weeks,
    and open a class. `now` is UTC. Without a `profile` nobody is registered."""
    clock = DemoClock(now if now is not None else datetime.now(timezone.utc))
    access = open_access(settings, clock, store)
    # Nobody knows the password: the account logs in by the demo's link alone.
    account = access.accounts.add(LECTURER, secrets.token_urlsafe(32), ROLES_OF["admin"])
    lecturer = Actor(f"account:{account.key}", account.name, None)
    curricula = Curricula(KeptDocuments(store, KEPT_KINDS))
    services = assemble(
        settings, None, store, clock, ModelStatus(profile=profile), access.codes, curricula, access.kiosks.all
    )
    term = DemoTerm.around(clock.now, services.time.today())
    services.roster.load(invented_roster())
    if profile is not None:
        _register_students(services, profile, lecturer, term)
    plan_study_day(services, term)
    courses = [teach(services, invented, store.students(), term) for invented in INVENTED_COURSES]
    staffing = CourseStaffing(store, open_repository(settings, store))
    for course in courses:
        staffing.found(course.key, account.key)
    _change_the_term(services, courses, term)
    attend = _Attendance(services, courses, term, lecturer, profile)
    attend.past()
    attend.present(clock)
    _cancel_one(services, lecturer)
    InventedDecisions(services, courses[0], term, lecturer).decide(store.students()[SELDOM][0])


def _register_students(services: Services, profile: Profile, lecturer: Actor, term: DemoTerm) -> None:
    registered = services.store.students()[2 : 2 + REGISTERED]
    services.consents.record([one.key for one in registered], "on_paper", lecturer.name, services.consents.text.version)
    pretend_registered(services.store, registered, profile, services.time.start_of(term.first_day), SEED)


def _change_the_term(services: Services, courses: Sequence[Course], term: DemoTerm) -> None:
    """Let a student change groups, and cancel a class."""
    statistics = courses[0]
    student = services.store.students()[MOVED]
    moved_on = term.first_day + MOVED_IN_WEEK * WEEK
    services.memberships.move(statistics.key, [student.key], [statistics.groups[1].key], moved_on)
    for meeting in services.meetings.of_course(statistics.key):
        if _is(meeting, CANCELLED, courses, term):
            services.meetings.cancel(meeting.key)


def _is(meeting: Meeting, planned: PlannedClass, courses: Sequence[Course], term: DemoTerm) -> bool:
    course = courses[INVENTED_COURSES.index(planned.invented)]
    week = (meeting.day - term.first_day) // WEEK
    return (meeting.course, meeting.title, week) == (course.key, planned.title, planned.week)


class _Attendance:
    """Writes what happened in the classes: those of the term, and the one that is open now."""

    def __init__(
        self, services: Services, courses: Sequence[Course], term: DemoTerm, lecturer: Actor, profile: Profile | None
    ) -> None:
        self._services = services
        self._courses = courses
        self._term = term
        self._students: list[Student] = services.store.students()
        self._memberships = [each for course in courses for each in services.memberships.of_course(course.key)]
        seldom = [student.student_id for student in self._students[SELDOM]]
        draw = random.Random(SEED)  # noqa: S311 (invented attendance, the same every time)
        self._invented = InventedAttendance(draw, lecturer, profile.name if profile else None, seldom, term.now)

    def past(self) -> None:
        """Let the term pass, in one write."""
        held = meetings_held(self._services, self._courses, self._term)
        classes = [self._class(each) for each in held if not self._is(each, NOT_TAKEN)]
        self._services.store.append_all(self._invented.of_term(classes))

    def present(self, clock: DemoClock) -> None:
        """Start a class a few minutes ago, for students who are arriving."""
        clock.now = self._term.now - OPEN_FOR
        meeting = self._services.meetings.start_now(self._courses[0].key, "Lecture")
        clock.now = self._term.now
        members = members_of(meeting, self._memberships, self._students)
        opened = InventedClass(meeting, members, [self._students[VISITOR_NOW]])
        self._services.store.append_all(self._invented.of_open(opened))

    def _class(self, meeting: Meeting) -> InventedClass:
        visitors = [self._students[VISITOR]] if self._is(meeting, VISITED) else []
        return InventedClass(meeting, members_of(meeting, self._memberships, self._students), visitors)

    def _is(self, meeting: Meeting, planned: PlannedClass) -> bool:
        return _is(meeting, planned, self._courses, self._term)


def _cancel_one(services: Services, lecturer: Actor) -> None:
    """Cancel the last check-in as a mistake."""
    last = [record for record in services.store.records() if record.is_check_in][-1]
    services.cancellations.cancel(last.id, lecturer, UNLIMITED)
