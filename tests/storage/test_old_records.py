"""Records of version 0.1 name a student by the ID alone: they stay with the person who had it when 0.1 ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from secure_attend.storage.chains.log_chain import FIELDS_1, number_of
from secure_attend.storage.ports import Store
from secure_attend.storage.sealed_students import FORMAT
from secure_attend.storage.sql.schema import students
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.tools.copy import copy
from secure_attend.storage.tools.snapshot import contents_of
from secure_attend.storage.tools.verify import verify_place
from secure_attend.storage.upgrade import UPGRADED
from secure_attend.storage.values import Student
from tests.support.postgres import NewDatabase
from tests.support.storage.old_log import Rows, left_by_0_1
from tests.support.storage.site import JANE, JOHN, NOW, Site, entry, mark, open_at, wrong_macs

NOBODYS = "an ID that nobody has"
BEFORE = [JOHN.student_id, JANE.student_id, NOBODYS, JOHN.student_id]


class OldSite:
    """A site of 0.1 with four check-ins, one of them of an ID that is on no list."""

    def __init__(self, site: Site, place: str, rows: Rows) -> None:
        self.site, self.place, self.rows = site, place, rows

    def open(self) -> Store:
        return open_at(self.place, self.site.data, self.site.key_file)

    def verified(self) -> tuple[bool, str]:
        return verify_place(self.place, self.site.key_file, self.site.instance)

    def of(self, person: str) -> list[int | None]:
        """The numbers of somebody's records, by each way to find them."""
        with closing(self.open()) as store:
            found = list(store.records(person=person))
            assert all(record.person == person for record in found)
            assert store.latest_check_in(person) == (found[-1] if found else None)
            return [number_of(record.id) for record in found]

    def correct_id(self, student: Student, student_id: str) -> Student:
        """Give a student another ID, as a version that can do so would write it."""
        corrected = replace(student, student_id=student_id)
        with closing(self.open()) as store:
            mac = store.seal.student(corrected)
            if isinstance(store, SqlStore):
                change = update(students).where(students.c.key == student.key)
                with store.database.writing() as writing:
                    writing.connection.execute(change.values(student_id=student_id, mac=mac))
                return corrected
        value = json.loads(self.site.students.read_bytes())
        kept = value["students"].pop(student.student_id)
        value["students"][student_id] = {**kept, "mac": mac}
        self.site.students.write_text(json.dumps(value))
        return corrected


@pytest.fixture(params=["files", "sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, site: Site, empty_database: NewDatabase) -> OldSite:
    """It comes into a database by a copy, before this version ever opened it."""
    rows = left_by_0_1(site, [JOHN, JANE], [entry(student_id, minutes=n) for n, student_id in enumerate(BEFORE)])
    if request.param == "files":
        return OldSite(site, str(site.data), rows)
    url = empty_database(request.param, site.data)
    with contents_of(str(site.data)) as source:
        copy(source, url, site.key_file, lambda _: None)
    return OldSite(site, url, rows)


def test_they_belong_to_who_had_the_id(old: OldSite) -> None:
    with closing(old.open()) as store:
        assert [record.person for record in store.records()] == [JOHN.key, JANE.key, None, JOHN.key]
        assert {(record.room, record.kiosk_key) for record in store.records()} == {("*", None)}
        assert store.recognised_since(NOW) == {JOHN.key, JANE.key}
        assert store.notices == (UPGRADED,)
    assert wrong_macs(old.place, store) == []
    assert (old.of(JOHN.key), old.of(JANE.key), old.of("")) == ([1, 4], [2], [])
    assert old.verified()[0]


def test_one_chain_continues_and_the_old_rows_stay_as_they_were(old: OldSite) -> None:
    with closing(old.open()) as store:
        store.append(entry(minutes=9))
        store.append(mark(minutes=10))
    with contents_of(old.place) as contents:
        rows = list(contents.rows(0))
    assert rows[:4] == old.rows
    assert all(tuple(row) == FIELDS_1 for row in rows[:4])
    assert [row["person"] for row in rows[4:]] == [JOHN.key, JOHN.key]
    good, words = old.verified()
    assert good
    assert "all 6 records" in words


def test_an_id_that_is_corrected_or_given_to_another_moves_no_record(old: OldSite) -> None:
    with closing(old.open()) as store:
        store.append(entry(minutes=9))
    corrected = old.correct_id(JOHN, "corrected")
    with closing(old.open()) as store:
        assert store.student_with_id("corrected") == corrected
        store.write_students([Student("another", JOHN.student_id, "Another")])
        store.append(replace(entry(minutes=10), person="another"))
    assert (old.of(JOHN.key), old.of("another")) == ([1, 4, 5], [6])
    assert old.verified()[0]
    with closing(old.open()) as store:
        assert store.erase("another") == 1
        assert store.erase(JOHN.key) == 3
        assert [record.student_id for record in store.records()] == [None, JANE.student_id, NOBODYS, None, None, None]
    assert old.verified()[0]


def test_who_is_added_later_has_none_of_them(old: OldSite) -> None:
    with closing(old.open()) as store:
        store.write_students([Student("later", NOBODYS, "Later")])
    assert old.of("later") == []
    with closing(old.open()) as store:
        assert store.erase("later") == 0
        assert store.forget_before(NOW + timedelta(minutes=3)) == 3
        assert [record.student_id for record in store.records()] == [None, None, None, JOHN.student_id]
    assert (old.of(JOHN.key), old.of(JANE.key)) == ([4], [])
    assert old.verified()[0]


def test_they_move_with_the_store(old: OldSite, tmp_path: Path) -> None:
    """Back into files, after an ID was corrected."""
    old.of(JOHN.key)
    old.correct_id(JOHN, "corrected")
    with closing(old.open()) as store:
        store.append(entry(minutes=9))
    target = OldSite(Site(tmp_path / "copied", old.site.key_file), str(tmp_path / "copied"), old.rows)
    with contents_of(old.place) as source:
        copy(source, target.place, old.site.key_file, lambda _: None)
    assert (target.of(JOHN.key), target.of(JANE.key)) == ([1, 4, 5], [2])
    assert target.verified()[0]


def _move_in_file(old: OldSite) -> None:
    text = old.site.students.read_text()
    old.site.students.write_text(text.replace(f'"logged_id": "{JOHN.student_id}"', f'"logged_id": "{NOBODYS}"', 1))


def _move_in_database(old: OldSite) -> None:
    with closing(old.open()) as store:
        assert isinstance(store, SqlStore)
        with store.database.writing() as writing:
            change = update(students).where(students.c.key == JOHN.key)
            writing.connection.execute(change.values(logged_id=NOBODYS))


def test_who_gives_them_to_somebody_else_is_found(old: OldSite) -> None:
    old.of(JOHN.key)
    in_database = "://" in old.place
    move: Callable[[OldSite], None] = _move_in_database if in_database else _move_in_file
    move(old)
    good, words = old.verified()
    assert not good
    assert ("record 1 " if in_database else "whose the records of version 0.1 are was altered") in words


def test_version_0_1_refuses_the_files(site: Site) -> None:
    """It read format 1 alone, and said `Start the version that wrote it` before it looked at the log."""
    left_by_0_1(site, [JOHN], [])
    with closing(site.open()):
        assert json.loads(site.students.read_bytes())["format"] == FORMAT == 2
