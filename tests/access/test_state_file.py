"""The access state on disk: whole after every change, private, and refused if damaged."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from secure_attend.access.state import Kiosk
from secure_attend.access.state_file import AccessStateFile
from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.access_items import items_of
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.files.first_start import seal_access_file

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


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": "2"}', b'{"accounts": {"a": {}}}'])
def test_a_damaged_file_stops_the_start(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    with pytest.raises(StartRefused, match="Restore it from a backup"):
        AccessStateFile(path, SEAL)


OF_0_1 = {
    "format": 1,
    "accounts": {
        "a": {"key": "a", "name": "Ada", "role": "admin", "password": "$", "created_at": NOW.isoformat()},
        "b": {"key": "b", "name": "Bea", "role": "faculty", "password": "$", "created_at": NOW.isoformat()},
    },
}


def test_accounts_of_0_1_keep_what_they_could_do_and_are_written_in_the_new_form(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps(OF_0_1))
    assert seal_access_file(path, SEAL)
    repository = AccessStateFile(path, SEAL)
    roles = {key: account.roles for key, account in repository.read().accounts.items()}
    assert roles == {"a": ("admin", "registrar", "faculty"), "b": ("faculty",)}
    with repository.change() as state:
        state.kiosks["a"] = kiosk("a")
    written = json.loads(path.read_text())
    assert written["format"] == 2
    assert written["accounts"]["a"]["roles"] == ["admin", "registrar", "faculty"]
    assert not any("role" in account for account in written["accounts"].values())
    assert written["mac"] == SEAL.access(items_of(written))
    assert AccessStateFile(path, SEAL).read() == repository.read()


def test_a_role_that_nobody_knows_is_damage(path: Path) -> None:
    path.parent.mkdir()
    accounts = {"a": OF_0_1["accounts"]["a"] | {"role": "root"}}  # type: ignore[index]
    path.write_text(json.dumps({"format": 1, "accounts": accounts}))
    with pytest.raises(StartRefused, match="Restore it from a backup"):
        AccessStateFile(path, SEAL)


def test_a_file_of_a_newer_version_is_refused_in_words(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"format": 3, "accounts": {}}')
    with pytest.raises(StartRefused, match="belongs to a newer version"):
        AccessStateFile(path, SEAL)


def test_a_code_from_before_it_was_kept_who_issued_it(path: Path) -> None:
    path.parent.mkdir()
    older = {"format": 2, "codes": {"s": {"hash": "$argon2id$", "tries": 4, "issued_at": "2026-11-23T08:30:00Z"}}}
    path.write_text(json.dumps({**older, "mac": SEAL.access(items_of(older))}))
    (code,) = AccessStateFile(path, SEAL).read().codes.values()
    assert (code.tries, code.issued_by) == (4, None)
