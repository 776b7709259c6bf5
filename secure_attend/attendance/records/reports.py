"""The attendance report: the rows of the log, and a table of days. And what a cell of CSV may not begin with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from secure_attend.attendance.identity_text import checked
from secure_attend.attendance.reader_scope import UNLIMITED, ReaderScope
from secure_attend.attendance.records.history import is_reported, shown_method
from secure_attend.attendance.site_time import SiteTime, utc_text
from secure_attend.attendance.students.claims import student_with_typed_id
from secure_attend.attendance.students.students import names_for
from secure_attend.attendance.table import Table
from secure_attend.errors import FieldError, InvalidInput
from secure_attend.storage.ports import StudentsAndLog
from secure_attend.storage.values import Record, Student

COLUMNS = ("record_id", "student_id", "name", "date", "time", "timezone", "utc", "kiosk", "method", "cancelled")
BYTE_ORDER_MARK = "\ufeff"  # without it, Excel takes UTF-8 for Windows-1252
# Spreadsheets run a cell that begins like this as a formula (OWASP, "CSV injection"); full-width forms too.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
# Where semicolons separate lists (most of Europe), spreadsheets begin a cell after each, even inside a cell.
_BEGINS_INSIDE = r'([{}]["\s]*)([=+\-@＝＋－＠])'  # noqa: RUF001


@dataclass(frozen=True)
class ReportFilter:
    """The rows to include: from one date at this site through another, of one student or all. `methods`: show whether a
    check-in was by face or by code. `scope`: what the reader may see."""

    first: date | None = None
    last: date | None = None
    student_id: str | None = None
    methods: bool = False
    scope: ReaderScope = UNLIMITED


class Reports:
    """Makes reports. Their cells are text, times and dates too."""

    def __init__(self, store: StudentsAndLog, time: SiteTime) -> None:
        self._store = store
        self._time = time

    def log(self, wanted: ReportFilter) -> Table:
        """Return the log, one row per record, read while it is written. Raises `InvalidInput` at once."""
        _refuse_invalid(wanted)
        return Table(COLUMNS, self._rows(wanted))

    def days(self, wanted: ReportFilter) -> Table:
        """Return one row per student on the list or seen, and one column per day with attendance, which shows the first
        check-in. Raises `InvalidInput`."""
        import pandas as pd  # a sixth of the start-up time, and only this needs it

        _refuse_invalid(wanted)
        found = self._check_ins_not_cancelled(wanted)
        seen = pd.DataFrame(found, columns=["person", "day", "time", "instant"])
        first = seen.sort_values("instant").drop_duplicates(["person", "day"])
        table = first.pivot(index="person", columns="day", values="time")
        students = self._in_list_order(wanted, set(table.index))
        times = table.reindex(list(students)).fillna("")
        whole = zip(students.values(), times.itertuples(index=False, name=None), strict=True)
        return Table(
            ("student_id", "name", *times.columns),
            [(student.student_id, names_for(wanted.scope, student)[-1], *found) for student, found in whole],
        )

    def _rows(self, wanted: ReportFilter) -> Iterator[tuple[str, ...]]:
        students = {student.key: student for student in self._store.students()}
        cancelled = self._store.cancellations()
        return (self._as_row(record, students, cancelled, wanted) for record in self._matching_records(wanted))

    def _as_row(
        self, record: Record, students: dict[str, Student], cancelled: dict[str, str], wanted: ReportFilter
    ) -> tuple[str, ...]:
        local = record.time.astimezone(self._time.zone)
        student = students.get(record.person or "")
        return (
            record.id,
            student.student_id if student is not None else record.student_id or "",
            names_for(wanted.scope, student)[-1] if student is not None else "",
            local.date().isoformat(),
            local.strftime("%H:%M:%S"),
            self._time.zone.key,
            utc_text(record.time),
            record.kiosk or "",
            shown_method(record.method, exact=wanted.methods),
            cancelled.get(record.id, ""),
        )

    def _matching_records(self, wanted: ReportFilter) -> Iterator[Record]:
        person = None
        if wanted.student_id:
            student = student_with_typed_id(self._store, wanted.student_id)
            if student is None:
                return iter(())
            person = student.key
        records = self._store.records(
            person=person,
            since=self._time.start_of(wanted.first) if wanted.first else None,
            until=self._time.end_of(wanted.last) if wanted.last else None,
        )
        return (record for record in records if is_reported(record) and wanted.scope.shows(record.person or "", record))

    def _check_ins_not_cancelled(self, wanted: ReportFilter) -> Iterator[tuple[str, str, str, float]]:
        """Yield student, day and time of the day, and the instant: an hour comes twice in autumn."""
        cancelled = self._store.cancellations()
        for record in self._matching_records(wanted):
            if record.person is not None and record.is_check_in and record.id not in cancelled:
                day = self._time.date_of(record.time).isoformat()
                yield record.person, day, self._time.clock_face(record.time), record.time.timestamp()

    def _in_list_order(self, wanted: ReportFilter, seen: set[str]) -> dict[str, Student]:
        """Return everyone on the list or seen, by key, in the order of the list."""
        everyone = (student for student in self._store.students() if wanted.scope.sees(student.key))
        students = (student for student in everyone if student.removed_at is None or student.key in seen)
        if not wanted.student_id:
            return {student.key: student for student in students}
        only = student_with_typed_id(self._store, wanted.student_id)
        return {student.key: student for student in students if only is not None and student.key == only.key}


def safe_cell(text: str, separators: str = ";") -> str:
    """Return the text so that no spreadsheet runs it as a formula, also if it begins a cell after one of the
    `separators`."""
    text = re.sub(_BEGINS_INSIDE.format(separators), r"\1'\2", text)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _refuse_invalid(wanted: ReportFilter) -> None:
    if wanted.student_id is not None:
        checked(student_id=wanted.student_id)
    refuse_reversed(wanted.first, wanted.last)


def refuse_reversed(first: date | None, last: date | None) -> None:
    """Raise `InvalidInput` if the first day is after the last."""
    if first and last and first > last:
        message = "The first day is after the last. Swap them."
        raise InvalidInput("invalid_input", message, errors=[FieldError("from", message)])
