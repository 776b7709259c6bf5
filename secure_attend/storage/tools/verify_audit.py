"""Is the audit trail as it was written? Reads only, so it runs beside the server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from secure_attend.storage.chains.audit_chain import AuditChain
from secure_attend.storage.chains.checkpoint import NAME, CheckpointFile
from secure_attend.storage.chains.log_chain import START
from secure_attend.storage.files.audit_file import AUDIT, holds_entries, rows_of
from secure_attend.storage.files.students_file import StudentsFile
from secure_attend.storage.keys.key_file import Chosen
from secure_attend.storage.keys.unlock import fitting_vault
from secure_attend.storage.paths import INSTANCE, STUDENTS
from secure_attend.storage.sql import audit_table
from secure_attend.storage.sql.database import connect
from secure_attend.storage.sql.migrate import holds_tables
from secure_attend.storage.sql.sql_opening import head_of, refusing_what_was_never_written

Verdict = tuple[bool, str]
NOTHING: Verdict = True, ""


def verify_trail(data: Path, site_key_file: Chosen, instance: Path | None = None) -> Verdict:
    """Return whether the trail in `data` is good, and a sentence that says so; no words where there is none. Raises
    StartRefused if it cannot be decided. `instance` holds the checkpoint, if not beside the trail."""
    data = data.expanduser().absolute()
    trail, instance = data / INSTANCE / AUDIT, instance or data / INSTANCE
    if not holds_entries(trail) and not (instance / NAME).exists():
        return NOTHING
    roster = StudentsFile(data / STUDENTS).read()
    vault = fitting_vault(roster.store or "", roster.key_check, str(data), site_key_file)
    # Before the trail, which may be growing: a checkpoint that is older than it tells nothing wrong.
    known = CheckpointFile(instance, roster.store or "", vault.ledger_key).read()
    macs = [START]
    fault = AuditChain(vault.audit_key).verify(_noting(rows_of(trail), macs))
    if fault is not None:
        return False, f"{trail}, line {fault.position}: {fault}."
    missed = known.missed_in_trail(len(macs) - 1, macs.__getitem__) if known is not None else None
    if missed is not None:
        return False, f"{trail}: {missed}."
    if len(macs) == 1:
        return NOTHING
    return True, f"{trail}: all entries are as they were written, in their order."


def _noting(rows: Iterable[object], macs: list[str]) -> Iterator[object]:
    """Yield the rows, and put their macs down."""
    for row in rows:
        macs.append(str(row.get("mac")) if isinstance(row, dict) else "")
        yield row


def verify_trail_in(url: str, site_key_file: Chosen, instance: Path | None = None) -> Verdict:
    """The same for a database, in a single transaction, so that writes can continue."""
    database = connect(url)
    try:
        if not holds_tables(database):
            return NOTHING
        with refusing_what_was_never_written(database.name), database.snapshot() as connection:
            head, (entries, _) = head_of(connection), audit_table.state_in(connection)
            if head is None:
                return NOTHING
            vault = fitting_vault(head.store, head.key_check, database.name, site_key_file)
            known = CheckpointFile(instance, head.store, vault.ledger_key).read() if instance is not None else None
            fault = audit_table.fault_in_all(connection, AuditChain(vault.audit_key))
            mac_of = partial(audit_table.mac_of, connection)
            missed = known.missed_in_trail(entries, mac_of) if known is not None else None
    finally:
        database.close()
    if fault is not None or missed is not None:
        return False, f"{database.name}: {fault or missed}."
    return True, f"{database.name}: all {entries} entries of the audit trail are as they were written, in their order."
