"""Reading an export back, as CSV or as a workbook, also after a spreadsheet program has saved it again."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from secure_attend.attendance.evidence.register_evidence import EVIDENCE_COLUMNS
from secure_attend.errors import InvalidInput

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEET = re.compile(r"xl/worksheets/sheet([0-9]+)\.xml")
_SEPARATORS = ",;\t"


@dataclass(frozen=True)
class ExportedRow:
    """A row of an export: its cells by heading, and its line in the file (of a workbook: in its sheet)."""

    line: int
    cells: Mapping[str, str]


def read_export(path: Path) -> list[ExportedRow]:
    """Return the rows of an export. Raises `InvalidInput` for a file that is none, OSError."""
    try:
        tables = list(_sheets(path)) if zipfile.is_zipfile(path) else [_csv_rows(path)]
        return [row for table in tables for row in _rows(table)]
    except (UnicodeDecodeError, csv.Error, zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError) as error:
        raise _not_an_export(f"{path} cannot be read ({error}).") from error


def _rows(table: list[list[str]]) -> Iterator[ExportedRow]:
    if not table or not set(EVIDENCE_COLUMNS) <= set(table[0]):
        raise _not_an_export(f"The first row must have the columns {', '.join(EVIDENCE_COLUMNS)}.")
    head, width = table[0], len(table[0])
    for line, cells in enumerate(table[1:], start=2):
        if any(cells):
            yield ExportedRow(line, dict(zip(head, [*cells, *[""] * (width - len(cells))], strict=False)))


def _not_an_export(why: str) -> InvalidInput:
    return InvalidInput("not_an_export", f"This file is not an export of a register. {why}")


def _csv_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = file.readline()
        separator = max(_SEPARATORS, key=head.count)
        file.seek(0)
        return list(csv.reader(file, delimiter=separator))


def _sheets(path: Path) -> Iterator[list[list[str]]]:
    with zipfile.ZipFile(path) as book:
        found = ((int(match[1]), name) for name in book.namelist() if (match := _SHEET.fullmatch(name)))
        shared = _shared_texts(book)
        for _, name in sorted(found):
            yield [_cells(row, shared) for row in _parsed(book.read(name)).iter(f"{_NAMESPACE}row")]


def _shared_texts(book: zipfile.ZipFile) -> list[str]:
    name = "xl/sharedStrings.xml"
    if name not in book.namelist():
        return []
    return [_text(item) for item in _parsed(book.read(name)).iter(f"{_NAMESPACE}si")]


def _parsed(data: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in data:  # no workbook has one; without it there are no entities that could grow
        raise ValueError("a document type is declared")
    return ElementTree.fromstring(data)  # noqa: S314


def _cells(row: ElementTree.Element, shared: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{_NAMESPACE}c"):
        place = _column(cell.get("r", "")) if cell.get("r") else len(cells)
        cells += [""] * (place - len(cells))
        value = cell.findtext(f"{_NAMESPACE}v") or ""
        if cell.get("t") == "inlineStr":
            value = _text(cell)
        elif cell.get("t") == "s":
            value = shared[int(value)]
        cells.append(value)
    return cells


def _text(element: ElementTree.Element) -> str:
    return "".join(part.text or "" for part in element.iter(f"{_NAMESPACE}t"))


def _column(reference: str) -> int:
    """Return the place of `C7`, counted from 0."""
    place = 0
    for letter in reference.rstrip("0123456789"):
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
