"""A site that forgets whose records are: no term is longer than that, and what is forgotten counts for nobody."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from flask import Flask

from secure_attend.settings import Settings
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.support.fakes import Clock
from tests.support.web.litany import Api, problem
from tests.support.web.taught_course import COURSE, TaughtCourse, statuses

DAYS = 117
"""How long the course lasts."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, retain_days=120)


def test_a_course_no_longer_than_identities_are_kept(api: Api) -> None:
    long = {**COURSE, "last_day": "2027-02-09"}
    refused = problem(api("POST", "/courses", json=long), 422, "term_too_long")
    [fault] = refused["errors"]
    assert fault["field"] == "last_day"
    assert "lasts 121 days" in fault["message"]
    assert "set RETAIN_DAYS to 121 or more" in fault["message"]
    path = f"/courses/{TaughtCourse(api, 0).key}"
    problem(api("PATCH", path, json={"last_day": "2027-02-09"}), 422, "term_too_long")
    assert api("PATCH", path, json={"last_day": "2027-02-08"}).status_code == 200


def test_rules_of_a_course_that_became_too_long_are_refused_until_it_fits(
    api: Api, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/courses/{TaughtCourse(api, 0).key}"
    monkeypatch.setattr(SITE_PARTS.of(app).services.courses, "_retain_days", DAYS - 1)
    rules = {"opens_before": 15, "on_time": 5, "late_until": None, "since": "all"}
    problem(api("PUT", f"{path}/rules", json=rules), 422, "term_too_long")
    problem(api("PUT", f"{path}/policy", json={"late": 80}), 422, "term_too_long")
    assert api("PATCH", path, json={"title": "Stays editable"}).status_code == 200
    assert api("PATCH", path, json={"last_day": "2027-02-04"}).status_code == 200
    assert api("PUT", f"{path}/rules", json=rules).status_code == 200


def test_what_is_no_longer_kept_is_in_no_register_percentage_or_export(api: Api, clock: Clock) -> None:
    taught = TaughtCourse(api, 2)
    meetings = []
    for marked in ("absent", "present"):
        meetings.append(taught.start())
        marks = ({"student": student, "status": marked, "replaces": None} for student in taught.students)
        assert taught.mark(meetings[-1], *marks).status_code == 201
        clock.tick(days=60, hours=3)
    assert statuses(taught.register(meetings[0])) == [None, None]
    assert statuses(taught.register(meetings[1])) == ["present"] * 2
    grid = api("GET", f"/courses/{taught.key}/register").get_json()
    assert [[cell["status"] for cell in row["cells"]] for row in grid["rows"]] == [[None, "present"]] * 2
    assert {row["cells"][0]["why"]["code"] for row in grid["rows"]} == {"not_kept"}
    assert [row["percentage"]["counts"]["held"] for row in grid["rows"]] == [1, 1]
    assert [row["percentage"]["percent"] for row in grid["rows"]] == [100, 100]
    answer = api("GET", f"/courses/{taught.key}/register.csv").data.decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(answer, newline="")):
        assert list(row.values())[2:4] == ["", "P"]
        assert (row["held"], row["absent"], float(row["percent"])) == ("1", "0", 100)
