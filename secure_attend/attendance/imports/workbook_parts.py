"""The parts of an Excel workbook (.xlsx) that are read, judged while they are unpacked and packed again.

A workbook of some kilobytes may claim billions of cells, hold gigabytes, or mean one thing to the program that judges
it and another to the one that reads it. So the library that reads workbooks gets an archive that is written here: the
first visible sheet, its strings and its styles, byte for byte as they were judged, and nothing else.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from secure_attend.attendance.imports.file_text import SAVE_AS_CSV, UnreadableFile
from secure_attend.attendance.imports.zip_archive import DAMAGE, crowded, outside, packed_unusually

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

MOST_MEMBERS = 2_000
MOST_UNPACKED = 60_000_000
"""Bytes of the parts that are read, together. A sheet of 100,000 students has 25 MB."""
MOST_CELLS = 1_000_000
"""Cells of the rectangle that a sheet fills: 100,000 students with 10 columns."""
MOST_ELEMENTS = 3 * MOST_CELLS + 200_000
"""Of a part, counted before it is parsed: a cell with its text is three."""
MOST_OTHERS = 200_000
"""Elements that are no cells, rows or texts: the rest of a sheet, and all of styles and lists of sheets."""
MOST_TEXT = 100_000_000
"""Characters of the texts that cells share, as if each cell had the longest. A sheet of some kilobytes may show one
text a million times."""
MOST_FORMULAS = 100_000
_DEEPEST = 100
_MOST_NAMES = 2_000
"""Different names of elements and attributes. The parser keeps them all."""
_LONGEST_TAG = 2_000_000
_CHUNK = 1 << 18
_FORMULA_LENGTH = 40
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_CELLS = (b"<c ", b"<c>", b"<c/>")
"""Cells as nearly all programs write them. Others are counted by the parser."""
_REFERENCE = re.compile(r"(?:[^:]*:)?([A-Za-z]{1,7})(\d{1,9})")

Attributes = Mapping[str, str]
Position = tuple[int, int]
"""Row and column of a cell, from 1."""


@dataclass(frozen=True)
class WorkbookParts:
    """An archive with one sheet, and the formulas of its cells as somebody typed them, shortened."""

    archive: bytes
    formulas: Mapping[Position, str]


def workbook_parts(data: bytes) -> WorkbookParts:
    """Return what is read of a workbook. Raises `UnreadableFile` for one that is too large, that is damaged, or that
    has macros or links to other files."""
    if crowded(data, MOST_MEMBERS):
        raise _no_workbook()
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            return _Repacking(archive).packed()
    except UnreadableFile:
        raise
    except (*DAMAGE, ExpatError) as error:
        raise UnreadableFile(f"This workbook is damaged, or locked with a password. {SAVE_AS_CSV}") from error


def _no_workbook() -> UnreadableFile:
    return UnreadableFile("This archive is no Excel workbook. Save the list as .xlsx or as 'CSV UTF-8'.")


class _Repacking:
    """Judges and packs the parts of one workbook."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._left = MOST_UNPACKED
        self._names: dict[str, str] = {}
        for member in archive.infolist():
            name = member.filename
            if outside(name) or name.casefold() in self._names:
                raise _no_workbook()
            if packed_unusually(member):
                raise BadZipFile(name)
            self._names[name.casefold()] = name
        self._refuse_programs()

    def _refuse_programs(self) -> None:
        if any(name.endswith("vbaproject.bin") for name in self._names):
            raise UnreadableFile(f"This workbook has macros. Save it as .xlsx, without macros. {SAVE_AS_CSV}")
        if any(name.startswith("xl/externallinks/") for name in self._names):
            raise UnreadableFile(
                "This workbook takes values from other files. Copy its rows to a new one, and paste them as values."
            )

    def packed(self) -> WorkbookParts:
        """Return the parts. Raises what `zipfile` and `expat` raise, too."""
        if _WORKBOOK not in self._names:
            raise UnreadableFile(f"This is a zip archive without a sheet, not an Excel workbook. {SAVE_AS_CSV}")
        book, relations = _Book(), _Relations()
        self._judged(_WORKBOOK, book)
        self._judged(_RELATIONS, relations)
        parts = {kind: self._path(relations.first(kind)) for kind in ("sharedStrings", "styles")}
        sheet = next((each for each in map(relations.sheet, book.shown()) if each is not None), None)
        if sheet is None or self._path(sheet) is None:
            raise _no_workbook()
        strings, written = _Strings(), io.BytesIO()
        found = _Sheet(strings)
        with ZipFile(written, "w", ZIP_DEFLATED, compresslevel=1) as packed:
            for name, text in _frame(book.since_1904, {kind for kind, path in parts.items() if path}).items():
                packed.writestr(name, text)
            for kind, path in parts.items():
                if path is not None:
                    self._judged(path, strings if kind == "sharedStrings" else _Part(), packed, f"xl/{kind}.xml")
            self._judged(self._path(sheet) or "", found, packed, "xl/worksheets/sheet1.xml")
        return WorkbookParts(written.getvalue(), found.formulas)

    def _path(self, target: str | None) -> str | None:
        """Return the part that a relation of the workbook leads to, if there is one."""
        if target is None:
            return None
        path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").casefold()
        return path if path in self._names else None

    def _judged(self, path: str, part: _Part, packed: ZipFile | None = None, name: str = "") -> None:
        """Parse a part while it is unpacked, and pack it under a new name."""
        self._measure(path)
        with self._archive.open(self._names[path]) as source:
            if packed is None:
                _parse(source.read, part, len)
            else:
                with packed.open(name, "w") as target:
                    _parse(source.read, part, target.write)

    def _measure(self, path: str) -> None:
        """Unpack a part for its size alone: that is much faster than to parse it."""
        if path not in self._names:
            raise _no_workbook()
        elements = cells = 0
        with self._archive.open(self._names[path]) as source:
            while chunk := source.read(_CHUNK):
                elements += chunk.count(b"<") - chunk.count(b"</")
                cells += sum(map(chunk.count, _CELLS))
                self._left -= len(chunk)
                if self._left < 0 or elements > MOST_ELEMENTS or cells > MOST_CELLS:
                    raise _too_large()


def _parse(read: Callable[[int], bytes], part: _Part, write: Callable[[bytes], object]) -> None:
    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    part.watch(parser)
    parsed = 0
    while chunk := read(_CHUNK):
        parsed += len(chunk)
        parser.Parse(chunk, False)
        if parsed - parser.CurrentByteIndex > _LONGEST_TAG:
            raise _too_large()
        write(chunk)
    parser.Parse(b"", True)


def _too_large() -> UnreadableFile:
    return UnreadableFile("This workbook is too large. Save the sheet with the students alone, as 'CSV UTF-8'.")


def _refuse_doctype(*_: object) -> None:
    raise UnreadableFile(f"This workbook cannot be read. {SAVE_AS_CSV}")


class _Part:
    """Sees the elements of a part, and refuses what a workbook has no need of."""

    usual: frozenset[str] = frozenset()
    """Elements that a part may have many of."""

    def __init__(self) -> None:
        self._depth = self._others = 0
        self._names: set[str] = set()

    def watch(self, parser: XMLParserType) -> None:
        """Follow a parser."""
        parser.StartElementHandler, parser.EndElementHandler = self._started, self._ended

    def _started(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        self._names.add(name)
        self._names.update(attributes)
        plain = name.rpartition(":")[2]
        self._others += plain not in self.usual
        if self._depth > _DEEPEST or len(self._names) > _MOST_NAMES or self._others > MOST_OTHERS:
            raise _too_large()
        self.element(plain, attributes)

    def _ended(self, _: str) -> None:
        self._depth -= 1

    def element(self, name: str, attributes: Attributes) -> None:
        """Take an element, by its name without a prefix."""


class _Strings(_Part):
    """The texts of cells."""

    usual = frozenset(("si", "t"))

    def __init__(self) -> None:
        super().__init__()
        self.longest = self._length = 0

    def watch(self, parser: XMLParserType) -> None:
        super().watch(parser)
        parser.CharacterDataHandler = self._text

    def element(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            self._length = 0

    def _text(self, text: str) -> None:
        self._length += len(text)
        self.longest = max(self.longest, self._length)


class _Book(_Part):
    """The list of sheets."""

    def __init__(self) -> None:
        super().__init__()
        self.since_1904 = False
        self._sheets: list[tuple[str, bool]] = []

    def element(self, name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            self.since_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            self._sheets.append((relation, attributes.get("state", "visible") == "visible"))

    def shown(self) -> list[str]:
        """Return the relations of the sheets, visible ones first."""
        return [relation for relation, _ in sorted(self._sheets, key=lambda sheet: not sheet[1])]


class _Relations(_Part):
    """Where the parts are."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, tuple[str, str]] = {}

    def element(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self._found[attributes.get("Id", "")] = (kind, attributes.get("Target", ""))

    def first(self, kind: str) -> str | None:
        """Return the target of the first relation of a kind."""
        return next((target for known, target in self._found.values() if known == kind), None)

    def sheet(self, relation: str) -> str | None:
        """Return the target of a relation, if it is a sheet of cells."""
        kind, target = self._found.get(relation, ("", ""))
        return target if kind == "worksheet" else None


class _Sheet(_Part):
    """Measures the rectangle that the cells fill, wherever they say or do not say that they are."""

    usual = frozenset(("c", "row", "v", "is", "t", "f"))

    def __init__(self, strings: _Strings) -> None:
        super().__init__()
        self._strings = strings
        self._shared = 0
        self.formulas: dict[Position, str] = {}
        self._rows = self._columns = 1
        self._row = self._column = 0
        self._numbers: dict[str, int] = {}

    def watch(self, parser: XMLParserType) -> None:
        super().watch(parser)
        self._parser = parser

    def element(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._column += 1
            if (place := attributes.get("r")) is not None:
                self._row, self._column = self._position(place)
            self._reach(self._row, self._column)
            self._share(attributes)
        elif name == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
            self._reach(self._row, 1)
        elif name == "dimension":
            self._reach(*self._position(attributes.get("ref", "A1")))
        elif name == "f":
            self._formula()

    def _share(self, attributes: Attributes) -> None:
        self._shared += attributes.get("t") == "s"
        if self._shared * self._strings.longest > MOST_TEXT:
            raise UnreadableFile("The sheet has far more text than students. Copy the columns needed to a new sheet.")

    def _formula(self) -> None:
        self.formulas[self._row, self._column] = "="
        if len(self.formulas) > MOST_FORMULAS:
            raise UnreadableFile(
                "This sheet is computed by formulas. Copy its rows to a new sheet, and paste them as values."
            )
        self._parser.CharacterDataHandler = self._text_of_formula

    def _text_of_formula(self, text: str) -> None:
        place = self._row, self._column
        self.formulas[place] = (self.formulas[place] + text)[:_FORMULA_LENGTH]

    def _ended(self, _: str) -> None:
        self._depth -= 1
        self._parser.CharacterDataHandler = None

    def _position(self, reference: str) -> Position:
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise ValueError(reference)
        letters = found[1]
        column = self._numbers.get(letters)
        if column is None:
            column = self._numbers[letters] = _column(letters)
        return int(found[2]), column

    def _reach(self, row: int, column: int) -> None:
        if row > self._rows or column > self._columns:
            self._rows, self._columns = max(self._rows, row), max(self._columns, column)
            if self._rows * self._columns > MOST_CELLS:
                raise UnreadableFile(
                    "The sheet has far more cells than students. Copy the rows with students to a new sheet."
                )


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _frame(since_1904: bool, parts: set[str]) -> dict[str, str]:
    """Return what is around the parts: a workbook with one sheet."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    relations = "".join(
        f'<Relationship Id="{kind}" Type="{office}/{kind}" Target="{kind}.xml"/>' for kind in sorted(parts)
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="book" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        _WORKBOOK: f'<workbook xmlns="{main}" xmlns:r="{office}"><workbookPr date1904="{int(since_1904)}"/>'
        '<sheets><sheet name="Sheet" sheetId="1" r:id="sheet"/></sheets></workbook>',
        _RELATIONS: f'<Relationships xmlns="{package}/relationships">{relations}<Relationship Id="sheet" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    }
