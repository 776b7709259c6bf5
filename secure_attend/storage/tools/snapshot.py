"""All that a store holds, at one moment, whatever keeps it: what copies, backups and checks read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from secure_attend.errors import StartRefused
from secure_attend.storage import access_items
from secure_attend.storage.chains.log_chain import Row, compact_json
from secure_attend.storage.clock import utc_now
from secure_attend.storage.document_values import SealedDocument
from secure_attend.storage.documents import canonical
from secure_attend.storage.erasures import Erasures
from secure_attend.storage.files import audit_file, log_scan
from secure_attend.storage.files.document_files import DocumentFolder
from secure_attend.storage.files.log_file import LogReading, holds_records
from secure_attend.storage.files.process_lock import ProcessLock
from secure_attend.storage.files.students_file import StudentsFile
from secure_attend.storage.paths import ACCESS, ERASURES, INSTANCE, LOG, STUDENTS
from secure_attend.storage.sealed_students import StudentsData
from secure_attend.storage.sql import access_table, audit_table, documents_table, log_table, students_table
from secure_attend.storage.sql.database import Database, connect
from secure_attend.storage.sql.migrate import holds_tables
from secure_attend.storage.sql.sql_opening import head_of
from secure_attend.storage.upgrade import documents_of, with_logged_ids


@dataclass(frozen=True)
class StoreSnapshot:
    """A whole store. `rows(after)` gives the log behind record `after`, `audit()` the audit trail, a row at a time;
    `access` is accounts, kiosks and codes, as items."""

    place: str
    roster: StudentsData
    erased: Mapping[str, datetime]
    count: int
    rows: Callable[[int], Iterator[Row]]
    audit: Callable[[], Iterator[Any]] = lambda: iter(())
    access: Mapping[access_items.Key, str] = field(default_factory=dict)
    documents: Sequence[SealedDocument] = ()
    documents_version: int = 0

    def digest(self) -> str:
        """Return the same text for the same students, templates, records, audit trail, chains, accounts, documents."""
        seen = sha256()
        lines = (compact_json(row).encode() for row in chain(self.rows(0), self.audit()))
        access = compact_json(sorted(self.access.items())).encode()
        by_id = sorted(self.documents, key=lambda sealed: sealed.document.id)
        documents = canonical([[*sealed.document.id, sealed.as_json()] for sealed in by_id]).encode()
        for piece in chain(self.roster.chunks(), lines, [access, documents]):
            seen.update(piece)
        return seen.hexdigest()


def is_database(place: str) -> bool:
    """Return whether a place is a database's address; else it is a directory."""
    return "://" in place


@contextmanager
def contents_of(place: str, *, alone: bool = True) -> Iterator[StoreSnapshot]:
    """Return what the store at a place holds. Unless `alone`, a server may use the files. Raises StartRefused: a server
    uses them, or nothing is there."""
    with _in_database(place) if is_database(place) else _in_files(Path(place), alone=alone) as contents:
        if contents.roster.store is None:
            raise StartRefused("nothing_there", f"There is no store in {contents.place}.")
        yield contents


@contextmanager
def _in_files(data: Path, *, alone: bool) -> Iterator[StoreSnapshot]:
    data = data.expanduser().absolute()
    if not data.is_dir():
        raise StartRefused("nothing_there", f"There is no directory {data}.")
    owner = ProcessLock.take(data / INSTANCE, utc_now()) if alone else None
    try:
        roster, documents = _students_and_documents(data)
        erased = Erasures(data / INSTANCE / ERASURES).times
        access = access_items.items_in_file(data / INSTANCE / ACCESS)
        audit = partial(audit_file.rows_of, data / INSTANCE / audit_file.AUDIT)
        if not holds_records(data / LOG):
            yield StoreSnapshot(str(data), roster, erased, 0, lambda after: iter(()), audit, access, *documents)
            return
        with (data / LOG).open("rb", buffering=1 << 20) as file:
            index = log_scan.scan(file, (data / LOG).stat().st_size, LOG).index

            def rows(after: int) -> Iterator[Row]:
                return iter(LogReading(file, index.offsets, range(after, len(index)), len(index), index.end))

            yield StoreSnapshot(str(data), roster, erased, len(index), rows, audit, access, *documents)
    finally:
        if owner is not None:
            owner.release()


@contextmanager
def _in_database(url: str) -> Iterator[StoreSnapshot]:
    database = connect(url)
    try:
        if holds_tables(database):
            yield from _snapshot_of(database)
        else:
            yield StoreSnapshot(database.name, StudentsData(), {}, 0, lambda after: iter(()))
    finally:
        database.close()


def _snapshot_of(database: Database) -> Iterator[StoreSnapshot]:
    with database.snapshot() as connection:
        head = head_of(connection)
        if head is None:
            yield StoreSnapshot(database.name, StudentsData(), {}, 0, lambda after: iter(()))
            return
        if head.unfinished_copy:
            raise StartRefused(
                "copy_unfinished", f"A copy into {database.name} was interrupted: nothing is whole there."
            )
        students = {kept.student.key: kept for kept in students_table.all_kept(connection)}
        yield StoreSnapshot(
            database.name,
            StudentsData(
                head.store,
                head.key_check,
                head.profile,
                students,
                head.consents_from,
            ),
            students_table.erased(connection),
            head.records,
            lambda after: log_table.rows(connection, after),
            lambda: audit_table.rows(connection),
            _with_mac(access_table.items_in(connection), access_table.mac(connection)),
            list(documents_table.sealed(connection)),
            head.documents,
        )


def _with_mac(items: Mapping[access_items.Key, str], mac: str | None) -> Mapping[access_items.Key, str]:
    return items if mac is None else {**items, access_items.MAC: json.dumps(mac)}


def _students_and_documents(data: Path) -> tuple[StudentsData, tuple[list[SealedDocument], int]]:
    """Read the students, and the documents with the version of their last write, as the first start of this version
    makes them of data of version 0.1."""
    read, documents = StudentsFile(data / STUDENTS).read(), DocumentFolder(data / INSTANCE).read()
    roster = with_logged_ids(read, records=holds_records(data / LOG))
    known = {sealed.document.id for sealed in documents}
    version = max(documents.version, 1)
    moved = [replace(document, version=version) for document in documents_of(roster) if document.id not in known]
    sealed = [*documents, *map(SealedDocument, moved)]
    return replace(roster, alike=frozenset(), site_limit=None), (sealed, version if sealed else documents.version)
