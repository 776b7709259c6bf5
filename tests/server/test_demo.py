"""The demo's invented term."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from secure_attend.access.course_staff import COURSE_STAFF, staff_of
from secure_attend.attendance.courses.attendance_settings import attendance_settings
from secure_attend.attendance.courses.course import COURSES, Course, course_of
from secure_attend.attendance.courses.membership import MEMBERSHIPS, Membership, membership_of
from secure_attend.attendance.courses.rules import DEFAULT_RULES
from secure_attend.attendance.low_attendance.contacts import CONTACTS
from secure_attend.attendance.meetings.meeting import MEETINGS, Meeting, meeting_of
from secure_attend.attendance.registers.facts import CheckInSeen, MarkSeen, newest_marks
from secure_attend.attendance.registers.register import (
    PersonFacts,
    Timetable,
    Visitor,
    register,
    visitors,
    with_rules_in_force,
)
from secure_attend.attendance.registers.status import Cell
from secure_attend.attendance.requests.correction_request import REQUESTS, request_of
from secure_attend.faces.engine import Profile
from secure_attend.faces.models import profiles
from secure_attend.server.demo import invented_site as demo
from secure_attend.server.demo.invented_courses import WEEKS
from secure_attend.settings import PROJECT, Settings
from secure_attend.storage.documents import Document
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import Record, Student

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY_EVENING = datetime(2026, 3, 15, 19, 0, tzinfo=timezone.utc)
MONDAY_BEFORE_SIX = datetime(2026, 3, 16, 4, 55, tzinfo=timezone.utc)
THURSDAY_MORNING = datetime(2026, 10, 29, 9, 20, tzinfo=timezone.utc)
NOWS = [SUNDAY_EVENING, MONDAY_BEFORE_SIX, THURSDAY_MORNING]


@dataclass(frozen=True)
class Filled:
    """What the demo's store held."""

    now: datetime
    students: list[Student]
    records: list[Record]
    courses: dict[str, Course]
    lecturers: dict[str, frozenset[str]]
    memberships: list[Membership]
    meetings: list[Meeting]
    study_days: int
    decided: Mapping[str, list[Document]]

    def open(self) -> list[Meeting]:
        """The classes that are open."""
        return [each for each in self.meetings if each.phase(self.now, DEFAULT_RULES) == "open"]

    def derived(self) -> tuple[dict[tuple[str, str], Cell], list[Visitor]]:
        """All cells of all meetings, and all visitors."""
        timetable = Timetable(with_rules_in_force(self.meetings, self.courses, ()))
        cancelled = {record.cancels for record in self.records}
        people = [self._facts(student.key, cancelled) for student in self.students]
        found = [each for ruled in timetable.meetings for each in visitors(timetable, ruled, people)]
        return register(timetable, timetable.meetings, people, self.now), found

    def _facts(self, person: str, cancelled: set[str | None]) -> PersonFacts:
        own = [(number, record) for number, record in enumerate(self.records) if record.person == person]
        marks = newest_marks(
            [
                MarkSeen(record.id, number, record.time, person, record.meeting, record.status)
                for number, record in own
                if record.meeting is not None and record.status is not None
            ]
        )
        return PersonFacts(
            person,
            {each.course: each for each in self.memberships if each.student == person},
            [
                CheckInSeen(record.id, number, record.time, person, record.room)
                for number, record in own
                if record.is_check_in and record.id not in cancelled
            ],
            {meeting: mark for (meeting, _), mark in marks.items()},
        )


def filled(now: datetime, profile: Profile | None = profiles.SFACE) -> Filled:
    with demo.temporary(Settings(demo=True, time_zone=BERLIN, faces="on" if profile else "off")) as settings:
        assert PROJECT not in settings.data.parents
        store = JsonStore.open(settings.data, site_key_file=settings.site_key_file)
        demo.fill(settings, store, profile, now)
        documents = store.documents
        found = Filled(
            now,
            store.students(),
            list(store.records()),
            {each.key: course_of(each) for each in documents.all(COURSES.name)},
            {each.key: staff_of(each).lecturers(now.date()) for each in documents.all(COURSE_STAFF.name)},
            [membership_of(each) for each in documents.all(MEMBERSHIPS.name)],
            [meeting_of(each) for each in documents.all(MEETINGS.name)],
            len(attendance_settings(documents).closures),
            {kind: documents.all(kind) for kind in (CONTACTS.name, REQUESTS.name)},
        )
        store.close()
        folder = settings.data.parent
    assert not Path(folder).exists()
    return found


def weekdays_of_term(today: date) -> set[date]:
    """The weekdays since the term began, and today."""
    monday = today - timedelta(days=today.weekday() + 7 * WEEKS)
    days = {monday + timedelta(days=place) for place in range((today - monday).days)}
    return {day for day in days if day.weekday() < 5} | {today}


@pytest.fixture(scope="module", params=NOWS, ids=lambda now: f"{now:%A}")
def site(request: pytest.FixtureRequest) -> Filled:
    now: datetime = request.param
    return filled(now)


def test_a_term_looks_alive(site: Filled) -> None:
    assert [student.name for student in site.students[:2]] == ["John Doe", "Jane Smith"]
    assert len(site.students) == 30
    faces = {student.student_id for student in site.students if student.registered("sface")}
    assert len(faces) == demo.REGISTERED

    methods = Counter(record.method for record in site.records)
    assert methods["face"] > 10 * methods["cancellation"] == 10
    assert methods["by_hand"] > 10
    assert methods["mark"] > 10
    assert {record.student_id for record in site.records if record.method == "face"} <= faces

    assert [record.time for record in site.records] == sorted(record.time for record in site.records)
    assert site.records[-1].time <= site.now
    days = Counter(record.time.astimezone(BERLIN).date() for record in site.records)
    assert set(days) == weekdays_of_term(site.now.astimezone(BERLIN).date())
    assert all(count < 30 for count in days.values())


def test_three_courses_are_taught_in_groups(site: Filled) -> None:
    assert sorted(course.code for course in site.courses.values()) == ["BIO201", "HIST105", "STAT110"]
    assert all(len(course.groups) == 2 for course in site.courses.values())
    assert {len(lecturers) for lecturers in site.lecturers.values()} == {1}
    assert site.lecturers.keys() == site.courses.keys()
    in_two = Counter(each.student for each in site.memberships)
    assert max(in_two.values()) == 2
    assert [len(each.spans) for each in site.memberships].count(2) == 1  # changed groups
    phases = Counter(each.phase(site.now, DEFAULT_RULES) for each in site.meetings)
    assert phases["cancelled"] == 1
    assert phases["planned"] > 20
    assert phases["closed"] > 20
    assert site.study_days == 1


def test_one_class_is_open_and_students_arrive(site: Filled) -> None:
    cells, found = site.derived()
    (opened,) = site.open()
    here = Counter(cells[opened.key, student.key].status for student in site.students)
    assert here["present"] > 10
    assert here["late"] >= 1
    assert here["excused"] == 1
    assert here["not_yet"] >= 3
    assert [visitor.kind for visitor in found if visitor.meeting == opened.key] == ["not_a_member"]


def test_the_term_has_every_status(site: Filled) -> None:
    cells, found = site.derived()
    (opened,) = site.open()
    past = {each.key: each for each in site.meetings if each.phase(site.now, DEFAULT_RULES) in ("closed", "cancelled")}
    counts = Counter(cell.status for (meeting, _), cell in cells.items() if meeting in past)
    assert counts["present"] > 10 * counts["late"] > 100
    assert counts["absent"] > 20
    assert counts["excused"] > 10
    assert counts["not_yet"] == 0
    assert len({meeting for (meeting, _), cell in cells.items() if cell.status == "not_taken"}) == 1
    assert {cell.why.code for cell in cells.values()} >= {"cancelled", "other_group", "marked_excused", "not_taken"}
    assert [each.kind for each in found if each.meeting != opened.key] == ["not_a_member"]


def test_people_have_decided_things(site: Filled) -> None:
    """What a lecturer and a registrar find in their lists: excuses, requests, and who was contacted."""
    excuses = [record for record in site.records if record.method == "excuse"]
    assert [excuse.course is None for excuse in excuses] == [False, True, True]
    assert sum(excuse.note is not None for excuse in excuses) == 1
    requests = [request_of(each) for each in site.decided[REQUESTS.name]]
    assert sorted((request.passed_on, request.is_open) for request in requests) == [(False, True), (True, True)]
    assert all(request.text for request in requests)
    assert len(site.decided[CONTACTS.name]) == 1
    (limited,) = (course for course in site.courses.values() if course.policy is not None)
    assert (limited.code, limited.policy.limit if limited.policy else None) == ("STAT110", 750)


def test_without_faces_students_check_in_by_code() -> None:
    demo_site = filled(THURSDAY_MORNING, None)
    assert not any(student.templates for student in demo_site.students)
    methods = Counter(record.method for record in demo_site.records)
    assert methods["code"] > 10 * methods["by_hand"] > 0
    assert methods["face"] == 0
    assert len(demo_site.open()) == 1


def test_it_is_the_same_every_time() -> None:
    def told(found: Filled) -> list[tuple[datetime, str | None, str, str | None]]:
        return [(record.time, record.student_id, record.method, record.status) for record in found.records]

    assert told(filled(SUNDAY_EVENING)) == told(filled(SUNDAY_EVENING))
