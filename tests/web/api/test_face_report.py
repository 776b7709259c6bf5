"""GET /reports/faces"""

from __future__ import annotations

from typing import Any

import numpy as np

from secure_attend import create_app
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import Site, logged_in
from tests.support.fakes import Clock, Scene, embedding
from tests.support.web.litany import Api, problem, refuses_other_methods

PATH = "/reports/faces"
NONE = {"at_kiosk": 0, "by_hand": 0, "not_me": 0, "refused": 0}


def reasons(body: dict[str, Any], key: str) -> list[str]:
    return [reason for weak in body["weak"] if weak["student"]["key"] == key for reason in weak["reasons"]]


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
    assert "often_by_hand" in weak[jane]["reasons"]
    assert (weak[jane]["by_hand"], weak[jane]["at_kiosk"]) == (3, 0), "not of the day on which no face was recognised"
    assert "often_by_hand" not in weak[other]["reasons"]
    assert weak[other]["at_kiosk"] == 3
    clock.tick(hours=24 * 31)
    assert "often_by_hand" not in reasons(api("GET", PATH).get_json(), jane), "long ago"


def test_whose_name_others_are_often_greeted_by(api: Api, site: Site, clock: Clock, jane: str) -> None:
    site.register(jane, 2)
    for _ in range(2):
        clock.tick(hours=1)
        record = site.check_in(2).get_json()["record"]
        assert api("POST", f"/check-ins/{record['id']}/cancel", json={"reason": "not_me"}).status_code == 201
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
        services.refusals.add("kiosk:1", "not_recognised")
        services.refusals.add("kiosk:1", "not_recognised", student=jane)
        assert ("often_refused" in reasons(api("GET", PATH).get_json(), jane)) is (times == 2)
    assert [weak["refused"] for weak in api("GET", PATH).get_json()["weak"]] == [2]
    clock.tick(1)
    site.register(jane, 2)
    assert "often_refused" not in reasons(api("GET", PATH).get_json(), jane), "registered again since"
