"""The OpenAPI document and the page made of it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from apiflask import APIFlask
from flask import Flask, Response, request
from flask.testing import FlaskClient

from tests.conftest import documented
from tests.support.web.litany import Api, refuses_other_methods


@pytest.fixture
def spec(api: Api) -> Any:
    """The document as a program gets it."""
    response = api("GET", "/openapi.json")
    assert response.content_type == "application/json"
    return response.get_json()


def operations(spec: Any) -> list[tuple[str, str, Any]]:
    return [
        (path, method, operation) for path, methods in spec["paths"].items() for method, operation in methods.items()
    ]


def test_every_route_is_described(app: Flask, spec: Any) -> None:
    described = {(method.upper(), path) for path, method, _ in operations(spec)}
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    assert described == routes


def test_every_call_says_what_it_is_for(spec: Any) -> None:
    for path, method, operation in operations(spec):
        assert operation["summary"], (method, path)
        assert operation["tags"], (method, path)
        for status, answer in operation["responses"].items():
            assert answer["description"], (method, path, status)
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"]
        if method in ("post", "patch") and "requestBody" not in operation:
            assert path.endswith(
                (
                    "/check-ins",
                    "/logout",
                    "/pairings",
                    "/kiosks/here",
                    "/code",
                    "/end",
                    "/rotations",
                    "/more-time",
                    "/registrar",
                    "/corrections/undo",
                )
            ), path


def test_every_reference_leads_somewhere(spec: Any) -> None:
    text = str(spec)
    for name in set(re.findall(r"#/components/schemas/([\w.]+)", text)):
        assert name in spec["components"]["schemas"]
        assert "." not in name


def test_raw_bodies_are_described(spec: Any) -> None:
    paths = spec["paths"]
    assert set(paths["/api/v1/challenges/{challenge_id}/frames"]["post"]["requestBody"]["content"]) == {"image/jpeg"}
    assert "text/csv" in paths["/api/v1/roster"]["post"]["requestBody"]["content"]
    assert "application/json" in paths["/api/v1/students/{key}/faces"]["post"]["requestBody"]["content"]
    assert "x-body" not in str(spec)


def test_what_is_not_described_would_be_noticed(app: APIFlask) -> None:
    with app.test_request_context("/api/v1/health"):
        app.preprocess_request()
        assert request.url_rule is not None
        assert documented(app, Response("{}", content_type="application/json"))
        assert not documented(app, Response("{}", status=418, content_type="application/json"))
        assert not documented(app, Response("x", content_type="text/plain"))


class Page(HTMLParser):
    """What the page consists of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_the_page_needs_nothing_from_elsewhere(client: FlaskClient, spec: Any) -> None:
    response = client.get("/docs")
    assert response.status_code == 200
    page = Page()
    page.feed(response.text)
    assert not {"script", "style", "iframe", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name == "style" or name.startswith("on")]
    assert not [value for name, value in page.attributes if name in ("href", "src") and value[:1] not in ("/", "#")]
    ids = {value for name, value in page.attributes if name == "id"}
    assert {value[1:] for name, value in page.attributes if name == "href" and value.startswith("#")} <= ids
    assert "`" not in response.text
    for path, method, operation in operations(spec):
        assert f"{method.upper()} {path}" in response.text
        assert operation["summary"].replace("'", "&#39;") in response.text


def test_litany(api: Api) -> None:
    refuses_other_methods(api, "/openapi.json", "GET")
