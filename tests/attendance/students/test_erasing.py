"""An erased student stands in no file any more, wherever something had been noted; an export before shows all of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from secure_attend import create_app
from secure_attend.settings import Settings
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from secure_attend.storage.tools.verify import verify_place
from secure_attend.storage.values import Entry
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import LECTURER, Site, access_of, agree, logged_in, paired
from tests.support.fakes import Clock, DrawnFaces
from tests.support.web.litany import problem
from tests.web.api.kiosk.test_self_registrations import Hall

WHO = {"student_id": "S/4711-é", "name": "Johannes Sønderborg", "email": "j.soenderborg@example.edu"}
REASON, NOTED = "on a placement in Tromsø", "has a letter of the ministry"
TWIN, OTHER_TWIN = 41, 40  # faces so alike that the one is found when the other is registered


@pytest.fixture(params=["files", "sqlite"])
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """A site where students may register themselves, in files and in a database beside them."""
    url = f"sqlite:///{settings.data / 'site.db'}" if request.param == "sqlite" else None
    return replace(settings, self_registration=True, database_url=url)


@pytest.fixture
def student(site: Site, app: Flask, clock: Clock) -> str:
    """The key of somebody of whom everything is kept that can be: face, consent, code, records of every kind, a face
    that waits, a face like another's."""
    site.enrolled("1002", "Jane Smith", OTHER_TWIN)
    key: str = site.client.post("/api/v1/students", json=WHO).get_json()["key"]
    agree(site.client, key)
    assert site.register(key, TWIN, confirm_other="1").status_code == 201
    code = site.client.post(f"/api/v1/students/{key}/code").get_json()["code"]
    kiosk = paired(app)
    asked = {"student_id": WHO["student_id"]}
    assert kiosk.post("/api/v1/history", json={**asked, "code": code}).status_code == 200
    problem(kiosk.post("/api/v1/history", json={**asked, "code": "x"}), 403, "wrong_proof")
    record = site.client.post(f"/api/v1/students/{key}/check-ins").get_json()["record"]["id"]
    assert site.client.post(f"/api/v1/check-ins/{record}/cancel", json={}).status_code == 201
    clock.tick(3600)
    challenge = site.passed(TWIN)["id"]
    site.client.post("/api/v1/check-ins", json={"challenge": challenge})
    redeemed = site.client.post("/api/v1/check-ins", json={"challenge": challenge, **asked, "code": code})
    assert redeemed.status_code == 201, redeemed.text
    site.client.patch(f"/api/v1/students/{key}", json={"name": WHO["name"] + " jr."})
    Hall(kiosk, clock).register(WHO["student_id"], TWIN)
    mark = Entry(clock.now, "mark", WHO["student_id"], "Dr B. Cole", person=key, meeting="m", reason=REASON, note=NOTED)
    SITE_PARTS.of(app).services.store.append(replace(mark, status="excused"))
    return key


def written(settings: Settings) -> dict[Path, bytes]:
    """Every file of the data folder, `instance` included."""
    return {path: path.read_bytes() for path in settings.data.rglob("*") if path.is_file()}


def found(settings: Settings, word: str) -> set[str]:
    """The files that hold a word, as it is, or as JSON writes it."""
    forms = {word.encode(), json.dumps(word)[1:-1].encode(), word.encode("utf-16-le")}
    return {path.name for path, data in written(settings).items() if any(form in data for form in forms)}


def test_no_file_names_who_was_erased(
    settings: Settings,
    site: Site,
    app: Flask,
    student: str,
    store: Store,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    words = [WHO["student_id"], WHO["name"], WHO["email"], REASON, NOTED]
    assert all(found(settings, word) for word in words), "the test would see it if it were there"
    code = access_of(app)._repository.read().codes[student].hash
    assert found(settings, code)
    assert site.client.delete(f"/api/v1/students/{student}?reason=asked+for+it").status_code == 200
    for word in words:
        assert found(settings, word) == set()
    assert found(settings, code) == set()
    # The random key stands where it says whom to erase again, and in the audit trail; a database holds both.
    assert found(settings, student) - {"erasures.json", "audit.jsonl", "site.db", "site.db-wal"} == set()
    assert store.student(student) is None
    assert [record.student_id for record in store.records()] == [None] * 4
    assert not any(word in caplog.text for word in words)
    store.close()
    assert verify_place(settings.database_url or str(settings.data), settings.site_key_file)[0]
    again = open_store(settings, clock)
    assert [one.name for one in again.students()] == ["Jane Smith"]
    again.close()


def test_a_code_that_an_erasure_left_behind_goes_at_the_start(
    settings: Settings, app: Flask, student: str, store: Store, clock: Clock
) -> None:
    store.erase(student)
    assert access_of(app).codes.status(student) is not None
    there = create_app(settings, faces=DrawnFaces(), store=store, clock=clock)
    assert access_of(there).codes.status(student) is None


class TestExport:
    """GET /students/{key}/export"""

    def test_everything_but_the_numbers(self, site: Site, student: str, store: Store, clock: Clock) -> None:
        answer = site.client.get(f"/api/v1/students/{student}/export")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="student-{student}.json"'
        told = answer.get_json()
        [former] = told["student"].pop("former")
        assert (former["student_id"], former["name"]) == (WHO["student_id"], WHO["name"])
        now = {**WHO, "name": WHO["name"] + " jr.", "known_as": "", "key": student, "removed_at": None}
        assert told["student"] == now
        assert (told["consent"]["state"], told["consent"]["way"]) == ("given", "in_person")
        assert [(face["profile"], face["source"]) for face in told["faces"]] == [("drawn", "photo")]
        assert told["alike"] == 1
        (pair,) = told["documents"]
        assert (pair["kind"], pair["value"]) == ("look_alikes", {"templates": {student: [told["faces"][0]["id"]]}})
        assert told["faces_waiting"]["kiosk"] == "Room 101"
        assert told["personal_code"]["tries_left"] == 5
        assert [record["method"] for record in told["records"]] == ["by_hand", "cancellation", "kiosk", "mark"]
        assert [record["cancelled"] for record in told["records"]] == [True, False, False, False]
        mark = told["records"][-1]
        assert (mark["by"], mark["mark"]["status"]) == ("Dr B. Cole", "excused")
        assert (mark["mark"]["reason"], mark["mark"]["note"]) == (REASON, NOTED)
        assert told["records"][1]["cancels"] == told["records"][0]["id"]
        done = [deed["what"] for deed in told["audit"]]
        assert done[:2] == ["Added a student", "Recorded consent"]
        assert {"Registered a face", "Issued a personal code", "Changed a student"} <= set(done)
        assert "templates" in told["not_included"]
        assert "sealed" not in answer.text
        assert LECTURER not in json.dumps(told["audit"])

    def test_of_somebody_new_and_of_nobody(self, app: Flask, site: Site) -> None:
        key = site.add("7", "Ann Lee", agreed=False)
        told = site.client.get(f"/api/v1/students/{key}/export").get_json()
        assert (told["faces"], told["faces_waiting"], told["personal_code"], told["records"]) == ([], None, None, [])
        assert told["consent"]["state"] == "missing"
        problem(site.client.get("/api/v1/students/nobody/export"), 404, "unknown_student")
        problem(paired(app).get(f"/api/v1/students/{key}/export"), 403, "not_allowed")
        assert logged_in(app, "Dr B. Cole", "faculty").get(f"/api/v1/students/{key}/export").status_code == 200
