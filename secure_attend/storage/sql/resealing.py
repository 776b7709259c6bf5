"""Sealing the faces in a database with a new key, piece by piece (third step of storage/keys/key_rotation.py)."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, bindparam, select, update

from secure_attend.storage.consent_values import held_value, to_held
from secure_attend.storage.keys.sealing import resealed_waiting
from secure_attend.storage.keys.vault import Vault
from secure_attend.storage.sql.database import Database
from secure_attend.storage.sql.schema import students, templates
from secure_attend.storage.sql.writing import Writing

AT_ONCE = 250
"""Templates sealed again in one transaction of a database: 26 ms (SQLite) to 63 ms (PostgreSQL) on a machine with eight
times its work (benchmarks/storage/key_rotation.py), in which check-ins wait."""


def reseal_faces(database: Database, sealing: Callable[[Writing], Vault]) -> int:
    """Seal all faces with the new key while others may write. `sealing` returns the vault within a transaction. Return
    how many faces there are."""
    count = 0
    for resealed in (reseal_templates, reseal_waiting):
        behind: str | None = ""
        while behind is not None:
            with database.writing() as writing:
                behind, more = resealed(writing.connection, sealing(writing), behind)
                writing.erases |= behind is None  # what the old key sealed is gone from SQLite's journal, too
            count += more
    return count


def reseal_templates(connection: Connection, vault: Vault, behind: str) -> tuple[str | None, int]:
    """Seal the next templates with the new key, by id behind `behind`. Return the last one's id, None after the last of
    all, and how many those were. The caller holds the site."""
    asked = select(templates).where(templates.c.id > behind).order_by(templates.c.id).limit(AT_ONCE)
    rows = connection.execute(asked).all()
    changed = []
    for row in rows:
        sealed = vault.reseal(row.sealed, student_key=row.student_key, profile=row.profile, check=vault.check)
        if sealed != row.sealed:
            changed.append({"its_id": row.id, "sealed": sealed})
    if changed:
        connection.execute(update(templates).where(templates.c.id == bindparam("its_id")), changed)
    return rows[-1].id if len(rows) == AT_ONCE else None, len(rows)


def reseal_waiting(connection: Connection, vault: Vault, behind: str) -> tuple[str | None, int]:
    """The same for faces that wait for faculty, by student behind `behind`."""
    asked = select(students.c.key, students.c.held).where(students.c.held.is_not(None), students.c.key > behind)
    rows = connection.execute(asked.order_by(students.c.key).limit(AT_ONCE)).all()
    count = 0
    for row in rows:
        held, waiting = to_held(row.held)
        count += len(waiting)
        sealed = resealed_waiting(vault, row.key, held, waiting, vault.check)
        if sealed != waiting:
            fresh = held_value(held, sealed)
            connection.execute(update(students).where(students.c.key == row.key).values(held=fresh))
    return rows[-1].key if len(rows) == AT_ONCE else None, count
