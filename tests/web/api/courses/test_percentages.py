"""Percentages, their policies, low attendance and contacts over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.conftest import logged_in
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only
from tests.support.web.taught_course import TaughtCourse

pytestmark = pytest.mark.parametrize("faces", ["on", "off"])
"""All of this holds on a site without faces, too."""


@pytest.fixture
def taught(api: Api) -> TaughtCourse:
    return TaughtCourse(api)


def held(taught: TaughtCourse, clock: Clock, *marks: str) -> str:
    """Hold a class: S0, S1 and so on are marked so, in order. Return its key."""
    meeting = taught.start()
    answer = taught.mark(
        meeting,
        *(
            {"student": student, "status": status, "replaces": None}
            for student, status in zip(taught.students, marks, strict=False)
        ),
    )
    assert answer.status_code == 201, answer.text
    clock.tick(hours=3)
    return meeting


def grid(taught: TaughtCourse) -> list[dict[str, Any]]:
    """The percentages of S0, S1 and so on."""
    return [row["percentage"] for row in taught.api("GET", f"/courses/{taught.key}/register").get_json()["rows"]]


def listed(taught: TaughtCourse, path: str = "/low-attendance") -> list[str]:
    return [row["student"]["student_id"] for row in taught.api("GET", path).get_json()["rows"]]


def test_the_register_has_percentages_with_their_formula(taught: TaughtCourse, clock: Clock) -> None:
    assert [each["percent"] for each in grid(taught)] == [None] * 3
    held(taught, clock, "present", "late", "excused")
    held(taught, clock, "present", "absent", "absent")
    shown = [(each["percent"], each["exact"], each["formula"]) for each in grid(taught)]
    assert shown == [(100, "1", "2 / 2"), (50, "1/2", "1 / 2"), (0, "0", "0 / 1")]
    assert grid(taught)[2]["counts"] == {
        "held": 2, "present": 0, "late": 0, "excused": 1, "absent": 1, "make_ups": 0, "to_come": 0,
    }  # fmt: skip
    assert grid(taught)[1]["terms"] == [
        {"kind": "late", "remark": None, "count": 1, "minutes": None, "weight": 100},
        {"kind": "absent", "remark": None, "count": 1, "minutes": None, "weight": 0},
    ]


def test_a_policy_is_previewed_saved_and_audited(taught: TaughtCourse, clock: Clock) -> None:
    held(taught, clock, "present", "late", "absent")
    path = f"/courses/{taught.key}/policy"
    before = taught.api("GET", path).get_json()
    assert (before["own"], before["policy"]["late"], before["policy"]["limit"]) == (False, 100, None)
    etag = taught.api("GET", f"/courses/{taught.key}/register").headers["ETag"]
    body = {"late": 80, "limit": 87.5, "remarks": [{"code": "left_early", "weight": 50}]}
    answer = taught.api("PUT", f"{path}?preview=1", json=body).get_json()
    changed = [(each["student"]["student_id"], each["before"], each["after"]) for each in answer["changes"]]
    assert changed == [("S1", 100, 80), ("S2", 0, 0)]
    assert (answer["low_before"], answer["low_after"]) == (0, 2)
    again = taught.api("GET", f"/courses/{taught.key}/register", headers={"If-None-Match": etag})
    assert again.status_code == 304, "a preview changes nothing"
    assert taught.api("PUT", path, json=body).get_json() == answer
    assert [each["percent"] for each in grid(taught)] == [100, 80, 0]
    assert grid(taught)[1]["low"] == ["under_limit"]
    kept = taught.api("GET", path).get_json()
    assert (kept["own"], kept["policy"]["limit"], kept["policy"]["remarks"]) == (True, 87.5, body["remarks"])
    entry = taught.api("GET", "/audit?action=change_policy").get_json()["entries"][0]["facts"]
    assert entry["before"] == "the site's"
    assert "late 80; excused left out; free absences 0; limit 87.5" in entry["after"]
    taught.api("DELETE", path)
    assert taught.api("GET", path).get_json()["own"] is False
    assert [each["percent"] for each in grid(taught)] == [100, 100, 0]


def test_the_sites_policy_holds_where_a_course_has_none(taught: TaughtCourse, clock: Clock) -> None:
    held(taught, clock, "present", "late", "absent")
    changed = taught.api("PATCH", "/attendance-settings", json={"policy": {"late": 50}}).get_json()
    assert changed["policy"]["late"] == 50
    assert [each["percent"] for each in grid(taught)] == [100, 50, 0]
    facts = taught.api("GET", "/audit?action=change_attendance_settings").get_json()["entries"][0]["facts"]
    assert ("late 100" in facts["policy_before"], "late 50" in facts["policy_after"]) == (True, True)


def test_an_archived_course_counts_as_when_it_was_archived(taught: TaughtCourse, clock: Clock) -> None:
    held(taught, clock, "present", "late", "absent")
    path = f"/courses/{taught.key}"
    taught.api("PATCH", "/attendance-settings", json={"policy": {"late": 80}})
    assert taught.api("PATCH", path, json={"archived": True}).status_code == 200
    facts = taught.api("GET", "/audit?action=change_course").get_json()["entries"][0]["facts"]
    assert facts["percentages_before"] == "the site's"
    assert "late 80; excused left out" in facts["percentages"]
    taught.api("PATCH", "/attendance-settings", json={"policy": {"late": 50, "limit": 90}})
    shown = taught.api("GET", f"{path}/register").get_json()
    assert [row["percentage"]["percent"] for row in shown["rows"]] == [100, 80, 0]
    assert shown["policy"]["limit"] is None
    assert taught.api("PATCH", path, json={"archived": False}).status_code == 200
    assert [each["percent"] for each in grid(taught)] == [100, 80, 0], "until somebody lets it follow the site again"
    assert taught.api("DELETE", f"{path}/policy").status_code == 200
    assert [each["percent"] for each in grid(taught)] == [100, 50, 0]


def test_a_remark_of_the_mark_has_its_weight(taught: TaughtCourse, clock: Clock) -> None:
    meeting = taught.start()
    mark = {"student": taught.students[0], "status": "present", "replaces": None, "remark": "left_early", "at": "09:50"}
    assert taught.mark(meeting, mark).status_code == 201
    clock.tick(hours=3)
    remarks = [{"code": "left_early", "weight": 50}]
    taught.api("PUT", f"/courses/{taught.key}/policy", json={"remarks": remarks})
    assert (grid(taught)[0]["percent"], grid(taught)[0]["formula"]) == (50, "1 × 0.5 / 1")
    record = taught.register(meeting)["rows"][0]["mark"]
    erased = taught.api("DELETE", f"/students/{taught.students[0]}/notes/{record}")
    assert erased.status_code == 200, erased.text
    assert grid(taught)[0]["percent"] == 100, "the remark was erased, and its weight with it"


def test_a_visit_to_another_group_makes_up(taught: TaughtCourse, clock: Clock) -> None:
    group = taught.api("POST", f"/courses/{taught.key}/groups", json={"name": "Lab"}).get_json()["key"]
    other = taught.api("POST", f"/courses/{taught.key}/groups", json={"name": "Other"}).get_json()["key"]
    for student, own in zip(taught.students, (group, other, group), strict=True):
        moved = taught.api("PATCH", f"/courses/{taught.key}/members/{student}", json={"groups": [own]})
        assert moved.status_code == 200
    held(taught, clock, "absent", "present", "absent")
    meeting = taught.start(groups=[other])
    taught.check_in(taught.students[0])
    assert taught.api("POST", f"/meetings/{meeting}/visitors", json={}).status_code == 201
    clock.tick(hours=3)
    first, second, third = grid(taught)
    assert (first["percent"], first["counts"]["make_ups"], first["counts"]["held"]) == (100, 1, 1)
    assert (third["percent"], third["counts"]["make_ups"]) == (0, 0)
    assert second["counts"]["held"] == 2


def test_a_class_made_up_for_elsewhere_is_counted_once(taught: TaughtCourse, clock: Clock) -> None:
    groups = [
        taught.api("POST", f"/courses/{taught.key}/groups", json={"name": name}).get_json()["key"] for name in "AB"
    ]
    for student, own in zip(taught.students, [groups[0], groups[1], groups[0]], strict=True):
        taught.api("PATCH", f"/courses/{taught.key}/members/{student}", json={"groups": [own]})
    missed = held(taught, clock, "absent", "present")
    meeting = taught.start(groups=[groups[1]])
    taught.check_in(taught.students[0])
    accepted = taught.api("POST", f"/meetings/{meeting}/visitors", json={"missed_meeting": missed})
    assert accepted.status_code == 201, accepted.text
    clock.tick(hours=3)
    first = grid(taught)[0]
    assert (first["percent"], first["formula"]) == (100, "1 / 1")
    assert (first["counts"]["present"], first["counts"]["make_ups"]) == (1, 1)


class TestLowAttendance:
    @pytest.fixture(autouse=True)
    def _three_classes(self, taught: TaughtCourse, clock: Clock) -> None:
        for marks in (("present", "absent"), ("present", "absent"), ("absent", "absent")):
            held(taught, clock, *marks, "excused")

    def test_in_a_course(self, taught: TaughtCourse, clock: Clock) -> None:
        path = f"/courses/{taught.key}/low-attendance"
        assert listed(taught, path) == ["S1"], "absent three times in a row"
        taught.api("PUT", f"/courses/{taught.key}/policy", json={"limit": 75})
        answer = taught.api("GET", path)
        rows = answer.get_json()["rows"]
        assert [(each["student"]["student_id"], each["percentage"]["low"]) for each in rows] == [
            ("S1", ["under_limit", "absent_in_row"]),
            ("S0", ["under_limit"]),
        ]
        etag = {"If-None-Match": answer.headers["ETag"]}
        assert taught.api("GET", path, headers=etag).status_code == 304
        first = taught.api("GET", f"{path}?limit=1").get_json()
        assert ([each["student"]["key"] for each in first["rows"]], first["total"]) == ([first["next"]], 2)
        assert listed(taught, f"{path}?limit=1&after={first['next']}") == ["S0"]
        problem(taught.api("GET", f"{path}?after=nobody"), 409, "list_changed")
        taught.api("DELETE", f"/courses/{taught.key}/members/{taught.students[1]}?last_day=2026-11-22")
        assert listed(taught, path) == ["S0"], "only those who are in the course now"

    def test_across_courses(self, taught: TaughtCourse, clock: Clock) -> None:
        row = taught.api("GET", "/low-attendance").get_json()["rows"][0]
        assert (row["student"]["student_id"], row["absent_in_row"]) == ("S1", 3)
        assert (row["last_attended"], row["days_since"], row["contacted"]) == (None, None, None)
        assert [(each["code"], each["percentage"]["percent"]) for each in row["courses"]] == [("STAT110", 0)]
        taught.api("PUT", f"/courses/{taught.key}/policy", json={"limit": 75})
        assert listed(taught) == ["S1", "S0"]
        clock.tick(hours=48)
        row = taught.api("GET", "/low-attendance").get_json()["rows"][1]
        assert (row["last_attended"], row["days_since"]) == ("2026-11-23", 2)

    def test_nobody_attended_what_is_marked_in_advance(self, taught: TaughtCourse, clock: Clock) -> None:
        body = {"title": "Placement", "day": "2026-11-30", "from": "10:00", "to": "11:30"}
        planned = taught.api("POST", f"/courses/{taught.key}/meetings", json=body).get_json()["meetings"][0]["key"]
        taught.api("PUT", f"/courses/{taught.key}/policy", json={"limit": 80})
        mark = {"student": taught.students[1], "status": "present", "replaces": None, "remark": "placement"}
        assert taught.mark(planned, mark).status_code == 201

        def attended() -> dict[str, tuple[str | None, int | None]]:
            rows = taught.api("GET", "/low-attendance").get_json()["rows"]
            return {row["student"]["student_id"]: (row["last_attended"], row["days_since"]) for row in rows}

        assert attended() == {"S0": ("2026-11-23", 0), "S1": (None, None), "S2": (None, None)}
        clock.tick(days=8)
        assert attended()["S1"] == ("2026-11-30", 1)

    def test_new_records_and_the_clock_are_followed(self, taught: TaughtCourse, clock: Clock) -> None:
        assert listed(taught) == ["S1"]
        taught.start()
        taught.check_in(taught.students[1])
        row = taught.api("GET", "/low-attendance").get_json()["rows"]
        assert row == [], "came again"
        clock.tick(hours=3)
        for _ in range(3):
            held(taught, clock, "absent", "present", "absent")
        assert listed(taught) == ["S0", "S2"]
        unheld = taught.start()
        clock.tick(hours=3)
        in_row = [row["absent_in_row"] for row in taught.api("GET", "/low-attendance").get_json()["rows"]]
        assert in_row == [5, 4], "a class that nobody held is no absence"
        taught.api("POST", f"/meetings/{unheld}/changes", json={"action": "held"})
        in_row = [row["absent_in_row"] for row in taught.api("GET", "/low-attendance").get_json()["rows"]]
        assert in_row == [6, 5]

    def test_the_list_is_the_same_as_that_of_the_course(self, taught: TaughtCourse, clock: Clock) -> None:
        taught.api("PUT", f"/courses/{taught.key}/policy", json={"limit": 75, "unit": "hours", "late": 50})
        own = taught.api("GET", f"/courses/{taught.key}/low-attendance").get_json()["rows"]
        everywhere = taught.api("GET", "/low-attendance").get_json()["rows"]
        assert {row["student"]["key"]: row["percentage"] for row in own} == {
            row["student"]["key"]: row["courses"][0]["percentage"] for row in everywhere
        }

    def test_who_may_see_it(self, app: Flask, taught: TaughtCourse) -> None:
        grace = logged_in(app, "Grace", "faculty")
        problem(grace.get("/api/v1/low-attendance"), 403, "not_allowed")
        problem(grace.get(f"/api/v1/courses/{taught.key}/low-attendance"), 404, "unknown_course")
        problem(grace.post(f"/api/v1/students/{taught.students[0]}/contacts", json={}), 403, "not_allowed")

    def test_a_contact_is_recorded_exported_and_erased(self, taught: TaughtCourse, clock: Clock) -> None:
        api, student = taught.api, taught.students[1]
        path = f"/students/{student}/contacts"
        body = {"on": "2026-11-23", "outcome": "Comes again from Monday"}
        contact = api("POST", path, json=body).get_json()
        assert (contact["on"], contact["outcome"]) == (body["on"], body["outcome"])
        assert contact["by"]
        api("POST", path, json={"on": "2026-11-20", "outcome": "No answer"})
        assert [each["on"] for each in api("GET", path).get_json()["contacts"]] == ["2026-11-23", "2026-11-20"]
        assert api("GET", "/low-attendance").get_json()["rows"][0]["contacted"] == contact
        assert body["outcome"] in api("GET", f"/students/{student}/export").get_data(as_text=True)
        entry = api("GET", "/audit?action=record_contact").get_json()["entries"][0]
        assert body["outcome"] not in str(entry), "the trail can't be erased"
        left = api("DELETE", f"{path}/{contact['key']}").get_json()["contacts"]
        assert [each["outcome"] for each in left] == ["No answer"]
        problem(api("DELETE", f"{path}/{contact['key']}"), 404, "unknown_contact")
        problem(api("DELETE", f"/students/{taught.students[0]}/contacts/{left[0]['key']}"), 404, "unknown_contact")
        assert api("DELETE", f"/students/{student}?reason=asked").status_code == 200
        assert listed(taught) == []
        problem(api("GET", path), 404, "unknown_student")


def test_bad_input(taught: TaughtCourse, clock: Clock) -> None:
    api, path = taught.api, f"/courses/{taught.key}/policy"
    takes_json_only(api, "PUT", path, {"late": 80})
    refuses_other_methods(api, path, "GET", "PUT", "DELETE")
    refuses_other_methods(api, "/low-attendance", "GET")
    for field, values in {
        "late": (-1, 100.5, 66.67, "80", True, None),
        "excused": (101, "in"),
        "limit": (-0.1, 33.333),
        "in_row": (0, 101, 2.5),
        "free_absences": (-1, 101),
        "unit": ("weeks",),
        "basis": ("so far",),
    }.items():
        for value in values:
            assert fields(api("PUT", path, json={field: value}))[0].startswith(field), (field, value)
    half = {"code": "left_early", "weight": 50}
    assert fields(api("PUT", path, json={"remarks": [half, half]})) == ["remarks"]
    assert fields(api("PUT", path, json={"remarks": [{"code": "unheard_of", "weight": 5}]})) == ["remarks"]
    contacts = f"/students/{taught.students[0]}/contacts"
    takes_json_only(api, "POST", contacts, {"on": "2026-11-23", "outcome": "x"})
    assert fields(api("POST", contacts, json={"on": "2026-11-24", "outcome": "x"})) == ["on"], "tomorrow"
    for outcome in ("", "a\x07b", "x" * 201):
        assert fields(api("POST", contacts, json={"on": "2026-11-23", "outcome": outcome})) == ["outcome"]
    problem(api("POST", "/students/nobody/contacts", json={"on": "2026-11-23", "outcome": "x"}), 404, "unknown_student")
    api("PATCH", f"/courses/{taught.key}", json={"archived": True})
    problem(api("PUT", path, json={}), 409, "course_archived")
