"""Every error is a problem, and none tells more than it should."""

from __future__ import annotations

import io
import logging
import re
import tempfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug import formparser

from secure_attend import errors
from secure_attend.attendance.services import Services
from secure_attend.errors import DomainError, StorageFailed, StorageFull
from secure_attend.web.http.access_rules import Rule, rules
from secure_attend.web.http.problems import STATUS, BadRequest, from_domain
from tests.conftest import Site, as_student, logged_in
from tests.support.fakes import Scene
from tests.support.web.litany import EVERY_METHOD, Api, problem

HEALTH = "/api/v1/health"


def test_every_kind_of_error_has_a_status() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)}
    assert set(STATUS) == (kinds | {BadRequest}) - {DomainError, errors.StartRefused}


def test_every_route_answers_errors_as_problems(app: Flask) -> None:
    """All methods at all addresses, with nothing in them that fits."""
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<[^>]+>", "nothing", rule.rule)
        client = logged_in(app)  # again for each: one of the addresses logs out
        for method in EVERY_METHOD:
            response = client.open(address, method=method, data=b"?", content_type="text/plain", buffered=True)
            if response.status_code >= 400:
                problem_type = response.content_type
                assert problem_type == "application/problem+json", (method, address)
                assert response.get_json(force=True)["status"] == response.status_code < 500, (method, address)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/nothing", "/api", "/static/nothing.js", "/static/../app.py"])
def test_unknown_addresses(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.get_json(force=True)["code"] == "unknown_address"


def test_a_slash_too_many_is_no_address(client: FlaskClient) -> None:
    assert client.get("/api/v1/students/").status_code == 404


@pytest.mark.parametrize(
    "unexpected", [RuntimeError("the password is hunter2"), errors.StartRefused("x", "hunter2"), MemoryError("hunter2")]
)
def test_what_nobody_expected_is_logged_with_a_reference_and_not_told(
    unexpected: Exception,
    client: FlaskClient,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise unexpected

    monkeypatch.setattr(type(services.students), "counts", fail)
    with caplog.at_level(logging.ERROR):
        response = client.get(HEALTH)
    body = problem(response, 500, "unexpected")
    assert "hunter2" not in response.text
    assert body["reference"] in body["detail"]
    assert body["reference"] in caplog.text


@pytest.mark.parametrize(("kind", "status"), [(StorageFailed, 503), (StorageFull, 507)])
def test_a_store_that_cannot_write_asks_for_patience(
    api: Api, services: Services, monkeypatch: pytest.MonkeyPatch, kind: type[StorageFailed], status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise kind("not_written", "Nothing was saved: the disk reports an error.")

    monkeypatch.setattr(type(services.store), "write_students", fail)
    response = api("POST", "/students", json={"student_id": "1", "name": "Ann"})
    problem(response, status, "not_written")
    assert response.headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("path", "kind", "most"), [("/roster", "text/csv", 16_000_000), ("/history", "application/json", 64_000)]
)
def test_a_body_without_a_length_is_not_cut_off_at_the_limit(api: Api, path: str, kind: str, most: int) -> None:
    """Chunked, as a server hands it on: the end is known only when it comes."""
    for length, wanted in ((most, 422), (most + 1, 413), (most * 3, 413)):
        body = {"roster": b"student_id,name\n1,", "history": b'{"student_i":"'}[path[1:]]
        body = body + b"a" * (length - len(body) - 2) + {"roster": b"\n\n", "history": b'"}'}[path[1:]]
        chunked = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
        response = api("POST", path, input_stream=io.BytesIO(body), content_type=kind, environ_overrides=chunked)
        assert response.status_code == wanted, (length, response.text[:200])


def test_no_body_is_ever_spooled_to_a_file(app: Flask, site: Site, john: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what fits nor multipart reaches a temporary file, and multipart is not even parsed."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a body went to a file")

    for name in ("SpooledTemporaryFile", "TemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
        monkeypatch.setattr(formparser, name, refuse, raising=False)
    monkeypatch.setattr(formparser, "default_stream_factory", refuse)
    no_body = ("/check-ins", "/logout", "/pairings", "/code", "/key/rotations")
    for rule in app.url_map.iter_rules():
        client = logged_in(app)  # again for each: one of the addresses logs out
        if "POST" in (rule.methods or ()):
            address = re.sub(r"<[^>]+>", john, rule.rule)
            if rules(app)[rule.endpoint] is Rule.STUDENT:
                client = as_student(app, john)
            file = (io.BytesIO(Scene().jpeg() * 60), "face.jpg", "image/jpeg")
            response = client.post(address, data={"file": file}, content_type="multipart/form-data")
            assert response.status_code in (400, 404, 413, 415, 422) or address.endswith(no_body), address
    assert site.register(john, 1).status_code == 201


@pytest.mark.parametrize(
    ("sent", "words"),
    [("", "This field must not be empty."), ("15 characters..", "Use at least 16 characters.")],
)
def test_what_is_too_short_says_by_what(client: FlaskClient, sent: str, words: str) -> None:
    body = {"student_id": "1" if sent else "", "code": "1", "attempt": sent or "x" * 16}
    faults = client.post("/api/v1/check-ins", json=body).get_json()["errors"]
    assert [fault["message"] for fault in faults] == [words]


def test_the_variable_parts_of_a_detail_are_params(app: Flask) -> None:
    wait = errors.TooMany("too_many_tries", "Try again in 7 seconds.", params={"seconds": 7}, retry_after=7)
    with app.test_request_context():
        body = from_domain(wait).get_json(force=True)
        without = from_domain(errors.NotFound("unknown_student", "We don't know this ID.")).get_json(force=True)
    assert (body["code"], body["params"], body["retry_after"]) == ("too_many_tries", {"seconds": 7}, 7)
    assert "params" not in without
