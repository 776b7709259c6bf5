"""What the columns of a roster mean: by their names, by what somebody chose, or by what was chosen before.

Where names do not say it, nothing is guessed: the answer is a preview of the file, for somebody to choose from.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import get_args

from secure_attend.attendance.imports.file_table import EMPTY, TITLE_ROWS, Row
from secure_attend.attendance.imports.file_text import UnreadableFile
from secure_attend.attendance.imports.roster_spellings import (
    COUNTERS,
    ENGLISH_FIRST,
    FIRST_BESIDE_LAST,
    LAST_BESIDE_FIRST,
    RANKED,
    Role,
    folded,
)
from secure_attend.errors import FieldError, InvalidInput

MOST_PREVIEWED = 8
MOST_CELLS = 40
CELL_LENGTH = 60
ROLES: tuple[Role, ...] = get_args(Role)
NAMES: tuple[frozenset[Role], ...] = (
    frozenset(("name",)),
    frozenset(("first_name", "last_name")),
    frozenset(("sorted_name",)),
)
"""Columns that give a name, each alone or together."""
_CHOICE = re.compile(r"(?P<role>[a-z_]+):(?P<number>\d{1,4})")


@dataclass(frozen=True)
class ChosenColumns:
    """What somebody says the columns are: the place of each role from 0, and the line of the header; 0: none."""

    places: Mapping[Role, int]
    header: int | None = None


@dataclass(frozen=True)
class RosterColumns:
    """The header of a file, and the place of each column that is used. `doubtful` are roles that two columns fit;
    `chosen` says that somebody chose the places for this file."""

    line: int
    cells: tuple[str, ...]
    places: Mapping[Role, int] = field(default_factory=dict)
    doubtful: frozenset[Role] = frozenset()
    chosen: bool = False

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of the columns that are not used."""
        used = self.places.values()
        return tuple(cell.strip() for place, cell in enumerate(self.cells) if place not in used and cell.strip())

    @property
    def complete(self) -> bool:
        """Whether they say who is who, without a doubt."""
        named = any(roles <= self.places.keys() and not roles & self.doubtful for roles in NAMES)
        return named and "student_id" in self.places and "student_id" not in self.doubtful

    @property
    def shape(self) -> str:
        """What files of the same columns share."""
        return hashlib.sha256("\n".join(map(folded, self.cells)).encode()).hexdigest()[:32]


Remembered = Callable[[str], Mapping[Role, int] | None]
"""What was chosen for files of a shape, if anything."""


def chosen_columns(text: str) -> ChosenColumns:
    """Return what a text such as `student_id:2,name:1,header:3` chooses; columns and lines count from 1. Raises
    `InvalidInput`."""
    places: dict[Role, int] = {}
    header = None
    for part in text.split(","):
        found = _CHOICE.fullmatch(part.strip())
        role = next((role for role in ROLES if found and role == found["role"]), None)
        if found and found["role"] == "header":
            header = int(found["number"])
        elif found and role and role not in places and int(found["number"]) > 0:
            places[role] = int(found["number"]) - 1
        else:
            raise _unfit_choice(f"'{part.strip()[:40]}' names no column. Write it like student_id:2,name:1,email:4.")
    if "student_id" not in places or not any(roles <= places.keys() for roles in NAMES):
        raise _unfit_choice("Choose the columns of the student ID and of the name (or of first and last name).")
    if len(set(places.values())) < len(places):
        raise _unfit_choice("Each column can be one thing only.")
    return ChosenColumns(places, header)


def _unfit_choice(message: str) -> InvalidInput:
    return InvalidInput("invalid_input", message, errors=[FieldError("columns", message)])


def roster_columns(
    rows: Iterator[Row], chosen: ChosenColumns | None = None, remembered: Remembered = lambda _: None
) -> tuple[RosterColumns, Iterator[Row]]:
    """Return the columns of a file, and its rows below the header. Raises `InvalidInput` (`columns_needed`) with a
    preview where somebody must choose."""
    first = list(islice(rows, TITLE_ROWS))
    if chosen is not None:
        columns = _as_chosen(first, chosen)
        return columns, chain((row for row in first if row[0] > columns.line), rows)
    for line, cells in first:
        columns = columns_of(line, cells)
        before = remembered(columns.shape)
        if before is not None and max(before.values()) < len(cells):
            columns = RosterColumns(line, tuple(cells), before)
        if columns.complete:
            below = [row for row in first if row[0] > line]
            if before is None and _only_counts(columns, below):
                raise _needed(
                    first, f"The column '{cells[columns.places['student_id']].strip()[:40]}' only counts rows."
                )
            return columns, chain(below, rows)
    raise _needed(first)


def _only_counts(columns: RosterColumns, below: Sequence[Row]) -> bool:
    """Return whether what seems to be IDs are the numbers of the rows: 1, 2, 3."""
    place = columns.places["student_id"]
    if folded(columns.cells[place]) not in COUNTERS:
        return False
    found = [cells[place].strip().rstrip(".") for _, cells in below if len(cells) > place]
    return bool(found) and found == [str(number) for number in range(1, len(found) + 1)]


def _as_chosen(first: Sequence[Row], chosen: ChosenColumns) -> RosterColumns:
    header = chosen.header
    if header is None:
        header = max((columns_of(*row) for row in first), key=lambda each: len(each.places), default=_NOTHING).line
    cells = next((cells for line, cells in first if line == header), None)
    if cells is None and header:
        raise _unfit_choice(f"Line {header} is not among the first {TITLE_ROWS} lines of the file.")
    width = max((len(row) for _, row in first), default=0)
    if max(chosen.places.values()) >= width:
        raise _unfit_choice(f"The file has {width} columns.")
    return RosterColumns(header, tuple(cells or ()), chosen.places, chosen=True)


def columns_of(line: int, cells: Sequence[str]) -> RosterColumns:
    """Return what the cells of a row are, read as a header: each role where its spelling of the first rank is."""
    found: dict[Role, list[tuple[int, int]]] = {}
    for place, cell in enumerate(cells):
        role_and_rank = RANKED.get(folded(cell))
        if role_and_rank is not None:
            role, rank = role_and_rank
            found.setdefault(role, []).append((rank, place))
    _settle_names(found, cells)
    places = {role: min(each)[1] for role, each in found.items()}
    twice = {role for role, each in found.items() if [rank for rank, _ in each].count(min(each)[0]) > 1}
    if "first_name" in places and "last_name" in places:
        places.pop("name", None)
        places.pop("sorted_name", None)
    elif "name" in places:
        places.pop("sorted_name", None)
    return RosterColumns(line, tuple(cells), places, frozenset(twice))


def _settle_names(found: dict[Role, list[tuple[int, int]]], cells: Sequence[str]) -> None:
    """`Nome` beside `Cognome` is the first name, and `Name` beside `Vorname` the last. Beside `First name` it is
    whole."""
    if any(folded(cells[place]) in ENGLISH_FIRST for _, place in found.get("first_name", ())):
        return
    for here, missing, beside in (
        ("last_name", "first_name", FIRST_BESIDE_LAST),
        ("first_name", "last_name", LAST_BESIDE_FIRST),
    ):
        if here not in found or missing in found or "name" not in found:
            continue
        moved = [each for each in found["name"] if folded(cells[each[1]]) in beside]
        if moved:
            found[missing] = moved  # type: ignore[index]
            del found["name"]


_NOTHING = RosterColumns(0, ())


def _needed(first: Sequence[Row], why: str = "") -> InvalidInput:
    if not first:
        raise UnreadableFile(EMPTY)
    best = max((columns_of(*row) for row in first), key=lambda each: len(each.places))
    header = best if best.places else _NOTHING
    asked = "Choose which columns are the student ID and the name: the file does not say it."
    if why or header.doubtful:
        asked = f"{why or 'Two columns may be the same thing.'} {asked}"
    return InvalidInput(
        "columns_needed",
        f"Nothing has changed. {asked}",
        errors=[FieldError("columns", asked)],
        header=header.line,
        columns={role: place + 1 for role, place in header.places.items()},
        rows=[
            {"line": line, "cells": [cell.strip()[:CELL_LENGTH] for cell in cells[:MOST_CELLS]]}
            for line, cells in first[:MOST_PREVIEWED]
        ],
    )
