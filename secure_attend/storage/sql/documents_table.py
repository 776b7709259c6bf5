"""Documents in the database: a row each. The row of a deleted document stays for a while, without a value."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, insert, or_, select

from secure_attend.errors import NotFound
from secure_attend.storage.chains.log_chain import compact_json
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.document_values import SealedDocument
from secure_attend.storage.documents import (
    Document,
    DocumentChanges,
    DocumentId,
    erasing_changes,
    from_json,
    plain,
    refuse_changed,
    refuse_kind,
    student_named,
    unlisted,
)
from secure_attend.storage.ports import Documents
from secure_attend.storage.sql.database import Database
from secure_attend.storage.sql.schema import documents, site, students
from secure_attend.storage.sql.students_table import in_pieces, is_one_of, storable
from secure_attend.storage.sql.writing import SiteRow, Writing

REMEMBERED_VERSIONS = 5_000
"""For this many versions the rows of deleted documents are kept. A reader of an older version reads everything."""
_PRESENT = documents.c.value.is_not(None)


class DocumentsTable(Documents):
    """The documents of a site in a database, for all its processes."""

    def __init__(self, database: Database, seal: RecordSeal, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock

    @property
    def version(self) -> int:
        with self._database.reading() as connection:
            return self._head(connection)[0]

    def get(self, kind: str, key: str) -> Document | None:
        if not storable(kind + key):
            return None
        with self._database.reading() as connection:
            named = _documents(connection, and_(documents.c.kind == kind, documents.c.key == key))
        return named[0] if named else None

    def all(self, kind: str) -> list[Document]:
        if not storable(kind):
            return []
        with self._database.reading() as connection:
            return _documents(connection, documents.c.kind == kind)

    def about(self, student_key: str) -> list[Document]:
        with self._database.reading() as connection:
            return about(connection, [student_key])

    def changes(self, since: int) -> DocumentChanges:
        # Whatever is written between these questions is listed again the next time.
        with self._database.reading() as connection:
            version, complete_since = self._head(connection)
            complete = not complete_since <= since <= version
            newer = documents.c.version > (0 if complete else since)
            gone = select(documents.c.kind, documents.c.key).where(newer, documents.c.value.is_(None))
            deleted = () if complete else tuple((row.kind, row.key) for row in connection.execute(gone))
            return DocumentChanges(version, tuple(_documents(connection, newer)), tuple(sorted(deleted)), complete)

    def write(self, puts: Sequence[Document], deletes: Sequence[Document] = ()) -> int:
        with self._database.writing() as writing:
            connection = writing.connection
            for document in puts:
                refuse_kind(document)
            refuse_changed(puts, deletes, _versions(connection, [document.id for document in (*puts, *deletes)]))
            _refuse_students(connection, puts)
            return self.change(writing, puts, [document.id for document in deletes])

    def change(self, writing: Writing, puts: Iterable[Document], deletes: Collection[DocumentId]) -> int:
        """Write without checking the versions. The caller holds the site."""
        connection, head, now = writing.connection, writing.change(), self._clock()
        head.documents += 1
        written = [
            replace(document, value=plain(document.value), version=head.documents, written_at=now) for document in puts
        ]
        _remove(connection, [*deletes, *(document.id for document in written)])
        add(connection, (SealedDocument(document, self._seal.document(document)) for document in written))
        gone = {"value": None, "about": "[]", "erasing": "delete", "version": head.documents}
        for piece in in_pieces(deletes):
            connection.execute(insert(documents), [{"kind": kind, "key": key, **gone} for kind, key in piece])
        _forget_deleted(connection, head)
        return head.documents

    def forget(self, writing: Writing, student_keys: Collection[str]) -> None:
        """Erase these students from all documents. The caller holds the site."""
        puts, deletes = erasing_changes(about(writing.connection, student_keys), student_keys)
        if puts or deletes:
            self.change(writing, puts, [document.id for document in deletes])

    def seal_all(self, writing: Writing) -> bool:
        """Give a MAC to every document without one. Return whether there was any."""
        missing = _documents(writing.connection, documents.c.mac.is_(None))
        if missing:
            self.change(writing, missing, [])
        return bool(missing)

    def _head(self, connection: Connection) -> tuple[int, int]:
        held = self._database.held
        if held is not None and held.head is not None:
            return held.head.documents, held.head.documents_since
        row = connection.execute(select(site.c.documents, site.c.documents_since)).one_or_none()
        return (row.documents, row.documents_since) if row is not None else (0, 0)


def sealed(connection: Connection) -> Iterator[SealedDocument]:
    """Yield all documents with their MACs."""
    for row in connection.execute(select(documents).where(_PRESENT)):
        yield SealedDocument(_document(row), row.mac)


def about(connection: Connection, student_keys: Iterable[str]) -> list[Document]:
    """Return the documents about any of these students, by kind and key."""
    by_id: dict[DocumentId, Document] = {}
    for piece in in_pieces(filter(storable, student_keys), 100):
        named = (documents.c.about.contains(compact_json(key), autoescape=True) for key in piece)
        by_id |= {document.id: document for document in _documents(connection, or_(*named))}
    return [by_id[name] for name in sorted(by_id)]


def add(connection: Connection, given: Iterable[SealedDocument]) -> None:
    """Insert documents as they are."""
    for piece in in_pieces(given):
        connection.execute(insert(documents), [_values(sealed_document) for sealed_document in piece])


def replace_all(connection: Connection, given: Iterable[SealedDocument]) -> None:
    """Put these documents in the place of all others: for copies."""
    connection.execute(delete(documents))
    add(connection, given)


def _documents(connection: Connection, condition: ColumnElement[bool]) -> list[Document]:
    rows = connection.execute(select(documents).where(condition, _PRESENT))
    return sorted(map(_document, rows), key=lambda document: document.id)


def _document(row: Row[Any]) -> Document:
    value, students_named = from_json(row.value), tuple(json.loads(row.about))
    return Document(row.kind, row.key, value, students_named, row.erasing, row.version, row.written_at)


def _values(sealed_document: SealedDocument) -> dict[str, object]:
    document = sealed_document.document
    texts = {"value": compact_json(document.value), "about": compact_json(list(document.about))}
    return {**vars(document), **texts, "mac": sealed_document.mac}


def _versions(connection: Connection, names: Iterable[DocumentId]) -> dict[DocumentId, int]:
    versions: dict[DocumentId, int] = {}
    by_kind: dict[str, list[str]] = {}
    for kind, key in names:
        by_kind.setdefault(kind, []).append(key)
    for kind, keys in by_kind.items():
        for piece in in_pieces(keys):
            asked = select(documents.c.key, documents.c.version).where(
                documents.c.kind == kind, is_one_of(connection, documents.c.key, piece), _PRESENT
            )
            versions |= {(kind, row.key): row.version for row in connection.execute(asked)}
    return versions


def _refuse_students(connection: Connection, puts: Sequence[Document]) -> None:
    named = {key for document in puts for key in document.about}
    if len(_students_among(connection, named)) < len(named):
        raise NotFound("unknown_student", "There is no such student.")
    if _students_among(connection, {text for document in puts for text in unlisted(document)}):
        raise student_named()


def _students_among(connection: Connection, texts: Iterable[str]) -> set[str]:
    keys: set[str] = set()
    for piece in in_pieces(filter(storable, texts)):
        listed = is_one_of(connection, students.c.key, piece), students.c.merged_into.is_(None)
        keys |= set(connection.scalars(select(students.c.key).where(*listed)))
    return keys


def _remove(connection: Connection, names: Iterable[DocumentId]) -> None:
    wanted = delete(documents).where(documents.c.kind == bindparam("its_kind"), documents.c.key == bindparam("its_key"))
    for piece in in_pieces(names):
        connection.execute(wanted, [{"its_kind": kind, "its_key": key} for kind, key in piece])


def _forget_deleted(connection: Connection, head: SiteRow) -> None:
    """Now and then remove the rows of documents that were deleted long ago."""
    if head.documents - head.documents_since < 2 * REMEMBERED_VERSIONS:
        return
    head.documents_since = head.documents - REMEMBERED_VERSIONS
    connection.execute(delete(documents).where(~_PRESENT, documents.c.version <= head.documents_since))
