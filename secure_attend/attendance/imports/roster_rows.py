"""A roster's rows as students, or every fault by line.

One poor cell does not cost the class: what is only odd is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from secure_attend.attendance.identity_text import (
    UnfitText,
    clean_email,
    clean_groups,
    clean_id,
    clean_known_as,
    clean_name,
)
from secure_attend.attendance.imports.file_table import FileTable, Row, file_table
from secure_attend.attendance.imports.file_text import UnreadableFile
from secure_attend.attendance.imports.odd_cells import (
    cell_error,
    empty_word,
    is_note,
    is_summary,
    odd_id,
    odd_name,
    seem_swapped,
)
from secure_attend.attendance.imports.roster_columns import (
    ChosenColumns,
    Remembered,
    RosterColumns,
    columns_of,
    roster_columns,
)
from secure_attend.attendance.imports.roster_spellings import RANKED, Role, folded
from secure_attend.attendance.search_text import search_text
from secure_attend.errors import FieldError, InvalidInput

MOST_ROWS = 100_000  # read in seconds; the JSON store takes a fifth of them and says so
REPORT_EVERY = 1000
MOST_ERRORS_LISTED = 200
MOST_WARNINGS = 1000
_WRAPPED = re.compile(r'=\s*"(?P<text>[^"]*)"')
"""What programs write around an ID to keep its zeros: `="0012"`."""
_GUARD = re.compile(r"""(^|[;,\t]["\s]*)'(?=[=+\-@＝＋－＠])""")
"""The apostrophe that exports write before what a spreadsheet would take for a formula."""
LONGEST_JUDGED = 400
"""Characters of a name that is refused, of which another encoding may make a name."""
MOST_GROUPS = 100
"""Groups of one student: as many as a course has."""
_TITLE = re.compile(r"\d{1,2}\. [^\W\d].{0,80}")
_EASTERN = frozenset(map(folded, ("Họ", "Họ đệm", "Họ và tên đệm", "Họ và đệm", "Vezetéknév", "Családnév")))
"""Headers of last names in Vietnamese and Hungarian, which write them first."""


@dataclass(frozen=True)
class RosterWarning:
    """Something on a line that may be a slip, or that is not imported."""

    line: int
    message: str


@dataclass(frozen=True)
class RosterRow:
    """One student of the file. `email`, `known_as` and `groups`, the names of groups, are None if the file has no such
    column.
    `line` counts from 1."""

    line: int
    student_id: str
    name: str
    email: str | None
    groups: tuple[str, ...] | None = None
    known_as: str | None = None


@dataclass(frozen=True)
class RosterFile:
    """The content of a roster file. `columns` is None for a list that came in no file."""

    rows: tuple[RosterRow, ...]
    ignored_columns: tuple[str, ...]
    encoding: str
    delimiter: str
    warnings: tuple[RosterWarning, ...] = ()
    columns: RosterColumns | None = None


@dataclass(frozen=True)
class Reading:
    """How to read a file: what somebody chose, and what was chosen for files of its shape before. `groups`: whether
    its column of groups is used."""

    encoding: str | None = None
    columns: ChosenColumns | None = None
    remembered: Remembered = lambda _: None
    groups: bool = False


PLAIN = Reading()


def read_roster(data: bytes, reading: Reading = PLAIN, progress: Callable[[int], object] = int) -> RosterFile:
    """Read the whole file; `progress` is called with the number of rows read.

    Raises `InvalidInput`: `roster_rejected` names every row at fault, `encoding_needed` and `columns_needed` ask for a
    choice.
    """
    try:
        table = file_table(data, reading.encoding)
        columns, rows = roster_columns(table.rows, reading.columns, reading.remembered)
        return _RosterReader(columns, reading.groups).read(table, _reporting(rows, progress))
    except UnreadableFile as error:
        raise rejected(error.faults) from error


def rejected(faults: Sequence[FieldError]) -> InvalidInput:
    """Return the error that names every fault of a file."""
    count = len(faults)
    what = faults[0].message if count == 1 else f"Fix {count} things in the file."
    return InvalidInput(
        "roster_rejected", f"Nothing has changed. {what}", errors=faults[:MOST_ERRORS_LISTED], errors_total=count
    )


def _reporting(rows: Iterable[Row], progress: Callable[[int], object]) -> Iterator[Row]:
    for count, row in enumerate(rows):
        if count % REPORT_EVERY == 0:
            progress(count)
        yield row


class _RosterReader:
    """Reads the rows below one header."""

    def __init__(self, columns: RosterColumns, groups: bool) -> None:
        used = {role: place for role, place in columns.places.items() if groups or role != "groups"}
        self._columns = replace(columns, places=used)
        self._header = tuple(map(folded, columns.cells))
        last_name = used.get("last_name", -1)
        self._last_name_first = 0 <= last_name < len(self._header) and self._header[last_name] in _EASTERN
        self._rows: dict[str, RosterRow] = {}
        self._faults: list[FieldError] = []
        self._warnings: list[RosterWarning] = []
        self._numbers_as_names = 0
        self._swapped = 0

    def read(self, table: FileTable, rows: Iterable[Row]) -> RosterFile:
        for count, (line, cells) in enumerate(self._until_next_list(rows), start=1):
            if count > MOST_ROWS:
                message = f"The file has more than {MOST_ROWS} students. Split it into smaller files."
                raise UnreadableFile(message, [FieldError("file", message, line)])
            if not self._left_out(line, cells):
                self._add(line, cells)
        self._refuse_swapped()
        if self._faults:
            raise rejected(self._faults)
        if not self._rows:
            message = "The file has a header but no students below it."
            raise UnreadableFile(message, [FieldError("file", message, self._columns.line or None)])
        return RosterFile(
            tuple(self._rows.values()),
            self._columns.ignored,
            table.encoding,
            table.delimiter,
            tuple(sorted(self._warnings, key=lambda warning: warning.line)[:MOST_WARNINGS]),
            self._columns,
        )

    def _until_next_list(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows of the first list. Teams writes several below each other, each under a numbered title."""
        for line, cells in rows:
            if len(self._header) > 1 and _TITLE.fullmatch(cells[0]) and not any(map(str.strip, cells[1:])):
                self._warn(line, f"'{cells[0].strip()[:40]}' begins another list. It is left out.")
                return
            yield line, cells

    def _left_out(self, line: int, cells: Sequence[str]) -> bool:
        """Whether the row is no student: the header again, a total, or a note below the list."""
        student_id, name = self._cell(cells, "student_id"), self._name(cells)
        if self._repeats_header(cells, student_id):
            self._warn(line, "This row repeats the header. It is left out.")
            return True
        if not student_id.strip() and not name.strip():
            self._warn(line, "This row has neither an ID nor a name. It is left out.")
            return True
        alone = not name.strip() and is_note(student_id, "".join(cells).replace(student_id, "", 1))
        if alone or is_summary(student_id, name) or self._is_canvas_test(name):
            what = student_id if alone or not name.strip() else name
            self._warn(line, f"'{what.strip()[:40]}' is no student. This row is left out.")
            return True
        return False

    def _is_canvas_test(self, name: str) -> bool:
        """Whether the row is the student that courses are tried with: Canvas gives it an ID too."""
        return self._header[:1] == ("student",) and folded(name) in ("teststudent", "studenttest")

    def _repeats_header(self, cells: Sequence[str], student_id: str) -> bool:
        """Whether a row is the header again, whole, in part or in other words. Nearly always the ID's digits say that
        it is not."""
        if not self._header or any(character.isdigit() for character in student_id):
            return False
        wanted = (place for role, place in self._columns.places.items() if role not in ("email", "groups", "known_as"))
        if all(folded(_at(cells, place)) == _at(self._header, place) for place in wanted):
            return True
        role, _ = RANKED.get(folded(student_id), (None, 0))
        return role == "student_id" and columns_of(0, cells).complete

    def _add(self, line: int, cells: Sequence[str]) -> None:
        if any(cell.strip() for cell in cells[len(self._columns.cells) or len(cells) :]):
            self._fault(
                "row",
                f"This row has {len(cells)} values, but the header has {len(self._columns.cells)}. Put quotation marks "
                "around any value that contains the separator.",
                line,
            )
            return
        before = len(self._faults)
        self._refuse_formulas(cells, line)
        if len(self._faults) > before:
            return
        student_id = self._cleaned("student_id", self._id(cells), clean_id, line)
        name = self._cleaned("name", self._name(cells), clean_name, line)
        groups = self._cleaned("groups", self._cell(cells, "groups"), clean_groups, line)
        email = self._email(cells, line)
        self._judge_name(name, line)
        if len(self._faults) > before:
            return
        self._note_odd(student_id, name, self._cell(cells, "email"), line)
        has_groups = "groups" in self._columns.places
        known_as = self._known_as(cells, name, line)
        its_groups = tuple(filter(None, groups.split(";"))) if has_groups else None
        row = RosterRow(line, student_id, name, email, its_groups, known_as)
        known = self._rows.get(student_id)
        self._rows[student_id] = row if known is None else self._joined(known, row)

    def _refuse_formulas(self, cells: Sequence[str], line: int) -> None:
        """Report formulas: their values in the file may be old, and a formula is nobody's name."""
        for role, place in self._columns.places.items():
            text = _at(cells, place).strip()
            if text.startswith("=") and not _WRAPPED.fullmatch(text):
                self._fault(role, f"'{text[:40]}' is a formula. Copy its column, and paste it as values.", line)

    def _joined(self, first: RosterRow, again: RosterRow) -> RosterRow:
        """Return one row for a student on two rows, with the groups of both."""
        if search_text(first.name) != search_text(again.name):
            self._fault(
                "student_id",
                f"The student ID {again.student_id} is also on line {first.line}, with another name. Keep only one.",
                again.line,
            )
            return first
        self._warn(again.line, f"{again.name} ({again.student_id}) is also on line {first.line}. They count once.")
        groups = first.groups if again.groups is None else tuple(dict.fromkeys((*(first.groups or ()), *again.groups)))
        if groups is not None and len(groups) > MOST_GROUPS:
            self._fault("groups", f"{again.name} is in more than {MOST_GROUPS} groups.", again.line)
            return first
        return replace(first, groups=groups, email=first.email or again.email)

    def _cell(self, cells: Sequence[str], role: Role) -> str:
        place = self._columns.places.get(role)
        text = _at(cells, place) if place is not None else ""
        if "'" in text:
            text = _GUARD.sub(r"\1", text)
        wrapped = _WRAPPED.fullmatch(text.strip()) if "=" in text else None
        return wrapped["text"] if wrapped else text

    def _id(self, cells: Sequence[str]) -> str:
        """The ID without what programs write before it to keep its zeros: an apostrophe, and `#` (Brightspace)."""
        text = self._cell(cells, "student_id").strip()
        marks = "#" if {"orgdefinedid", "endoflineindicator"} & set(self._header) else "'‘’`"
        return text[1:] if text[:1] in tuple(marks) and text[1:2].isalnum() else text

    def _name(self, cells: Sequence[str]) -> str:
        whole = self._cell(cells, "name")
        if "name" not in self._columns.places and "sorted_name" in self._columns.places:
            whole = self._cell(cells, "sorted_name")
        elif "name" not in self._columns.places:
            prefix = self._cell(cells, "last_name_prefix").strip()
            first, last = self._cell(cells, "first_name").strip(), self._cell(cells, "last_name").strip()
            last = f"{prefix} {last}".strip() if prefix else last
            return f"{last} {first}".strip() if self._last_name_first else _together(first, last)
        sorted_name = "sorted_name" in self._columns.places or self._header[:1] == ("student",)
        last, comma, first = whole.partition(",")
        return f"{first.strip()} {last.strip()}" if sorted_name and comma and "," not in first else whole

    def _email(self, cells: Sequence[str], line: int) -> str | None:
        if "email" not in self._columns.places:
            return None
        try:
            return clean_email(self._cell(cells, "email"))
        except UnfitText as fault:
            self._warn(line, f"{fault} The student is imported without it.")
            return ""

    def _known_as(self, cells: Sequence[str], name: str, line: int) -> str | None:
        """Return the name to be shown: "" if that is the official one."""
        if "known_as" not in self._columns.places:
            return None
        try:
            known_as = clean_known_as(self._cell(cells, "known_as"))
        except UnfitText as fault:
            self._warn(line, f"{fault} The student is imported without the name they are known as.")
            return None
        return "" if known_as == name else known_as

    def _cleaned(self, role: Role, text: str, clean: Callable[[str], str], line: int) -> str:
        if (why := cell_error(text) or (empty_word(text) if role == "name" else None)) is not None:
            self._fault(role, why, line)
            return ""
        try:
            return clean(text)
        except UnfitText as fault:
            self._fault(role, (odd_name(text.strip()[:LONGEST_JUDGED]) if role == "name" else None) or str(fault), line)
            return ""

    def _judge_name(self, name: str, line: int) -> None:
        if name and not any(character.isalpha() for character in name):
            self._numbers_as_names += 1
            self._fault("name", f"'{name[:40]}' is no name: it has no letters.", line)

    def _note_odd(self, student_id: str, name: str, email: str, line: int) -> None:
        for why in (odd_id(student_id), odd_name(name)):
            if why is not None:
                self._warn(line, why)
        self._swapped += seem_swapped(student_id, name, email.strip())

    def _refuse_swapped(self) -> None:
        """Refuse the file in one sentence if two rows, and more than half of them, look as if columns were swapped."""
        rows = len(self._rows) + len(self._faults)
        for count, what in (
            (self._numbers_as_names, "The names have no letters: the columns of the ID and of the name"),
            (self._swapped, "IDs, names or email addresses are under each other's headers: the columns"),
        ):
            if count > 1 and count * 2 > rows:
                message = f"{what} seem to be swapped."
                raise UnreadableFile(message, [FieldError("file", message, self._columns.line or None)])

    def _warn(self, line: int, message: str) -> None:
        self._warnings.append(RosterWarning(line, message))

    def _fault(self, field: str, message: str, line: int) -> None:
        self._faults.append(FieldError(field, message, line))


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _together(first: str, last: str) -> str:
    """First and last name as their language writes them: Chinese, Japanese and Korean with the last name first."""
    if first and last and all("\u3040" <= character <= "\ud7ff" for character in first + last):
        return last + first
    return f"{first} {last}".strip()
