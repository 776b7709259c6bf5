"""What browsers are told, on every route, every method and every kind of error."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from secure_attend.web.http.browser_guard import HEADERS
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import bearing, logged_in, paired
from tests.support.web.litany import EVERY_METHOD


def caller(app: Flask, role: str, number: int) -> FlaskClient:
    if role == "nobody":
        return bearing(app, "none")
    return logged_in(app) if role == "admin" else paired(app, f"Room {number}")


def asked(who: FlaskClient, method: str, address: str) -> TestResponse:
    return who.open(address, method=method, data=b"?", content_type="text/plain", buffered=True)


@pytest.mark.parametrize("role", ["nobody", "kiosk", "admin"])
def test_every_answer_bears_every_header(app: Flask, role: str) -> None:
    """Found or not, allowed or not, whatever the method; and nothing of the interface is kept by anybody."""
    rules = [re.sub(r"<[^>]+>", "nothing", rule.rule) for rule in app.url_map.iter_rules()]
    addresses = [*dict.fromkeys(rules), "/nowhere", "/api/v1/nowhere", "/static/nothing.js"]
    calls = [(method, address) for address in addresses for method in (*EVERY_METHOD, "OPTIONS", "HEAD")]
    statuses = set()
    who = caller(app, role, 0)
    for number, (method, address) in enumerate(calls, 1):
        response = asked(who, method, address)
        if response.status_code == 401 and role != "nobody":  # the call before logged out, or revoked
            who = caller(app, role, number)
            response = asked(who, method, address)
        statuses.add(response.status_code)
        wanted = dict(HEADERS)
        if address.endswith("here.svg") and response.status_code == 200:
            wanted["Cross-Origin-Resource-Policy"] = response.headers["Cross-Origin-Resource-Policy"]
        assert {name: response.headers.get(name) for name in wanted} == wanted, (method, address)
        if address.startswith("/api/"):
            assert response.headers["Cache-Control"] == "no-store", (method, address)
        names = {name for name, _ in response.headers}
        assert not {"Set-Cookie", "Strict-Transport-Security", "Access-Control-Allow-Origin"} & names
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert {200, 404, 405} <= statuses
    assert {"nobody": 401, "kiosk": 403, "admin": 415}[role] in statuses


def test_an_error_nobody_expected_bears_them_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    students = SITE_PARTS.of(app).services.students
    monkeypatch.setattr(type(students), "counts", lambda *_: 1 / 0)
    response = app.test_client().get("/api/v1/health")
    assert response.status_code == 500
    assert {name: response.headers[name] for name in HEADERS} == HEADERS
