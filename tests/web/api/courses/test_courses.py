"""Courses, members, staff, meetings, rules and settings over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask

from tests.conftest import logged_in
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only
from tests.support.web.taught_course import COURSE, TaughtCourse, statuses

ICS = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//a test//
BEGIN:VEVENT
UID:1
SUMMARY:Lecture
DTSTART;TZID=Europe/Berlin:20261201T100000
DTEND;TZID=Europe/Berlin:20261201T113000
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def taught(api: Api) -> TaughtCourse:
    return TaughtCourse(api)


def audited(api: Api, action: str) -> list[Any]:
    entries = api("GET", f"/audit?action={action}").get_json()["entries"]
    return [each["facts"] for each in entries if each["state"] == "done"]


def test_a_lecturer_adds_a_course_and_is_its_lecturer(app: Flask, api: Api) -> None:
    grace, eve = (logged_in(app, name, "faculty") for name in ("Grace", "Eve"))
    made = grace.post("/api/v1/courses", json={**COURSE, "groups": ["Lab A"]})
    assert made.status_code == 201, made.text
    assert made.get_json()["role"] == "lecturer"
    key = made.get_json()["key"]
    assert [each["code"] for each in grace.get("/api/v1/courses").get_json()["courses"]] == ["STAT110"]
    assert eve.get("/api/v1/courses").get_json()["courses"] == []
    problem(eve.get(f"/api/v1/courses/{key}"), 404, "unknown_course")
    seen = api("GET", f"/courses/{key}").get_json()
    assert (seen["role"], [group["name"] for group in seen["groups"]]) == (None, ["Lab A"])


def test_a_course_is_changed_archived_and_deleted(taught: TaughtCourse) -> None:
    api, path = taught.api, f"/courses/{taught.key}"
    changed = api("PATCH", path, json={"title": "Statistics 1", "room": "Hall B"}).get_json()
    assert (changed["title"], changed["room"], changed["code"]) == ("Statistics 1", "Hall B", "STAT110")
    [facts] = audited(api, "change_course")
    assert (facts["title_before"], facts["title"]) == ("Statistics", "Statistics 1")
    assert fields(api("PATCH", path, json={"last_day": "2026-01-01"})) == ["last_day"]
    assert fields(api("PATCH", path, json={"first_day": "2026-02-30"})) == ["first_day"]
    api("PATCH", path, json={"archived": True})
    problem(taught.join("S0"), 409, "course_archived")
    api("PATCH", path, json={"archived": False})
    taught.start()
    problem(api("DELETE", path), 409, "course_held")
    other = api("POST", "/courses", json={**COURSE, "code": "X"}).get_json()["key"]
    assert api("DELETE", f"/courses/{other}").status_code == 200
    assert api("GET", f"/courses/{other}").status_code == 404


@pytest.mark.parametrize("field", ["title", "room", "code"])
def test_a_students_key_pasted_as_a_text_is_refused_in_words(taught: TaughtCourse, field: str) -> None:
    """It is in the address of the student's page. Erasing the student would leave it in the course."""
    problem(taught.api("PATCH", f"/courses/{taught.key}", json={field: taught.students[0]}), 422, "student_named")


def test_members_join_move_and_leave(taught: TaughtCourse, clock: Clock) -> None:
    api, path = taught.api, f"/courses/{taught.key}/members"
    group = api("POST", f"/courses/{taught.key}/groups", json={"name": "Lab A"}).get_json()["key"]
    assert fields(api("POST", f"/courses/{taught.key}/groups", json={"name": " "})) == ["name"]
    moved = api("PATCH", f"{path}/{taught.students[0]}", json={"groups": [group]}).get_json()
    assert moved["groups"] == [group]
    assert api("DELETE", f"{path}/{taught.students[1]}").status_code == 200
    clock.tick(hours=24)
    members = api("GET", path).get_json()["members"]
    assert [(each["student"]["student_id"], each["last_day"]) for each in members] == [
        ("S0", None),
        ("S1", "2026-11-23"),
        ("S2", None),
    ]
    problem(api("DELETE", f"/courses/{taught.key}/groups/{group}"), 409, "group_in_use")
    assert fields(taught.join("nobody"), 404, "unknown_student") == ["student_id"]
    problem(api("PATCH", f"{path}/{taught.add('X')}", json={"groups": []}), 404, "not_a_member")
    assert audited(api, "change_member")[0]["after"].endswith(group)


@pytest.mark.parametrize("way", ["one", "several"])
def test_who_is_removed_from_the_list_leaves_courses_and_the_audit_says_which(taught: TaughtCourse, way: str) -> None:
    gone, _, visitor = *taught.students[:2], taught.add("X1")
    if way == "one":
        assert taught.api("PATCH", f"/students/{gone}", json={"removed": True}).status_code == 200
        [facts] = audited(taught.api, "change_student")
    else:
        body = {"keys": [gone, visitor]}
        assert taught.api("POST", "/students/removals", json=body).status_code == 200
        [facts] = audited(taught.api, "remove_students")
    assert facts["members_before"] == f"course:{taught.key}: 2026-11-23..: {gone}"
    assert facts["members_after"] == f"course:{taught.key}: 2026-11-23..2026-11-23: {gone}"


def test_staff_are_appointed_and_leave(app: Flask, taught: TaughtCourse) -> None:
    api, path = taught.api, f"/courses/{taught.key}/staff"
    grace = logged_in(app, "Grace", "faculty")
    problem(grace.get(f"/api/v1{path}"), 404, "unknown_course")
    staff = api("PUT", path, json={"account": "Grace", "role": "lecturer"}).get_json()["staff"]
    assert [(each["name"], each["role"]) for each in staff] == [("Ada Byron", "lecturer"), ("Grace", "lecturer")]
    assert grace.get(f"/api/v1{path}").status_code == 200
    facts = audited(api, "change_staff")[0]
    assert len(facts["before"]) < len(facts["after"])
    assert fields(api("PUT", path, json={"account": "Nobody", "role": "lecturer"})) == ["account"]
    assert api("DELETE", f"{path}/{staff[0]['account']}").status_code == 200
    problem(api("DELETE", f"{path}/{staff[1]['account']}"), 409, "last_lecturer")
    logged_in(app, "Hal", "faculty")
    assert api("POST", "/courses/hand-over", json={"leaving": "Grace", "to": "Hal"}).get_json()["courses"] == [
        taught.key
    ]
    problem(grace.get(f"/api/v1{path}"), 404, "unknown_course")
    facts = audited(api, "hand_over_courses")[0]
    assert facts["before"].startswith(f"course:{taught.key}: account:")
    assert facts["before"] != facts["after"]


def test_classes_are_planned_moved_cancelled_and_closed(taught: TaughtCourse, clock: Clock) -> None:
    api, path = taught.api, f"/courses/{taught.key}/meetings"
    body = {"title": "", "day": "2026-11-24", "from": "10:00", "to": "11:30", "room": "Hall B", "groups": []}
    weekly = {"weekdays": [1], "last_day": "2026-12-22", "except": ["2026-12-08"]}
    added = api("POST", path, json={**body, "weekly": weekly}).get_json()["meetings"]
    assert [each["starts"] for each in added] == [f"2026-{day}T10:00" for day in ("11-24", "12-01", "12-15", "12-22")]
    assert fields(api("POST", path, json={**body, "to": "09:00"})) == ["to"]
    for wrong in (
        {"day": "2026-02-30"},
        {"from": "24:00"},
        {"groups": ["none"]},
        {"weekly": {**weekly, "weekdays": []}},
    ):
        assert api("POST", path, json={**body, **wrong}).status_code == 422
    change = f"/meetings/{added[1]['key']}/changes"
    move = {"action": "move", "starts": "2026-12-02T12:00", "ends": "2026-12-02T13:00", "room": None, "series": "later"}
    assert len(api("POST", change, json=move).get_json()["meetings"]) == 3
    facts = audited(api, "change_meeting")[0]
    assert [each.partition(";")[0] for each in facts["before"].split(" | ")] == [
        f"2026-{day}T10:00..2026-{day}T11:30" for day in ("12-01", "12-15", "12-22")
    ]
    assert [each.partition(";")[0] for each in facts["after"].split(" | ")] == [
        f"2026-{day}T12:00..2026-{day}T13:00" for day in ("12-02", "12-16", "12-23")
    ]
    assert api("POST", change, json={"action": "cancel"}).get_json()["meetings"][0]["phase"] == "cancelled"
    assert api("POST", change, json={"action": "restore"}).get_json()["meetings"][0]["phase"] == "planned"
    problem(api("POST", change, json={"action": "close"}), 409, "other_phase")
    assert fields(api("POST", change, json={"action": "move"})) == ["starts"]
    assert api("DELETE", f"/meetings/{added[3]['key']}").get_json() == {"removed": 1}
    assert len(api("GET", path).get_json()["meetings"]) == 3
    now = taught.start(minutes=60)
    for action in ({"action": "queue", "minutes": 10}, {"action": "extend", "minutes": 10}, {"action": "close"}):
        assert api("POST", f"/meetings/{now}/changes", json=action).status_code == 200
    reopened = api("POST", f"/meetings/{now}/changes", json={"action": "reopen", "minutes": 10}).get_json()["meetings"]
    assert (reopened[0]["phase"], reopened[0]["closes"]) == ("open", "2026-11-23T09:40")
    today = api("GET", "/today").get_json()
    assert (today["date"], [each["key"] for each in today["meetings"]]) == ("2026-11-23", [now])
    assert today["meetings"][0]["counts"]["of"] == 3


def test_one_check_in_serves_a_double_class(taught: TaughtCourse, clock: Clock) -> None:
    api, path = taught.api, f"/courses/{taught.key}/meetings"
    body = {"day": "2026-11-23", "from": "09:30", "to": "10:30", "block": [{"from": "10:45", "to": "12:00"}]}
    weekly = {"weekdays": [0], "last_day": "2026-11-30", "except": []}
    added = api("POST", path, json={**body, "weekly": weekly}).get_json()["meetings"]
    assert [each["starts"] for each in added] == [
        f"2026-11-{day}T{clock}" for day in (23, 30) for clock in ("09:30", "10:45")
    ]
    first, second, third, fourth = (each["block"] for each in added)
    assert first == second != third == fourth
    alone = api("POST", path, json={**body, "day": "2026-11-26"}).get_json()["meetings"]
    assert [(each["starts"], each["series"]) for each in alone] == [
        ("2026-11-26T09:30", None),
        ("2026-11-26T10:45", None),
    ]
    assert alone[0]["block"] == alone[1]["block"] not in (None, first, third)
    taught.check_in(taught.students[0])
    assert [statuses(taught.register(each["key"]))[0] for each in added[:2]] == ["present", "present"]
    move = {"action": "move", "starts": "2026-11-24T10:45", "ends": "2026-11-24T12:00", "room": None}
    assert api("POST", f"/meetings/{added[1]['key']}/changes", json=move).status_code == 200
    assert [statuses(taught.register(each["key"]))[0] for each in added[:2]] == ["present", "not_yet"]


def test_a_class_nobody_came_to_is_not_taken_until_staff_say_it_was_held(taught: TaughtCourse, clock: Clock) -> None:
    meeting = taught.start(minutes=30)
    clock.tick(hours=1)
    assert taught.register(meeting)["rows"][0]["status"] == "not_taken"
    taught.api("POST", f"/meetings/{meeting}/changes", json={"action": "held"})
    assert taught.register(meeting)["rows"][0]["status"] == "absent"


def test_classes_come_from_a_file_by_plan(taught: TaughtCourse) -> None:
    path = f"/courses/{taught.key}/meetings/import"

    def send(data: bytes = ICS, **query: Any) -> Any:
        return taught.api("POST", path, data=data, content_type="text/calendar", query_string=query)

    plan = send(dry_run=1)
    assert plan.status_code == 200, plan.text
    assert (plan.get_json()["added"], plan.get_json()["meetings"][0]["starts"]) == (1, "2026-12-01T10:00")
    assert taught.api("GET", f"/courses/{taught.key}/meetings").get_json()["meetings"] == []
    assert fields(send()) == ["plan"]
    problem(send(plan="0" * 32), 409, "plan_changed")
    assert send(plan=plan.get_json()["digest"]).get_json()["added"] == 1
    assert send(dry_run=1).get_json()["already"] == 1
    problem(send(b"x" * 1_000_001, dry_run=1), 413, "too_large")
    problem(send(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", dry_run=1), 422, "meetings_rejected")


@pytest.mark.parametrize("touched", [None, "moved", "marked", "removed"])
def test_an_import_of_classes_is_undone_until_something_of_it_changes(
    taught: TaughtCourse, touched: str | None
) -> None:
    path = f"/courses/{taught.key}/meetings/import"
    three = ICS.replace(b"SUMMARY", b"RRULE:FREQ=WEEKLY;COUNT=3\nSUMMARY")

    def send(**query: Any) -> dict[str, Any]:
        answer = taught.api(
            "POST",
            path,
            data=three,
            content_type="text/calendar",
            query_string=query,
        )
        found: dict[str, Any] = answer.get_json()
        return found

    plan = send(dry_run=1)
    assert plan["written"] is None
    planned = taught.api(
        "POST", f"/courses/{taught.key}/meetings", json={"day": "2026-12-04", "from": "10:00", "to": "11:00"}
    ).get_json()["meetings"]
    done = send(plan=send(dry_run=1)["digest"])
    keys = [each["key"] for each in done["meetings"]]
    assert len(keys) == 3
    if touched == "moved":
        moved = {"action": "move", "starts": "2026-12-09T12:00", "ends": "2026-12-09T13:00", "room": None}
        assert taught.api("POST", f"/meetings/{keys[1]}/changes", json=moved).status_code == 200
    if touched == "marked":
        assert (
            taught.mark(keys[1], {"student": taught.students[0], "status": "excused", "replaces": None}).status_code
            == 201
        )
    if touched == "removed":
        assert taught.api("DELETE", f"/meetings/{keys[1]}").status_code == 200
    undo = {"meetings": keys, "written": done["written"]}
    answer = taught.api("POST", f"{path}/undo", json=undo)
    left = [each["key"] for each in taught.api("GET", f"/courses/{taught.key}/meetings").get_json()["meetings"]]
    if touched is not None:
        problem(answer, 409, "import_changed")
        assert len(left) == (3 if touched == "removed" else 4)
        return
    assert answer.get_json() == {"removed": 3}
    assert left == [each["key"] for each in planned]
    problem(taught.api("POST", f"{path}/undo", json=undo), 409, "import_changed")
    assert send(dry_run=1)["added"] == 3


@pytest.mark.parametrize("minutes", [0, 24 * 60])
def test_an_import_of_classes_is_not_undone_once_one_has_opened(
    taught: TaughtCourse, clock: Clock, minutes: int
) -> None:
    """Open, or closed: check-ins may count for it, and `DELETE /meetings/...` refuses it just so."""
    path, kind = f"/courses/{taught.key}/meetings/import", "text/calendar"
    plan = taught.api("POST", path, data=ICS, content_type=kind, query_string={"dry_run": 1}).get_json()
    done = taught.api("POST", path, data=ICS, content_type=kind, query_string={"plan": plan["digest"]}).get_json()
    [key] = [each["key"] for each in done["meetings"]]
    clock.now = datetime(2026, 12, 1, 9, 5, tzinfo=timezone.utc) + timedelta(minutes=minutes)
    body = problem(
        taught.api("POST", f"{path}/undo", json={"meetings": [key], "written": done["written"]}), 409, "other_phase"
    )
    assert "Nothing was removed." in body["detail"]
    problem(taught.api("DELETE", f"/meetings/{key}"), 409, "other_phase")
    assert taught.api("GET", f"/meetings/{key}/register").status_code == 200


def test_rules_are_previewed_before_they_are_saved(taught: TaughtCourse, clock: Clock) -> None:
    meeting = taught.start()
    clock.tick(minutes=8)
    taught.check_in(taught.students[0])
    path = f"/courses/{taught.key}/rules"
    assert taught.api("GET", path).get_json()["own"] is False
    body = {"opens_before": 15, "on_time": 5, "late_until": None, "since": "all"}
    answer = taught.api("PUT", f"{path}?preview=1", json=body).get_json()
    assert [(each["before"], each["after"]) for each in answer["changes"]] == [("present", "late")]
    assert (answer["students"], answer["meetings"]) == (1, 1)
    assert taught.register(meeting)["rows"][0]["status"] == "present"
    assert taught.api("PUT", path, json={**body, "since": "next"}).get_json()["changes"] == []
    assert taught.register(meeting)["rows"][0]["status"] == "present"
    taught.api("PUT", path, json=body)
    assert taught.register(meeting)["rows"][0]["status"] == "late"
    assert audited(taught.api, "change_rules")[0]["after"].startswith("opens 15 before; on time 5")
    assert fields(taught.api("PUT", path, json={**body, "late_until": 1})) == ["late_until"]
    assert fields(taught.api("PUT", path, json={**body, "on_time": 999})) == ["on_time"]


def test_the_list_says_which_courses_follow_the_site(taught: TaughtCourse) -> None:
    def listed() -> tuple[bool, bool, bool]:
        (course,) = taught.api("GET", "/courses").get_json()["courses"]
        return course["own_rules"], course["own_policy"], course["locked"]

    path = f"/courses/{taught.key}"
    assert listed() == (False, False, False)
    taught.api("PUT", f"{path}/rules", json={"opens_before": 15, "on_time": 5, "late_until": None})
    assert listed() == (True, False, False)
    taught.api("PUT", f"{path}/policy", json={"late": 50})
    assert listed() == (True, True, False)
    taught.api("DELETE", f"{path}/policy")
    day = taught.api("GET", path).get_json()["first_day"]
    locked = taught.api("POST", f"{path}/locks", json={"first_day": day, "last_day": day})
    assert locked.status_code == 201, locked.text
    assert listed() == (True, False, True)


def test_the_sites_settings(app: Flask, api: Api) -> None:
    path = "/attendance-settings"
    assert api("GET", path).get_json()["rules"] == {"opens_before": 15, "on_time": 10, "late_until": None}
    closure = {"first_day": "2026-12-24", "last_day": "2027-01-03", "name": "Winter break"}
    changed = api("PATCH", path, json={"closures": [closure], "kiosk_shows_status": False}).get_json()
    assert (changed["closures"], changed["kiosk_shows_status"]) == ([closure], False)
    assert fields(api("PATCH", path, json={"remarks": [{"code": "=1", "text": "x"}]})) == ["code"]
    grace = logged_in(app, "Grace", "faculty")
    assert grace.get(f"/api/v1{path}").status_code == 200
    problem(grace.patch(f"/api/v1{path}", json={}), 403, "not_allowed")


def test_bad_input(taught: TaughtCourse) -> None:
    api = taught.api
    takes_json_only(api, "POST", "/courses", COURSE)
    refuses_other_methods(api, "/courses", "GET", "POST")
    refuses_other_methods(api, f"/courses/{taught.key}/members", "GET", "POST")
    refuses_other_methods(api, f"/courses/{taught.key}/rules", "GET", "PUT")
