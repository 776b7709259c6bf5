"""The access state in the site's database, an item a row: one state for all processes and machines."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from secure_attend.access.state import AccessState
from secure_attend.errors import StorageFailed
from secure_attend.storage import access_items
from secure_attend.storage.chains.record_seal import ACCESS_EDITED, RecordSeal
from secure_attend.storage.sql import access_table
from secure_attend.storage.sql.database import ANSWER_WITHIN_S, PATIENCE_S, Database
from secure_attend.storage.sql.schema import access_head

_ADAPTER: TypeAdapter[AccessState] = TypeAdapter(AccessState)


class AccessStateTable:
    """An `AccessRepository` in the database.

    Each read asks for the version, one row, so that no process accepts what another has revoked: the price is a round
    trip a request. Only what has changed since is fetched. A change locks that row, so that the changes of all
    processes wait for each other, but not for check-ins."""

    def __init__(self, database: Database, seal: RecordSeal) -> None:
        """Read the state once, and write what an earlier version kept as it is kept now. Raises StorageFailed."""
        self._database = database
        self._seal = seal
        self._lock = threading.Lock()
        self._change_lock = threading.Lock()
        self._version = -1
        self._state = AccessState()
        self.read()
        self._upgrade()

    def read(self) -> AccessState:
        """Return the present state. Raises `StorageFailed`."""
        if self._database.held is not None:
            with self._database.reading() as connection:
                return self._as_of(connection)[1]
        with self._database.reading() as connection:
            version = connection.scalar(select(access_head.c.version)) or 0
        with self._lock:
            if version == self._version:
                return self._state
        with self._database.snapshot(ANSWER_WITHIN_S) as connection:
            version, state = self._as_of(connection)
        self._keep(version, state)
        return state

    @contextmanager
    def change(self) -> Iterator[AccessState]:
        """Give a draft, and save it; within a transaction of the store, together with it. Raises `StorageFailed`."""
        if self._database.held is not None:
            with self._database.changing() as connection:
                yield from self._changed(connection)
            return
        if not self._change_lock.acquire(timeout=PATIENCE_S):
            raise StorageFailed("access_not_written", "Nothing was changed: the accounts can't be written right now.")
        try:
            with self._database.changing() as connection:
                version, state = yield from self._changed(connection)
        finally:
            self._change_lock.release()
        self._keep(version, state)

    def _changed(self, connection: Connection) -> Generator[AccessState, None, tuple[int, AccessState]]:
        """Give a draft, save its changes, and return the new version and state."""
        head = connection.execute(select(access_head).with_for_update()).one()
        version, before = self._as_of(connection)
        draft = before.draft()
        yield draft
        changed = _changes(before, draft)
        if not changed:
            return version, before
        self._put(connection, changed, version + 1, draft)
        access_table.forget_deleted(connection, version + 1, head.complete_since)
        return version + 1, draft

    def _upgrade(self) -> None:
        """Rewrite items that are as an earlier version wrote them: the MAC covers the items as they are kept now."""
        with self._database.reading() as connection:
            if not self._outdated(connection)[1]:
                return
        with self._database.changing() as connection:
            connection.execute(select(access_head).with_for_update())
            (version, state), outdated = self._outdated(connection)
            if outdated:
                self._put(connection, outdated, version + 1, state)

    def _outdated(self, connection: Connection) -> tuple[tuple[int, AccessState], dict[access_items.Key, str | None]]:
        """Return the version with the state, and the items that are written otherwise than they are kept now."""
        version, state = self._as_of(connection)
        now = access_items.items_of(_ADAPTER.dump_python(state, mode="json"))
        written = access_table.items_in(connection)
        return (version, state), {
            item: now[item]
            for item, text in written.items()
            if item in now and json.loads(text) != json.loads(now[item])
        }

    def _put(
        self, connection: Connection, changed: Mapping[access_items.Key, str | None], version: int, state: AccessState
    ) -> None:
        mac = self._seal.access(access_items.items_of(_ADAPTER.dump_python(state, mode="json")))
        access_table.put(connection, changed, version, mac)

    def _keep(self, version: int, state: AccessState) -> None:
        with self._lock:  # an older version is right too, if the database was restored
            self._version, self._state = version, state

    def _as_of(self, connection: Connection) -> tuple[int, AccessState]:
        """Return the version and the state as this connection sees them."""
        head = connection.execute(select(access_head)).one()
        with self._lock:
            known, state = self._version, self._state
        if known == head.version:
            return known, state
        outdated = known < head.complete_since or known > head.version
        since, state = (-1, AccessState()) if outdated else (known, state.draft())
        for row in access_table.changed_since(connection, since):
            _set(state, row["kind"], row["key"], row["value"])
        if not self._as_written(connection, state):
            if connection.scalar(select(access_head.c.version)) != head.version:
                return self._as_of(connection)  # another process changed it in between
            raise StorageFailed("access_edited", ACCESS_EDITED.capitalize())
        return head.version, state

    def _as_written(self, connection: Connection, state: AccessState) -> bool:
        """Return whether the MAC is this state's, or that of all items, as it is before `_upgrade`."""
        mac, items = access_table.mac(connection), access_items.items_of(_ADAPTER.dump_python(state, mode="json"))
        if mac == self._seal.access(items):
            return True
        written = access_table.items_in(connection)
        return mac == self._seal.access(written) if mac is not None else not written


def _set(state: AccessState, kind: str, key: str, text: str | None) -> None:
    """Put one item into the state, or remove it."""
    members: Any = getattr(state, kind, None)
    try:
        value = json.loads(text) if text is not None else None
        if key and text is None:
            members.pop(key, None)
        elif key:
            members[key] = _ADAPTER.validate_python({kind: {key: value}}).__dict__[kind][key]
        else:
            setattr(state, kind, value)
    except (ValueError, ValidationError, AttributeError, TypeError) as error:
        raise StorageFailed("access_not_readable", "The accounts in the database can't be read.") from error


def _changes(before: AccessState, after: AccessState) -> dict[access_items.Key, str | None]:
    """Return each item that differs as JSON; None for a removed item."""
    changed: dict[access_items.Key, str | None] = {}
    for field in fields(AccessState):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if isinstance(new, dict):
            differs = {key: value for key, value in new.items() if old.get(key) != value}
            if differs:
                only = AccessState()
                setattr(only, field.name, differs)
                changed |= access_items.items_of({field.name: _ADAPTER.dump_python(only, mode="json")[field.name]})
            changed |= {(field.name, key): None for key in old.keys() - new.keys()}
        elif old != new:
            changed[field.name, ""] = json.dumps(new)
    return changed
