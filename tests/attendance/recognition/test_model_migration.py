"""Moving to other models without photos: found by the old, learned by the new, the old dropped in time."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from numpy.typing import NDArray

from secure_attend import create_app
from secure_attend.attendance.recognition.identification import identify, look_alikes
from secure_attend.attendance.recognition.look_alikes import look_alike_pairs
from secure_attend.attendance.recognition.model_migration import models_left
from secure_attend.attendance.recognition.new_templates import NewTemplates, ScoredEmbedding
from secure_attend.attendance.services import Services
from secure_attend.faces.engine import Face, FollowedFace
from secure_attend.faces.matching.decision import Identified
from secure_attend.frames import Frame
from secure_attend.settings import Settings
from secure_attend.storage.ports import Store
from secure_attend.storage.values import NewFace, PendingFaces, Student, pair_of
from tests.conftest import NOTE, Site, logged_in, paired
from tests.support.fakes import PROFILE, Clock, DrawnFaces, Person, Scene, embedding
from tests.support.web.litany import problem

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
        return newer(embedding(scene.who, scene.noise))


def newer(shown: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the newer models make of a face that is this to the old."""
    return np.concatenate([np.zeros(LONGER - PROFILE.dimension, np.float32), shown])


class Blind(DrawnFaces):
    """Old models that find nobody."""

    def find(self, frame: Frame, near: FollowedFace | None = None) -> tuple[Face, ...]:
        """Nobody."""
        return ()


@pytest.fixture(params=["files", "sqlite"])
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """A site in files, and one in a database."""
    url = f"sqlite:///{settings.data / 'site.db'}" if request.param == "sqlite" else None
    return replace(settings, database_url=url, keep_old_days=30, liveness="quick", self_registration=True)


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
    """Bo was registered by the new models alone, before the old were asked too, with what is Ann's face to the old."""
    bo = site.add("2", "Bo Lee")
    store.replace_faces(bo, NEW, [NewFace(newer(embedding(1)), NEW, "camera", clock())])
    problem(site.check_in(1), 422, "ambiguous_face")
    assert profiles_of(store, ann) == [OLD]


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
    services.model_migration.drop_due()
    assert profiles_of(store, ann) == [OLD, NEW]
    assert store.profile() == OLD
    clock.tick(hours=1)
    services.model_migration.drop_due()
    assert profiles_of(store, ann) == [NEW]
    assert store.profile() == NEW
    assert models_left(store, NEW) is None
    assert site.check_in(1).status_code == 201


def test_the_old_of_a_held_student_is_kept_until_the_hold_is_lifted(
    site: Site, services: Services, client: FlaskClient, clock: Clock, store: Store, ann: str
) -> None:
    site.check_in(1)
    hold = f"/api/v1/students/{ann}/hold"
    assert client.post(hold, json={"reason": "Appeal 2026-17"}).status_code == 201
    clock.tick(days=5)
    services.maintenance.run()
    for _ in range(4):
        clock.tick(days=10)
        services.maintenance.run()
    assert profiles_of(store, ann) == [OLD, NEW]
    assert client.delete(hold).status_code == 200
    services.maintenance.run()
    assert profiles_of(store, ann) == [NEW]


def test_poor_pictures_are_not_learned(site: Site, services: Services, store: Store, ann: str) -> None:
    challenge = site.passed(1)
    session = services.liveness_sessions._sessions[challenge["id"]]
    session.evidence.scores[:] = [0.1] * len(session.evidence.scores)
    assert site.client.post("/api/v1/check-ins", json={"challenge": challenge["id"]}).status_code == 201
    assert profiles_of(store, ann) == [OLD]


def test_nothing_is_ever_compared_across_models(services: Services, ann: str) -> None:
    """Whoever tries is refused: by name, also where the lengths agree."""
    new, old = services.galleries.current, services.galleries.previous
    assert old is not None
    assert ann in old
    assert ann not in new
    shown = embedding(1)[None]
    for profile in (NEW, "as long as the old, and of others"):
        for act in (old.identify, partial(old.near, reach=1.0)):
            with pytest.raises(ValueError, match=f"embeddings of {profile} cannot be compared with those of {OLD}"):
                act(shown, made_by=profile)
    with pytest.raises(ValueError, match="embeddings"):
        new.identify(shown, made_by=NEW)
    with pytest.raises(ValueError, match="cannot be compared"):
        old.verify(shown, ann, made_by=NEW)
    with pytest.raises(ValueError, match="cannot be compared"):
        new.replace(ann, shown, made_by=OLD)


def test_a_session_seen_by_other_models_is_refused(site: Site, services: Services, ann: str) -> None:
    """As if a session had outlived a change of the models, whose embeddings happen to be as long."""
    session = services.liveness_sessions._sessions[site.passed(1)["id"]]
    assert identify(services.galleries, session.evidence) == Identified(ann)
    session.evidence.made_by_before = NEW
    with pytest.raises(ValueError, match=f"embeddings of {NEW} cannot be compared with those of {OLD}"):
        identify(services.galleries, session.evidence)


def captured(site: Site, key: str, who: int, **more: object) -> Any:
    """Registers a student by a guided capture."""
    body = {"challenge": site.passed(who, "enrol", key)["id"], **more}
    return site.client.post(f"/api/v1/students/{key}/faces", json=body)


def requested(site: Site, app: Flask, student_id: str, who: int) -> None:
    """Registers at a kiosk, and leaves the rest to faculty."""
    kiosk = paired(app)
    begin = {"student_id": student_id, "version": kiosk.get("/api/v1/consents/text").get_json()["version"]}
    opened = kiosk.post("/api/v1/self-registrations", json=begin).get_json()
    challenge = Person(kiosk, site.clock, who).play(opened)["id"]
    assert kiosk.post("/api/v1/self-registrations/requests", json={"challenge": challenge}).status_code == 201


def accepted(site: Site, store: Store, key: str, **more: object) -> Any:
    held = known(store, key).held
    assert held is not None
    return site.client.post(f"/api/v1/students/{key}/self-registration", json={"id": held.id, **more})


@pytest.mark.parametrize("way", ["photo", "capture", "kiosk"])
def test_a_new_face_is_compared_with_those_who_wait(
    site: Site, app: Flask, before: Site, store: Store, way: str
) -> None:
    """One Twin is registered by the old models alone; the other comes while the site moves."""
    one, other = before.enrolled("3", "One Twin", 40), site.add("4", "Other Twin")
    if way == "kiosk":
        requested(site, app, "4", 41)
        answers = [accepted(site, store, other), accepted(site, store, other, confirm_other=True)]
    elif way == "photo":
        answers = [site.register(other, 41), site.register(other, 41, confirm_other=1)]
    else:
        answers = [captured(site, other, 41), captured(site, other, 41, confirm_other=True)]
    refused = problem(answers[0], 409, "face_of_another")
    assert refused["other"] == {"student_id": "3", "name": "One Twin"}
    assert answers[1].status_code == 201
    assert profiles_of(store, other) == [NEW], "the old models' embeddings never become templates"
    assert look_alike_pairs(store) == {pair_of(one, other)}
    for who, student_id, key in ((40, "3", one), (41, "4", other)):
        challenge = site.passed(who)["id"]
        code = site.client.post(f"/api/v1/students/{key}/code").get_json()["code"]
        problem(site.client.post("/api/v1/check-ins", json={"challenge": challenge}), 422, "code_needed")
        claim = {"challenge": challenge, "student_id": student_id, "code": code}
        assert site.client.post("/api/v1/check-ins", json=claim).status_code == 201
    assert profiles_of(store, one) == [OLD, NEW], "of two confirmed to look alike, the code has said who it is"
    assert site.register(other, 41).status_code == 201, "they were confirmed before"


def test_a_refused_face_leaves_nothing(site: Site, store: Store, ann: str) -> None:
    bo = site.add("2", "Bo Lee")
    version, bo_before = store.version, known(store, bo)
    problem(site.register(bo, 1), 409, "face_of_another")
    problem(captured(site, bo, 1), 409, "face_of_another")
    assert (store.version, known(store, bo), look_alike_pairs(store)) == (version, bo_before, frozenset())


def test_ones_own_old_face_is_no_other(site: Site, store: Store, ann: str) -> None:
    assert site.register(ann, 1).status_code == 201
    assert captured(site, ann, 1).status_code == 201
    assert look_alike_pairs(store) == frozenset()


def test_a_request_waits_sealed_for_both_models(
    site: Site, app: Flask, settings: Settings, store: Store, ann: str
) -> None:
    bo = site.add("2", "Bo Lee")
    requested(site, app, "2", 5)
    held = known(store, bo).held
    assert held is not None
    assert (held.profile, held.made_by) == (NEW, (NEW,) * 5 + (OLD,) * 5)
    files = [path.read_bytes() for path in settings.data.rglob("*") if path.is_file()]
    for profile, length in ((NEW, LONGER), (OLD, PROFILE.dimension)):
        opened = store.held_faces(bo, profile)
        assert [one.shape for one in opened] == [(length,)] * 5
        for raw in (one.tobytes() for one in opened):
            assert not any(raw in file or base64.b64encode(raw)[:-4] in file for file in files)
    assert (
        site.client.delete(f"/api/v1/students/{bo}/self-registration", query_string={"id": held.id}).status_code == 200
    )
    assert store.held_faces(bo) == []


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_a_request_is_compared_with_who_came_later(
    site: Site, app: Flask, store: Store, clock: Clock, ann: str, profile: str
) -> None:
    """By whichever models: an old face comes back when its consent is given anew."""
    bo, cy = site.add("2", "Bo Lee"), site.add("3", "Cy Lee")
    requested(site, app, "2", 5)
    shown = embedding(5) if profile == OLD else newer(embedding(5))
    store.replace_faces(cy, profile, [NewFace(shown, profile, "camera", clock())])
    assert problem(accepted(site, store, bo), 409, "face_of_another")["other"]["name"] == "Cy Lee"
    assert profiles_of(store, bo) == []


def test_a_request_from_before_the_move_is_asked_for_again(
    site: Site, store: Store, clock: Clock, services: Services, ann: str
) -> None:
    """Only the new models saw it, so nobody can say whether it is Ann's face."""
    bo = site.add("2", "Bo Lee")
    held = PendingFaces("h", "17", NEW, services.consents.text.version, "Room 101", clock())
    store.hold_faces(bo, held, [NewFace(newer(embedding(1)), NEW, "camera", clock())])
    problem(accepted(site, store, bo), 409, "other_models")
    store.replace_faces(ann, OLD, [])
    assert accepted(site, store, bo).status_code == 201, "nobody waits any more"


def test_what_the_old_models_do_not_see_is_not_registered(
    settings: Settings, store: Store, clock: Clock, ann: str
) -> None:
    application = create_app(
        settings, faces=NewerFaces(), old_faces=Blind(), store=store, clock=clock, profile_note=NOTE
    )
    site = Site(logged_in(application), clock)
    bo = site.add("2", "Bo Lee")
    problem(site.register(bo, 1), 422, "no_face")
    problem(captured(site, bo, 1), 422, "no_face")
    assert profiles_of(store, bo) == []
    store.replace_faces(ann, OLD, [])
    assert captured(site, bo, 1).status_code == 201, "nobody waits any more"


def test_looking_for_look_alikes_crosses_no_models(services: Services, ann: str) -> None:
    shown = embedding(1)
    now = [ScoredEmbedding(newer(shown), 1.0)]
    assert look_alikes(services.galleries, "", NewTemplates(now, NEW, [shown], OLD)) == [ann]
    assert look_alikes(services.galleries, "", NewTemplates(now, NEW)) == []
    with pytest.raises(ValueError, match=f"embeddings of {NEW} cannot be compared with those of {OLD}"):
        look_alikes(services.galleries, "", NewTemplates(now, NEW, [shown], NEW))
    with pytest.raises(ValueError, match=f"embeddings of {OLD} cannot be compared with those of {NEW}"):
        look_alikes(services.galleries, "", NewTemplates(now, OLD, [shown], OLD))


def test_nothing_is_learned_of_a_face_near_anothers_old_one(site: Site, clock: Clock, store: Store, ann: str) -> None:
    """Bo's is near enough to be taken for Ann's, and far enough for Ann to be found. Once they are known for two, the
    code says who it is."""
    bo = site.add("2", "Bo Lee")
    beside = embedding(1)
    beside[0] += 0.2
    store.replace_faces(bo, OLD, [NewFace(beside, OLD, "camera", clock())])
    assert site.check_in(1).get_json()["student"]["name"] == "Ann Lee"
    assert profiles_of(store, ann) == [OLD]
    store.replace_faces(bo, OLD, [])
    clock.tick(hours=1)
    assert site.check_in(1).status_code == 201
    assert profiles_of(store, ann) == [OLD, NEW], "nobody is near any more"


def test_the_report_tells_of_those_who_wait_too(before: Site, site: Site, ann: str) -> None:
    one, other = before.enrolled("3", "One Twin", 40), before.add("4", "Other Twin")
    assert before.register(other, 41, confirm_other=1).status_code == 201
    moved = site.enrolled("5", "Cy Lee", 7)
    told = site.client.get("/api/v1/reports/faces").get_json()
    assert {weak["student"]["key"]: weak["reasons"] for weak in told["weak"]} == {
        key: ["one_template"] for key in (ann, one, other, moved)
    }
    assert [{student["key"] for student in pair["students"]} for pair in told["alike"]] == [{one, other}]


def test_each_search_has_half_of_the_target(services: Services, settings: Settings) -> None:
    current, previous = services.galleries.current, services.galleries.previous
    assert previous is not None
    assert current.operating_point.target == settings.false_accept_target / 2
    assert previous.operating_point.target == settings.false_accept_target / 2


def test_what_is_told_is_of_both_searches(client: FlaskClient, settings: Settings, ann: str) -> None:
    told = client.get("/api/v1/health").get_json()["profile"]["accuracy"]
    assert told["target"] == settings.false_accept_target


def test_nobody_moves_without_being_asked_to(client: FlaskClient, before: Site, ann: str) -> None:
    assert before.client.get("/api/v1/health").get_json()["profile"]["moving"] is None
