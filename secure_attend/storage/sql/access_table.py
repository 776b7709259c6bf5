"""Accounts, kiosks, codes and counts of tries in the database: an item a row (storage/access_items.py)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select, update

from secure_attend.storage.access_items import MAC, Key
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.sql.schema import access, access_head

A_PIECE = 500
REMEMBERED_VERSIONS = 5_000
"""For this many changes the rows of deleted items are kept. A process that last looked before that reads everything."""


def items_in(connection: Connection) -> dict[Key, str]:
    """The table's items."""
    rows = connection.execute(
        select(access).where(access.c.value.is_not(None)).order_by(access.c.version, access.c.key)
    )
    return {(row.kind, row.key): row.value for row in rows}


def mac(connection: Connection) -> str | None:
    """The MAC over all items; None in data of version 0.1, and before there is any item."""
    return connection.scalar(select(access_head.c.mac))


def seal_all(connection: Connection, seal: RecordSeal) -> bool:
    """Add the MAC to items that have none. Return whether it did."""
    if mac(connection) is not None:
        return False
    items = items_in(connection)
    if items:
        connection.execute(update(access_head).values(mac=seal.access(items)))
    return bool(items)


def changed_since(connection: Connection, version: int) -> Iterator[RowMapping]:
    """The items changed after this version; those without a value are gone."""
    asked = select(access).where(access.c.version > version).order_by(access.c.version, access.c.key)
    yield from connection.execute(asked).mappings()


def put(connection: Connection, changed: Mapping[Key, str | None], version: int, mac: str | None) -> None:
    """Write these items as of a new version, with the MAC over all items. The caller holds the head."""
    replaced = delete(access).where(access.c.kind == bindparam("its_kind"), access.c.key == bindparam("its_key"))
    for piece in _pieces(changed):
        connection.execute(replaced, [{"its_kind": kind, "its_key": key} for kind, key in piece])
        rows = [{"kind": kind, "key": key, "value": changed[kind, key], "version": version} for kind, key in piece]
        connection.execute(insert(access), rows)
    connection.execute(update(access_head).values(version=version, mac=mac))


def forget_deleted(connection: Connection, version: int, complete_since: int) -> None:
    """Now and then remove the rows of items that were deleted long ago."""
    if version - complete_since < 2 * REMEMBERED_VERSIONS:
        return
    upto = version - REMEMBERED_VERSIONS
    connection.execute(delete(access).where(access.c.value.is_(None), access.c.version <= upto))
    connection.execute(update(access_head).values(complete_since=upto))


def replace_all(connection: Connection, items: Mapping[Key, str]) -> None:
    """Put these items in the place of all others, with the MAC among them: for copies."""
    head = connection.execute(select(access_head).with_for_update()).one()
    connection.execute(delete(access))
    connection.execute(update(access_head).values(complete_since=head.version + 1))
    others = {key: text for key, text in items.items() if key != MAC}
    put(connection, others, head.version + 1, json.loads(items[MAC]) if MAC in items else None)


def _pieces(keys: Iterable[Key]) -> Iterator[list[Key]]:
    piece: list[Key] = []
    for key in keys:
        piece.append(key)
        if len(piece) == A_PIECE:
            yield piece
            piece = []
    if piece:
        yield piece
