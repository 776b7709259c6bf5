"""The first visible sheet of an Excel workbook (.xlsx) as rows of texts.

Nothing is computed, and no macro or link is followed. A cell with a formula is the formula: what a program once made of
it may be missing or old.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from secure_attend.attendance.imports.file_text import SAVE_AS_CSV, UnreadableFile
from secure_attend.attendance.imports.workbook_parts import Position, workbook_parts

_EXACT = 2**53
"""From here on a number in a workbook stands for several whole numbers."""


def workbook_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Return the rows of the first visible sheet, each with its number. Raises `UnreadableFile`."""
    parts = workbook_parts(data)
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(parts.archive))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except Exception as error:  # its kinds of error share no base of their own
        raise UnreadableFile(f"This workbook cannot be read. {SAVE_AS_CSV}") from error
    return _texts(rows, parts.formulas)


def _texts(rows: list[list[Any]], formulas: Mapping[Position, str]) -> Iterator[tuple[int, list[str]]]:
    computed = {row for row, _ in formulas}
    for number, row in enumerate(rows, start=1):
        texts = [_text(cell) for cell in row]
        if number in computed:
            texts = [formulas.get((number, place), text) for place, text in enumerate(texts, start=1)]
        yield number, texts


def _text(cell: Any) -> str:
    """Write a cell as a spreadsheet shows it. Whole numbers have no decimals: `1001` is kept as 1001.0."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        if not cell.is_integer():
            return repr(cell)
        return str(int(cell)) if abs(cell) < _EXACT else f"{cell:E}"
    if isinstance(cell, (datetime, date, time, timedelta)):
        return cell.isoformat() if not isinstance(cell, timedelta) else str(cell)
    text = str(cell)
    return f"'{text}" if text.startswith("=") else text  # as a spreadsheet shows that it is no formula
