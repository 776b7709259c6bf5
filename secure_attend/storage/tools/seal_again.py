"""New MACs for what something other than Secure-Attend changed, once a person has looked and found it right."""

from __future__ import annotations

from pathlib import Path

from secure_attend.errors import StartRefused
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.clock import utc_now
from secure_attend.storage.document_values import SealedDocument
from secure_attend.storage.files.document_files import DocumentFolder
from secure_attend.storage.files.first_start import resealed, seal_access_file
from secure_attend.storage.files.process_lock import ProcessLock
from secure_attend.storage.files.students_file import StudentsFile
from secure_attend.storage.keys.key_file import Chosen
from secure_attend.storage.keys.unlock import fitting_vault
from secure_attend.storage.paths import ACCESS, INSTANCE, STUDENTS
from secure_attend.storage.sql import sql_seals
from secure_attend.storage.sql.database import connect
from secure_attend.storage.sql.documents_table import DocumentsTable
from secure_attend.storage.sql.migrate import holds_tables
from secure_attend.storage.tools.snapshot import is_database

SEALED = "Students and documents were sealed as they are now."
WITH_ACCOUNTS = "Students, documents, accounts, kiosks and codes were sealed as they are now."


def seal_place(place: str, site_key_file: Chosen, *, accounts: bool) -> tuple[bool, str]:
    """Seal what is at a place: a directory that no server uses, or a database's address. Return a sentence that says
    so. Raises StartRefused, StorageFailed, NotWritten, Unsure."""
    if is_database(place):
        _seal_database(place, site_key_file, accounts)
    else:
        _seal_files(Path(place).expanduser().absolute(), site_key_file, accounts)
    return True, f"{WITH_ACCOUNTS if accounts else SEALED} Restart the server."


def _seal_files(data: Path, site_key_file: Chosen, accounts: bool) -> None:
    students = StudentsFile(data / STUDENTS)
    if students.read().store is None:
        raise _nothing_in(str(data))
    owner = ProcessLock.take(data / INSTANCE, utc_now())
    try:
        roster = students.read()
        vault = fitting_vault(roster.store or "", roster.key_check, str(data), site_key_file)
        seal = RecordSeal(vault.record_key)
        folder = DocumentFolder(data / INSTANCE)
        before = folder.read()
        students.write(resealed(roster, seal))
        again = [SealedDocument(kept.document, seal.document(kept.document)) for kept in before]
        if again:
            folder.write(before.with_changes(again, [], before.version + 1), before)
        if accounts:
            seal_access_file(data / INSTANCE / ACCESS, seal, again=True)
    finally:
        owner.release()


def _seal_database(url: str, site_key_file: Chosen, accounts: bool) -> None:
    database = connect(url)
    try:
        if not holds_tables(database):
            raise _nothing_in(database.name)
        with database.writing() as writing:
            if writing.head is None:
                raise _nothing_in(database.name)
            vault = fitting_vault(writing.head.store, writing.head.key_check, database.name, site_key_file)
            seal = RecordSeal(vault.record_key)
            sql_seals.seal_again(writing, seal, DocumentsTable(database, seal, utc_now), accounts=accounts)
    finally:
        database.close()


def _nothing_in(place: str) -> StartRefused:
    return StartRefused("nothing_there", f"There is no store in {place}.")
