"""Holds on students and courses: nothing expires, and nobody is erased, until a registrar lifts them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Entry
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import Site, logged_in
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only
from tests.support.web.taught_course import TaughtCourse

REASON = {"reason": "Appeal 2026-17"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Each kind is kept for less than the one after it."""
    return replace(settings, retain_notes_days=20, retain_faces_days=40, retain_days=120)


def services_of(app: Flask) -> Services:
    return SITE_PARTS.of(app).services


def noted(site: Site, store: Store, clock: Clock) -> tuple[str, str]:
    """Two students with a face, a check-in, and a mark with a note."""
    keys = site.enrolled("1001", "John Doe", 1), site.enrolled("1002", "Jane Smith", 2)
    for key in keys:
        assert site.client.post(f"/api/v1/students/{key}/check-ins").status_code == 201
        store.append(Entry(clock.now, "mark", "1", "Ada", person=key, status="excused", note="was away"))
    return keys


def later(app: Flask, clock: Clock, days: int) -> None:
    """Let the days pass, one run each, as a server that is on does."""
    for _ in range(0, days, 10):
        clock.tick(days=10)
        services_of(app).maintenance.run()


def kept(store: Store, key: str) -> tuple[bool, int, int]:
    """Whether the face is there, and how many records and notes."""
    student = store.student(key)
    records = list(store.records(person=key))
    return bool(student and student.templates), len(records), sum(record.note is not None for record in records)


def test_nothing_of_a_held_student_expires(app: Flask, site: Site, store: Store, clock: Clock) -> None:
    john, jane = noted(site, store, clock)
    placed = site.client.post(f"/api/v1/students/{john}/hold", json=REASON)
    assert (placed.status_code, placed.get_json()["reason"]) == (201, "Appeal 2026-17")
    later(app, clock, 150)
    assert kept(store, john) == (True, 2, 1)
    assert kept(store, jane) == (False, 0, 0)
    assert site.client.delete(f"/api/v1/students/{john}/hold").get_json() == {"done": True}
    later(app, clock, 10)
    assert kept(store, john) == (False, 0, 0)


def test_a_notice_about_a_held_student_stays(app: Flask, site: Site, store: Store, clock: Clock) -> None:
    john, jane = noted(site, store, clock)
    notices = services_of(app).face_notices
    for key in (john, jane):
        notices.note(key, "account")
    site.client.post(f"/api/v1/students/{john}/hold", json=REASON)
    clock.tick(days=15)
    notices.note(site.add("1003", "Ann Lee"), "account")
    assert [student for student in (john, jane) if store.documents.get("face_notices", student)] == [john]


def test_a_held_course_holds_its_students(app: Flask, api: Api, store: Store, clock: Clock) -> None:
    taught = TaughtCourse(api, 2)
    meeting = taught.start()
    for student in taught.students:
        taught.mark(meeting, {"student": student, "status": "late", "replaces": None})
    other = taught.add("X")
    assert api("POST", f"/students/{other}/check-ins", json={}).status_code == 201
    assert api("POST", f"/courses/{taught.key}/hold", json=REASON).status_code == 201
    later(app, clock, 150)
    assert [kept(store, student)[1] for student in (*taught.students, other)] == [1, 1, 0]
    shown = api("GET", f"/students/{taught.students[0]}/hold").get_json()
    assert shown == {"hold": None, "courses": ["STAT110"]}
    erasing = api("DELETE", f"/students/{taught.students[0]}?reason=asked")
    assert "a hold on the course STAT110" in problem(erasing, 409, "on_hold")["detail"]
    problem(api("DELETE", f"/courses/{taught.key}"), 409, "on_hold")


def test_a_reason_for_a_course_names_none_of_its_students(api: Api) -> None:
    taught = TaughtCourse(api, 2)
    path = f"/courses/{taught.key}/hold"
    for reason in ("Appeal of Student S0", "Appeal of s1"):
        assert (
            problem(api("POST", path, json={"reason": reason}), 422, "invalid_input")["errors"][0]["field"] == "reason"
        )
    assert api("POST", path, json={"reason": "Appeal of a student"}).status_code == 201


def test_erasing_waits_until_the_hold_is_lifted(site: Site, john: str, store: Store, clock: Clock) -> None:
    path = f"/api/v1/students/{john}"
    site.client.post(f"{path}/hold", json=REASON)
    refused = problem(site.client.delete(f"{path}?reason=asked"), 409, "on_hold")
    assert refused["detail"].startswith("There is a hold on this student since 2026-11-2")
    assert "can lift it" in refused["detail"]
    assert store.student(john) is not None
    problem(site.client.post(f"{path}/hold", json=REASON), 409, "already_held")
    exported = site.client.get(f"{path}/export").get_json()["documents"]
    assert [(each["kind"], each["value"]["reason"]) for each in exported] == [("holds", "Appeal 2026-17")]
    assert site.client.delete(f"{path}/hold").status_code == 200
    problem(site.client.delete(f"{path}/hold"), 404, "no_hold")
    assert site.client.delete(f"{path}?reason=asked").status_code == 200


def test_it_is_audited_and_names_nobody(site: Site, john: str) -> None:
    path = f"/api/v1/students/{john}/hold"
    for reason in ("", "John appeals", "x" * 201):
        assert fields(site.client.post(path, json={"reason": reason})) == ["reason"]
    site.client.post(path, json=REASON)
    site.client.delete(path)
    for action in ("hold", "lift_hold"):
        entries = site.client.get(f"/api/v1/audit?action={action}").get_json()["entries"]
        done = next(entry for entry in entries if entry["state"] == "done")
        assert done["facts"]["reason"] == "Appeal 2026-17"
        assert done["whom"][0]["key"] == f"student:{john}"


def test_registrars_alone(app: Flask, api: Api) -> None:
    taught = TaughtCourse(api, 1)
    lecturer = logged_in(app, "Lena", "faculty")
    for path in (f"/students/{taught.students[0]}/hold", f"/courses/{taught.key}/hold"):
        problem(lecturer.get(f"/api/v1{path}"), 403, "not_allowed")
        problem(lecturer.post(f"/api/v1{path}", json=REASON), 403, "not_allowed")
        problem(lecturer.delete(f"/api/v1{path}"), 403, "not_allowed")


def test_litany(api: Api) -> None:
    taught = TaughtCourse(api, 1)
    for path in (f"/students/{taught.students[0]}/hold", f"/courses/{taught.key}/hold"):
        takes_json_only(api, "POST", path, REASON)
        refuses_other_methods(api, path, "GET", "HEAD", "POST", "DELETE")
    problem(api("GET", "/students/nobody/hold"), 404, "unknown_student")
    problem(api("POST", "/courses/nowhere/hold", json=REASON), 404, "unknown_course")
