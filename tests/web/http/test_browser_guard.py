"""Hosts, origins, CORS, and the headers that every answer bears."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.web.http.browser_guard import host_name
from tests.conftest import logged_in
from tests.support.web.litany import problem

ClientWith = Callable[..., FlaskClient]
HEALTH = "/api/v1/health"
STUDENTS = "/api/v1/students"
NEW = {"student_id": "1", "name": "Ann"}


@pytest.fixture
def client_with(settings: Settings, store: JsonStore) -> ClientWith:
    """A client of the application under changed settings."""

    def make(**changed: Any) -> FlaskClient:
        return logged_in(create_app(replace(settings, **changed), store=store))

    return make


class TestHost:
    @pytest.mark.parametrize("host", ["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "LOCALHOST."])
    def test_loopback_names_are_its_own(self, client: FlaskClient, host: str) -> None:
        assert client.get(HEALTH, headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "192.0.2.7", "", "a:b:c", "[::1", "@"])
    def test_other_names_are_not(self, client: FlaskClient, host: str) -> None:
        response = client.get(HEALTH, headers={"Host": host})
        assert response.status_code == 400
        assert response.content_type == "application/problem+json"

    @pytest.mark.parametrize(("host", "name"), [("a:b:c", "a"), ("[::1", ""), ("[::1]:80", "::1"), ("", "")])
    def test_crippled_names_are_no_names(self, host: str, name: str) -> None:
        assert host_name(host) == name

    def test_the_name_it_is_bound_to(self, client_with: ClientWith) -> None:
        client = client_with(host="attend.lan")
        assert client.get(HEALTH, headers={"Host": "attend.lan:5000"}).status_code == 200

    def test_names_in_the_settings(self, client_with: ClientWith) -> None:
        client = client_with(allowed_hosts=("Attend.School.org",))
        assert client.get(HEALTH, headers={"Host": "attend.school.org"}).status_code == 200

    @pytest.mark.parametrize("bound", ["0.0.0.0", "::"])
    def test_bound_to_all_it_answers_to_its_own_names_alone(self, client_with: ClientWith, bound: str) -> None:
        client = client_with(host=bound)
        own = socket.gethostname()
        for host, status in (
            (own, 200),
            (f"{own.partition('.')[0]}.local", 200),
            ("127.0.0.2:5000", 200),
            ("192.0.2.7", 400),
            ("224.0.0.1", 400),
            ("evil.example", 400),
        ):
            assert client.get(HEALTH, headers={"Host": host}).status_code == status, host


class TestOrigin:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "http://localhost"},
            {"Origin": "HTTP://LOCALHOST"},
            {"Origin": "https://localhost"},
            {"Sec-Fetch-Site": "same-origin"},
            {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
        ],
    )
    def test_own_pages_and_programs_may_write(self, client: FlaskClient, headers: dict[str, str]) -> None:
        assert client.post(STUDENTS, json=NEW, headers=headers).status_code == 201

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "http://evil.example"},
            {"Origin": "http://localhost:8080"},
            {"Origin": "http://localhost.evil.example"},
            {"Origin": "http://evil.example/?localhost"},
            {"Origin": "null"},
            {"Origin": "http://[::1"},
            {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_others_may_not(self, client: FlaskClient, headers: dict[str, str]) -> None:
        problem(client.post(STUDENTS, json=NEW, headers=headers), 403, "wrong_origin")

    def test_reading_needs_no_origin_and_gives_none_away(self, client: FlaskClient) -> None:
        response = client.get(HEALTH, headers={"Origin": "http://evil.example"})
        assert response.status_code == 200
        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]

    def test_origins_in_the_settings_may(self, client_with: ClientWith) -> None:
        client = client_with(cors_origins=("https://pages.school.org",))
        listed = {"Origin": "https://pages.school.org", "Sec-Fetch-Site": "cross-site"}
        response = client.post(STUDENTS, json=NEW, headers=listed)
        assert response.status_code == 201
        assert response.headers["Access-Control-Allow-Origin"] == "https://pages.school.org"
        assert "ETag" in response.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in response.headers
        foreign = client.post(STUDENTS, json=NEW, headers={"Origin": "https://evil.example"})
        problem(foreign, 403, "wrong_origin")
        assert "Access-Control-Allow-Origin" not in foreign.headers

    def test_preflight(self, client_with: ClientWith) -> None:
        client = client_with(cors_origins=("https://pages.school.org",))
        ask = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "content-type"}
        response = client.options(f"{STUDENTS}/x", headers={**ask, "Origin": "https://pages.school.org"})
        assert response.headers["Access-Control-Allow-Origin"] == "https://pages.school.org"
        assert "PATCH" in response.headers["Access-Control-Allow-Methods"]
        assert "content-type" in response.headers["Access-Control-Allow-Headers"].lower()
        foreign = client.options(f"{STUDENTS}/x", headers={**ask, "Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in foreign.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [("/student", 200), ("/", 302), ("/docs", 200), (HEALTH, 200), ("/nowhere", 404), (f"{STUDENTS}/x", 404)],
)
def test_every_answer_tells_browsers_to_be_strict(client: FlaskClient, path: str, status: int) -> None:
    response = client.get(path, buffered=True)
    assert response.status_code == status
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["Permissions-Policy"].startswith("camera=(self)")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Set-Cookie" not in response.headers
    assert (response.headers.get("Cache-Control") == "no-store") == path.startswith("/api/")


def test_browsers_are_held_to_https_only_by_setting(client: FlaskClient, client_with: ClientWith) -> None:
    for path in ("/student", HEALTH, "/nowhere"):
        assert "Strict-Transport-Security" not in client.get(path, buffered=True).headers
        told = client_with(hsts=True).get(path, buffered=True).headers["Strict-Transport-Security"]
        assert told == "max-age=15724800"
