"""GET /refusals"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.attendance import refused_check_ins
from secure_attend.attendance.services import Services
from secure_attend.errors import StorageFailed, StorageFull
from secure_attend.settings import Settings
from tests.conftest import Site, bearing, logged_in
from tests.support.fakes import Clock, Person, Scene, post_frame
from tests.support.web.litany import Api, problem, refuses_other_methods

PATH = "/refusals"
JANE = {"student_id": "1002", "name": "Jane Smith"}


def listed(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api("GET", PATH).get_json()["refusals"]
    return found


def at(kiosk: FlaskClient, clock: Clock) -> Site:
    return Site(kiosk, clock)


def moment(refusal: dict[str, Any]) -> float:
    """When it was refused, in seconds since the epoch."""
    return datetime.fromisoformat(refusal["time"]).timestamp()


def counted(api: Api, cause: str) -> float:
    """How many refusals the metrics count with this cause."""
    (count,) = re.findall(rf'secure_attend_refusals_total\{{cause="{cause}"\}} (\S+)', api("GET", "/metrics").text)
    return float(count)


def show(kiosk: FlaskClient, clock: Clock, *scenes: Scene, seconds: int) -> dict[str, Any]:
    """Open a session and show each scene for so long; return the last answer."""
    challenge = at(kiosk, clock).open()
    for scene in scenes:
        for number in range(2 * seconds + 1):
            frame = replace(scene, noise=number).jpeg()  # no two are alike, or the camera would stand still
            challenge = Person(kiosk, clock, scene.who).show(challenge, frame)
            clock.tick(0.5)
    return challenge


def refused_after_id(site: Site, who: int, student_id: str) -> Any:
    """Somebody between two twins types an ID that the face does not fit."""
    body = {"challenge": site.passed(who)["id"]}
    problem(site.client.post("/api/v1/check-ins", json=body), 422, "ambiguous_face")
    return site.client.post("/api/v1/check-ins", json={**body, "student_id": student_id})


@pytest.fixture
def twins(api: Api, site: Site) -> tuple[str, str]:
    """Two who look alike, and of whom staff said that they can be told apart: the kiosk asks for the ID."""
    one, other = site.enrolled("40", "One Twin", who=40), site.add("41", "Other Twin")
    site.register(other, 41, confirm_other=1)
    api("DELETE", f"/students/{one}/alike/{other}")
    return one, other


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


@pytest.mark.parametrize("later", [60, 365, 1000])
@pytest.mark.parametrize("found_by", ["the list", "the next session", "maintenance"])
def test_a_session_left_in_the_middle_was_too_slow_when_its_time_was_over(
    api: Api, kiosk: FlaskClient, clock: Clock, services: Services, later: int, found_by: str
) -> None:
    """The person walked away, and nobody told the kiosk."""
    site = at(kiosk, clock)
    over, challenge = clock() + timedelta(seconds=60), site.open()
    step = Person(kiosk, clock, 2).play(challenge, most=12)["action"]
    clock.tick(later)
    if found_by == "the next session":
        site.open()
    if found_by == "maintenance":
        services.maintenance.run()
        assert len(services.refusals.recent()) == 1
    for _ in range(2):
        (refusal,) = listed(api)
        assert (refusal["cause"], refusal["step"]) == ("too_slow", step)
        assert moment(refusal) == pytest.approx(over.timestamp(), abs=0.01)
    assert counted(api, "too_slow") == 1


def test_who_leaves_is_not_refused(api: Api, kiosk: FlaskClient, clock: Clock, services: Services) -> None:
    """Stop, Escape, ID and code: the kiosk says so. A minute later it is still no refusal."""
    challenge = Person(kiosk, clock, 2).play(at(kiosk, clock).open(), most=12)
    assert challenge["state"] == "step"
    clock.tick(30)
    assert kiosk.delete(f"/api/v1/challenges/{challenge['id']}").status_code == 200
    clock.tick(200)
    services.maintenance.run()
    assert listed(api) == []
    assert counted(api, "too_slow") == 0


def test_who_leaves_too_late_was_too_slow(api: Api, kiosk: FlaskClient, clock: Clock) -> None:
    challenge = Person(kiosk, clock, 2).play(at(kiosk, clock).open(), most=12)
    clock.tick(60)
    problem(kiosk.delete(f"/api/v1/challenges/{challenge['id']}"), 410, "challenge_expired")
    assert [refusal["cause"] for refusal in listed(api)] == ["too_slow"]


def test_a_session_left_while_the_clock_was_set_back_has_a_time_of_the_new_clock(
    api: Api, kiosk: FlaskClient, clock: Clock
) -> None:
    challenge = at(kiosk, clock).open()
    opened = clock()
    Person(kiosk, clock, 2).play(challenge, most=12)
    clock.tick(hours=-1)
    assert listed(api) == []
    clock.tick(100)
    (refusal,) = listed(api)
    over = opened + timedelta(hours=-1, seconds=60)
    assert moment(refusal) == pytest.approx(over.timestamp(), abs=0.01)


def test_the_list_is_in_the_order_of_their_times(
    api: Api, kiosk: FlaskClient, clock: Clock, services: Services, jane: str
) -> None:
    """One that was left is found after another that was refused later."""
    site = at(kiosk, clock)
    Person(kiosk, clock, 2).play(site.open(), most=12)
    clock.tick(90)
    services.refusals.add("kiosk:1", "wrong_proof")
    assert [refusal["cause"] for refusal in listed(api)] == ["wrong_proof", "too_slow"]


def test_who_was_told_of_the_dark_and_left_was_refused(api: Api, kiosk: FlaskClient, clock: Clock) -> None:
    """No movement was ever asked for, and the empty place was seen for longer."""
    show(kiosk, clock, Scene(problem="too_dark"), Scene(faces=0), Scene(faces=0), seconds=4)
    clock.tick(65)
    (refusal,) = listed(api)
    assert (refusal["cause"], refusal["step"], refusal["hint"]) == ("too_slow", None, "too_dark")
    assert counted(api, "too_slow") == 1


@pytest.mark.parametrize("opened_again", [False, True])
def test_a_session_that_nobody_stood_before_is_no_refusal(
    api: Api, kiosk: FlaskClient, clock: Clock, opened_again: bool
) -> None:
    show(kiosk, clock, seconds=0)
    show(kiosk, clock, Scene(faces=0), seconds=20)
    passing_by = show(kiosk, clock, Scene(problem="too_dark"), seconds=2)
    clock.tick(65)
    if opened_again:
        at(kiosk, clock).open()
    assert listed(api) == []
    problem(post_frame(kiosk, passing_by, Scene().jpeg()), 410, "challenge_expired")
    assert listed(api) == []
    assert counted(api, "too_slow") == 0


def test_sessions_without_a_step_let_no_kiosk_pause(kiosk: FlaskClient, clock: Clock) -> None:
    for _ in range(6):
        show(kiosk, clock, Scene(problem="too_dark"), seconds=4)
        clock.tick(60)
    at(kiosk, clock).open()


@pytest.mark.parametrize("ends_by", ["a frame", "the list"])
def test_steps_that_other_movements_added_are_for_staff_alone(
    api: Api, kiosk: FlaskClient, clock: Clock, ends_by: str
) -> None:
    person, challenge = Person(kiosk, clock, 2), at(kiosk, clock).open()
    while challenge["state"] != "step":
        challenge = person.play(challenge, most=1)
    drawn = challenge["total"]
    for _ in range(2):
        for scene in (*[Scene(2, faces=0)] * 15, *[Scene(2)] * 4):
            clock.tick(0.2)
            challenge = person.show(challenge, scene.jpeg())
    challenge = person.show(challenge, Scene(2, problem="too_dark").jpeg())
    assert challenge["total"] > drawn + 2
    assert challenge["other_way"]
    clock.tick(60)
    if ends_by == "the list":
        listed(api)
    answer = post_frame(kiosk, challenge, Scene(2).jpeg())
    problem(answer, 410, "challenge_expired")
    assert "hint" not in answer.get_json()
    assert answer.get_json()["other_way"], "so that the kiosk offers it first"
    (refusal,) = listed(api)
    assert (refusal["cause"], refusal["hint"]) == ("other_movements", None)
    assert refusal["step"] is not None
    assert (counted(api, "other_movements"), counted(api, "too_slow")) == (1, 0)
    told = kiosk.get("/api/v1/metrics").text
    assert "other_movements" not in told
    assert 'secure_attend_refusals_total{cause="too_slow"} 1.0' in told


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


@pytest.mark.usefixtures("twins")
def test_a_question_is_no_refusal(api: Api, kiosk: FlaskClient, clock: Clock) -> None:
    answer = refused_after_id(at(kiosk, clock), 40, "40")
    assert answer.status_code == 201, answer.text
    assert listed(api) == []
    problem(refused_after_id(at(kiosk, clock), 40, "7"), 422, "not_recognised")
    clock.tick(600)
    assert [refusal["cause"] for refusal in listed(api)] == ["not_recognised"], "each was answered"


@pytest.mark.usefixtures("twins")
@pytest.mark.parametrize("found_by", ["the list", "the next session", "maintenance"])
def test_an_id_that_nobody_typed(api: Api, kiosk: FlaskClient, clock: Clock, services: Services, found_by: str) -> None:
    body = {"challenge": at(kiosk, clock).passed(40)["id"]}
    problem(kiosk.post("/api/v1/check-ins", json=body), 422, "ambiguous_face")
    over = clock() + timedelta(seconds=60)
    clock.tick(59)
    assert listed(api) == []
    clock.tick(200)
    if found_by == "the next session":
        at(kiosk, clock).open()
    if found_by == "maintenance":
        services.maintenance.run()
    for _ in range(2):
        (refusal,) = listed(api)
        assert (refusal["cause"], refusal["student"], refusal["kiosk"]) == ("id_not_typed", None, "Room 101")
        assert moment(refusal) == pytest.approx(over.timestamp(), abs=0.01)
    problem(kiosk.post("/api/v1/check-ins", json={**body, "student_id": "40"}), 410, "challenge_expired")
    assert len(listed(api)) == 1, "too late, and one refusal"
    assert counted(api, "id_not_typed") == 1


class TestWhoIsAskedForIdAndCode:
    """Marked look-alikes are."""

    @pytest.fixture
    def asked(self, api: Api, site: Site, kiosk: FlaskClient, clock: Clock) -> dict[str, str]:
        """A check-in whose answer is `code_needed`."""
        one, other = site.enrolled("40", "One Twin", who=40), site.add("41", "Other Twin")
        site.register(other, 41, confirm_other=1)
        api("POST", f"/students/{one}/code")
        body = {"challenge": at(kiosk, clock).passed(40)["id"]}
        problem(kiosk.post("/api/v1/check-ins", json=body), 422, "code_needed")
        return body

    @pytest.mark.parametrize(("typed", "named"), [(None, None), ("40", "One Twin"), ("7", None)])
    def test_and_leaves(
        self, api: Api, kiosk: FlaskClient, clock: Clock, asked: dict[str, str], typed: str | None, named: str | None
    ) -> None:
        if typed is not None:
            problem(kiosk.post("/api/v1/check-ins", json={**asked, "student_id": typed}), 422, "code_needed")
        clock.tick(119)
        assert listed(api) == []
        clock.tick(1)
        (refusal,) = listed(api)
        student = refusal["student"]
        assert (refusal["cause"], student and student["name"]) == ("code_not_typed", named)
        assert counted(api, "code_not_typed") == 1

    def test_and_leaves_after_a_wrong_code_was_refused_once(
        self, api: Api, kiosk: FlaskClient, clock: Clock, asked: dict[str, str]
    ) -> None:
        claim = {**asked, "student_id": "40", "code": "x"}
        problem(kiosk.post("/api/v1/check-ins", json=claim), 403, "wrong_proof")
        clock.tick(200)
        assert [refusal["cause"] for refusal in listed(api)] == ["wrong_proof"]


@pytest.mark.parametrize("matching", ["own", "another's"])
def test_the_own_attendance_asked_for_with_a_face(
    api: Api, kiosk: FlaskClient, clock: Clock, jane: str, matching: str
) -> None:
    """Redeemed again, the session is no second refusal."""
    wish = {"purpose": "history", "student_id": "1002"}
    opened = kiosk.post("/api/v1/challenges", json=wish).get_json()
    challenge = Person(kiosk, clock, 2 if matching == "own" else 5).play(opened)["id"]
    for _ in range(2):
        kiosk.post("/api/v1/history", json={"student_id": "1002", "challenge": challenge})
    found = [(refusal["cause"], refusal["student"]["name"], refusal["kiosk"]) for refusal in listed(api)]
    assert found == ([] if matching == "own" else [("history_mismatch", "Jane Smith", "Room 101")])


def test_the_own_attendance_of_nobodys_id_names_nobody(api: Api, kiosk: FlaskClient, clock: Clock, jane: str) -> None:
    opened = kiosk.post("/api/v1/challenges", json={"purpose": "history", "student_id": "9"}).get_json()
    challenge = Person(kiosk, clock, 2).play(opened)["id"]
    problem(kiosk.post("/api/v1/history", json={"student_id": "9", "challenge": challenge}), 403, "wrong_proof")
    assert [(refusal["cause"], refusal["student"]) for refusal in listed(api)] == [("history_mismatch", None)]


@pytest.mark.parametrize(("error", "cause"), [(StorageFull, "storage_full"), (StorageFailed, "storage_failed")])
@pytest.mark.parametrize("way", ["face", "code"])
def test_a_check_in_that_could_not_be_saved(
    api: Api,
    kiosk: FlaskClient,
    clock: Clock,
    services: Services,
    jane: str,
    monkeypatch: pytest.MonkeyPatch,
    error: type[StorageFailed],
    cause: str,
    way: str,
) -> None:
    """A kiosk sends it again and again: that is one refusal."""
    if way == "face":
        body = {"challenge": at(kiosk, clock).passed(2)["id"]}
    else:
        code = api("POST", f"/students/{jane}/code").get_json()["code"]
        body = {"student_id": "1002", "code": code, "attempt": "x" * 16}

    def fail(entry: object) -> None:
        raise error("not_written", "Nothing was saved.")

    with monkeypatch.context() as broken:
        broken.setattr(services.store, "append", fail)
        for _ in range(3):
            assert kiosk.post("/api/v1/check-ins", json=body).status_code in (503, 507)
    (refusal,) = listed(api)
    student = JANE if way == "code" else None
    assert (refusal["cause"], refusal["student"]) == (cause, student and {"key": jane, **student})
    assert counted(api, cause) == 1
    assert kiosk.post("/api/v1/check-ins", json=body).status_code == 201
    assert len(listed(api)) == 1


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
