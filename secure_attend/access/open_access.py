"""Opening the access control that the settings ask for: a file beside the data, or tables in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from secure_attend.access.access import Access
from secure_attend.access.state import AccessRepository
from secure_attend.access.state_file import AccessStateFile
from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.settings import Settings
from secure_attend.storage.opening import database_of, record_seal
from secure_attend.storage.paths import ACCESS, INSTANCE
from secure_attend.storage.ports import Store


def open_repository(settings: Settings, store: Store | None) -> AccessRepository:
    """Open the repository, or create it, in the database that `store` has open, if it has one. Raises StartRefused."""
    database = database_of(store)
    if database is None:
        return AccessStateFile(settings.data / INSTANCE / ACCESS, record_seal(settings, store))
    # Imported only here: a site in files needs no database driver.
    from secure_attend.access.state_table import AccessStateTable

    try:
        return AccessStateTable(database, record_seal(settings, store))
    except StorageFailed as error:
        raise StartRefused(error.code, f"The database {database.name}: {error.detail}") from error


def open_access(settings: Settings, clock: Callable[[], datetime], store: Store | None = None) -> Access:
    """Open the access control of a site. Raises StartRefused."""
    return Access(open_repository(settings, store), clock, settings.site_name)
