"""Erasing ends in the erased state, cut off anywhere, and stays so when an older backup is put back."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from secure_attend.errors import StartRefused, StorageFull
from secure_attend.storage.chains.log_chain import LogChain
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.files.log_file import LogFile
from secure_attend.storage.files.students_file import StudentsFile
from secure_attend.storage.tools.verify import verify
from tests.support.storage.site import JANE, JOHN, NOW, Site, entry, face


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def filled(store: JsonStore) -> JsonStore:
    for student in (JOHN, JANE, JOHN):
        store.append(entry(student.student_id))
    store.replace_faces(JOHN.key, "sface", [face()])
    return store


def assert_erased(site: Site) -> None:
    data = site.students.read_bytes() + site.log.read_bytes()
    assert JOHN.name.encode() not in data
    assert b'"007"' not in data
    assert JOHN.key.encode() not in data
    again = site.open()
    assert again.students() == [JANE]
    assert [record.student_id for record in again.records()] == [None, JANE.student_id, None]
    again.close()


@pytest.mark.parametrize("place", [(LogFile, "forget"), (StudentsFile, "write")])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_cut_off_anywhere_it_ends_erased(
    site: Site, filled: JsonStore, place: tuple[type, str], after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., object] = getattr(*place)

    def die(*arguments: object) -> None:
        if after:
            real(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(*place, die)
        with pytest.raises(Killed):
            filled.erase(JOHN.key)
    filled.close()
    again = site.open()
    notices = again.notices
    again.close()
    assert_erased(site)
    assert bool(notices) == (place[1] == "forget" or not after)


@pytest.mark.parametrize("place", [(LogFile, "forget"), (StudentsFile, "write")])
def test_one_that_a_full_disk_stops_says_that_it_began_and_is_finished_when_asked_again(
    site: Site, filled: JsonStore, place: tuple[type, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "")

    with monkeypatch.context() as patched:
        patched.setattr(*place, full)
        with pytest.raises(StorageFull) as failed:
            filled.erase(JOHN.key)
    assert failed.value.detail.endswith("or restart Secure-Attend to finish it: the disk is full.")
    filled.erase(JOHN.key)
    filled.close()
    assert_erased(site)


def test_a_restored_backup_is_erased_again(site: Site, filled: JsonStore) -> None:
    students, log = site.students.read_bytes(), site.log.read_bytes()
    assert filled.erase(JOHN.key) == 2
    filled.close()
    site.students.write_bytes(students)
    site.log.write_bytes(log)
    again = site.open()
    assert "Erased again: 1" in again.notices[0]
    again.close()
    assert_erased(site)


def test_the_list_of_erasures_names_nobody(site: Site, filled: JsonStore) -> None:
    filled.erase(JOHN.key)
    text = (site.instance / "erasures.json").read_text()
    assert JOHN.key in text
    assert JOHN.name not in text
    assert "007" not in text


def test_the_log_still_verifies(site: Site, filled: JsonStore) -> None:
    ledger: LogChain = filled._log._ledger
    filled.erase(JOHN.key)
    with filled._log.chosen(None, None, None) as reading:
        assert ledger.verify(reading) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 2, "erased": []}', '{"format": 1, "erased": [{"key": "x"}]}']
)
def test_a_damaged_list_stops_the_start(site: Site, store: JsonStore, text: str) -> None:
    store.close()
    (site.instance / "erasures.json").write_text(text)
    with pytest.raises(StartRefused) as refused:
        site.open()
    assert refused.value.code == "erasures_damaged"


@pytest.mark.parametrize("replaced", [False, True])
def test_forgetting_old_records_cut_off_is_whole_or_nothing(
    site: Site, store: JsonStore, monkeypatch: pytest.MonkeyPatch, replaced: bool
) -> None:
    """The process dies while the log is written anew: before the new file took the old one's place, or just after."""
    records = [store.append(entry(minutes=minutes)) for minutes in range(5)]
    before = site.log.read_bytes()
    replace_file = Path.replace

    def die(self: Path, target: Path) -> None:
        if replaced:
            replace_file(self, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            store.forget_before(NOW + timedelta(minutes=3))
    store.close()
    assert (site.log.read_bytes() == before) is not replaced
    assert verify(site.data, site.key_file)[0]
    again = site.open()
    assert again.forget_before(NOW + timedelta(minutes=3)) == (0 if replaced else 3)
    assert [record.student_id for record in again.records()] == [None] * 3 + ["007"] * 2
    assert [record.id for record in again.records()] == [record.id for record in records]
    again.close()
