"""The data inventory of docs/privacy.md: all that is kept, found in the code and in the files of a whole site."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from flask import Flask

from secure_attend.access.state import ROLES_OF
from secure_attend.privacy import __main__ as command
from secure_attend.privacy import inventory as module
from secure_attend.privacy.declared import DECLARED
from secure_attend.privacy.inventory import faults, inventory
from secure_attend.privacy.persisted import KEY, document_place, names_in, persisted
from secure_attend.settings import PROJECT, Settings
from secure_attend.storage.documents import texts_in
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.sealed_students import StudentsData
from secure_attend.storage.values import Consent, PendingFaces, Student, Template
from tests.conftest import PASSWORD, Site, access_of, agree, paired
from tests.support.fakes import Clock
from tests.web.api.kiosk.test_self_registrations import Hall

NOT_WRITTEN = {"students.student_id", "alike", "site_limit"}
"""The ID is the name under which a student is listed. The others are read in data of version 0.1, and never written."""
LISTINGS = {"accounts", "tokens", "kiosks", "pairings", "codes", "attempts"}


def test_nothing_is_kept_without_a_purpose() -> None:
    assert faults(persisted()) == []
    for kept in DECLARED:
        assert all((kept.what, kept.about, kept.purpose, kept.until, kept.where)), kept


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        (StudentsData, ""),
        (Student, "students"),
        (Consent, "students.consent"),
        (Template, "students.templates"),
        (PendingFaces, "students.held"),
    ],
)
def test_no_value_is_left_out_of_what_is_found(kind: type, where: str) -> None:
    found = persisted()["students_db.json"]
    wanted = {f"{where}.{field.name}".lstrip(".") for field in fields(kind)} - NOT_WRITTEN
    assert [name for name in wanted if not any(one == name or one.startswith(f"{name}.") for one in found)] == []


def test_what_is_not_declared_and_what_is_not_kept_is_named() -> None:
    found = dict(persisted())
    found["students_db.json"] = found["students_db.json"] - {"students.email"} | {"students.shoe_size"}
    assert faults(found) == [
        "students_db.json: students.shoe_size is kept, but nobody declared why.",
        "students_db.json: students.email is declared, but not kept.",
    ]


def test_the_page_holds_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["inventory"]) == 0
    printed = capsys.readouterr().out
    assert printed == inventory()
    page = (PROJECT / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert f"<!-- python -m secure_attend.privacy inventory -->\n{printed}<!-- end -->" in page


def test_a_difference_ends_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(module, "persisted", lambda: {"a file": frozenset({"a name"})})
    assert command.main(["inventory"]) == 1
    assert "a file: a name is kept, but nobody declared why." in capsys.readouterr().err


def test_the_tests_that_the_page_names_are_there() -> None:
    page = (PROJECT / "docs" / "privacy.md").read_text(encoding="utf-8")
    named = {word for word in page.replace("`", " ").split() if word.startswith("tests/")}
    assert [name for name in sorted(named) if not (PROJECT / name.rstrip(",.;:)")).exists()] == []


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A site where students may register themselves."""
    return replace(settings, self_registration=True)


@pytest.fixture
def files(settings: Settings, app: Flask, site: Site, store: JsonStore, clock: Clock) -> dict[str, bytes]:
    """The data folder of a site in which everything was done once, but for a field trial."""
    john = site.enrolled("1001", "John Doe", 1)
    zoe = site.add("1003", "Zoë Müller", agreed=False)
    erased = site.enrolled("1004", "Li Wei", 4)
    kiosk = paired(app)
    kiosk.post("/api/v1/pairings")
    kiosk.post("/api/v1/login", json={"name": "nobody", "password": "wrong"})
    access_of(app).accounts.add("Dr B. Cole", PASSWORD, ROLES_OF["faculty"])
    access_of(app).accounts.log_in("Dr B. Cole", PASSWORD, "here")
    access_of(app).codes.issue(john)
    Hall(kiosk, clock).register("1003", 3)
    agree(site.client, zoe)
    site.client.delete(f"/api/v1/students/{erased}/consent")
    twin = site.add("1005", "Zoë Müllner")
    site.register(twin, 1, confirm_other=1)
    record = site.client.post(f"/api/v1/students/{john}/check-ins").get_json()["record"]["id"]
    site.client.post(f"/api/v1/check-ins/{record}/cancel", json={})
    site.client.delete(f"/api/v1/students/{erased}?reason=asked+for+it")
    store.close()
    paths = [path for path in settings.data.rglob("*") if path.is_file()]
    return {path.relative_to(settings.data).as_posix(): path.read_bytes() for path in paths}


def test_the_files_of_a_site_hold_what_is_declared_and_no_more(files: dict[str, bytes]) -> None:
    known = persisted()
    locks = {name for name, data in files.items() if name.endswith(("lock", ".lock"))}
    assert {name: files[name] for name in locks} == dict.fromkeys(locks, b"")
    trail = [json.loads(line) for line in files.pop("instance/audit.jsonl").splitlines()]
    assert {name for entry in trail for name in entry} == known["instance/audit.jsonl"]
    for name in files.keys() - locks:
        value = json.loads(files[name])
        names = set(names_in(value if not name.endswith("access.json") else _listed(value)))
        assert names <= known[document_place(name)], name
    assert {"students_db.json", "attendance_log.json", "instance/access.json", "instance/erasures.json"} <= files.keys()


def test_documents_name_only_the_students_they_are_about(files: dict[str, bytes]) -> None:
    students = json.loads(files["students_db.json"])["students"]
    names = students.keys() | {student["key"] for student in students.values()}
    documents = [
        (name, key, document)
        for name in files
        if name.startswith("instance/documents/")
        for key, document in json.loads(files[name])["documents"].items()
    ]
    assert documents, "the scenario makes a document"
    for name, key, document in documents:
        assert {key, *texts_in(document["value"])} & names <= set(document["about"]), name


def _listed(book: dict[str, object]) -> dict[str, object]:
    """The book with its listings as lists, and their keys as a member of each."""
    return {
        name: [{KEY: key, **member} for key, member in value.items()] if name in LISTINGS else value
        for name, value in book.items()
        if value != {}
    }
