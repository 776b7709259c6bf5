"""What people with an account may not do with it, though they are staff of a course."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from secure_attend.access.course_staff import StaffMember, staff_document, staff_of
from secure_attend.attendance.recognition.look_alikes import unmark_look_alikes
from secure_attend.settings import Settings
from secure_attend.storage.values import pair_of
from tests.conftest import Site, access_of, logged_in, paired
from tests.support.fakes import Clock
from tests.support.web.litany import problem
from tests.support.web.taught_course import COURSE
from tests.support.web.two_courses import A, B, TwoCourses


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Students may register themselves, so that somebody waits."""
    return replace(settings, self_registration=True)


@pytest.fixture
def courses(app: Flask, clock: Clock) -> TwoCourses:
    made = TwoCourses(app, clock)
    unmark_look_alikes(made.services.store, pair_of(made.alice, made.bob))
    return made


def by_hand(courses: TwoCourses, who: str = "Anton") -> str:
    """Check Alice in by hand; return the record's ID."""
    answer = courses.clients[who].post(f"/api/v1/students/{courses.alice}/check-ins")
    assert answer.status_code == 201, answer.text
    record: str = answer.get_json()["record"]["id"]
    return record


class TestCancelling:
    """POST /check-ins/{id}/cancel"""

    def test_a_viewer_only_sees_a_check_in(self, courses: TwoCourses) -> None:
        path = f"/api/v1/check-ins/{by_hand(courses)}/cancel"
        for reason in ({}, {"reason": "not_me"}):
            problem(courses.clients["Aldo"].post(path, json=reason), 403, "not_allowed")
        assert courses.clients["Anton"].post(path, json={}).status_code == 201

    def test_nobody_cancels_their_own(self, courses: TwoCourses) -> None:
        alice = logged_in(courses.app, "10010001", roles=("faculty",))
        documents = courses.services.store.documents
        staff = documents.get("course_staff", A)
        assert staff is not None
        own = StaffMember(access_of(courses.app).accounts.find("10010001").key, "lecturer")
        members = staff_of(staff)
        documents.write([staff_document(type(members)(A, (*members.members, own)), staff.version)])
        path = f"/api/v1/check-ins/{by_hand(courses)}/cancel"
        problem(alice.post(path, json={}), 403, "own_cell")

    def test_an_archived_course_keeps_its_check_ins(self, courses: TwoCourses) -> None:
        regine = courses.clients["Regine"]
        assert regine.patch(f"/api/v1/courses/{B}", json={"archived": True}).status_code == 200
        problem(regine.post(f"/api/v1/check-ins/{courses.records[0]}/cancel", json={}), 409, "course_archived")

    def test_not_me_at_no_kiosk_is_the_accounts_word(self, courses: TwoCourses, clock: Clock) -> None:
        record = Site(paired(courses.app), clock).check_in(3).get_json()["record"]["id"]
        path = f"/api/v1/check-ins/{record}/cancel"
        answer = courses.clients["Anton"].post(path, json={"reason": "not_me"})
        assert (answer.status_code, answer.get_json()["record"]["by"]) == (201, "Anton")


class TestCheckingIn:
    """POST /check-ins"""

    @pytest.mark.parametrize("who", ["Aldo", "Ada", "Regine"])
    def test_codes_are_for_kiosks(self, courses: TwoCourses, who: str) -> None:
        code = courses.clients["Anton"].post(f"/api/v1/students/{courses.alice}/code").get_json()["code"]
        body = {"student_id": "10010001", "code": code, "attempt": "an attempt from anywhere"}
        problem(courses.clients[who].post("/api/v1/check-ins", json=body), 403, "not_allowed")
        assert courses.clients["Ada"].get(f"/api/v1/students/{courses.alice}").get_json()["today"] is None
        assert paired(courses.app).post("/api/v1/check-ins", json=body).status_code == 201

    def test_by_face_an_account_needs_a_role_and_is_named(self, courses: TwoCourses, clock: Clock) -> None:
        for who in ("Aldo", "Berta"):
            refused = problem(Site(courses.clients[who], clock).check_in(3), 403, "not_allowed")
            assert "Alice" not in str(refused)
        answer = Site(courses.clients["Anton"], clock).check_in(3)
        assert (answer.status_code, answer.get_json()["record"]["by"]) == (201, "Anton")


class TestAddingAStudent:
    """POST /courses/{course}/members"""

    def add(self, courses: TwoCourses, who: str, **body: str) -> Any:
        return courses.clients[who].post(f"/api/v1/courses/{B if who == 'Berta' else A}/members", json=body)

    def test_nobody_learns_a_name_or_who_there_is_by_an_id(self, courses: TwoCourses) -> None:
        """Alice is in A alone. What Berta is told is the same of an ID that nobody has."""
        for more, status, code in (({}, 422, "name_needed"), ({"name": "Mallory"}, 404, "unknown_student")):
            known, unknown = (
                problem(self.add(courses, "Berta", student_id=each, **more), status, code)
                for each in ("10010001", "nobody's")
            )
            assert known == unknown
            assert "Alice" not in str(known)
        assert courses.services.memberships.find(B, courses.alice) is None

    @pytest.mark.parametrize("name", ["Alice Able", "alice ablé", "Ally"])
    def test_who_knows_id_and_name_adds_the_student(self, courses: TwoCourses, name: str) -> None:
        courses.services.students.change(courses.alice, known_as="Ally")
        added = self.add(courses, "Berta", student_id="10010001", name=name)
        assert (added.status_code, added.get_json()["student"]["name"]) == (201, "Ally")

    def test_ones_own_students_and_a_registrars_need_no_name(self, courses: TwoCourses) -> None:
        assert self.add(courses, "Ada", student_id="30030003").status_code == 201
        assert self.add(courses, "Regine", student_id="20020002").status_code == 201
        body = problem(self.add(courses, "Regine", student_id="nobody's"), 404, "unknown_student")
        assert [each["field"] for each in body["errors"]] == ["student_id"]

    @pytest.mark.parametrize("erased", ["faces", "consent"])
    def test_the_other_lecturers_are_told_of_an_erased_face(self, courses: TwoCourses, erased: str) -> None:
        path = f"/api/v1/students/{courses.cara}/{erased}"
        assert courses.clients["Ada"].delete(path).status_code == 200
        told = {who: str(courses.clients[who].get("/api/v1/health").get_json()["notices"]) for who in ("Ada", "Berta")}
        assert "Cara Cross (30030003) was replaced or erased" in told["Berta"]
        assert "Cara" not in told["Ada"]


def test_only_a_registrar_deletes_the_only_course(app: Flask) -> None:
    """Without any course, every lecturer sees every student."""
    regine, ada = logged_in(app, "Regine", roles=("admin", "registrar")), logged_in(app, "Ada", "faculty")
    first, second = (ada.post("/api/v1/courses", json=COURSE).get_json()["key"] for _ in range(2))
    assert ada.delete(f"/api/v1/courses/{first}").status_code == 200
    refused = problem(ada.delete(f"/api/v1/courses/{second}"), 403, "last_course")
    assert "Archive it" in refused["detail"]
    assert ada.patch(f"/api/v1/courses/{second}", json={"archived": True}).status_code == 200
    problem(ada.get("/api/v1/roster.csv"), 403, "not_allowed")
    assert regine.delete(f"/api/v1/courses/{second}").status_code == 200
