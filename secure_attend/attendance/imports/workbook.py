"""The first sheet of an Excel workbook (.xlsx) as rows of texts: values alone, no formula, macro or link is followed.

A sheet of a few bytes may claim billions of cells, and an archive of a few may hold gigabytes. Both are measured before
anything is built from them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zipfile import BadZipFile, ZipFile

from secure_attend.attendance.imports.file_text import SAVE_AS_CSV, UnreadableFile
from secure_attend.attendance.imports.zip_archive import crowded, outside

MOST_MEMBERS = 2_000
MOST_UNPACKED = 60_000_000
"""Bytes of a workbook's parts together. A sheet of 100,000 students has 25 MB."""
MOST_CELLS = 3_000_000
"""Cells of the rectangle that a sheet fills: 100,000 students with 30 columns."""
_CHUNK = 1_000_000
_OVERLAP = 200
_CELL = re.compile(
    rb"""<(?:\w+:)?(?:c|row|dimension)\b[^>]*?\s(?:r|ref)\s*=\s*["'](?:[^"']*:)?([A-Za-z]{0,7})(\d{1,9})"""
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)


def workbook_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Return the rows of the first visible sheet, each with its number. Raises `UnreadableFile`."""
    _refuse_large(data)
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
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


def _refuse_large(data: bytes) -> None:
    none = UnreadableFile("This archive is no Excel workbook. Save the list as .xlsx or as 'CSV UTF-8'.")
    if crowded(data, MOST_MEMBERS):
        raise none
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if any(outside(each.filename) for each in members):
                raise none
            if not any(_SHEET.fullmatch(each.filename) for each in members):
                raise UnreadableFile(f"This is a zip archive without a sheet, not an Excel workbook. {SAVE_AS_CSV}")
            left = MOST_UNPACKED
            for each in members:
                left -= _measured(archive, each.filename, left)
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(f"This workbook is damaged, or locked with a password. {SAVE_AS_CSV}") from error


def _measured(archive: ZipFile, name: str, most: int) -> int:
    """Return a part's size, unpacked a chunk at a time. Raises `UnreadableFile` if it is too large, or is a sheet that
    claims too many cells."""
    size, tail, columns, rows = 0, b"", 1, 1
    is_sheet = _SHEET.fullmatch(name) is not None
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise UnreadableFile(
                    "This workbook is too large. Save the sheet with the students alone, as 'CSV UTF-8'."
                )
            if is_sheet:
                for letters, number in _CELL.findall(tail + chunk):
                    columns, rows = max(columns, _column(letters)), max(rows, int(number))
                if columns * rows > MOST_CELLS:
                    raise UnreadableFile(
                        "The sheet has far more cells than students. Copy the rows with students to a new sheet."
                    )
                tail = chunk[-_OVERLAP:]
    return size


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
