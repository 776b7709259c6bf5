"""/challenges/{id}/frames: the protocol of numbers and nonces, and what a session comes to."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.attendance.liveness_sessions import sessions
from secure_attend.attendance.services import Services
from secure_attend.attendance.students.claims import Actor
from tests.conftest import Site, paired
from tests.support.fakes import Clock, DrawnFaces, Person, Scene, encoded, post_frame
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_bytes_only


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
        for scene in (Scene(faces=0), *[Scene(problem="too_dark")] * 7):
            clock.tick(0.5)
            challenge = person.show(challenge, scene.jpeg())
        clock.tick(60)
        refused = post_frame(client, challenge, Scene().jpeg())
        problem(refused, 410, "challenge_expired")
        assert refused.get_json()["hint"] == "too_dark"
        assert api("GET", "/refusals").get_json()["refusals"][0]["hint"] == "too_dark"

    def test_so_does_a_capture(self, site: Site, client: FlaskClient, clock: Clock, jane: str) -> None:
        person, challenge = Person(client, clock, 1), site.open("enrol", jane)
        for _ in range(5):
            clock.tick(0.5)
            challenge = person.show(challenge, Scene(problem="too_dark").jpeg())
        clock.tick(120)
        refused = post_frame(client, challenge, Scene().jpeg())
        problem(refused, 410, "challenge_expired")
        assert refused.get_json()["hint"] == "too_dark"

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

    @pytest.mark.parametrize(("who", "failure"), [(1, None), (2, "face_changed")])
    def test_whoever_comes_out_from_behind_a_hand_must_be_who_was_there(
        self, site: Site, client: FlaskClient, clock: Clock, who: int, failure: str | None
    ) -> None:
        person, challenge = Person(client, clock, 1), site.open()
        while challenge["state"] != "step":
            challenge = person.play(challenge, most=1)
        for _ in range(4):
            clock.tick(1)
            challenge = person.show(challenge, Scene(faces=0).jpeg())
        challenge = person.show(challenge, Scene(who).jpeg())
        assert challenge["accepted"] == []
        assert (challenge["failure"] and challenge["failure"]["code"]) == failure
        assert failure or challenge["total"] > 4

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
