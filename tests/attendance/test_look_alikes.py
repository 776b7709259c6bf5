"""Pairs of look-alikes and the site's limit as documents, in every kind of store; and what every kind declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from secure_attend.attendance.document_kinds import DOCUMENT_KINDS
from secure_attend.attendance.recognition.look_alikes import (
    LOOK_ALIKES,
    delete_lapsed_pairs,
    look_alike_pairs,
    mark_look_alikes,
    renew_look_alikes,
    unmark_look_alikes,
)
from secure_attend.attendance.recognition.site_limit import SITE_LIMIT, set_site_limit, site_limit
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.upkeep.days_kept import DaysKept
from secure_attend.attendance.upkeep.retention import Retention
from secure_attend.errors import NotFound
from secure_attend.storage import upgrade
from secure_attend.storage.documents import DocumentKind, texts_in
from secure_attend.storage.ports import Store
from secure_attend.storage.sealed_students import SealedStudent, StudentsData
from secure_attend.storage.values import Student, Template, pair_of
from tests.support.storage.made_tables import MadeTables
from tests.support.storage.site import JANE, JOHN, NOW, face, open_at

ANN = Student("key-ann", "009", "Ann Lee")


@pytest.fixture(params=["files", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, made_tables: MadeTables) -> Iterator[Store]:
    """A store of each kind, with John, Jane and Ann."""
    place = str(tmp_path / "data") if request.param == "files" else made_tables.copy(request.param, tmp_path / "data")
    store = open_at(place, tmp_path / "data", tmp_path / "site.key")
    store.write_students([JOHN, JANE, ANN])
    yield store
    store.close()


def register(store: Store, student: Student, seed: int, *others: Student, profile: str = "sface") -> None:
    """Do what enrolment does for somebody who looks like `others`."""
    made = face(seed, profile)
    mark_look_alikes(store, student.key, [other.key for other in others], [made.id])
    store.replace_faces(student.key, profile, [made])


def test_a_pair_holds_for_the_templates_it_was_confirmed_for(store: Store) -> None:
    pair = pair_of(JANE.key, JOHN.key)
    register(store, JOHN, 1)
    register(store, JANE, 2, JOHN)
    assert look_alike_pairs(store) == look_alike_pairs(store, [JOHN.key]) == {pair}
    assert look_alike_pairs(store, [ANN.key]) == frozenset()
    register(store, JOHN, 3, JANE)
    assert look_alike_pairs(store) == {pair}, "confirmed again for the new template"
    register(store, JOHN, 4)
    assert look_alike_pairs(store) == frozenset(), "nobody confirmed it for this one"


def test_a_mark_is_removed(store: Store) -> None:
    register(store, JOHN, 1)
    register(store, JANE, 2, JOHN)
    unmark_look_alikes(store, pair_of(JOHN.key, JANE.key))
    unmark_look_alikes(store, pair_of(JOHN.key, JANE.key))
    assert look_alike_pairs(store) == frozenset()


def test_only_students_look_alike(store: Store) -> None:
    with pytest.raises(NotFound):
        mark_look_alikes(store, JOHN.key, ["nobody"])
    assert store.documents.all(LOOK_ALIKES.name) == []


@pytest.mark.parametrize("way", ["erased", "faces dropped"])
@pytest.mark.parametrize("who", [JOHN, JANE])
def test_a_pair_goes_with_the_faces_of_either(store: Store, way: str, who: Student) -> None:
    register(store, JANE, 3)
    register(store, JOHN, 1, JANE)
    register(store, ANN, 2, JOHN, JANE)
    if way == "erased":
        store.erase(who.key)
    else:
        store.write_students([], drop_faces=[who.key])
    (left,) = {JOHN.key, JANE.key} - {who.key}
    assert look_alike_pairs(store) == {pair_of(left, ANN.key)}
    delete_lapsed_pairs(store)
    assert [document.about for document in store.documents.all(LOOK_ALIKES.name)] == [pair_of(left, ANN.key)]


def test_a_pair_holds_for_templates_that_a_code_confirmed(store: Store) -> None:
    register(store, JOHN, 1)
    register(store, JANE, 2, JOHN)
    learned = face(5, "facenet")
    renew_look_alikes(store, JOHN.key, [learned.id])
    store.replace_faces(JOHN.key, "facenet", [learned])
    store.replace_faces(JOHN.key, "sface", [])
    assert look_alike_pairs(store) == {pair_of(JOHN.key, JANE.key)}


def test_who_sets_the_limit_is_kept(store: Store) -> None:
    assert site_limit(store.documents) is None
    for profile in ("sface", "facenet", None, None):
        set_site_limit(store.documents, profile)
        assert site_limit(store.documents) == profile


def test_documents_that_expire_lose_their_students(store: Store) -> None:
    notes = DocumentKind("notes", "drop", {}, expires=True)
    requests = DocumentKind("requests", "delete", {}, expires=True)
    register(store, JOHN, 1)
    register(store, JANE, 2, JOHN)
    store.documents.write(
        [
            notes.document("n1", {"of": [JOHN.key, JANE.key], "text": "x"}, [JOHN.key, JANE.key]),
            notes.document("n2", {"text": "about nobody"}),
            requests.document("r1", {"by": JOHN.key}, [JOHN.key]),
        ]
    )
    (written,) = {document.written_at for document in store.documents.all("notes")}
    assert written is not None
    for days, left in ((29, 3), (31, 2)):
        now = written + timedelta(days=days)
        Retention(store, time_at(now), DaysKept(30, 30, 30), (notes, requests, LOOK_ALIKES)).run()
        assert len(store.documents.all("notes")) + len(store.documents.all("requests")) == left
    assert [document.value for document in store.documents.all("notes")] == [
        {"of": [], "text": "x"},
        {"text": "about nobody"},
    ]


def time_at(now: datetime) -> SiteTime:
    return SiteTime(lambda: now, ZoneInfo("UTC"))


@pytest.mark.parametrize("kind", DOCUMENT_KINDS, ids=[kind.name for kind in DOCUMENT_KINDS])
def test_every_kind_lists_the_students_it_names(store: Store, kind: DocumentKind) -> None:
    """The store refuses a document that names a student's key without listing it, and IDs may not be in it at all."""
    people = [Student(key, f"id of {key}", "N") for key in kind.example_about]
    store.write_students(people)
    store.documents.write([kind.document("example", kind.example, kind.example_about)])
    assert {document.id for key in kind.example_about for document in store.documents.about(key)} <= {
        (kind.name, "example")
    }
    texts = set(texts_in(kind.example))
    assert texts.isdisjoint({"student", "students", "student_id"}) or kind.example_about
    assert set(kind.example_about) <= texts
    for student in people:
        store.erase(student.key)
    rest = store.documents.get(kind.name, "example")
    assert rest is None or set(texts_in(rest.value)).isdisjoint(kind.example_about)


def test_kinds_have_one_declaration_each() -> None:
    assert len({kind.name for kind in DOCUMENT_KINDS}) == len(DOCUMENT_KINDS)


def test_what_version_0_1_kept_becomes_documents_of_declared_kinds() -> None:
    template = Template("t1", "sface", "camera", NOW)
    people = {
        student.key: SealedStudent(replace(student, templates=(replace(template, id=f"of {student.key}"),)), ("x",))
        for student in (JOHN, JANE)
    }
    pairs = frozenset({pair_of(JOHN.key, JANE.key), pair_of(JOHN.key, ANN.key)})
    roster = StudentsData("s", "c", "sface", {**people, ANN.key: SealedStudent(ANN)}, NOW, "facenet", pairs)
    pair, limit = upgrade.documents_of(roster)
    names = {JANE.key: ["of key-jane"], JOHN.key: ["of key-john"]}
    key = f"{JANE.key}+{JOHN.key}"
    assert pair == LOOK_ALIKES.document(key, {"templates": names}, [JOHN.key, JANE.key])
    assert limit == SITE_LIMIT.document("site", {"profile": "facenet"})
