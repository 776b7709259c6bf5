"""Is an export what the register was, and is what was locked as it was locked? Names what was changed by hand: cells of
the file, rules, classes and memberships."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from secure_attend.attendance.courses.course import COURSES
from secure_attend.attendance.courses.lock import LOCKS
from secure_attend.attendance.courses.membership import MEMBERSHIPS
from secure_attend.attendance.evidence.canonical_register import canonical_register
from secure_attend.attendance.evidence.register_evidence import RegisterEvidence, evidence_in
from secure_attend.attendance.exports.csv_file import csv_cell
from secure_attend.attendance.exports.register_table import LONG_COLUMNS, grid_table, long_table
from secure_attend.attendance.locks.exported_file import ExportedRow, read_export
from secure_attend.attendance.locks.lock_check import AuditRow, LockCheck, MacOf
from secure_attend.attendance.locks.locked_register import LOCKED_REGISTERS
from secure_attend.attendance.locks.stored_registers import StoredRegisters, stored_registers
from secure_attend.attendance.meetings.meeting import MEETINGS
from secure_attend.attendance.registers.meeting_register import CourseRegister
from secure_attend.attendance.table import Table, Value
from secure_attend.storage.chains.log_chain import START, Row, is_note_erased, to_record
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.documents import Document
from secure_attend.storage.keys.key_file import Chosen
from secure_attend.storage.keys.unlock import fitting_vault
from secure_attend.storage.tools.altered_documents import altered_documents
from secure_attend.storage.tools.snapshot import contents_of
from secure_attend.storage.values import Record, Student

MOST_NAMED = 50
_RENAMED = ("name", "course", "term")
"""Columns that may say something else by now because somebody was renamed, and nobody was marked otherwise."""
_LOCKED, _UNLOCKED = "lock_attendance", "unlock_attendance"
"""Actions of entries in the audit trail (`access/audited_actions.py`)."""


@dataclass(frozen=True)
class CheckedStore:
    """What a store holds, for a check. `altered` are the documents whose seal does not fit. `rows` are those of the
    log; `persons` tells whose rows of format 1 are. `mac_of` returns the mac of the record with a number, None if there
    is none. `retain_days`: as the server has it."""

    students: Sequence[Student]
    documents: Sequence[Document]
    altered: Sequence[Document]
    rows: Iterable[Row]
    persons: Mapping[str, str]
    mac_of: MacOf
    audit: Iterable[AuditRow]
    retain_days: int = 0


def check_export_at(place: str, chosen: Chosen, path: Path, retain_days: int) -> tuple[bool, str]:
    """Check an export against the store at a place: a directory, or a database's address. It reads only, so it runs
    beside the server. Raises `StartRefused`, `StorageFailed`, and as `check_export`."""
    with contents_of(place, alone=False) as contents:
        vault = fitting_vault(contents.roster.store or "", contents.roster.key_check, contents.place, chosen)
        persons = contents.roster.persons()

        def mac_of(number: int) -> str | None:
            if number > contents.count:
                return None
            return next(contents.rows(number - 1))["mac"] if number else START

        store = CheckedStore(
            [kept.student for kept in contents.roster.students.values()],
            [sealed.document for sealed in contents.documents],
            altered_documents(contents.documents, RecordSeal(vault.record_key)),
            contents.rows(0),
            persons,
            mac_of,
            contents.audit(),
            retain_days,
        )
        return check_export(path, store)


def check_export(path: Path, store: CheckedStore) -> tuple[bool, str]:
    """Return whether the export at `path` and what is locked of its courses are as they were, and sentences that say
    so or name what is not. Raises `InvalidInput`, OSError."""
    rows = read_export(path)
    by_course: dict[str, list[ExportedRow]] = defaultdict(list)
    for row in rows:
        by_course[row.cells["course_key"]].append(row)
    records = _Records(store)
    stored = stored_registers(store.students, store.documents, records, by_course, store.retain_days)
    entries = _open_locks(store.audit)
    faults = [*_altered(store, stored, by_course), *_removed_locks(entries, stored, by_course)]
    for course, own in by_course.items():
        if course not in stored.curriculum.courses:
            faults.append(f"There is no course {course} any more, so {len(own)} rows cannot be checked.")
            continue
        for lock, frozen in stored.locks.get(course, ()):
            faults += LockCheck(stored, lock, frozen).faults(store.mac_of, entries.get(lock.key))
        faults += _CourseCheck(stored, course, store.mac_of).faults(own)
    if not faults:
        same = f"all {len(rows)} rows are as the log and the documents say, and nothing locked has changed"
        return True, f"{path}: {same}."
    named = [*dict.fromkeys(faults)]
    more = [f"And {len(named) - MOST_NAMED} more."] if len(named) > MOST_NAMED else []
    if records.nameless:
        more.append(
            f"The log no longer says whose {records.nameless} of its records are (erased, or older than RETAIN_DAYS). "
            "What differs because of them was not changed by hand."
        )
    if records.unremarked:
        more.append(
            f"The log no longer says why {records.unremarked} of its marks were made (erased, or older than "
            "RETAIN_NOTES_DAYS). A percentage in which such a remark had a weight was not changed by hand."
        )
    return False, "\n".join([f"{path}:", *named[:MOST_NAMED], *more])


class _Records:
    """Iterates over the records of a store. Counts those that name nobody, and the marks whose remark was erased."""

    def __init__(self, store: CheckedStore) -> None:
        self._store = store
        self.nameless = self.unremarked = 0

    def __iter__(self) -> Iterator[Record]:
        for row in self._store.rows:
            record = to_record(row, self._store.persons)
            self.nameless += record.person is None
            self.unremarked += record.person is not None and record.method == "mark" and is_note_erased(row)
            yield record


def _open_locks(audit: Iterable[AuditRow]) -> dict[str, AuditRow]:
    """Return the entries of the locks that nobody unlocked, by the lock's key."""
    found: dict[str, AuditRow] = {}
    for row in audit:
        if row["state"] == "done" and row["action"] == _LOCKED:
            found[str(row["facts"].get("lock"))] = row
        elif row["state"] == "done" and row["action"] == _UNLOCKED:
            found.pop(str(row["facts"].get("lock")), None)
    return found


def _removed_locks(entries: Mapping[str, AuditRow], stored: StoredRegisters, courses: Collection[str]) -> Iterator[str]:
    """Yield which locks of these courses are in the audit trail, and no longer among the documents."""
    there = {lock.key for locks in stored.locks.values() for lock, _ in locks}
    for key, row in entries.items():
        course = next((about.partition(":")[2] for about in row["about"] if about.startswith("course:")), "")
        known = stored.curriculum.courses.get(course)
        if key not in there and course in courses and known is not None:
            yield f"{known.code}: a lock was removed by hand (entry {row['number']} of the audit trail)."


def _altered(store: CheckedStore, stored: StoredRegisters, courses: Collection[str]) -> Iterator[str]:
    """Yield which documents of these courses were written by something else than Secure-Attend."""
    for document in store.altered:
        value = document.value if isinstance(document.value, dict) else {}
        course = document.key if document.kind == COURSES.name else value.get("course")
        where = stored.curriculum.courses.get(str(course))
        if where is not None and course not in courses:
            continue
        what = f"{document.kind} {document.key}"
        if where is not None and document.kind == COURSES.name:
            what = f"the course {where.code}, with its rules"
        elif where is not None and document.kind == MEMBERSHIPS.name:
            what = f"the membership of {stored.named(document.value['student'])} in {where.code}"
        elif where is not None and document.kind == MEETINGS.name:
            what = f"the class {document.value['title']} of {document.value['starts'][:10]} in {where.code}"
        elif where is not None and document.kind == LOCKS.name:
            what = f"the lock up to {document.value['last_day']} of {where.code}"
        elif document.kind == LOCKED_REGISTERS.name:
            what = "what a lock froze"
        yield f"Changed by hand: {what}. Its seal does not fit."


class _CourseCheck:
    """Checks the rows of one course."""

    def __init__(self, stored: StoredRegisters, course: str, mac_of: MacOf) -> None:
        self._stored = stored
        self._locked = stored.as_locked(course)
        self._code = self._locked.course.code
        self._mac_of = mac_of

    def faults(self, rows: Sequence[ExportedRow]) -> Iterator[str]:
        """Yield what is wrong with the rows."""
        try:
            evidence = evidence_in(rows[0].cells)
        except ValueError:
            yield f"Line {rows[0].line}: what the file says of its moment and of the log cannot be read."
            return
        if self._mac_of(evidence.records) != evidence.mac:
            yield f"{self._code}: when the file was exported, the log had another record {evidence.records}."
            return
        snapshot = self._stored.snapshot(self._locked, evidence.instant, evidence.records)
        register = snapshot.register
        same = canonical_register(register, snapshot.members).digest == evidence.digest
        # Without a lock, another register may have been counted in another way: nothing says any more in which.
        counted = same or register.policy == self._stored.curriculum.locked_policies.get(register.course.key)
        yield from _cell_faults(rows, register if counted else replace(register, percentages=()), evidence)
        if not same:
            yield (
                f"{self._code}: the register is another one than when the file was exported. The audit trail says what "
                f"was changed since {evidence.instant:%Y-%m-%d %H:%M} UTC."
            )


def _cell_faults(rows: Sequence[ExportedRow], register: CourseRegister, evidence: RegisterEvidence) -> Iterator[str]:
    long = set(LONG_COLUMNS) <= rows[0].cells.keys()
    table = long_table([(register, evidence)]) if long else grid_table(register, evidence)
    keys = ("student_id", "class_key") if long else ("student_id",)
    expected, seen = _by_key(table, keys), set()
    for row in rows:
        key = tuple(_plain(row.cells.get(name, "")) for name in keys)
        seen.add(key)
        if key in expected:
            yield from _changed_cells(row, expected[key])
        else:
            yield f"Line {row.line}: {key[0]} is not in the register: added by hand, or the student was erased since."
    for key in expected.keys() - seen:
        yield f"{expected[key]['name']} ({key[0]}): {'a row is' if long else 'the row is'} missing in the file."


def _changed_cells(row: ExportedRow, expected: Mapping[str, Value]) -> Iterator[str]:
    who = f"Line {row.line}, {expected['name']} ({expected['student_id']})"
    for name, value in expected.items():
        found = row.cells.get(csv_cell(name), row.cells.get(name))
        if name not in _RENAMED and not _says(found, value):
            told = "nothing" if value == "" else f"{value:g}" if isinstance(value, float) else value
            yield f"{who}, {name}: the file says {found or 'nothing'}, the register {told}."


def _says(found: str | None, value: Value) -> bool:
    """Return whether a cell has this value. Programs write numbers in their own ways: `100.0`, `100`, `66,7`."""
    if isinstance(value, str):
        return found in (value, csv_cell(value))
    try:
        return found is not None and float(found.replace(",", ".")) == value
    except ValueError:
        return False


def _by_key(table: Table, keys: Sequence[str]) -> dict[tuple[str, ...], dict[str, Value]]:
    rows = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    return {tuple(str(row[name]) for name in keys): row for row in rows}


def _plain(cell: str) -> str:
    """Return a cell without the apostrophe that keeps a spreadsheet from reading a formula."""
    return cell[1:] if cell.startswith("'") else cell
