"""Accounts, kiosks, codes and counts as items, whatever they mean: what is kept in `instance/access.json` or in a
table.

The file holds one JSON object. Each of its members that is an object gives items `(member, name)`; any other gives one,
`(member, "")`. So both keep the same, and storage need not know what it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select, update

from secure_attend.storage.sql.schema import access, access_head

Key = tuple[str, str]
A_PIECE = 500
REMEMBERED_VERSIONS = 5_000
"""For so many changes it is known what went: whoever has not looked since reads everything anew."""


def items_of(document: Mapping[str, Any]) -> dict[Key, str]:
    """Each item's JSON."""
    found: dict[Key, str] = {}
    for kind, value in document.items():
        if isinstance(value, dict):
            found |= {(kind, name): json.dumps(inner) for name, inner in value.items()}
        else:
            found[kind, ""] = json.dumps(value)
    return found


def document_of(items: Mapping[Key, str]) -> dict[str, Any]:
    """The reverse; a member without items is left out."""
    document: dict[str, Any] = {}
    for (kind, name), text in items.items():
        if name:
            document.setdefault(kind, {})[name] = json.loads(text)
        else:
            document[kind] = json.loads(text)
    return document


def items_in_file(path: Path) -> dict[Key, str]:
    """The file's items; none where there is no file. Raises ValueError."""
    return items_of(json.loads(path.read_bytes())) if path.exists() else {}


def items_in(connection: Connection) -> dict[Key, str]:
    """The table's items."""
    rows = connection.execute(
        select(access).where(access.c.value.is_not(None)).order_by(access.c.version, access.c.key)
    )
    return {(row.kind, row.key): row.value for row in rows}


def changed_since(connection: Connection, version: int) -> Iterator[RowMapping]:
    """The items changed after this version; those without a value are gone."""
    asked = select(access).where(access.c.version > version).order_by(access.c.version, access.c.key)
    yield from connection.execute(asked).mappings()


def put(connection: Connection, changed: Mapping[Key, str | None], version: int) -> None:
    """Writes these items as of a new version. The caller holds the head."""
    replaced = delete(access).where(access.c.kind == bindparam("its_kind"), access.c.key == bindparam("its_key"))
    for piece in _pieces(changed):
        connection.execute(replaced, [{"its_kind": kind, "its_key": key} for kind, key in piece])
        rows = [{"kind": kind, "key": key, "value": changed[kind, key], "version": version} for kind, key in piece]
        connection.execute(insert(access), rows)
    connection.execute(update(access_head).values(version=version))


def forget_what_went(connection: Connection, version: int, complete_since: int) -> None:
    """Now and then removes the rows of items that went long ago."""
    if version - complete_since < 2 * REMEMBERED_VERSIONS:
        return
    upto = version - REMEMBERED_VERSIONS
    connection.execute(delete(access).where(access.c.value.is_(None), access.c.version <= upto))
    connection.execute(update(access_head).values(complete_since=upto))


def replace_all(connection: Connection, items: Mapping[Key, str]) -> None:
    """Puts these items in place of all others: for copies."""
    head = connection.execute(select(access_head).with_for_update()).one()
    connection.execute(delete(access))
    connection.execute(update(access_head).values(complete_since=head.version + 1))
    put(connection, dict(items), head.version + 1)


def _pieces(keys: Iterable[Key]) -> Iterator[list[Key]]:
    piece: list[Key] = []
    for key in keys:
        piece.append(key)
        if len(piece) == A_PIECE:
            yield piece
            piece = []
    if piece:
        yield piece
