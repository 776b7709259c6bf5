"""Registers, marks and visitors over HTTP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from secure_attend.attendance.registers import registers
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.storage.ports import Store
from tests.conftest import logged_in
from tests.support.fakes import Clock
from tests.support.postgres import NewDatabase
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only
from tests.support.web.taught_course import TaughtCourse, statuses


@pytest.fixture(params=["files", "files without faces", "sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, settings: Settings, new_database: NewDatabase) -> Settings:
    """All of this holds in each kind of store, and on a site that uses no faces."""
    kind, _, without = request.param.partition(" ")
    url = None if kind == "files" else new_database(kind, settings.data)
    return replace(settings, database_url=url, faces="off" if without else "on")


@pytest.fixture
def taught(api: Api) -> TaughtCourse:
    return TaughtCourse(api)


@pytest.fixture
def meeting(taught: TaughtCourse) -> str:
    return taught.start()


def test_a_check_in_is_seen_and_explained(taught: TaughtCourse, meeting: str, clock: Clock) -> None:
    assert statuses(taught.register(meeting)) == ["not_yet"] * 3
    record = taught.check_in(taught.students[0])
    clock.tick(minutes=20)
    taught.check_in(taught.students[1])
    register = taught.register(meeting)
    assert statuses(register) == ["present", "late", "not_yet"]
    row = register["rows"][0]
    assert (row["check_in"], row["why"]) == (record, {"code": "on_time", "params": {"time": "09:30", "until": "09:40"}})
    assert register["counts"] == {
        "present": 1, "late": 1, "excused": 0, "absent": 0, "not_yet": 1, "visitors": 0, "of": 3,
    }  # fmt: skip
    clock.tick(hours=2)
    assert statuses(taught.register(meeting)) == ["present", "late", "absent"]
    taught.api("POST", f"/check-ins/{record}/cancel", json={})
    assert statuses(taught.register(meeting)) == ["absent", "late", "absent"]
    grid = taught.api("GET", f"/courses/{taught.key}/register").get_json()
    assert [row["cells"][0]["status"] for row in grid["rows"]] == ["absent", "late", "absent"]
    assert [each["key"] for each in grid["meetings"]] == [meeting]


def test_an_unchanged_register_answers_304(api: Api, taught: TaughtCourse, meeting: str, clock: Clock) -> None:
    def ask(etag: str | None = None) -> Any:
        return api("GET", f"/meetings/{meeting}/register", headers={"If-None-Match": etag} if etag else {})

    first = ask().headers["ETag"]
    assert ask(first).status_code == 304
    other = taught.add("X1")
    assert ask(first).status_code == 304, "nobody of this course changed"
    taught.check_in(taught.students[0])
    second = ask(first)
    assert second.status_code == 200
    clock.tick(minutes=11)
    third = ask(second.headers["ETag"])
    assert third.status_code == 200, "on time is over"
    taught.check_in(other)
    fourth = ask(third.headers["ETag"])
    assert [visitor["student"]["student_id"] for visitor in fourth.get_json()["visitors"]] == ["X1"]
    clock.tick(hours=3)
    assert ask(fourth.headers["ETag"]).status_code == 200, "it closed"


def test_a_register_that_was_dropped_from_memory_repeats_no_etag(
    taught: TaughtCourse, meeting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "MOST_BOOKS", 1)
    other = taught.start()
    seen = set()
    for student in taught.students:
        record = taught.check_in(student)
        for key in (meeting, other):
            seen.add(taught.api("GET", f"/meetings/{key}/register").headers["ETag"])
        taught.api("POST", f"/check-ins/{record}/cancel", json={})
    assert len(seen) == 2 * len(taught.students)


def test_marks_replace_each_other_and_are_undone(taught: TaughtCourse, meeting: str, store: Store) -> None:
    student = taught.students[0]
    made = taught.mark(meeting, {"student": student, "status": "late", "replaces": None, "remark": "online"})
    assert made.status_code == 201, made.text
    first = made.get_json()["records"][0]["id"]
    row = taught.register(meeting)["rows"][0]
    assert (row["status"], row["mark"], row["why"]["code"]) == ("late", first, "marked_late")
    refused = problem(
        taught.mark(meeting, {"student": student, "status": "absent", "replaces": None}), 409, "mark_changed"
    )
    assert refused["changed"] == [{"student": student, "mark": first, "status": "late", "by": "Ada Byron"}]
    undone = taught.mark(meeting, {"student": student, "status": "as_recorded", "replaces": first})
    assert undone.status_code == 201
    assert statuses(taught.register(meeting)) == ["not_yet"] * 3
    records = [record for record in store.records() if record.method == "mark"]
    assert [(each.status, each.replaces, each.reason) for each in records] == [
        ("late", None, "online"),
        ("as_recorded", first, None),
    ]
    assert {each.course for each in records} == {taught.key}


def test_a_row_has_its_marks_remark_and_time_for_those_who_may_mark(
    app: Flask, api: Api, taught: TaughtCourse, meeting: str
) -> None:
    """What undoing a later mark sends again, also where a check-in took the mark's place."""
    early = {"student": taught.students[0], "status": "absent", "replaces": None, "remark": "left_early", "at": "09:50"}
    bare = {"student": taught.students[1], "status": "excused", "replaces": None, "remark": "online"}
    assert taught.mark(meeting, early, bare).status_code == 201
    taught.check_in(taught.students[0])
    rows = taught.register(meeting)["rows"]
    assert [(row["remark"], row["at"]) for row in rows] == [("left_early", "09:50"), ("online", None), (None, None)]
    assert rows[0]["why"]["code"].startswith("came_")
    viewer = logged_in(app, "Aldo", "faculty")
    assert api("PUT", f"/courses/{taught.key}/staff", json={"account": "Aldo", "role": "viewer"}).status_code == 200
    seen = viewer.get(f"/api/v1/meetings/{meeting}/register").get_json()["rows"]
    assert [(row["remark"], row["at"]) for row in seen] == [(None, None)] * 3


def test_all_marks_of_a_request_or_none(taught: TaughtCourse, meeting: str, store: Store) -> None:
    first, second, _ = taught.students
    good = {"student": first, "status": "present", "replaces": None}
    stranger = taught.add("X1")
    for wrong, status, code in (
        ({"student": stranger, "status": "absent", "replaces": None}, 404, "not_in_register"),
        ({"student": second, "status": "absent", "replaces": "1-none"}, 409, "mark_changed"),
        ({**good}, 422, "invalid_input"),
        ({"student": second, "status": "absent", "replaces": None, "remark": "=1+1"}, 422, "invalid_input"),
        ({"student": second, "status": "sleeping", "replaces": None}, 422, "invalid_input"),
        ({"student": second, "status": "absent", "replaces": None, "at": "10:40"}, 422, "invalid_input"),
    ):
        problem(taught.mark(meeting, good, wrong), status, code)
    assert list(store.records()) == []


def test_the_rest_of_a_class_is_marked_at_once(api: Api, taught: TaughtCourse, meeting: str) -> None:
    taught.check_in(taught.students[0])
    made = api("POST", f"/meetings/{meeting}/marks", json={"rest": {"status": "absent"}})
    assert [each["student"] for each in made.get_json()["records"]] == taught.students[1:]
    assert statuses(taught.register(meeting)) == ["present", "absent", "absent"]


def test_who_may_mark(app: Flask, api: Api, taught: TaughtCourse, meeting: str) -> None:
    people = {name: logged_in(app, name, "faculty") for name in ("Anton", "Aldo", "S1", "Eve")}
    for name, role in (("Anton", "assistant"), ("Aldo", "viewer"), ("S1", "assistant")):
        assert api("PUT", f"/courses/{taught.key}/staff", json={"account": name, "role": role}).status_code == 200
    mark = {"marks": [{"student": taught.students[1], "status": "present", "replaces": None}]}
    path = f"/api/v1/meetings/{meeting}/marks"
    problem(people["Aldo"].post(path, json=mark), 403, "not_allowed")
    problem(people["Eve"].post(path, json=mark), 404, "unknown_meeting")
    problem(people["S1"].post(path, json=mark), 403, "own_cell")
    by_hand = f"/api/v1/students/{taught.students[1]}/check-ins"
    problem(people["S1"].post(by_hand), 403, "own_cell")
    assert people["S1"].post(by_hand.replace(taught.students[1], taught.students[0])).status_code == 201
    assert statuses(taught.register(meeting)) == ["present", "not_yet", "not_yet"]
    assert people["Anton"].post(path, json=mark).status_code == 201
    planned = {"day": "2026-11-24", "from": "10:00", "to": "11:00"}
    added = people["Anton"].post(f"/api/v1/courses/{taught.key}/meetings", json=planned).get_json()["meetings"][0]
    problem(people["Anton"].delete(f"/api/v1/meetings/{added['key']}"), 403, "not_allowed")
    assert people["Aldo"].get(f"/api/v1/meetings/{meeting}/register").get_json()["may_mark"] is False
    api("PATCH", f"/courses/{taught.key}", json={"archived": True})
    mark["marks"][0]["replaces"] = taught.register(meeting)["rows"][1]["mark"]
    problem(people["Anton"].post(path, json=mark), 409, "course_archived")


def test_visitors_are_accepted_declined_and_taken_into_the_course(taught: TaughtCourse, meeting: str) -> None:
    strangers = [taught.add(f"X{number}") for number in range(4)]
    for key in strangers:
        taught.check_in(key)
    visitors = taught.api("GET", f"/meetings/{meeting}/visitors").get_json()["visitors"]
    assert [(each["student"]["key"], each["kind"], each["time"]) for each in visitors] == [
        (key, "not_a_member", "2026-11-23T09:30") for key in strangers
    ]
    assert taught.mark(meeting, {"student": strangers[0], "status": "declined", "replaces": None}).status_code == 201
    path = f"/meetings/{meeting}/visitors"
    joined = taught.api("POST", path, json={"students": [strangers[1]], "join": True})
    assert [each["student_id"] for each in joined.get_json()["joined"]] == ["X1"], joined.text
    facts = taught.api("GET", "/audit?action=accept_visitors").get_json()["entries"][0]["facts"]
    assert facts["members_before"] == f"course:{taught.key}: none: {strangers[1]}"
    assert facts["members_after"] == f"course:{taught.key}: 2026-11-23..: {strangers[1]}"
    problem(taught.api("POST", path, json={"students": [strangers[0]]}), 404, "unknown_visitor")
    accepted = taught.api("POST", path, json={})
    assert [each["student"] for each in accepted.get_json()["records"]] == strangers[2:]
    register = taught.register(meeting)
    assert register["visitors"] == []
    assert [(row["student"]["student_id"], row["why"]["code"]) for row in register["rows"]][3:] == [
        ("X1", "on_time"),
        ("X2", "accepted"),
        ("X3", "accepted"),
    ]


def test_a_visitor_taken_into_the_course_keeps_the_days_and_groups_of_later(
    taught: TaughtCourse, meeting: str, store: Store
) -> None:
    lab = taught.api("POST", f"/courses/{taught.key}/groups", json={"name": "Lab A"}).get_json()["key"]
    visitor = taught.add("X1")
    taught.check_in(visitor)
    assert taught.join("X1", first_day="2026-12-01", groups=[lab]).status_code == 201
    body = {"students": [visitor], "join": True}
    assert taught.api("POST", f"/meetings/{meeting}/visitors", json=body).status_code == 201
    [member] = [each for each in store.documents.about(visitor) if each.kind == "memberships"]
    spans = member.value["spans"]
    assert [(each["first_day"], each["last_day"], each["groups"]) for each in spans] == [
        ("2026-11-23", "2026-11-30", []),
        ("2026-12-01", None, [lab]),
    ]


def test_an_accepted_visitor_alone_makes_a_class_that_was_held(taught: TaughtCourse, clock: Clock) -> None:
    meeting = taught.start(minutes=30)
    grid = f"/courses/{taught.key}/register"
    taught.check_in(taught.add("X1"))
    clock.tick(hours=1)
    assert taught.api("GET", grid).get_json()["rows"][0]["cells"][0]["status"] == "not_taken"
    taught.api("POST", f"/meetings/{meeting}/visitors", json={})
    assert taught.register(meeting)["rows"][0]["status"] == "absent"
    assert taught.api("GET", grid).get_json()["rows"][0]["cells"][0]["status"] == "absent"


def test_accepted_visitors_have_rows_of_their_own_in_the_grid(taught: TaughtCourse, clock: Clock) -> None:
    """Of those who were never in the course: no percentage counts them, and what staff said stays if the check-in is
    cancelled."""
    first, path = taught.start(minutes=30), f"/courses/{taught.key}/register"
    strangers = [taught.add(f"X{number}") for number in range(3)]
    records = [taught.check_in(key) for key in strangers]
    before = taught.api("GET", path)
    assert before.get_json()["visitors"] == []
    taught.mark(first, {"student": strangers[0], "status": "declined", "replaces": None})
    clock.tick(hours=1)
    assert taught.api("POST", f"/meetings/{first}/visitors", json={}).status_code == 201
    taught.start(minutes=30)
    taught.api("POST", f"/check-ins/{records[1]}/cancel", json={})

    def visits() -> dict[str, list[str | None]]:
        grid = taught.api("GET", path, headers={"If-None-Match": before.headers["ETag"]}).get_json()
        assert [row["student"]["key"] for row in grid["rows"]] == taught.students
        return {row["student"]["student_id"]: [cell["status"] for cell in row["cells"]] for row in grid["visitors"]}

    assert visits() == {"X1": ["present", None], "X2": ["present", None]}
    row = next(row for row in taught.register(first)["rows"] if row["student"]["key"] == strangers[1])
    assert (row["status"], row["check_in"]) == ("present", None)
    taught.mark(first, {"student": strangers[1], "status": "as_recorded", "replaces": row["mark"]})
    assert visits() == {"X2": ["present", None]}
    taught.join("X2")
    taught.students.append(strangers[2])
    assert visits() == {}


def test_a_visit_is_that_of_the_merged_student(api: Api, taught: TaughtCourse, meeting: str) -> None:
    visitor, keeper = taught.add("X1"), taught.add("X2")
    taught.check_in(visitor)
    api("POST", f"/meetings/{meeting}/visitors", json={})

    def visitors() -> list[str]:
        grid = api("GET", f"/courses/{taught.key}/register").get_json()
        return [row["student"]["student_id"] for row in grid["visitors"]]

    assert visitors() == ["X1"]
    merged = api("POST", f"/students/{keeper}/merge", json={"other": visitor})
    assert merged.status_code == 200, merged.text
    assert visitors() == ["X2"]
    assert api("POST", f"/students/{keeper}/corrections/undo").status_code == 200
    assert visitors() == ["X1"]


def test_a_visit_counts_for_a_missed_class(taught: TaughtCourse, clock: Clock) -> None:
    groups = [
        taught.api("POST", f"/courses/{taught.key}/groups", json={"name": name}).get_json()["key"]
        for name in ("Lab A", "Lab B")
    ]
    for student, group in zip(taught.students[:2], groups, strict=False):
        moved = taught.api("PATCH", f"/courses/{taught.key}/members/{student}", json={"groups": [group]})
        assert moved.get_json()["groups"] == [group], moved.text
    missed = taught.start(groups=[groups[0]], minutes=30)
    assert [row["student"]["key"] for row in taught.register(missed)["rows"]] == [taught.students[0]]
    clock.tick(hours=1)
    other = taught.start(groups=[groups[1]])
    taught.check_in(taught.students[0])
    assert [each["kind"] for each in taught.register(other)["visitors"]] == ["other_group"]
    path = f"/meetings/{other}/visitors"
    assert fields(taught.api("POST", path, json={"missed_meeting": "none"})) == ["missed_meeting"]
    made = taught.api("POST", path, json={"students": [taught.students[0]], "missed_meeting": missed})
    assert made.status_code == 201, made.text
    assert statuses(taught.register(missed)) == ["present"]
    assert taught.register(other)["visitors"] == []


def test_erased_students_are_in_no_register(api: Api, taught: TaughtCourse, meeting: str, services: Services) -> None:
    taught.check_in(taught.students[0])
    assert len(taught.register(meeting)["rows"]) == 3
    api("DELETE", f"/students/{taught.students[0]}?reason=asked")
    assert [row["student"]["student_id"] for row in taught.register(meeting)["rows"]] == ["S1", "S2"]


def test_it_follows_a_corrected_name(api: Api, taught: TaughtCourse, meeting: str) -> None:
    taught.register(meeting)
    api("PATCH", f"/students/{taught.students[0]}", json={"name": "Zoe Zest"})
    assert [row["student"]["name"] for row in taught.register(meeting)["rows"]][-1] == "Zoe Zest"


def test_a_check_in_under_an_earlier_id_is_cancelled_by_its_lecturer(
    app: Flask, api: Api, taught: TaughtCourse, meeting: str
) -> None:
    grace = logged_in(app, "Grace", "faculty")
    api("PUT", f"/courses/{taught.key}/staff", json={"account": "Grace", "role": "lecturer"})
    record = taught.check_in(taught.students[0])
    corrected = api("PATCH", f"/students/{taught.students[0]}", json={"student_id": "S00"})
    assert corrected.status_code == 200, corrected.text
    taught.add("S0")
    assert grace.post(f"/api/v1/check-ins/{record}/cancel", json={}).status_code == 201
    assert statuses(taught.register(meeting)) == ["not_yet"] * 3


def test_the_log_is_read_once_for_each_student(
    taught: TaughtCourse, meeting: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught.register(meeting)
    asked: list[dict[str, Any]] = []
    records = type(store).records

    def noted(self: Store, **question: Any) -> Any:
        asked.append(question)
        return records(self, **question)

    monkeypatch.setattr(type(store), "records", noted)
    monkeypatch.setattr(type(store), "marks", lambda *_, **__: pytest.fail("all marks were read"))
    for student in taught.students:
        taught.check_in(student)
        taught.register(meeting)
    assert len(asked) >= 3
    assert all(question.get("after", 0) > 0 or question == {"after": 0} for question in asked), asked


def test_bad_input(taught: TaughtCourse, meeting: str) -> None:
    api = taught.api
    marks = {"marks": [{"student": taught.students[0], "status": "present", "replaces": None}]}
    takes_json_only(api, "POST", f"/meetings/{meeting}/marks", marks)
    assert fields(api("POST", f"/meetings/{meeting}/marks", json={})) == ["marks"]
    refuses_other_methods(api, f"/meetings/{meeting}/marks", "POST")
    refuses_other_methods(api, f"/meetings/{meeting}/register", "GET")
    for path in ("/meetings/none/register", "/courses/none/register", "/meetings/none/visitors"):
        assert api("GET", path).status_code == 404


class TestWithRetention:
    """On a site that keeps identities for two days."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        return Settings(data=tmp_path / "data", site_key_file=tmp_path / "site.key", retain_days=2)

    @pytest.fixture
    def taught(self, api: Api) -> TaughtCourse:
        """No course is longer than identities are kept."""
        return TaughtCourse(api, first_day="2026-11-23", last_day="2026-11-23")

    def test_a_class_is_kept_to_the_moment(self, taught: TaughtCourse, meeting: str, clock: Clock) -> None:
        """Check-in opened a quarter of an hour before the class: with that, the class is no longer kept."""
        clock.tick(hours=47, minutes=45)
        assert statuses(taught.register(meeting)) == ["not_taken"] * 3
        clock.tick(minutes=1)
        assert statuses(taught.register(meeting)) == [None] * 3
