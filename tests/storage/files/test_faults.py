"""A disk that is full, slow or broken: nothing is acknowledged that is not there, and what was acknowledged stays."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from secure_attend.errors import StartRefused, StorageFailed, StorageFull
from secure_attend.storage import durable_writes
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import Student
from tests.support.storage.site import JANE, JOHN, Site, entry, face, held

Write = Callable[[JsonStore], object]
WRITES: list[Write] = [
    lambda store: store.append(entry()),
    lambda store: store.write_students([Student("new", "new", "New")]),
    lambda store: store.replace_faces(JOHN.key, "sface", [face()]),
    lambda store: store.set_profile("facenet"),
    lambda store: store.erase(JANE.key),
    lambda store: store.hold_faces(JOHN.key, held(), [face()]),
]
every_write = pytest.mark.parametrize("write", WRITES, ids=["append", "students", "faces", "profile", "erase", "hold"])


class Disk:
    """Stands in for os.write and the sync: lets `room` bytes through, then refuses with `code`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room: int | None = None
        self.at_most = 1 << 30
        self.code = errno.ENOSPC
        self.sync_fails = False
        self.syncs = 0
        self._write = os.write
        self._sync = durable_writes.sync
        monkeypatch.setattr(os, "write", self.write)
        monkeypatch.setattr(durable_writes, "sync", self.sync)

    def write(self, descriptor: int, data: bytes) -> int:
        data = bytes(data[: self.at_most])
        if self.room is not None and self.room < len(data):
            data, self.room = data[: self.room], 0
            if not data:
                raise OSError(self.code, "injected")
        elif self.room is not None:
            self.room -= len(data)
        return self._write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        self.syncs += 1
        if self.sync_fails:
            raise OSError(errno.EIO, "injected")
        self._sync(descriptor)


@pytest.fixture
def disk(store: JsonStore, monkeypatch: pytest.MonkeyPatch) -> Disk:
    store.append(entry(JANE.student_id))
    return Disk(monkeypatch)


def on_disk(site: Site) -> tuple[bytes, bytes]:
    return site.students.read_bytes(), site.log.read_bytes()


@every_write
def test_short_writes_are_gone_on_with(site: Site, store: JsonStore, disk: Disk, write: Write) -> None:
    disk.at_most = 7
    write(store)
    store.close()
    json.loads(site.log.read_bytes())
    again = site.open()
    assert again.notices == ()
    again.close()


@every_write
@pytest.mark.parametrize("room", [0, 1, 60])
def test_a_full_disk_refuses_and_later_goes_on(
    site: Site, store: JsonStore, disk: Disk, write: Write, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = on_disk(site)
    disk.room = room
    real = disk.write

    def full(descriptor: int, data: bytes) -> int:
        if bytes(data) == b"\n]\n":  # the old closing bracket has its place on a full disk
            return disk._write(descriptor, data)
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageFailed) as failed:
        write(store)
    assert failed.value.code == "not_written"
    assert "disk is full" in failed.value.detail
    assert isinstance(failed.value, StorageFull)
    assert on_disk(site) == before
    assert not list(site.data.glob("*.tmp"))
    disk.room = None
    write(store)
    store.close()
    assert len(list_of(site)) == (2 if write is WRITES[0] else 1)


@every_write
def test_a_failed_sync_is_not_tried_again_and_nothing_more_is_taken(
    site: Site, store: JsonStore, disk: Disk, write: Write
) -> None:
    version, students = store.version, store.students()
    disk.sync_fails = True
    with pytest.raises(StorageFailed) as failed:
        write(store)
    assert failed.value.code == "storage_stopped"
    tried, left = disk.syncs, on_disk(site)
    disk.sync_fails = False
    for other in WRITES:
        with pytest.raises(StorageFailed) as failed:
            other(store)
        assert "Restart" in failed.value.detail
    assert (disk.syncs, on_disk(site)) == (tried, left)
    assert (store.version, store.students()) == (version, students)
    assert "Restart" in store.notices[-1]
    store.close()
    again = site.open()
    again.append(entry())
    assert again.students() == students
    again.close()
    assert list_of(site)[0]["student_id"] == JANE.student_id


def test_a_write_that_cannot_be_taken_back_stops_the_store(site: Site, store: JsonStore, disk: Disk) -> None:
    disk.room, disk.code = 60, errno.EIO
    with pytest.raises(StorageFailed) as failed:
        store.append(entry())
    assert failed.value.code == "storage_stopped"
    store.close()
    disk.room = None
    again = site.open()
    assert "interrupted" in again.notices[0]
    assert len(list(again.records())) == 1
    again.close()


@pytest.mark.parametrize("write", WRITES[1:], ids=["students", "faces", "profile", "erase", "hold"])
def test_a_failed_replacement_changes_nothing(
    site: Site, store: JsonStore, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = on_disk(site)

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.EACCES, "injected")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        with pytest.raises(StorageFailed, match="may not read or write"):
            write(store)
    assert on_disk(site) == before
    assert not list(site.data.glob("*.tmp"))
    write(store)


def test_a_directory_that_does_not_sync_stops_the_store(
    site: Site, store: JsonStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(errno.EIO, "injected")

    with monkeypatch.context() as patched:
        patched.setattr(durable_writes, "sync_directory", refuse)
        with pytest.raises(StorageFailed) as failed:
            store.write_students([Student("new", "new", "New")])
    assert failed.value.code == "storage_stopped"
    assert store.student("new") is None


def test_a_start_on_a_full_disk_is_refused_with_words(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.open().close()
    site.students.write_bytes(b'{"format": 1, "store": null, "profile": null, "students": {}}\n')
    Disk(monkeypatch).room = 0
    with pytest.raises(StartRefused, match="disk is full"):
        site.open()


def test_a_log_that_cannot_be_opened_is_said(store: JsonStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.append(entry())

    def exhausted(self: Path, *arguments: object, **options: object) -> object:
        raise OSError(errno.EMFILE, "injected")

    monkeypatch.setattr(Path, "open", exhausted)
    with pytest.raises(StorageFailed, match="too many files"):
        list(store.records())


def test_an_empty_write_is_an_error_and_no_endless_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", lambda descriptor, data: 0)
    with pytest.raises(durable_writes.NotWritten):
        durable_writes.replace_file(tmp_path / "file", [b"data"])


def list_of(site: Site) -> list[dict[str, str | None]]:
    rows: list[dict[str, str | None]] = json.loads(site.log.read_bytes())
    return rows


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.ENOTTY])
def test_every_refusal_has_words(code: int) -> None:
    assert durable_writes.in_words(OSError(code, os.strerror(code)))


def test_a_disk_that_turned_read_only_needs_no_restart(
    site: Site, store: JsonStore, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ext4 does after an error: files stay open, and take nothing, not even what would be put back."""
    before = on_disk(site)
    disk.room, disk.code = 0, errno.EROFS
    for write in WRITES:
        with pytest.raises(StorageFailed) as failed:
            write(store)
        assert failed.value.code == "not_written"
        assert "read-only" in failed.value.detail
        assert not isinstance(failed.value, StorageFull)
    assert on_disk(site) == before
    disk.room = None
    store.append(entry())
    store.close()
    assert len(list_of(site)) == 2
