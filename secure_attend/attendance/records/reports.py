"""The attendance report: the log's rows as CSV that Excel opens as it should, and a table of days."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from secure_attend.attendance.records.student_records import shown_method
from secure_attend.attendance.site_time import SiteTime, utc_text
from secure_attend.attendance.students.claims import as_typed
from secure_attend.attendance.students.identity_text import checked
from secure_attend.errors import FieldError, InvalidInput
from secure_attend.storage.ports import StudentsAndLog
from secure_attend.storage.values import Record

COLUMNS = ("record_id", "student_id", "name", "date", "time", "timezone", "utc", "kiosk", "method", "cancelled")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for Windows-1252
# A cell that begins like this is run as a formula by spreadsheets (OWASP, "CSV injection"); so are full-width forms.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
# Where lists are separated by semicolons (most of Europe), spreadsheets begin a cell behind each, wherever it stands.
_BEGINS_INSIDE = re.compile(r'(;["\s]*)([=+\-@＝＋－＠])')  # noqa: RUF001
_ROWS_A_CHUNK = 500


@dataclass(frozen=True)
class ReportFilter:
    """Which rows are wanted: dates at this site, both included, and one student or all; and whether to tell check-ins
    by face from those by code."""

    first: date | None = None
    last: date | None = None
    student_id: str | None = None
    methods: bool = False


class Reports:
    """Writes reports."""

    def __init__(self, store: StudentsAndLog, time: SiteTime) -> None:
        self._store = store
        self._time = time

    def rows(self, wanted: ReportFilter) -> Iterator[str]:
        """The log as CSV, a row a record, in pieces for streaming. Raises `InvalidInput` before the first."""
        _check(wanted)
        return self._row_pieces(wanted)

    def days(self, wanted: ReportFilter) -> str:
        """CSV with a row a student on the list or seen, a column a day with attendance, the first check-in in each."""
        import pandas as pd  # a sixth of the time to start, and only this needs it

        _check(wanted)
        seen = pd.DataFrame(self._standing_check_ins(wanted), columns=["student_id", "day", "time"])
        first = seen.sort_values("time").drop_duplicates(["student_id", "day"])
        table = first.pivot(index="student_id", columns="day", values="time")
        names = self._names(wanted, set(table.index))
        table = table.reindex(list(names)).fillna("")
        table.insert(0, "name", [safe_cell(name) for name in names.values()])
        table.index = pd.Index([safe_cell(student_id) for student_id in names], name="student_id")
        return BYTE_ORDER_MARK + table.to_csv(lineterminator="\r\n")

    def _row_pieces(self, wanted: ReportFilter) -> Iterator[str]:
        names = {student.student_id: student.name for student in self._store.students()}
        cancelled = self._store.cancellations()
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        out.write(BYTE_ORDER_MARK)
        writer.writerow(COLUMNS)
        for count, record in enumerate(self._records(wanted), start=1):
            writer.writerow([safe_cell(text) for text in self._cells(record, names, cancelled, wanted)])
            if count % _ROWS_A_CHUNK == 0:
                yield out.getvalue()
                out.seek(0)
                out.truncate()
        yield out.getvalue()

    def _cells(
        self, record: Record, names: dict[str, str], cancelled: dict[str, str], wanted: ReportFilter
    ) -> tuple[str, ...]:
        local = record.time.astimezone(self._time.zone)
        return (
            record.id,
            record.student_id or "",
            names.get(record.student_id or "", ""),
            local.date().isoformat(),
            local.strftime("%H:%M:%S"),
            self._time.zone.key,
            utc_text(record.time),
            record.kiosk or "",
            shown_method(record.method, exact=wanted.methods),
            cancelled.get(record.id, ""),
        )

    def _records(self, wanted: ReportFilter) -> Iterator[Record]:
        return self._store.records(
            student_id=as_typed(wanted.student_id) if wanted.student_id else None,
            since=self._time.start_of(wanted.first) if wanted.first else None,
            until=self._time.end_of(wanted.last) if wanted.last else None,
        )

    def _standing_check_ins(self, wanted: ReportFilter) -> Iterator[tuple[str, str, str]]:
        cancelled = self._store.cancellations()
        for record in self._records(wanted):
            if record.student_id is None or record.method == "cancellation":
                continue
            if record.id not in cancelled:
                day = self._time.date_of(record.time).isoformat()
                yield record.student_id, day, self._time.clock_face(record.time)

    def _names(self, wanted: ReportFilter, seen: set[str]) -> dict[str, str]:
        """Names by id of everyone on the list or seen, in the order of the list."""
        students = [s for s in self._store.students() if s.removed_at is None or s.student_id in seen]
        names = {student.student_id: student.name for student in students}
        if wanted.student_id:
            only = as_typed(wanted.student_id)
            return {student_id: name for student_id, name in names.items() if student_id == only}
        return names


def safe_cell(text: str) -> str:
    """The text, kept from being run as a formula."""
    text = _BEGINS_INSIDE.sub(r"\1'\2", text)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _check(wanted: ReportFilter) -> None:
    if wanted.student_id is not None:
        checked(student_id=wanted.student_id)
    refuse_reversed(wanted.first, wanted.last)


def refuse_reversed(first: date | None, last: date | None) -> None:
    """Raises `InvalidInput` for days of which the first comes after the last."""
    if first and last and first > last:
        message = "The first day is after the last. Exchange them."
        raise InvalidInput("invalid_input", message, errors=[FieldError("from", message)])
