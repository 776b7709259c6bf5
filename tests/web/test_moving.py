"""Moving to other models without photos: found by the old, learned by the new, the old dropped in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from numpy.typing import NDArray

from secure_attend import create_app
from secure_attend.attendance.moving import models_left
from secure_attend.attendance.services import Services
from secure_attend.attendance.whose import decided
from secure_attend.config import Settings
from secure_attend.faces.engine import Face
from secure_attend.faces.gallery import Identified
from secure_attend.frames import Frame
from secure_attend.storage.opening import open_store
from secure_attend.storage.store import Store, Student
from tests.conftest import NOTE, Site, logged_in
from tests.fakes import PROFILE, Clock, DrawnFaces, Scene, embedding
from tests.web.litany import problem

OLD, NEW = PROFILE.name, "newer"
LONGER = 48


class NewerFaces(DrawnFaces):
    """Other models, whose embeddings are longer: comparing one with an old one cannot go unnoticed."""

    def __init__(self) -> None:
        super().__init__()
        self.profile = replace(PROFILE, name=NEW, dimension=LONGER)

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """As the old models', turned about."""
        scene = Scene.read(frame)
        return np.concatenate([np.zeros(LONGER - PROFILE.dimension, np.float32), embedding(scene.who, scene.noise)])


@pytest.fixture(params=["files", "sqlite"])
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """A site in files, and one in a database."""
    settings.data.mkdir(exist_ok=True)
    url = f"sqlite:///{settings.data / 'site.db'}" if request.param == "sqlite" else None
    return replace(settings, database_url=url, keep_old_days=30, liveness="quick")


@pytest.fixture
def store(settings: Settings, clock: Clock) -> Iterator[Store]:
    """The real store."""
    opened = open_store(settings, clock)
    yield opened
    opened.close()


@pytest.fixture
def before(settings: Settings, store: Store, clock: Clock) -> Site:
    """The site as it was, with the old models."""
    return Site(logged_in(create_app(settings, faces=DrawnFaces(), store=store, clock=clock, profile_note=NOTE)), clock)


@pytest.fixture
def ann(before: Site) -> str:
    """Registered by the old models; her key."""
    return before.enrolled("1", "Ann Lee", 1)


@pytest.fixture
def app(settings: Settings, store: Store, clock: Clock, ann: str) -> Flask:
    """The site while it moves."""
    return create_app(settings, faces=NewerFaces(), old_faces=DrawnFaces(), store=store, clock=clock, profile_note=NOTE)


def profiles_of(store: Store, key: str) -> list[str]:
    return sorted({template.profile for template in known(store, key).templates})


def known(store: Store, key: str) -> Student:
    student = store.student(key)
    assert student is not None
    return student


def moving(client: FlaskClient) -> Any:
    return client.get("/api/v1/health").get_json()["profile"]["moving"]


def test_a_check_in_by_the_old_models_makes_the_new_template(
    site: Site, client: FlaskClient, store: Store, ann: str
) -> None:
    assert client.get(f"/api/v1/students/{ann}").get_json()["registered"] is True
    assert moving(client) == {"before": OLD, "now": NEW, "moved": 0, "keeping": 0, "waiting": 1}
    assert models_left(store, NEW) == OLD
    answer = site.check_in(1)
    assert (answer.status_code, answer.get_json()["student"]["name"]) == (201, "Ann Lee")
    assert profiles_of(store, ann) == [OLD, NEW]
    made = [template for template in known(store, ann).templates if template.profile == NEW]
    assert {template.source for template in made} == {"check_in"}
    assert len(made) >= 2
    assert all(template.quality == 1.0 for template in made)
    assert moving(client) == {"before": OLD, "now": NEW, "moved": 1, "keeping": 1, "waiting": 0}
    assert [record.profile for record in store.records()] == [OLD]


def test_who_has_moved_is_found_by_either(site: Site, clock: Clock, store: Store, ann: str) -> None:
    site.check_in(1)
    store.replace_faces(ann, OLD, [])
    clock.tick(hours=1)
    assert site.check_in(1).status_code == 201
    assert [record.profile for record in store.records()] == [OLD, NEW]


def test_look_alikes_move_by_their_codes(before: Site, site: Site, store: Store) -> None:
    """The code says who it is, so the new models learn a face that is near another's."""
    keys = [before.enrolled("3", "One Twin", 40), before.add("4", "Other Twin")]
    assert before.register(keys[1], 41, confirm_other=1).status_code == 201
    for who, student_id, key in zip((40, 41), "34", keys, strict=True):
        code = site.client.post(f"/api/v1/students/{key}/code").get_json()["code"]
        redeem = {"challenge": site.passed(who)["id"]}
        problem(site.client.post("/api/v1/check-ins", json=redeem), 422, "code_needed")
        claim = {**redeem, "student_id": student_id, "code": code}
        assert site.client.post("/api/v1/check-ins", json=claim).status_code == 201
        assert profiles_of(store, key) == [OLD, NEW]


def test_a_stranger_is_nobody_to_either(site: Site, store: Store, ann: str) -> None:
    problem(site.check_in(9), 422, "not_recognised")
    assert profiles_of(store, ann) == [OLD]


def test_two_models_that_name_different_people_ask_for_the_id(site: Site, clock: Clock, store: Store, ann: str) -> None:
    """Bo is registered by the new models alone, with what is Ann's face to the old."""
    answer = site.enrolled("2", "Bo Lee", 1)
    problem(site.check_in(1), 422, "ambiguous_face")
    assert profiles_of(store, ann) == [OLD], "nothing is learned of a face that is near another's"
    assert profiles_of(store, answer) == [NEW]


def test_without_a_recorded_consent_nothing_is_learned(site: Site, client: FlaskClient, store: Store, ann: str) -> None:
    """Faces from before consent was recorded are still compared for a while, and no new ones are made of them."""
    store.write_students([replace(known(store, ann), consent=None)])
    assert site.check_in(1).status_code == 201
    assert profiles_of(store, ann) == [OLD]


def test_a_cancelled_check_in_is_unlearned(site: Site, client: FlaskClient, store: Store, ann: str) -> None:
    record = site.check_in(1).get_json()["record"]["id"]
    assert profiles_of(store, ann) == [OLD, NEW]
    assert client.post(f"/api/v1/check-ins/{record}/cancel", json={"reason": "not_me"}).status_code == 201
    assert profiles_of(store, ann) == [OLD]


def test_the_old_is_dropped_in_time_and_the_move_ends(
    site: Site, services: Services, clock: Clock, store: Store, ann: str
) -> None:
    site.check_in(1)
    clock.tick(hours=24 * 30 - 1)
    services.moving.drop_due()
    assert profiles_of(store, ann) == [OLD, NEW]
    assert store.profile() == OLD
    clock.tick(hours=1)
    services.moving.drop_due()
    assert profiles_of(store, ann) == [NEW]
    assert store.profile() == NEW
    assert models_left(store, NEW) is None
    assert site.check_in(1).status_code == 201


def test_poor_pictures_are_not_learned(site: Site, services: Services, store: Store, ann: str) -> None:
    challenge = site.passed(1)
    session = services.challenges._sessions[challenge["id"]]
    session.evidence.scores[:] = [0.1] * len(session.evidence.scores)
    assert site.client.post("/api/v1/check-ins", json={"challenge": challenge["id"]}).status_code == 201
    assert profiles_of(store, ann) == [OLD]


def test_nothing_is_ever_compared_across_models(services: Services, ann: str) -> None:
    """Whoever tries is refused: by name, also where the lengths agree."""
    new, old = services.recognition, services.recognition.old
    assert old is not None
    assert ann in old.gallery
    assert ann not in new.gallery
    shown = embedding(1)[None]
    for profile in (NEW, "as long as the old, and of others"):
        for act in (old.gallery.decide, old.gallery.nearest):
            with pytest.raises(ValueError, match=f"embeddings of {profile} cannot be compared with those of {OLD}"):
                act(shown, made_by=profile)
    with pytest.raises(ValueError, match="embeddings"):
        new.gallery.decide(shown, made_by=NEW)
    with pytest.raises(ValueError, match="cannot be compared"):
        old.gallery.verify(shown, ann, made_by=NEW)
    with pytest.raises(ValueError, match="cannot be compared"):
        new.gallery.replace(ann, shown, made_by=OLD)


def test_a_session_seen_by_other_models_is_refused(site: Site, services: Services, ann: str) -> None:
    """As if a session had outlived a change of the models, whose embeddings happen to be as long."""
    session = services.challenges._sessions[site.passed(1)["id"]]
    assert decided(services.recognition, session.evidence) == Identified(ann)
    session.evidence.made_by_before = NEW
    with pytest.raises(ValueError, match=f"embeddings of {NEW} cannot be compared with those of {OLD}"):
        decided(services.recognition, session.evidence)


def test_each_search_has_half_of_the_target(services: Services, settings: Settings) -> None:
    found = services.recognition
    assert found.old is not None
    assert found.gallery.operating_point.target == settings.false_accept_target / 2
    assert found.old.gallery.operating_point.target == settings.false_accept_target / 2


def test_what_is_told_is_of_both_searches(client: FlaskClient, settings: Settings, ann: str) -> None:
    told = client.get("/api/v1/health").get_json()["profile"]["accuracy"]
    assert told["target"] == settings.false_accept_target


def test_nobody_moves_without_being_asked_to(client: FlaskClient, before: Site, ann: str) -> None:
    assert before.client.get("/api/v1/health").get_json()["profile"]["moving"] is None
