"""The book that the settings ask for: a file beside the data, or the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from secure_attend.access.access import Access
from secure_attend.access.state import AccessRepository
from secure_attend.access.state_file import AccessStateFile
from secure_attend.config import Settings
from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage.opening import database_of, record_seal
from secure_attend.storage.paths import ACCESS, INSTANCE

if TYPE_CHECKING:
    from secure_attend.storage.ports import Store


def open_keeper(settings: Settings, store: Store | None) -> AccessRepository:
    """Opens it, or begins it; in the database that `store` has open, if it has. Raises StartRefused."""
    database = database_of(store)
    if database is None:
        return AccessStateFile(settings.data / INSTANCE / ACCESS, record_seal(settings, store))
    from secure_attend.access.state_table import (
        AccessStateTable,  # only where it is used: the files need no database's driver
    )

    try:
        return AccessStateTable(database, record_seal(settings, store))
    except StorageFailed as error:
        raise StartRefused(error.code, f"The database {database.name}: {error.detail}") from error


def open_access(settings: Settings, clock: Callable[[], datetime], store: Store | None = None) -> Access:
    """The access control of a site. Raises StartRefused."""
    return Access(open_keeper(settings, store), clock, settings.site_name)
