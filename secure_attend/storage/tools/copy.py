"""Moving a whole store: files to database and back, ids, seals and chain as they are. Backups are copies into files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice, zip_longest
from pathlib import Path

from sqlalchemy import delete, insert

from secure_attend.errors import StartRefused
from secure_attend.storage import access_items, durable_writes
from secure_attend.storage.chains import log_chain
from secure_attend.storage.chains.audit_chain import AuditChain
from secure_attend.storage.chains.log_chain import LogChain, Row, compact_json
from secure_attend.storage.clock import utc_now
from secure_attend.storage.document_values import SealedDocument
from secure_attend.storage.durable_writes import NotWritten, Unsure
from secure_attend.storage.erasures import Erasures
from secure_attend.storage.files import log_scan
from secure_attend.storage.files.audit_file import AUDIT, rows_of
from secure_attend.storage.files.document_files import DocumentFolder, DocumentsData
from secure_attend.storage.files.log_file import EMPTY, holds_records, line_of
from secure_attend.storage.files.process_lock import ProcessLock
from secure_attend.storage.files.students_file import StudentsFile
from secure_attend.storage.keys import key_rotation
from secure_attend.storage.keys.key_file import Chosen
from secure_attend.storage.keys.unlock import fitting_vault
from secure_attend.storage.paths import ACCESS, ERASURES, INSTANCE, LOG, STUDENTS
from secure_attend.storage.sql import (
    access_table,
    audit_table,
    bulk_students,
    documents_table,
    log_table,
    students_table,
)
from secure_attend.storage.sql.database import Database, connect
from secure_attend.storage.sql.migrate import migrate
from secure_attend.storage.sql.schema import erasures, records, students
from secure_attend.storage.sql.sql_opening import begin
from secure_attend.storage.sql.writing import SiteRow, Writing
from secure_attend.storage.tools.snapshot import StoreSnapshot, contents_of, is_database

AT_ONCE = 2000
"""Records written in one transaction. An interrupted copy loses no more than these."""
Progress = Callable[[int], object]
"""Called with how many more records are done."""


def copy(source: StoreSnapshot, target: str, site_key_file: Chosen, progress: Progress) -> None:
    """Copy everything into an empty place, and check every record there. A copy that was interrupted resumes when it is
    started again. Raises StartRefused: the place is not empty, the source's chain is broken, or the site key that would
    show that is not here."""
    _refuse_broken(source, site_key_file)
    try:
        if is_database(target):
            _into_database(source, target, progress)
        else:
            _into_files(source, Path(target).expanduser().absolute(), progress)
        with contents_of(target) as copied:
            same = copied.digest() == source.digest()
    except (NotWritten, Unsure, OSError) as error:
        why = durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
        raise StartRefused("not_written", f"{target} cannot be written: {why}.") from error
    if not same:
        raise StartRefused(
            "copy_differs", f"What was read back from {target} is not what was copied. Use another place."
        )


def _refuse_broken(source: StoreSnapshot, site_key_file: Chosen) -> None:
    vault = fitting_vault(source.roster.store or "", source.roster.key_check, source.place, site_key_file)
    if key_rotation.unfinished(vault):
        raise StartRefused("key_rotating", "The site key is being exchanged. Wait until that is done, and copy then.")
    fault = LogChain(vault.ledger_key).verify(source.rows(0)) or AuditChain(vault.audit_key).verify(source.audit())
    if fault is not None:
        raise StartRefused("log_edited", f"{source.place}: {fault}. A log that was changed is not copied.")


def _not_empty(place: str, what: str = "") -> StartRefused:
    named = f" ({what})" if what else ""
    return StartRefused("not_empty", f"{place} holds data already{named}. Move it away, or choose an empty place.")


# Into a database


def _into_database(source: StoreSnapshot, url: str, progress: Progress) -> None:
    database = connect(url, make=True)
    try:
        migrate(database)
        done = _begun(source, database)
        progress(done)
        rows, persons = source.rows(done), source.roster.persons()
        while piece := list(islice(rows, AT_ONCE)):
            with database.writing() as writing:
                _write_rows(writing, piece, persons)
            progress(len(piece))
        with database.writing() as writing:
            audit_table.replace_all(writing.connection, source.audit())
            access_table.replace_all(writing.connection, source.access)
            writing.change().unfinished_copy = False
    finally:
        database.close()


def _begun(source: StoreSnapshot, database: Database) -> int:
    """Write everything but the log. Return how many records are there already, from a copy of the same store that was
    interrupted."""
    roster = source.roster
    with database.writing() as writing:
        connection = writing.connection
        if writing.head is None:
            named = roster.store or "", roster.key_check or "", roster.profile
            head = SiteRow(*named, 1, 0, log_chain.START, True, roster.consents_from)
            writing.head = begin(connection, head)
        elif not writing.head.unfinished_copy or writing.head.store != roster.store:
            raise _not_empty(database.name)
        head = writing.head
        connection.execute(delete(students))
        connection.execute(delete(erasures))
        if head.records and not _continues(source, connection_mac=head.last_mac, done=head.records):
            connection.execute(delete(records))
            head.records, head.last_mac = 0, log_chain.START
        head.profile, head.consents_from = roster.profile, roster.consents_from
        head.documents = head.documents_since = source.documents_version
        documents_table.replace_all(connection, source.documents)
        macs = {key: kept.mac for key, kept in roster.students.items()}
        everybody = [kept.student for kept in roster.students.values()]
        prepared = bulk_students.prepared(everybody, lambda student: macs[student.key])
        students_table.put(connection, head.version, prepared)
        students_table.set_logged_ids(connection, roster.logged_ids())
        faces = ((key, zip(kept.student.templates, kept.sealed, strict=True)) for key, kept in roster.students.items())
        students_table.add_faces(connection, faces)
        for key, kept in roster.students.items():
            if kept.student.held is not None:
                students_table.set_held(connection, key, kept.student.held, kept.waiting)
        listed = [{"key": key, "time": time, "version": head.version} for key, time in source.erased.items()]
        if listed:
            connection.execute(insert(erasures), listed)
        return head.records


def _continues(source: StoreSnapshot, connection_mac: str, done: int) -> bool:
    row = next(source.rows(done - 1), None)
    return row is not None and row["mac"] == connection_mac


def _write_rows(writing: Writing, piece: list[Row], persons: Mapping[str, str]) -> None:
    head = writing.change()
    writing.connection.execute(insert(records), [log_table.as_stored(row, persons) for row in piece])
    head.records, head.last_mac = head.records + len(piece), str(piece[-1]["mac"])


# Into files


def _into_files(source: StoreSnapshot, data: Path, progress: Progress) -> None:
    owner = ProcessLock.take(data / INSTANCE, utc_now())
    try:
        file, folder = StudentsFile(data / STUDENTS), DocumentFolder(data / INSTANCE)
        documents = DocumentsData().with_changes(source.documents, (), source.documents_version)
        folder.remove_unfinished(documents)
        what = ", ".join(_of_others(source, data))
        if what:
            raise _not_empty(str(data), what)
        # The list of erasures comes first: a copy that is interrupted anywhere brings nobody back.
        Erasures(data / INSTANCE / ERASURES).add(source.erased)
        lines = (compact_json(row).encode("ascii") + b"\n" for row in source.audit())
        durable_writes.replace_file(data / INSTANCE / AUDIT, lines)
        document = access_items.document_of(source.access)
        if document:
            durable_writes.replace_file(
                data / INSTANCE / ACCESS, [json.dumps(document, indent=1).encode("ascii") + b"\n"]
            )
        if source.documents:
            folder.write(documents, folder.read())
        durable_writes.replace_file(data / LOG, _log_bytes(source, progress))
        file.write(source.roster)
        durable_writes.make_private(data / LOG)
        durable_writes.make_private(data / STUDENTS)
    finally:
        owner.release()


def _of_others(source: StoreSnapshot, data: Path) -> Iterator[str]:
    """Name what the folder holds, but for what this very copy left there when it was interrupted. A site that was
    started may have no students yet, and everything else."""
    instance = data / INSTANCE
    if StudentsFile(data / STUDENTS).read().students:
        yield "students"
    if holds_records(data / LOG) and not _is_copied(data / LOG, source):
        yield "attendance records"
    if _differ(rows_of(instance / AUDIT), source.audit()):
        yield "an audit trail"
    if _differ(sorted(access_items.items_in_file(instance / ACCESS).items()), sorted(source.access.items())):
        yield "accounts or kiosks"
    if _differ(_as_json(DocumentFolder(instance).read()), _as_json(source.documents)):
        yield "courses or settings"


def _is_copied(log: Path, source: StoreSnapshot) -> bool:
    with log.open("rb") as file:
        begins = all(file.read(len(piece)) == piece for piece in _log_bytes(source, lambda done: None))
        return begins and not file.read(1)


def _differ(there: Iterable[object], copied: Iterable[object]) -> bool:
    """Return whether anything is there, and isn't what is copied."""
    found = iter(there)
    first = list(islice(found, 1))
    return bool(first) and any(one != other for one, other in zip_longest(chain(first, found), copied))


def _as_json(documents: Iterable[SealedDocument]) -> list[list[object]]:
    return sorted(([*sealed.document.id, sealed.as_json()] for sealed in documents), key=lambda each: each[:2])


def _log_bytes(source: StoreSnapshot, progress: Progress) -> Iterator[bytes]:
    if not source.count:
        yield EMPTY
        return
    separator = b"[\n"
    for row in source.rows(0):
        yield separator + line_of(dict(row))
        separator = b",\n"
        progress(1)
    yield log_scan.CLOSING
