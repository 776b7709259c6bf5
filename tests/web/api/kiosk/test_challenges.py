"""/challenges: opening a session, and more time for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.attendance.liveness_sessions import sessions
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import Site, logged_in, paired
from tests.support.fakes import Clock, DrawnFaces, Person, Scene, post_frame
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only


class TestOpen:
    """POST /challenges"""

    def test_a_check_in_begins_with_a_straight_look(self, site: Site) -> None:
        challenge = site.open()
        assert len(challenge.pop("id")) > 20
        assert len(challenge["next"].pop("nonce")) >= 16
        assert challenge == {
            "purpose": "check_in",
            "state": "neutral",
            "action": None,
            "asked_otherwise": False,
            "returning": False,
            "accepted": [],
            "total": 4,
            "hint": None,
            "failure": None,
            "next": {"number": 1},
            "pace_ms": 66,
            "expires_in": 60.0,
            "other_way": False,
            "more_time": False,
        }

    def test_a_capture_begins_with_its_first_pose(self, site: Site, jane: str) -> None:
        challenge = site.open("enrol", jane)
        assert (challenge["state"], challenge["action"], challenge["total"]) == ("step", "look_straight", 5)
        assert challenge["expires_in"] == 120.0

    def test_a_capture_without_turns_asks_for_straight_looks(self, api: Api, site: Site, jane: str) -> None:
        body = {"purpose": "enrol", "student_key": jane, "without_turning": True}
        challenge = api("POST", "/challenges", json=body).get_json()
        assert challenge["total"] == 3
        passed = Person(site.client, site.clock, 2).play(challenge)
        assert passed["accepted"] == ["look_straight"] * 3

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "purpose"),
            ({"purpose": "history"}, "student_id"),
            ({"purpose": "history", "student_id": ""}, "student_id"),
            ({"purpose": "history", "student_id": "1", "student_key": "x"}, "student_key"),
            ({"purpose": "history", "student_id": "1", "without_turning": True}, "without_turning"),
            ({"purpose": "check_in", "student_id": "1"}, "student_id"),
            ({"purpose": "redeem"}, "purpose"),
            ({"purpose": 1}, "purpose"),
            ({"purpose": "enrol"}, "student_key"),
            ({"purpose": "check_in", "student_key": "x"}, "student_key"),
            ({"purpose": "enrol", "student_key": 5}, "student_key"),
            ({"purpose": "check_in", "without_turning": "yes"}, "without_turning"),
            ({"purpose": "check_in", "liveness": True}, "liveness"),
        ],
    )
    def test_refuses_other_wishes(self, api: Api, body: dict[str, Any], field: str) -> None:
        assert fields(api("POST", "/challenges", json=body)) == [field]

    def test_registers_only_who_is_on_the_list(self, api: Api, jane: str) -> None:
        gone = {"purpose": "enrol", "student_key": "gone"}
        problem(api("POST", "/challenges", json=gone), 404, "unknown_student")
        api("PATCH", f"/students/{jane}", json={"removed": True})
        problem(api("POST", "/challenges", json={**gone, "student_key": jane}), 409, "student_removed")

    def test_says_when_too_many_are_open(
        self, api: Api, site: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sessions, "MOST_OPEN", 2)
        site.open()
        site.open()
        full = api("POST", "/challenges", json={"purpose": "check_in"})
        problem(full, 429, "too_many_sessions")
        assert int(full.headers["Retry-After"]) > 0
        clock.tick(61)
        site.open()

    def test_who_cannot_turn_the_head_is_asked_for_other_things(
        self, api: Api, client: FlaskClient, clock: Clock
    ) -> None:
        challenge = api("POST", "/challenges", json={"purpose": "check_in", "without_turning": True}).get_json()
        assert challenge["total"] == 3
        passed = Person(client, clock, 1).play(challenge)
        assert passed["state"] == "passed"
        assert set(passed["accepted"]) == {"close_eyes", "open_mouth", "come_closer"}

    @pytest.mark.parametrize(("mode", "total"), [("quick", 2), ("strict", 6)])
    def test_the_site_says_how_many_steps(
        self, settings: Settings, store: JsonStore, engine: DrawnFaces, clock: Clock, mode: str, total: int
    ) -> None:
        site = replace(settings, liveness=mode)
        client = logged_in(create_app(site, faces=engine, store=store, clock=clock))
        challenge = client.post("/api/v1/challenges", json={"purpose": "check_in"}).get_json()
        assert challenge["total"] == total
        assert challenge["expires_in"] == (60 if mode == "quick" else 90)
        assert Person(client, clock, 1).play(challenge)["state"] == "passed"

    def test_after_five_failures_in_a_row_the_kiosk_rests(
        self, app: Flask, api: Api, site: Site, clock: Clock, john: str
    ) -> None:
        def fail() -> None:
            challenge = site.open()
            problem(post_frame(site.client, challenge, Scene().jpeg(), nonce="x"), 409, "out_of_order")
            problem(post_frame(site.client, challenge, Scene().jpeg(), nonce="x"), 409, "out_of_order")

        for _ in range(4):
            fail()
        site.passed(1)
        for _ in range(5):
            fail()
        resting = api("POST", "/challenges", json={"purpose": "check_in"})
        assert problem(resting, 429, "kiosk_pause")["retry_after"] == 10
        assert resting.headers["Retry-After"] == "10"
        other = paired(app).post("/api/v1/challenges", json={"purpose": "check_in"})
        assert other.status_code == 201
        clock.tick(10)
        assert site.check_in(1).status_code == 201

    def test_steps_left_unmet_count_as_failures_when_their_time_is_over(
        self, api: Api, site: Site, clock: Clock
    ) -> None:
        def leave_five() -> None:
            for _ in range(5):
                person, challenge = Person(site.client, clock, 1), site.open()
                while challenge["state"] == "neutral":
                    person.move(challenge)
                    challenge = person.show(challenge)

        leave_five()
        clock.tick(61)
        problem(api("POST", "/challenges", json={"purpose": "check_in"}), 429, "kiosk_pause")
        clock.tick(10)
        leave_five()
        clock.tick(200)
        assert api("POST", "/challenges", json={"purpose": "check_in"}).status_code == 201

    def test_needs_the_passive_model_where_the_site_asks_for_it(
        self, settings: Settings, store: JsonStore, engine: DrawnFaces
    ) -> None:
        app = create_app(replace(settings, require_passive=True), faces=engine, store=store)
        response = logged_in(app).post("/api/v1/challenges", json={"purpose": "check_in"})
        problem(response, 503, "passive_missing")

    def test_needs_working_models(self, settings: Settings, store: JsonStore) -> None:
        api = logged_in(create_app(settings, store=store))
        response = api.post("/api/v1/challenges", json={"purpose": "check_in"})
        problem(response, 503, "models_not_ready")
        assert response.headers["Retry-After"]

    def test_litany(self, api: Api) -> None:
        takes_json_only(api, "POST", "/challenges", {"purpose": "check_in"})
        refuses_other_methods(api, "/challenges", "POST")

    def test_sessions_that_ended_keep_nobody_out(
        self, api: Api, site: Site, john: str, jane: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("secure_attend.attendance.liveness_sessions.sessions.MOST_REMEMBERED", 20)
        assert john
        passed = site.passed(1)
        for _ in range(40):
            challenge = site.open("enrol", jane)
            problem(post_frame(site.client, challenge, Scene().jpeg(), nonce="wrong"), 409, "out_of_order")
        assert api("POST", "/check-ins", json={"challenge": passed["id"]}).status_code == 201


class TestMoreTime:
    """POST /challenges/<id>/more-time"""

    def test_the_time_is_three_times_as_long_once(self, api: Api, site: Site, clock: Clock) -> None:
        challenge = site.open()
        clock.tick(10)
        for _ in range(2):
            response = api("POST", f"/challenges/{challenge['id']}/more-time")
            assert response.status_code == 200
            assert (response.json["more_time"], response.json["expires_in"]) == (True, 150.0)
        clock.tick(140)
        assert Person(site.client, clock, 1).show(response.json | {"next": challenge["next"]})["state"] == "neutral"

    def test_a_capture_has_more_time_too(self, api: Api, site: Site, jane: str) -> None:
        challenge = site.open("enrol", jane)
        assert api("POST", f"/challenges/{challenge['id']}/more-time").json["expires_in"] == 360.0

    def test_who_always_has_it_has_it_from_the_first_look_on_and_nobody_is_told(
        self, api: Api, site: Site, john: str, jane: str, clock: Clock
    ) -> None:
        api("PATCH", f"/students/{john}", json={"more_time": True})
        for who, ends in ((1, 180), (2, 60)):
            person, challenge, began = Person(site.client, clock, who), site.open(), clock()
            while challenge["state"] == "neutral":
                clock.tick(0.1)
                challenge = person.show(challenge)
            assert not challenge["more_time"]
            told = 60 - (clock() - began).total_seconds()
            assert challenge["expires_in"] == pytest.approx(told, abs=0.1)
            others = [11.0, 29.0 - 11.0, 4.0]
            otherwise = []
            for seconds in others:
                clock.tick(seconds)
                challenge = person.show(challenge)
                otherwise.append(challenge["asked_otherwise"])
            assert otherwise == ([False, False, True] if who == 1 else [True, False, False])
            last = began + timedelta(seconds=ends - 3)
            clock.tick((last - clock()).total_seconds())
            challenge = person.show(challenge)
            assert challenge["state"] == "step"
            clock.tick(5)
            problem(post_frame(site.client, challenge, Scene().jpeg()), 410, "challenge_expired")

    def test_who_is_registered_by_staff_has_it_from_the_start(
        self, api: Api, site: Site, john: str, clock: Clock
    ) -> None:
        api("PATCH", f"/students/{john}", json={"more_time": True})
        captured = site.open("enrol", john)
        clock.tick(130)
        assert post_frame(site.client, captured, Scene(1).jpeg()).status_code == 200

    def test_for_the_own_attendance_it_takes_the_face_of_the_typed_id(
        self, api: Api, site: Site, john: str, jane: str, clock: Clock
    ) -> None:
        """By an ID alone a kiosk could find out who has more time: by how long a session for it lasts."""
        api("PATCH", f"/students/{john}", json={"more_time": True})
        for typed, shown, lasts in (("1001", 1, True), ("1001", 2, False), ("1001", None, False), ("nobody", 1, False)):
            opened = api("POST", "/challenges", json={"purpose": "history", "student_id": typed}).get_json()
            assert opened["expires_in"] == 60.0
            challenge, began = opened, clock()
            if shown is not None:
                person = Person(site.client, clock, shown)
                while challenge["state"] == "neutral":
                    clock.tick(0.1)
                    challenge = person.show(challenge)
            clock.tick(61 - (clock() - began).total_seconds())
            extended = api("POST", f"/challenges/{opened['id']}/more-time")
            assert extended.status_code == (200 if lasts else 410), (typed, shown)

    def test_a_session_that_is_over_has_no_more(self, api: Api, site: Site, clock: Clock) -> None:
        challenge = site.open()
        clock.tick(60)
        problem(api("POST", f"/challenges/{challenge['id']}/more-time"), 410, "challenge_expired")

    def test_litany(self, api: Api, site: Site) -> None:
        problem(api("POST", "/challenges/gone/more-time"), 404, "unknown_challenge")
        refuses_other_methods(api, f"/challenges/{site.open()['id']}/more-time", "POST")


class TestLeave:
    """DELETE /challenges/<id>"""

    def test_it_is_over_at_once_and_forgotten(self, api: Api, site: Site) -> None:
        challenge = site.open()
        answer = api("DELETE", f"/challenges/{challenge['id']}")
        assert (answer.status_code, answer.get_json()) == (200, {"done": True})
        problem(post_frame(site.client, challenge, Scene(1).jpeg()), 404, "unknown_challenge")
        problem(api("DELETE", f"/challenges/{challenge['id']}"), 404, "unknown_challenge")

    def test_it_is_counted_as_left(self, api: Api, site: Site) -> None:
        api("DELETE", f"/challenges/{at_a_step(site)['id']}")
        sessions_left = 'secure_attend_sessions_total{outcome="left",purpose="check_in"} 1.0'
        assert sessions_left in api("GET", "/metrics").text

    def test_it_makes_room_for_others(self, api: Api, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sessions, "MOST_OPEN", 1)
        challenge = site.open()
        problem(api("POST", "/challenges", json={"purpose": "check_in"}), 429, "too_many_sessions")
        api("DELETE", f"/challenges/{challenge['id']}")
        site.open()

    def test_who_sees_a_step_and_leaves_counts_for_the_pause(self, api: Api, site: Site) -> None:
        for _ in range(5):
            api("DELETE", f"/challenges/{at_a_step(site)['id']}")
        problem(api("POST", "/challenges", json={"purpose": "check_in"}), 429, "kiosk_pause")

    def test_who_leaves_before_the_first_step_does_not(self, api: Api, site: Site) -> None:
        for _ in range(6):
            challenge = Person(site.client, site.clock, 1).play(site.open(), most=1)
            assert challenge["state"] == "neutral"
            api("DELETE", f"/challenges/{challenge['id']}")
        site.open()

    def test_each_caller_leaves_its_own_sessions_only(self, app: Flask, api: Api, site: Site, clock: Clock) -> None:
        challenge = site.open()
        problem(paired(app).delete(f"/api/v1/challenges/{challenge['id']}"), 404, "unknown_challenge")
        assert Person(site.client, clock, 1).show(challenge)["state"] == "neutral"

    def test_what_is_over_cannot_be_left(self, api: Api, site: Site, clock: Clock, john: str) -> None:
        passed, late = site.passed(1), site.open()
        problem(api("DELETE", f"/challenges/{passed['id']}"), 410, "challenge_expired")
        assert api("POST", "/check-ins", json={"challenge": passed["id"]}).status_code == 201
        clock.tick(60)
        problem(api("DELETE", f"/challenges/{late['id']}"), 410, "challenge_expired")

    def test_a_capture_can_be_left_too(self, api: Api, site: Site, jane: str) -> None:
        assert api("DELETE", f"/challenges/{site.open('enrol', jane)['id']}").status_code == 200

    def test_litany(self, api: Api) -> None:
        problem(api("DELETE", "/challenges/gone"), 404, "unknown_challenge")
        refuses_other_methods(api, "/challenges/gone", "DELETE")


def at_a_step(site: Site) -> dict[str, Any]:
    """A session whose first step is asked for."""
    challenge = site.open()
    person = Person(site.client, site.clock, 1)
    while challenge["state"] == "neutral":
        challenge = person.play(challenge, most=1)
    return challenge
