"""A tail cut off the log is missed: by the checkpoint, outside of it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from secure_attend.errors import StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.__main__ import main
from secure_attend.storage.chains import checkpoint
from secure_attend.storage.chains.checkpoint import CheckpointFile, Checkpoints, State
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.sql.database import connect
from secure_attend.storage.sql.schema import records
from secure_attend.storage.sql.schema import site as site_row
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.tools.verify import verify, verify_place
from tests.support.postgres import NewDatabase
from tests.support.storage.site import JANE, JOHN, NOW, Site, entry

KEY = bytes(32)


@pytest.fixture
def filled(site: Site, store: JsonStore) -> Site:
    for minute in range(5):
        store.append(entry(minutes=minute))
    store.close()
    return site


def cut(site: Site, records_left: int) -> None:
    """As somebody does who knows how the file is laid out."""
    lines = site.log.read_bytes().split(b"\n")
    kept = b",\n".join(line.rstrip(b",") for line in lines[1 : 1 + records_left])
    site.log.write_bytes(b"[\n" + kept + b"\n]\n" if records_left else b"[]\n")


def read(site: Site) -> dict[str, object]:
    value: dict[str, object] = json.loads((site.instance / checkpoint.NAME).read_bytes())
    return value


def test_a_whole_log_meets_its_checkpoint(filled: Site) -> None:
    good, words = verify(filled.data, filled.key_file)
    assert good
    assert "None of the 5" in words
    assert read(filled)["records"] == 5


@pytest.mark.parametrize(("left", "words"), [(3, "2 records were removed"), (4, "1 record was"), (0, "5 records were")])
def test_a_tail_cut_off_is_told_and_stops_the_start(filled: Site, left: int, words: str) -> None:
    cut(filled, left)
    data = filled.log.read_bytes()
    good, said = verify(filled.data, filled.key_file)
    assert not good
    assert words in said
    with pytest.raises(StartRefused) as refused:
        filled.open()
    assert refused.value.code == "log_cut"
    assert words in refused.value.detail
    assert filled.log.read_bytes() == data
    (filled.instance / checkpoint.NAME).rename(filled.data / "away")
    filled.open().close()


def test_a_log_that_is_away_or_torn_is_left_so_by_a_start_that_is_refused(filled: Site) -> None:
    whole = filled.log.read_bytes()
    for left in (None, whole[:-40]):
        filled.log.unlink()
        if left is not None:
            filled.log.write_bytes(left)
        with pytest.raises(StartRefused) as refused:
            filled.open()
        assert refused.value.code == "log_cut"
        assert (filled.log.read_bytes() if left else filled.log.exists()) == (left or False)
        filled.log.write_bytes(whole)
    filled.open().close()


def test_without_a_checkpoint_that_is_said(filled: Site) -> None:
    (filled.instance / checkpoint.NAME).unlink()
    cut(filled, 3)
    good, said = verify(filled.data, filled.key_file)
    assert good
    assert "nobody can know" in said


def test_a_start_makes_the_first_one(filled: Site) -> None:
    (filled.instance / checkpoint.NAME).unlink()
    store = filled.open()
    assert read(filled)["records"] == 5
    store.close()


@pytest.mark.parametrize("change", [{"records": 3}, {"seal": "0" * 64}, {"format": 3}, {"mac": None}, {"store": 7}])
def test_a_checkpoint_that_was_changed_is_told(filled: Site, change: dict[str, object]) -> None:
    path = filled.instance / checkpoint.NAME
    path.write_text(json.dumps({**read(filled), **change}))
    if change == {"store": 7}:
        filled.open().close()  # another store's: not this one's business
        return
    with pytest.raises(StartRefused) as refused:
        filled.open()
    assert refused.value.code == "checkpoint_damaged"
    assert str(path) in refused.value.detail


def test_another_record_in_its_place_is_told(filled: Site) -> None:
    store = filled.open()
    (filled.instance / checkpoint.NAME).unlink()
    CheckpointFile(filled.instance, store.id, store._vault.ledger_key).write(State(5, "0" * 64), NOW)
    store.close()
    good, said = verify(filled.data, filled.key_file)
    assert not good
    assert "record 5 is not the one" in said


def test_it_is_written_in_time_and_never_set_back(tmp_path: Path) -> None:
    state = [3, "c"]
    file = CheckpointFile(tmp_path, "store", KEY)
    keeping = Checkpoints(file, lambda: State(int(state[0]), str(state[1])), lambda: NOW, within=0.01)
    keeping.note()
    until = time.monotonic() + 10
    while (found := file.read()) is None:
        assert time.monotonic() < until
        time.sleep(0.005)
    assert (found.records, found.mac) == (3, "c")
    file.write(State(2, "b"), NOW)
    assert file.read() == found
    state[:] = [4, "d"]
    keeping.close()  # nothing was added since: nothing is written
    assert file.read() == found


def test_what_is_not_due_is_written_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, timers = threading.Timer, list[float]()

    def armed(seconds: float, act: Callable[[], None]) -> threading.Timer:
        timers.append(seconds)
        return real(seconds, act)

    monkeypatch.setattr(threading, "Timer", armed)
    file = CheckpointFile(tmp_path, "store", KEY)
    keeping = Checkpoints(file, lambda: State(1, "a"), lambda: NOW)
    keeping.note()
    keeping.note()
    assert len(timers) == 1
    assert file.read() is None
    keeping.close()
    assert file.read() is not None


def test_one_that_cannot_be_written_is_said(site: Site, store: JsonStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, chunks: object) -> None:
        raise durable_writes.NotWritten("the disk is full")

    store.append(entry())
    monkeypatch.setattr(durable_writes, "replace_file", full)
    store.close()
    assert "the disk is full" in " ".join(store.notices)
    assert not (site.instance / checkpoint.NAME).exists()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_tail_cut_off_in_a_database(site: Site, kind: str, new_database: NewDatabase) -> None:
    url = new_database(kind, site.data)
    store = SqlStore.open(url, data=site.data, site_key_file=site.key_file)
    store.write_students([JOHN, JANE])
    for minute in range(5):
        store.append(entry(minutes=minute))
    store.close()
    assert verify_place(url, site.key_file, site.instance)[0]
    database = connect(url)
    with database.writing() as writing:  # and the site's row with it, so that nothing in the database shows it
        head = writing.change()
        writing.connection.execute(delete(records).where(records.c.number > 3))
        mac = writing.connection.execute(records.select().where(records.c.number == 3)).one().mac
        writing.connection.execute(update(site_row).values(records=3, last_mac=mac))
        head.records, head.last_mac = 3, mac
    database.close()
    assert verify_place(url, site.key_file)[0]
    assert main(["verify", "--data", url, "--site-key-file", str(site.key_file)]) == 0
    where = ["--checkpoint", str(site.instance)]
    assert main(["verify", "--data", url, "--site-key-file", str(site.key_file), *where]) == 1
    with pytest.raises(StartRefused) as refused:
        SqlStore.open(url, data=site.data, site_key_file=site.key_file)
    assert refused.value.code == "log_cut"
    assert "2 records were removed" in refused.value.detail


def test_an_older_backup_that_is_restored_is_what_is_known_then(filled: Site, tmp_path: Path) -> None:
    key = ["--site-key-file", str(filled.key_file)]
    assert main(["backup", "--from", str(filled.data), "--to", str(tmp_path / "backup"), *key]) == 0
    store = filled.open()
    store.append(entry())
    store.close()
    for path in (filled.log, filled.students):
        path.unlink()
    assert main(["restore", "--from", str(tmp_path / "backup"), "--to", str(filled.data), *key]) == 0
    assert read(filled)["records"] == 5
    filled.open().close()
