"""The store in PostgreSQL and in SQLite: the contract of every store, and what is particular to databases."""

from __future__ import annotations

import base64
import re
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from secure_attend.errors import Conflict, StartRefused, StorageFailed, StorageFull
from secure_attend.storage.chains.log_chain import number_of
from secure_attend.storage.ports import Store
from secure_attend.storage.sql import database, log_table
from secure_attend.storage.sql.schema import metadata
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.tools.snapshot import contents_of
from secure_attend.storage.tools.verify import verify_place
from secure_attend.storage.values import Student
from tests.support.postgres import NewDatabase
from tests.support.storage.made_tables import MadeTables
from tests.support.storage.site import JANE, JOHN, NOW, Reopen, Site, entry, face, key_of, wrong_macs
from tests.support.storage.store_contract import StoreContract

KINDS = ("sqlite", "postgresql")


@contextmanager
def reopening(site: Site, url: str) -> Iterator[Reopen]:
    opened: list[SqlStore] = []

    def reopen() -> SqlStore:
        for store in opened:
            store.close()
        opened[:] = [SqlStore.open(url, data=site.data, site_key_file=site.key_file, clock=lambda: NOW)]
        return opened[0]

    yield reopen
    for store in opened:
        store.close()


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, site: Site, empty_database: NewDatabase) -> str:
    """The address of an empty database."""
    return empty_database(request.param, site.data)


class TestContract(StoreContract):
    @pytest.fixture(params=KINDS)
    def url(self, request: pytest.FixtureRequest, site: Site, made_tables: MadeTables) -> str:
        """Like that of the others, its tables made. They begin with an empty database."""
        return made_tables.copy(request.param, site.data)

    @pytest.fixture
    def reopen(self, site: Site, url: str) -> Iterator[Reopen]:
        with reopening(site, url) as reopen:
            yield reopen

    @pytest.fixture(autouse=True)
    def _place(self, url: str) -> None:
        self.place = url

    def wrong_macs(self, store: Store) -> list[str]:
        return wrong_macs(self.place, store)


@pytest.fixture
def stores(site: Site, url: str) -> Iterator[Callable[[], SqlStore]]:
    """`stores()` opens the site once more, as another process does."""
    opened: list[SqlStore] = []

    def another() -> SqlStore:
        opened.append(SqlStore.open(url, data=site.data, site_key_file=site.key_file, clock=lambda: NOW))
        return opened[-1]

    yield another
    for store in opened:
        store.close()


@pytest.fixture
def execute(url: str) -> Iterator[Callable[[str], None]]:
    """Changes the database behind the program's back."""
    engine = create_engine(make_url(url).set(drivername="sqlite" if url.startswith("sqlite") else "postgresql+psycopg"))

    def run(statement: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(statement))

    yield run
    engine.dispose()


class TestSeveralAtOnce:
    """Two stores on one database are two processes."""

    def test_each_sees_what_the_other_wrote(self, stores: Callable[[], SqlStore]) -> None:
        one, other = stores(), stores()
        assert other.students() == []
        one.write_students([JOHN, JANE])
        before = other.version
        one.replace_faces(JOHN.key, "sface", [face()])
        record = one.append(entry())
        one.set_profile("sface")
        assert [student.key for student in other.students()] == [JOHN.key, JANE.key]
        assert other.changed_students(before)[1] == (JOHN.key,)
        assert [key for key, _ in other.embeddings("sface", [JOHN.key])] == [JOHN.key]
        assert (other.record(record.id), other.profile(), other.version) == (record, "sface", one.version)
        other.erase(JOHN.key)
        assert one.students() == [JANE]
        assert one.changed_students(one.version - 1)[1] == (JOHN.key,)
        assert list(one.embeddings("sface")) == []

    def test_read_then_append_is_one_step_for_all(self, stores: Callable[[], SqlStore]) -> None:
        here = [stores(), stores()]
        here[0].write_students([JOHN])
        barrier = threading.Barrier(8)

        def check_in(store: SqlStore) -> None:
            barrier.wait()
            with store.transaction():
                if store.latest_check_in(JOHN.key) is None:
                    store.append(entry())

        threads = [threading.Thread(target=check_in, args=(here[number % 2],)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(list(here[0].records())) == 1

    def test_all_write_into_one_chain(self, stores: Callable[[], SqlStore], site: Site, url: str) -> None:
        here = [stores(), stores()]
        threads = [
            threading.Thread(target=lambda store: [store.append(entry()) for _ in range(25)], args=(here[number % 2],))
            for number in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [number_of(record.id) for record in here[0].records()] == list(range(1, 101))
        good, words = verify_place(url, site.key_file)
        assert (good, "all 100 records" in words) == (True, True)

    def test_they_may_start_at_the_same_moment(self, stores: Callable[[], SqlStore]) -> None:
        barrier, ids = threading.Barrier(4), []

        def start() -> None:
            barrier.wait()
            ids.append(stores().id)

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(ids), len(set(ids))) == (4, 1)


def test_a_transaction_is_written_whole_or_not_at_all(stores: Callable[[], SqlStore]) -> None:
    store, other = stores(), stores()

    def given_up() -> None:
        with store.transaction():
            store.write_students([JOHN])
            store.replace_faces(JOHN.key, "sface", [face()])
            store.append(entry())
            assert store.students() == [store.student(JOHN.key)]
            assert other.students() == []
            assert store.changed_students(0)[1] == ()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        given_up()
    assert (store.students(), list(store.records())) == ([], [])
    assert store.append(entry()).id.startswith("1-")


def test_a_long_log_is_read_in_pages(stores: Callable[[], SqlStore], monkeypatch: pytest.MonkeyPatch) -> None:
    store = stores()
    records = [store.append(entry(("007", "8")[number % 3 == 0], minutes=number)) for number in range(25)]
    monkeypatch.setattr(log_table, "A_PAGE", 4)
    assert list(store.records()) == records
    assert list(store.records(person=key_of("8"))) == records[::3]
    assert list(store.records(since=NOW + timedelta(minutes=5), until=NOW + timedelta(minutes=9))) == records[5:9]


def test_many_students_at_once(stores: Callable[[], SqlStore]) -> None:
    store = stores()
    many = [Student(f"key {number}", f"id {number}", "N") for number in range(2500)]
    store.write_students(many)
    assert store.students() == many
    again = [replace(student, name="M") for student in many]
    store.write_students(again, drop_faces=[student.key for student in many])
    assert store.students() == stores().students() == again


class TestKey:
    def test_a_missing_key_is_refused_and_not_replaced(self, stores: Callable[[], SqlStore], site: Site) -> None:
        stores().close()
        site.key_file.unlink()
        with pytest.raises(StartRefused) as refused:
            stores()
        assert refused.value.code == "site_key_missing"
        assert not site.key_file.exists()

    def test_another_key_is_refused(self, stores: Callable[[], SqlStore], site: Site) -> None:
        stores().close()
        site.key_file.write_bytes(base64.b64encode(bytes(32)))
        with pytest.raises(StartRefused) as refused:
            stores()
        assert refused.value.code == "site_key_wrong"

    def test_templates_are_sealed(self, stores: Callable[[], SqlStore], site: Site, url: str) -> None:
        store = stores()
        store.write_students([JOHN])
        store.replace_faces(JOHN.key, "sface", [face()])
        with contents_of(url) as contents:
            kept = contents.roster.students[JOHN.key]
        assert base64.b64decode(kept.sealed[0]).find(face().embedding.tobytes()[:8]) == -1


EDITS = {
    "UPDATE records SET kiosk = 'x' WHERE number = 3": "record 3 .* was altered",
    "UPDATE records SET student_id = 'x' WHERE number = 3": "record 3 .* was altered",
    "UPDATE records SET person = 'x' WHERE number = 3": "record 3 .* was altered",
    "UPDATE records SET kiosk_key = 'x' WHERE number = 3": "record 3 .* was altered",
    "UPDATE records SET format = 1 WHERE number = 3": "record 3 .* was altered",
    "DELETE FROM records WHERE number = 3": "missing before record 3",
    "DELETE FROM records WHERE number > 3": "missing before record 4",
    "UPDATE records SET number = number + 10": "missing before record 1",
    'INSERT INTO records (number, mark, time, kiosk, method, "by", profile, cancels, student_id, salt, '
    '"commit", mac, format, person, kiosk_key, room) '
    "SELECT 6, 'f' || mark, time, kiosk, method, \"by\", profile, cancels, student_id, salt, "
    '"commit", mac, format, person, kiosk_key, room FROM records '
    "WHERE number = 5": "record 6 .* was (altered|inserted)",
    "UPDATE site SET last_mac = 'x'": "record 5 was altered",
    "UPDATE site SET records = 6": "missing before record 6",
}


@pytest.mark.parametrize("statement", EDITS, ids=range(len(EDITS)))
def test_an_edit_of_the_log_is_found(
    stores: Callable[[], SqlStore], execute: Callable[[str], None], site: Site, url: str, statement: str
) -> None:
    store = stores()
    for minute in range(5):
        store.append(entry(minutes=minute))
    assert verify_place(url, site.key_file)[0]
    execute(statement)
    good, words = verify_place(url, site.key_file)
    assert not good
    assert re.search(EDITS[statement], words), words
    with pytest.raises(StartRefused) as refused:
        stores()
    assert refused.value.code == "log_edited"


def test_the_migrations_make_the_tables_that_the_code_uses(stores: Callable[[], SqlStore], url: str) -> None:
    stores()
    driver = "sqlite" if url.startswith("sqlite") else "postgresql+psycopg"
    engine = create_engine(make_url(url).set(drivername=driver))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_an_older_database_is_not_changed_by_those_who_only_read(
    stores: Callable[[], SqlStore], execute: Callable[[str], None], site: Site, url: str
) -> None:
    with pytest.raises(StartRefused) as refused:
        verify_place(url, site.key_file)
    assert refused.value.code == "nothing_there"
    stores().close()
    execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(StartRefused):
        verify_place(url, site.key_file)


def test_a_newer_database_is_refused(stores: Callable[[], SqlStore], execute: Callable[[str], None]) -> None:
    stores()
    execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StartRefused) as refused:
        stores()
    assert refused.value.code == "other_format"


def test_who_was_erased_stays_so_when_an_older_database_is_put_back(
    stores: Callable[[], SqlStore], site: Site, execute: Callable[[str], None]
) -> None:
    store = stores()
    store.write_students([JOHN, JANE])
    store.append(entry())
    store.erase(JOHN.key)
    store.close()
    execute("DELETE FROM erasures")
    execute(
        "INSERT INTO students (key, position, student_id, name, email, version) "
        "VALUES ('key-john', 9, '007', 'John Doe', '', 1)"
    )
    again = stores()
    assert again.students() == [JANE]
    assert "Erased again: 1" in again.notices[0]
    with pytest.raises(Conflict):
        again.write_students([JOHN])


def test_an_erasure_that_was_refused_does_not_happen_at_the_next_start(stores: Callable[[], SqlStore]) -> None:
    store = stores()
    store.write_students([JOHN, JANE])

    def erase_and_refuse() -> None:
        with store.transaction():
            store.erase(JOHN.key)
            raise Conflict("refused", "What came behind it was refused.")

    with pytest.raises(Conflict):
        erase_and_refuse()
    store.close()
    again = stores()
    assert again.students() == [JOHN, JANE]
    assert again.notices == ()


def test_an_erasure_whose_commit_is_lost_is_known_at_the_next_start(
    stores: Callable[[], SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it was committed is not known, and an older backup may follow: it must not bring anybody back."""
    store = stores()
    store.write_students([JOHN, JANE])

    def lost(*_: object) -> None:
        raise StorageFailed("outcome_unknown", "The database was lost while saving.")

    with monkeypatch.context() as patched:
        patched.setattr(database.Database, "_commit", lost)
        with pytest.raises(StorageFailed):
            store.erase(JOHN.key)
    store.close()
    assert stores().students() == [JANE]


def test_what_is_read_in_parts_is_planned_as_a_whole(site: Site, empty_database: NewDatabase) -> None:
    """PostgreSQL plans for the first tenth of such rows if nobody says otherwise, and many faces then take a minute."""
    address = empty_database("postgresql", site.data)
    with reopening(site, address) as reopen, reopen()._database.reading() as connection:
        assert connection.scalar(text("SHOW cursor_tuple_fraction")) == "1"


def test_a_sqlite_file_is_private_and_careful(site: Site) -> None:
    path = site.data / "site.db"
    store = SqlStore.open(f"sqlite:///{path}", data=site.data, site_key_file=site.key_file)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with store._database.reading() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS]
    store.close()
    assert pragmas == list(PRAGMAS.values())


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000, "secure_delete": 1}


def fill(store: SqlStore) -> None:
    for _ in range(200):
        store.append(entry())


@pytest.mark.parametrize(
    ("said", "code"), [("database or disk is full", "database_full"), ("disk I/O error", "outcome_unknown")]
)
def test_a_commit_that_finds_no_room_is_known_not_to_have_happened(
    site: Site, said: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L5: SQLite on a full disk answered 503 and that nobody knew, where files and PostgreSQL answered 507."""
    store = SqlStore.open(f"sqlite:///{site.data / 'site.db'}", data=site.data, site_key_file=site.key_file)
    first = store.append(entry())

    def no_room(_: Connection) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError(said))

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "commit", no_room)
        with pytest.raises(StorageFailed) as refused:
            store.append(entry())
    assert refused.value.code == code
    assert isinstance(refused.value, StorageFull) == (code == "database_full")
    assert list(store.records()) == [first]
    store.append(entry())
    assert len(list(store.records())) == 2


def test_a_full_disk_is_said_and_passes(site: Site) -> None:
    store = SqlStore.open(f"sqlite:///{site.data / 'site.db'}", data=site.data, site_key_file=site.key_file)
    first = store.append(entry())
    pages = "max_page_count"

    def limit(connection: object, _: object) -> None:
        connection.execute(f"PRAGMA {pages}=1").close()  # type: ignore[attr-defined]

    event.listen(store._database.engine, "connect", limit)
    store._database.engine.dispose()
    with pytest.raises(StorageFailed) as refused:
        fill(store)
    assert refused.value.code == "database_full"
    assert isinstance(refused.value, StorageFull)
    kept = list(store.records())
    assert kept[0] == first
    event.remove(store._database.engine, "connect", limit)
    store._database.engine.dispose()
    assert store.append(entry()).id.startswith(f"{len(kept) + 1}-")
    store.close()


def test_forgetting_many_old_records_lets_others_write_and_goes_on_when_cut_off(
    site: Site, url: str, stores: Callable[[], SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = stores(), stores()
    for _ in range(7):
        here.append(entry())
    monkeypatch.setattr(log_table, "A_PAGE", 2)
    real, slices = database.Database.writing, []

    @contextmanager
    def writing(database: database.Database) -> Iterator[database.Writing]:
        slices.append(there.append(entry(minutes=10)))
        if len(slices) == 3:
            raise StorageFailed("database_unreachable", "gone")
        with real(database) as held:
            yield held

    with monkeypatch.context() as patched:
        patched.setattr(here._database, "writing", partial(writing, here._database))
        with pytest.raises(StorageFailed):
            here.forget_before(NOW + timedelta(minutes=5))
    assert [record.student_id for record in there.records()] == [None] * 4 + [JOHN.student_id] * 6
    assert there.forget_before(NOW + timedelta(minutes=5)) == 3
    assert [record.student_id for record in here.records()] == [None] * 7 + [JOHN.student_id] * 3
    assert verify_place(url, site.key_file)[0]


@pytest.mark.parametrize("content", [b"no database at all, but something else" * 400, None])
def test_a_damaged_file_is_called_so(site: Site, content: bytes | None) -> None:
    file = site.data / "site.db"
    address = f"sqlite:///{file}"
    store = SqlStore.open(address, data=site.data, site_key_file=site.key_file)
    store.close()
    file.write_bytes(file.read_bytes()[:20_000] if content is None else content)
    with pytest.raises(StartRefused, match="damaged, or no database"):
        SqlStore.open(address, data=site.data, site_key_file=site.key_file)


def test_what_a_database_refuses_without_a_known_reason_is_in_the_log(
    stores: Callable[[], SqlStore], execute: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    store = stores()
    execute("DROP TABLE erasures")
    with pytest.raises(StorageFailed) as failed:
        store.changed_students(0)
    assert failed.value.code == "database_failed"
    assert [message for message in caplog.messages if "The database refused" in message and "erasures" in message]
