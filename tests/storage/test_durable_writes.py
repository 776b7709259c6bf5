"""What reaches the disk, and in which order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secure_attend.storage import durable_writes
from secure_attend.storage.files import log_file
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.tools.verify import verify
from secure_attend.storage.values import Student
from tests.support.storage.site import Site, entry


class Watch:
    """Notes every write, sync and replacement, and lets it happen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[str] = []
        self._note(monkeypatch, os, "write", "write")
        self._note(monkeypatch, durable_writes, "sync", "sync")
        self._note(monkeypatch, durable_writes, "sync_directory", "sync directory")
        self._note(monkeypatch, Path, "replace", "replace")

    def _note(self, monkeypatch: pytest.MonkeyPatch, where: object, name: str, words: str) -> None:
        real = getattr(where, name)

        def noting(*arguments: object) -> object:
            self.seen.append(words)
            return real(*arguments)

        monkeypatch.setattr(where, name, noting)

    def during(self, work: object) -> list[str]:
        self.seen.clear()
        work()  # type: ignore[operator]
        return list(self.seen)


def test_an_append_is_one_write_and_one_sync_however_long_the_log(
    store: JsonStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(monkeypatch)
    for _ in range(30):
        assert watch.during(lambda: store.append(entry())) == ["write", "sync"]


def test_an_append_reads_nothing(store: JsonStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.append(entry())

    def refuse(*_: object) -> bytes:
        raise AssertionError("read")

    monkeypatch.setattr(os, "read", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    store.append(entry())


def test_a_roster_is_written_aside_synced_and_put_in_place(store: JsonStore, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch)
    seen = watch.during(lambda: store.write_students([Student(f"k{n}", f"{n}", "N") for n in range(50)]))
    assert seen == ["write", "sync", "replace", "sync directory"]


def test_large_files_are_written_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable_writes, "WRITE_AT_ONCE", 100)
    chunks = [bytes([number]) * 60 for number in range(20)]
    durable_writes.replace_file(tmp_path / "file", chunks)
    assert (tmp_path / "file").read_bytes() == b"".join(chunks)


def test_what_is_created_is_never_overwritten(tmp_path: Path) -> None:
    durable_writes.create_private(tmp_path / "file", b"first")
    with pytest.raises(FileExistsError):
        durable_writes.create_private(tmp_path / "file", b"second")
    assert (tmp_path / "file").read_bytes() == b"first"


def test_a_start_checks_the_end_of_a_long_log_and_verify_all_of_it(
    site: Site, store: JsonStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "CHECKED_AT_START", 2)
    for minute in range(5):
        store.append(entry(minutes=minute))
    store.close()
    edited = site.log.read_bytes().replace(b"hall", b"roof", 1)
    site.log.write_bytes(edited)
    again = site.open()
    again.append(entry())
    again.close()
    assert site.log.read_bytes().startswith(edited[:-3])
    good, words = verify(site.data, site.key_file)
    assert not good
    assert "record 1" in words
