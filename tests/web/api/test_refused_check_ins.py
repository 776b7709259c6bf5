"""GET /refusals"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.attendance import refused_check_ins
from secure_attend.attendance.metrics import REFUSAL_CAUSES
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from tests.conftest import Site, bearing, logged_in
from tests.support.fakes import Clock, Person, Scene
from tests.support.web.litany import Api, problem, refuses_other_methods

PATH = "/refusals"
SCRIPT = Path(__file__).resolve().parents[3] / "static/js/logic/faculty/refusals.js"
JANE = {"student_id": "1002", "name": "Jane Smith"}


def listed(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api("GET", PATH).get_json()["refusals"]
    return found


def at(kiosk: FlaskClient, clock: Clock) -> Site:
    return Site(kiosk, clock)


def refused_after_id(site: Site, who: int, student_id: str) -> Any:
    """Somebody between two twins types an ID that the face does not fit."""
    body = {"challenge": site.passed(who)["id"]}
    problem(site.client.post("/api/v1/check-ins", json=body), 422, "ambiguous_face")
    return site.client.post("/api/v1/check-ins", json={**body, "student_id": student_id})


@pytest.fixture
def jane(site: Site) -> str:
    return site.enrolled("1002", "Jane Smith", who=2)


def test_nothing_was_refused(api: Api, site: Site, jane: str) -> None:
    assert listed(api) == []
    site.check_in(2)
    assert listed(api) == []


def test_a_face_that_nobody_has_names_nobody(api: Api, kiosk: FlaskClient, clock: Clock, jane: str) -> None:
    problem(at(kiosk, clock).check_in(5), 422, "not_recognised")
    (refusal,) = listed(api)
    assert refusal["time"].startswith("2026-11-23T08:30:")
    assert {name: refusal[name] for name in refusal if name != "time"} == {
        "date": "2026-11-23",
        "local_time": "09:30",
        "kiosk": "Room 101",
        "cause": "not_recognised",
        "step": None,
        "hint": None,
        "student": None,
    }


def test_a_movement_that_fails_says_at_which_step_and_what_was_said_last(
    api: Api, kiosk: FlaskClient, clock: Clock, jane: str
) -> None:
    person = Person(kiosk, clock, 2)
    challenge = at(kiosk, clock).open()
    while challenge["state"] != "step":  # asked, and nothing moved yet: a face lost while moving is told "not so far"
        challenge = person.play(challenge, most=1)
    challenge = person.show(challenge, Scene(2, problem="too_dark").jpeg())
    while challenge["next"] is not None:
        asked = challenge["action"]  # another one, once the face is hidden for a while
        clock.tick(1)
        challenge = person.show(challenge, Scene(faces=0).jpeg())
    (refusal,) = listed(api)
    assert (refusal["cause"], refusal["step"], refusal["hint"]) == ("lost_face", asked, "no_face")
    assert refusal["student"] is None


def test_a_session_left_in_the_middle_is_too_slow(api: Api, kiosk: FlaskClient, clock: Clock) -> None:
    site = at(kiosk, clock)
    Person(kiosk, clock, 2).play(site.open(), most=20)
    clock.tick(61)
    site.open()
    assert [refusal["cause"] for refusal in listed(api)] == ["too_slow"]


def test_registering_and_the_own_attendance_are_no_check_ins(api: Api, site: Site, jane: str, clock: Clock) -> None:
    for purpose in ("enrol", "history"):
        body = {"purpose": purpose, "student_key" if purpose == "enrol" else "student_id": jane}
        challenge = api("POST", "/challenges", json=body).get_json()
        clock.tick(200)
        api("POST", f"/challenges/{challenge['id']}/frames?number=1&nonce={challenge['next']['nonce']}",
            data=Scene().jpeg(), content_type="image/jpeg")  # fmt: skip
    assert listed(api) == []


def test_a_typed_id_is_named(api: Api, kiosk: FlaskClient, clock: Clock, jane: str) -> None:
    body = {"student_id": " 1002 ", "code": "000000", "attempt": "x" * 16}
    problem(kiosk.post("/api/v1/check-ins", json=body), 403, "wrong_proof")
    problem(kiosk.post("/api/v1/check-ins", json={**body, "student_id": "9"}), 403, "wrong_proof")
    unknown, known = listed(api)
    assert (known["cause"], known["student"]) == ("wrong_proof", {"key": jane, **JANE})
    assert (unknown["cause"], unknown["student"]) == ("wrong_proof", None)


def test_asked_again_it_is_one_refusal(api: Api, kiosk: FlaskClient, clock: Clock, jane: str) -> None:
    challenge = at(kiosk, clock).passed(5)["id"]
    for _ in range(3):
        kiosk.post("/api/v1/check-ins", json={"challenge": challenge})
    assert len(listed(api)) == 1


def test_a_question_is_no_refusal(api: Api, kiosk: FlaskClient, clock: Clock, services: Services, site: Site) -> None:
    one, other = site.enrolled("40", "One Twin", who=40), site.add("41", "Other Twin")
    site.register(other, 41, confirm_other=1)
    api("DELETE", f"/students/{one}/alike/{other}")
    answer = refused_after_id(at(kiosk, clock), 40, "40")
    assert answer.status_code == 201, answer.text
    assert listed(api) == []
    problem(refused_after_id(at(kiosk, clock), 40, "7"), 422, "not_recognised")
    assert [refusal["cause"] for refusal in listed(api)] == ["not_recognised"]


def test_it_is_kept_for_a_day(api: Api, kiosk: FlaskClient, clock: Clock, services: Services, jane: str) -> None:
    at(kiosk, clock).check_in(5)
    clock.tick(hours=23)
    assert len(listed(api)) == 1
    clock.tick(hours=1)
    services.maintenance.run()
    assert services.refusals.recent() == []
    at(kiosk, clock).check_in(5)
    clock.tick(hours=-25)
    assert listed(api) == [], "a clock that was set back"


def test_the_oldest_go_first(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(refused_check_ins.MOST + 5):
        services.refusals.add("kiosk:1", f"cause {number}")
    kept = services.refusals.recent()
    assert len(kept) == refused_check_ins.MOST
    assert kept[0].cause == f"cause {refused_check_ins.MOST + 4}"


def test_an_erased_student_is_forgotten(api: Api, kiosk: FlaskClient, services: Services, jane: str) -> None:
    kiosk.post("/api/v1/check-ins", json={"student_id": "1002", "code": "000000", "attempt": "x" * 16})
    api("DELETE", f"/students/{jane}?reason=asked")
    assert listed(api) == []
    assert jane not in str(services.refusals.recent())


def test_a_revoked_kiosk_has_no_name(api: Api, kiosk: FlaskClient, clock: Clock, jane: str) -> None:
    at(kiosk, clock).check_in(5)
    (room,) = api("GET", "/kiosks").get_json()["kiosks"]
    api("DELETE", f"/kiosks/{room['key']}")
    assert [refusal["kiosk"] for refusal in listed(api)] == [None]


def test_causes_are_counted_without_names(api: Api, kiosk: FlaskClient, clock: Clock, jane: str) -> None:
    at(kiosk, clock).check_in(5)
    kiosk.post("/api/v1/check-ins", json={"student_id": "1002", "code": "000000", "attempt": "x" * 16})
    text = api("GET", "/metrics").text
    assert 'secure_attend_refusals_total{cause="not_recognised"} 1.0' in text
    assert 'secure_attend_refusals_total{cause="wrong_proof"} 1.0' in text
    assert 'secure_attend_refusals_total{cause="too_slow"} 0.0' in text
    assert jane not in text


def test_an_id_typed_too_late_is_a_cause_of_its_own(
    api: Api, kiosk: FlaskClient, clock: Clock, site: Site, jane: str
) -> None:
    other = site.add("41", "Other Twin")
    site.register(other, 2, confirm_other=1)
    api("DELETE", f"/students/{jane}/alike/{other}")
    body = {"challenge": at(kiosk, clock).passed(2)["id"]}
    problem(kiosk.post("/api/v1/check-ins", json=body), 422, "ambiguous_face")
    clock.tick(60)
    problem(kiosk.post("/api/v1/check-ins", json={**body, "student_id": "1002"}), 410, "challenge_expired")
    assert [refusal["cause"] for refusal in listed(api)] == ["challenge_expired"]
    assert 'secure_attend_refusals_total{cause="challenge_expired"} 1.0' in api("GET", "/metrics").text


def test_staff_read_each_cause_that_is_counted_in_words() -> None:
    script = SCRIPT.read_text(encoding="utf-8")
    (in_words,) = re.findall(r"const CAUSES = \{\n(.*?)\n\};", script, re.DOTALL)
    assert set(re.findall(r"^  (\w+):", in_words, re.MULTILINE)) == {*REFUSAL_CAUSES} - {"other"}


def test_faculty_alone_may_look_and_it_is_entered(app: Flask, api: Api, kiosk: FlaskClient) -> None:
    assert logged_in(app, "Grace", "faculty").get(f"/api/v1{PATH}").status_code == 200
    problem(kiosk.get(f"/api/v1{PATH}"), 403, "not_allowed")
    problem(bearing(app, "x").get(f"/api/v1{PATH}"), 401, "not_logged_in")
    assert "see_refusals" in [entry["action"] for entry in api("GET", "/audit").get_json()["entries"]]
    refuses_other_methods(api, PATH, "GET")


def test_nothing_is_on_disk(api: Api, kiosk: FlaskClient, clock: Clock, settings: Settings, jane: str) -> None:
    at(kiosk, clock).check_in(5)
    listed(api)
    kept = [path.read_bytes() for path in settings.data.rglob("*") if path.is_file()]
    assert kept
    assert not any(b"not_recognised" in content for content in kept)
