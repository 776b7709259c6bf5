"""Marks and excuses are records too: nothing takes them for check-ins, and who they are about sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask

from secure_attend import create_app
from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from secure_attend.attendance.reader_scope import UNLIMITED
from secure_attend.attendance.services import Services
from secure_attend.attendance.students.claims import Actor
from secure_attend.errors import Conflict
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import Entry, MarkedStatus, Method
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import Site, paired
from tests.support.fakes import Clock
from tests.support.web.litany import Api
from tests.support.web.two_courses import MEETING_B, A, B, TwoCourses

STAT = Course("c1", "STAT110", "Statistics", "Autumn", date(2026, 10, 12), date(2027, 2, 5))
LECTURE = Meeting(
    "m1",
    "c1",
    "Lecture 7",
    datetime.fromisoformat("2026-11-20T10:00"),
    datetime.fromisoformat("2026-11-20T11:00"),
    "Europe/Berlin",
)
SAID = {
    "status": "excused",
    "course": "STAT110",
    "meeting": "Lecture 7",
    "day": "2026-11-20",
    "first_day": None,
    "first_time": None,
    "last_day": None,
    "last_time": None,
    "reason": "Took part online",
    "note": "from the hall",
}


@pytest.fixture(params=["mark", "excuse"])
def method(request: pytest.FixtureRequest) -> Method:
    name: Method = request.param
    return name


def marked_by_staff(
    services: Services,
    john: str,
    method: Method = "mark",
    status: MarkedStatus = "excused",
    replaces: str | None = None,
) -> str:
    """Mark John now; return the record's ID."""
    entry = Entry(services.time.now(), method, "1001", "Dr Ada Byron", person=john, meeting="m1", status=status)
    course = "c1" if method == "excuse" else None
    noted = replace(entry, course=course, replaces=replaces, reason="online", note="from the hall")
    return services.store.append(noted).id


@pytest.fixture
def marked(services: Services, john: str, method: Method) -> str:
    """The ID of a mark in John's name."""
    services.store.documents.write([course_document(STAT), meeting_document(LECTURE)])
    return marked_by_staff(services, john, method)


def test_nobody_is_present_by_a_mark(api: Api, site: Site, john: str, marked: str) -> None:
    listed: dict[str, Any] = api("GET", "/students").get_json()
    assert (listed["students"][0]["today"], listed["present"]) == (None, 0)
    assert api("POST", "/history", json={"student_id": "1001"}).get_json()["records"] == []
    assert "1001" not in api("GET", "/reports/attendance.csv").text
    assert "2026-11-23" not in api("GET", "/reports/attendance.csv?by_day=1").text
    assert site.check_in(1).get_json()["already"] is False


def test_a_mark_is_not_cancelled(services: Services, lecturer: Actor, marked: str) -> None:
    with pytest.raises(Conflict, match="not_a_check_in"):
        services.cancellations.cancel(marked, lecturer, UNLIMITED)


def test_staff_read_it_among_the_students_records(api: Api, john: str, marked: str, method: Method) -> None:
    (record,) = api("GET", f"/students/{john}/attendance").get_json()["records"]
    assert (record["id"], record["method"], record["by"]) == (marked, method, "Dr Ada Byron")
    assert (record["mark"], record["cancelled"], record["kiosk"]) == (SAID, False, None)


def test_it_is_exported_with_the_student(api: Api, john: str, marked: str, method: Method) -> None:
    (record,) = api("GET", f"/students/{john}/export").get_json()["records"]
    assert (record["method"], record["mark"]) == (method, SAID)
    assert (record["date"], record["local_time"]) == ("2026-11-23", "09:30")


def test_the_student_reads_it_at_the_kiosk_with_a_proof(app: Flask, api: Api, john: str, marked: str) -> None:
    code = api("POST", f"/students/{john}/code").get_json()["code"]
    asked = {"student_id": "1001", "code": code}
    (mark,) = paired(app).post("/api/v1/history", json=asked).get_json()["marks"]
    assert mark == {**SAID, "date": "2026-11-23", "by": "Dr Ada Byron"}


def test_without_a_proof_nobody_reads_it(settings: Settings, store: JsonStore, clock: Clock, john: str) -> None:
    there = create_app(replace(settings, history_access="open"), store=store, clock=clock)
    marked_by_staff(SITE_PARTS.of(there).services, john)
    told = paired(there, "Hall").post("/api/v1/history", json={"student_id": "1001"}).get_json()
    assert (told["student"]["name"], told["marks"]) == ("John Doe", [])


def test_only_the_mark_that_holds_is_the_students(api: Api, services: Services, john: str) -> None:
    first = marked_by_staff(services, john)
    second = marked_by_staff(services, john, status="late", replaces=first)

    def marks() -> list[str]:
        told: list[dict[str, str]] = api("POST", "/history", json={"student_id": "1001"}).get_json()["marks"]
        return [mark["status"] for mark in told]

    assert marks() == ["late"]
    marked_by_staff(services, john, status="as_recorded", replaces=second)
    assert marks() == []
    records = api("GET", f"/students/{john}/attendance").get_json()["records"]
    assert [record["mark"]["status"] for record in records] == ["as_recorded", "late", "excused"]
    assert [record["cancelled"] for record in records] == [False, True, True]
    assert records[1]["replaces"] == first


def test_an_erased_note_is_in_no_answer(api: Api, services: Services, john: str, marked: str) -> None:
    services.store.erase_note(marked)
    for address in (f"/students/{john}/attendance", f"/students/{john}/export"):
        (record,) = api("GET", address).get_json()["records"]
        assert record["mark"] == {**SAID, "reason": None, "note": None}


class TestScope:
    """Of a student who is in A and B."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, self_registration=True)

    @pytest.fixture
    def courses(self, app: Flask, clock: Clock) -> TwoCourses:
        made = TwoCourses(app, clock)
        services = made.services
        of_a = replace(LECTURE, key="meeting-A-key", course=A)
        services.store.documents.write([meeting_document(of_a)])
        for course, meeting in ((A, of_a.key), (B, MEETING_B)):
            entry = Entry(
                clock.now, "mark", "30030003", "Dr Ada Byron", person=made.cara, course=course, meeting=meeting
            )
            services.store.append(replace(entry, status="excused", note=f"a note of {course}"))
        central = Entry(clock.now, "excuse", "30030003", "Regine", person=made.cara, first_day=date(2026, 11, 1))
        services.store.append(replace(central, status="excused", note="a note of the registrar"))
        return made

    @pytest.mark.parametrize(
        ("who", "notes"),
        [
            ("Ada", [None, "a note of course-A-key"]),
            ("Anton", [None, None]),
            ("Aldo", [None, None]),
            ("Berta", [None, "a note of course-B-key"]),
            ("Regine", ["a note of the registrar", "a note of course-B-key", "a note of course-A-key"]),
        ],
    )
    def test_staff_read_the_marks_of_their_own_courses_and_lecturers_the_notes(
        self, courses: TwoCourses, who: str, notes: list[str | None]
    ) -> None:
        """The first is the registrar's excuse: of that, staff see that it is there."""
        client = courses.client(who)
        records = client.get(f"/api/v1/students/{courses.cara}/attendance").get_json()["records"]
        assert [record["mark"]["note"] for record in records if record["mark"]] == notes
        told = client.post("/api/v1/history", json={"student_id": "30030003"}).get_json()
        assert [mark["note"] for mark in told["marks"]] == notes

    def test_a_visit_to_anothers_class_is_none_of_ones_business(self, courses: TwoCourses, clock: Clock) -> None:
        """Alice is in A alone. A mark that B made of her visit is B's."""
        entry = Entry(clock.now, "mark", "10010001", "Berta", person=courses.alice, meeting=MEETING_B)
        courses.services.store.append(replace(entry, status="present"))
        shown = courses.client("Ada").get(f"/api/v1/students/{courses.alice}/attendance").get_json()["records"]
        assert [record for record in shown if record["mark"]] == []
