"""Documents in files, where a write may be interrupted; and what a database remembers of deleted ones."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.documents import Document, without_students
from secure_attend.storage.files import document_files
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.sql import documents_table
from secure_attend.storage.sql.sql_store import SqlStore
from tests.support.storage.documents_contract import COURSE, VALUE, group, member
from tests.support.storage.site import JANE, JOHN, Site


def files_of(site: Site) -> set[str]:
    return {path.name for path in (site.instance / "documents").iterdir()}


def test_a_write_replaces_the_files_of_its_kinds_only(site: Site, store: JsonStore) -> None:
    store.documents.write([COURSE, member(JOHN.key)])
    store.documents.write([Document("courses", "c2", {})])
    assert files_of(site) == {"courses.2.json", "memberships.1.json"}
    commit = json.loads((site.instance / "documents.json").read_bytes())
    assert commit == {
        "format": 1,
        "version": 2,
        "files": {"courses": "courses.2.json", "memberships": "memberships.1.json"},
    }
    course = json.loads((site.instance / "documents" / "courses.2.json").read_bytes())["documents"]["c1"]
    assert course["value"] == VALUE
    assert set(course) == {"value", "about", "erasing", "version", "written_at", "mac"}
    for path in (site.instance / "documents.json", *(site.instance / "documents").iterdir()):
        assert path.stat().st_mode & 0o077 == 0


def test_a_kind_without_documents_has_no_file(site: Site, store: JsonStore) -> None:
    version = store.documents.write([COURSE])
    store.documents.write([], [replace(COURSE, version=version)])
    assert files_of(site) == set()
    store.close()
    with_nothing = site.open()
    assert with_nothing.documents.version == 2
    with_nothing.close()


@pytest.mark.parametrize("fails", ["courses.2.json", "memberships.2.json", "documents.json"])
def test_a_write_that_fails_in_the_middle_changed_nothing(
    site: Site, store: JsonStore, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    store.documents.write([COURSE])
    before = store.documents.all("courses")
    replace_file = durable_writes.replace_file

    def full(path: Path, chunks: list[bytes]) -> None:
        if path.name == fails:
            raise durable_writes.NotWritten("the disk is full")
        replace_file(path, chunks)

    monkeypatch.setattr(document_files.durable_writes, "replace_file", full)
    with pytest.raises(StorageFailed, match="not_written"):
        store.documents.write([member(JOHN.key), replace(before[0], value=1)])
    monkeypatch.undo()
    assert (store.documents.all("courses"), store.documents.all("memberships")) == (before, [])
    assert files_of(site) == {"courses.1.json"}
    assert store.documents.write([member(JOHN.key), replace(before[0], value=1)]) == 2
    store.close()
    again = site.open()
    assert [document.value for document in again.documents.all("courses")] == [1]
    again.close()


def test_what_an_interrupted_write_left_is_removed(site: Site, store: JsonStore) -> None:
    store.documents.write([COURSE])
    store.close()
    (site.instance / "documents" / "courses.2.json").write_text("half a fi")
    (site.instance / "documents" / "courses.2.json.0123456789ab.tmp").write_text("")
    again = site.open()
    assert files_of(site) == {"courses.1.json"}
    assert again.documents.write([Document("courses", "c2", {})]) == 2
    again.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda instance: (instance / "documents.json").write_text("{"),
        lambda instance: (instance / "documents.json").write_text('{"format": 9, "version": 1, "files": {}}'),
        lambda instance: (instance / "documents.json").write_text(
            '{"format": 1, "version": 1, "files": {"courses": "../owner.json"}}'
        ),
        lambda instance: (instance / "documents" / "courses.1.json").unlink(),
        lambda instance: (instance / "documents" / "courses.1.json").write_text(
            '{"format": 1, "documents": {"c": {}}}'
        ),
    ],
)
def test_damaged_documents_stop_the_start(site: Site, store: JsonStore, damage: object) -> None:
    store.documents.write([COURSE])
    store.close()
    damage(site.instance)  # type: ignore[operator]
    with pytest.raises(StartRefused, match="documents_damaged"):
        site.open()


def test_documents_that_another_program_changed_are_not_overwritten(site: Site, store: JsonStore) -> None:
    store.documents.write([COURSE])
    path = site.instance / "documents.json"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(StorageFailed, match="storage_stopped"):
        store.documents.write([member(JOHN.key)])
    with pytest.raises(StorageFailed, match="storage_stopped"):
        store.write_students([JANE])


def test_documents_put_back_from_an_older_backup_lose_erased_students(site: Site, store: JsonStore) -> None:
    store.documents.write([member(JOHN.key), group(JOHN.key, JANE.key)])
    store.close()
    backup = site.data / "backup"
    shutil.copytree(site.instance / "documents", backup / "documents")
    shutil.copy(site.instance / "documents.json", backup)
    again = site.open()
    again.erase(JOHN.key)
    again.close()
    shutil.rmtree(site.instance / "documents")
    shutil.copytree(backup / "documents", site.instance / "documents")
    shutil.copy(backup / "documents.json", site.instance)
    restored = site.open()
    assert restored.documents.about(JOHN.key) == restored.documents.all("memberships") == []
    assert [document.about for document in restored.documents.all("groups")] == [(JANE.key,)]
    restored.close()
    assert JOHN.key.encode() not in b"".join(path.read_bytes() for path in (site.instance / "documents").iterdir())


def test_a_database_forgets_old_deletions_and_tells_everything_instead(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_table, "REMEMBERED_VERSIONS", 3)
    store = SqlStore.open(f"sqlite:///{site.data / 'site.db'}", data=site.data, site_key_file=site.key_file)
    version = store.documents.write([COURSE])
    store.documents.write([], [replace(COURSE, version=version)])
    for number in range(9):
        store.documents.write([Document("courses", str(number), number)])
    changes = store.documents.changes(version)
    assert changes.complete
    assert [document.key for document in changes.written] == [str(number) for number in range(9)]
    newer = store.documents.changes(changes.version - 2)
    assert (newer.complete, [document.key for document in newer.written]) == (False, ["7", "8"])
    store.close()


def test_a_value_without_a_student_has_no_key_that_names_them() -> None:
    value = {"pair": "ann+bob", "keys": ["ann+bob", "bob", "c+d"], "ann+bob": 1, "with": {"ann": "c+ann"}, "other": "+"}
    assert without_students(value, {"bob"}) == {"keys": ["c+d"], "with": {"ann": "c+ann"}, "other": "+"}
