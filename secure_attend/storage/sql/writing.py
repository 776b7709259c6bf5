"""The site's row, and the transaction that holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, update

from secure_attend.errors import StorageFailed
from secure_attend.storage.sql.schema import site


@dataclass
class SiteRow:
    """The site's row as the write that holds it will leave it."""

    store: str
    key_check: str
    profile: str | None
    version: int
    records: int
    last_mac: str
    unfinished_copy: bool
    consents_from: datetime | None
    documents: int = 0
    documents_since: int = 0


def to_head(row: Row[Any]) -> SiteRow:
    """The site's row as a value."""
    return SiteRow(**{name: value for name, value in row._mapping.items() if name != "one"})


class Writing:
    """A transaction that holds the site's row: what is written in it is written whole, or not at all."""

    def __init__(self, connection: Connection, head: SiteRow | None) -> None:
        self.connection = connection
        self.head = head
        self.broken: StorageFailed | None = None
        self.erases = False  # whether something is to be gone from the disk as well
        self._before = replace(head) if head else None
        self._last: list[Callable[[], object]] = []

    @property
    def committed_version(self) -> int:
        """The version that other processes see."""
        return self._before.version if self._before else 0

    def change(self) -> SiteRow:
        """The head, counted one version on, once for the whole transaction."""
        if self.head is None or self._before is None:
            raise AssertionError("a store is begun before it is changed")
        self.head.version = self._before.version + 1
        return self.head

    def just_before_commit(self, call: Callable[[], object]) -> None:
        """Let `call` write what belongs to this transaction elsewhere, once nothing else can refuse it."""
        self._last.append(call)

    def settle(self) -> None:
        """Write the head if it changed, and what is to be written just before the commit."""
        if self.broken is not None:
            raise self.broken
        if self.head is not None and self.head != self._before:
            self.connection.execute(update(site).values(vars(self.head)))
        for call in self._last:
            call()
