"""Correcting people through the interface: an ID, two entries merged, a name they are known as, and IDs for keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.settings import Settings
from secure_attend.storage.ports import Store
from tests.conftest import Site, as_student, logged_in
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only
from tests.support.web.taught_course import TaughtCourse
from tests.support.web.two_courses import TwoCourses


def names(answer: Any) -> list[tuple[str, str]]:
    return [(each["student_id"], each["name"]) for each in answer.get_json()["former"]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, self_registration=True)


@pytest.fixture
def courses(app: Flask, clock: Clock) -> TwoCourses:
    return TwoCourses(app, clock)


def test_an_id_is_corrected_and_put_back(api: Api, site: Site) -> None:
    key = site.add("0O7", "Ada Byron")
    assert api("PATCH", f"/students/{key}", json={"student_id": "007"}).get_json()["student_id"] == "007"
    seen = api("GET", f"/students/{key}/corrections")
    assert names(seen) == [("0O7", "Ada Byron")]
    undo = seen.get_json()["undo"]
    assert (undo["what"], undo["student_id"], undo["other_id"]) == ("id", "0O7", None)
    undone = api("POST", f"/students/{key}/corrections/undo")
    assert undone.get_json()["student"]["student_id"] == "0O7"
    assert api("GET", f"/students/{key}/corrections").get_json() == {"former": [], "undo": None}
    problem(api("POST", f"/students/{key}/corrections/undo"), 409, "correction_changed")
    problem(api("GET", "/students/nobody/corrections"), 404, "unknown_student")
    refuses_other_methods(api, f"/students/{key}/corrections", "GET")


def test_an_old_name_is_known_to_the_registrars_history_alone(api: Api, site: Site, app: Flask) -> None:
    taught = TaughtCourse(api, 1)
    key = taught.students[0]
    roster = b"student_id,name\nS0,Tomasz Nowak\n"
    path = f"/roster?same={key}"
    loaded = api("POST", path, data=roster, content_type="text/csv")
    assert loaded.status_code == 200, loaded.text
    meeting = taught.start()
    taught.check_in(key)
    for shown in (
        api("GET", "/students?search=Student"),
        api("GET", "/students"),
        api("GET", f"/meetings/{meeting}/register"),
        api("GET", f"/courses/{taught.key}/members"),
        api("GET", f"/courses/{taught.key}/register.csv"),
        api("GET", "/reports/attendance.csv"),
        api("GET", f"/students/{key}/statement"),
    ):
        assert shown.status_code == 200
        assert "Student S0" not in shown.text
    assert names(api("GET", f"/students/{key}/corrections")) == [("S0", "Student S0")]
    lecturer = logged_in(app, "Lou", "faculty")
    problem(lecturer.get(f"/api/v1/students/{key}/corrections"), 403, "not_allowed")


def test_a_merge_shows_nobody_the_look_alike_of_the_other(app: Flask, courses: TwoCourses) -> None:
    """Alice and Bob look alike. The correction that keeps their pair for undoing was in Bob's export, with all that is
    known of Alice, and Bob's key was in Alice's."""
    registrar = courses.clients["Regine"]
    again = registrar.post("/api/v1/students", json={"student_id": "10010009", "name": "Alice Able-Again"})
    key = again.get_json()["key"]
    body = {"other": courses.alice, "id_of": "this", "name_of": "this", "face_of": "this"}
    merged = registrar.post(f"/api/v1/students/{key}/merge", json=body)
    assert merged.status_code == 200, merged.text
    for about, others in (
        (courses.bob, ("Alice", "Able", "10010001", "10010009", courses.alice, key)),
        (key, ("Bob", "20020002", courses.bob)),
    ):
        own = as_student(app, about).get("/api/v1/own/export")
        given = registrar.get(f"/api/v1/students/{about}/export")
        for answer in (own, given):
            assert answer.status_code == 200
            assert not [each for each in others if each in answer.text]
    moved = [each for each in given.get_json()["documents"] if each["kind"] == "corrections"]
    assert [each["value"]["other"]["name"] for each in moved] == ["Alice Able"]


def test_two_entries_are_merged_and_split(api: Api, site: Site, store: Store, clock: Clock, kiosk: FlaskClient) -> None:
    taught = TaughtCourse(api, 1)
    old = taught.students[0]
    new = taught.add("00S0")
    taught.join("00S0")
    meeting = taught.start()
    taught.check_in(new)
    code = api("POST", f"/students/{new}/code").get_json()["code"]
    plan = api("GET", f"/students/{old}/merge?other=00S0").get_json()
    assert (plan["this"]["student"]["key"], plan["other"]["student"]["key"]) == (old, new)
    assert (plan["this"]["records"], plan["other"]["records"]) == (0, 1)
    assert plan["after"] == {"key": old, "student_id": "S0", "name": "Student S0", "known_as": "", "email": ""}
    assert plan["notes"] == ["code_of_other"]
    assert len(store.students()) == 2, "a look changes nothing"
    merged = api("POST", f"/students/{old}/merge", json={"other": new})
    assert (merged.status_code, merged.get_json()["key"]) == (200, old)
    facts = api("GET", "/audit?action=merge_students").get_json()["entries"][0]["facts"]
    assert facts["members_before"] == f"course:{taught.key}: 2026-11-23..: {new}", "the other's days stay the same"
    assert facts["members_after"] == f"course:{taught.key}: none: {new}"
    [row] = taught.register(meeting)["rows"]
    assert (row["student"]["key"], row["status"]) == (old, "present")
    for named in (old, new, "S0", "00S0"):
        assert api("GET", f"/students/{named}").get_json()["key"] == old, "an old address still finds the student"
        assert len(api("GET", f"/students/{named}/attendance").get_json()["records"]) == 1
    proof = {"student_id": "S0", "code": code, "attempt": "a" * 20}
    assert kiosk.post("/api/v1/check-ins", json=proof).status_code == 200, "either code proves who it is"
    undone = api("POST", f"/students/{old}/corrections/undo").get_json()
    assert (undone["student"]["student_id"], undone["other"]["student_id"]) == ("S0", "00S0")
    assert [row["status"] for row in taught.register(meeting)["rows"]] == ["present", "not_yet"]
    problem(kiosk.post("/api/v1/check-ins", json={**proof, "attempt": "b" * 20}), 403, "wrong_proof")


def test_a_register_that_was_looked_at_follows_a_merge(api: Api, site: Site) -> None:
    taught = TaughtCourse(api, 1)
    stranger = taught.add("again")
    meeting = taught.start()
    taught.check_in(stranger)
    before = taught.register(meeting)
    assert [visitor["student"]["key"] for visitor in before["visitors"]] == [stranger]
    assert api("POST", f"/students/{taught.students[0]}/merge", json={"other": "again"}).status_code == 200
    merged = taught.register(meeting)
    assert ([row["status"] for row in merged["rows"]], merged["visitors"]) == (["present"], [])
    assert api("POST", f"/students/{taught.students[0]}/corrections/undo").status_code == 200
    split = taught.register(meeting)
    assert [visitor["student"]["key"] for visitor in split["visitors"]] == [stranger]
    assert [row["status"] for row in split["rows"]] == ["not_yet"]


def test_the_audit_trail_and_the_export_follow_the_person(api: Api, site: Site) -> None:
    one, other = site.add("1", "Ada Byron"), site.add("2", "Ada Lovelace")
    api("GET", f"/students/{other}")
    api("POST", f"/students/{one}/merge", json={"other": other})
    listed = api("GET", "/audit?whom=student:1").get_json()["entries"]
    assert {"see_student", "merge_students"} <= {entry["action"] for entry in listed}
    assert {subject["name"] for entry in listed for subject in entry["whom"]} == {"Ada Byron (1)"}
    exported = api("GET", f"/students/{one}/export").get_json()
    assert exported["student"]["former"][0]["name"] == "Ada Lovelace"
    assert any(event["what"] == "Merged two entries of a student" for event in exported["audit"])
    assert api("DELETE", f"/students/{one}?reason=asked").status_code == 200
    problem(api("GET", f"/students/{other}"), 404, "unknown_student")


def test_what_cannot_be_merged(api: Api, site: Site) -> None:
    key = site.add("1", "Ada Byron")
    problem(api("POST", f"/students/{key}/merge", json={"other": "1"}), 409, "same_entry")
    problem(api("POST", f"/students/{key}/merge", json={"other": "nobody"}), 404, "unknown_student")
    problem(api("GET", f"/students/{key}/merge?other=nobody"), 404, "unknown_student")
    assert fields(api("GET", f"/students/{key}/merge")) == ["other"]
    assert fields(api("POST", f"/students/{key}/merge", json={"other": "1", "face_of": "third"})) == ["face_of"]
    takes_json_only(api, "POST", f"/students/{key}/merge", {"other": "nobody"})


def test_who_is_known_by_another_name(api: Api, site: Site, app: Flask, kiosk: FlaskClient) -> None:
    taught = TaughtCourse(api, 1)
    key = taught.students[0]
    changed = api("PATCH", f"/students/{key}", json={"known_as": " Sam  Smith "}).get_json()
    assert (changed["name"], changed["known_as"]) == ("Student S0", "Sam Smith")
    meeting = taught.start()
    assert taught.register(meeting)["rows"][0]["student"]["name"] == "Sam Smith"
    assert api("GET", f"/courses/{taught.key}/members").get_json()["members"][0]["student"]["name"] == "Sam Smith"
    for search in ("Sam", "Student"):
        assert len(api("GET", f"/students?search={search}").get_json()["students"]) == 1
    code = api("POST", f"/students/{key}/code").get_json()["code"]
    greeted = kiosk.post("/api/v1/check-ins", json={"student_id": "S0", "code": code, "attempt": "a" * 20}).get_json()
    assert greeted["student"]["name"] == "Sam Smith"
    assert fields(api("PATCH", f"/students/{key}", json={"known_as": "x" * 999})) == ["known_as"]
    roster = b"student_id,name,Preferred name\nS0,Student S0,Sam Q. Smith\n"
    assert api("POST", "/roster", data=roster, content_type="text/csv").get_json()["updated"] == 1
    assert api("GET", f"/students/{key}").get_json()["known_as"] == "Sam Q. Smith"
    assert api("PATCH", f"/students/{key}", json={"known_as": ""}).get_json()["known_as"] == ""


def test_lecturers_see_the_name_that_somebody_is_known_as_only(courses: TwoCourses) -> None:
    regine, ada = courses.client("Regine"), courses.client("Ada")
    alice = f"/api/v1/students/{courses.alice}"
    assert regine.patch(alice, json={"known_as": "Lis Able"}).status_code == 200
    assert ada.get(alice).get_json()["name"] == "Lis Able"
    for path in (alice, "/api/v1/students", f"{alice}/statement"):
        assert "Alice" not in ada.get(path).text
        assert "Alice" in regine.get(path).text
    assert ada.get("/api/v1/students?search=Alice").get_json()["students"] == []


@pytest.mark.parametrize("student_id", ["007", "A&B", "a b", "50%", "x?y#z", "ÄÖ-1", "a+b", "1.2"])
def test_an_id_stands_wherever_a_key_does(api: Api, site: Site, student_id: str) -> None:
    key = site.add(student_id, "Ada Byron")
    path = f"/students/{quote(student_id, safe='')}"
    assert api("GET", path).get_json()["key"] == key
    assert api("POST", f"{path}/check-ins").status_code == 201
    assert api("PATCH", path, json={"email": "ada@example.org"}).status_code == 200
    assert api("POST", "/students/removals", json={"keys": [student_id]}).get_json() == {"removed": 1}


def test_an_id_in_bodies_and_queries(api: Api, site: Site) -> None:
    taught = TaughtCourse(api, 2)
    meeting = taught.start()
    assert taught.mark(meeting, {"student": "S0", "status": "late", "replaces": None}).status_code == 201
    assert api("PATCH", f"/courses/{taught.key}/members/S0", json={"groups": []}).status_code == 200
    version = api("GET", "/consents/text").get_json()["version"]
    consents = {"keys": ["S0", "S1"], "way": "on_paper", "version": version}
    assert len(api("POST", "/consents", json=consents).get_json()["students"]) == 2
    many = {"keys": [f"nobody {number}" for number in range(30)], "way": "on_paper", "version": version}
    problem(api("POST", "/consents", json=many), 404, "unknown_student")
    assert [each["student_id"] for each in api("GET", "/students?after=S0").get_json()["students"]] == ["S1"]
    assert api("DELETE", f"/courses/{taught.key}/members/S1").status_code == 200


def test_a_key_wins_over_an_id(api: Api, site: Site) -> None:
    ada = site.add("1", "Ada Byron")
    site.add(ada, "Somebody else")
    assert api("GET", f"/students/{ada}").get_json()["name"] == "Ada Byron"


def test_whom_the_caller_may_not_see_is_not_found_by_id_either(courses: TwoCourses) -> None:
    ada = courses.client("Ada")
    for path in ("/students/20020002", "/students/20020002/attendance", "/students/nobody"):
        problem(ada.get(f"/api/v1{path}"), 404, "unknown_student")
    assert ada.get("/api/v1/students/10010001").get_json()["key"] == courses.alice
