"""A table as an Excel workbook (XLSX), in constant memory: rows go to the disk as they are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from itertools import count, islice
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from secure_attend.attendance.table import Table, Value

MOST_ROWS = 1_048_576
"""On one sheet, with the headings: Excel's limit. What does not fit is on further sheets."""
_TEXT = "@"  # Excel's format for text: it stays text even if somebody edits the cell
_WIDTHS = {"student_id": 14, "name": 28}
_WIDTH = 12


def write_xlsx(table: Table, path: Path, at: datetime, most_rows: int = MOST_ROWS) -> None:
    """Write the table as a workbook. Text is written as text, whatever it looks like: nothing is a formula, a number or
    a link. Temporary files are beside `path`. `at` is the moment that the workbook says it was made."""
    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"created": at.astimezone(timezone.utc).replace(tzinfo=None)})
        text = workbook.add_format({"num_format": _TEXT})
        heading = workbook.add_format({"num_format": _TEXT, "bold": True, "text_wrap": True, "valign": "top"})
        rows, room = iter(table.rows), most_rows - 1
        for number in count(1):
            sheet = workbook.add_worksheet(table.sheet if number == 1 else f"{table.sheet} {number}")
            _lay_out(sheet, table.columns, heading)
            if _write(sheet, islice(rows, room), text) < room:
                break


def _lay_out(sheet: Worksheet, columns: Sequence[str], heading: Format) -> None:
    """Write the headings, which stay in sight."""
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(columns):
        sheet.set_column(column, column, _WIDTHS.get(title, _WIDTH))
        sheet.write_string(0, column, title, heading)


def _write(sheet: Worksheet, rows: Iterable[Sequence[Value]], text: Format) -> int:
    """Write rows below the headings; return how many."""
    line = 0
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, column, value, text)
            else:
                sheet.write_number(line, column, value)
    return line
