"""A test gets its own app, store and clock; nothing is shared, nothing outside the test's directory is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from apiflask import APIFlask
from flask import Flask, Response, request
from flask.testing import FlaskClient

from secure_attend import ProfileNote, create_app
from secure_attend.attendance.services import Services
from secure_attend.config import Settings
from secure_attend.storage.json_files import JsonStore
from secure_attend.web.openapi import document
from tests.fakes import Clock, DrawnFaces, Person, Scene
from tests.postgres import Postgres, missing

NOTE = ProfileNote(reason="Chosen for the tests.", advice="Nothing to do.")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL of the tests' own."""
    if missing():
        pytest.skip(
            f"PostgreSQL's {' and '.join(missing())} not found: apt-get install postgresql, and put them on PATH"
        )
    server = Postgres()
    yield server
    server.close()


@pytest.fixture
def clock() -> Clock:
    """Half past eight on a Monday morning, UTC: half past nine in Berlin."""
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site in Berlin whose every file lies in the test's directory."""
    berlin = ZoneInfo("Europe/Berlin")
    return Settings(data=tmp_path / "data", site_key_file=tmp_path / "site.key", time_zone=berlin, site_name="Test")


@pytest.fixture
def store(settings: Settings, clock: Clock) -> Iterator[JsonStore]:
    """The real store, empty."""
    settings.data.mkdir()
    opened = JsonStore.open(settings.data, site_key_file=settings.site_key_file, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def engine() -> DrawnFaces:
    """Reads drawn frames."""
    return DrawnFaces()


@pytest.fixture
def app(settings: Settings, store: JsonStore, engine: DrawnFaces, clock: Clock) -> Iterator[Flask]:
    """The whole application. Fails the test if it answered with a status or media type that OpenAPI does not name."""
    made = create_app(settings, faces=engine, store=store, clock=clock, profile_note=NOTE)
    undocumented: list[str] = []

    @made.after_request
    def note(response: Response) -> Response:
        if not documented(cast("APIFlask", made), response):
            undocumented.append(f"{request.method} {request.url_rule}: {response.status} {response.mimetype}")
        return response

    yield made
    assert undocumented == []


def documented(app: APIFlask, response: Response) -> bool:
    """Whether OpenAPI names this answer; answers of no route of the interface are not its business."""
    rule = str(request.url_rule or "")
    if not rule.startswith("/api/") or request.method in ("OPTIONS", "HEAD"):
        return True
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)
    answer = _openapi(app)["paths"][path][request.method.lower()]["responses"].get(str(response.status_code))
    return answer is not None and (response.status_code == 304 or response.mimetype in answer["content"])


_documents: dict[str, Any] = {}


def _openapi(app: APIFlask) -> Any:
    """The document; it is the same for every app, so it is made once."""
    if not _documents:
        _documents.update(document(app))
    return _documents


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Calls it as a program does."""
    return app.test_client()


@pytest.fixture
def services(app: Flask) -> Services:
    """What the application's views call."""
    found: Services = app.extensions["secure_attend"]
    return found


class Site:
    """A site with people, for tests of what comes after the roster."""

    def __init__(self, client: FlaskClient, clock: Clock) -> None:
        self.client = client
        self.clock = clock

    def add(self, student_id: str, name: str) -> str:
        """A student on the list; returns the key."""
        response = self.client.post("/api/v1/students", json={"student_id": student_id, "name": name})
        assert response.status_code == 201, response.text
        key: str = response.get_json()["key"]
        return key

    def register(self, key: str, who: int, **query: object) -> Any:
        """Registers the face of `who` from a photo."""
        photo = Scene(who).png()
        address = f"/api/v1/students/{key}/faces"
        return self.client.post(address, data=photo, content_type="image/png", query_string=query)

    def enrolled(self, student_id: str, name: str, who: int) -> str:
        """A registered student; returns the key."""
        key = self.add(student_id, name)
        assert self.register(key, who).status_code == 201
        return key

    def open(self, purpose: str = "check_in", key: str | None = None) -> dict[str, Any]:
        """A new session."""
        body = {"purpose": purpose} | ({"student_key": key} if key else {})
        response = self.client.post("/api/v1/challenges", json=body)
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.get_json()
        return answer

    def passed(self, who: int, purpose: str = "check_in", key: str | None = None) -> dict[str, Any]:
        """A session that `who` has passed."""
        challenge = Person(self.client, self.clock, who).play(self.open(purpose, key))
        assert challenge["state"] == "passed", challenge
        return challenge

    def check_in(self, who: int) -> Any:
        """A whole check-in of `who`; returns the response to redeeming."""
        return self.client.post("/api/v1/check-ins", json={"challenge": self.passed(who)["id"]})


@pytest.fixture
def site(client: FlaskClient, clock: Clock) -> Site:
    """People and kiosk of the application."""
    return Site(client, clock)


@pytest.fixture
def john(site: Site) -> str:
    """John Doe, 1001, registered with face 1; his key."""
    return site.enrolled("1001", "John Doe", who=1)


@pytest.fixture
def jane(site: Site) -> str:
    """Jane Smith, 1002, not registered; her key."""
    return site.add("1002", "Jane Smith")


@pytest.fixture
def api(app: Flask) -> Callable[..., Any]:
    """`api("POST", "/history", json=...)`, with the prefix put before."""
    client = app.test_client()

    def call(method: str, path: str, **kwargs: Any) -> Any:
        return client.open(f"/api/v1{path}", method=method, buffered=True, **kwargs)

    return call
