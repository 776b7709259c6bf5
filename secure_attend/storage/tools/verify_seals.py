"""Are students, documents and accounts as Secure-Attend wrote them? Reads only, so it runs beside the server."""

from __future__ import annotations

from pathlib import Path

from secure_attend.errors import StartRefused
from secure_attend.storage.access_items import MAC, items_in_file
from secure_attend.storage.chains import edits
from secure_attend.storage.chains.checkpoint import CheckpointFile
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.files.document_files import DocumentFolder, DocumentsData
from secure_attend.storage.files.students_file import StudentsFile
from secure_attend.storage.keys.key_file import Chosen
from secure_attend.storage.keys.unlock import fitting_vault
from secure_attend.storage.paths import ACCESS, INSTANCE, STUDENTS
from secure_attend.storage.sealed_students import SealedFace
from secure_attend.storage.sql import access_table, sql_seals
from secure_attend.storage.sql.database import connect
from secure_attend.storage.sql.migrate import holds_tables
from secure_attend.storage.sql.sql_opening import head_of, refusing_what_was_never_written
from secure_attend.storage.tools.verify_audit import NOTHING, Verdict

READ_AGAIN = 3
"""A server replaces the files of documents one after the other, so a read may meet one that is gone."""


def verify_seals(data: Path, site_key_file: Chosen, instance: Path | None = None) -> Verdict:
    """Return whether everything that has a MAC in `data` is as it was written, and sentences that say so. Raises
    StartRefused if it cannot be decided."""
    data = data.expanduser().absolute()
    roster = StudentsFile(data / STUDENTS).read()
    if roster.store is None:
        return NOTHING
    vault = fitting_vault(roster.store, roster.key_check, str(data), site_key_file)
    before = CheckpointFile(instance or data / INSTANCE, roster.store, vault.ledger_key).knows_seals()
    seal = RecordSeal(vault.record_key)
    edited = edits.Edits(
        edits.edited_students(roster.students.values(), seal, before),
        edits.edited_documents(_documents(data / INSTANCE), seal, before),
    )
    return _verdict(str(data), edited, _good_accounts(data / INSTANCE / ACCESS, seal, before))


def _good_accounts(path: Path, seal: RecordSeal, before: bool) -> bool:
    if not path.exists():
        return True
    access = items_in_file(path)
    return seal.fits_access(access) or (MAC not in access and not before)


def _documents(instance: Path) -> DocumentsData:
    for _ in range(READ_AGAIN):
        try:
            return DocumentFolder(instance).read()
        except StartRefused:
            continue
    return DocumentFolder(instance).read()


def verify_seals_in(url: str, site_key_file: Chosen, instance: Path | None = None) -> Verdict:
    """The same for a database, in a single transaction, so that writes can continue."""
    database = connect(url)
    try:
        if not holds_tables(database):
            return NOTHING
        with refusing_what_was_never_written(database.name), database.snapshot() as connection:
            head = head_of(connection)
            if head is None:
                return NOTHING
            vault = fitting_vault(head.store, head.key_check, database.name, site_key_file)
            known = CheckpointFile(instance, head.store, vault.ledger_key) if instance is not None else None
            before = known is not None and known.knows_seals()
            seal = RecordSeal(vault.record_key)
            edited = sql_seals.edited(connection, seal, before)
            unopened = sql_seals.unopened(connection, vault)
            access, mac = access_table.items_in(connection), access_table.mac(connection)
            good = mac == seal.access(access) if mac is not None else not access or not before
    finally:
        database.close()
    return _verdict(database.name, edited, good, unopened)


def _verdict(place: str, edited: edits.Edits, accounts: bool, unopened: SealedFace | None = None) -> Verdict:
    """Return the verdict. `unopened` is a face that does not open; in files, opening the keys has refused it before."""
    faults = edited.sentences()
    if unopened is not None:
        faults.append(f"The {unopened.fault}.")
    if not accounts:
        faults.append("Something other than Secure-Attend changed the accounts, kiosks or codes.")
    if faults:
        return False, f"{place}: {' '.join(faults)}"
    return True, f"{place}: students, documents and accounts are as they were written."
