"""PUT /recognition/limit"""

from __future__ import annotations

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.attendance.recognition.site_limit import site_limit
from secure_attend.attendance.services import Services
from secure_attend.faces.matching.operating_point import LEAST_PEOPLE, threshold
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import NewFace, Student
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import NOTE, logged_in
from tests.support.fakes import PROFILE, Clock, DrawnFaces
from tests.support.web.litany import Api, problem, refuses_other_methods, takes_json_only

PATH = "/recognition/limit"


@pytest.fixture
def many(store: JsonStore, clock: Clock) -> None:
    """So many people that they tell of themselves, less alike than the profile has it."""
    with store.transaction():
        store.write_students([Student(f"k{n}", f"s{n}", f"S {n}") for n in range(LEAST_PEOPLE)])
        for number, row in enumerate(np.random.default_rng(3).normal(size=(LEAST_PEOPLE, PROFILE.dimension))):
            unit = (row / np.linalg.norm(row)).astype(np.float32)
            store.replace_faces(f"k{number}", PROFILE.name, [NewFace(unit, PROFILE.name, "camera", clock())])


def point(services: Services) -> float:
    return services.galleries.current.operating_point.threshold


def test_an_admin_lets_the_site_loosen_it_and_takes_it_back(many: None, api: Api, services: Services) -> None:
    default = threshold(PROFILE, LEAST_PEOPLE)
    before = api("GET", "/health").get_json()["profile"]["accuracy"]
    assert (before["looser"], before["loosened"], point(services)) == (True, False, default)
    answer = api("PUT", PATH, json={"by": "site"})
    assert answer.status_code == 200
    assert answer.get_json()["loosened"] is True
    assert "an admin lets them set the limit" in answer.get_json()["how"]
    assert default < point(services) <= PROFILE.strangers.reach(0.001)
    assert answer.get_json()["estimate"] <= 0.0011, "the target stays"
    entry = next(one for one in api("GET", "/audit").get_json()["entries"] if one["action"] == "change_limit")
    assert (entry["state"], entry["facts"]) == ("done", {"by": "site"})
    assert api("PUT", PATH, json={"by": "models"}).get_json()["loosened"] is False
    assert point(services) == default


def test_it_outlives_the_process_and_is_of_its_models_alone(
    many: None, api: Api, settings: Settings, store: JsonStore, clock: Clock
) -> None:
    api("PUT", PATH, json={"by": "site"})
    again = create_app(settings, faces=DrawnFaces(), store=store, clock=clock, profile_note=NOTE)
    assert SITE_PARTS.of(again).services.galleries.current.operating_point.loosened
    other = create_app(settings, faces=DrawnFaces("other"), store=store, clock=clock, profile_note=NOTE)
    assert not SITE_PARTS.of(other).services.galleries.current.operating_point.loosened


def test_where_the_faces_allow_no_more_it_says_so(api: Api, services: Services, john: str) -> None:
    problem(api("PUT", PATH, json={"by": "site"}), 409, "nothing_to_loosen")
    assert site_limit(services.store.documents) is None
    assert api("PUT", PATH, json={"by": "models"}).status_code == 200


def test_it_is_an_admins_act(app: Flask, client: FlaskClient, kiosk: FlaskClient) -> None:
    for client in (logged_in(app, "Lee", "faculty"), kiosk):
        problem(client.put(f"/api/v1{PATH}", json={"by": "models"}), 403, "not_allowed")


def test_bad_input(api: Api) -> None:
    problem(api("PUT", PATH, json={"by": "me"}), 422, "invalid_input")
    takes_json_only(api, "PUT", PATH, {"by": "models"})
    refuses_other_methods(api, PATH, "PUT")
