"""The store that the settings ask for: the two JSON files, or a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from secure_attend.errors import DomainError
from secure_attend.settings import Settings
from secure_attend.storage.chains.audit_chain import AuditChain
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.clock import utc_now
from secure_attend.storage.files.audit_file import AUDIT, AuditFile
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.files.students_file import StudentsFile
from secure_attend.storage.keys.key_file import KeyPlace
from secure_attend.storage.keys.unlock import fitting_vault
from secure_attend.storage.keys.vault import Vault
from secure_attend.storage.paths import INSTANCE, STUDENTS
from secure_attend.storage.ports import AuditTrail, Store
from secure_attend.storage.sealed_students import FORMAT
from secure_attend.storage.stored_faces import NOTHING, SiteFaces, faces_of

if TYPE_CHECKING:
    from secure_attend.storage.sql.database import Database  # for files no driver of a database is loaded


def open_store(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Store:
    """Open the store that the settings name, or begin one there. Raises StartRefused."""
    if settings.database_url is not None:
        from secure_attend.storage.sql.sql_store import SqlStore  # for files no driver of a database is loaded

        return SqlStore.open(settings.database_url, data=settings.data, site_key_file=key_place(settings), clock=clock)
    return JsonStore.open(settings.data, site_key_file=key_place(settings), clock=clock)


def read_site_faces(settings: Settings) -> SiteFaces:
    """Read which models a site's faces belong to, without opening the store, which would bring it up to date. Return
    nothing where there is no store, or none that can be read so: opening it says why."""
    try:
        if settings.database_url is not None:
            from secure_attend.storage.sql.faces_of_database import read  # for files no driver of a database is loaded

            return read(settings.database_url)
        roster = StudentsFile(settings.data.expanduser() / STUDENTS).read()
    except DomainError:
        return NOTHING
    return faces_of(roster.profile, (kept.student for kept in roster.students.values()))


def key_place(settings: Settings) -> KeyPlace:
    """Return where the settings say that the site key is, and the passphrase that wraps it."""
    return KeyPlace(settings.site_key_file, settings.key_passphrase)


def database_of(store: Store | None) -> Database | None:
    """Return the database that this store is in, None for files."""
    database: Database | None = getattr(store, "database", None)
    return database


@contextmanager
def audit_trail_for_terminal(
    settings: Settings, clock: Callable[[], datetime] = utc_now
) -> Iterator[tuple[AuditTrail, Store | None]]:
    """Open a site's audit trail for commands of the terminal, whether or not the server runs. With a database, which
    several processes may open, the store comes with it. Raises StartRefused."""
    if settings.database_url is not None:
        store = open_store(settings, clock)
        try:
            yield store.audit, store
        finally:
            store.close()
        return
    vault = _vault_of_files(settings, clock)
    yield AuditFile(settings.data / INSTANCE / AUDIT, AuditChain(vault.audit_key)), None


def record_seal(settings: Settings, store: Store | None, clock: Callable[[], datetime] = utc_now) -> RecordSeal:
    """Return what computes a site's MACs. Without `store`, for files that a running server may have open. Raises
    StartRefused."""
    return store.seal if store is not None else RecordSeal(_vault_of_files(settings, clock).record_key)


def _vault_of_files(settings: Settings, clock: Callable[[], datetime]) -> Vault:
    """Open the keys of a site in files, whether or not its server runs. Begin the site if it never did."""
    roster = StudentsFile(settings.data / STUDENTS).read()
    if roster.store is None or roster.format != FORMAT:  # the first start seals what version 0.1 wrote
        open_store(settings, clock).close()
        roster = StudentsFile(settings.data / STUDENTS).read()
    return fitting_vault(roster.store or "", roster.key_check, str(settings.data), key_place(settings))
