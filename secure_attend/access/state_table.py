"""The book in the site's database: one for all processes and machines, an item a row, read anew when it has changed."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from secure_attend.access.state import AccessState
from secure_attend.errors import StorageFailed
from secure_attend.storage import access_items
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.sql import access_table
from secure_attend.storage.sql.database import ANSWER_WITHIN_S, PATIENCE_S, Database
from secure_attend.storage.sql.schema import access_head

_ADAPTER: TypeAdapter[AccessState] = TypeAdapter(AccessState)


class AccessStateTable:
    """Meets `Keeper`.

    Each read asks for the version, one row, and so no process takes what another has revoked: the price is a round trip
    a request. What changed since is fetched, and no more. A change locks that row, so changes of all processes wait for
    each other, and not for check-ins."""

    def __init__(self, database: Database, seal: RecordSeal) -> None:
        """Raises StorageFailed."""
        self._database = database
        self._seal = seal
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._version = -1
        self._book = AccessState()
        self.read()

    def read(self) -> AccessState:
        """As `Keeper.read`."""
        if self._database.held is not None:
            with self._database.reading() as connection:
                return self._as_of(connection)[1]
        with self._database.reading() as connection:
            version = connection.scalar(select(access_head.c.version)) or 0
        with self._lock:
            if version == self._version:
                return self._book
        with self._database.snapshot(ANSWER_WITHIN_S) as connection:
            version, book = self._as_of(connection)
        self._keep(version, book)
        return book

    @contextmanager
    def change(self) -> Iterator[AccessState]:
        """As `Keeper.change`. Within a transaction of the store it is written with that."""
        if self._database.held is not None:
            with self._database.changing() as connection:
                yield from self._changed(connection)
            return
        if not self._turn.acquire(timeout=PATIENCE_S):
            raise StorageFailed("access_not_written", "Nothing was changed: the accounts cannot be written now.")
        try:
            with self._database.changing() as connection:
                version, book = yield from self._changed(connection)
        finally:
            self._turn.release()
        self._keep(version, book)

    def _changed(self, connection: Connection) -> Generator[AccessState, None, tuple[int, AccessState]]:
        """Gives a draft, and writes what became of it: the version then, and the book."""
        head = connection.execute(select(access_head).with_for_update()).one()
        version, before = self._as_of(connection)
        draft = before.draft()
        yield draft
        changed = _changes(before, draft)
        if not changed:
            return version, before
        mac = self._seal.access(access_items.items_of(_ADAPTER.dump_python(draft, mode="json")))
        access_table.put(connection, changed, version + 1, mac)
        access_table.forget_deleted(connection, version + 1, head.complete_since)
        return version + 1, draft

    def _keep(self, version: int, book: AccessState) -> None:
        with self._lock:  # an older one than is known, where the database was set back, is right as well
            self._version, self._book = version, book

    def _as_of(self, connection: Connection) -> tuple[int, AccessState]:
        """The version and the book as this connection sees them."""
        head = connection.execute(select(access_head)).one()
        with self._lock:
            known, book = self._version, self._book
        if known == head.version:
            return known, book
        anew = known < head.complete_since or known > head.version
        since, book = (-1, AccessState()) if anew else (known, book.draft())
        for row in access_table.changed_since(connection, since):
            _set(book, row["kind"], row["key"], row["value"])
        return head.version, book


def _set(book: AccessState, kind: str, key: str, text: str | None) -> None:
    """Puts one item into the book, or takes it out."""
    members: Any = getattr(book, kind, None)
    try:
        value = json.loads(text) if text is not None else None
        if key and text is None:
            members.pop(key, None)
        elif key:
            members[key] = _ADAPTER.validate_python({kind: {key: value}}).__dict__[kind][key]
        else:
            setattr(book, kind, value)
    except (ValueError, ValidationError, AttributeError, TypeError) as error:
        raise StorageFailed("access_not_readable", "The accounts in the database were changed by hand.") from error


def _changes(before: AccessState, after: AccessState) -> dict[access_items.Key, str | None]:
    """What differs: each item's JSON, None for what is gone."""
    changed: dict[access_items.Key, str | None] = {}
    for one in fields(AccessState):
        old, new = getattr(before, one.name), getattr(after, one.name)
        if isinstance(new, dict):
            differs = {key: value for key, value in new.items() if old.get(key) != value}
            if differs:
                only = AccessState()
                setattr(only, one.name, differs)
                changed |= access_items.items_of({one.name: _ADAPTER.dump_python(only, mode="json")[one.name]})
            changed |= {(one.name, key): None for key in old.keys() - new.keys()}
        elif old != new:
            changed[one.name, ""] = json.dumps(new)
    return changed
