"""Is the log as it was written? Reads only, so it runs beside the server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from secure_attend.errors import StartRefused
from secure_attend.storage.chains.checkpoint import NAME, Checkpoint, CheckpointFile
from secure_attend.storage.chains.log_chain import START, LogChain
from secure_attend.storage.chains.record_seal import RecordSeal, is_mac
from secure_attend.storage.files import log_scan
from secure_attend.storage.files.log_file import LogReading, holds_records
from secure_attend.storage.files.students_file import StudentsFile
from secure_attend.storage.keys.key_file import Chosen
from secure_attend.storage.keys.unlock import fitting_vault, unlock
from secure_attend.storage.paths import INSTANCE, LOG, STUDENTS
from secure_attend.storage.sealed_students import LoggedId
from secure_attend.storage.sql import log_table, students_table
from secure_attend.storage.sql.database import connect
from secure_attend.storage.sql.migrate import holds_tables
from secure_attend.storage.sql.sql_opening import fault_in, head_of, refusing_what_was_never_written
from secure_attend.storage.tools.snapshot import is_database
from secure_attend.storage.tools.verify_audit import verify_trail, verify_trail_in
from secure_attend.storage.tools.verify_seals import verify_seals, verify_seals_in


def verify_place(place: str, site_key_file: Chosen, instance: Path | None = None) -> tuple[bool, str]:
    """Return whether the log, the audit trail and everything sealed at a place are good, and sentences that say so: a
    directory, or a database's address. Raises StartRefused or StorageFailed if that is unclear. `instance` holds the
    checkpoint, if not beside the files."""
    if is_database(place):
        verdicts = [
            check(place, site_key_file, instance) for check in (verify_database, verify_trail_in, verify_seals_in)
        ]
    else:
        verdicts = [check(Path(place), site_key_file, instance) for check in (verify, verify_trail, verify_seals)]
    return all(good for good, _ in verdicts), " ".join(words for _, words in verdicts if words)


def verify_database(url: str, site_key_file: Chosen, instance: Path | None = None) -> tuple[bool, str]:
    """The same for the log in a database, in a single transaction, so that writes can continue."""
    database = connect(url)
    try:
        head = None
        if holds_tables(database):
            with database.reading() as connection:
                head = head_of(connection)
        if head is None:
            raise _nothing_in(database.name)
        vault = fitting_vault(head.store, head.key_check, database.name, site_key_file)
        known = CheckpointFile(instance, head.store, vault.ledger_key).read() if instance is not None else None
        with refusing_what_was_never_written(database.name), database.snapshot() as connection:
            head = head_of(connection) or head
            fault = fault_in(connection, LogChain(vault.ledger_key), head)
            if fault is not None:
                return False, f"{database.name}: {fault}."
            missed = known.missed_in(head.records, partial(log_table.mac_of, connection)) if known is not None else None
            moved = _moved(list(students_table.logged_ids(connection)), RecordSeal(vault.record_key))
    finally:
        database.close()
    return _verdict(database.name, head.records, known, moved or missed)


def _nothing_in(place: str) -> StartRefused:
    return StartRefused("nothing_there", f"There is no store in {place}.")


def _moved(logged: Iterable[LoggedId], seal: RecordSeal) -> str | None:
    """Return in words whose records of version 0.1 were given to somebody else, if any were. A MAC that is missing is
    yet to be filled by the first start of this version."""
    for key, logged_id, mac in logged:
        if mac is not None and not is_mac(mac, seal.logged_id(key, logged_id)):
            return f"whose the records of version 0.1 are was altered (student {key})"
    return None


def _verdict(place: str, records: int, known: Checkpoint | None, wrong: str | None) -> tuple[bool, str]:
    """Return the verdict on a log whose chain is whole. `wrong` is what is not right all the same."""
    if wrong is not None:
        return False, f"{place}: {wrong}."
    end = (
        "There is no checkpoint, so nobody can know whether records were removed at the end."
        if known is None
        else f"None of the {known.records} that the checkpoint of {known.time} knows is missing."
    )
    whole = f"all {records} records are as they were written, in their order" if records else "there are no records"
    return True, f"{place}: {whole}. {end}"


def verify(data: Path, site_key_file: Chosen, instance: Path | None = None) -> tuple[bool, str]:
    """Return whether the log in `data` is good, and a sentence that says so. Raises StartRefused if it cannot be
    decided, or if nothing is there: a mistyped place must not look like a good log."""
    data = data.expanduser().absolute()
    log, instance = data / LOG, instance or data / INSTANCE
    if not any(path.exists() for path in (log, data / STUDENTS, instance / NAME)):
        raise _nothing_in(str(data))
    if not holds_records(log) and not (instance / NAME).exists():
        return True, f"{log} holds no records."
    roster = StudentsFile(data / STUDENTS).read()
    unlocked = unlock(roster, data, has_records=True, chosen=site_key_file, make=False)
    ledger = LogChain(unlocked.vault.ledger_key)
    # Before the log, which may be growing: a checkpoint that is older than it tells nothing wrong.
    known = CheckpointFile(instance, unlocked.roster.store or "", unlocked.vault.ledger_key).read()
    if not holds_records(log):
        return _verdict(str(log), 0, known, known.missed_in(0, lambda _: START) if known is not None else None)
    moved = _moved(roster.logged_ids(), RecordSeal(unlocked.vault.record_key))
    try:
        return _verify_lines(log, ledger, known, moved)
    except log_scan.EditedLog as damage:
        return _verify_values(log, ledger, damage)


def _verify_lines(log: Path, ledger: LogChain, known: Checkpoint | None, moved: str | None) -> tuple[bool, str]:
    """A record at a time, in constant memory."""
    with log.open("rb", buffering=1 << 20) as file:
        scanned = log_scan.scan(file, log.stat().st_size, log.name)
        index = scanned.index
        rows = LogReading(file, index.offsets, range(len(index)), len(index), index.end)
        fault = ledger.verify(rows)
        if fault is not None:
            return False, f"{log}, line {fault.position + 1}: {fault}."
        missed = known.missed_in(len(index), rows.mac_behind) if known is not None else None
    good, words = _verdict(str(log), len(index), known, moved or missed)
    note = (
        ""
        if scanned.torn is None
        else " The last write was interrupted, or is in progress. The next start removes its rest."
    )
    return good, words + note


def _verify_values(log: Path, ledger: LogChain, damage: log_scan.EditedLog) -> tuple[bool, str]:
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
