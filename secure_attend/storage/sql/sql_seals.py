"""MACs in a database: given at the first start after version 0.1 or on request, and judged at every start."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from secure_attend.storage.chains import edits
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.sql import access_table, documents_table, students_table
from secure_attend.storage.sql.documents_table import DocumentsTable
from secure_attend.storage.sql.schema import access_head, documents, students
from secure_attend.storage.sql.writing import Writing


def seal_unsealed(writing: Writing, seal: RecordSeal, its_documents: DocumentsTable) -> bool:
    """Give MACs where none has any yet. Return whether there was anything."""
    connection, sealed = writing.connection, False
    if connection.scalar(select(func.count(students.c.mac))) == 0:
        sealed = students_table.seal_all(connection, seal.student)
        sealed |= students_table.seal_logged_ids(connection, seal.logged_id)
    if connection.scalar(select(func.count(documents.c.mac))) == 0:
        sealed |= its_documents.seal_all(writing)
    return access_table.seal_all(connection, seal) or sealed


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
