"""The store in two JSON files: the contract of every store, and what is particular to files."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from secure_attend.errors import Conflict, StartRefused, StorageFailed
from secure_attend.storage.files import student_edits
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Student
from tests.support.storage.site import JANE, JOHN, Reopen, Site, entry, face, key_of, wrong_macs
from tests.support.storage.store_contract import StoreContract

SHIPPED_STUDENTS = b'{"format": 1, "store": null, "profile": null, "students": {}}\n'


class TestJsonStore(StoreContract):
    @pytest.fixture
    def reopen(self, site: Site) -> Iterator[Reopen]:
        opened: list[JsonStore] = []

        def again() -> Store:
            if opened:
                opened.pop().close()
            opened.append(site.open())
            return opened[0]

        yield again
        if opened:
            opened[0].close()

    @pytest.fixture(autouse=True)
    def _site(self, site: Site) -> None:
        self.site = site

    def wrong_macs(self, store: Store) -> list[str]:
        return wrong_macs(str(self.site.data), store)


def test_the_shipped_files_are_taken_up(site: Site) -> None:
    site.data.mkdir()
    site.students.write_bytes(SHIPPED_STUDENTS)
    site.log.write_bytes(b"[]\n")
    store = site.open()
    assert json.loads(site.students.read_bytes())["store"] == store.id
    assert site.log.read_bytes() == b"[]\n"
    store.close()


@pytest.mark.parametrize("empty", [b"[]", b"[]\n", b"[\n]\n", b"[ ]\r\n", b"[]\r\n"])
def test_an_empty_array_may_be_written_in_any_way(site: Site, empty: bytes) -> None:
    site.data.mkdir()
    site.log.write_bytes(empty)
    store = site.open()
    store.append(entry())
    store.append(entry())
    store.close()
    assert len(json.loads(site.log.read_bytes())) == 2
    site.open().close()


def test_the_files_have_the_agreed_form(site: Site, store: JsonStore) -> None:
    store.replace_faces(JOHN.key, "sface", [face()])
    record = store.append(entry())
    students = json.loads(site.students.read_bytes())
    assert set(students) == {"format", "store", "key_check", "profile", "consents_from", "students"}
    assert list(students["students"]) == ["007", JANE.student_id]
    john = students["students"]["007"]
    assert set(john) == {"key", "name", "email", "consent", "removed_at", "templates", "mac"}
    assert set(john["templates"][0]) == {"id", "profile", "source", "created_at", "quality", "sealed"}
    (row,) = json.loads(site.log.read_bytes())
    seen = ["id", "time", "kiosk", "kiosk_key", "room", "method", "by", "student_id", "person", "salt", "commit", "mac"]
    assert list(row) == seen
    assert (row["id"], row["time"]) == (record.id, "2026-11-22T09:03:00.250000Z")
    assert site.log.read_bytes().count(b"\n") == 3


def test_only_the_owner_may_read_what_is_kept(site: Site) -> None:
    site.data.mkdir()
    site.log.write_bytes(b"[]\n")
    site.log.chmod(0o644)
    store = site.open()
    store.write_students([JOHN])
    store.erase(JOHN.key)
    modes = {
        path: stat.S_IMODE(path.stat().st_mode)
        for path in (
            site.students,
            site.log,
            site.key_file,
            site.instance,
            site.key_file.parent,
            *site.instance.iterdir(),
        )
    }
    store.close()
    assert {path for path, mode in modes.items() if mode not in (0o600, 0o700)} == set()
    assert modes[site.instance] == 0o700


def test_no_embedding_is_readable_on_disk(site: Site, store: JsonStore) -> None:
    given = face()
    store.replace_faces(JOHN.key, "sface", [given])
    raw = given.embedding.tobytes()
    texts = [json.dumps(float(value)).encode()[:8] for value in given.embedding]
    for path in (one for one in site.data.parent.rglob("*") if one.is_file()):
        data = path.read_bytes()
        assert not any(raw[at : at + 8] in data for at in range(0, len(raw), 4))
        assert not any(text in data for text in texts)


def test_a_second_store_is_told_who_holds_the_files(site: Site, store: JsonStore) -> None:
    store.note_address("http://127.0.0.1:5003")
    with pytest.raises(StartRefused) as refused:
        site.open()
    assert refused.value.code == "already_running"
    assert refused.value.facts["address"] == "http://127.0.0.1:5003"
    assert isinstance(refused.value.facts["pid"], int)
    store.append(entry())


def test_leftovers_of_a_killed_process_are_removed(site: Site) -> None:
    site.open().close()
    leftover = site.data / "students_db.json.0123456789ab.tmp"
    leftover.write_bytes(b"half a roster")
    site.open().close()
    assert not leftover.exists()


def test_many_students_are_remarked_on_and_too_many_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(student_edits, "COMFORTABLE_STUDENTS", 2)
    monkeypatch.setattr(student_edits, "MOST_STUDENTS", 3)
    store = site.open()
    people = [Student(f"key {number}", f"{number}", "N") for number in range(4)]
    store.write_students(people[:2])
    assert store.notices == ()
    store.write_students(people[:3])
    assert "SQL" in store.notices[0]
    before = site.students.read_bytes()
    with pytest.raises(Conflict) as refused:
        store.write_students(people)
    assert refused.value.code == "store_full"
    assert site.students.read_bytes() == before
    store.close()


@pytest.mark.parametrize("name", ["students_db.json", "attendance_log.json"])
def test_a_file_changed_while_running_is_not_overwritten(site: Site, store: JsonStore, name: str) -> None:
    store.append(entry())
    path = site.data / name
    edited = path.read_bytes().replace(b"2026", b"2025").replace(b"John", b"Jon")
    path.write_bytes(edited + b"\n")
    with pytest.raises(StorageFailed) as stopped:
        store.erase(JOHN.key)
    assert name in stopped.value.detail
    assert path.read_bytes() == edited + b"\n"
    with pytest.raises(StorageFailed):
        store.append(entry())
    assert "Restart" in store.notices[-1]


def test_threads_share_a_store(store: JsonStore) -> None:
    def work(number: int) -> None:
        for _ in range(10):
            store.append(entry(f"student {number}"))
            store.latest_check_in(key_of(f"student {number}"))
            list(store.records(person=key_of(f"student {number}")))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({record.id for record in store.records()}) == 40
    assert all(len(list(store.records(person=key_of(f"student {number}")))) == 10 for number in range(4))


def test_a_transaction_keeps_others_out(store: JsonStore) -> None:
    seen: list[int] = []
    with store.transaction():
        other = threading.Thread(target=lambda: (store.append(entry()), seen.append(len(list(store.records())))))
        other.start()
        assert list(store.records()) == []
        mine = store.append(entry())
    other.join()
    assert seen == [2]
    assert next(iter(store.records())) == mine


def test_a_whole_batch_is_one_replacement(site: Site, store: JsonStore, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced: list[Path] = []
    real = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, target: (replaced.append(target), real(self, target))[1])
    store.write_students([replace(JOHN, name="A"), replace(JANE, name="B"), Student("c", "c", "C")], drop_faces=["c"])
    assert replaced == [site.students]
