"""Is the audit trail as it was written? Reads only, so it runs beside the server."""

from __future__ import annotations

from pathlib import Path

from secure_attend.storage.chains.audit_chain import AuditChain
from secure_attend.storage.files.audit_file import AUDIT, holds_entries, rows_of
from secure_attend.storage.files.students_file import StudentsFile
from secure_attend.storage.keys.key_file import Chosen
from secure_attend.storage.keys.unlock import fitting_vault
from secure_attend.storage.paths import INSTANCE, STUDENTS
from secure_attend.storage.sql import audit_table
from secure_attend.storage.sql.database import connect
from secure_attend.storage.sql.migrate import holds_tables
from secure_attend.storage.sql.sql_opening import head_of

Verdict = tuple[bool, str]
NOTHING: Verdict = True, ""


def verify_trail(data: Path, site_key_file: Chosen) -> Verdict:
    """Return whether the trail in `data` is good, and a sentence that says so; no words where there is none. Raises
    StartRefused if it cannot be decided."""
    data = data.expanduser().absolute()
    trail = data / INSTANCE / AUDIT
    if not holds_entries(trail):
        return NOTHING
    roster = StudentsFile(data / STUDENTS).read()
    vault = fitting_vault(roster.store or "", roster.key_check, str(data), site_key_file)
    fault = AuditChain(vault.audit_key).verify(rows_of(trail))
    if fault is not None:
        return False, f"{trail}, line {fault.position}: {fault}."
    return True, f"{trail}: all entries are as they were written, in their order."


def verify_trail_in(url: str, site_key_file: Chosen) -> Verdict:
    """The same for a database, in a single transaction, so that writes can continue."""
    database = connect(url)
    try:
        if not holds_tables(database):
            return NOTHING
        with database.snapshot() as connection:
            head, entries = head_of(connection), audit_table.entries_in(connection)
            if head is None:
                return NOTHING
            vault = fitting_vault(head.store, head.key_check, database.name, site_key_file)
            fault = audit_table.fault_in_all(connection, AuditChain(vault.audit_key))
    finally:
        database.close()
    if fault is not None:
        return False, f"{database.name}: {fault}."
    return True, f"{database.name}: all {entries} entries of the audit trail are as they were written, in their order."
