"""The pairs of students who look alike, in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, insert, or_, select

from secure_attend.storage.sql.schema import alike
from secure_attend.storage.sql.students_table import in_pieces
from secure_attend.storage.values import Pair


def all_pairs(connection: Connection) -> frozenset[Pair]:
    """Every pair."""
    return frozenset((row.one, row.other) for row in connection.execute(select(alike)))


def mark(connection: Connection, pairs: Collection[Pair]) -> None:
    """Adds the pairs that are not there yet."""
    for piece in in_pieces(set(pairs) - all_pairs(connection)):
        connection.execute(insert(alike), [{"one": one, "other": other} for one, other in piece])


def forget(connection: Connection, pair: Pair) -> bool:
    """Whether the pair was there; it no longer is."""
    one, other = pair
    return bool(connection.execute(delete(alike).where(alike.c.one == one, alike.c.other == other)).rowcount)


def forget_those_of(connection: Connection, keys: Sequence[str]) -> None:
    """Takes away every pair that one of these students is in."""
    for piece in in_pieces(keys):
        connection.execute(delete(alike).where(or_(alike.c.one.in_(piece), alike.c.other.in_(piece))))
