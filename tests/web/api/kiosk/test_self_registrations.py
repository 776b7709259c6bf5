"""Students who register at a kiosk, and faculty who say whether it is who they claim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.attendance.students.students import PENDING_FOR
from secure_attend.settings import Settings
from secure_attend.storage import durable_writes
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import PendingFaces, Student
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import LECTURER, Site, agree, logged_in, paired
from tests.support.fakes import PROFILE, Clock, DrawnFaces, Person
from tests.support.web.litany import Api, fields, problem, refuses_other_sites

BEGIN = "/api/v1/self-registrations"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A site that allows it."""
    return replace(settings, self_registration=True)


class Hall:
    """A kiosk where students register themselves."""

    def __init__(self, kiosk: FlaskClient, clock: Clock) -> None:
        self.kiosk = kiosk
        self.clock = clock

    def begin(self, student_id: str, **more: object) -> Any:
        version = self.kiosk.get("/api/v1/consents/text").get_json()["version"]
        return self.kiosk.post(BEGIN, json={"student_id": student_id, "version": version, **more})

    def captured(self, student_id: str, who: int, **more: object) -> dict[str, Any]:
        begun = self.begin(student_id, **more)
        assert begun.status_code == 201, begun.text
        challenge = Person(self.kiosk, self.clock, who).play(begun.get_json())
        assert challenge["state"] == "passed"
        return challenge

    def finish(self, challenge: dict[str, Any]) -> Any:
        return self.kiosk.post(f"{BEGIN}/requests", json={"challenge": challenge["id"]})

    def register(self, student_id: str, who: int, **more: object) -> str:
        """The number that the kiosk shows."""
        answer = self.finish(self.captured(student_id, who, **more))
        assert answer.status_code == 201, answer.text
        number: str = answer.get_json()["number"]
        return number


@pytest.fixture
def hall(kiosk: FlaskClient, clock: Clock) -> Hall:
    return Hall(kiosk, clock)


@pytest.fixture
def zoe(site: Site) -> str:
    """Zoë Müller, 1003, neither asked nor registered; her key."""
    return site.add("1003", "Zoë Müller", agreed=False)


def shown(site: Site, key: str) -> dict[str, Any]:
    found: dict[str, Any] = site.client.get(f"/api/v1/students/{key}").get_json()
    return found


def answered(site: Site, key: str, **more: object) -> Any:
    body = {"id": (shown(site, key)["waiting"] or {"id": "none"})["id"], **more}
    return site.client.post(f"/api/v1/students/{key}/self-registration", json=body)


def test_nothing_counts_before_faculty_accept(site: Site, hall: Hall, zoe: str, store: JsonStore) -> None:
    number = hall.register("1003", 3)
    student = shown(site, zoe)
    assert {**student["waiting"], "id": ""} == {
        "id": "",
        "number": number,
        "kiosk": "Room 101",
        "date": "2026-11-23",
        "local_time": student["waiting"]["local_time"],
        "without_turning": False,
    }
    assert (student["registered"], student["consent"]["state"]) == (False, "missing")
    assert list(store.embeddings(PROFILE.name)) == []
    problem(site.check_in(3), 409, "nobody_registered")

    enrolled = answered(site, zoe)
    assert enrolled.status_code == 201
    student = enrolled.get_json()["student"]
    assert (student["registered"], student["faces"], student["waiting"]) == (True, 5, None)
    consent = student["consent"]
    assert (consent["state"], consent["way"], consent["recorded_by"]) == ("given", "kiosk", LECTURER)
    assert site.check_in(3).status_code == 201
    problem(answered(site, zoe), 404, "unknown_request")


def test_who_cannot_turn_the_head_looks_straight_only(site: Site, hall: Hall, zoe: str) -> None:
    """Whoever accepts is told so. The faces say it then, as they do where a lecturer registers."""
    hall.register("1003", 3, without_turning=True)
    assert shown(site, zoe)["waiting"]["without_turning"] is True
    (decision,) = site.client.get("/api/v1/decisions").get_json()["items"]
    assert (decision["kind"], decision["without_turning"]) == ("self_registration", True)
    student = answered(site, zoe).get_json()["student"]
    assert (student["faces"], student["sources"]) == (3, ["camera_straight"])
    assert site.check_in(3).status_code == 201


def test_declined_it_leaves_no_trace(site: Site, hall: Hall, zoe: str, store: JsonStore) -> None:
    before = store.student(zoe)
    hall.register("1003", 3)
    path = f"/api/v1/students/{zoe}/self-registration"
    problem(site.client.delete(path, query_string={"id": "another"}), 404, "unknown_request")
    assert fields(site.client.delete(path)) == ["id"]
    waiting = shown(site, zoe)["waiting"]["id"]
    assert site.client.delete(path, query_string={"id": waiting}).get_json()["waiting"] is None
    assert (store.student(zoe), store.held_faces(zoe)) == (before, [])
    problem(answered(site, zoe), 404, "unknown_request")


def test_an_unknown_id_looks_the_same_at_the_kiosk(
    site: Site, hall: Hall, zoe: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.client.patch(f"/api/v1/students/{site.add('1009', 'Gone')}", json={"removed": True})
    written: list[str] = []
    really = durable_writes.replace_file
    monkeypatch.setattr(
        durable_writes, "replace_file", lambda path, chunks: (written.append(path.name), really(path, chunks))
    )
    told = []
    for student_id in ("1003", "nobody", "1009"):
        begun = hall.begin(student_id).get_json()
        passed = Person(hall.kiosk, hall.clock, 3).play(begun)
        written.clear()
        finished = hall.finish(passed)
        told.append((set(begun), begun["action"], begun["total"], finished.status_code, set(finished.get_json())))
        told[-1] += (len(finished.get_json()["number"]), tuple(written))
    assert told[0] == told[1] == told[2]
    assert (settings.data / "students_db.json").read_text().count('"held"') == 1


def wait(store: JsonStore, numbers: Iterable[int]) -> None:
    """Let a student wait under each of these numbers."""
    now = datetime(2026, 11, 23, 8, tzinfo=timezone.utc)
    with store.transaction():
        for number in numbers:
            store.write_students([Student(f"k{number}", f"w{number}", f"Waiting {number}")])
            pending = PendingFaces(f"r{number}", str(number), PROFILE.name, "1", "Room 102", now)
            store.hold_faces(f"k{number}", pending, [])


def test_no_two_students_wait_under_one_number(site: Site, hall: Hall, zoe: str, store: JsonStore) -> None:
    """The audit trail named everybody who waited under the number."""
    wait(store, range(100, 999))
    assert hall.register("1003", 3) == "999"
    newest = site.client.get("/api/v1/audit", query_string={"action": "register_oneself"}).get_json()["entries"][0]
    assert [one["key"] for one in newest["whom"]] == [f"student:{zoe}"]
    site.add("1004", "Ada Lovelace", agreed=False)
    assert len(hall.register("1004", 4)) == 4, "all numbers of three digits are taken"


def test_asked_again_the_number_is_the_same(hall: Hall, site: Site, zoe: str) -> None:
    challenge = hall.captured("1003", 3)
    number = hall.finish(challenge).get_json()["number"]
    waiting = shown(site, zoe)["waiting"]
    assert hall.finish(challenge).get_json()["number"] == number
    assert shown(site, zoe)["waiting"] == waiting


def test_a_newer_request_takes_the_place_of_the_older(hall: Hall, site: Site, zoe: str) -> None:
    hall.register("1003", 3)
    older = shown(site, zoe)["waiting"]
    hall.register("1003", 4)
    body = {"id": older["id"]}
    problem(site.client.post(f"/api/v1/students/{zoe}/self-registration", json=body), 404, "unknown_request")
    assert answered(site, zoe).status_code == 201
    assert site.check_in(4).status_code == 201


def test_who_is_registered_already_is_replaced_only_when_accepted(hall: Hall, site: Site, john: str) -> None:
    hall.register("1001", 7)
    assert shown(site, john)["registered"] is True
    assert site.check_in(1).status_code == 201
    assert answered(site, john).status_code == 201
    hall.clock.tick(3600)
    problem(site.check_in(1), 422, "not_recognised")
    assert site.check_in(7).status_code == 201


def test_a_face_of_another_asks_once_more(hall: Hall, site: Site, john: str, zoe: str) -> None:
    hall.register("1003", 1)
    refused = problem(answered(site, zoe), 409, "face_of_another")
    assert refused["other"] == {"student_id": "1001", "name": "John Doe"}
    assert shown(site, zoe)["consent"]["state"] == "missing"
    assert answered(site, zoe, confirm_other=True).status_code == 201


def test_unanswered_it_ends_after_three_days(
    hall: Hall, site: Site, zoe: str, clock: Clock, store: JsonStore, app: Flask
) -> None:
    hall.register("1003", 3)
    clock.tick(PENDING_FOR.total_seconds())
    assert shown(site, zoe)["waiting"] is None
    problem(answered(site, zoe), 404, "unknown_request")
    assert store.held_faces(zoe) != []
    SITE_PARTS.of(app).services.maintenance.run()
    assert store.held_faces(zoe) == []


def test_what_waits_of_a_held_student_stays_sealed(
    hall: Hall, site: Site, zoe: str, app: Flask, store: JsonStore, clock: Clock
) -> None:
    hall.register("1003", 3)
    hold = f"/api/v1/students/{zoe}/hold"
    assert site.client.post(hold, json={"reason": "Appeal 2026-17"}).status_code == 201
    clock.tick(days=4)
    maintenance = SITE_PARTS.of(app).services.maintenance
    maintenance.run()
    assert (shown(site, zoe)["waiting"], len(store.held_faces(zoe)) > 0) == (None, True)
    assert site.client.delete(hold).status_code == 200
    maintenance.run()
    assert store.held_faces(zoe) == []


def test_what_cannot_be_is_refused(hall: Hall, site: Site, zoe: str, app: Flask, api: Api) -> None:
    problem(hall.begin("1003", version="another"), 409, "other_consent_text")
    assert fields(hall.kiosk.post(BEGIN, json={})) == ["student_id", "version"]
    assert fields(hall.kiosk.post(f"{BEGIN}/requests", json={})) == ["challenge"]
    problem(hall.finish({"id": "nothing"}), 404, "unknown_challenge")
    challenge = hall.begin("1003").get_json()
    problem(hall.finish(challenge), 409, "challenge_not_passed")
    capture = hall.captured("1003", 3)
    problem(Hall(paired(app, "Room 102"), hall.clock).finish(capture), 404, "unknown_challenge")
    agree(site.client, zoe)
    problem(
        site.client.post(f"/api/v1/students/{zoe}/faces", json={"challenge": capture["id"]}), 404, "unknown_challenge"
    )
    problem(hall.kiosk.post("/api/v1/check-ins", json={"challenge": capture["id"]}), 409, "wrong_purpose")
    refuses_other_sites(api, "POST", "/self-registrations", json={"student_id": "1", "version": "x"})
    refuses_other_sites(api, "POST", f"/students/{zoe}/self-registration", json={"id": "x"})


def test_a_kiosk_is_slowed_down_and_no_other(hall: Hall, app: Flask, clock: Clock) -> None:
    for number in range(20):
        assert hall.begin(str(number)).status_code == 201
    problem(hall.begin("1003"), 429, "too_many_tries")
    assert Hall(paired(app, "Room 102"), clock).begin("1003").status_code == 201


def test_it_is_off_unless_the_site_allows_it(settings: Settings, store: JsonStore, clock: Clock) -> None:
    there = create_app(replace(settings, self_registration=False), faces=DrawnFaces(), store=store, clock=clock)
    problem(Hall(paired(there), clock).begin("1003"), 403, "self_registration_off")
    assert logged_in(there).get("/api/v1/health").get_json()["self_registration"] is False
