"""A file as a table, whatever its columns mean: rows of cells, each with the line that it starts on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from secure_attend.attendance.imports.file_text import UnreadableFile, file_text
from secure_attend.attendance.imports.workbook import workbook_rows
from secure_attend.attendance.imports.zip_archive import ZIP
from secure_attend.errors import FieldError

DELIMITERS = (",", ";", "\t", "|")
TITLE_ROWS = 20
"""Rows among which the header may stand: some systems write a title, a date and a class above it."""
_JUDGED = 20_000
"""Characters from which the delimiter is found."""
_SEPARATOR_LINE = re.compile(r'\s*"?\s*sep\s*=\s*(?P<sign>[,;|\t]|\\t|tab)\s*"?[,;|\t ]*', re.IGNORECASE)
"""A first line that names the delimiter, as Excel understands it, in quotation marks and with empty cells too."""
_LONGEST_SEPARATOR_LINE = 200
"""Characters of it: for the blanks of a longer one the pattern would take time that grows with their square."""
WORKBOOK = "xlsx"
EMPTY = "The file is empty. Start it with a line 'student_id,name', then one line per student."

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class FileTable:
    """The rows of a file that are not blank. `encoding` and `delimiter` say how it is written; a workbook has none."""

    rows: Iterator[Row]
    encoding: str
    delimiter: str


def file_table(data: bytes, encoding: str | None = None) -> FileTable:
    """Return the rows of a CSV file or a workbook. Raises `UnreadableFile`, also while the rows are read, and
    `InvalidInput` (`encoding_needed`)."""
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableFile(EMPTY)
    if data.startswith(ZIP):
        return FileTable(_not_blank(workbook_rows(data)), WORKBOOK, "")
    read = file_text(data, encoding)
    named = _separator_named(read.text)
    delimiter = _named(named["sign"]) if named else _likely_delimiter(read.text[:_JUDGED])
    rows = _csv_rows(read.text, delimiter)
    if named:
        next(rows, None)
    return FileTable(_not_blank(rows), read.encoding, delimiter)


def _separator_named(text: str) -> re.Match[str] | None:
    first, _, _ = text[: _LONGEST_SEPARATOR_LINE + 1].partition("\n")
    if len(first) > _LONGEST_SEPARATOR_LINE:
        return None
    return _SEPARATOR_LINE.fullmatch(first.lstrip("\ufeff").rstrip("\r"))


def _named(sign: str) -> str:
    return "\t" if sign.casefold() in ("\\t", "tab") else sign


def _likely_delimiter(text: str) -> str:
    """Return the delimiter that gives most rows the same number of cells, and the most cells."""

    def shape(delimiter: str) -> tuple[int, int]:
        counts = _cells_of_rows(text, delimiter)
        common = max(set(counts), key=lambda count: (counts.count(count) * (count > 1), count), default=1)
        return (counts.count(common) if common > 1 else 0, common)

    return max(DELIMITERS, key=lambda delimiter: (shape(delimiter), -DELIMITERS.index(delimiter)))


def _cells_of_rows(text: str, delimiter: str) -> list[int]:
    counts = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in cells):
                counts.append(len(cells))
    except csv.Error:
        pass  # the whole file is read strictly, and says where the fault is
    return counts


def _not_blank(rows: Iterator[Row]) -> Iterator[Row]:
    return (row for row in rows if any(cell.strip() for cell in row[1]))


def _csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    """Yield each row with the line it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        message = _explain(error)
        raise UnreadableFile(message, [FieldError("file", message, start)]) from error


def _explain(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "A quotation mark opens in this row and is never closed. Close or remove it."
    if "field larger" in str(error):
        return "A cell in this row is far too long. Check for a quotation mark that is not closed."
    return "This row cannot be read: put a separator after the closing quotation mark."
