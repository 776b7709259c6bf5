"""What every repository of the state promises: a file's, SQLite's and PostgreSQL's."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from secure_attend.access.access import Access
from secure_attend.access.rate_limits import LOGIN, MOST_COUNTED, RateLimits
from secure_attend.access.state import (
    AccessRepository,
    AccessState,
    Account,
    Attempts,
    Kiosk,
    Pairing,
    StoredCode,
    Token,
    fingerprint,
)
from secure_attend.access.state_file import AccessStateFile
from secure_attend.access.state_table import AccessStateTable
from secure_attend.errors import StorageFailed, TooMany
from secure_attend.storage.access_items import MAC, Key, items_in_file
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.sql import access_table
from secure_attend.storage.sql.database import Database, connect
from secure_attend.storage.sql.migrate import migrate
from secure_attend.storage.sql.schema import access, access_head
from tests.support.postgres import NewDatabase
from tests.support.storage.made_tables import MadeTables

SEAL = RecordSeal(b"a key of the tests")

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=timezone.utc)
KINDS = ("file", "sqlite", "postgresql")
Another = Callable[[], AccessRepository]

# What another process does; it is told where the access state is and what to do.
ELSEWHERE = """
import sys
from datetime import datetime, timezone
from pathlib import Path
from secure_attend.access.state import fingerprint
from secure_attend.access.state_file import AccessStateFile
from secure_attend.access.rate_limits import LOGIN, RateLimits
from secure_attend.access.state_table import AccessStateTable
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.sql.database import connect
place, act = sys.argv[1:]
seal = RecordSeal(b"a key of the tests")
repository = AccessStateTable(connect(place), seal) if "://" in place else AccessStateFile(Path(place), seal)
if act == "try":
    limits = RateLimits(repository, lambda: datetime(2026, 11, 23, 8, 30, tzinfo=timezone.utc))
    for _ in range(2):
        limits.take(LOGIN, "here", "ada")
else:
    with repository.change() as state:
        del state.tokens[fingerprint(act)]
"""


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path, made_tables: MadeTables) -> str:
    """Where the access state is: a path, or the address of a database that a server has prepared."""
    if request.param == "file":
        return str(tmp_path / "instance" / "access.json")
    return made_tables.copy(request.param, tmp_path)


@pytest.fixture
def another(place: str) -> Iterator[Another]:
    """`another()` opens the access state once more, as another process does."""
    opened: list[Database] = []

    def open_it() -> AccessRepository:
        if "://" not in place:
            return AccessStateFile(Path(place), SEAL)
        opened.append(connect(place, make=True))
        return AccessStateTable(opened[-1], SEAL)

    yield open_it
    for database in opened:
        database.close()


def elsewhere(place: str, act: str) -> None:
    subprocess.run([sys.executable, "-c", ELSEWHERE, place, act], check=True)


def kiosk(name: str) -> Kiosk:
    return Kiosk(name, name, "0" * 64, NOW, "Ada")


FULL = AccessState(
    setup_code="c0de",
    accounts={"a": Account("a", "Ada \u0141", ("admin", "officer"), "$argon2id$", NOW, True)},
    tokens={"t": Token("a", NOW, NOW + timedelta(hours=12))},
    kiosks={"k": Kiosk("k", "Room 1", "5ecret", NOW, "Ada", NOW)},
    pairings={"p": Pairing("123456", "192.0.2.1", NOW, NOW)},
    codes={"s": StoredCode("$argon2id$", 5, NOW, "Ada")},
    attempts={"login x": Attempts(3, NOW, None)},
)


def test_everything_comes_back_as_it_was(another: Another) -> None:
    repository = another()
    with repository.change() as state:
        for name, value in vars(FULL).items():
            setattr(state, name, value)
    assert repository.read() == FULL
    assert another().read() == FULL


def kept_items(place: str) -> dict[Key, str]:
    """The items as they are kept, with the MAC over them."""
    if "://" not in place:
        return items_in_file(Path(place))
    database = connect(place)
    try:
        with database.reading() as connection:
            return {**access_table.items_in(connection), MAC: json.dumps(access_table.mac(connection))}
    finally:
        database.close()


def test_the_mac_is_right_after_every_change(another: Another, place: str) -> None:
    keeper = another()
    changes: tuple[Callable[[AccessState], object], ...] = (
        lambda book: book.kiosks.update(a=kiosk("a"), b=kiosk("b")),
        lambda book: setattr(book, "setup_code", "c0de"),
        lambda book: book.kiosks.pop("a"),
        lambda book: setattr(book, "setup_code", None),
        lambda book: book.kiosks.clear(),
    )
    seen = set()
    for change in changes:
        with keeper.change() as book:
            change(book)
        items = kept_items(place)
        assert json.loads(items[MAC]) == SEAL.access(items)
        seen.add(items[MAC])
    assert len(seen) == len(changes)
    assert RecordSeal(b"another key").access(items) not in seen


def test_what_went_is_gone_for_others(another: Another) -> None:
    one, other = another(), another()
    with one.change() as state:
        state.kiosks |= {name: kiosk(name) for name in "abc"}
    assert list(other.read().kiosks) == ["a", "b", "c"]
    with one.change() as state:
        del state.kiosks["b"]
        state.setup_code = "x"
    assert list(other.read().kiosks) == ["a", "c"]
    with other.change() as state:
        state.kiosks["b"] = kiosk("again")
        state.setup_code = None
    assert one.read().kiosks["b"] == kiosk("again")
    assert one.read().setup_code is None


def test_an_exception_changes_nothing(another: Another) -> None:
    repository = another()
    with pytest.raises(KeyError), repository.change() as state:
        state.kiosks["a"] = state.kiosks.setdefault("b", kiosk("b")) and state.kiosks["missing"]
    assert repository.read().kiosks == {}
    assert another().read().kiosks == {}


def test_a_book_that_was_read_never_changes(another: Another) -> None:
    repository = another()
    before = repository.read()
    with repository.change() as state:
        state.kiosks["a"] = kiosk("a")
    repository.read()
    assert before.kiosks == {}


def test_changes_at_once_are_all_kept(another: Another) -> None:
    repositories = another(), another()

    def add(number: int) -> None:
        with repositories[number % 2].change() as state:
            state.attempts["login x"] = Attempts(state.attempts.get("login x", Attempts(0, NOW)).count + 1, NOW)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert another().read().attempts["login x"].count == 16


def test_tries_counted_in_one_process_hold_in_another(another: Another, place: str) -> None:
    limits = RateLimits(another(), lambda: NOW)
    limits.take(LOGIN, "here", "ada")
    for _ in range(2):
        elsewhere(place, "try")
    with pytest.raises(TooMany):
        limits.check(LOGIN, "here", "ada")
    limits.check(LOGIN, "there", "ada")


def test_a_token_revoked_in_one_process_is_refused_in_another(another: Another, place: str) -> None:
    repository = another()
    control = Access(repository, lambda: NOW, "Test")
    with repository.change() as state:
        state.accounts["a"] = Account("a", "Ada", ("admin",), "", NOW)
        state.tokens[fingerprint("token")] = Token("a", NOW, NOW + timedelta(hours=1))
    assert control.caller("token")
    elsewhere(place, "token")
    assert control.caller("token") is None


def test_a_clock_set_back_lengthens_no_pause(another: Another) -> None:
    now = [NOW]
    limits = RateLimits(another(), lambda: now[0])
    for _ in range(5):
        limits.take(LOGIN, "here")
    with pytest.raises(TooMany):
        limits.check(LOGIN, "here")
    now[0] = NOW - timedelta(hours=1)
    limits.check(LOGIN, "here")


def test_counts_are_forgotten_when_they_are_old_or_too_many(another: Another, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secure_attend.access.rate_limits.MOST_COUNTED", 3)
    assert MOST_COUNTED > 1000
    now = [NOW]
    repository = another()
    limits = RateLimits(repository, lambda: now[0])
    for address in "abcde":
        limits.take(LOGIN, address)
    assert len(repository.read().attempts) == 3
    now[0] += timedelta(minutes=16)
    limits.take(LOGIN, "z")
    assert len(repository.read().attempts) == 1


@pytest.fixture(params=KINDS[1:])
def databases(
    request: pytest.FixtureRequest, tmp_path: Path, empty_database: NewDatabase
) -> Iterator[Callable[[], Database]]:
    """`databases()` connects once more."""
    address = empty_database(request.param, tmp_path)
    opened: list[Database] = []

    def connected() -> Database:
        opened.append(connect(address, make=True))
        migrate(opened[-1])
        return opened[-1]

    yield connected
    for database in opened:
        database.close()


def test_whoever_did_not_look_for_long_reads_everything_anew(
    databases: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_table, "REMEMBERED_VERSIONS", 3)
    one, other = AccessStateTable(databases(), SEAL), AccessStateTable(databases(), SEAL)
    with one.change() as state:
        state.kiosks["gone"] = kiosk("gone")
    assert "gone" in other.read().kiosks
    with one.change() as state:
        del state.kiosks["gone"]
    for number in range(12):
        with one.change() as state:
            state.kiosks[str(number)] = kiosk(str(number))
    with databases().reading() as connection:
        left = [row["key"] for row in access_table.changed_since(connection, -1) if row["value"] is None]
    assert left == []
    assert other.read() == one.read()
    assert "gone" not in other.read().kiosks


def test_a_database_that_was_set_back_is_read_as_it_is(databases: Callable[[], Database]) -> None:
    database = databases()
    repository = AccessStateTable(database, SEAL)
    macs = []
    for name in "abc":
        with repository.change() as state:
            state.kiosks[name] = kiosk(name)
        with database.reading() as connection:
            macs.append(access_table.mac(connection))
    with database.changing() as connection:
        connection.execute(delete(access).where(access.c.version > 1))
        connection.execute(update(access_head).values(version=1, mac=macs[0]))
    assert list(repository.read().kiosks) == ["a"]
    with repository.change() as state:
        state.kiosks["d"] = kiosk("d")
    assert list(repository.read().kiosks) == list(AccessStateTable(databases(), SEAL).read().kiosks) == ["a", "d"]


def test_a_change_within_a_transaction_of_the_store_goes_with_it(databases: Callable[[], Database]) -> None:
    database = databases()
    one, other = AccessStateTable(database, SEAL), AccessStateTable(databases(), SEAL)

    def changed_and_given_up() -> None:
        with database.writing():
            with one.change() as state:
                state.kiosks["a"] = kiosk("a")
            assert "a" in one.read().kiosks
            raise KeyError

    with pytest.raises(KeyError):
        changed_and_given_up()
    assert one.read().kiosks == other.read().kiosks == {}
    with database.writing(), one.change() as state:
        state.kiosks["a"] = kiosk("a")
    assert one.read().kiosks == other.read().kiosks == {"a": kiosk("a")}


def test_what_earlier_versions_wrote_is_rewritten_with_a_right_mac_when_the_table_is_opened(
    databases: Callable[[], Database],
) -> None:
    database = databases()
    older_code = {"hash": "$argon2id$", "tries": 4, "issued_at": "2026-11-23T08:30:00Z"}
    of_0_1 = {"key": "a", "name": "Ada", "role": "admin", "password": "$", "created_at": NOW.isoformat()}
    items: dict[Key, str | None] = {
        ("accounts", "a"): json.dumps(of_0_1),
        ("accounts", "b"): json.dumps(of_0_1 | {"key": "b", "role": "faculty", "disabled": True}),
        ("codes", "s"): json.dumps(older_code),
    }
    with database.changing() as connection:
        access_table.put(connection, items, 1, None)
        assert access_table.seal_all(connection, SEAL)  # as the first start does
    for _ in range(2):
        repository = AccessStateTable(databases(), SEAL)
        accounts = repository.read().accounts
        assert {key: account.roles for key, account in accounts.items()} == {
            "a": ("admin", "registrar", "faculty"),
            "b": ("faculty",),
        }
        assert repository.read().codes == {"s": StoredCode("$argon2id$", 4, NOW)}
        with database.reading() as connection:
            kept = access_table.items_in(connection)
            assert access_table.mac(connection) == SEAL.access(kept)
        assert not any("role" in json.loads(text) for text in kept.values())
    with repository.change() as state:
        state.kiosks["k"] = kiosk("k")
    with database.reading() as connection:
        assert access_table.mac(connection) == SEAL.access(access_table.items_in(connection))


def test_a_row_that_was_changed_by_hand_is_said(databases: Callable[[], Database]) -> None:
    database = databases()
    repository = AccessStateTable(database, SEAL)
    with database.changing() as connection:
        access_table.put(connection, {("accounts", "a"): '{"name": "Eve"}'}, 7, None)
    with pytest.raises(StorageFailed, match="access_not_readable"):
        repository.read()


def test_a_database_that_is_away_is_said(databases: Callable[[], Database]) -> None:
    database = databases()
    repository = AccessStateTable(database, SEAL)
    database.close()
    with pytest.raises(StorageFailed):
        repository.read()
    with pytest.raises(StorageFailed), repository.change():
        pass
