"""/challenges: the protocol of nonces, and what a session comes to."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.attendance.liveness_sessions import sessions
from secure_attend.attendance.services import Services
from secure_attend.attendance.students.claims import Actor
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import Site, logged_in, paired
from tests.support.fakes import Clock, DrawnFaces, Person, Scene, encoded, post_frame
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_bytes_only, takes_json_only


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

    def test_a_step_left_unmet_counts_as_a_failure(self, api: Api, site: Site, clock: Clock) -> None:
        for _ in range(5):
            person, challenge = Person(site.client, clock, 1), site.open()
            while challenge["state"] == "neutral":
                person.move(challenge)
                challenge = person.show(challenge)
        clock.tick(61)
        problem(api("POST", "/challenges", json={"purpose": "check_in"}), 429, "kiosk_pause")

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


class TestFrames:
    """POST /challenges/{id}/frames"""

    @pytest.mark.parametrize("attempt", range(4))
    def test_a_check_in_is_played_to_the_end(self, site: Site, client: FlaskClient, clock: Clock, attempt: int) -> None:
        challenge = Person(client, clock, 1).play(site.open())
        assert (challenge["state"], challenge["next"], challenge["action"]) == ("passed", None, None)
        assert len(challenge["accepted"]) == 4

    def test_a_step_is_revealed_when_the_one_before_is_done(
        self, site: Site, client: FlaskClient, clock: Clock
    ) -> None:
        person, challenge, seen = Person(client, clock, 1), site.open(), []
        while challenge["next"]:
            person.move(challenge)
            challenge = person.show(challenge)
            seen.append((len(challenge["accepted"]), challenge["returning"], challenge["action"]))
        actions = [action for _, _, action in seen if action]
        assert len(set(actions)) == 4
        assert (1, True, actions[0]) in seen
        assert seen.index((1, True, actions[0])) < seen.index(
            (1, False, next(action for action in actions if action != actions[0]))
        )

    def test_hints_say_what_to_change(self, site: Site, client: FlaskClient, clock: Clock) -> None:
        person, challenge = Person(client, clock, 1), site.open()
        for scene, hint in (
            (Scene(faces=0), "no_face"),
            (Scene(faces=2), "one_person"),
            (Scene(problem="too_dark"), "too_dark"),
            (Scene(problem="come_closer"), "come_closer"),
        ):
            clock.tick(0.1)
            challenge = person.show(challenge, scene.jpeg())
            assert challenge["hint"] == hint

    def test_a_session_that_runs_out_says_what_would_have_helped(
        self, api: Api, site: Site, client: FlaskClient, clock: Clock
    ) -> None:
        person, challenge = Person(client, clock, 1), site.open()
        for scene in (Scene(faces=0), *[Scene(problem="too_dark")] * 3):
            clock.tick(0.1)
            challenge = person.show(challenge, scene.jpeg())
        clock.tick(60)
        refused = post_frame(client, challenge, Scene().jpeg())
        problem(refused, 410, "challenge_expired")
        assert refused.get_json()["hint"] == "too_dark"
        assert api("GET", "/refusals").get_json()["refusals"][0]["hint"] == "too_dark"

    @pytest.mark.parametrize("at", ["neutral", "step"])
    def test_pictures_too_far_apart_are_told_and_remembered(
        self, api: Api, site: Site, client: FlaskClient, clock: Clock, at: str
    ) -> None:
        """No movement can be followed then, and it is not the person's fault."""
        person, challenge = Person(client, clock, 1), site.open()
        while challenge["state"] != at:
            person.move(challenge)
            challenge = person.show(challenge)
        for _ in range(14):
            clock.tick(0.7)
            challenge = person.show(challenge)
        assert (challenge["state"], challenge["hint"], challenge["other_way"]) == (at, "slow_connection", True)
        clock.tick(60)
        assert post_frame(client, challenge, Scene().jpeg()).get_json()["hint"] == "slow_connection"
        assert api("GET", "/refusals").get_json()["refusals"][0]["hint"] == "slow_connection"

    def test_a_camera_that_repeats_its_pictures_is_told(self, site: Site, client: FlaskClient, clock: Clock) -> None:
        """It is not the person's fault that a movement leaps."""
        person, challenge = Person(client, clock, 1), site.open()
        while challenge["state"] != "step":
            person.move(challenge)
            challenge = person.show(challenge)
        for _ in range(10):
            clock.tick(0.1)
            challenge = person.show(challenge)
        assert challenge["hint"] == "slow_camera"

    @pytest.mark.parametrize("people", [0, 1])
    def test_a_camera_that_stands_still_is_told_and_remembered(
        self, api: Api, site: Site, client: FlaskClient, clock: Clock, people: int
    ) -> None:
        """Whoever is in its picture may have left, and whoever stands there is not in it."""
        person, challenge = Person(client, clock, 1), site.open()
        for _ in range(80):
            clock.tick(0.1)
            challenge = person.show(challenge, Scene(faces=people).jpeg())
        assert challenge["hint"] == "still_camera"
        clock.tick(60)
        assert post_frame(client, challenge, Scene().jpeg()).get_json()["hint"] == "still_camera"
        assert api("GET", "/refusals").get_json()["refusals"][0]["hint"] == "still_camera"

    def test_the_last_frame_resent_changes_nothing(self, site: Site, client: FlaskClient) -> None:
        first, frame = site.open(), Scene().jpeg()
        once = post_frame(client, first, frame)
        again = post_frame(client, first, frame)
        assert (once.status_code, again.status_code) == (200, 200)
        assert once.data == again.data
        assert post_frame(client, once.get_json(), frame).get_json()["next"]["number"] == 3

    @pytest.mark.parametrize(
        "changed", [{"number": 2}, {"number": 1}, {"nonce": "x"}, {"nonce": "\u00fcber"}, {"number": 1000000}]
    )
    def test_anything_else_out_of_order_fails_the_session(
        self, site: Site, client: FlaskClient, changed: dict[str, Any]
    ) -> None:
        challenge = post_frame(client, site.open(), Scene().jpeg()).get_json()
        if changed.get("number") == 2:
            changed = {"number": 3}
        problem(post_frame(client, challenge, Scene(noise=1).jpeg(), **changed), 409, "out_of_order")
        problem(post_frame(client, challenge, Scene(noise=1).jpeg()), 409, "out_of_order")

    def test_the_same_number_with_another_picture_is_out_of_order(self, site: Site, client: FlaskClient) -> None:
        challenge = site.open()
        post_frame(client, challenge, Scene().jpeg())
        problem(post_frame(client, challenge, Scene(noise=9).jpeg()), 409, "out_of_order")

    def test_a_frame_after_the_end_is_out_of_order(self, site: Site, client: FlaskClient) -> None:
        problem(post_frame(client, site.passed(1), Scene().jpeg()), 409, "out_of_order")

    def test_a_frame_after_redeeming_takes_nothing_back(self, api: Api, site: Site, client: FlaskClient) -> None:
        site.enrolled("1001", "John Doe", who=1)
        challenge = site.passed(1)
        first = api("POST", "/check-ins", json={"challenge": challenge["id"]})
        problem(post_frame(client, challenge, Scene().jpeg()), 409, "out_of_order")
        assert api("POST", "/check-ins", json={"challenge": challenge["id"]}).data == first.data

    def test_a_picture_that_cannot_be_read_costs_nothing(self, site: Site, client: FlaskClient) -> None:
        challenge = site.open()
        for broken, status, code in (
            (b"", 422, "unreadable_image"),
            (Scene().jpeg()[:200], 422, "unreadable_image"),
            (b"<svg/>", 415, "unsupported_image"),
            (Scene().png(), 415, "unsupported_image"),
        ):
            problem(post_frame(client, challenge, broken), status, code)
        assert post_frame(client, challenge, Scene().jpeg()).status_code == 200

    def test_large_pictures_are_refused_before_they_are_decoded(
        self, site: Site, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        large = encoded(Scene().frame().repeat(3, axis=0), ".jpg")
        monkeypatch.setattr("cv2.imdecode", None)
        problem(post_frame(client, site.open(), large), 413, "image_too_large")

    def test_a_session_ends(self, site: Site, client: FlaskClient, clock: Clock) -> None:
        challenge = site.open()
        clock.tick(60)
        problem(post_frame(client, challenge, Scene().jpeg()), 410, "challenge_expired")
        clock.tick(301)
        site.open()
        problem(post_frame(client, challenge, Scene().jpeg()), 404, "unknown_challenge")

    def test_who_never_does_it_is_told(self, site: Site, client: FlaskClient, clock: Clock) -> None:
        person, challenge = Person(client, clock, 1), site.open()
        hints = set()
        while challenge["next"]:
            clock.tick(0.5)
            response = post_frame(client, challenge, person.scene.jpeg())
            if response.status_code == 410:
                break
            challenge = response.get_json()
            hints.add((challenge["action"], challenge["asked_otherwise"]))
        assert {otherwise for _, otherwise in hints} == {False, True}

    def test_a_change_of_person_fails_the_session(self, site: Site, client: FlaskClient, clock: Clock) -> None:
        person, challenge = Person(client, clock, 1), site.open()
        while challenge["next"]:
            person.move(challenge)
            if challenge["accepted"]:
                person.scene = replace(person.scene, who=2)
            challenge = person.show(challenge)
        assert (challenge["state"], challenge["failure"]["code"]) == ("failed", "face_changed")
        assert challenge["failure"]["detail"].endswith(".")
        redeemed = client.post("/api/v1/check-ins", json={"challenge": challenge["id"]})
        problem(redeemed, 409, "challenge_not_passed")

    def test_whoever_moves_must_be_who_looks_straight(self, site: Site, client: FlaskClient, clock: Clock) -> None:
        """An accomplice does the movements and shows somebody else's picture at rest."""
        person, challenge = Person(client, clock, 1), site.open()
        while challenge["next"]:
            person.move(challenge)
            moving = challenge["state"] == "step" and not challenge["returning"]
            shown = replace(person.scene, who=2 if moving else 1)
            challenge = person.show(challenge, shown.jpeg())
        assert challenge["failure"]["code"] == "face_changed"
        assert len(challenge["accepted"]) == 0

    def test_whoever_ends_a_movement_must_have_begun_it(self, site: Site, client: FlaskClient, clock: Clock) -> None:
        """The victim's picture is exchanged for the accomplice on the way of each movement."""
        person, challenge, shown = Person(client, clock, 1), site.open(), set()
        while challenge["next"]:
            person.move(challenge)
            who = 2 if challenge["hint"] in ("a_little_more", "hold") and challenge["action"] != "close_eyes" else 1
            shown.add(who)
            challenge = person.show(challenge, replace(person.scene, who=who).jpeg())
        assert shown == {1, 2}
        assert challenge["failure"]["code"] == "face_changed"

    @pytest.mark.parametrize(("votes", "state"), [([True, False, True], "passed"), ([True, False, False], "failed")])
    def test_the_passive_network_votes_where_it_is(
        self,
        site: Site,
        client: FlaskClient,
        clock: Clock,
        engine: DrawnFaces,
        monkeypatch: pytest.MonkeyPatch,
        votes: list[bool],
        state: str,
    ) -> None:
        said = itertools.cycle(votes)
        monkeypatch.setattr(engine, "looks_live", lambda frame, box: next(said), raising=False)
        challenge = Person(client, clock, 1).play(site.open())
        assert challenge["state"] == state
        if state == "failed":
            assert challenge["failure"]["code"] == "looks_like_a_picture"

    def test_a_session_is_one_kiosks_alone(self, app: Flask, api: Api, site: Site, clock: Clock, john: str) -> None:
        """To others it does not exist: they can neither play nor spoil nor redeem it."""
        elsewhere = paired(app)
        challenge = site.open()
        problem(post_frame(elsewhere, challenge, Scene().jpeg()), 404, "unknown_challenge")
        passed = Person(site.client, clock, 1).play(challenge)
        body = {"challenge": passed["id"]}
        problem(elsewhere.post("/api/v1/check-ins", json=body), 404, "unknown_challenge")
        assert api("POST", "/check-ins", json=body).status_code == 201
        problem(elsewhere.post("/api/v1/check-ins", json=body), 404, "unknown_challenge")

    def test_a_face_the_detector_never_sees_passes_nothing(
        self, site: Site, client: FlaskClient, clock: Clock, engine: DrawnFaces, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "find", lambda frame, near=None: ())
        challenge = Person(client, clock, 1).play(site.open())
        assert challenge["failure"]["code"] == "no_clear_face"

    def test_only_key_frames_are_embedded(self, site: Site, engine: DrawnFaces) -> None:
        """The neutral, and for each of four steps one frame on the way, one at its end and one at rest after it; shut
        eyes have no way."""
        done = site.passed(1)
        assert engine.embedded == 1 + 3 * 4 - ("close_eyes" in done["accepted"])

    @pytest.mark.parametrize("query", ["", "number=1", "number=x&nonce=y", "number=0&nonce=y", "number=1&nonce=y&z=1"])
    def test_needs_number_and_nonce(self, api: Api, site: Site, query: str) -> None:
        path = f"/challenges/{site.open()['id']}/frames?{query}"
        assert fields(api("POST", path, data=Scene().jpeg(), content_type="image/jpeg"))

    def test_no_answer_holds_a_score(self, site: Site, client: FlaskClient, clock: Clock) -> None:
        person, challenge = Person(client, clock, 1), site.open()
        known = {
            "id", "purpose", "state", "action", "asked_otherwise", "returning", "accepted", "total", "hint", "failure",
            "next", "expires_in", "pace_ms", "other_way", "more_time",
        }  # fmt: skip
        while challenge["next"]:
            person.move(challenge)
            challenge = person.show(challenge)
            assert set(challenge) == known

    def test_litany(self, api: Api, site: Site) -> None:
        query = "number=1&nonce=x"
        problem(
            api("POST", f"/challenges/gone/frames?{query}", data=Scene().jpeg(), content_type="image/jpeg"),
            404,
            "unknown_challenge",
        )
        path = f"/challenges/{site.open()['id']}/frames?{query}"
        takes_bytes_only(api, path, Scene().jpeg(), "image/jpeg", 150_000)
        refuses_other_methods(api, path, "POST")


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

    def test_who_types_an_id_or_is_registered_has_it_from_the_start(
        self, api: Api, site: Site, john: str, clock: Clock
    ) -> None:
        api("PATCH", f"/students/{john}", json={"more_time": True})
        typed = [
            api("POST", "/challenges", json={"purpose": "history", "student_id": student_id}).get_json()
            for student_id in ("1001", "nobody")
        ]
        captured = site.open("enrol", john)
        assert [challenge["expires_in"] for challenge in typed] == [60.0, 60.0]
        clock.tick(130)
        known, unknown = (post_frame(site.client, challenge, Scene(1).jpeg()) for challenge in typed)
        assert known.status_code == 200
        problem(unknown, 410, "challenge_expired")
        assert post_frame(site.client, captured, Scene(1).jpeg()).status_code == 200

    def test_a_session_that_is_over_has_no_more(self, api: Api, site: Site, clock: Clock) -> None:
        challenge = site.open()
        clock.tick(60)
        problem(api("POST", f"/challenges/{challenge['id']}/more-time"), 410, "challenge_expired")

    def test_litany(self, api: Api, site: Site) -> None:
        problem(api("POST", "/challenges/gone/more-time"), 404, "unknown_challenge")
        refuses_other_methods(api, f"/challenges/{site.open()['id']}/more-time", "POST")


def test_while_a_movement_is_asked_pictures_are_wanted_sooner(site: Site, client: FlaskClient, clock: Clock) -> None:
    person, challenge, paces = Person(client, clock, 1), site.open(), set()
    while challenge["next"]:
        person.move(challenge)
        challenge = person.show(challenge)
        moving = challenge["state"] == "step" and not challenge["returning"]
        paces.add((moving, challenge["pace_ms"]))
    assert paces == {(False, 66), (True, 33)}


def test_frames_at_once_are_judged_one_by_one(site: Site, services: Services, lecturer: Actor) -> None:
    """Of eight different frames with the same number and nonce one counts; the session does not survive the rest."""
    challenge, outcomes = site.open(), []

    def send(noise: int) -> None:
        try:
            following = challenge["next"]
            services.liveness_sessions.frame(
                challenge["id"], lecturer.id, following["number"], following["nonce"], Scene(noise=noise).jpeg()
            )
            outcomes.append("taken")
        except Exception as error:
            outcomes.append(getattr(error, "code", repr(error)))

    threads = [threading.Thread(target=send, args=(noise,)) for noise in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["out_of_order"] * 7 + ["taken"]


def test_a_frame_waits_for_the_one_before_only_so_long(
    api: Api, site: Site, services: Services, lecturer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "PATIENCE", 0.01)
    challenge = site.open()
    with services.liveness_sessions._locked(challenge["id"], lecturer.id):
        path = f"/challenges/{challenge['id']}/frames"
        response = api("POST", path, query_string=challenge["next"], data=Scene().jpeg(), content_type="image/jpeg")
    problem(response, 429, "busy")
