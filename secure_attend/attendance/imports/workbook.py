"""The first sheet of an Excel workbook as rows of texts: values alone. No formula, macro or link is followed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from secure_attend.attendance.imports.file_text import SAVE_AS_CSV, UnreadableFile
from secure_attend.attendance.imports.measured_workbook import measured_workbook


def workbook_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Return the rows of the first visible sheet, each with its number. Raises `UnreadableFile`."""
    measured = measured_workbook(data)
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(measured))
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        rows = book.get_sheet_by_name((shown or book.sheet_names)[0]).to_python(skip_empty_area=False)
    except Exception as error:  # its kinds of error share no base of their own
        raise UnreadableFile(f"This workbook cannot be read. {SAVE_AS_CSV}") from error
    return ((number, [_text(cell) for cell in row]) for number, row in enumerate(rows, start=1))


def _text(cell: Any) -> str:
    """Write a cell as a spreadsheet shows it. Whole numbers have no decimals: `1001` is kept as 1001.0."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, (datetime, date, time, timedelta)):
        return cell.isoformat() if not isinstance(cell, timedelta) else str(cell)
    return str(cell)
