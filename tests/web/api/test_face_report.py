"""GET /reports/faces"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.attendance.courses.course import COURSES, course_document, course_of
from secure_attend.attendance.records import identity_check
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import Site, logged_in, paired
from tests.support.campus import LECTURE, Campus
from tests.support.fakes import Clock, Person, Scene, embedding
from tests.support.web.litany import Api, problem, refuses_other_methods

PATH = "/reports/faces"
NONE = {"at_kiosk": 0, "by_hand": 0, "not_me": 0, "refused": 0}


def reasons(body: dict[str, Any], key: str) -> list[str]:
    return [reason for weak in body["weak"] if weak["student"]["key"] == key for reason in weak["reasons"]]


@pytest.fixture
def by_code(api: Api, kiosk: FlaskClient) -> Callable[..., None]:
    """Check this student in with ID and a new code."""
    tries = iter(range(100))

    def check_in(key: str, at: FlaskClient = kiosk) -> None:
        code = api("POST", f"/students/{key}/code").get_json()["code"]
        student_id = api("GET", f"/students/{key}").get_json()["student_id"]
        body = {"student_id": student_id, "code": code, "attempt": f"attempt number {next(tries):04}"}
        assert at.post("/api/v1/check-ins", json=body).status_code == 201

    return check_in


@pytest.fixture
def next_day(site: Site, kiosk: FlaskClient, clock: Clock) -> Callable[[], None]:
    """A day later: somebody else checks in by face at the kiosk, so that it is known to work."""
    site.enrolled("9", "Other One", who=9)

    def follow() -> None:
        clock.tick(hours=24)
        assert Site(kiosk, clock).check_in(9).status_code == 201

    return follow


def test_nobody_registered_is_an_empty_report(api: Api, jane: str) -> None:
    response = api("GET", PATH)
    assert response.status_code == 200
    assert response.get_json() == {"weak": [], "alike": []}
    refuses_other_methods(api, PATH, "GET")


def test_one_photo_is_weak_and_a_capture_is_not(api: Api, site: Site, john: str, jane: str) -> None:
    capture = site.passed(2, "enrol", jane)
    assert api("POST", f"/students/{jane}/faces", json={"challenge": capture["id"]}).status_code == 201
    body = api("GET", PATH).get_json()
    student = {"key": john, "student_id": "1001", "name": "John Doe"}
    assert body == {"weak": [{"student": student, "reasons": ["one_template"], **NONE}], "alike": []}


def test_templates_that_disagree_and_people_alike(api: Api, site: Site, services: Services, john: str) -> None:
    one = site.enrolled("1", "One Twin", who=40)
    other = site.add("2", "Other Twin")
    assert site.register(other, 41, confirm_other=1).status_code == 201
    services.galleries.current.replace(
        john, np.stack([embedding(1), embedding(5)]), made_by=services.galleries.current.profile.name
    )
    body = api("GET", PATH).get_json()
    assert reasons(body, john) == ["templates_disagree"]
    assert [{student["key"] for student in pair["students"]} for pair in body["alike"]] == [{one, other}]


def test_poor_pictures_are_kept_and_told(api: Api, site: Site, services: Services, jane: str) -> None:
    answer = api("POST", f"/students/{jane}/faces", data=Scene(2, problem="poor").jpeg(), content_type="image/jpeg")
    assert (answer.status_code, answer.get_json()["weak"]) == (201, True)
    assert reasons(api("GET", PATH).get_json(), jane) == ["one_template", "poor_pictures"]
    student = services.store.student(jane)
    assert student is not None
    assert [template.quality for template in student.templates] == [0.14]
    again = api("POST", f"/students/{jane}/faces", data=Scene(2).jpeg(), content_type="image/jpeg")
    assert again.get_json()["weak"] is False
    assert reasons(api("GET", PATH).get_json(), jane) == ["one_template"]


def test_who_is_often_checked_in_by_hand_though_registered(api: Api, site: Site, clock: Clock, jane: str) -> None:
    site.register(jane, 2)
    other = site.enrolled("9", "Other One", who=9)
    for day in range(4):
        clock.tick(hours=24)
        if day:
            site.check_in(9)
        assert api("POST", f"/students/{jane}/check-ins").status_code == 201
    weak = {each["student"]["key"]: each for each in api("GET", PATH).get_json()["weak"]}
    assert "often_without_face" in weak[jane]["reasons"]
    assert (weak[jane]["by_hand"], weak[jane]["at_kiosk"]) == (3, 0), "not of the day on which no face was recognised"
    assert "often_without_face" not in weak[other]["reasons"]
    assert weak[other]["at_kiosk"] == 3
    clock.tick(hours=24 * 31)
    assert "often_without_face" not in reasons(api("GET", PATH).get_json(), jane), "long ago"


class TestWhoFallsBackToTheCode:
    """A kiosk offers ID and code to those whose face fails."""

    def test_though_the_face_works_at_other_times(
        self, api: Api, kiosk: FlaskClient, clock: Clock, jane: str, site: Site, next_day: Any, by_code: Any
    ) -> None:
        site.register(jane, 2)
        next_day()
        assert Site(kiosk, clock).check_in(2).status_code == 201
        for times in (1, 2, 3):
            next_day()
            by_code(jane)
            assert ("often_without_face" in reasons(api("GET", PATH).get_json(), jane)) is (times == 3)
        (weak,) = (each for each in api("GET", PATH).get_json()["weak"] if each["student"]["key"] == jane)
        told = {count: weak[count] for count in NONE}
        assert told == {**NONE, "at_kiosk": 4}, "not which of them were by code"
        site.register(jane, 2)
        assert "often_without_face" not in reasons(api("GET", PATH).get_json(), jane), "registered again since"

    def test_codes_and_check_ins_by_hand_add_up(
        self, api: Api, kiosk: FlaskClient, clock: Clock, jane: str, site: Site, next_day: Any, by_code: Any
    ) -> None:
        site.register(jane, 2)
        Site(kiosk, clock).check_in(2)
        for _ in range(2):
            next_day()
            by_code(jane)
        next_day()
        assert api("POST", f"/students/{jane}/check-ins").status_code == 201
        assert "often_without_face" in reasons(api("GET", PATH).get_json(), jane)

    def test_who_never_comes_by_face_chose_the_code(
        self, api: Api, jane: str, site: Site, next_day: Any, by_code: Any
    ) -> None:
        site.register(jane, 2)
        for _ in range(4):
            next_day()
            by_code(jane)
        assert reasons(api("GET", PATH).get_json(), jane) == ["one_template"]

    def test_where_no_face_was_recognised_that_day_a_code_says_nothing(
        self, app: Flask, api: Api, kiosk: FlaskClient, clock: Clock, jane: str, site: Site, next_day: Any, by_code: Any
    ) -> None:
        site.register(jane, 2)
        Site(kiosk, clock).check_in(2)
        without_camera = paired(app, "Room 102")
        for _ in range(4):
            next_day()
            by_code(jane, at=without_camera)
        assert reasons(api("GET", PATH).get_json(), jane) == ["one_template"]

    def test_who_cannot_turn_the_head_needs_the_code_anyway(
        self, api: Api, site: Site, jane: str, next_day: Any, by_code: Any
    ) -> None:
        capture = passed(site, 2, purpose="enrol", student_key=jane)
        assert api("POST", f"/students/{jane}/faces", json={"challenge": capture}).status_code == 201
        next_day()
        code = api("POST", f"/students/{jane}/code").get_json()["code"]
        claim = {"challenge": passed(site, 2, purpose="check_in"), "student_id": "1002", "code": code}
        assert api("POST", "/check-ins", json=claim).status_code == 201
        for _ in range(4):
            next_day()
            by_code(jane)
        assert reasons(api("GET", PATH).get_json(), jane) == []

    def test_look_alikes_need_the_code_anyway(self, api: Api, site: Site, next_day: Any, by_code: Any) -> None:
        one, other = site.enrolled("40", "One Twin", who=40), site.add("41", "Other Twin")
        assert site.register(other, 41, confirm_other=1).status_code == 201
        next_day()
        code = api("POST", f"/students/{one}/code").get_json()["code"]
        claim = {"challenge": site.passed(40)["id"], "student_id": "40", "code": code}
        assert api("POST", "/check-ins", json=claim).status_code == 201
        for _ in range(3):
            next_day()
            by_code(one)
        assert reasons(api("GET", PATH).get_json(), one) == ["one_template"]
        api("DELETE", f"/students/{one}/alike/{other}")
        assert "often_without_face" in reasons(api("GET", PATH).get_json(), one), "not asked any more"

    def test_in_a_class_without_faces_a_code_says_nothing(
        self, app: Flask, api: Api, services: Services, site: Site, clock: Clock
    ) -> None:
        """Ann's class uses none. Before and after it, faces are recognised at the same kiosk."""
        campus = Campus(app, services, site, clock)
        ann = campus.keys["Ann"]
        site.register(ann, 1)
        Site(campus.hall_b, clock).check_in(1)
        campus.teach(LECTURE)
        use_faces(services, "stat", used=False)
        for time in ("10:01", "10:15", "10:30"):
            campus.check_in("Ann", campus.hall_b, at=time)
        assert reasons(api("GET", PATH).get_json(), ann) == ["one_template"]
        use_faces(services, "stat", used=True)
        assert "often_without_face" in reasons(api("GET", PATH).get_json(), ann)


def passed(site: Site, who: int, **body: Any) -> str:
    """The id of a session without turns of the head that this person passed."""
    opened = site.client.post("/api/v1/challenges", json={**body, "without_turning": True}).get_json()
    challenge = Person(site.client, site.clock, who).play(opened)
    assert challenge["state"] == "passed"
    found: str = challenge["id"]
    return found


def use_faces(services: Services, course: str, *, used: bool) -> None:
    """Say whether the course uses faces."""
    known = services.store.documents.get(COURSES.name, course)
    assert known is not None
    services.store.documents.write([course_document(replace(course_of(known), faces=used), known.version)])


def test_whose_name_others_are_often_greeted_by(
    api: Api, site: Site, kiosk: FlaskClient, clock: Clock, jane: str
) -> None:
    site.register(jane, 2)
    for _ in range(2):
        clock.tick(hours=1)
        record = Site(kiosk, clock).check_in(2).get_json()["record"]
        cancelled = kiosk.post(f"/api/v1/check-ins/{record['id']}/cancel", json={"reason": "not_me"})
        assert cancelled.status_code == 201
    body = api("GET", PATH).get_json()
    assert "often_not_me" in reasons(body, jane)
    assert [(weak["not_me"], weak["at_kiosk"]) for weak in body["weak"]] == [(2, 0)]


def test_without_models_it_says_so(settings: Settings, store: JsonStore, clock: Clock) -> None:
    client = logged_in(create_app(settings, store=store, clock=clock))
    problem(client.get(f"/api/v1{PATH}"), 503, "models_not_ready")


def test_whose_face_is_often_refused_after_the_id(
    api: Api, site: Site, services: Services, clock: Clock, jane: str
) -> None:
    site.register(jane, 2)
    for times in (1, 2):
        services.refusals.add("kiosk:1", "wrong_proof", student=jane)
        services.refusals.add("kiosk:1", "not_recognised", student=jane)
        services.refusals.add("kiosk:1", "not_recognised", student=jane, unlike_registered=True)
        assert ("often_refused" in reasons(api("GET", PATH).get_json(), jane)) is (times == 2)
    assert [weak["refused"] for weak in api("GET", PATH).get_json()["weak"]] == [2]
    clock.tick(1)
    site.register(jane, 2)
    assert "often_refused" not in reasons(api("GET", PATH).get_json(), jane), "registered again since"


def own_attendance(kiosk: FlaskClient, clock: Clock, who: int, student_id: str) -> Any:
    """Type this ID under "My attendance", and show the face."""
    body = {"purpose": "history", "student_id": student_id}
    challenge = Person(kiosk, clock, who).play(kiosk.post("/api/v1/challenges", json=body).get_json())
    return kiosk.post("/api/v1/history", json={"student_id": student_id, "challenge": challenge["id"]})


class TestWhoseFaceDoesNotMatchTheId:
    """Under "My attendance"."""

    def test_twice(self, api: Api, site: Site, kiosk: FlaskClient, clock: Clock, jane: str) -> None:
        site.register(jane, 2)
        for times in (1, 2):
            problem(own_attendance(kiosk, clock, 5, "1002"), 403, "wrong_proof")
            assert ("often_refused" in reasons(api("GET", PATH).get_json(), jane)) is (times == 2)
        clock.tick(hours=24)
        assert "often_refused" not in reasons(api("GET", PATH).get_json(), jane), "a day ago"

    @pytest.mark.parametrize("before", [True, False])
    def test_says_nothing_of_who_is_recognised_that_day(
        self, api: Api, site: Site, kiosk: FlaskClient, clock: Clock, jane: str, before: bool
    ) -> None:
        """Others typed her ID."""
        site.register(jane, 2)
        if before:
            assert Site(kiosk, clock).check_in(2).status_code == 201
        for _ in range(3):
            own_attendance(kiosk, clock, 5, "1002")
        if not before:
            assert "often_refused" in reasons(api("GET", PATH).get_json(), jane)
            assert Site(kiosk, clock).check_in(2).status_code == 201
        assert reasons(api("GET", PATH).get_json(), jane) == ["one_template"]
        assert [weak["refused"] for weak in api("GET", PATH).get_json()["weak"]] == [0]

    def test_a_check_in_that_was_not_hers_does_not_say_so(
        self, api: Api, site: Site, kiosk: FlaskClient, clock: Clock, jane: str
    ) -> None:
        site.register(jane, 2)
        record = Site(kiosk, clock).check_in(2).get_json()["record"]
        kiosk.post(f"/api/v1/check-ins/{record['id']}/cancel", json={"reason": "not_me"})
        for _ in range(2):
            own_attendance(kiosk, clock, 5, "1002")
        assert "often_refused" in reasons(api("GET", PATH).get_json(), jane)

    def test_or_who_is_not_registered(self, api: Api, kiosk: FlaskClient, clock: Clock, jane: str) -> None:
        for _ in range(2):
            own_attendance(kiosk, clock, 5, "1002")
        assert api("GET", PATH).get_json()["weak"] == []


class TestWhoTypesAnIdAfterTheFace:
    """The face is one of two twins', so that the kiosk asks for the ID."""

    @pytest.fixture
    def twins(self, api: Api, site: Site) -> tuple[str, str]:
        one, other = site.enrolled("40", "One Twin", who=40), site.add("41", "Other Twin")
        site.register(other, 41, confirm_other=1)
        api("DELETE", f"/students/{one}/alike/{other}")
        return one, other

    def refused(self, kiosk: FlaskClient, clock: Clock, student_id: str) -> None:
        """Face and ID, sent twice."""
        check_in = {"challenge": Site(kiosk, clock).passed(40)["id"]}
        problem(kiosk.post("/api/v1/check-ins", json=check_in), 422, "ambiguous_face")
        for _ in range(2):
            problem(kiosk.post("/api/v1/check-ins", json={**check_in, "student_id": student_id}), 422, "not_recognised")

    @pytest.mark.usefixtures("twins")
    def test_somebody_elses_says_nothing_of_theirs(
        self, api: Api, site: Site, kiosk: FlaskClient, clock: Clock, jane: str
    ) -> None:
        site.register(jane, 2)
        for _ in range(3):
            self.refused(kiosk, clock, "1002")
        assert reasons(api("GET", PATH).get_json(), jane) == ["one_template"]
        names = [refusal["student"]["name"] for refusal in api("GET", "/refusals").get_json()["refusals"]]
        assert names == ["Jane Smith"] * 3, "the list still says which ID was typed"

    def test_one_that_the_face_could_be(
        self, api: Api, kiosk: FlaskClient, clock: Clock, twins: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Near enough to be asked for, and not near enough alone."""
        monkeypatch.setattr(identity_check, "verify", lambda *_: False)
        for times in (1, 2):
            self.refused(kiosk, clock, "41")
            assert ("often_refused" in reasons(api("GET", PATH).get_json(), twins[1])) is (times == 2), "one each"
        assert "often_refused" not in reasons(api("GET", PATH).get_json(), twins[0])
