"""The store that the settings ask for: the two JSON files, or a database."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from secure_attend.storage.keys.key_file import KeyPlace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_attend.settings import Settings
    from secure_attend.storage.chains.audit_chain import AuditTrail
    from secure_attend.storage.sql.database import Database
    from secure_attend.storage.store import Store


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(timezone.utc)


def open_store(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Store:
    """Opens it, or begins it. Raises StartRefused."""
    # Either is imported only where it is used: the files need no database's driver.
    if settings.database_url is not None:
        from secure_attend.storage.sql.sql_store import SqlStore

        return SqlStore.open(settings.database_url, data=settings.data, site_key_file=key_place(settings), clock=clock)
    from secure_attend.storage.files.json_store import JsonStore

    return JsonStore.open(settings.data, site_key_file=key_place(settings), clock=clock)


def key_place(settings: Settings) -> KeyPlace:
    """Where the settings say that the site key is, and what wraps it."""
    return KeyPlace(settings.site_key_file, settings.key_passphrase)


def database_of(store: Store | None) -> Database | None:
    """The database that this store lies in; None for files."""
    found: Database | None = getattr(store, "database", None)
    return found


@contextmanager
def trail_beside_server(
    settings: Settings, clock: Callable[[], datetime] = utc_now
) -> Iterator[tuple[AuditTrail, Store | None]]:
    """The audit trail of a site, whether its server runs or not, for the terminal's own acts; and the store, where
    several processes may have it open. Raises StartRefused."""
    if settings.database_url is not None:
        store = open_store(settings, clock)
        try:
            yield store.audit, store
        finally:
            store.close()
        return
    from secure_attend.storage.chains.audit_chain import AuditChain
    from secure_attend.storage.files.audit_file import AUDIT, AuditFile
    from secure_attend.storage.files.students_file import StudentsFile
    from secure_attend.storage.keys.unlock import fitting_vault
    from secure_attend.storage.paths import INSTANCE, STUDENTS

    roster = StudentsFile(settings.data / STUDENTS).read()
    if roster.store is None:  # the server was never started: the site begins here
        open_store(settings, clock).close()
        roster = StudentsFile(settings.data / STUDENTS).read()
    vault = fitting_vault(roster.store or "", roster.key_check, str(settings.data), key_place(settings))
    yield AuditFile(settings.data / INSTANCE / AUDIT, AuditChain(vault.audit_key)), None
