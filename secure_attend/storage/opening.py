"""The store that the settings ask for: the two JSON files, or a database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secure_attend.config import Settings
    from secure_attend.storage.store import Store


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(timezone.utc)


def open_store(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Store:
    """Opens it, or begins it. Raises StartRefused."""
    # Either is imported only where it is used: the files need no database's driver.
    if settings.database_url is not None:
        from secure_attend.storage.sql import SqlStore

        return SqlStore.open(
            settings.database_url, data=settings.data, site_key_file=settings.site_key_file, clock=clock
        )
    from secure_attend.storage.json_files import JsonStore

    return JsonStore.open(settings.data, site_key_file=settings.site_key_file, clock=clock)
