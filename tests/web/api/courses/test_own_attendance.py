"""A student's own page, over HTTP: ID and code, own rows only. It is half past nine on 23 November in Berlin."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.access import passwords
from secure_attend.access.student_passes import AT_KIOSK, LIFETIME
from secure_attend.attendance.recognition.look_alikes import mark_look_alikes
from secure_attend.settings import Settings
from secure_attend.storage.ports import Store
from tests.conftest import LECTURER, NOTE, access_of, as_student, logged_in, paired
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only
from tests.support.web.taught_course import TaughtCourse, statuses

TEXT = "I sat in the second row."


class OwnPage(TaughtCourse):
    """S0 and S1 have codes; a class is open."""

    def __init__(self, app: Flask, api: Api) -> None:
        super().__init__(api)
        self.app = app
        self.meeting = self.start()
        self.codes = [api("POST", f"/students/{key}/code").get_json()["code"] for key in self.students[:2]]

    def prove(self, number: int = 0, **other: Any) -> Any:
        """Prove to be a student, without any account or key."""
        body = {"student_id": f"S{number}", "code": self.codes[number], **other}
        return self.app.test_client().post("/api/v1/own/pass", json=body)

    def student(self, number: int = 0) -> FlaskClient:
        """A student who has proved it."""
        return bearing(self.app, self.prove(number).get_json()["token"])


def bearing(app: Flask, token: str) -> FlaskClient:
    """A client with this pass."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


@pytest.fixture
def own(app: Flask, api: Api) -> OwnPage:
    return OwnPage(app, api)


class TestProving:
    def test_an_unknown_id_and_a_wrong_code_are_alike(self, own: OwnPage) -> None:
        wrong = "000000" if own.codes[0] != "000000" else "000001"
        answers = [own.prove(code=wrong), own.prove(student_id="S9"), own.prove(student_id="S2")]
        assert len({answer.data for answer in answers}) == 1
        problem(answers[0], 403, "wrong_proof")
        assert own.prove().status_code == 201

    def test_a_page_that_keeps_guessing_waits_and_three_wrong_codes_end_the_code_there(
        self, app: Flask, own: OwnPage
    ) -> None:
        wrong = "000000" if own.codes[0] != "000000" else "000001"
        for _ in range(3):
            assert "3 wrong tries" in own.prove(code=wrong).get_json()["detail"]
        problem(own.prove(), 403, "wrong_proof")
        at_kiosk = {"student_id": "S0", "code": own.codes[0], "attempt": "an attempt of the tests"}
        assert paired(app, "Hall").post("/api/v1/check-ins", json=at_kiosk).status_code == 201
        assert own.prove().status_code == 201
        for _ in range(6):
            problem(own.prove(student_id="S9"), 403, "wrong_proof")
        problem(own.prove(1), 429, "too_many_tries")

    def test_all_addresses_of_a_network_are_counted_as_one(self, app: Flask, own: OwnPage) -> None:
        """A host with 2^64 addresses had ten free tries from each."""

        def guess(address: str) -> Any:
            body = {"student_id": "S9", "code": "000000"}
            return app.test_client().post("/api/v1/own/pass", json=body, environ_base={"REMOTE_ADDR": address})

        for number in range(10):
            problem(guess(f"2001:db8::{number + 1}"), 403, "wrong_proof")
        problem(guess("2001:db8::ffff"), 429, "too_many_tries")
        problem(guess("2001:db8:0:1::1"), 403, "wrong_proof")

    def test_who_would_wait_in_a_crowd_comes_again(self, own: OwnPage) -> None:
        with ExitStack() as held:
            for _ in range(passwords.PARALLEL_HASHES + passwords.MOST_WAITING):
                held.enter_context(passwords.LOG_INS.place())
            crowded = own.prove()
        problem(crowded, 503, "busy")
        assert int(crowded.headers["Retry-After"]) > 0

    def test_a_pass_is_over_after_its_time_or_when_it_is_ended(self, own: OwnPage, clock: Clock) -> None:
        first, second = own.student(), own.student()
        assert first.delete("/api/v1/own/pass").get_json() == {"done": True}
        problem(first.get("/api/v1/own"), 401, "not_logged_in")
        clock.tick(seconds=LIFETIME.total_seconds() - 1)
        assert second.get("/api/v1/own").status_code == 200
        clock.tick(seconds=1)
        problem(second.get("/api/v1/own"), 401, "not_logged_in")

    def test_the_litany(self, own: OwnPage, api: Api) -> None:
        takes_json_only(api, "POST", "/own/pass", {"student_id": "S0", "code": own.codes[0]})
        refuses_other_methods(api, "/own/pass", "POST", "DELETE")
        for path in ("/own", "/own/export"):
            refuses_other_methods(api, path, "GET")
        assert own.prove().headers.get("Set-Cookie") is None

    def test_a_site_may_offer_no_page(
        self, settings: Settings, store: Store, clock: Clock, own: OwnPage, tmp_path: Path
    ) -> None:
        app = create_app(replace(settings, student_page=False), store=store, clock=clock, profile_note=NOTE)
        body = {"student_id": "S0", "code": own.codes[0]}
        problem(app.test_client().post("/api/v1/own/pass", json=body), 403, "student_page_off")


class TestWhatAPassRestsOn:
    """An old token opened /own after a new code, after the student left the list, and after its kiosk was revoked."""

    def test_a_new_code_ends_it(self, own: OwnPage, api: Api) -> None:
        student, other = own.student(), own.student(1)
        api("POST", f"/students/{own.students[0]}/code")
        problem(student.get("/api/v1/own"), 401, "not_logged_in")
        assert other.get("/api/v1/own").status_code == 200

    def test_tries_of_the_code_do_not(self, own: OwnPage) -> None:
        student = own.student()
        own.prove(code="none")
        assert student.get("/api/v1/own").status_code == 200

    @pytest.mark.parametrize("erased", [False, True])
    def test_who_is_not_on_the_list_has_none(self, app: Flask, own: OwnPage, api: Api, erased: bool) -> None:
        by_code, by_face = own.student(), as_student(app, own.students[0])
        if erased:
            answer = api("DELETE", f"/students/{own.students[0]}?reason=asked")
        else:
            answer = api("PATCH", f"/students/{own.students[0]}", json={"removed": True})
        assert answer.status_code == 200
        for student in (by_code, by_face):
            problem(student.get("/api/v1/own"), 401, "not_logged_in")
            problem(student.get("/api/v1/own/export"), 401, "not_logged_in")

    def test_a_revoked_kiosks_passes_end(self, app: Flask, own: OwnPage, api: Api) -> None:
        hall = paired(app, "Hall")
        shown = hall.post("/api/v1/history", json={"student_id": "S0", "code": own.codes[0]})
        student = bearing(app, shown.get_json()["token"])
        assert student.get("/api/v1/own").status_code == 200
        (kiosk,) = (each for each in access_of(app).kiosks.all() if each.name == "Hall")
        api("DELETE", f"/kiosks/{kiosk.key}")
        problem(student.get("/api/v1/own"), 401, "not_logged_in")


class TestWhoIssuedTheCode:
    """Who issues a code can use it, and sees what the role denies: the student reads who it was."""

    def test_on_the_page_and_at_a_kiosk(self, app: Flask, own: OwnPage) -> None:
        issued = logged_in(app, "Grace", "faculty", ["registrar"]).post(f"/api/v1/students/{own.students[0]}/code")
        code = issued.get_json()["code"]
        shown = paired(app, "Hall").post("/api/v1/history", json={"student_id": "S0", "code": code}).get_json()
        for student in (bearing(app, own.prove(code=code).get_json()["token"]), bearing(app, shown["token"])):
            assert student.get("/api/v1/own").get_json()["code_issued"] == {"by": "Grace", "on": "2026-11-23"}
        assert own.student(1).get("/api/v1/own").get_json()["code_issued"]["by"] == LECTURER
        export = bearing(app, own.prove(code=code).get_json()["token"]).get("/api/v1/own/export").get_json()
        assert export["personal_code"]["issued_by"] == "Grace"

    def test_nothing_is_said_where_nobody_knows(self, app: Flask, own: OwnPage) -> None:
        access_of(app).codes.forget([own.students[0]])
        assert as_student(app, own.students[0]).get("/api/v1/own").get_json()["code_issued"] is None
        access_of(app).codes.issue(own.students[0])  # as an earlier version kept it
        assert as_student(app, own.students[0]).get("/api/v1/own").get_json()["code_issued"] is None

    def test_on_the_day_at_the_site(self, app: Flask, own: OwnPage, api: Api, clock: Clock) -> None:
        clock.tick(hours=14, minutes=45)  # a quarter past midnight in Berlin, and still the 23rd in London
        code = api("POST", f"/students/{own.students[0]}/code").get_json()["code"]
        told = bearing(app, own.prove(code=code).get_json()["token"]).get("/api/v1/own").get_json()
        assert told["code_issued"]["on"] == "2026-11-24"


class TestOwnRows:
    def test_courses_statuses_and_percentages(self, own: OwnPage, clock: Clock) -> None:
        own.check_in(own.students[0])
        seen = own.student().get("/api/v1/own").get_json()
        (course,) = seen["courses"]
        assert (seen["student"], course["code"]) == ({"student_id": "S0", "name": "Student S0"}, "STAT110")
        assert [(each["key"], each["status"]) for each in course["classes"]] == [(own.meeting, "present")]
        assert course["percentage"]["percent"] == 100.0
        assert set(seen["asks"]) == {"present", "late", "excused", "other"}
        clock.tick(hours=10)
        absent = own.student(1).get("/api/v1/own").get_json()["courses"][0]
        assert (absent["classes"][0]["status"], absent["percentage"]["percent"]) == ("absent", 0.0)

    def test_nothing_of_others(self, own: OwnPage, store: Store) -> None:
        mark_look_alikes(store, own.students[0], [own.students[1]])
        other = own.student(1).post("/api/v1/own/requests", json={"meeting": own.meeting, "asks": "late"}).get_json()
        student = own.student()
        for path in ("/own", "/own/export"):
            text = student.get(f"/api/v1{path}").text
            assert "Student S0" in text
            assert not any(each in text for each in ("Student S1", own.students[1], other["id"], "Student S2"))
        problem(student.post(f"/api/v1/own/requests/{other['id']}/registrar"), 404, "unknown_request")
        for path in ("/students", "/decisions", "/courses", f"/meetings/{own.meeting}/register", "/me", "/metrics"):
            problem(student.get(f"/api/v1{path}"), 401, "not_logged_in")

    def test_accounts_and_kiosks_are_no_students(self, app: Flask, own: OwnPage) -> None:
        problem(logged_in(app).get("/api/v1/own"), 403, "not_allowed")
        problem(paired(app, "Hall").get("/api/v1/own"), 403, "not_allowed")


class TestAsking:
    def test_asked_answered_passed_on_and_read(self, own: OwnPage, api: Api) -> None:
        student = own.student()
        body = {"meeting": own.meeting, "asks": "present", "text": TEXT}
        made = student.post("/api/v1/own/requests", json=body)
        assert (made.status_code, made.get_json()["state"]) == (201, "open")
        problem(student.post("/api/v1/own/requests", json=body), 409, "already_asked")
        key = made.get_json()["id"]
        api("POST", f"/requests/{key}/answer", json={"accept": False, "answer": "You were not."})
        (request,) = student.get("/api/v1/own").get_json()["requests"]
        assert (request["state"], request["answers"][0]["text"], request["may_pass_on"]) == (
            "declined",
            "You were not.",
            True,
        )
        assert student.post(f"/api/v1/own/requests/{key}/registrar").get_json()["state"] == "open"
        problem(student.post(f"/api/v1/own/requests/{key}/registrar"), 409, "not_declined")
        assert api("POST", f"/requests/{key}/answer", json={"accept": True}).status_code == 200
        assert statuses(own.register(own.meeting))[0] == "present"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"text": "=HYPERLINK(1)"}, "text"),
            ({"text": "x" * 501}, "text"),
            ({"text": "a\x07b"}, "text"),
            ({"text": "a\0b"}, "text"),
            ({"text": 5}, "text"),
            ({"asks": "absent"}, "asks"),
            ({"asks": None}, "asks"),
            ({"meeting": 7}, "meeting"),
            ({"student": "S1"}, "student"),
        ],
    )
    def test_what_is_no_request(self, own: OwnPage, change: dict[str, Any], field: str) -> None:
        body = {"meeting": own.meeting, "asks": "present", **change}
        assert fields(own.student().post("/api/v1/own/requests", json=body)) == [field]

    def test_a_class_of_another_course_or_none(self, own: OwnPage, api: Api) -> None:
        stranger = own.add("S9")
        code = api("POST", f"/students/{stranger}/code").get_json()["code"]
        token = own.prove(student_id="S9", code=code).get_json()["token"]
        for meeting in (own.meeting, "none", "../students"):
            body = {"meeting": meeting, "asks": "present"}
            problem(bearing(own.app, token).post("/api/v1/own/requests", json=body), 404, "unknown_meeting")


class TestAtAKiosk:
    def test_the_proof_gives_a_pass_without_texts_and_downloads(self, app: Flask, own: OwnPage, clock: Clock) -> None:
        proof = {"student_id": "S0", "code": own.codes[0]}
        shown = paired(app, "Hall").post("/api/v1/history", json=proof).get_json()
        student = bearing(app, shown["token"])
        assert student.get("/api/v1/own").get_json()["courses"][0]["code"] == "STAT110"
        body = {"meeting": own.meeting, "asks": "present"}
        assert fields(student.post("/api/v1/own/requests", json={**body, "text": TEXT})) == ["text"]
        assert student.post("/api/v1/own/requests", json=body).status_code == 201
        problem(student.get("/api/v1/own/export"), 403, "not_at_kiosk")
        clock.tick(seconds=AT_KIOSK.total_seconds())
        problem(student.get("/api/v1/own"), 401, "not_logged_in")
