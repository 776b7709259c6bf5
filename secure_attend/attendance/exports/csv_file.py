"""A table as CSV, in pieces, with the separator that the reader's spreadsheet expects."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Literal

from secure_attend.attendance.exports.register_table import Table, Value
from secure_attend.attendance.records.reports import BYTE_ORDER_MARK, safe_cell

Separator = Literal["comma", "semicolon", "tab"]
_CHARACTERS: Mapping[Separator, str] = {"comma": ",", "semicolon": ";", "tab": "\t"}
_ANY = "".join(_CHARACTERS.values())
_ROWS_A_PIECE = 500


def csv_pieces(table: Table, separator: Separator = "comma") -> Iterator[str]:
    """Return the table as CSV, in pieces for streaming. No cell is a formula, whichever separator it is read with."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=_CHARACTERS[separator])
    out.write(BYTE_ORDER_MARK)
    writer.writerow([csv_cell(heading) for heading in table.columns])
    for count, row in enumerate(table.rows, start=1):
        writer.writerow([csv_cell(value) for value in row])
        if count % _ROWS_A_PIECE == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def csv_cell(value: Value) -> str:
    """Return a cell as the file holds it."""
    return safe_cell(value, separators=_ANY) if isinstance(value, str) else str(value)
