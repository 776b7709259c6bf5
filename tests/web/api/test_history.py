"""POST /history"""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.access import passwords
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import Site, access_of, paired
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only


def test_newest_first_in_local_time(api: Api, site: Site, john: str, clock: Clock) -> None:
    record = site.check_in(1).get_json()["record"]["id"]
    clock.tick(minutes=1)
    api("POST", f"/check-ins/{record}/cancel", json={})
    clock.tick(days=1)
    api("POST", f"/students/{john}/check-ins")
    assert api("POST", "/history", json={"student_id": " 1001 "}).get_json() == {
        "student": {"student_id": "1001", "name": "John Doe"},
        "marks": [],
        "records": [
            {"date": "2026-11-24", "time": "09:31", "method": "by_hand", "cancelled": False},
            {"date": "2026-11-23", "time": "09:30", "method": "kiosk", "cancelled": True},
        ],
        "total": 2,
        "token": None,
    }


def test_clocks_that_change_are_followed(api: Api, jane: str, clock: Clock) -> None:
    """In Berlin 01:30 UTC is 02:30 both before and after the clocks go back, an hour apart."""
    for hour in (0, 1):
        clock.now = clock.now.replace(month=10, day=25, hour=hour, minute=30)
        api("POST", f"/students/{jane}/check-ins")
    records = api("POST", "/history", json={"student_id": "1002"}).get_json()["records"]
    assert [record["time"] for record in records] == ["02:30", "02:30"]


def test_who_was_removed_still_sees_it(api: Api, jane: str) -> None:
    api("POST", f"/students/{jane}/check-ins")
    api("PATCH", f"/students/{jane}", json={"removed": True})
    assert api("POST", "/history", json={"student_id": "1002"}).get_json()["total"] == 1


def test_composed_and_decomposed_ids_are_one(api: Api, site: Site) -> None:
    site.add("\u00e9-1", "Zoe")
    assert api("POST", "/history", json={"student_id": "e\u0301-1"}).status_code == 200


@pytest.mark.parametrize("typed", ["CS  2021\u00a01", " CS 2021 1 "])
def test_however_the_spaces_in_an_id_are_typed(api: Api, site: Site, typed: str) -> None:
    site.add("CS 2021  1", "Zoe")
    assert api("POST", "/history", json={"student_id": typed}).get_json()["student"]["student_id"] == "CS 2021 1"


@pytest.mark.parametrize("student_id", ["9999", "1002 OR 1=1", "x" * 1000, "%"])
def test_unknown_ids(api: Api, jane: str, student_id: str) -> None:
    problem(api("POST", "/history", json={"student_id": student_id}), 404, "unknown_student")


class TestProof:
    """At a kiosk: the ID and the personal code."""

    @pytest.fixture
    def code(self, api: Api, jane: str) -> str:
        """Jane's, issued just now."""
        response = api("POST", f"/students/{jane}/code")
        assert response.status_code == 201
        issued: str = response.get_json()["code"]
        assert len(issued) == 6
        assert issued.isdigit()
        return issued

    @staticmethod
    def ask(kiosk: FlaskClient, student_id: str, code: str) -> Any:
        return kiosk.post("/api/v1/history", json={"student_id": student_id, "code": code})

    @staticmethod
    def wrong(code: str) -> str:
        return "000000" if code != "000000" else "000001"

    def test_the_right_code(self, api: Api, kiosk: FlaskClient, jane: str, code: str) -> None:
        api("POST", f"/students/{jane}/check-ins")
        for _ in range(12):
            assert self.ask(kiosk, "1002", code).get_json()["total"] == 1

    def test_the_id_alone_shows_nothing(self, kiosk: FlaskClient, jane: str) -> None:
        for student_id in ("1002", "9999"):
            assert fields(kiosk.post("/api/v1/history", json={"student_id": student_id})) == ["code"]

    def test_unknown_ids_and_wrong_proofs_cost_and_say_the_same(
        self, api: Api, kiosk: FlaskClient, code: str, john: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody's ID, a student without a code, a wrong code, and a code that is spent."""
        computed: list[str] = []
        real = passwords.matches_in_place
        monkeypatch.setattr(passwords, "matches_in_place", lambda *given: computed.append(given[0]) or real(*given))
        answers = [self.ask(kiosk, "9999", code), self.ask(kiosk, "1001", code)]
        answers += [self.ask(kiosk, "1002", self.wrong(code)) for _ in range(5)]
        answers.append(self.ask(kiosk, "1002", code))
        assert len({response.data for response in answers}) == 1
        problem(answers[0], 403, "wrong_proof")
        assert len(computed) == len(answers)

    def test_five_tries_then_faculty_issue_a_new_one(self, api: Api, kiosk: FlaskClient, jane: str, code: str) -> None:
        for _ in range(2):
            problem(self.ask(kiosk, "1002", self.wrong(code)), 403, "wrong_proof")
        assert self.ask(kiosk, "1002", code).status_code == 200  # the code's tries begin anew, the kiosk's do not
        for _ in range(5):
            problem(self.ask(kiosk, "1002", self.wrong(code)), 403, "wrong_proof")
        problem(self.ask(kiosk, "1002", code), 403, "wrong_proof")
        new = api("POST", f"/students/{jane}/code").get_json()["code"]
        assert self.ask(kiosk, "1002", new).status_code == 200

    @pytest.mark.slow
    def test_a_kiosk_that_goes_on_guessing_waits(
        self, app: Flask, api: Api, kiosk: FlaskClient, jane: str, code: str
    ) -> None:
        for _ in range(10):
            self.ask(kiosk, "9999", "123456")
        problem(self.ask(kiosk, "1002", code), 429, "too_many_tries")
        assert self.ask(paired(app, "Room 102"), "1002", code).status_code == 200
        assert api("POST", "/history", json={"student_id": "1002"}).status_code == 200

    @pytest.mark.parametrize("way", ["remove", "remove many", "erase"])
    def test_who_leaves_the_list_has_no_code_any_more(
        self, app: Flask, api: Api, jane: str, code: str, way: str
    ) -> None:
        keeper = access_of(app)._repository
        assert jane in keeper.read().codes
        if way == "remove":
            api("PATCH", f"/students/{jane}", json={"removed": True})
            problem(api("POST", f"/students/{jane}/code"), 409, "student_removed")
        elif way == "remove many":
            api("POST", "/students/removals", json={"keys": [jane]})
        else:
            api("DELETE", f"/students/{jane}?reason=asked")
        assert keeper.read().codes == {}

    def test_codes_of_students_who_are_gone_are_forgotten_at_start(
        self, app: Flask, settings: Settings, store: JsonStore, jane: str, code: str
    ) -> None:
        access_of(app).codes.issue("somebody erased when the power went")
        assert set(access_of(create_app(settings, store=store))._repository.read().codes) == {jane}

    def test_a_code_is_kept_as_a_hash(self, app: Flask, settings: Settings, code: str) -> None:
        kept = json.loads((settings.data / "instance" / "access.json").read_text())["codes"]
        assert code not in json.dumps([{**one, "issued_at": ""} for one in kept.values()])

    def test_litany_of_issuing(self, api: Api, jane: str) -> None:
        problem(api("POST", "/students/gone/code"), 404, "unknown_student")
        refuses_other_methods(api, f"/students/{jane}/code", "POST")


def test_litany(api: Api) -> None:
    assert fields(api("POST", "/history", json={"student_id": ""})) == ["student_id"]
    assert fields(api("POST", "/history", json={"student_id": 1001})) == ["student_id"]
    takes_json_only(api, "POST", "/history", {"student_id": "1"})
    refuses_other_methods(api, "/history", "POST")
