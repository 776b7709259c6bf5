"""The access state on disk: whole after every change, private, and refused if damaged."""

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
    repository = AccessStateFile(path, SEAL)
    with pytest.raises(KeyError), repository.change() as state:
        state.kiosks["a"] = state.kiosks["missing"]
    assert not path.exists()
    with repository.change() as state:
        state.kiosks["a"] = kiosk("a")
    assert path.stat().st_mode & 0o077 == 0


def test_a_disk_that_cannot_be_written_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = AccessStateFile(path, SEAL)

    def full(*_: object) -> None:
        raise durable_writes.NotWritten("the disk is full")

    monkeypatch.setattr(durable_writes, "replace_file", full)
    with pytest.raises(StorageFailed), repository.change() as state:
        state.kiosks["a"] = kiosk("a")
    assert repository.read().kiosks == {}


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 2}', b'{"accounts": {"a": {}}}'])
def test_a_damaged_file_stops_the_start(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    with pytest.raises(StartRefused, match="Restore it from a backup"):
        AccessStateFile(path, SEAL)
