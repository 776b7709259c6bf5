"""Requests of students and what staff decide, over HTTP. It is half past nine on Monday 23 November in Berlin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.attendance.requests.correction_request import REQUESTS
from secure_attend.attendance.requests.requests import MOST_OPEN, WantedCorrection
from secure_attend.attendance.services import Services
from secure_attend.errors import DomainError
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import logged_in, paired
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only
from tests.support.web.taught_course import TaughtCourse

pytestmark = pytest.mark.parametrize("faces", ["on", "off"])
"""All of this holds on a site without faces, too."""
TEXT = "I sat in the second row, beside the window."


class AskingCourse(TaughtCourse):
    """S0 and S1 missed a class; S0 asks."""

    def __init__(self, api: Api, services: Services) -> None:
        super().__init__(api)
        self.services = services
        self.meeting = self.start()

    def ask(self, asks: Any = "present", text: str | None = TEXT, number: int = 0, meeting: str | None = None) -> str:
        """Ask about the class; return the request's key."""
        wanted = WantedCorrection(self.students[number], meeting or self.meeting, asks, text)
        return self.services.requests.make(wanted).key

    def answer(self, request: str, **body: Any) -> Any:
        """Answer as the admin, who is the course's lecturer and a registrar."""
        return self.api("POST", f"/requests/{request}/answer", json=body)

    def status(self, number: int = 0) -> str | None:
        """The status of a student in the class."""
        rows = self.register(self.meeting)["rows"]
        found: str | None = next(row["status"] for row in rows if row["student"]["key"] == self.students[number])
        return found


@pytest.fixture
def services(app: Flask) -> Services:
    return SITE_PARTS.of(app).services


@pytest.fixture
def taught(api: Api, services: Services) -> AskingCourse:
    return AskingCourse(api, services)


@pytest.fixture
def staff(app: Flask, taught: AskingCourse) -> dict[str, FlaskClient]:
    """Lena is the course's lecturer, Anton its assistant, Aldo may view it. Otto teaches nothing here."""
    people = {name: logged_in(app, name, "faculty") for name in ("Lena", "Anton", "Aldo", "Otto")}
    for name, role in (("Lena", "lecturer"), ("Anton", "assistant"), ("Aldo", "viewer")):
        taught.api("PUT", f"/courses/{taught.key}/staff", json={"account": name, "role": role})
    return people


def refused(asked: Any) -> str:
    """The code of the refusal of what a call asks."""
    with pytest.raises(DomainError) as caught:
        asked()
    return caught.value.code


class TestAsking:
    def test_a_class_that_is_not_ones_own_is_like_none(self, taught: AskingCourse) -> None:
        stranger = taught.add("S9")
        for student, meeting in ((stranger, taught.meeting), (taught.students[0], "none")):
            wanted = WantedCorrection(student, meeting, "present")
            assert refused(lambda wanted=wanted: taught.services.requests.make(wanted)) == "unknown_meeting"

    def test_twice_about_a_class_and_too_many(self, taught: AskingCourse, monkeypatch: pytest.MonkeyPatch) -> None:
        request = taught.ask()
        assert refused(taught.ask) == "already_asked"
        assert taught.answer(request, accept=False).status_code == 200
        assert refused(taught.ask) == "already_asked"  # a declined one can only be passed on
        assert MOST_OPEN == 20
        monkeypatch.setattr("secure_attend.attendance.requests.requests.MOST_OPEN", 1)
        taught.ask(number=1)
        other = taught.start()
        assert refused(lambda: taught.ask(number=1, meeting=other)) == "too_many_requests"

    def test_what_the_register_says_already_and_what_has_not_begun(self, taught: AskingCourse) -> None:
        taught.check_in(taught.students[0])
        assert refused(taught.ask) == "already_so"
        body = {"title": "Lab", "day": "2026-11-30", "from": "10:00", "to": "12:00"}
        made = taught.api("POST", f"/courses/{taught.key}/meetings", json=body).get_json()["meetings"][0]["key"]
        assert refused(lambda: taught.ask(number=1, meeting=made)) == "invalid_input"
        taught.ask("excused", number=1, meeting=made)

    @pytest.mark.parametrize("text", ["=1+1", "x" * 501, "a\x07b", "-2+3"])
    def test_texts_that_are_none(self, taught: AskingCourse, text: str) -> None:
        assert refused(lambda: taught.ask(text=text)) == "invalid_input"
        assert taught.services.requests.all_open() == []


class TestDeciding:
    def test_accepting_marks_as_the_person_who_accepts(
        self, taught: AskingCourse, staff: dict[str, FlaskClient]
    ) -> None:
        request = taught.ask()
        body = {"accept": True, "answer": "I remember you."}
        answered = staff["Anton"].post(f"/api/v1/requests/{request}/answer", json=body).get_json()
        assert (answered["state"], answered["answers"][0]["by"], answered["answers"][0]["text"]) == (
            "accepted",
            "Anton",
            "I remember you.",
        )
        assert taught.status() == "present"
        last = list(taught.services.store.records())[-1]
        assert (last.method, last.status, last.by) == ("mark", "present", "Anton")
        problem(staff["Lena"].post(f"/api/v1/requests/{request}/answer", json=body), 409, "already_answered")

    def test_an_absence_becomes_an_excuse_or_replaces_a_mark(
        self, taught: AskingCourse, staff: dict[str, FlaskClient]
    ) -> None:
        first, second = taught.ask("excused"), taught.ask("excused", number=1)
        taught.mark(taught.meeting, {"student": taught.students[1], "status": "absent", "replaces": None})
        for request in (first, second):
            accepted = staff["Lena"].post(f"/api/v1/requests/{request}/answer", json={"accept": True, "remark": "duty"})
            assert accepted.status_code == 200, accepted.text
        assert [taught.status(number) for number in (0, 1)] == ["excused", "excused"]
        assert [record.method for record in list(taught.services.store.records())[-2:]] == ["excuse", "mark"]

    def test_something_other_needs_a_status(self, taught: AskingCourse) -> None:
        request = taught.ask("other")
        assert fields(taught.answer(request, accept=True)) == ["status"]
        assert fields(taught.answer(request, accept=True, status="declined")) == ["status"]
        assert fields(taught.answer(request, accept=False, status="late")) == ["status"]
        assert fields(taught.answer(request, accept=False, answer="=1+1")) == ["answer"]
        assert taught.answer(request, accept=True, status="late").get_json()["state"] == "accepted"
        assert taught.status() == "late"

    def test_declined_once_it_goes_to_the_registrar_once(
        self, taught: AskingCourse, staff: dict[str, FlaskClient]
    ) -> None:
        request, own = taught.ask(), taught.services.requests
        assert refused(lambda: own.pass_on(taught.students[0], request)) == "not_declined"
        staff["Lena"].post(f"/api/v1/requests/{request}/answer", json={"accept": False, "answer": "No."})
        assert refused(lambda: own.pass_on(taught.students[1], request)) == "unknown_request"
        assert own.pass_on(taught.students[0], request).state == "open"
        assert staff["Lena"].get("/api/v1/decisions").get_json()["counts"]["request"] == 0
        problem(staff["Lena"].post(f"/api/v1/requests/{request}/answer", json={"accept": True}), 403, "not_allowed")
        assert taught.api("GET", "/decisions").get_json()["items"][0]["request"]["passed_on"]
        assert taught.answer(request, accept=False).get_json()["state"] == "declined"
        assert refused(lambda: own.pass_on(taught.students[0], request)) == "not_declined"

    def test_cut_off_between_mark_and_answer_it_is_open_and_accepted_again_adds_nothing(
        self, taught: AskingCourse, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number, asks in ((0, "present"), (1, "excused")):
            request = taught.ask(asks, number=number)
            with monkeypatch.context() as cut:
                cut.setattr(type(services.store.documents), "write", _fails)
                assert taught.answer(request, accept=True).status_code == 500
            marked = services.store.newest_number
            assert (services.requests.get(request).state, taught.status(number)) == ("open", asks)
            assert taught.answer(request, accept=True).get_json()["state"] == "accepted"
            assert services.store.newest_number == marked

    def test_a_mark_that_is_refused_leaves_it_open(self, taught: AskingCourse, services: Services) -> None:
        request = taught.ask()
        taught.api("PATCH", f"/courses/{taught.key}", json={"archived": True})
        problem(taught.answer(request, accept=True), 409, "course_archived")
        assert services.requests.get(request).is_open

    def test_nobody_answers_their_own(self, app: Flask, taught: AskingCourse) -> None:
        own = logged_in(app, "S0", "faculty")
        taught.api("PUT", f"/courses/{taught.key}/staff", json={"account": "S0", "role": "lecturer"})
        problem(own.post(f"/api/v1/requests/{taught.ask()}/answer", json={"accept": True}), 403, "own_cell")

    def test_who_may_and_how(self, app: Flask, taught: AskingCourse, staff: dict[str, FlaskClient]) -> None:
        request = taught.ask()
        path, good = f"/requests/{request}/answer", {"accept": False}
        problem(staff["Otto"].post(f"/api/v1{path}", json=good), 403, "not_allowed")
        problem(staff["Aldo"].post(f"/api/v1{path}", json=good), 403, "not_allowed")
        problem(paired(app, "Hall").post(f"/api/v1{path}", json=good), 403, "not_allowed")
        problem(app.test_client().post(f"/api/v1{path}", json=good), 401, "not_logged_in")
        problem(taught.api("POST", "/requests/none/answer", json=good), 404, "unknown_request")
        takes_json_only(taught.api, "POST", path, {"accept": False})
        refuses_other_methods(taught.api, path, "POST")
        refuses_other_methods(taught.api, "/decisions", "GET")


class TestTheList:
    def test_visitors_requests_and_registrations_of_ones_own_courses(
        self, taught: AskingCourse, staff: dict[str, FlaskClient], clock: Clock
    ) -> None:
        request = taught.ask()
        clock.tick(minutes=1)
        visitor = taught.add("S9")
        check_in = taught.check_in(visitor)
        found = staff["Anton"].get("/api/v1/decisions").get_json()
        assert found["counts"] == {"visitor": 1, "request": 1, "self_registration": 0, "total": 2}
        asked, came = found["items"]
        assert (asked["kind"], asked["id"], asked["due"], asked["overdue"], asked["request"]["text"]) == (
            "request",
            request,
            "2026-11-30",
            False,
            TEXT,
        )
        assert (came["kind"], came["id"], came["visitor"], came["meeting"]["key"]) == (
            "visitor",
            check_in,
            "not_a_member",
            taught.meeting,
        )
        problem(staff["Otto"].get("/api/v1/decisions"), 403, "not_allowed")
        problem(staff["Aldo"].get("/api/v1/decisions"), 403, "not_allowed")
        clock.tick(days=8)
        assert staff["Anton"].get("/api/v1/decisions").get_json()["items"][0]["overdue"]

    def test_an_unchanged_poll_asks_nothing_but_the_version(
        self, taught: AskingCourse, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        request = taught.ask()
        etag = taught.api("GET", "/decisions").headers["ETag"]
        with monkeypatch.context() as counted:
            counted.setattr(type(services.decisions), "of", _fails)
            assert taught.api("GET", "/decisions", headers={"If-None-Match": etag}).status_code == 304
        taught.answer(request, accept=False)
        assert taught.api("GET", "/decisions", headers={"If-None-Match": etag}).status_code == 200


class TestKeeping:
    def test_thirty_days_after_the_answer(self, taught: AskingCourse, services: Services, clock: Clock) -> None:
        answered, waiting = taught.ask(), taught.ask(number=1)
        taught.answer(answered, accept=False)
        clock.tick(days=30)
        services.maintenance.run()
        assert len(services.store.documents.all(REQUESTS.name)) == 2
        clock.tick(days=1)
        services.maintenance.run()
        assert [document.key for document in services.store.documents.all(REQUESTS.name)] == [waiting]

    def test_exported_and_erased_with_the_student(
        self, taught: AskingCourse, services: Services, tmp_path: Path
    ) -> None:
        taught.answer(taught.ask(), accept=False, answer="See me in class.")
        export = taught.api("GET", f"/students/{taught.students[0]}/export").text
        assert TEXT in export
        assert "See me in class." in export
        assert taught.api("DELETE", f"/students/{taught.students[0]}?reason=asked").status_code == 200
        assert services.store.documents.all(REQUESTS.name) == []
        left = [file for file in tmp_path.rglob("*") if file.is_file() and TEXT.encode() in file.read_bytes()]
        assert left == []


def _fails(*_: Any, **__: Any) -> Any:
    raise OSError("the power failed")


def test_a_locked_day_leaves_it_open(taught: AskingCourse, services: Services, clock: Clock) -> None:
    request = taught.ask()
    clock.tick(days=1)
    assert taught.api("POST", f"/courses/{taught.key}/locks", json={"last_day": "2026-11-23"}).status_code == 201
    problem(taught.answer(request, accept=True), 409, "locked")
    assert services.requests.get(request).is_open
    assert taught.answer(request, accept=False).get_json()["state"] == "declined"
