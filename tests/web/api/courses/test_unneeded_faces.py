"""/faces/unneeded: looked at, and then erased, and only as looked at."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from secure_attend.storage.ports import Store
from tests.conftest import Site, logged_in
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only
from tests.support.web.taught_course import TaughtCourse

HERE = "/faces/unneeded"


@pytest.fixture
def site(app: Flask, clock: Clock) -> Site:
    return Site(logged_in(app), clock)


def listed(api: Api) -> list[str]:
    return [each["student_id"] for each in api("GET", HERE).get_json()["students"]]


def erase(api: Api, plan: str | None = None) -> Any:
    plan = api("GET", HERE).get_json()["digest"] if plan is None else plan
    return api("POST", f"{HERE}/erase", json={"plan": plan})


def test_without_any_course_nobody_is_unneeded(api: Api, site: Site) -> None:
    site.enrolled("F1", "Face One", who=1)
    assert listed(api) == []
    assert erase(api).get_json() == {"erased": 0}


def test_faces_of_those_in_no_current_course_are_erased(api: Api, site: Site, clock: Clock, store: Store) -> None:
    course = TaughtCourse(api, students=1)
    taught, other, left = (site.enrolled(f"F{who}", f"Face {who}", who=who) for who in (1, 2, 3))
    course.join("F1")
    course.join("F3")
    record = course.check_in(left)
    assert listed(api) == ["F2"], "S0 has no face"
    api("DELETE", f"/courses/{course.key}/members/{left}")
    assert listed(api) == ["F2"], "still in the course today"
    before = api("GET", HERE).get_json()["digest"]
    clock.tick(hours=24)
    assert listed(api) == ["F2", "F3"]
    problem(erase(api, before), 409, "plan_changed")
    assert erase(api).get_json() == {"erased": 2}
    students = {student.key: student for student in store.students()}
    assert [bool(students[key].templates) for key in (taught, other, left)] == [True, False, False]
    assert students[left].consents, "consent, record and student stay"
    assert store.record(record) is not None
    entry = api("GET", "/audit?action=erase_unneeded_faces").get_json()["entries"][0]
    assert {each["key"] for each in entry["whom"]} == {f"student:{other}", f"student:{left}"}
    assert entry["facts"] == {"students": 2}


@pytest.mark.parametrize("way", ["archived", "over"])
def test_a_course_that_is_archived_or_over_is_not_current(api: Api, site: Site, clock: Clock, way: str) -> None:
    course = TaughtCourse(api, students=0)
    site.enrolled("F1", "Face One", who=1)
    course.join("F1")
    assert listed(api) == []
    if way == "archived":
        api("PATCH", f"/courses/{course.key}", json={"archived": True})
    else:
        clock.tick(hours=24 * 90)
    assert listed(api) == ["F1"]


def test_the_litany(app: Flask, api: Api) -> None:
    TaughtCourse(api, students=0)
    refuses_other_methods(api, HERE, "GET")
    takes_json_only(api, "POST", f"{HERE}/erase", {"plan": "none"})
    assert fields(api("POST", f"{HERE}/erase", json={})) == ["plan"]
    problem(logged_in(app, "Grace", "faculty").get(f"/api/v1{HERE}"), 403, "not_allowed")
