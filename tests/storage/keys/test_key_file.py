"""The site key: made once, kept apart, never made anew for data that is there."""

from __future__ import annotations

import base64
import errno
import os
import stat
from pathlib import Path

import pytest

from secure_attend.errors import StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.keys import key_file
from tests.support.storage.site import JANE, JOHN, Site, entry, face


def refused(site: Site, code: str) -> StartRefused:
    """Opening is refused with `code` and touches neither file; the key file is not made anew."""
    before = {path: path.read_bytes() for path in (site.students, site.log) if path.exists()}
    had_key = site.key_file.exists()
    with pytest.raises(StartRefused) as failure:
        site.open()
    assert failure.value.code == code
    assert {path: path.read_bytes() for path in before} == before
    assert site.key_file.exists() == had_key
    return failure.value


def test_a_key_is_32_random_bytes_in_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "one.key"
    key = key_file.KeyFile(path).create()
    assert len(key.chain) == 32
    assert key.seal == (key.chain,)
    assert key_file.KeyFile(path).read() == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    key = key_file.KeyFile(path).create()
    with pytest.raises(StartRefused):
        key_file.KeyFile(path).create()
    assert key_file.KeyFile(path).read() == key


def test_without_a_setting_it_lies_in_the_users_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    store = JsonStore.open(tmp_path / "data")
    path = key_file.key_path(store.id)
    assert path.name == f"{store.id}.key"
    assert path.is_relative_to(tmp_path)
    assert path.exists()
    store.close()
    JsonStore.open(tmp_path / "data").close()


@pytest.mark.parametrize("with_face", [True, False], ids=["with a face", "with a record"])
def test_data_without_its_key_is_refused(site: Site, store: JsonStore, with_face: bool) -> None:
    if with_face:
        store.replace_faces(JOHN.key, "sface", [face()])
    else:
        store.append(entry())
    store.close()
    site.key_file.unlink()
    failure = refused(site, "site_key_missing")
    assert str(site.key_file) in failure.detail


def test_a_roster_alone_may_get_a_new_key(site: Site, store: JsonStore) -> None:
    store.close()
    site.key_file.unlink()
    again = site.open()
    assert again.students() == [JOHN, JANE]
    again.close()


def test_another_key_is_refused(site: Site, store: JsonStore) -> None:
    store.append(entry())
    store.close()
    site.key_file.unlink()
    key_file.KeyFile(site.key_file).create()
    refused(site, "site_key_wrong")


@pytest.mark.parametrize("text", [b"", b"not a key", base64.b64encode(bytes(31)), b"\xff\xfe"])
def test_a_file_that_holds_no_key_is_refused(site: Site, store: JsonStore, text: bytes) -> None:
    store.append(entry())
    store.close()
    site.key_file.write_bytes(text)
    refused(site, "site_key_damaged")


def test_a_key_that_cannot_be_read_is_refused(site: Site, store: JsonStore) -> None:
    store.append(entry())
    store.close()
    site.key_file.unlink()
    site.key_file.mkdir()
    refused(site, "site_key_unreadable")


def test_a_key_that_cannot_be_made_stops_the_start(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(durable_writes, "create_private", full)
    assert "disk is full" in refused(site, "site_key_not_written").detail


def test_a_roster_that_lost_its_id_is_refused_while_there_are_records(site: Site, store: JsonStore) -> None:
    store.append(entry())
    store.close()
    site.students.unlink()
    refused(site, "store_id_missing")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_key_that_others_can_read_is_remarked_on(site: Site, store: JsonStore) -> None:
    store.close()
    site.key_file.chmod(0o644)
    again = site.open()
    assert str(site.key_file) in again.notices[0]
    again.close()
