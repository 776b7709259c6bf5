"""Is the log as it was written? Reads only, so it runs beside the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from secure_attend.storage import log_scan, sql_audit
from secure_attend.storage.audit import AuditChain
from secure_attend.storage.audit_file import AUDIT, holds_entries, rows_of
from secure_attend.storage.contents import is_database
from secure_attend.storage.json_files import INSTANCE, LOG, STUDENTS
from secure_attend.storage.ledger import Ledger
from secure_attend.storage.log_file import Reading, holds_records
from secure_attend.storage.sql_begin import fault_in, head_of
from secure_attend.storage.sql_database import connect
from secure_attend.storage.sql_migrate import holds_tables
from secure_attend.storage.students_file import StudentsFile
from secure_attend.storage.unlock import fitting_vault, unlock


def verify_place(place: str, site_key_file: Path | None) -> tuple[bool, str]:
    """Whether the log at a place is good, and a sentence that says so: a directory, or a database's address. Raises
    StartRefused or StorageFailed if it cannot be told."""
    return verify_database(place, site_key_file) if is_database(place) else verify(Path(place), site_key_file)


def verify_database(url: str, site_key_file: Path | None) -> tuple[bool, str]:
    """The same for the log in a database, in a single transaction, so that it can go on being written."""
    database = connect(url)
    try:
        if not holds_tables(database):
            return True, f"{database.name} holds no records."
        with database.at_one_moment() as connection:
            head = head_of(connection)
            if head is None:
                return True, f"{database.name} holds no records."
            vault = fitting_vault(head.store, head.key_check, database.name, site_key_file)
            fault = fault_in(connection, Ledger(vault.ledger_key), head)
            audit_fault = sql_audit.fault_in_all(connection, AuditChain(vault.audit_key))
            entries = sql_audit.entries_in(connection)
    finally:
        database.close()
    if fault is not None or audit_fault is not None:
        return False, f"{database.name}: {'; '.join(str(one) for one in (fault, audit_fault) if one)}."
    return True, (
        f"{database.name}: all {head.records} records are as they were written, in their order, and so are the "
        f"{entries} entries of the audit trail."
    )


def verify(data: Path, site_key_file: Path | None) -> tuple[bool, str]:
    """Whether the log in `data` is good, and a sentence that says so. Raises StartRefused if it cannot be told."""
    data = data.expanduser().absolute()
    log, trail = data / LOG, data / INSTANCE / AUDIT
    if not holds_records(log) and not holds_entries(trail):
        return True, f"{log} holds no records."
    roster = StudentsFile(data / STUDENTS).read()
    vault = unlock(roster, data, has_records=True, chosen=site_key_file, make=None).vault
    verdicts = [_verify_log(log, Ledger(vault.ledger_key)), _verify_trail(trail, AuditChain(vault.audit_key))]
    return all(good for good, _ in verdicts), " ".join(words for _, words in verdicts)


def _verify_trail(trail: Path, chain: AuditChain) -> tuple[bool, str]:
    """Of the audit trail."""
    fault = chain.verify(rows_of(trail))
    if fault is not None:
        return False, f"{trail}, line {fault.position}: {fault}."
    return True, f"{trail}: all entries are as they were written."


def _verify_log(log: Path, ledger: Ledger) -> tuple[bool, str]:
    """Of the log."""
    if not holds_records(log):
        return True, f"{log} holds no records."
    try:
        return _verify_lines(log, ledger)
    except log_scan.EditedLog as damage:
        return _verify_values(log, ledger, damage)


def _verify_lines(log: Path, ledger: Ledger) -> tuple[bool, str]:
    """A record at a time, in constant memory."""
    with log.open("rb", buffering=1 << 20) as file:
        found = log_scan.scan(file, log.stat().st_size, log.name)
        index = found.index
        fault = ledger.verify(Reading(file, index.offsets, range(len(index)), len(index), index.end))
    if fault is not None:
        return False, f"{log}, line {fault.position + 1}: {fault}."
    note = "" if found.torn is None else " The last write was cut off, or is going on: the next start removes its rest."
    return True, f"{log}: all {len(index)} records are as they were written, in their order.{note}"


def _verify_values(log: Path, ledger: Ledger, damage: log_scan.EditedLog) -> tuple[bool, str]:
    """For a file that is not laid out as this program writes it: what its values say, or else where it breaks off."""
    text = log.read_text("utf-8", errors="replace")
    rows, whole = _values(text)
    fault = ledger.verify(rows)
    if fault is not None:
        return False, f"{log}: {fault}."
    which = "All records can be read and" if whole else "The records before that"
    return False, f"{damage.detail} {which} are as they were written."


def _values(text: str) -> tuple[list[object], bool]:
    """The records, and whether the text is a JSON array; if not, what each line holds."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return list(_readable_lines(text)), False
    return (rows, True) if isinstance(rows, list) else ([rows], False)


def _readable_lines(text: str) -> Iterator[object]:
    """The value of each line, None for a line that has none."""
    for line in text.splitlines():
        if line.strip() not in ("[", "]", ""):
            try:
                yield json.loads(line.rstrip(", "))
            except (ValueError, RecursionError):
                yield None
