"""The site key exchanged while the server runs: ten thousand faces, and no check-in that fails meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import pytest
from flask import Flask

from secure_attend import create_app
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.keys.key_file import KeyFile
from secure_attend.storage.keys.vault import Vault
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from secure_attend.storage.sealed_students import SealedStudent
from secure_attend.storage.sql import students_table
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.tools.verify import verify_place
from secure_attend.storage.values import Student, Template
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import Site, logged_in, paired
from tests.support.fakes import PROFILE, Clock, DrawnFaces, embedding
from tests.support.postgres import NewDatabase
from tests.support.web.litany import Api, problem

PEOPLE, FACES = 2_000, 5


@pytest.fixture(params=["files", "sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, settings: Settings, new_database: NewDatabase) -> Settings:
    """A site in files or in a database."""
    settings.data.mkdir()
    if request.param == "files":
        return settings
    return replace(settings, database_url=new_database(request.param, settings.data))


def fill(store: Store, clock: Callable[[], datetime]) -> None:
    """Two thousand people with five faces each, sealed with the site key, written at once."""
    vault: Vault = cast("Any", store)._vault
    kept = {}
    for number in range(PEOPLE):
        key = f"key-{number}"
        templates = tuple(Template(f"t{number}-{face}", PROFILE.name, "camera", clock()) for face in range(FACES))
        one = embedding(10_000 + number)
        sealed = tuple(vault.seal(one, student_key=key, profile=PROFILE.name) for _ in templates)
        student = Student(key, f"s{number}", f"Student {number}", templates=templates)
        kept[key] = SealedStudent(student, sealed, mac=store.seal.student(student))
    if isinstance(store, JsonStore):
        store._write_roster(replace(store._roster, profile=PROFILE.name, students=kept))
        return
    assert isinstance(store, SqlStore)
    with store.database.writing() as writing:
        version = writing.change().version
        students_table.put(writing.connection, version, store.prepare_students([one.student for one in kept.values()]))
        faces = ((key, zip(one.student.templates, one.sealed, strict=True)) for key, one in kept.items())
        students_table.add_faces(writing.connection, faces)
        writing.change().profile = PROFILE.name


@pytest.fixture
def full(place: Settings, clock: Clock) -> Iterator[Flask]:
    """The application with ten thousand faces; whoever checks in twice is recorded twice."""
    store = open_store(place, clock)
    fill(store, clock)
    yield create_app(replace(place, liveness="quick"), faces=DrawnFaces(), store=store, clock=clock)
    store.close()


def test_ten_thousand_faces_and_no_check_in_fails(full: Flask, place: Settings, clock: Clock) -> None:
    client = logged_in(full)
    site = Site(client, clock)
    for who in (1, 2):
        site.enrolled(f"100{who}", f"Person {who}", who)
    services: Services = SITE_PARTS.of(full).services
    over = threading.Event()
    answers: list[tuple[str, int]] = []

    def again_and_again(what: str, act: Callable[[], Any]) -> None:
        while True:
            answers.append((what, act().status_code))
            if over.is_set():
                return

    at_kiosk = Site(paired(full), clock)
    by_hand = logged_in(full, "Grace", "faculty")
    acts: dict[str, Callable[[], Any]] = {
        "face": lambda: at_kiosk.check_in(1),
        "hand": lambda: by_hand.post("/api/v1/students/key-7/check-ins", json={}),
        "enrol": lambda: Site(by_hand, clock).register(services.store.students()[-1].key, 2),
    }
    threads = [threading.Thread(target=again_and_again, args=item) for item in acts.items()]
    for thread in threads:
        thread.start()
    try:
        rotated = client.post("/api/v1/key/rotations")
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert rotated.status_code == 200, rotated.text
    assert rotated.get_json()["faces"] >= PEOPLE * FACES
    assert {status for _, status in answers} <= {200, 201}, answers
    assert {what for what, _ in answers} == set(acts)
    assert sum(1 for _ in services.store.embeddings(PROFILE.name)) >= PEOPLE * FACES
    ring = KeyFile(cast("Any", place.site_key_file)).read()
    assert ring is not None
    assert len(ring.seal) == 1
    services.store.close()
    again = open_store(place, clock)
    assert sum(1 for _ in again.embeddings(PROFILE.name)) >= PEOPLE * FACES
    again.close()
    good, words = verify_place(place.database_url or str(place.data), place.site_key_file)
    assert good, words


def test_it_is_for_admins_and_entered(app: Flask, api: Api, john: str) -> None:
    problem(logged_in(app, "Grace", "faculty").post("/api/v1/key/rotations"), 403, "not_allowed")
    problem(paired(app).post("/api/v1/key/rotations"), 403, "not_allowed")
    assert api("POST", "/key/rotations").get_json() == {"faces": 1}
    newest = api("GET", "/audit?action=rotate_key").get_json()["entries"][0]
    assert (newest["state"], newest["facts"]) == ("done", {"sealed": 1})


def test_while_another_does_it_is_refused(app: Flask, api: Api, settings: Settings, john: str) -> None:
    with KeyFile(cast("Any", settings.site_key_file)).rotating():
        problem(api("POST", "/key/rotations"), 409, "key_rotating")


def test_a_key_file_that_is_away_is_said(app: Flask, api: Api, settings: Settings, john: str) -> None:
    cast("Any", settings.site_key_file).unlink()
    problem(api("POST", "/key/rotations"), 503, "site_key_missing")
