"""Every call refuses query parameters and fields that it doesn't know, and names them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from secure_attend.access.state import ROLES
from secure_attend.settings import Settings
from secure_attend.web.http.access_rules import Rule, rules
from tests.conftest import logged_in
from tests.support.fakes import Clock
from tests.support.web.two_courses import Call, TwoCourses

UNKNOWN = "unheard_of"
JSON = "application/json"


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Students may register themselves. Power cuts are other tests' business."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    return replace(settings, self_registration=True)


@pytest.fixture
def courses(app: Flask, clock: Clock) -> TwoCourses:
    return TwoCourses(app, clock)


@pytest.fixture
def everybody(courses: TwoCourses) -> str:
    """The authorization of somebody who may call everything, also what students call who have proved who they are."""
    for endpoint, rule in rules(courses.app).items():
        if rule is Rule.STUDENT:
            rules(courses.app)[endpoint] = Rule.PUBLIC
    client = logged_in(courses.app, "Root", roles=ROLES)
    return str(client.environ_base["HTTP_AUTHORIZATION"])


def unnamed(courses: TwoCourses, everybody: str, with_unknown: Callable[[Call], Call]) -> list[str]:
    """Return the calls with something unknown whose answer is no refusal that names it."""
    found = []
    for call in map(with_unknown, courses.calls()):
        if not call.address.startswith("/api/"):
            continue
        answer = courses.app.test_client().open(
            call.address,
            method=call.method,
            query_string=call.query,
            data=call.body,
            content_type=call.kind,
            headers={"Authorization": everybody},
            buffered=True,
        )
        problem = answer.get_json(force=True, silent=True) if 400 <= answer.status_code < 500 else {}
        if UNKNOWN not in [fault["field"] for fault in problem.get("errors", [])]:
            found.append(f"{call.method} {call.address} {call.query}: {answer.status} {answer.text[:200]}")
    return found


def test_an_unknown_query_parameter_is_named_by_every_call(courses: TwoCourses, everybody: str) -> None:
    def with_unknown(call: Call) -> Call:
        return replace(call, query={**call.query, UNKNOWN: "1"})

    before = courses.state_of_b()
    assert unnamed(courses, everybody, with_unknown) == []
    assert courses.state_of_b() == before


def test_an_unknown_field_is_named_by_every_call(courses: TwoCourses, everybody: str) -> None:
    """Calls without a body are sent one. What is sent as a file has no fields."""

    def with_unknown(call: Call) -> Call:
        if call.kind not in (None, JSON):
            return replace(call, query={UNKNOWN: "1"})
        return replace(call, body=json.dumps({**json.loads(call.body or b"{}"), UNKNOWN: 1}).encode(), kind=JSON)

    before = courses.state_of_b()
    assert unnamed(courses, everybody, with_unknown) == []
    assert courses.state_of_b() == before


def test_a_day_is_not_dropped_from_a_check_in_by_hand(courses: TwoCourses) -> None:
    before = courses.state_of_b()
    address = f"/api/v1/students/{courses.bob}/check-ins"
    answer = courses.client("Regine").post(address, json={"date": "2026-11-27"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "date"
    assert courses.state_of_b() == before
    assert courses.client("Regine").post(address, json={}).status_code in (200, 201)


def test_a_body_that_is_not_taken_is_refused_whatever_it_is(courses: TwoCourses) -> None:
    address, client = f"/api/v1/students/{courses.bob}/check-ins", courses.client("Regine")
    before = courses.state_of_b()
    assert client.post(address, data=b"date=1", content_type="text/plain").status_code == 415
    assert client.post(address, data=b"{", content_type=JSON).status_code == 400
    assert client.post(address, data=b" " * 100_000, content_type=JSON).status_code == 413
    assert courses.state_of_b() == before
