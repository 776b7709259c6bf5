"""Connections to PostgreSQL or SQLite: opened with care, one writer at a time, failures in words."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, exc, make_url, select, text

from secure_attend.errors import InvalidInput, StartRefused, StorageFailed, StorageFull
from secure_attend.storage import durable_writes
from secure_attend.storage.sql.client_timeout import PatientConnection, Silence, patience
from secure_attend.storage.sql.schema import site
from secure_attend.storage.sql.writing import Writing, to_head

log = logging.getLogger(__name__)

PATIENCE_S = 10
"""How long a write waits for the others, and a read for a free connection; a write takes milliseconds."""
SILENCE_S = 10
"""After this long without a sign from the database's machine the connection counts as lost."""
ANSWER_WITHIN_S = PATIENCE_S + 2
"""How long an answer of PostgreSQL may take, the waiting for other writers included; then it counts as hanging."""
HELLO_WITHIN_S = 3
"""The same for the first word of a connection: it asks for no work."""
LEFT_ALONE_S = 3
"""After it hung, every caller is refused at once for this long, instead of waiting in turn."""
WAL_TRIES, WAL_PAUSE_S = 60, 0.05
"""How often, and after which pause, SQLite's journal is asked for while others open a new file: three seconds."""
SCHEMA_LOCK = 0x5EC0_0A77
"""PostgreSQL's advisory lock of this program."""
KEPT_CONNECTIONS = 5
MOST_CONNECTIONS = 20
"""Of one process. PostgreSQL serves 100 as it comes, so five processes of a site."""


class Database:
    """Hands out connections. Safe to use from several threads; a thread that writes sees what it has written."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lock = threading.Lock()
        self._held = threading.local()
        self._closed = False
        self._left_alone_until = 0.0

    @property
    def is_postgresql(self) -> bool:
        """Whether it is PostgreSQL; otherwise it is SQLite."""
        return self.engine.dialect.name == "postgresql"

    @property
    def name(self) -> str:
        """The address without its password."""
        return self.engine.url.set(drivername=self.engine.dialect.name).render_as_string(hide_password=True)

    @property
    def held(self) -> Writing | None:
        """This thread's transaction, if it is in one."""
        return getattr(self._held, "writing", None)

    @contextmanager
    def reading(self, within: float = ANSWER_WITHIN_S) -> Iterator[Connection]:
        """A connection to read from: this thread's transaction, or one that sees what was committed. An answer that
        does not come `within` this many seconds is a StorageFailed."""
        self._refuse_closed()
        with self._in_words():
            if self.held is not None:
                yield self.held.connection
            else:
                with self._connected(min(within, HELLO_WITHIN_S)) as connection, patience(within):
                    yield connection

    @contextmanager
    def _connected(self, within: float = HELLO_WITHIN_S) -> Iterator[Connection]:
        if time.monotonic() < self._left_alone_until:
            raise _silent()
        with ExitStack() as held:
            with patience(within):
                connection = held.enter_context(self.engine.connect())
            yield connection

    @contextmanager
    def snapshot(self, within: float | None = None) -> Iterator[Connection]:
        """A connection that sees what is there now, however long it reads and whatever is written meanwhile. It waits
        `within` this many seconds for an answer, or as long as it takes."""
        with self.reading() as connection, patience(within):
            if self.is_postgresql:
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
                connection.execute(text("SET LOCAL statement_timeout = 0"))
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Hold the store alone, among all processes. Re-entrant. The outermost commits when it ends."""
        self._refuse_closed()
        if self.held is not None:
            with self._in_words():
                yield self.held
            return
        if not self._lock.acquire(timeout=PATIENCE_S):
            raise _busy()
        try:
            with self._in_words(), self._begun() as writing:
                self._held.writing = writing
                yield writing
            if writing.erases and not self.is_postgresql:
                self._empty_journal()
        finally:
            self._held.writing = None
            self._lock.release()

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Open a transaction for what is not the site's own: the caller locks what it changes. Within this thread's
        transaction, if it is in one."""
        self._refuse_closed()
        with self._in_words():
            if self.held is not None:
                yield self.held.connection
                return
            with self._connected() as connected, patience(ANSWER_WITHIN_S):
                connection = connected.execution_options(writes=True)
                connection.begin()
                try:
                    yield connection
                except BaseException:
                    with suppress(exc.DBAPIError):
                        connection.rollback()
                    raise
                self._commit(connection)

    @contextmanager
    def _begun(self) -> Iterator[Writing]:
        with self._connected() as connected, patience(ANSWER_WITHIN_S):
            connection = connected.execution_options(writes=True)
            connection.begin()
            row = connection.execute(select(site).with_for_update()).one_or_none()
            if row is None:  # nothing to lock yet: of those who begin the store at once, one does
                self.lock_schema(connection)
                row = connection.execute(select(site).with_for_update()).one_or_none()
            writing = Writing(connection, to_head(row) if row is not None else None)
            try:
                yield writing
                writing.settle()
            except BaseException:
                with suppress(exc.DBAPIError):
                    connection.rollback()
                raise
            self._commit(connection)

    def _empty_journal(self) -> None:
        """Move what was written into SQLite's own file and empty its journal, which still holds what was erased. If a
        reader is in the way, the next erasing does it. PostgreSQL's `vacuum` does the same."""
        with suppress(exc.DBAPIError, sqlite3.Error):
            connection = self.engine.raw_connection()  # outside of any transaction, which this cannot be in
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    def lock_schema(self, connection: Connection) -> None:
        """Wait for the lock of processes that make or change tables, and hold it to the transaction's end. SQLite's
        writing transactions wait for each other anyway."""
        if self.is_postgresql:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEMA_LOCK})

    def _commit(self, connection: Connection) -> None:
        try:
            connection.commit()
        except exc.DBAPIError as error:
            if not self.is_postgresql and "is full" in str(error.orig):
                raise _in_words(error) from error  # SQLite found no room for the commit itself, so nothing is committed
            raise StorageFailed(
                "outcome_unknown",
                "The database was lost while saving, and whether it was saved is not known. Try the same again: it is "
                "never recorded twice.",
            ) from error

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except exc.DataError as error:
            raise InvalidInput("not_storable", "The database cannot keep one of the characters in this.") from error
        except (exc.DBAPIError, exc.TimeoutError) as error:
            failure = _in_words(error)
            if _hangs(getattr(error, "orig", None)):
                self._left_alone_until = time.monotonic() + LEFT_ALONE_S
            if self.held is not None:
                self.held.broken = failure  # the database has given up the transaction: nothing of it may be confirmed
            raise failure from error

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StorageFailed("storage_stopped", "The store is closed.")

    def close(self) -> None:
        """Close all connections."""
        self._closed = True
        self.engine.dispose()


def connect(address: str, *, make: bool = False) -> Database:
    """The database at a `DATABASE_URL`; `make` makes SQLite's file where there is none. Raises StartRefused if it
    cannot be reached, or loses what it confirmed."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        database = Database(_sqlite(url, make=make))
    else:
        database = Database(_postgresql(url.set(drivername="postgresql+psycopg")))
    try:
        with database.reading() as connection:
            if database.is_postgresql:
                _refuse_unsafe_settings(connection, database.name)
    except StorageFailed as error:
        database.close()
        raise StartRefused("database_unreachable", f"The database {database.name}: {error.detail}") from error
    except BaseException:
        database.close()
        raise
    return database


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=KEPT_CONNECTIONS,
        max_overflow=MOST_CONNECTIONS - KEPT_CONNECTIONS,
        pool_timeout=PATIENCE_S,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        connect_args={
            "connect_timeout": HELLO_WITHIN_S,
            "application_name": "secure-attend",
            "keepalives_idle": SILENCE_S,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": SILENCE_S * 1000,
            # A process that hangs while it holds the site must not keep the others from writing for long. Rows come a
            # thousand at a time, and always all: planned for the first few, 100 000 faces took a minute, not 5 s.
            "options": f"-c lock_timeout={PATIENCE_S}s -c idle_in_transaction_session_timeout=30s "
            f"-c statement_timeout={PATIENCE_S}s -c timezone=UTC -c cursor_tuple_fraction=1",
        },
    )
    event.listen(engine, "do_connect", _connect)
    return engine


def _connect(dialect: Dialect, record: object, arguments: list[Any], options: dict[str, Any]) -> PatientConnection:
    return PatientConnection.connect(*arguments, **options)


def _sqlite(url: URL, *, make: bool) -> Engine:
    path = Path(url.database or "")
    try:
        if not path.exists():
            if not make:
                raise StartRefused("nothing_there", f"There is no database {path}.")
            durable_writes.make_private_directory(path.parent)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, durable_writes.PRIVATE_FILE))
    except OSError as error:
        raise StartRefused("data_not_writable", f"{path} cannot be made: {durable_writes.in_words(error)}.") from error
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        pool_size=KEPT_CONNECTIONS,
        max_overflow=MOST_CONNECTIONS - KEPT_CONNECTIONS,
        pool_timeout=PATIENCE_S,
        hide_parameters=True,
        connect_args={"timeout": PATIENCE_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, below
    _write_ahead(connection)
    for pragma in (
        "synchronous=FULL",  # the log is synced at each commit; WAL's usual NORMAL loses the last ones in a power cut
        "foreign_keys=ON",
        "secure_delete=ON",  # erased means overwritten
        "temp_store=MEMORY",  # the students of an import pass through a table of the transaction's own
        "fullfsync=ON",  # macOS: through the drive's own cache
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _write_ahead(connection: Any) -> None:
    """Set the journal. SQLite does not wait where several do that at the same moment on a new file, so ask again."""
    for left in reversed(range(WAL_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError:
            if not left:
                raise
            time.sleep(WAL_PAUSE_S)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _refuse_unsafe_settings(connection: Connection, name: str) -> None:
    """Refuse a database that confirms what a power cut would undo, or that cannot keep every name."""
    for setting, bad in (("fsync", "off"), ("synchronous_commit", "off")):
        if connection.scalar(text("SELECT current_setting(:name)"), {"name": setting}) == bad:
            raise StartRefused(
                "database_careless",
                f"The database {name} has {setting} = off: it confirms what a power cut may undo. Set it to on.",
            )
    if connection.scalar(text("SELECT current_setting('server_encoding')")) != "UTF8":
        raise StartRefused(
            "database_encoding",
            f"The database {name} is not in UTF-8. Make one with: createdb -E UTF8 -T template0 ...",
        )


_BY_STATE = {
    "53100": ("database_full", "The database's disk is full."),
    "53300": ("database_busy", "The database has no connection left."),
    "25006": ("database_read_only", "The database takes no changes now: it is read-only."),
    "42501": ("database_refused", "The database does not allow this to the user in DATABASE_URL."),
}


def _busy() -> StorageFailed:
    return StorageFailed("database_busy", "The database is busy. Nothing was saved. Try again.")


def _hangs(cause: object) -> bool:
    """Return whether the database gave no sign for so long that it is not merely slow."""
    if isinstance(cause, Silence):
        return cause.seconds >= HELLO_WITHIN_S
    return isinstance(cause, psycopg.errors.ConnectionTimeout)


def _silent() -> StorageFailed:
    return StorageFailed("database_unreachable", "The database does not answer. Nothing was saved. Try again soon.")


def _in_words(error: Exception) -> StorageFailed:
    cause = getattr(error, "orig", None)
    state, said = getattr(cause, "sqlstate", None), str(cause)
    if isinstance(error, exc.TimeoutError) or state in ("55P03", "57014") or "database is locked" in said:
        return _busy()
    if state in _BY_STATE or "is full" in said:
        code, why = _BY_STATE.get(state or "", _BY_STATE["53100"])
        kind = StorageFull if code == "database_full" else StorageFailed
        return kind(code, f"{why} Nothing was saved.")
    if "readonly database" in said:
        return StorageFailed("database_read_only", f"{_BY_STATE['25006'][1]} Nothing was saved.")
    if "not a database" in said or "malformed" in said:
        return StorageFailed("database_damaged", "The file is damaged, or no database. Put it back from a backup.")
    if isinstance(error, exc.OperationalError | exc.InterfaceError) and not isinstance(cause, sqlite3.Error):
        return _silent()
    log.error("The database refused: %s %s", state or type(error).__name__, said.partition("\n")[0])  # no DETAIL: names
    return StorageFailed("database_failed", "The database refused. Nothing was saved. The server's log says why.")
