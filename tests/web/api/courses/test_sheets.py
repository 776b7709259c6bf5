"""Sheets to print, and the entry of one that was signed on paper."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.conftest import logged_in
from tests.support.fakes import Clock
from tests.support.web.litany import Api, problem, refuses_other_methods
from tests.support.web.taught_course import TaughtCourse


@pytest.fixture
def taught(api: Api) -> TaughtCourse:
    return TaughtCourse(api)


@pytest.fixture
def meeting(taught: TaughtCourse, clock: Clock) -> str:
    """A class that is over: S0 was on time, S1 late, S2 is absent."""
    key = taught.start(title="Lecture 1")
    taught.check_in(taught.students[0])
    clock.tick(minutes=20)
    taught.check_in(taught.students[1])
    clock.tick(hours=2)
    return key


def test_the_sheet_of_a_class(api: Api, taught: TaughtCourse, meeting: str) -> None:
    sheet = api("GET", f"/meetings/{meeting}/sheet").get_json()
    assert [row["student"]["student_id"] for row in sheet["rows"]] == ["S0", "S1", "S2"]
    assert [row["status"] for row in sheet["rows"]] == ["present", "late", "absent"]
    shown = sheet["meeting"]
    assert (shown["title"], shown["starts"], shown["zone"]) == ("Lecture 1", "2026-11-23T09:30", "Europe/Berlin")
    assert (sheet["course"]["code"], sheet["may_mark"]) == ("STAT110", True)
    assert sheet["evidence"]["local_time"].endswith(" Europe/Berlin")
    assert sheet["evidence"]["log_record"] == 2
    locked = api("POST", f"/courses/{taught.key}/locks", json={"last_day": "2026-11-23"}).get_json()
    assert api("GET", f"/meetings/{meeting}/sheet").get_json()["may_mark"] is False
    api("POST", f"/courses/{taught.key}/locks/{locked['key']}/unlock", json={"reason": "test"})
    assert api("GET", f"/meetings/{meeting}/sheet").get_json()["may_mark"] is True
    api("PATCH", f"/courses/{taught.key}", json={"archived": True})
    assert api("GET", f"/meetings/{meeting}/sheet").get_json()["may_mark"] is False


def test_a_signed_sheet_is_entered_in_one_call(api: Api, taught: TaughtCourse, meeting: str) -> None:
    rows = api("GET", f"/meetings/{meeting}/sheet").get_json()["rows"]
    marks = [
        {"student": row["student"]["key"], "status": status, "replaces": row["mark"]}
        for row, status in zip(rows, ("absent", "present", "excused"), strict=True)
    ]
    assert taught.mark(meeting, *marks).status_code == 201
    again = api("GET", f"/meetings/{meeting}/sheet").get_json()["rows"]
    assert [row["status"] for row in again] == ["absent", "present", "excused"]
    assert all(row["mark"] for row in again)


def test_the_sheet_of_a_course(api: Api, taught: TaughtCourse, meeting: str) -> None:
    sheet = api("GET", f"/courses/{taught.key}/sheet").get_json()
    assert [each["key"] for each in sheet["meetings"]] == [meeting]
    assert [(row["student"]["student_id"], row["statuses"]) for row in sheet["rows"]] == [
        ("S0", ["present"]), ("S1", ["late"]), ("S2", ["absent"]),
    ]  # fmt: skip
    assert sheet["rows"][1]["totals"] == {
        "held": 1, "present": 0, "late": 1, "excused": 0, "absent": 0, "percent": 100.0, "formula": "1 / 1",
    }  # fmt: skip
    exported = api("GET", f"/courses/{taught.key}/register.csv").text
    assert sheet["evidence"]["register_digest"] in exported
    assert sheet["evidence"]["log_mac"] in exported


def test_the_sheet_of_a_course_has_visitors_without_totals(api: Api, taught: TaughtCourse, clock: Clock) -> None:
    meeting, visitor = taught.start(), taught.add("X1")
    taught.check_in(visitor)
    api("POST", f"/meetings/{meeting}/visitors", json={})
    sheet = api("GET", f"/courses/{taught.key}/sheet").get_json()
    assert [row["student"]["key"] for row in sheet["rows"]] == taught.students
    assert [(row["student"]["key"], row["statuses"]) for row in sheet["visitors"]] == [(visitor, ["present"])]


def test_a_statement_names_the_last_date_attended(api: Api, taught: TaughtCourse, meeting: str, clock: Clock) -> None:
    """An excused student who came was there; an absent one was not."""
    clock.tick(hours=24)
    second = taught.start()
    taught.check_in(taught.students[0])
    taught.mark(second, {"student": taught.students[0], "status": "excused", "replaces": None})
    clock.tick(hours=3)
    taught.start()  # nobody came yet: it is on no statement

    def statement(number: int) -> Any:
        return api("GET", f"/students/{taught.students[number]}/statement").get_json()

    first, late, absent = map(statement, range(3))
    assert first["student"]["student_id"] == "S0"
    [course] = first["courses"]
    assert [each["status"] for each in course["classes"]] == ["present", "excused"]
    assert (course["last_attended"], first["last_attended"]) == ("2026-11-24", "2026-11-24")
    assert course["totals"] == {
        "held": 2, "present": 1, "late": 0, "excused": 1, "absent": 0, "percent": 100.0, "formula": "1 / 1",
    }  # fmt: skip
    assert late["last_attended"] == "2026-11-23"
    assert (absent["last_attended"], absent["courses"][0]["last_attended"]) == (None, None)
    nobody = taught.add("X1")
    assert api("GET", f"/students/{nobody}/statement").get_json()["courses"] == []


def test_nobody_attended_a_class_that_is_still_to_come(api: Api, taught: TaughtCourse, meeting: str) -> None:
    """Students on placement are marked in advance."""
    body = {"title": "Placement", "day": "2026-11-30", "from": "10:00", "to": "11:30"}
    [planned] = api("POST", f"/courses/{taught.key}/meetings", json=body).get_json()["meetings"]
    for student in (taught.students[0], taught.students[2]):
        mark = {"student": student, "status": "present", "replaces": None, "remark": "placement"}
        assert taught.mark(planned["key"], mark).status_code == 201
    first, absent = (api("GET", f"/students/{taught.students[number]}/statement").get_json() for number in (0, 2))
    assert [each["status"] for each in first["courses"][0]["classes"]] == ["present", "present"]
    assert (first["last_attended"], absent["last_attended"]) == ("2026-11-23", None)


def test_a_lecturer_states_their_own_courses_only(app: Flask, api: Api, taught: TaughtCourse, meeting: str) -> None:
    other = api("POST", "/courses", json={
        "code": "ART1", "title": "Art", "term": "Autumn", "first_day": "2026-10-12", "last_day": "2027-02-05",
    }).get_json()["key"]  # fmt: skip
    assert api("POST", f"/courses/{other}/members", json={"student_id": "S0"}).status_code == 201
    people = {"Lena": "lecturer", "Anton": "assistant", "Aldo": "viewer"}
    clients = {name: logged_in(app, name, "faculty") for name in people}
    for name, role in people.items():
        assert api("PUT", f"/courses/{other}/staff", json={"account": name, "role": role}).status_code == 200
    own = f"/api/v1/students/{taught.students[0]}/statement"
    assert [each["course"]["code"] for each in clients["Lena"].get(own).get_json()["courses"]] == ["ART1"]
    codes = [each["course"]["code"] for each in api("GET", own.removeprefix("/api/v1")).get_json()["courses"]]
    assert codes == ["ART1", "STAT110"]
    class_sheet = f"/api/v1/meetings/{meeting}/sheet"
    for name in ("Anton", "Aldo"):
        problem(clients[name].get(own), 403, "not_allowed")
        problem(clients[name].get(f"/api/v1/courses/{other}/sheet"), 403, "not_allowed")
        problem(clients[name].get(class_sheet), 404, "unknown_meeting")
    assert api("PUT", f"/courses/{taught.key}/staff", json={"account": "Anton", "role": "assistant"}).status_code == 200
    assert api("PUT", f"/courses/{taught.key}/staff", json={"account": "Aldo", "role": "viewer"}).status_code == 200
    assert clients["Anton"].get(class_sheet).status_code == 200
    problem(clients["Aldo"].get(class_sheet), 403, "not_allowed")


def test_sheets_are_audited(api: Api, taught: TaughtCourse, meeting: str) -> None:
    for address in (f"/meetings/{meeting}/sheet", f"/courses/{taught.key}/sheet"):
        api("GET", address)
    api("GET", f"/students/{taught.students[0]}/statement")
    entries = api("GET", "/audit").get_json()["entries"]
    assert [each["action"] for each in entries[:3]] == ["print_statement", "print_sheet", "print_sheet"]
    assert [{who["key"] for who in each["whom"]} for each in entries[:3]] == [
        {f"student:{taught.students[0]}"}, {f"course:{taught.key}"}, {f"course:{taught.key}"},
    ]  # fmt: skip


def test_litany(api: Api, taught: TaughtCourse, meeting: str) -> None:
    own = f"/students/{taught.students[0]}/statement"
    for address in (f"/meetings/{meeting}/sheet", f"/courses/{taught.key}/sheet", own):
        refuses_other_methods(api, address, "GET")
    problem(api("GET", "/students/nobody/statement"), 404, "unknown_student")
    problem(api("GET", "/courses/nowhere/sheet"), 404, "unknown_course")
    problem(api("GET", "/meetings/nowhere/sheet"), 404, "unknown_meeting")
