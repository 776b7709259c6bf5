"""Moving a whole store: files to database and back, ids, seals and chain as they are. Backups are copies into files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from sqlalchemy import delete, insert

from secure_attend.errors import StartRefused
from secure_attend.storage import (
    access_items,
    durable,
    ledger,
    log_scan,
    rotation,
    sql_alike,
    sql_audit,
    sql_log,
    sql_students,
)
from secure_attend.storage.audit import AuditChain
from secure_attend.storage.audit_file import AUDIT
from secure_attend.storage.contents import Contents, contents_of, is_database
from secure_attend.storage.durable import NotWritten, Unsure
from secure_attend.storage.erasures import Erasures
from secure_attend.storage.ledger import Ledger, Row, compact_json
from secure_attend.storage.log_file import EMPTY, holds_records, line_of
from secure_attend.storage.opening import utc_now
from secure_attend.storage.ownership import Ownership
from secure_attend.storage.places import ACCESS, ERASURES, INSTANCE, LOG, STUDENTS
from secure_attend.storage.site_key import Chosen
from secure_attend.storage.sql_begin import begin
from secure_attend.storage.sql_database import Database, Head, Writing, connect
from secure_attend.storage.sql_migrate import migrate
from secure_attend.storage.sql_schema import erasures, records, students
from secure_attend.storage.students_file import StudentsFile
from secure_attend.storage.unlock import fitting_vault

AT_ONCE = 2000
"""Records written in one transaction: cut off, a copy loses no more than that."""
Progress = Callable[[int], object]
"""Told how many records more are done."""


def copy(source: Contents, target: str, site_key_file: Chosen, progress: Progress) -> None:
    """Copies all of it into an empty place, and checks every record there. Started again after it was cut off, a copy
    into a database goes on. Raises StartRefused: the place is not empty, the source's chain is broken, or the site key
    is not here to check it."""
    _refuse_broken(source, site_key_file)
    try:
        if is_database(target):
            _into_database(source, target, progress)
        else:
            _into_files(source, Path(target).expanduser().absolute(), progress)
        with contents_of(target) as copied:
            same = copied.digest() == source.digest()
    except (NotWritten, Unsure, OSError) as error:
        why = durable.in_words(error) if isinstance(error, OSError) else str(error)
        raise StartRefused("not_written", f"{target} cannot be written: {why}.") from error
    if not same:
        raise StartRefused(
            "copy_differs", f"What was read back from {target} is not what was copied. Use another place."
        )


def _refuse_broken(source: Contents, site_key_file: Chosen) -> None:
    vault = fitting_vault(source.roster.store or "", source.roster.key_check, source.place, site_key_file)
    if rotation.unfinished(vault):
        raise StartRefused("key_rotating", "The site key is being exchanged. Wait until that is done, and copy then.")
    fault = Ledger(vault.ledger_key).verify(source.rows(0)) or AuditChain(vault.audit_key).verify(source.audit())
    if fault is not None:
        raise StartRefused("log_edited", f"{source.place}: {fault}. A log that was changed is not copied.")


def _not_empty(place: str) -> StartRefused:
    return StartRefused("not_empty", f"{place} holds data already. Move it away, or choose an empty place.")


# Into a database


def _into_database(source: Contents, url: str, progress: Progress) -> None:
    database = connect(url, make=True)
    try:
        migrate(database)
        done = _begun(source, database)
        progress(done)
        rows = source.rows(done)
        while piece := list(islice(rows, AT_ONCE)):
            with database.writing() as writing:
                _write_rows(writing, piece)
            progress(len(piece))
        with database.writing() as writing:
            sql_audit.replace_all(writing.connection, source.audit())
            access_items.replace_all(writing.connection, source.access)
            writing.change().unfinished_copy = False
    finally:
        database.close()


def _begun(source: Contents, database: Database) -> int:
    """Writes all but the log; how many records are there already, from a copy of the same that was cut off."""
    roster = source.roster
    with database.writing() as writing:
        connection = writing.connection
        if writing.head is None:
            named = roster.store or "", roster.key_check or "", roster.profile
            head = Head(*named, 1, 0, ledger.START, True, roster.consents_from)
            writing.head = begin(connection, head)
        elif not writing.head.unfinished_copy or writing.head.store != roster.store:
            raise _not_empty(database.name)
        head = writing.head
        connection.execute(delete(students))
        connection.execute(delete(erasures))
        if head.records and not _continues(source, connection_mac=head.last_mac, done=head.records):
            connection.execute(delete(records))
            head.records, head.last_mac = 0, ledger.START
        head.profile, head.consents_from = roster.profile, roster.consents_from
        head.site_limit = roster.site_limit
        sql_students.put(connection, head.version, [kept.student for kept in roster.students.values()])
        faces = ((key, zip(kept.student.templates, kept.sealed, strict=True)) for key, kept in roster.students.items())
        sql_students.add_faces(connection, faces)
        for key, kept in roster.students.items():
            if kept.student.held is not None:
                sql_students.set_held(connection, key, kept.student.held, kept.waiting)
        sql_alike.mark(connection, roster.alike)
        listed = [{"key": key, "time": time, "version": head.version} for key, time in source.erased.items()]
        if listed:
            connection.execute(insert(erasures), listed)
        return head.records


def _continues(source: Contents, connection_mac: str, done: int) -> bool:
    row = next(source.rows(done - 1), None)
    return row is not None and row["mac"] == connection_mac


def _write_rows(writing: Writing, piece: list[Row]) -> None:
    head = writing.change()
    writing.connection.execute(insert(records), [sql_log.as_stored(row) for row in piece])
    head.records, head.last_mac = head.records + len(piece), str(piece[-1]["mac"])


# Into files


def _into_files(source: Contents, data: Path, progress: Progress) -> None:
    owner = Ownership.take(data / INSTANCE, utc_now())
    try:
        file = StudentsFile(data / STUDENTS)
        if file.read().students or holds_records(data / LOG):
            raise _not_empty(str(data))
        # Whom to erase again comes first: files cut off anywhere bring nobody back.
        Erasures(data / INSTANCE / ERASURES).add(source.erased)
        lines = (compact_json(row).encode("ascii") + b"\n" for row in source.audit())
        durable.replace_file(data / INSTANCE / AUDIT, lines)
        document = access_items.document_of(source.access)
        if document:
            durable.replace_file(data / INSTANCE / ACCESS, [json.dumps(document, indent=1).encode("ascii") + b"\n"])
        durable.replace_file(data / LOG, _log_bytes(source, progress))
        file.write(source.roster)
        durable.make_private(data / LOG)
        durable.make_private(data / STUDENTS)
    finally:
        owner.release()


def _log_bytes(source: Contents, progress: Progress) -> Iterator[bytes]:
    if not source.count:
        yield EMPTY
        return
    separator = b"[\n"
    for row in source.rows(0):
        yield separator + line_of(dict(row))
        separator = b",\n"
        progress(1)
    yield log_scan.CLOSING
