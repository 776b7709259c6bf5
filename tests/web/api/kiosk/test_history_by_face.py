"""POST /history with a passed session of purpose `history`: the face is compared with one student's alone."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.access import passwords
from secure_attend.faces.matching import gallery
from tests.conftest import Site, paired
from tests.support.fakes import Clock, DrawnFaces, Person
from tests.support.web.litany import Api, fields, problem

HIDDEN = {"id", "next"}


@pytest.fixture
def here(kiosk: FlaskClient, clock: Clock) -> Site:
    """The kiosk."""
    return Site(kiosk, clock)


def opened(here: Site, student_id: str) -> dict[str, Any]:
    answer = here.client.post("/api/v1/challenges", json={"purpose": "history", "student_id": student_id})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def passed(here: Site, student_id: str, who: int) -> str:
    """A session that was opened for this ID and that `who` has passed."""
    challenge = Person(here.client, here.clock, who).play(opened(here, student_id))
    assert challenge["state"] == "passed"
    found: str = challenge["id"]
    return found


def ask(here: Site, student_id: str, challenge: str) -> Any:
    return here.client.post("/api/v1/history", json={"student_id": student_id, "challenge": challenge})


def test_the_face_shows_the_attendance(api: Api, here: Site, john: str) -> None:
    api("POST", f"/students/{john}/check-ins")
    answer = ask(here, "1001", passed(here, " 1001", 1))
    assert answer.status_code == 200
    assert (answer.get_json()["student"]["name"], answer.get_json()["total"]) == ("John Doe", 1)


def test_it_is_shown_once(here: Site, john: str) -> None:
    challenge = passed(here, "1001", 1)
    assert ask(here, "1001", challenge).status_code == 200
    problem(ask(here, "1001", challenge), 409, "already_redeemed")


def test_a_refusal_is_the_end_of_it_too(here: Site, john: str) -> None:
    challenge = passed(here, "1001", 2)
    problem(ask(here, "1001", challenge), 403, "wrong_proof")
    problem(ask(here, "1001", challenge), 409, "already_redeemed")


def test_an_unknown_id_looks_like_a_known_one(
    api: Api, here: Site, engine: DrawnFaces, john: str, jane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's ID, a student without a face, and somebody else's face: the session is the same to play, and the
    comparison, its answer and its bytes are the same."""
    compared: list[int] = []
    real = gallery.distances
    monkeypatch.setattr(gallery, "distances", lambda *given: compared.append(len(given[2])) or real(*given))
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "matches_in_place", lambda *given: hashed.append(given[0]) or False)
    seen, answers, costs = [], [], []
    for student_id in ("9999", "1002", "1001"):
        first = opened(here, student_id)
        seen.append({name: value for name, value in first.items() if name not in HIDDEN})
        challenge = Person(here.client, here.clock, 7).play(first)
        assert challenge["state"] == "passed"
        embedded = engine.embedded
        compared.clear()
        answers.append(ask(here, student_id, challenge["id"]))
        costs.append((list(compared), engine.embedded - embedded, len(hashed)))
    assert seen[0] == seen[1] == seen[2]
    assert len({answer.data for answer in answers}) == 1
    problem(answers[0], 403, "wrong_proof")
    assert costs == [([1], 0, 0)] * 3


def test_another_id_is_another_session(here: Site, john: str, jane: str) -> None:
    challenge = passed(here, "1002", 1)
    problem(ask(here, "1001", challenge), 409, "other_student")
    problem(ask(here, "9999", challenge), 409, "other_student")
    problem(ask(here, "1002", challenge), 403, "wrong_proof")


def test_bound_to_kiosk_and_purpose(app: Flask, api: Api, here: Site, john: str) -> None:
    challenge = passed(here, "1001", 1)
    problem(ask(Site(paired(app, "Room 102"), here.clock), "1001", challenge), 404, "unknown_challenge")
    problem(here.client.post("/api/v1/check-ins", json={"challenge": challenge}), 409, "wrong_purpose")
    problem(ask(here, "1001", here.passed(1)["id"]), 409, "wrong_purpose")
    assert ask(here, "1001", challenge).status_code == 200


def test_only_in_time_and_only_passed(here: Site, john: str) -> None:
    problem(ask(here, "1001", opened(here, "1001")["id"]), 409, "challenge_not_passed")
    challenge = passed(here, "1001", 1)
    here.clock.tick(75)
    problem(ask(here, "1001", challenge), 410, "challenge_expired")


def test_a_kiosk_that_goes_on_trying_waits(app: Flask, api: Api, here: Site, john: str) -> None:
    for _ in range(10):
        problem(ask(here, "1001", "no session"), 404, "unknown_challenge")
    wish = {"purpose": "history", "student_id": "1001"}
    problem(here.client.post("/api/v1/challenges", json=wish), 429, "too_many_tries")
    problem(ask(here, "1001", "no session"), 429, "too_many_tries")
    assert paired(app, "Room 102").post("/api/v1/challenges", json=wish).status_code == 201
    assert here.client.post("/api/v1/challenges", json={"purpose": "check_in"}).status_code == 201


def test_who_succeeds_takes_back_their_own_try_alone(here: Site, john: str) -> None:
    for _ in range(2):
        for _ in range(4):
            ask(here, "1001", "no session")
        assert ask(here, "1001", passed(here, "1001", 1)).status_code == 200


def test_failures_let_the_kiosk_rest(here: Site, john: str) -> None:
    """Five sessions that time out; a check-in waits as well."""
    for _ in range(5):
        challenge = opened(here, "1001")
        person = Person(here.client, here.clock, 1)
        for _ in range(8):
            person.move(challenge)
            challenge = person.show(challenge)
        here.clock.tick(61)
        opened_after = here.client.post("/api/v1/challenges", json={"purpose": "history", "student_id": "1001"})
    problem(opened_after, 429, "kiosk_pause")


def test_one_proof_not_two(here: Site, john: str) -> None:
    body = {"student_id": "1001", "code": "123456", "challenge": "x"}
    assert fields(here.client.post("/api/v1/history", json=body)) == ["code"]
