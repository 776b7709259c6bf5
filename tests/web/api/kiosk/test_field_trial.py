"""The field trial: tries are declared, judged as ever, counted once, and check nobody in."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from secure_attend import create_app
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import Site, logged_in, paired
from tests.support.fakes import Clock, DrawnFaces, Person
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only

TRIES = "/trial/tries"
HONEST: dict[str, Any] = {"presentation": "bona fide", "person": 1}
PHOTO: dict[str, Any] = {"presentation": "a", "medium": "print", "person": 7}


@pytest.fixture
def book(settings: Settings) -> Path:
    return settings.data / "instance" / "field_trial.json"


def played(api: Api, site: Site, who: int = 1, **declared: Any) -> dict[str, Any]:
    """A try that `who` plays to its end, not yet counted."""
    response = api("POST", TRIES, json={**HONEST, **declared})
    assert response.status_code == 201, response.text
    return Person(site.client, site.clock, who).play(response.get_json())


def ended(api: Api, challenge: dict[str, Any]) -> Any:
    return api("POST", f"{TRIES}/{challenge['id']}/end")


def rows(api: Api) -> dict[str, dict[str, Any]]:
    """By setting and species."""
    sections = api("GET", "/trial").get_json()["sections"]
    return {f"{section['setting']}: {row['species']}": row for section in sections for row in section["rows"]}


def test_honest_tries_and_attacks_are_counted_apart(api: Api, site: Site) -> None:
    for person in (1, 2, 2):
        assert ended(api, played(api, site, person=person)).get_json()["passed"] is True
    given_up = api("POST", TRIES, json=PHOTO).get_json()
    answer = ended(api, given_up).get_json()
    assert answer["passed"] is False
    assert answer["failure"]["code"] == "too_slow"
    counted = rows(api)
    assert counted["`standard`: bona fide"] == {
        "species": "bona fide",
        "tries": 3,
        "hits": 0,
        "rate": 0.0,
        "upper_95": pytest.approx(1 - 0.05 ** (1 / 3), abs=1e-6),
        "steps": 12,
        "note": "a person, as themselves; 2 people",
    }
    photo = counted["`standard`: a, print"]
    assert (photo["tries"], photo["hits"], photo["rate"], photo["note"]) == (1, 0, 0.0, "still photo; 1 person")


def test_an_attack_that_is_passed_is_a_hit_and_a_person_refused_is_one(api: Api, site: Site) -> None:
    ended(api, played(api, site, presentation="i", medium="phone"))
    ended(api, api("POST", TRIES, json=HONEST).get_json())
    counted = rows(api)
    assert counted["`standard`: i, phone"]["hits"] == 1
    assert counted["`standard`: bona fide"]["hits"] == 1
    assert counted["`standard`: bona fide"]["upper_95"] == 1.0


def test_who_cannot_turn_the_head_is_counted_apart(api: Api, site: Site) -> None:
    challenge = played(api, site, without_turning=True)
    assert not {"turn_left", "turn_right"} & set(challenge["accepted"])
    ended(api, challenge)
    assert list(rows(api)) == ["`standard`, for who cannot turn the head: bona fide"]


def test_settings_are_counted_apart(settings: Settings, store: JsonStore, engine: DrawnFaces, clock: Clock) -> None:
    slow = replace(settings, liveness="quick", step_seconds=20.0)
    client = logged_in(create_app(slow, faces=engine, store=store, clock=clock))
    challenge = client.post(f"/api/v1{TRIES}", json=HONEST).get_json()
    client.post(f"/api/v1{TRIES}/{challenge['id']}/end")
    (section,) = client.get("/api/v1/trial").get_json()["sections"]
    assert section["setting"] == "`quick`, 20 s a step"


def test_a_try_is_counted_once_and_only_when_it_is_ended(api: Api, site: Site) -> None:
    challenge = played(api, site)
    assert rows(api) == {}
    first, again = ended(api, challenge), ended(api, challenge)
    assert first.get_json() == again.get_json()
    assert rows(api)["`standard`: bona fide"]["tries"] == 1


def test_nobody_is_checked_in_by_a_try(api: Api, site: Site) -> None:
    site.enrolled("1001", "John Doe", who=1)
    challenge = played(api, site)
    assert challenge["state"] == "passed"
    problem(api("POST", "/check-ins", json={"challenge": challenge["id"]}), 409, "wrong_purpose")
    ended(api, challenge)
    problem(api("POST", "/check-ins", json={"challenge": challenge["id"]}), 409, "wrong_purpose")
    assert len(api("GET", "/reports/attendance.csv").text.splitlines()) == 1


def test_a_check_in_is_no_try(api: Api, site: Site) -> None:
    problem(ended(api, site.open()), 404, "unknown_challenge")
    problem(ended(api, {"id": "nothing"}), 404, "unknown_challenge")


def test_tries_are_the_supervisors_own_and_rest_nobodys_kiosk(app: Flask, api: Api, site: Site, clock: Clock) -> None:
    challenge = api("POST", TRIES, json=HONEST).get_json()
    other = logged_in(app, "Dr Other")
    assert other.post(f"/api/v1{TRIES}/{challenge['id']}/end").status_code == 404
    for _ in range(6):
        ended(api, api("POST", TRIES, json=PHOTO).get_json())
    assert api("POST", TRIES, json=PHOTO).status_code == 201
    assert api("POST", "/challenges", json={"purpose": "check_in"}).status_code == 201


def test_neither_kiosks_nor_lecturers_may(app: Flask) -> None:
    logged_in(app)
    for client in (paired(app), logged_in(app, "Dr Faculty", "faculty")):
        for method, path in (("GET", "/trial"), ("POST", TRIES), ("DELETE", "/trial"), ("GET", "/trial/table.csv")):
            problem(client.open(f"/api/v1{path}", method=method, json=HONEST), 403, "not_allowed")


def test_the_file_holds_counts_and_nothing_else(api: Api, site: Site, book: Path) -> None:
    ended(api, played(api, site, person=3))
    kind = {"setting": "`standard`", "presentation": "bona fide", "medium": "none"}
    assert json.loads(book.read_text()) == [{**kind, "tries": 1, "passed": 1, "steps": 4, "people": [3]}]
    assert book.stat().st_mode & 0o077 == 0


def test_tables_to_take_away(api: Api, site: Site) -> None:
    ended(api, played(api, site))
    ended(api, api("POST", TRIES, json=PHOTO).get_json())
    markdown = api("GET", "/trial/table.md")
    assert markdown.content_type == "text/markdown; charset=utf-8"
    assert "| bona fide | 1 | 0 | 0.00% | 95.00% | 4 | a person, as themselves; 1 person |" in markdown.text
    sheet = api("GET", "/trial/table.csv")
    assert "field-trial-" in sheet.headers["Content-Disposition"]
    honest, photo = csv.DictReader(sheet.text.splitlines())
    assert (honest["species"], honest["tries"], honest["upper_95"]) == ("bona fide", "1", "0.950000")
    assert (photo["species"], photo["hits"]) == ("a, print", "0")


def test_begun_anew(api: Api, site: Site) -> None:
    ended(api, api("POST", TRIES, json=PHOTO).get_json())
    assert api("DELETE", "/trial").get_json() == {"forgotten": True}
    assert rows(api) == {}


def test_a_damaged_file_is_said_and_never_overwritten(api: Api, site: Site, book: Path) -> None:
    book.write_text("{")
    problem(api("GET", "/trial"), 503, "trial_not_readable")
    challenge = api("POST", TRIES, json=PHOTO).get_json()
    problem(ended(api, challenge), 503, "trial_not_readable")
    assert book.read_text() == "{"
    book.unlink()
    assert ended(api, challenge).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"presentation": "z"}, "presentation"),
        ({"medium": "mirror"}, "medium"),
        ({"person": 0}, "person"),
        ({"person": "1"}, "person"),
        ({"without_turning": 1}, "without_turning"),
    ],
)
def test_declarations_that_do_not_fit(api: Api, wrong: dict[str, Any], field: str) -> None:
    assert fields(api("POST", TRIES, json={**HONEST, **wrong})) == [field]


def test_the_usual(api: Api) -> None:
    takes_json_only(api, "POST", TRIES, HONEST)
    refuses_other_methods(api, "/trial", "GET", "DELETE")
    refuses_other_methods(api, TRIES, "POST")
    refuses_other_methods(api, f"{TRIES}/x/end", "POST")
