"""students_db.json: a damaged, foreign or edited file is refused with words and left as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from secure_attend.errors import StartRefused
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.files.students_file import StudentsData, parse
from tests.support.storage.site import CONSENT, JANE, JOHN, Site, entry, face, held

Edit = Callable[[dict[str, Any]], object]


def refused(site: Site, code: str) -> str:
    before = site.students.read_bytes()
    with pytest.raises(StartRefused) as failure:
        site.open()
    assert failure.value.code == code
    assert site.students.read_bytes() == before
    assert "students_db.json" in failure.value.detail
    return failure.value.detail


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\x00\x01",
        b"[" * 200_000,
        b'{"format": 1}',
        b'{"format": 1, "students": {}, "students": {}}',
        b'{"format": 1, "store": 7, "students": {}}',
        b'{"format": 1, "consents_from": "now", "students": {}}',
        b'{"format": 1, "students": {"007": null}}',
        b'{"format": 1, "students": {}, "alike": [["key-john", "key-jane"]]}',
        b'{"format": 1, "students": {}, "alike": [{}]}',
        "é".encode("latin-1"),
    ],
)
def test_what_is_no_roster_is_refused(site: Site, data: bytes) -> None:
    site.data.mkdir()
    site.students.write_bytes(data)
    refused(site, "students_damaged")


def test_another_format_is_refused(site: Site) -> None:
    site.data.mkdir()
    site.students.write_bytes(b'{"format": 3, "students": {}}')
    assert "format 3" in refused(site, "other_format")


@pytest.mark.parametrize(
    "edit",
    [
        lambda john: john.pop("key"),
        lambda john: john.update(key=""),
        lambda john: john.update(name=None),
        lambda john: john.update(removed_at="yesterday"),
        lambda john: john.update(consent=["yes"]),
        lambda john: john.update(consent={"version": "v1"}),
        lambda john: john["consent"].update(way="by telephone"),
        lambda john: john["consent"].update(given_at="yesterday"),
        lambda john: john.update(held={"id": "1"}),
        lambda john: john["held"].update(made_by=["sface", "sface"]),
        lambda john: john["held"].update(made_by=[""]),
        lambda john: john.update(templates="none"),
        lambda john: john["templates"][0].update(source="film"),
        lambda john: john["templates"][0].update(created_at="2026-11-22"),
        lambda john: john["templates"][0].pop("sealed"),
        lambda john: john.update(key=JANE.key),
    ],
)
def test_a_student_edited_into_nonsense_is_refused(site: Site, store: JsonStore, edit: Edit) -> None:
    store.write_students([replace(JOHN, consent=CONSENT)])
    store.replace_faces(JOHN.key, "sface", [face()])
    store.hold_faces(JOHN.key, held(), [face()])
    store.close()
    value = json.loads(site.students.read_bytes())
    edit(value["students"]["007"])
    site.students.write_text(json.dumps(value))
    refused(site, "students_damaged")


def test_a_face_moved_to_another_student_is_refused(site: Site, store: JsonStore) -> None:
    store.replace_faces(JOHN.key, "sface", [face()])
    store.close()
    value = json.loads(site.students.read_bytes())
    value["students"][JANE.student_id]["templates"] = value["students"]["007"].pop("templates")
    value["students"]["007"]["templates"] = []
    site.students.write_text(json.dumps(value))
    assert JANE.student_id in refused(site, "template_sealed")


def test_a_name_corrected_by_hand_is_taken_over(site: Site, store: JsonStore) -> None:
    store.append(entry())
    store.close()
    site.students.write_bytes(b"\xef\xbb\xbf" + site.students.read_bytes().replace(b"John Doe", b"John Roe"))
    again = site.open()
    john = again.student(JOHN.key)
    assert john is not None
    assert john.name == "John Roe"
    again.close()


def test_an_empty_roster_reads_as_it_was_written() -> None:
    assert parse(b"".join(StudentsData("id", "check", "facenet").chunks()), "x") == StudentsData(
        "id", "check", "facenet"
    )
