"""Importing a roster into the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from secure_attend.attendance.imports.roster_rows import RosterWarning
from secure_attend.attendance.services import Services
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students import roster_import as roster_module
from secure_attend.attendance.students.import_progress import ImportProgress, ImportStage
from secure_attend.attendance.students.roster_import import RosterImport, RosterPlan
from secure_attend.attendance.students.roster_plan import RosterChoices
from secure_attend.errors import Conflict, InvalidInput, NotFound
from secure_attend.storage.sql import bulk_students
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.values import Entry, NewFace, PreparedStudents, Record, Student
from tests.support.postgres import Postgres
from tests.support.storage.site import CONSENT

TIME = SiteTime(lambda: datetime(2026, 11, 22, 9, tzinfo=timezone.utc), ZoneInfo("Europe/Berlin"))
FIRST = b"student_id,name,email\n1001,John Doe,john@school.org\n1002,Jane Smith,\n"


def counts(plan: RosterPlan) -> tuple[int, int, int, int]:
    """How many are added, updated, unchanged and restored."""
    changes = plan.changes
    return len(changes.added), len(changes.updated), changes.unchanged, len(changes.restored)


def test_adds_then_leaves_alone(services: Services) -> None:
    report = services.roster.load(FIRST)
    assert counts(report) == (2, 0, 0, 0)
    again = services.roster.load(FIRST)
    assert counts(again) == (0, 0, 2, 0)


def test_updates_names_and_keeps_what_the_file_does_not_say(services: Services) -> None:
    services.roster.load(FIRST)
    report = services.roster.load(b"student_id,name\n1001,John M. Doe\n1002,Jane Smith\n")
    assert counts(report) == (0, 1, 1, 0)
    john = services.store.student_with_id("1001")
    assert john is not None
    assert (john.name, john.email) == ("John M. Doe", "john@school.org")


def test_never_removes(services: Services) -> None:
    services.roster.load(FIRST)
    services.roster.load(b"student_id,name\n1003,Ann Lee\n")
    assert services.students.counts() == (3, 0)


def test_restores_who_was_removed(services: Services) -> None:
    services.roster.load(FIRST)
    john = services.store.student_with_id("1001")
    assert john is not None
    services.students.remove([john.key])
    report = services.roster.load(FIRST)
    assert counts(report) == (0, 0, 1, 1)
    restored = services.store.student(john.key)
    assert restored is not None
    assert restored.removed_at is None


def test_one_bad_row_changes_nothing(services: Services) -> None:
    services.roster.load(FIRST)
    version = services.store.version
    with pytest.raises(InvalidInput):
        services.roster.load(b"student_id,name\n1001,Changed\n1004,\n")
    assert services.store.version == version


def test_warns_of_ids_that_look_alike(services: Services) -> None:
    services.roster.load(b"student_id,name\n7,Ann\n")
    report = services.roster.load(b"student_id,name\n007,Bob\nab1,Cleo\nAB1,Dan\n8,Eve\n")
    assert [(warning.line, warning.message.split(".")[0]) for warning in report.warnings] == [
        (2, "The ID 007 looks like 7"),
        (3, "The ID ab1 looks like AB1"),
        (4, "The ID AB1 looks like ab1"),
    ]


@pytest.fixture
def two(postgres: Postgres, tmp_path: Path) -> Iterator[tuple[SqlStore, SqlStore]]:
    """One site on PostgreSQL, as two processes have it."""
    url = postgres.new_database()
    opened = [SqlStore.open(url, data=tmp_path, site_key_file=tmp_path / "site.key") for _ in range(2)]
    yield opened[0], opened[1]
    for store in opened:
        store.close()


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object], times: int = 1) -> None:
    """Has `act` done by another process while an import compares its rows with the list, the first times it does."""
    real, waiting = roster_module.similar_ids, [act] * times

    def twins(*given: Any) -> list[RosterWarning]:
        if waiting:
            waiting.pop()()
        return real(*given)

    monkeypatch.setattr(roster_module, "similar_ids", twins)


def test_check_ins_go_on_while_an_import_compares_its_rows(
    two: tuple[SqlStore, SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = two
    rows = "".join(f"{number},N\n" for number in range(1_500))
    check_in = Entry(datetime(2026, 11, 22, 9, tzinfo=timezone.utc), "by_hand", "7", "Dr Ada Byron", person="key")
    meanwhile(monkeypatch, lambda: there.append(check_in))
    assert len(RosterImport(here, TIME).load(f"student_id,name\n{rows}".encode()).changes.added) == 1_500
    assert [record.student_id for record in here.records()] == ["7"]
    assert len(there.students()) == 1_500


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_check_ins_go_on_while_an_import_computes_and_wait_while_it_writes(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    url = postgres.new_database() if database == "postgresql" else f"sqlite:///{tmp_path}/site.db"
    rows = "".join(f"{number},N\n" for number in range(1_500)).encode()
    with (
        closing(SqlStore.open(url, data=tmp_path, site_key_file=tmp_path / "site.key")) as store,
        ThreadPoolExecutor(1) as kiosk,
    ):
        waiting: list[Future[Record]] = []
        prepare, write = store.prepare_students, store.write_students

        def check_in() -> Future[Record]:
            return kiosk.submit(store.append, Entry(TIME.now(), "by_hand", "7", "Dr Ada Byron", person="key"))

        def prepared(given: Sequence[Student]) -> PreparedStudents:
            check_in().result(timeout=60)
            return prepare(given)

        def written(*given: Any, **more: Any) -> None:
            waiting.append(check_in())
            write(*given, **more)
            assert not waiting[0].done()

        monkeypatch.setattr(store, "prepare_students", prepared)
        monkeypatch.setattr(store, "write_students", written)
        assert len(RosterImport(store, TIME).load(b"student_id,name\n" + rows).changes.added) == 1_500
        assert waiting[0].result(timeout=60).student_id == "7"
        assert len(list(store.records())) == 2


def test_a_list_that_always_changes_is_compared_while_it_is_held(
    two: tuple[SqlStore, SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = two
    RosterImport(here, TIME).load(FIRST)
    numbers = iter(range(10))

    def act() -> None:
        john = there.student_with_id("1001")
        assert john is not None
        there.write_students([replace(john, email=f"j{next(numbers)}@example.org")])

    meanwhile(monkeypatch, act, times=roster_module.COMPARED_UNHELD)
    assert counts(RosterImport(here, TIME).load(b"student_id,name\n1001,John M. Doe\n")) == (0, 1, 0, 0)
    john = there.student_with_id("1001")
    assert john is not None
    assert (john.name, john.email) == ("John M. Doe", "j2@example.org")


def test_what_others_change_meanwhile_is_not_lost(
    two: tuple[SqlStore, SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = two
    RosterImport(here, TIME).load(FIRST)
    john = here.students()[0]
    new = Student("their key", "1004", "Cleo Hart", "cleo@example.org")

    def act() -> None:
        there.write_students([new, replace(john, email="new@example.org")])

    meanwhile(monkeypatch, act)
    report = RosterImport(here, TIME).load(b"student_id,name\n1001,John M. Doe\n1004,Cleo M. Hart\n1005,Dan\n")
    assert counts(report)[:2] == (1, 2)
    listed = {student.student_id: student for student in there.students()}
    for student_id, before in (("1001", john), ("1004", new)):
        assert [each.name for each in listed[student_id].former] == [before.name]
    assert listed["1001"] == replace(john, name="John M. Doe", email="new@example.org", former=listed["1001"].former)
    assert listed["1004"] == replace(new, name="Cleo M. Hart", former=listed["1004"].former)


def test_an_import_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int | None]] = []
    real = ImportProgress.now

    def noted(importing: ImportProgress, stage: ImportStage, done: int, total: int | None = None) -> None:
        real(importing, stage, done, total)
        told.append((stage, done, total))

    monkeypatch.setattr(ImportProgress, "now", noted)
    monkeypatch.setattr(bulk_students, "AT_ONCE", 1_000)
    store = SqlStore.open(f"sqlite:///{tmp_path}/site.db", data=tmp_path, site_key_file=tmp_path / "site.key")
    rows = "".join(f"{number},N\n" for number in range(2_500))
    roster = RosterImport(store, TIME)
    assert len(roster.load(f"student_id,name\n{rows}".encode(), "mine").changes.added) == 2_500
    store.close()
    reading = [("reading", done, None) for done in (0, 1_000, 2_000)]
    assert told == [*reading, *(("writing", done, 2_500) for done in (0, 1_000, 2_000, 2_500))]
    with pytest.raises(NotFound):
        roster.imports.get("mine")


ADAEZE = b"student_id,name\n1001,Adaeze Okoye\n"
TOMASZ = "student_id,name\n1001,Tomasz Wójcik\n".encode()


def key_of(services: Services, student_id: str) -> str:
    student = services.store.student_with_id(student_id)
    assert student is not None
    return student.key


def test_an_id_with_another_name_is_asked_about_and_nothing_changes(services: Services) -> None:
    services.roster.load(ADAEZE)
    plan = services.roster.load(TOMASZ, dry_run=True)
    assert [(each.line, each.student.name, each.name) for each in plan.changes.handed] == [
        (2, "Adaeze Okoye", "Tomasz Wójcik")
    ]
    with pytest.raises(Conflict, match="people_to_decide"):
        services.roster.load(TOMASZ)
    assert [student.name for student in services.store.students()] == ["Adaeze Okoye"]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Maria da Silva", "João da Costa"),
        ("Ann van der Berg", "Tom van der Meer"),
        ("J. Smith", "J. Brown"),
        ("Dr. Ann Lee", "Dr. Tom Fox"),
        ("李明", "李华"),
        ("Bo", "Tomasz"),
    ],
)
def test_particles_titles_and_initials_make_nobody_the_same(services: Services, name: str, other: str) -> None:
    services.roster.load(f"student_id,name\n1,{name}\n".encode())
    plan = services.roster.load(f"student_id,name\n1,{other}\n".encode(), dry_run=True)
    assert [each.name for each in plan.changes.handed] == [other]


@pytest.mark.parametrize("name", ["Adaeze N. Smith", "OKOYE, Adaeze", "adaeze"])
def test_a_name_that_shares_a_word_is_the_same_person(services: Services, name: str) -> None:
    services.roster.load(ADAEZE)
    services.roster.load(f'student_id,name\n1001,"{name}"\n'.encode())
    assert [student.name for student in services.store.students()] == [name]


def test_the_same_person_is_renamed(services: Services) -> None:
    services.roster.load(ADAEZE)
    key = key_of(services, "1001")
    services.roster.load(TOMASZ, choices=RosterChoices(same=frozenset({key})))
    assert [(student.key, student.name) for student in services.store.students()] == [(key, "Tomasz Wójcik")]


def test_another_person_gets_the_id_and_neither_face_nor_consent_nor_past(services: Services) -> None:
    services.roster.load(ADAEZE)
    key = key_of(services, "1001")
    services.store.write_students([replace(services.store.students()[0], consent=CONSENT)])
    face = NewFace(np.eye(1, 128, dtype=np.float32)[0], "sface", "camera", TIME.now())
    services.store.replace_faces(key, "sface", [face])
    services.store.append(Entry(TIME.now(), "by_hand", "1001", "Dr Ada Byron", person=key))
    services.roster.load(TOMASZ, choices=RosterChoices(another=frozenset({key})))
    heir, before = services.store.student_with_id("1001"), services.store.student(key)
    assert heir is not None
    assert before is not None
    assert (heir.name, heir.templates, heir.consent) == ("Tomasz Wójcik", (), None)
    assert list(services.store.records(person=heir.key)) == []
    assert (before.name, before.templates, before.consent) == ("Adaeze Okoye", (), None)
    assert before.student_id.startswith("1001 (until 20")
    assert before.removed_at is not None
    assert len(list(services.store.records(person=key))) == 1


def test_a_removed_id_is_handed_on_twice_in_a_day(services: Services) -> None:
    names = [ADAEZE, TOMASZ, b"student_id,name\n1001,Ines Duarte\n"]
    for name in names:
        before = services.store.student_with_id("1001")
        another = frozenset({before.key} if before else ())
        if before:
            services.students.remove([before.key])
        services.roster.load(name, choices=RosterChoices(another=another))
    ids = [student.student_id for student in services.store.students()]
    assert len(set(ids)) == 3
    assert ids.count("1001") == 1


def test_a_whole_column_of_changed_names_is_refused(services: Services) -> None:
    services.roster.load(b"student_id,name\n1,Ada Byron\n2,Per Lindqvist\n3,Ines Duarte\n4,Zoe Wu\n")
    with pytest.raises(InvalidInput, match="3 of 4 students"):
        services.roster.load(b"student_id,name\n1,Per Lindqvist\n2,Ines Duarte\n3,Ada Byron\n4,Zoe Wu\n")


@pytest.mark.parametrize(
    ("listed", "written", "words"),
    [
        ("0012345", "12345", "Excel drops zeros"),
        ("12345", "0012345", "Excel drops zeros"),
        ("12345", "12345.0", "as a number"),
        ("0012345", "12345.0", "separators or zeros"),
        ("CS-2026/007", "CS2026007", "separators"),
        ("CS 2026 007", "CS-2026-007", "separators"),
        ("ab123", "AB123", "capital and small"),
        ("12345", "1.2345", "separators or zeros"),
        ("١٢٣٤٥", "12345", "separators or zeros"),
        ("12345678901234567", "12345678901234500", "15 digits"),
        ("0012345678901234", "12345678901234", "Excel drops zeros"),
    ],
)
def test_a_damaged_id_under_the_same_name_is_asked_about(
    services: Services, listed: str, written: str, words: str
) -> None:
    services.roster.load(f"student_id,name\n{listed},Adaeze Okoye\n".encode())
    data = f"student_id,name,email\n{written},OKOYE Adaeze,a@uni.org\n".encode()
    (damaged,) = services.roster.load(data, dry_run=True).changes.damaged
    assert (damaged.student_id, damaged.student.student_id) == (written, listed)
    assert words in damaged.why
    with pytest.raises(Conflict, match="people_to_decide"):
        services.roster.load(data)
    services.roster.load(data, choices=RosterChoices(damaged="listed"))
    assert [(student.student_id, student.email) for student in services.store.students()] == [(listed, "a@uni.org")]
    services.roster.load(data, choices=RosterChoices(damaged="new"))
    assert {student.student_id for student in services.store.students()} == {listed, written}


@pytest.mark.parametrize("name", ["Okoye, Adaeze", "Adaeze N. Okoye", "ADAEZE OKOYE"])
def test_a_damaged_id_is_asked_about_and_not_warned_of_too(services: Services, name: str) -> None:
    services.roster.load(b"student_id,name\n0012345,Adaeze Okoye\n")
    plan = services.roster.load(f'student_id,name\n12345,"{name}"\n'.encode(), dry_run=True)
    assert (len(plan.changes.damaged), plan.warnings) == (1, ())


def test_a_similar_id_under_another_name_is_another_student(services: Services) -> None:
    services.roster.load(b"student_id,name\n0012345,Adaeze Okoye\n")
    services.roster.load(b"student_id,name\n12345,Per Lindqvist\n")
    assert len(services.store.students()) == 2
