"""A table that leaves the site as a file: headings, and rows that are made while they are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Value = str | int | float
"""A cell of a table. What looks like a number and is none, such as a student's ID, is text."""


@dataclass(frozen=True)
class Table:
    """Headings, and rows that are made while they are written. `sheet` is the name that a workbook gives them."""

    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]
    sheet: str = "Attendance"
