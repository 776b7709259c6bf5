"""An old name, after "same person" at an import: no page, search or export shows it to a lecturer or to the student."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.attendance.courses.last_import import LAST_IMPORTS
from secure_attend.settings import Settings
from tests.conftest import as_student
from tests.support.fakes import Clock
from tests.support.web.two_courses import B, TwoCourses

OLD, NEW = "Bob Blunt", "Tomasz Nowak"
SHOWN_AT_LEAST = 40
"""Answers to a lecturer that are read, so that the test does not pass because all are refused."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, self_registration=True)


@pytest.fixture
def renamed(app: Flask, clock: Clock) -> TwoCourses:
    """A site where a registrar imported a course's roster and answered that Bob is the same person."""
    site = TwoCourses(app, clock)
    roster = f"student_id,name\n20020002,{NEW}\n30030003,Cara Cross\n".encode()
    path = f"/api/v1/roster?course={B}&same={site.bob}"
    client = site.client("Regine")
    plan = client.post(f"{path}&dry_run=1", data=roster, content_type="text/csv").get_json()["digest"]
    loaded = client.post(f"{path}&plan={plan}", data=roster, content_type="text/csv")
    assert loaded.status_code == 200, loaded.text
    (kept,) = site.services.store.documents.all(LAST_IMPORTS.name)
    assert OLD in str(kept.value), "undoing the import needs it"
    return site


def read(site: TwoCourses, client: FlaskClient) -> dict[str, str]:
    """Return what every route of the interface that can be read answers, by address."""
    answers = {}
    for call in site.calls():
        if call.method == "GET" and call.address.startswith("/api/"):
            with client.get(call.address, query_string=call.query) as answer:
                if answer.status_code == 200:
                    answers[str(call)] = answer.get_data().decode("utf-8", errors="replace")
    return answers


def test_a_lecturer_reads_an_old_name_nowhere(renamed: TwoCourses) -> None:
    answers = read(renamed, renamed.client("Berta"))
    assert len(answers) >= SHOWN_AT_LEAST
    assert sum(NEW in text for text in answers.values()) > 5
    assert [address for address, text in answers.items() if OLD in text] == []


def test_the_student_reads_an_old_name_in_their_own_export_alone(renamed: TwoCourses) -> None:
    answers = read(renamed, as_student(renamed.app, renamed.bob))
    assert any(NEW in text for text in answers.values())
    assert [address.split()[1] for address, text in answers.items() if OLD in text] == ["/api/v1/own/export"]


def test_a_registrar_reads_it_in_the_history_and_in_the_export_for_the_student_alone(renamed: TwoCourses) -> None:
    client = renamed.client("Regine")
    answers = read(renamed, client)
    showing = {address.split()[1].removeprefix("/api/v1/students/") for address, text in answers.items() if OLD in text}
    assert showing == {f"{renamed.bob}/corrections", f"{renamed.bob}/export"}
