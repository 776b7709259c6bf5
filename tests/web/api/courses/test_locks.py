"""Locks over HTTP: what is refused inside them, by every way in, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from secure_attend.attendance.courses.course import COURSES
from secure_attend.attendance.courses.membership import MEMBERSHIPS, membership_key
from secure_attend.errors import Conflict
from secure_attend.storage.ports import Store
from tests.conftest import logged_in
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only
from tests.support.web.locked_course import TODAY, LockedCourse
from tests.support.web.taught_course import COURSE, TaughtCourse, statuses

pytestmark = pytest.mark.parametrize("faces", ["on", "off"])
"""All of this holds on a site without faces, too."""
RULES = {"opens_before": 15, "on_time": 30, "late_until": None}
CSV = "text/csv"


@pytest.fixture
def course(api: Api, clock: Clock) -> LockedCourse:
    return LockedCourse(api, clock)


def test_a_lock_says_what_it_froze(course: LockedCourse, store: Store) -> None:
    listed = course.api("GET", f"/courses/{course.key}/locks").get_json()
    assert listed == {"locks": [course.locked], "may_unlock": True}
    assert (course.locked["first_day"], course.locked["last_day"]) == (None, TODAY)
    assert (course.locked["by"], course.locked["records"]) == ("Ada Byron", 2)
    facts = course.audited("lock_attendance")
    assert (facts["before"], facts["after"]) == ("", f"..{TODAY}")
    assert (facts["digest"], facts["log_record"], facts["log_mac"]) == (course.locked["digest"], 2, store.mac_of(2))
    register = course.register(course.meeting)
    assert (register["may_mark"], register["meeting"]["locked"]) == (False, True)


def ways_in(course: LockedCourse) -> dict[str, Callable[[], Any]]:
    """Every way to change something inside the lock."""
    api, here, student = course.api, f"/courses/{course.key}", course.students[2]

    def change(**body: Any) -> Callable[[], Any]:
        return lambda: api("POST", f"/meetings/{course.meeting}/changes", json=body)

    def roster(data: bytes, **query: str) -> Callable[[], Any]:
        return lambda: api("POST", "/roster", data=data, content_type=CSV, query_string={"course": course.key, **query})

    sessions = f"date,from,to\n{TODAY},10:00,11:00\n".encode()

    def imported() -> Any:
        send = lambda **query: api(  # noqa: E731
            "POST", f"{here}/meetings/import", data=sessions, content_type=CSV, query_string=query
        )
        planned = send(dry_run="1")
        return send(plan=planned.get_json()["digest"]) if planned.status_code == 200 else planned

    days = {"first_day": "2026-11-20", "last_day": "2026-11-27"}
    slot = {"from": "10:00", "to": "11:00"}
    series = {**slot, "day": "2026-11-16", "weekly": {"weekdays": [0], "last_day": "2026-12-14"}}
    move = {"action": "move", "starts": f"{TODAY}T12:00", "ends": f"{TODAY}T13:00"}
    return {
        "a mark": lambda: course.mark(course.meeting, {"student": student, "status": "present", "replaces": None}),
        "the rest": lambda: api("POST", f"/meetings/{course.meeting}/marks", json={"rest": {"status": "present"}}),
        "a cancelled check-in": lambda: api("POST", f"/check-ins/{course.first}/cancel", json={}),
        "an excuse": lambda: api("POST", f"{here}/members/{student}/excuses", json=days),
        "a registrar's excuse": lambda: api("POST", f"/students/{student}/excuses", json=days),
        "other rules": lambda: api("PUT", f"{here}/rules", json={**RULES, "since": "all"}),
        "the site's rules": lambda: api("PATCH", "/attendance-settings", json={"rules": {**RULES, "since": "all"}}),
        "another way to count": lambda: api("PUT", f"{here}/policy", json={"late": 50}),
        "a cancelled class": change(action="cancel"),
        "a class that was held": change(action="held"),
        "a reopened class": change(action="reopen", minutes=5),
        "a moved class": change(**move),
        "a class for a group": change(action="edit", groups=[course.other]),
        "a class started now": lambda: api("POST", f"{here}/meetings/now", json={}),
        "one class more": lambda: api("POST", f"{here}/meetings", json={**slot, "day": TODAY}),
        "a series": lambda: api("POST", f"{here}/meetings", json=series),
        "an imported class": imported,
        "somebody who was there before": lambda: course.join("X1", first_day=TODAY),
        "another group before": lambda: api(
            "PATCH", f"{here}/members/{student}", json={"groups": [course.other], "first_day": TODAY}
        ),
        "somebody who left before": lambda: api("DELETE", f"{here}/members/{student}?last_day=2026-11-22"),
        "a roster": roster(b"student_id,name\nX2,New\n", first_day=TODAY),
        "a roster of groups": roster(b"student_id,name,group\nS0,Student S0,Lab A\n", first_day=TODAY),
        "a deleted course": lambda: api("DELETE", here),
    }


def test_every_way_in_is_refused_and_changes_nothing(course: LockedCourse, store: Store) -> None:
    course.add("X1")
    before = state(course, store)
    for name, way in ways_in(course).items():
        refused = problem(way(), 409, "course_held" if name == "a deleted course" else "locked")
        if refused["code"] == "locked":
            assert "Ada Byron locked it on 2026-11-23" in refused["detail"], name
            assert "A registrar can unlock it" in refused["detail"], name
            assert refused["params"]["last_day"] == TODAY
        assert state(course, store) == before, name


def state(course: LockedCourse, store: Store) -> Any:
    kinds = ("courses", "memberships", "meetings", "attendance_settings", "locks", "locked_registers")
    documents = [document for kind in kinds for document in store.documents.all(kind)]
    return documents, store.newest_number, [student.student_id for student in store.students()]


def test_an_excuse_is_not_taken_from_a_locked_class(course: LockedCourse) -> None:
    student = course.students[2]
    course.unlock(reason="test")
    days = {"first_day": "2026-11-20", "last_day": "2026-11-27"}
    excused = course.api("POST", f"/courses/{course.key}/members/{student}/excuses", json=days)
    excuse = f"/students/{student}/excuses/{excused.get_json()['excuse']['id']}"
    assert course.lock().status_code == 201
    problem(course.api("DELETE", excuse), 409, "locked")
    problem(course.api("PATCH", excuse, json={"last_day": "2026-11-22"}), 409, "locked")
    assert course.api("PATCH", excuse, json={"last_day": "2026-11-24"}).status_code == 200
    assert statuses(course.register(course.meeting)) == ["present", "late", "excused"]


def test_what_is_outside_the_lock_goes_on(course: LockedCourse, clock: Clock) -> None:
    course.add("X1")
    here, (ann, bob, cat) = f"/courses/{course.key}", course.students
    later = [
        course.join("X1", first_day="2026-11-24"),
        course.api("PATCH", f"{here}/members/{ann}", json={"groups": [course.other], "first_day": "2026-11-24"}),
        course.api("DELETE", f"{here}/members/{bob}"),
        course.api("PUT", f"{here}/rules", json=RULES),
        course.api("PATCH", here, json={"title": "Statistics II"}),
        course.api("PUT", f"{here}/policy", json={"limit": 75, "in_row": None}),
        course.api("PATCH", "/attendance-settings", json={"rules": {**RULES, "since": "next"}}),
        course.api("POST", f"/students/{cat}/check-ins", json={}),
        course.api("PATCH", f"/students/{cat}", json={"removed": True}),
    ]
    assert [answer.status_code for answer in later] == [201, 200, 200, 200, 200, 200, 200, 201, 200], [
        answer.text for answer in later
    ]
    clock.tick(hours=24)
    meeting = course.start()
    assert course.mark(meeting, {"student": ann, "status": "present", "replaces": None}).status_code == 201
    assert statuses(course.register(course.meeting)) == ["present", "late", "absent"]


def test_a_locked_course_counts_as_when_it_was_locked(course: LockedCourse) -> None:
    """Whatever the site decides since. When attendance is low is no part of it."""

    def percents() -> list[float]:
        register = course.api("GET", f"/courses/{course.key}/register").get_json()
        return [row["percentage"]["percent"] for row in register["rows"]]

    def policy() -> dict[str, Any]:
        found: dict[str, Any] = course.api("GET", f"/courses/{course.key}/policy").get_json()
        return found

    assert (percents(), policy()["locked"]) == ([100, 100, 0], True)
    site = course.api("PATCH", "/attendance-settings", json={"policy": {"late": 50, "limit": 60}})
    assert site.status_code == 200, site.text
    assert percents() == [100, 100, 0]
    assert (policy()["policy"]["late"], policy()["policy"]["limit"], policy()["own"]) == (100, 60, False)
    problem(course.api("PUT", f"/courses/{course.key}/policy", json={"late": 50}), 409, "locked")
    assert course.unlock(reason="test").status_code == 200
    assert (percents(), policy()["locked"]) == ([100, 50, 0], False)
    assert course.lock().status_code == 201
    assert course.api("PUT", f"/courses/{course.key}/policy", json={"late": 50, "limit": 40}).status_code == 200
    problem(course.api("PUT", f"/courses/{course.key}/policy", json={"late": 100}), 409, "locked")
    assert course.api("DELETE", f"/courses/{course.key}/policy").status_code == 200, "the site counts in the same way"


def test_a_locked_course_that_is_archived_counts_as_when_it_was_locked(course: LockedCourse) -> None:
    assert course.api("PATCH", "/attendance-settings", json={"policy": {"late": 50, "limit": 60}}).status_code == 200
    archived = course.api("PATCH", f"/courses/{course.key}", json={"archived": True})
    assert archived.status_code == 200, archived.text
    assert course.unlock(reason="test").status_code == 200
    assert course.api("PATCH", "/attendance-settings", json={"policy": {"late": 10, "limit": 70}}).status_code == 200
    policy = course.api("GET", f"/courses/{course.key}/policy").get_json()["policy"]
    assert (policy["late"], policy["limit"]) == (100, 60)


def test_a_check_in_that_decides_nothing_can_be_cancelled(course: LockedCourse, clock: Clock) -> None:
    record = course.check_in(course.students[2])
    assert course.api("POST", f"/check-ins/{record}/cancel", json={}).status_code == 201


def test_another_courses_class_does_not_reach_into_a_lock(api: Api, clock: Clock) -> None:
    """S0 checked in at 9:50 for 10:00. Had an earlier class of S0 been open until 9:55, that would not have counted."""
    course = TaughtCourse(api)
    added = api("POST", f"/courses/{course.key}/meetings", json={"day": TODAY, "from": "10:00", "to": "11:00"})
    meeting = added.get_json()["meetings"][0]["key"]
    clock.tick(minutes=20)
    course.check_in(course.students[0])
    clock.tick(hours=3)
    assert api("POST", f"/courses/{course.key}/locks", json={"last_day": TODAY}).status_code == 201
    other = api("POST", "/courses", json={**COURSE, "code": "MATH"}).get_json()["key"]
    early = {"day": TODAY, "from": "08:00", "to": "09:55"}
    assert api("POST", f"/courses/{other}/meetings", json=early).status_code == 201
    join = {"student_id": "S0", "first_day": TODAY}
    problem(api("POST", f"/courses/{other}/members", json=join), 409, "locked")
    tomorrow = {"student_id": "S0", "first_day": "2026-11-24"}
    assert api("POST", f"/courses/{other}/members", json=tomorrow).status_code == 201
    never_came = {"student_id": "S2", "first_day": TODAY}
    assert api("POST", f"/courses/{other}/members", json=never_came).status_code == 201
    assert statuses(course.register(meeting)) == ["present", "absent", "absent"]


def test_a_registrar_unlocks_with_a_reason(course: LockedCourse) -> None:
    assert fields(course.unlock()) == ["reason"]
    assert fields(course.unlock(reason=" ")) == ["reason"]
    assert fields(course.unlock(reason="A mark of Student S1")) == ["reason"]
    assert course.unlock(reason="Two marks were missing").status_code == 200
    facts = course.audited("unlock_attendance")
    assert (facts["before"], facts["after"]) == (f"..{TODAY}", "")
    assert (facts["reason"], facts["digest"]) == ("Two marks were missing", course.locked["digest"])
    problem(course.unlock(reason="again"), 404, "unknown_lock")
    mark = {"student": course.students[2], "status": "present", "replaces": None}
    assert course.mark(course.meeting, mark).status_code == 201
    assert course.register(course.meeting)["meeting"]["locked"] is False


def test_lecturers_lock_and_do_not_unlock(app: Flask, course: LockedCourse) -> None:
    grace = logged_in(app, "Grace", "faculty")
    problem(grace.get(f"/api/v1/courses/{course.key}/locks"), 404, "unknown_course")
    appointed = course.api("PUT", f"/courses/{course.key}/staff", json={"account": "Grace", "role": "lecturer"})
    assert appointed.status_code == 200
    assert grace.get(f"/api/v1/courses/{course.key}/locks").get_json()["may_unlock"] is False
    unlock = f"/api/v1/courses/{course.key}/locks/{course.locked['key']}/unlock"
    problem(grace.post(unlock, json={"reason": "please"}), 403, "not_allowed")
    earlier = {"first_day": "2026-10-12", "last_day": "2026-10-18"}
    problem(grace.post(f"/api/v1/courses/{course.key}/locks", json=earlier), 409, "already_locked")


def test_only_days_that_are_over_are_locked(api: Api, clock: Clock) -> None:
    course = TaughtCourse(api)
    course.start()
    here = f"/courses/{course.key}/locks"
    assert fields(api("POST", here, json={"last_day": "2026-11-24"})) == ["last_day"]
    assert fields(api("POST", here, json={"last_day": TODAY})) == ["last_day"], "the class is open"
    assert fields(api("POST", here, json={"first_day": "2026-11-20", "last_day": "2026-11-19"})) == ["last_day"]
    assert api("POST", here, json={"last_day": "2026-11-22"}).status_code == 201
    refuses_other_methods(api, here, "GET", "POST")
    takes_json_only(api, "POST", here, {"last_day": "2026-11-22"})


def test_the_digest_is_that_of_the_register(course: LockedCourse, store: Store) -> None:
    """The same again gives the same; another mark, another."""
    assert course.unlock(reason="test").status_code == 200
    again = course.lock().get_json()
    assert again["digest"] == course.locked["digest"]
    course.locked = again
    course.unlock(reason="test")
    course.mark(course.meeting, {"student": course.students[2], "status": "excused", "replaces": None})
    assert course.lock().get_json()["digest"] != again["digest"]
    [frozen] = store.documents.all("locked_registers")
    assert set(frozen.about) == set(course.students)
    store.erase(course.students[0])
    [frozen] = store.documents.all("locked_registers")
    assert (set(frozen.value["students"]), len(frozen.value["rows"])) == (set(course.students[1:]), 3)


def test_an_archived_course_does_not_change(api: Api, clock: Clock, store: Store) -> None:
    course = LockedCourse(api, clock)
    course.unlock(reason="test")
    assert api("PATCH", f"/courses/{course.key}", json={"archived": True}).status_code == 200
    course.add("X1")
    before = state(course, store)
    for name, way in ways_in(course).items():
        if name not in ("a deleted course", "a cancelled check-in"):
            problem(way(), 409, "course_archived")
            assert state(course, store) == before, name
    api("PATCH", f"/students/{course.students[0]}", json={"removed": True})
    [ended] = [each for each in store.documents.all("memberships") if each.value["student"] == course.students[0]]
    assert date.fromisoformat(ended.value["spans"][0]["last_day"]) == clock.now.date()
    assert api("PATCH", f"/courses/{course.key}", json={"archived": False}).status_code == 200


def test_writing_an_archived_course_too_does_not_open_it(api: Api, clock: Clock, store: Store) -> None:
    course = TaughtCourse(api)
    assert api("PATCH", f"/courses/{course.key}", json={"archived": True}).status_code == 200
    clock.tick(hours=48)
    written = store.documents.get(COURSES.name, course.key)
    membership = store.documents.get(MEMBERSHIPS.name, membership_key(course.key, course.students[0]))
    assert written is not None
    assert membership is not None
    with pytest.raises(Conflict, match="course_archived"):
        store.documents.write([written], [membership])
    restored = replace(written, value={**written.value, "archived": False})
    store.documents.write([restored], [membership])
