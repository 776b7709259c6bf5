"""MACs in a database: given at the first start after version 0.1 or on request, and judged at every start."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select, update

from secure_attend.storage.chains import edits
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.consent_values import held_value, to_held
from secure_attend.storage.keys.sealing import first_unopened, placed_waiting
from secure_attend.storage.keys.vault import Vault
from secure_attend.storage.sealed_students import SealedFace
from secure_attend.storage.sql import access_table, documents_table, students_table
from secure_attend.storage.sql.documents_table import DocumentsTable
from secure_attend.storage.sql.schema import access_head, documents, students, templates
from secure_attend.storage.sql.writing import Writing


def seal_unsealed(writing: Writing, seal: RecordSeal, vault: Vault, its_documents: DocumentsTable) -> bool:
    """Give MACs where none has any yet, and waiting faces the place that version 0.1 did not give them. Return whether
    there was anything."""
    connection, sealed = writing.connection, False
    if connection.scalar(select(func.count(students.c.mac))) == 0:
        _place_waiting(connection, vault)
        sealed = students_table.seal_all(connection, seal.student)
        sealed |= students_table.seal_logged_ids(connection, seal.logged_id)
    if connection.scalar(select(func.count(documents.c.mac))) == 0:
        sealed |= its_documents.seal_all(writing)
    return access_table.seal_all(connection, seal) or sealed


def _place_waiting(connection: Connection, vault: Vault) -> None:
    asked = select(students.c.key, students.c.held).where(students.c.held.is_not(None))
    for key, value in connection.execute(asked).all():
        held, waiting = to_held(value)
        placed = held_value(held, placed_waiting(vault, key, held, waiting))
        connection.execute(update(students).where(students.c.key == key).values(held=placed))


def seal_again(writing: Writing, seal: RecordSeal, its_documents: DocumentsTable, *, accounts: bool) -> None:
    """Give new MACs to students and documents as they are now, and to the accounts if asked."""
    connection = writing.connection
    connection.execute(update(students).values(mac=None, logged_mac=None))
    connection.execute(update(documents).values(mac=None))
    if accounts:
        connection.execute(update(access_head).values(mac=None))
    students_table.seal_all(connection, seal.student)
    students_table.seal_logged_ids(connection, seal.logged_id)
    its_documents.seal_all(writing)
    if accounts:
        access_table.seal_all(connection, seal)


def edited(connection: Connection, seal: RecordSeal, sealed_before: bool) -> edits.Edits:
    """Return which students and which documents were changed from outside."""
    return edits.Edits(
        edits.edited_students(students_table.faceless(connection), seal, sealed_before),
        edits.edited_documents(documents_table.sealed(connection), seal, sealed_before),
    )


def unopened(connection: Connection, vault: Vault) -> SealedFace | None:
    """Return the first face that does not open where it is kept. Those that wait are read where somebody has a MAC: in
    data of version 0.1 they have no place of their own yet."""
    upgraded = connection.scalar(select(func.count(students.c.mac)))
    waiting = first_unopened(vault, _waiting(connection)) if upgraded else None
    return waiting or first_unopened(vault, _templates(connection))


def _waiting(connection: Connection) -> Iterator[SealedFace]:
    asked = select(students.c.key, students.c.student_id, students.c.held).where(students.c.held.is_not(None))
    for key, student_id, value in connection.execute(asked):
        held, waiting = to_held(value)
        for profile, sealed in zip(held.profiles(len(waiting)) if held is not None else (), waiting, strict=True):
            yield SealedFace(key, student_id, held.id if held is not None else "", profile, sealed, waiting=True)


def _templates(connection: Connection) -> Iterator[SealedFace]:
    columns = students.c.key, students.c.student_id, templates.c.id, templates.c.profile, templates.c.sealed
    asked = select(*columns).join_from(templates, students)
    with connection.execute(asked.execution_options(yield_per=students_table.AT_ONCE)) as rows:
        for row in rows:
            yield SealedFace(*row)
