"""Reading a roster CSV from any program: bytes in, rows with line numbers out, or every fault by line.

The csv module reads it, not pandas. Pandas does not say which line of the file a row came from once a cell holds a line
break. It also guesses at types and missing values, but IDs and names (`007`, `NA`) must stay as they are.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from secure_attend.attendance.students.identity_text import (
    UnfitText,
    clean_email,
    clean_groups,
    clean_id,
    clean_name,
)
from secure_attend.errors import FieldError, InvalidInput

MOST_ROWS = 100_000  # read in seconds; the JSON store takes a fifth of them and says so
REPORT_EVERY = 1000
MOST_ERRORS_LISTED = 200
DELIMITERS = (",", ";", "\t")
_SAVE_AS_CSV = "In Excel, choose File, Save As, 'CSV UTF-8 (Comma delimited)'."
_SIGNATURES = (
    (b"PK\x03\x04", f"This is an Excel workbook (or a zip archive), not a CSV file. {_SAVE_AS_CSV}"),
    (b"\xd0\xcf\x11\xe0", f"This is an old Excel workbook, not a CSV file. {_SAVE_AS_CSV}"),
    (b"%PDF", "This is a PDF, not a CSV file. Export the list as CSV from the system it came from."),
    (codecs.BOM_UTF32_LE, "This file is encoded as UTF-32. Save it as 'CSV UTF-8'."),
)
SITE_COLUMNS: Mapping[str, str] = {"studentid": "student_id", "name": "name", "email": "email"}
COURSE_COLUMNS: Mapping[str, str] = {**SITE_COLUMNS, "group": "groups", "groups": "groups"}
"""What each spelling of a column means, without spaces and signs."""


@dataclass(frozen=True)
class RosterRow:
    """One student of the file. `email` and `groups`, the names of groups, are None if the file has no such column.
    `line` counts from 1."""

    line: int
    student_id: str
    name: str
    email: str | None
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True)
class RosterFile:
    """The content of a roster file."""

    rows: tuple[RosterRow, ...]
    ignored_columns: tuple[str, ...]
    encoding: str
    delimiter: str


@dataclass(frozen=True)
class RosterTable:
    """A file as it is written: its records, with the line that each starts on, the header first."""

    records: Iterator[tuple[int, list[str]]]
    encoding: str
    delimiter: str


@dataclass(frozen=True)
class RosterColumns:
    """The header of a file, and the place of each column that is used."""

    line: int
    cells: tuple[str, ...]
    places: Mapping[str, int] = field(default_factory=dict)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of the columns that are not used."""
        used = self.places.values()
        return tuple(cell.strip() for place, cell in enumerate(self.cells) if place not in used and cell.strip())

    @property
    def complete(self) -> bool:
        return "student_id" in self.places and "name" in self.places


def read_roster(
    data: bytes, progress: Callable[[int], object] = int, columns: Mapping[str, str] = SITE_COLUMNS
) -> RosterFile:
    """Read the whole file; `progress` is called with the number of rows read. `columns` are the spellings that name a
    column. Raises `InvalidInput` (`roster_rejected`) that names every row at fault."""
    table = read_table(data)
    header = map_columns(table, columns)
    rows, faults = _read_rows(header, _reporting(table.records, progress))
    if faults:
        raise _rejected(faults)
    if not rows:
        raise _rejected([FieldError("file", "The file has a header but no students below it.", header.line)])
    return RosterFile(tuple(rows), header.ignored, table.encoding, table.delimiter)


def read_table(data: bytes) -> RosterTable:
    """Return the records of a file, whatever its columns mean. Raises `InvalidInput` (`roster_rejected`), also while
    the records are read."""
    text, encoding = _decode(data)
    delimiter = _delimiter(text)
    return RosterTable(_csv_records(text, delimiter), encoding, delimiter)


def _rejected(faults: Sequence[FieldError]) -> InvalidInput:
    count = len(faults)
    what = faults[0].message if count == 1 else f"Fix {count} things in the file."
    return InvalidInput(
        "roster_rejected",
        f"Nothing has changed. {what}",
        errors=faults[:MOST_ERRORS_LISTED],
        errors_total=count,
    )


def _file_fault(message: str, line: int | None = None) -> InvalidInput:
    return _rejected([FieldError("file", message, line)])


def _decode(data: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding: by the byte order mark, else UTF-8, else Windows-1252."""
    if not data.strip():
        raise _file_fault("The file is empty. Start it with a line 'student_id,name', then one line per student.")
    for signature, advice in _SIGNATURES:
        if data.startswith(signature):
            raise _file_fault(advice)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = [("utf-16", "utf-16")]
    else:
        encodings = [("utf-8-sig", "utf-8"), ("cp1252", "windows-1252")]
    for codec, name in encodings:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, name
    raise _file_fault(f"This file cannot be read as text. {_SAVE_AS_CSV}")


def _delimiter(text: str) -> str:
    """Return the delimiter with which the first line names the columns, or else gives the most columns."""
    first_lines = text.lstrip("\r\n")[:20_000]
    named = re.match(r"sep=([,;\t])\r?\n", first_lines)
    if named:
        return named[1]
    best = ","
    most = 0
    for delimiter in DELIMITERS:
        cells = next(csv.reader(io.StringIO(first_lines, newline=""), delimiter=delimiter), [])
        if {"student_id", "name"} <= _places(1, cells, SITE_COLUMNS).keys():
            return delimiter
        if len(cells) > most:
            best, most = delimiter, len(cells)
    return best


def _csv_records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it starts on. Skips blank lines and Excel's `sep=` line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not (start == 1 and cells[0].startswith("sep=")):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise _file_fault(_explain(error), start) from error


def _explain(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "A quotation mark opens in this row and is never closed. Close or remove it."
    if "field larger" in str(error):
        return "A cell in this row is far too long. Check for a quotation mark that is not closed."
    return "This row cannot be read: put a separator after the closing quotation mark."


def map_columns(table: RosterTable, columns: Mapping[str, str] = SITE_COLUMNS) -> RosterColumns:
    """Return what the columns of a file mean: the first record is its header. Raises `InvalidInput`
    (`roster_rejected`)."""
    first = next(table.records, None)
    if first is None:
        raise _file_fault("The file is empty. Start it with a line 'student_id,name', then one line per student.")
    line, cells = first
    places = _places(line, cells, columns)
    missing = [name for name in ("student_id", "name") if name not in places]
    if missing:
        raise _file_fault(
            f"The first line must name the columns student_id and name, but {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing. It reads: {_shortened(cells)}",
            line,
        )
    return RosterColumns(line, tuple(cells), places)


def _places(line: int, cells: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = columns.get(re.sub(r"[\W_]+", "", cell).casefold())
        if name in places:
            raise _file_fault(f"Two columns are named {name}. Remove or rename one.", line)
        if name:
            places[name] = place
    return places


def _shortened(cells: Sequence[str]) -> str:
    line = " | ".join(cells)
    return line if len(line) <= 80 else line[:79] + "…"


def _reporting(
    records: Iterator[tuple[int, list[str]]], progress: Callable[[int], object]
) -> Iterator[tuple[int, list[str]]]:
    for count, record in enumerate(records):
        if count % REPORT_EVERY == 0:
            progress(count)
        yield record


def _read_rows(
    header: RosterColumns, records: Iterator[tuple[int, list[str]]]
) -> tuple[list[RosterRow], list[FieldError]]:
    rows: list[RosterRow] = []
    faults: list[FieldError] = []
    line_of: dict[str, int] = {}
    for count, (line, cells) in enumerate(records, start=1):
        if count > MOST_ROWS:
            raise _file_fault(f"The file has more than {MOST_ROWS} students. Split it into smaller files.", line)
        row = _checked_row(header, line, cells, faults)
        if row is None:
            continue
        if row.student_id in line_of:
            message = f"The student ID {row.student_id} is also on line {line_of[row.student_id]}. Keep only one."
            faults.append(FieldError("student_id", message, line))
            continue
        line_of[row.student_id] = line
        rows.append(row)
    return rows, faults


def _checked_row(header: RosterColumns, line: int, cells: list[str], faults: list[FieldError]) -> RosterRow | None:
    """Return the row, or None after adding its faults to `faults`."""
    if any(cell.strip() for cell in cells[len(header.cells) :]):
        message = (
            f"This row has {len(cells)} values, but the header has {len(header.cells)}. Put quotation marks around any "
            "value that contains the separator."
        )
        faults.append(FieldError("row", message, line))
        return None
    before = len(faults)
    student_id = _clean_cell(header, cells, "student_id", line, faults)
    name = _clean_cell(header, cells, "name", line, faults)
    email = _clean_cell(header, cells, "email", line, faults) if "email" in header.places else None
    groups = _clean_cell(header, cells, "groups", line, faults) if "groups" in header.places else None
    if len(faults) > before:
        return None
    return RosterRow(line, student_id, name, email, None if groups is None else tuple(filter(None, groups.split(";"))))


_CLEANERS = {"student_id": clean_id, "name": clean_name, "email": clean_email, "groups": clean_groups}


def _clean_cell(header: RosterColumns, cells: list[str], column: str, line: int, faults: list[FieldError]) -> str:
    place = header.places[column]
    try:
        return _CLEANERS[column](cells[place] if place < len(cells) else "")
    except UnfitText as fault:
        faults.append(FieldError(column, str(fault), line))
        return ""
