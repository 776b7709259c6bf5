"""Importing a roster: all or nothing; adds and updates students, never removes any."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from secure_attend.attendance.students.identity_text import similarity_key
from secure_attend.attendance.students.import_progress import ImportProgress, RunningImports
from secure_attend.attendance.students.roster_csv import RosterFile, RosterRow, read_roster
from secure_attend.attendance.students.students import new_key
from secure_attend.storage.ports import StudentStore
from secure_attend.storage.values import Student


@dataclass(frozen=True)
class RosterWarning:
    """Something that may be a slip but was imported as it is."""

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
    """Brings the list of students up to date with a roster file."""

    def __init__(self, store: StudentStore) -> None:
        self._store = store
        self.imports = RunningImports()

    def load(self, data: bytes, name: str | None = None) -> RosterReport:
        """Import the file; its progress is available under `name`. Raises `InvalidInput` with every fault by line, and
        then nothing has changed."""
        with self.imports.named(name) as progress:
            file = read_roster(data, lambda done: progress.now("reading", done))
            return self._apply(file, progress)

    def _apply(self, file: RosterFile, progress: ImportProgress) -> RosterReport:
        """Compare and write. The store is held for the writing alone, so that check-ins continue while all rows are
        compared with the list. If somebody changed the list meanwhile, they are compared again."""
        version = self._store.version
        comparison = _Comparison(file, self._store.students())
        if comparison.changed:
            progress.now("writing", 0, len(comparison.changed))
            with self._store.transaction():
                if self._store.changed_students(version)[1]:
                    comparison = _Comparison(file, self._store.students())
                self._write_changed(comparison.changed, progress)
        return comparison.report

    def _write_changed(self, changed: list[Student], progress: ImportProgress) -> None:
        self._store.write_students(changed, progress=lambda done: progress.now("writing", done, len(changed)))


class _Comparison:
    """A roster file compared with the list: what to write, and what to report."""

    def __init__(self, file: RosterFile, students: list[Student]) -> None:
        known = {student.student_id: student for student in students}
        report = self.report = RosterReport(file.encoding, file.delimiter, file.ignored_columns)
        self.changed = [student for row in file.rows if (student := _merged(row, known.get(row.student_id), report))]
        named = {row.student_id for row in file.rows}
        report.not_in_file = [s for s in students if s.removed_at is None and s.student_id not in named]
        report.warnings = _similar_ids(file, students)


def _merged(row: RosterRow, known: Student | None, report: RosterReport) -> Student | None:
    """Return the student to write, None if the file says nothing new. A blank email cell erases no address."""
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


def _similar_ids(file: RosterFile, students: list[Student]) -> list[RosterWarning]:
    """Warn of IDs that are easily mistaken for each other, such as `7` and `007`."""
    similar: dict[str, set[str]] = defaultdict(set)
    for student_id in [row.student_id for row in file.rows] + [student.student_id for student in students]:
        similar[similarity_key(student_id)].add(student_id)
    warnings = []
    for row in file.rows:
        others = sorted(similar[similarity_key(row.student_id)] - {row.student_id})
        if others:
            message = f"The ID {row.student_id} looks like {' and '.join(others)}. They are kept as different students."
            warnings.append(RosterWarning(row.line, message))
    return warnings
