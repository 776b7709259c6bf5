"""A table as CSV, in pieces, with the separator that the reader's spreadsheet expects."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Literal

from secure_attend.attendance.records.reports import BYTE_ORDER_MARK, safe_cell
from secure_attend.attendance.table import Table, Value

Separator = Literal["comma", "semicolon", "tab"]
_CHARACTERS: Mapping[Separator, str] = {"comma": ",", "semicolon": ";", "tab": "\t"}
ANY = "".join(_CHARACTERS.values())
"""Every separator that a file may be read with."""
_ROWS_A_PIECE = 500


def csv_pieces(table: Table, separator: Separator = "comma", read_with: str = ANY) -> Iterator[str]:
    """Return the table as CSV, in pieces for streaming. No cell is a formula, whichever of the separators in
    `read_with` it is read with."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=_CHARACTERS[separator])
    out.write(BYTE_ORDER_MARK)
    writer.writerow([csv_cell(heading, read_with) for heading in table.columns])
    for count, row in enumerate(table.rows, start=1):
        writer.writerow([csv_cell(value, read_with) for value in row])
        if count % _ROWS_A_PIECE == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def csv_cell(value: Value, read_with: str = ANY) -> str:
    """Return a cell as the file holds it."""
    return safe_cell(value, separators=read_with) if isinstance(value, str) else str(value)
