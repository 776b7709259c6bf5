"""The audit trail, whatever keeps it: chained, whole after a crash, and every change by hand found."""

from __future__ import annotations

import json
import os
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Executable, delete, update

from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.__main__ import main
from secure_attend.storage.chains.audit_chain import AuditChain, AuditEvent, AuditSelection
from secure_attend.storage.files.audit_file import AUDIT, AuditFile
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.ports import Store
from secure_attend.storage.sql.schema import audit, audit_head
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.tools.verify import verify_place
from tests.support.storage.site import JOHN, NOW, Site, entry, open_at

DEED = AuditEvent(
    NOW, "account:a", "Ada \u0141", "192.0.2.1", "see_student", "done", ("student:k",), {"n": 1, "x": None}
)
KEY = bytes(range(32))
EVERYTHING = AuditSelection(asked=True)
Open = Callable[[], Store]


@pytest.fixture
def opened(place: str, site: Site) -> Iterator[Open]:
    """`opened()` opens the store, after closing it."""
    stores: list[Store] = []

    def again() -> Store:
        for store in stores:
            store.close()
        stores[:] = [open_at(place, site.data, site.key_file)]
        return stores[0]

    yield again
    for store in stores:
        store.close()


def numbered(count: int) -> Iterator[AuditEvent]:
    for number in range(count):
        yield replace(
            DEED,
            time=NOW + timedelta(minutes=number),
            by=f"account:{number % 3}",
            about=(f"student:{number % 4}", "student:_%"),
            state="asked" if number % 5 == 0 else "done",
        )


def test_entries_come_back_as_they_were(opened: Open, place: str, site: Site) -> None:
    trail = opened().audit
    assert [trail.append(deed) for deed in (DEED, replace(DEED, about=(), facts={}, name=None, of=1))] == [1, 2]
    again = opened().audit
    assert [one.deed for one in again.all(EVERYTHING)] == [DEED, replace(DEED, about=(), facts={}, name=None, of=1)]
    assert again.append(DEED) == 3
    good, words = verify_place(place, site.key_file)
    assert good, words


def test_pages_and_filters(opened: Open) -> None:
    trail = opened().audit
    for deed in numbered(30):
        trail.append(deed)
    for wanted in (
        AuditSelection(),
        EVERYTHING,
        AuditSelection(by="account:1"),
        AuditSelection(about="student:2"),
        AuditSelection(about="student:_%"),
        AuditSelection(about="student:"),
        AuditSelection(action="nothing"),
        AuditSelection(since=NOW + timedelta(minutes=3), until=NOW + timedelta(minutes=9), asked=True),
    ):
        every = [one for one in trail.all(EVERYTHING) if wanted.fits(one.deed)]
        assert list(trail.all(wanted)) == every
        assert trail.page(wanted, before=None, limit=100) == every[::-1]
        first = trail.page(wanted, before=None, limit=4)
        assert first == every[::-1][:4]
        if first:
            assert trail.page(wanted, before=first[-1].number, limit=3) == every[::-1][4:7]
    assert trail.page(EVERYTHING, before=1, limit=5) == []
    assert len(trail.page(EVERYTHING, before=10**15, limit=5)) == 5


def test_entries_made_at_once_stand_in_one_chain(opened: Open, place: str, site: Site) -> None:
    trail = opened().audit
    threads = [threading.Thread(target=lambda: [trail.append(DEED) for _ in range(5)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.number for one in trail.all(EVERYTHING)] == list(range(1, 31))
    assert verify_place(place, site.key_file)[0]


def test_an_erased_student_leaves_no_name_and_the_chain_goes_on(opened: Open, place: str, site: Site) -> None:
    store = opened()
    store.write_students([JOHN])
    store.append(entry())
    store.audit.append(replace(DEED, about=(f"student:{JOHN.key}",)))
    store.erase(JOHN.key)
    store.audit.append(replace(DEED, action="erase_student", about=(f"student:{JOHN.key}",)))
    assert verify_place(place, site.key_file)[0]


def test_moving_a_site_takes_its_trail_along(
    opened: Open, place: str, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = opened()
    store.write_students([JOHN])
    for deed in numbered(7):
        store.audit.append(deed)
    store.close()
    target = str(tmp_path / "copy") if "://" in place else f"sqlite:///{tmp_path / 'copy.db'}"
    key = ["--site-key-file", str(site.key_file)]
    assert main(["copy", "--from", place, "--to", target, *key]) == 0, capsys.readouterr().out
    assert main(["verify", "--data", target, *key]) == 0
    back = str(tmp_path / "back") if "://" not in place else f"sqlite:///{tmp_path / 'back.db'}"
    assert main(["copy", "--from", target, "--to", back, *key]) == 0
    if "://" not in place:
        assert (Path(back) / "instance" / AUDIT).read_bytes() == (site.instance / AUDIT).read_bytes()


# The file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / AUDIT


def reopened(path: Path) -> AuditFile:
    return AuditFile(path, AuditChain(KEY))


@pytest.fixture
def written(path: Path) -> list[bytes]:
    """A trail of ten entries, as lines."""
    trail = reopened(path)
    for deed in numbered(10):
        trail.append(deed)
    return path.read_bytes().splitlines(keepends=True)


def test_every_change_by_hand_is_found(path: Path, written: list[bytes]) -> None:
    chance = random.Random(5)
    chain = AuditChain(KEY)
    for _ in range(300):
        lines = list(written)
        at = chance.randrange(len(lines) - 1)  # the last is cut off unseen
        kind = chance.choice(["drop", "swap", "copy", "edit", "forge"])
        if kind == "drop":
            del lines[at]
        elif kind == "swap":
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
        elif kind == "copy":
            lines.insert(at + 1, lines[at])
        else:
            row = json.loads(lines[at])
            row[chance.choice(["by", "place", "action", "name"])] = "somebody else"
            forged = AuditChain(bytes(32)) if kind == "forge" else None
            lines[at] = (json.dumps({**row, "mac": forged._mac(row, "")} if forged else row)).encode() + b"\n"
        fault = chain.verify(map(json.loads, lines))
        assert fault is not None, (kind, at)
        assert abs(fault.position - at - 1) <= 1, (kind, at, fault)


def test_wherever_a_write_is_cut_off_all_that_was_confirmed_is_there(path: Path, written: list[bytes]) -> None:
    whole, last = b"".join(written[:-1]), written[-1]
    for kept in range(len(last)):
        for rest in (last[:kept], last[:kept] + b"\0" * (len(last) - kept)):
            path.write_bytes(whole + rest)
            trail = reopened(path)
            assert len(list(trail.all(EVERYTHING))) == 9
            assert trail.append(DEED) == 10
            assert len(list(reopened(path).all(EVERYTHING))) == 10


@pytest.mark.parametrize(
    "edit",
    [
        lambda lines: [b"rubbish\n", *lines],
        lambda lines: [*lines[:4], *lines[5:]],
        lambda lines: [*lines[:4], b"\n", *lines[4:]],
        lambda lines: [*lines[:-1], lines[-1].replace(b"192.0.2.1", b"192.0.2.2")],
        lambda lines: [*lines, b"{}\n"],
    ],
)
def test_an_edited_file_stops_the_start_and_stays(
    path: Path, written: list[bytes], edit: Callable[[list[bytes]], list[bytes]]
) -> None:
    edited = b"".join(edit(written))
    path.write_bytes(edited)
    with pytest.raises(StartRefused, match="audit_edited"):
        reopened(path)
    assert path.read_bytes() == edited


def test_two_that_write_the_file_stand_in_one_chain(path: Path) -> None:
    one, other = reopened(path), reopened(path)
    for number in range(1, 7):
        assert (one, other)[number % 2].append(DEED) == number
    assert [entry.number for entry in one.page(EVERYTHING, before=None, limit=9)] == [6, 5, 4, 3, 2, 1]
    assert reopened(path).append(DEED) == 7


def test_a_disk_that_is_full_leaves_the_trail_whole(
    path: Path, written: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = reopened(path)

    def full(descriptor: int, data: bytes) -> None:
        os.write(descriptor, data[:20])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(durable_writes, "write_fully", full)
        with pytest.raises(StorageFailed, match="audit_not_written"):
            trail.append(DEED)
    assert path.read_bytes() == b"".join(written)
    assert trail.append(DEED) == 11


def test_after_a_sync_that_failed_nothing_is_entered_any_more(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trail = reopened(path)

    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(durable_writes, "sync", broken)
        with pytest.raises(StorageFailed, match="audit_stopped"):
            trail.append(DEED)
    with pytest.raises(StorageFailed, match="audit_stopped"):
        trail.append(DEED)
    assert reopened(path).append(DEED) == 2


def test_verify_names_the_entry(site: Site, store: JsonStore, capsys: pytest.CaptureFixture[str]) -> None:
    for deed in numbered(5):
        store.audit.append(deed)
    store.close()
    trail = site.instance / AUDIT
    trail.write_bytes(trail.read_bytes().replace(b'"account:2"', b'"account:9"', 1))
    assert main(["verify", "--data", str(site.data), "--site-key-file", str(site.key_file)]) == 1
    assert "line 3: entry 3 of the audit trail was altered" in capsys.readouterr().out


# The database


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (update(audit).where(audit.c.number == 3).values(by="account:9"), "entry 3 of the audit trail was altered"),
        (delete(audit).where(audit.c.number == 6), "missing where entry 6 should be"),
        (update(audit_head).values(last_mac="0" * 64), "entry 6 of the audit trail was altered"),
    ],
)
def test_a_database_that_was_changed_is_found(
    place: str, opened: Open, site: Site, change: Executable, words: str
) -> None:
    store = opened()
    assert isinstance(store, SqlStore)
    for deed in numbered(6):
        store.audit.append(deed)
    with store.database.changing() as connection:
        connection.execute(change)
    good, said = verify_place(place, site.key_file)
    assert not good
    assert words in said
    with pytest.raises(StartRefused, match="audit_edited"):
        opened()
