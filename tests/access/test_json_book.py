"""The book on disk: whole after every change, private, and said where it is damaged."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from secure_attend.access.state import Kiosk
from secure_attend.access.state_file import AccessStateFile
from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.chains.record_seal import RecordSeal

SEAL = RecordSeal(b"a key of the tests")

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=timezone.utc)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "access.json"


def kiosk(name: str) -> Kiosk:
    return Kiosk(name, name, "0" * 64, NOW, "Ada")


def test_the_file_is_private_and_made_with_the_first_change(path: Path) -> None:
    keeper = AccessStateFile(path, SEAL)
    with pytest.raises(KeyError), keeper.change() as book:
        book.kiosks["a"] = book.kiosks["missing"]
    assert not path.exists()
    with keeper.change() as book:
        book.kiosks["a"] = kiosk("a")
    assert path.stat().st_mode & 0o077 == 0


def test_a_disk_that_cannot_be_written_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = AccessStateFile(path, SEAL)

    def full(*_: object) -> None:
        raise durable_writes.NotWritten("the disk is full")

    monkeypatch.setattr(durable_writes, "replace_file", full)
    with pytest.raises(StorageFailed), keeper.change() as book:
        book.kiosks["a"] = kiosk("a")
    assert keeper.read().kiosks == {}


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 2}', b'{"accounts": {"a": {}}}'])
def test_a_damaged_file_stops_the_start(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    with pytest.raises(StartRefused, match="put it back from a backup"):
        AccessStateFile(path, SEAL)
