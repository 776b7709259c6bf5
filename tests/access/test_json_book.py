"""The book on disk: whole after every change, shared by threads and processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from secure_attend.access.book import Kiosk
from secure_attend.access.json_book import JsonBook
from secure_attend.access.limits import LOGIN, MOST_COUNTED, Limits
from secure_attend.errors import StartRefused, StorageFailed, TooMany
from secure_attend.storage import durable

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=timezone.utc)
ANOTHER = """
import sys
from datetime import datetime, timezone
from pathlib import Path
from secure_attend.access.json_book import JsonBook
from secure_attend.access.limits import LOGIN, Limits
limits = Limits(JsonBook(Path(sys.argv[1])), lambda: datetime(2026, 11, 23, 8, 30, tzinfo=timezone.utc))
for _ in range(2):
    limits.take(LOGIN, "here", "ada")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "access.json"


def kiosk(name: str) -> Kiosk:
    return Kiosk(name, name, "0" * 64, NOW, "Ada")


def test_what_was_changed_is_there_after_a_restart(path: Path) -> None:
    with JsonBook(path).change() as book:
        book.kiosks["a"] = kiosk("a")
    assert JsonBook(path).read().kiosks == {"a": kiosk("a")}
    assert path.stat().st_mode & 0o077 == 0


def test_an_exception_changes_nothing(path: Path) -> None:
    keeper = JsonBook(path)
    with pytest.raises(KeyError), keeper.change() as book:
        book.kiosks["a"] = book.kiosks.setdefault("b", kiosk("b")) and book.kiosks["missing"]
    assert keeper.read().kiosks == {}
    assert not path.exists()


def test_a_book_that_was_read_never_changes(path: Path) -> None:
    keeper = JsonBook(path)
    before = keeper.read()
    with keeper.change() as book:
        book.kiosks["a"] = kiosk("a")
    assert before.kiosks == {}


def test_changes_at_once_are_all_kept(path: Path) -> None:
    keeper = JsonBook(path)

    def add(name: str) -> None:
        with keeper.change() as book:
            book.kiosks[name] = kiosk(name)

    threads = [threading.Thread(target=add, args=(str(number),)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(JsonBook(path).read().kiosks) == 16


def test_a_disk_that_cannot_be_written_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = JsonBook(path)

    def full(*_: object) -> None:
        raise durable.NotWritten("the disk is full")

    monkeypatch.setattr(durable, "replace_file", full)
    with pytest.raises(StorageFailed), keeper.change() as book:
        book.kiosks["a"] = kiosk("a")
    assert keeper.read().kiosks == {}


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 2}', b'{"accounts": {"a": {}}}'])
def test_a_damaged_file_stops_the_start(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    with pytest.raises(StartRefused, match="put it back from a backup"):
        JsonBook(path)


def test_tries_are_counted_across_processes(path: Path) -> None:
    limits = Limits(JsonBook(path), lambda: NOW)
    limits.take(LOGIN, "here", "ada")
    for _ in range(2):
        subprocess.run([sys.executable, "-c", ANOTHER, str(path)], check=True)
    with pytest.raises(TooMany):
        limits.check(LOGIN, "here", "ada")
    limits.check(LOGIN, "there", "ada")


def test_a_clock_set_back_lengthens_no_pause(path: Path) -> None:
    now = [NOW]
    limits = Limits(JsonBook(path), lambda: now[0])
    for _ in range(5):
        limits.take(LOGIN, "here")
    with pytest.raises(TooMany):
        limits.check(LOGIN, "here")
    now[0] = NOW - timedelta(hours=1)
    limits.check(LOGIN, "here")


def test_counts_are_forgotten_when_they_are_old_or_too_many(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secure_attend.access.limits.MOST_COUNTED", 3)
    assert MOST_COUNTED > 1000
    now = [NOW]
    keeper = JsonBook(path)
    limits = Limits(keeper, lambda: now[0])
    for address in "abcde":
        limits.take(LOGIN, address)
    assert len(keeper.read().attempts) == 3
    now[0] += timedelta(minutes=16)
    limits.take(LOGIN, "z")
    assert len(keeper.read().attempts) == 1
