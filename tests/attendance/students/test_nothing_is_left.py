"""Whoever is erased leaves no reason, note or request: in no file, in no row of a database, and not in a backup that
was made before and is restored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, select

from secure_attend.attendance.requests.requests import WantedCorrection
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.storage.__main__ import main as storage_command
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Entry
from tests.conftest import NewDatabase
from tests.support.fakes import Clock
from tests.support.web.litany import Api
from tests.support.web.taught_course import TaughtCourse

NOTES = ("note of a mark", "note of an excuse", "note of an end")
ERASED = (*NOTES, "came of the call", "asked by the student", "answered to that", "Student S0")
HELD = "why it is held"
"""It names nobody, so the audit trail may keep it."""


@pytest.fixture(params=["files", "sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, settings: Settings, new_database: NewDatabase) -> Settings:
    if request.param == "files":
        return settings
    return replace(settings, database_url=new_database(request.param, settings.data))


def found(settings: Settings, text: str) -> set[str]:
    """The files and tables that hold a text."""
    files = {path.name for path in settings.data.rglob("*") if path.is_file() and text.encode() in path.read_bytes()}
    if settings.database_url is None or settings.database_url.startswith("sqlite"):
        return files
    engine = create_engine(settings.database_url.replace("postgresql://", "postgresql+psycopg://"))
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            if any(text in str(row) for row in connection.execute(select(table))):
                files.add(table.name)
    engine.dispose()
    return files


def ask_and_decline(taught: TaughtCourse, services: Services, meeting: str) -> None:
    """A request with words of the student and of staff, which waits for the registrar, and one without an answer."""
    student = taught.students[0]
    request = services.requests.make(WantedCorrection(student, meeting, "present", ERASED[4]))
    body = {"accept": False, "answer": ERASED[5]}
    assert taught.api("POST", f"/requests/{request.key}/answer", json=body).status_code == 200
    services.requests.pass_on(student, request.key)
    services.requests.make(WantedCorrection(student, taught.start(), "other", ERASED[4]))


def test_nothing_is_left(
    settings: Settings, api: Api, services: Services, store: Store, clock: Clock, tmp_path: Path
) -> None:
    taught = TaughtCourse(api, 2)
    student = f"/students/{taught.students[0]}"
    meeting = taught.start()
    store.append(
        Entry(clock.now, "mark", "S0", "Ada", person=taught.students[0], meeting=meeting, status="late", note=NOTES[0])
    )
    days = {"first_day": "2026-11-24", "last_day": "2026-12-04"}
    for note in NOTES[1:]:
        body = {**days, "reason": "duty", "note": note}
        assert api("POST", f"/courses/{taught.key}/members/{taught.students[0]}/excuses", json=body).status_code == 201
        days = {"first_day": "2026-12-07", "last_day": "2026-12-11"}
    ask_and_decline(taught, services, meeting)
    called = api("POST", f"{student}/contacts", json={"on": "2026-11-23", "outcome": ERASED[3]})
    assert called.status_code == 201, called.text
    assert api("POST", f"{student}/hold", json={"reason": HELD}).status_code == 201
    assert all(found(settings, text) for text in (*ERASED, HELD)), "the test would see it if it were there"
    place, key = settings.database_url or str(settings.data), ["--site-key-file", str(settings.site_key_file)]
    store.close()
    assert storage_command(["backup", "--from", place, "--to", str(tmp_path / "backup"), *key]) == 0
    again = open_store(settings, clock)
    again.erase(taught.students[0])
    again.close()
    assert {text: found(settings, text) for text in ERASED} == {text: set() for text in ERASED}
    assert found(settings, HELD) <= {"audit.jsonl", "audit", "site.db", "site.db-wal"}, "the audit trail alone keeps it"
    restored = replace(settings, data=tmp_path / "restored", database_url=None)
    command = ["restore", "--from", str(tmp_path / "backup"), "--to", str(restored.data), "--erased", place, *key]
    assert storage_command(command) == 0
    replayed = open_store(restored, clock)
    assert replayed.documents.all("holds") == replayed.documents.all("requests") == []
    assert [each.student_id for each in replayed.students()] == ["S1"]
    replayed.close()
    assert {text: found(restored, text) for text in ERASED} == {text: set() for text in ERASED}
