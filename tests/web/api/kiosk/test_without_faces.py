"""A site without faces (`FACES=off`), and courses without: no camera, no template; codes and staff's word do it all."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.attendance.courses.course import COURSES, course_document, course_of
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.storage.ports import Store
from tests.conftest import Site, logged_in
from tests.support.campus import FIRST, LECTURE, Campus, meeting
from tests.support.fakes import Clock, DrawnFaces, Person, Scene
from tests.support.web.litany import Api, problem

WHILE_OPEN, AFTER = "10:01", "12:00"


@pytest.fixture(autouse=True)
def _no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Power cuts are other tests' business."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


class TestASiteWithoutFaces:
    """Everything about faces is refused in words; the rest works."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """The same site, without faces, though it would let students register themselves."""
        return replace(settings, faces="off", self_registration=True)

    def test_it_is_well_and_says_that_no_faces_are_used(self, api: Api, engine: DrawnFaces) -> None:
        health = api("GET", "/health").get_json()
        assert health["status"] == "ok"
        assert (health["faces"]["used"], health["faces"]["ready"]) == (False, False)
        assert health["faces"]["problem"]["code"] == "faces_off"
        assert (health["profile"]["name"], health["self_registration"], health["notices"]) == (None, False, [])

    def test_each_question_about_a_face_is_answered_in_words(self, api: Api, site: Site, kiosk: FlaskClient) -> None:
        key = site.add("1", "Ann", agreed=False)
        for method, path, sent in (
            ("POST", "/challenges", {"json": {"purpose": "check_in"}}),
            ("POST", "/challenges", {"json": {"purpose": "history", "student_id": "1"}}),
            ("POST", "/challenges", {"json": {"purpose": "enrol", "student_key": key}}),
            ("POST", f"/students/{key}/faces", {"data": Scene(1).png(), "content_type": "image/png"}),
            ("POST", "/trial/tries", {"json": {"presentation": "bona fide", "person": 1}}),
            ("GET", "/reports/faces", {}),
            ("PUT", "/recognition/limit", {"json": {"by": "site"}}),
        ):
            said = problem(api(method, path, **sent), 409, "faces_off")
            assert "uses no faces" in said["detail"], path
        assert kiosk.get("/api/v1/kiosk").get_json()["faces"] is False

    def test_codes_and_the_lecturers_word_check_students_in(self, api: Api, site: Site, kiosk: FlaskClient) -> None:
        ann, bob = site.add("1", "Ann", agreed=False), site.add("2", "Bob", agreed=False)
        code = api("POST", f"/students/{ann}/code").get_json()["code"]
        done = kiosk.post("/api/v1/check-ins", json={"student_id": "1", "code": code, "attempt": "the first attempt"})
        assert done.status_code == 201, done.text
        seen = kiosk.post("/api/v1/history", json={"student_id": "1", "code": code})
        assert seen.get_json()["total"] == 1
        assert api("POST", f"/students/{bob}/check-ins", json={}).status_code == 201
        listed = api("GET", "/students").get_json()
        assert (listed["present"], listed["registered"]) == (2, 0)
        assert [student["uses_faces"] for student in listed["students"]] == [False, False]


def test_faces_that_are_stored_stay_until_somebody_removes_them(
    site: Site, john: str, settings: Settings, store: Store, clock: Clock
) -> None:
    """Nothing is erased in silence, nothing is compared, and the site is told."""
    off = logged_in(create_app(replace(settings, faces="off"), faces=DrawnFaces(), store=store, clock=clock))
    (notice,) = off.get("/api/v1/health").get_json()["notices"]
    assert "1 student has one stored" in notice
    assert "FACES=on" in notice
    kept = off.get(f"/api/v1/students/{john}").get_json()
    assert (kept["registered"], kept["uses_faces"]) == (True, False)
    on = logged_in(create_app(settings, faces=DrawnFaces(), store=store, clock=clock), name="Other")
    assert Site(on, clock).check_in(1).status_code == 201, "on again, it works as before"
    removed = off.delete(f"/api/v1/students/{john}/faces").get_json()
    assert not removed["registered"]
    assert off.get("/api/v1/health").get_json()["notices"] == []


class TestACourseWithoutFaces:
    """Ann is in STAT110, which uses none; Bob is in no course."""

    @pytest.fixture
    def campus(self, app: Flask, services: Services, site: Site, clock: Clock) -> Campus:
        campus = Campus(app, services, site, clock)
        for who, name in ((1, "Ann"), (2, "Bob")):
            assert site.register(campus.keys[name], who).status_code == 201
        self.use_faces(campus.teach(LECTURE), "stat", used=False)
        return campus

    @staticmethod
    def use_faces(campus: Campus, course: str, *, used: bool) -> None:
        documents = campus.services.store.documents
        known = documents.get(COURSES.name, course)
        assert known is not None
        documents.write([course_document(replace(course_of(known), faces=used), known.version)])

    @staticmethod
    def face(campus: Campus, who: int, kiosk: FlaskClient) -> Any:
        """Check this person in by face; return the last answer."""
        opened = kiosk.post("/api/v1/challenges", json={"purpose": "check_in"})
        if opened.status_code != 201:
            return opened
        challenge = Person(kiosk, campus.clock, who).play(opened.get_json())
        return kiosk.post("/api/v1/check-ins", json={"challenge": challenge["id"]})

    def test_while_its_class_is_open_no_camera_is_used_there(self, campus: Campus) -> None:
        campus.at(WHILE_OPEN)
        refused = problem(self.face(campus, 1, campus.hall_b), 409, "class_without_faces")
        assert "student ID and your personal code" in refused["detail"]
        assert campus.hall_b.get("/api/v1/kiosk").get_json()["faces"] is False
        assert campus.hall_c.get("/api/v1/kiosk").get_json()["faces"] is True
        assert campus.check_in("Ann", campus.hall_b)["standing"]["kind"] == "counted"
        assert self.face(campus, 2, campus.hall_c).status_code == 201, "another room's kiosk is not concerned"
        campus.at(AFTER)
        assert campus.hall_b.get("/api/v1/kiosk").get_json()["faces"] is True
        assert self.face(campus, 2, campus.hall_b).status_code == 201

    def test_beside_a_class_with_faces_only_its_own_students_are_refused(self, campus: Campus) -> None:
        campus.services.store.documents.write(
            [membership_document(Membership("phys", campus.keys["Bob"], (Span(FIRST, None),)))]
        )
        campus.teach_also(meeting("m2", "10:00", "11:30", course="phys"))
        campus.at(WHILE_OPEN)
        assert self.face(campus, 2, campus.hall_b).status_code == 201
        before = len(campus.records("Ann"))
        problem(self.face(campus, 1, campus.hall_b), 409, "class_without_faces")
        assert len(campus.records("Ann")) == before, "nothing is recorded"
        assert campus.check_in("Ann", campus.hall_b)["standing"]["kind"] == "counted"

    def test_its_students_are_not_searched_first(self, campus: Campus) -> None:
        campus.at(WHILE_OPEN)
        current, now = campus.services.meetings_now.look(), campus.clock()
        assert current.in_class("Hall B", now) == frozenset()
        self.use_faces(campus, "stat", used=True)
        assert campus.services.meetings_now.look().in_class("Hall B", now) == {campus.keys["Ann"]}

    def test_who_is_in_such_courses_alone_is_not_registered(self, campus: Campus, site: Site) -> None:
        ann, bob = campus.keys["Ann"], campus.keys["Bob"]
        refused = problem(site.register(ann, 1), 409, "courses_without_faces")
        assert "ID and personal code" in refused["detail"]
        opened = site.client.post("/api/v1/challenges", json={"purpose": "enrol", "student_key": ann})
        problem(opened, 409, "courses_without_faces")
        assert site.register(bob, 2).status_code == 201, "no course says that Bob's face is not used"
        assert self.used(site) == {"1": False, "2": True}
        joined = Membership("phys", ann, (Span(FIRST, None),))
        campus.services.store.documents.write([membership_document(joined)])
        assert site.register(ann, 1).status_code == 201, "another course of hers uses faces"
        assert self.used(site) == {"1": True, "2": True}

    @staticmethod
    def used(site: Site) -> dict[str, bool]:
        listed = site.client.get("/api/v1/students").get_json()["students"]
        return {student["student_id"]: student["uses_faces"] for student in listed}

    def test_staff_switch_it_for_the_course(self, api: Api) -> None:
        days = {"first_day": "2026-10-12", "last_day": "2027-02-05"}
        made = api("POST", "/courses", json={"code": "A1", "title": "Art", "term": "T", "faces": False, **days})
        assert made.get_json()["faces"] is False
        key = made.get_json()["key"]
        assert api("PATCH", f"/courses/{key}", json={"faces": True}).get_json()["faces"] is True
        assert api("PATCH", f"/courses/{key}", json={"title": "Arts"}).get_json()["faces"] is True
        entries = api("GET", "/audit").get_json()["entries"]
        facts = next(each["facts"] for each in entries if "uses_faces_before" in each["facts"])
        assert (facts["uses_faces_before"], facts["uses_faces"]) == (False, True)
