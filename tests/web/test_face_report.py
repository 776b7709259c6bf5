"""GET /reports/faces"""

from __future__ import annotations

import numpy as np

from secure_attend import create_app
from secure_attend.attendance.services import Services
from secure_attend.config import Settings
from secure_attend.storage.json_files import JsonStore
from tests.conftest import Site, logged_in
from tests.fakes import Clock, embedding
from tests.web.litany import Api, problem, refuses_other_methods

PATH = "/reports/faces"


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
    assert body == {"weak": [{"student": student, "reason": "one_template"}], "alike": []}


def test_templates_that_disagree_and_people_alike(api: Api, site: Site, services: Services, john: str) -> None:
    one = site.enrolled("1", "One Twin", who=40)
    other = site.add("2", "Other Twin")
    assert site.register(other, 41, confirm_other=1).status_code == 201
    services.recognition.gallery.replace(john, np.stack([embedding(1), embedding(5)]))
    body = api("GET", PATH).get_json()
    assert {"templates_disagree"} == {weak["reason"] for weak in body["weak"] if weak["student"]["key"] == john}
    assert [{student["key"] for student in pair["students"]} for pair in body["alike"]] == [{one, other}]


def test_without_models_it_says_so(settings: Settings, store: JsonStore, clock: Clock) -> None:
    client = logged_in(create_app(settings, store=store, clock=clock))
    problem(client.get(f"/api/v1{PATH}"), 503, "models_not_ready")
