"""Importing a roster: all or nothing, adds and updates, never removes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from secure_attend.attendance.students.identity_text import lookalike
from secure_attend.attendance.students.import_progress import ImportProgress, RunningImports
from secure_attend.attendance.students.roster_csv import RosterFile, RosterRow, read_roster
from secure_attend.attendance.students.students import new_key
from secure_attend.storage.ports import StudentStore
from secure_attend.storage.values import Student


@dataclass(frozen=True)
class RosterWarning:
    """Something that may be a slip but was taken as it stands."""

    line: int
    message: str


@dataclass
class RosterReport:
    """What an import did. `not_in_file` are students on the list whom the file does not name."""

    encoding: str
    delimiter: str
    ignored_columns: tuple[str, ...]
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    restored: int = 0
    not_in_file: list[Student] = field(default_factory=list)
    warnings: list[RosterWarning] = field(default_factory=list)


class RosterImport:
    """Brings the list of students up to a roster file."""

    def __init__(self, store: StudentStore) -> None:
        self._store = store
        self.imports = RunningImports()

    def load(self, data: bytes, name: str | None = None) -> RosterReport:
        """Imports the file, to be followed under `name`. Raises `InvalidInput` with every fault by line, and then
        nothing has changed."""
        with self.imports.named(name) as importing:
            file = read_roster(data, lambda done: importing.now("reading", done))
            return self._apply(file, importing)

    def _apply(self, file: RosterFile, importing: ImportProgress) -> RosterReport:
        """The store is held for the writing alone, so that check-ins go on while all rows are compared with the list;
        they are compared again if somebody changed the list meanwhile."""
        seen = self._store.version
        comparison = _Comparison(file, self._store.students())
        if comparison.changed:
            importing.now("writing", 0, len(comparison.changed))
            with self._store.transaction():
                if self._store.changed_students(seen)[1]:
                    comparison = _Comparison(file, self._store.students())
                self._write(comparison.changed, importing)
        return comparison.report

    def _write(self, changed: list[Student], importing: ImportProgress) -> None:
        self._store.write_students(changed, progress=lambda done: importing.now("writing", done, len(changed)))


class _Comparison:
    """A roster file beside the list: what is to be written, and what to report of it."""

    def __init__(self, file: RosterFile, listed: list[Student]) -> None:
        known = {student.student_id: student for student in listed}
        report = self.report = RosterReport(file.encoding, file.delimiter, file.ignored_columns)
        self.changed = [student for row in file.rows if (student := _merged(row, known.get(row.student_id), report))]
        named = {row.student_id for row in file.rows}
        report.not_in_file = [s for s in listed if s.removed_at is None and s.student_id not in named]
        report.warnings = _twins(file, listed)


def _merged(row: RosterRow, known: Student | None, report: RosterReport) -> Student | None:
    """The student to be written, None when the file says nothing new. A blank e-mail cell erases no address."""
    if known is None:
        report.added += 1
        return Student(new_key(), row.student_id, row.name, row.email or "")
    merged = replace(known, name=row.name, email=row.email or known.email, removed_at=None)
    if known.removed_at is not None:
        report.restored += 1
    elif merged == known:
        report.unchanged += 1
        return None
    else:
        report.updated += 1
    return merged


def _twins(file: RosterFile, known: list[Student]) -> list[RosterWarning]:
    """Warns of ids that are easily taken for each other, as `7` and `007`."""
    alike: dict[str, set[str]] = defaultdict(set)
    for student_id in [row.student_id for row in file.rows] + [student.student_id for student in known]:
        alike[lookalike(student_id)].add(student_id)
    warnings = []
    for row in file.rows:
        others = sorted(alike[lookalike(row.student_id)] - {row.student_id})
        if others:
            message = f"The ID {row.student_id} looks like {' and '.join(others)}. They are kept as different students."
            warnings.append(RosterWarning(row.line, message))
    return warnings
