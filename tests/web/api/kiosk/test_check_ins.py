"""/check-ins: by face, and taking one back."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.attendance.reader_scope import UNLIMITED
from secure_attend.attendance.services import Services
from secure_attend.attendance.students.claims import Actor
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import LECTURER, Site, logged_in, paired
from tests.support.fakes import Clock, DrawnFaces, Person
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only


@pytest.fixture
def unmarked_twins(api: Api, site: Site) -> None:
    """1 and 2 look alike, and faculty have taken the mark away that says so."""
    one, other = site.enrolled("1", "One Twin", who=40), site.add("2", "Other Twin")
    assert site.register(other, 41, confirm_other=1).status_code == 201
    assert api("DELETE", f"/students/{one}/alike/{other}").status_code == 200


class TestByFace:
    """POST /check-ins"""

    def test_greets_by_name_and_time(self, site: Site, john: str, clock: Clock) -> None:
        response = site.check_in(who=1)
        assert response.status_code == 201
        body = response.get_json()
        record = body.pop("record")
        assert body == {"already": False, "student": {"name": "John Doe"}, "greeting_time": "09:30", "standing": None}
        assert (record["method"], record["by"], record["date"]) == ("kiosk", LECTURER, "2026-11-23"), (
            "no kiosk vouches for it"
        )

    def test_asked_again_gives_the_same_answer_and_one_record(self, api: Api, site: Site, john: str) -> None:
        challenge = site.passed(1)["id"]
        first = api("POST", "/check-ins", json={"challenge": challenge})
        again = api("POST", "/check-ins", json={"challenge": challenge})
        assert (first.status_code, first.data) == (again.status_code, again.data)
        assert len(api("GET", f"/students/{john}/attendance").get_json()["records"]) == 1

    def test_within_the_interval_it_says_when(self, api: Api, site: Site, john: str, clock: Clock) -> None:
        first = site.check_in(1).get_json()
        clock.tick(minutes=5)
        second = site.check_in(1)
        assert second.status_code == 200
        assert second.get_json() == {**first, "already": True}
        clock.tick(minutes=5)
        assert site.check_in(1).status_code == 201

    def test_after_a_cancellation_one_checks_in_at_once(self, api: Api, site: Site, john: str) -> None:
        record = site.check_in(1).get_json()["record"]["id"]
        assert api("POST", f"/check-ins/{record}/cancel", json={"reason": "not_me"}).status_code == 201
        assert site.check_in(1).status_code == 201

    def test_an_unknown_face_is_not_recognised_and_told_nothing_more(self, api: Api, site: Site, john: str) -> None:
        challenge = site.passed(7)["id"]
        body = problem(api("POST", "/check-ins", json={"challenge": challenge}), 422, "not_recognised")
        assert set(body) == {"type", "title", "status", "detail", "code"}
        again = problem(api("POST", "/check-ins", json={"challenge": challenge}), 422, "not_recognised")
        assert again == body

    @pytest.mark.usefixtures("unmarked_twins")
    def test_a_face_of_two_is_nobodys(self, api: Api, site: Site) -> None:
        body = problem(site.check_in(40), 422, "ambiguous_face")
        assert "Twin" not in body["detail"]

    @pytest.mark.usefixtures("unmarked_twins")
    def test_an_ambiguous_face_is_verified_by_an_id(self, api: Api, site: Site) -> None:
        challenge = site.passed(40)["id"]
        problem(api("POST", "/check-ins", json={"challenge": challenge}), 422, "ambiguous_face")
        response = api("POST", "/check-ins", json={"challenge": challenge, "student_id": " 1 "})
        assert response.status_code == 201
        assert response.get_json()["student"] == {"name": "One Twin"}
        again = api("POST", "/check-ins", json={"challenge": challenge, "student_id": "2"})
        assert again.data == response.data, "one ID, and its answer stands"

    @pytest.mark.usefixtures("unmarked_twins")
    @pytest.mark.parametrize("claimed", ["3", "404"])
    def test_an_id_of_somebody_else_ends_it(self, api: Api, site: Site, claimed: str) -> None:
        site.enrolled("3", "Ann Lee", who=3)
        challenge = site.passed(40)["id"]
        problem(api("POST", "/check-ins", json={"challenge": challenge}), 422, "ambiguous_face")
        problem(api("POST", "/check-ins", json={"challenge": challenge, "student_id": claimed}), 422, "not_recognised")
        problem(api("POST", "/check-ins", json={"challenge": challenge, "student_id": "1"}), 422, "not_recognised")

    @pytest.mark.usefixtures("unmarked_twins")
    def test_an_id_comes_within_a_minute(self, api: Api, site: Site, clock: Clock) -> None:
        challenge = site.passed(40)["id"]
        problem(api("POST", "/check-ins", json={"challenge": challenge}), 422, "ambiguous_face")
        clock.tick(60)
        claim = {"challenge": challenge, "student_id": "1"}
        problem(api("POST", "/check-ins", json=claim), 410, "challenge_expired")

    @pytest.mark.usefixtures("unmarked_twins")
    @pytest.mark.parametrize(("seconds", "status"), [(179, 201), (180, 410)])
    def test_an_id_comes_within_three_minutes_after_a_check_in_with_more_time(
        self, api: Api, site: Site, clock: Clock, seconds: int, status: int
    ) -> None:
        opened = site.open()
        api("POST", f"/challenges/{opened['id']}/more-time")
        challenge = Person(site.client, clock, 40).play(opened)["id"]
        problem(api("POST", "/check-ins", json={"challenge": challenge}), 422, "ambiguous_face")
        clock.tick(seconds)
        answer = api("POST", "/check-ins", json={"challenge": challenge, "student_id": "1"})
        assert answer.status_code == status, answer.text

    @pytest.mark.usefixtures("unmarked_twins")
    @pytest.mark.parametrize(("seconds", "status"), [(59, 201), (60, 410)])
    def test_more_time_to_type_an_id_is_given_once_and_not_too_late(
        self, api: Api, site: Site, clock: Clock, seconds: int, status: int
    ) -> None:
        """What is left is three times as long: 20 of the 60 seconds become 60."""
        challenge = site.passed(40)["id"]
        problem(api("POST", f"/challenges/{challenge}/more-time"), 410, "challenge_expired")
        problem(api("POST", "/check-ins", json={"challenge": challenge}), 422, "ambiguous_face")
        clock.tick(40)
        for _ in range(2):
            assert api("POST", f"/challenges/{challenge}/more-time").get_json()["more_time"]
        clock.tick(seconds)
        answer = api("POST", "/check-ins", json={"challenge": challenge, "student_id": "1"})
        assert answer.status_code == status, answer.text
        problem(api("POST", f"/challenges/{challenge}/more-time"), 410, "challenge_expired")

    def test_an_id_changes_nothing_for_an_unknown_face(self, api: Api, site: Site, john: str) -> None:
        claim = {"challenge": site.passed(7)["id"], "student_id": "1001"}
        problem(api("POST", "/check-ins", json=claim), 422, "not_recognised")

    def test_nobody_is_registered_yet(self, site: Site, jane: str) -> None:
        problem(site.check_in(1), 409, "nobody_registered")

    def test_removed_students_are_not_recognised(self, api: Api, site: Site, john: str) -> None:
        site.enrolled("1003", "Ann Lee", who=3)
        api("PATCH", f"/students/{john}", json={"removed": True})
        problem(site.check_in(1), 422, "not_recognised")

    def test_a_passed_session_waits_only_so_long(self, api: Api, site: Site, john: str, clock: Clock) -> None:
        challenge = site.passed(1)["id"]
        clock.tick(75)
        problem(api("POST", "/check-ins", json={"challenge": challenge}), 410, "challenge_expired")

    def test_a_redeemed_session_repeats_its_answer_later(self, api: Api, site: Site, john: str, clock: Clock) -> None:
        challenge = site.passed(1)["id"]
        first = api("POST", "/check-ins", json={"challenge": challenge})
        clock.tick(200)
        assert api("POST", "/check-ins", json={"challenge": challenge}).data == first.data

    @pytest.mark.parametrize("back", [1, 5, 60, 13 * 60])
    def test_a_clock_set_back_makes_no_second_record(
        self, site: Site, services: Services, john: str, clock: Clock, back: int
    ) -> None:
        first = site.check_in(1).get_json()
        clock.tick(minutes=-back)
        assert site.check_in(1).get_json() == {**first, "already": True}
        assert len(list(services.store.records())) == 1

    def test_a_clock_that_was_days_ahead_keeps_nobody_out(self, site: Site, john: str, clock: Clock) -> None:
        clock.tick(days=2)
        site.check_in(1)
        clock.tick(days=-2)
        assert site.check_in(1).status_code == 201

    def test_only_a_passed_check_in_is_redeemed(self, api: Api, site: Site, jane: str) -> None:
        problem(api("POST", "/check-ins", json={"challenge": "gone"}), 404, "unknown_challenge")
        problem(api("POST", "/check-ins", json={"challenge": site.open()["id"]}), 409, "challenge_not_passed")
        capture = site.passed(2, "enrol", jane)["id"]
        problem(api("POST", "/check-ins", json={"challenge": capture}), 409, "wrong_purpose")

    def test_litany(self, api: Api) -> None:
        assert fields(api("POST", "/check-ins", json={})) == ["challenge"]
        assert fields(api("POST", "/check-ins", json={"challenge": 5})) == ["challenge"]
        takes_json_only(api, "POST", "/check-ins", {"challenge": "x"})
        refuses_other_methods(api, "/check-ins", "POST")


def at_once(count: int, act: Any) -> None:
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        act()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("sessions", [1, 4])
def test_redeemed_at_once_there_is_one_record(
    site: Site, services: Services, lecturer: Actor, john: str, sessions: int
) -> None:
    """One session redeemed by four threads, and four sessions of one student by one thread each."""
    challenges = [site.passed(1)["id"] for _ in range(sessions)]
    waiting, answers = challenges * (4 // sessions), []
    at_once(4, lambda: answers.append(services.check_in.by_face(waiting.pop(), lecturer).record.id))
    assert len(set(answers)) == 1
    assert len(answers) == 4
    assert len(list(services.store.records())) == 1


def test_after_a_restart_a_lost_answer_is_found_again(
    site: Site, settings: Settings, store: JsonStore, engine: DrawnFaces, john: str, clock: Clock
) -> None:
    challenge = site.passed(1)["id"]
    first = site.client.post("/api/v1/check-ins", json={"challenge": challenge})
    other = logged_in(create_app(settings, faces=engine, store=store, clock=clock))
    again = other.post("/api/v1/check-ins", json={"challenge": challenge})
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    problem(other.post("/api/v1/check-ins", json={"challenge": "another"}), 404, "unknown_challenge")
    site.client.delete(f"/api/v1/students/{john}?reason=asked+for+it")
    problem(other.post("/api/v1/check-ins", json={"challenge": challenge}), 404, "unknown_challenge")


class TestCancel:
    """POST /check-ins/{id}/cancel"""

    @pytest.fixture
    def record(self, site: Site, john: str) -> str:
        """John's check-in by face, just now."""
        found: str = site.check_in(1).get_json()["record"]["id"]
        return found

    def test_faculty_cancels_any_time(self, api: Api, record: str, john: str, clock: Clock) -> None:
        clock.tick(days=30)
        response = api("POST", f"/check-ins/{record}/cancel", json={})
        assert response.status_code == 201
        made = response.get_json()["record"]
        assert (made["method"], made["cancels"], made["by"], made["kiosk"]) == ("cancellation", record, LECTURER, None)
        assert api("GET", f"/students/{john}").get_json()["today"] is None

    def test_a_body_is_not_needed(self, api: Api, record: str) -> None:
        assert api("POST", f"/check-ins/{record}/cancel").status_code == 201

    def test_not_me_only_at_once(self, kiosk: FlaskClient, john: str, clock: Clock) -> None:
        made = Site(kiosk, clock).check_in(1).get_json()["record"]
        assert (made["by"], made["kiosk"]) == ("student", "Room 101")
        clock.tick(15.1)
        path = f"/api/v1/check-ins/{made['id']}/cancel"
        problem(kiosk.post(path, json={"reason": "not_me"}), 403, "too_late")
        clock.tick(-1)
        cancelled = kiosk.post(path, json={"reason": "not_me"}).get_json()["record"]
        assert (cancelled["by"], cancelled["kiosk"]) == ("student", "Room 101")

    def test_a_kiosk_takes_back_its_own_check_ins_alone(
        self, app: Flask, api: Api, kiosk: FlaskClient, record: str, john: str, clock: Clock
    ) -> None:
        """Neither what a lecturer's page or another kiosk recorded, nor anything without saying "Not me"."""
        problem(kiosk.post(f"/api/v1/check-ins/{record}/cancel", json={"reason": "not_me"}), 403, "not_this_kiosks")
        clock.tick(minutes=20)
        own = Site(kiosk, clock).check_in(1).get_json()["record"]["id"]
        path = f"/api/v1/check-ins/{own}/cancel"
        problem(kiosk.post(path, json={}), 403, "not_this_kiosks")
        problem(paired(app, "Room 102").post(path, json={"reason": "not_me"}), 403, "not_this_kiosks")
        assert kiosk.post(path, json={"reason": "not_me"}).status_code == 201

    def test_not_me_takes_back_no_lecturers_word(self, api: Api, jane: str) -> None:
        record = api("POST", f"/students/{jane}/check-ins").get_json()["record"]["id"]
        problem(api("POST", f"/check-ins/{record}/cancel", json={"reason": "not_me"}), 403, "too_late")

    def test_only_a_check_in_that_stands(self, api: Api, record: str) -> None:
        made = api("POST", f"/check-ins/{record}/cancel", json={}).get_json()["record"]["id"]
        body = problem(api("POST", f"/check-ins/{record}/cancel", json={}), 409, "already_cancelled")
        assert body["cancelled_by"] == made
        problem(api("POST", f"/check-ins/{made}/cancel", json={}), 409, "not_a_check_in")
        problem(api("POST", "/check-ins/gone/cancel", json={}), 404, "unknown_record")

    def test_an_erased_students_record_stays(self, api: Api, record: str, john: str) -> None:
        api("DELETE", f"/students/{john}?reason=asked")
        problem(api("POST", f"/check-ins/{record}/cancel", json={}), 409, "student_erased")

    def test_cancelled_at_once_there_is_one_cancellation(
        self, services: Services, lecturer: Actor, record: str
    ) -> None:
        codes: list[str] = []

        def cancel() -> None:
            try:
                services.cancellations.cancel(record, lecturer, UNLIMITED)
                codes.append("done")
            except Exception as error:
                codes.append(getattr(error, "code", repr(error)))

        at_once(4, cancel)
        assert sorted(codes) == ["already_cancelled"] * 3 + ["done"]

    def test_litany(self, api: Api, record: str) -> None:
        path = f"/check-ins/{record}/cancel"
        assert fields(api("POST", path, json={"reason": "bored"})) == ["reason"]
        takes_json_only(api, "POST", path, {"reason": "not_me"})
        refuses_other_methods(api, path, "POST")


def test_two_kiosks_at_once(site: Site, api: Api, john: str, clock: Clock) -> None:
    """Sessions do not disturb each other."""
    ann = site.enrolled("1003", "Ann Lee", who=3)
    people = [(Person(site.client, clock, 1), site.open()), (Person(site.client, clock, 3), site.open())]
    while any(challenge["next"] for _, challenge in people):
        for place, (person, challenge) in enumerate(people):
            if challenge["next"]:
                person.move(challenge)
                people[place] = (person, person.show(challenge))
    names = [
        api("POST", "/check-ins", json={"challenge": challenge["id"]}).get_json()["student"]["name"]
        for _, challenge in people
    ]
    assert names == ["John Doe", "Ann Lee"]
    assert api("GET", f"/students/{ann}").get_json()["today"]["method"] == "kiosk"
