"""An Excel workbook (.xlsx), measured before anything is built from it.

A workbook of a few kilobytes may hold gigabytes: packed bytes that unpack to them, a sheet that claims billions of
cells, or one long text that a million cells share. Only the tags of rows and cells are read to find out. A sheet with
tags that this module does not understand is refused: a parser might read something else.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from zipfile import ZIP_STORED, ZipFile

from secure_attend.attendance.imports.file_text import SAVE_AS_CSV, UnreadableFile
from secure_attend.attendance.imports.zip_archive import DAMAGE, crowded, outside, packed_unusually

MOST_MEMBERS = 2_000
MOST_UNPACKED = 60_000_000
"""Bytes of a workbook's parts together. A sheet of 100,000 students has 25 MB."""
MOST_CELLS = 3_000_000
"""Cells of the rectangle that a sheet fills: 100,000 students with 30 columns."""
MOST_TEXT = 100_000_000
"""Bytes of the texts in all cells, those that cells share counted for each: 100,000 students with 1,000 each."""
_PIECE = 50_000
"""Bytes that are searched at a time, in some milliseconds."""
_PARTS = (".xml", ".rels")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_SHARED = "xl/sharedstrings.xml"
_PREFIX = rb"<(?:[^<>:\s]*:)?"
_BEGUN = re.compile(_PREFIX + rb"(?:c|row|dimension)(?=[\s/>])")
_TAG = re.compile(
    _PREFIX + rb"(c|row|dimension)((?:\s[^<>\"']*(?:\"[^<>\"]*\"|'[^<>']*'))*)\s*/?>(?:" + _PREFIX + rb"v>(\d{1,9})<)?"
)
"""A tag of a cell, a row or the sheet's size, with its attributes, and the value that follows it at once."""
_PLACE = re.compile(rb"""\s(?:r|ref)\s*=\s*["'](?:[A-Za-z]{1,3}\d{1,9}:)?([A-Za-z]{0,7})(\d{1,9})["']""")
_PLACED = re.compile(rb"\s(?:r|ref)\s*=")
_IS_SHARED = re.compile(rb"""\st\s*=\s*["']s["']""")
_TEXT_BEGINS = re.compile(_PREFIX + rb"si(?=[\s/>])")


def measured_workbook(data: bytes) -> bytes:
    """Return the same workbook with the parts alone that were measured, and not packed. Raises `UnreadableFile`."""
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
            if any(map(packed_unusually, members)):
                raise _damaged()
            parts = dict(_unpacked(archive))
    except DAMAGE as error:
        if isinstance(error, UnreadableFile):
            raise
        raise _damaged() from error
    _refuse_large(parts)
    return _packed_again(parts)


def _unpacked(archive: ZipFile) -> Iterator[tuple[str, bytes]]:
    """Yield the parts that a parser may read: not pictures, nor programs. Raises `UnreadableFile`."""
    left = MOST_UNPACKED
    for each in archive.infolist():
        if each.filename.lower().endswith(_PARTS):
            with archive.open(each) as part:
                content = part.read(left + 1)
            left -= len(content)
            if left < 0:
                raise UnreadableFile(
                    "This workbook is too large. Save the sheet with the students alone, as 'CSV UTF-8'."
                )
            yield each.filename, content


def _packed_again(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def _refuse_large(parts: dict[str, bytes]) -> None:
    shared = [length for name, content in parts.items() if name.lower() == _SHARED for length in _lengths(content)]
    for name, content in parts.items():
        if name.lower() != _SHARED:
            _refuse_large_sheet(content, shared)


def _lengths(texts: bytes) -> Iterator[int]:
    """Yield the bytes of each shared text, its tags included."""
    starts = [at + found.start() for at, piece in _pieces(texts) for found in _TEXT_BEGINS.finditer(piece)]
    return (end - start for start, end in pairwise([*starts, len(texts)]))


def _refuse_large_sheet(sheet: bytes, shared: list[int]) -> None:
    """Raise `UnreadableFile` for a sheet that claims too many cells, or too much text. Cells and rows without a place
    follow the one before, so they are counted."""
    columns = rows = 1
    unplaced_rows = unplaced_cells = tags = text = 0
    longest = max(shared, default=0)
    for tag in (tag for _, piece in _pieces(sheet) for tag in _TAG.finditer(piece)):
        tags += 1
        kind, attributes, value = tag.groups()
        places = _PLACE.findall(attributes)
        if len(places) != len(_PLACED.findall(attributes)):
            raise _damaged()
        for letters, number in places:
            columns, rows = max(columns, _column(letters)), max(rows, int(number))
        if kind == b"row":
            unplaced_rows, unplaced_cells = unplaced_rows + (not places), 0
        elif kind == b"c":
            unplaced_cells += not places
            columns = max(columns, unplaced_cells)
            if _IS_SHARED.search(attributes):
                index = int(value) if value is not None else -1
                text += shared[index] if 0 <= index < len(shared) else longest
        if columns * (rows + unplaced_rows) > MOST_CELLS:
            raise UnreadableFile(
                "The sheet has far more cells than students. Copy the rows with students to a new sheet."
            )
        if text > MOST_TEXT:
            raise UnreadableFile("The sheet has far more text than students. Copy the columns needed to a new sheet.")
    if tags != sum(1 for _, piece in _pieces(sheet) for _ in _BEGUN.finditer(piece)):
        raise _damaged()


def _pieces(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield a part of the workbook in pieces, each with where it starts: other threads have a turn in between. A piece
    ends before a tag, if possible one that begins with `c`, as cells do. Their values are in the same piece then."""
    at = 0
    while len(part) - at > _PIECE:
        end = at + _PIECE
        cuts = (part.rfind(begin, at + 1, end) for begin in (b"<c", b"<"))
        cut = next((cut for cut in cuts if cut > 0), end)
        yield at, part[at:cut]
        at = cut
    yield at, part[at:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _damaged() -> UnreadableFile:
    return UnreadableFile(f"This workbook is damaged, or locked with a password. {SAVE_AS_CSV}")
