"""Workbooks: what is read, and those that are none or that want more memory than a class has students.

A library that is let loose on some of these files ends the whole process: it asks for hundreds of gigabytes.
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timezone
from pathlib import Path

import openpyxl
import pytest

from secure_attend.attendance.exports.xlsx_file import write_xlsx
from secure_attend.attendance.imports.file_table import file_table
from secure_attend.attendance.imports.file_text import UnreadableFile
from secure_attend.attendance.imports.roster_rows import read_roster
from secure_attend.attendance.imports.workbook_parts import MOST_CELLS, MOST_UNPACKED
from secure_attend.attendance.table import Table
from secure_attend.errors import InvalidInput
from secure_attend.settings import PROJECT
from tests.support.storage.workbook_files import ANN, FAR, HEADER, SHEET, archive, parts, sheet, understated, workbook

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(8))
    + "]><worksheet><sheetData><row><c><v>&i;</v></c></row></sheetData></worksheet>"
)
NUMBER = "<c><v>1</v></c>"
STRINGS = (
    b'<Relationship Id="s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" '
    b'Target="sharedStrings.xml"/></Relationships>'
)


def with_strings(content: bytes, strings: str) -> bytes:
    """Return a workbook whose cells share these texts."""
    relations = "xl/_rels/workbook.xml.rels"
    more = {
        "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
        relations: parts()[relations].replace(b"</Relationships>", STRINGS),
    }
    return workbook(content, more=more)


def added(data: bytes, method: int) -> bytes:
    """Return a workbook with a part more, packed in this way."""
    written = io.BytesIO(data)
    with zipfile.ZipFile(written, "a") as zipped:
        zipped.writestr(zipfile.ZipInfo("docProps/more.xml"), b" " * 10, method)
    return written.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "a far cell": (lambda: workbook(sheet(HEADER + ANN + FAR)), "far more cells"),
    "a billion empty cells": (lambda: workbook(sheet(HEADER + '<row r="99999"><c r="ALL99999"/></row>')), "far more"),
    "a dimension": (lambda: workbook('<worksheet><dimension ref="A1:XFD1048576"/></worksheet>'), "far more cells"),
    "a far cell under a prefix": (lambda: workbook(sheet(HEADER + FAR, prefix="x-y")), "far more cells"),
    "a far cell in UTF-16": (
        lambda: workbook(
            '<?xml version="1.0" encoding="UTF-16"?>'.encode("utf-16") + sheet(FAR).decode().encode("utf-16-le")
        ),
        "far more cells",
    ),
    "a far cell in another part": (lambda: workbook(sheet(HEADER + FAR), at="xl/other.bin"), "far more cells"),
    "a far cell, escaped": (lambda: workbook(sheet(FAR.replace('"XFD', '"&#88;FD'))), "far more cells"),
    "a far cell behind spaces": (lambda: workbook(sheet(FAR.replace("<c ", "<c " + " " * 900_000))), "far more cells"),
    "cells that do not say where": (
        lambda: workbook(sheet(f"<row>{NUMBER * 20_000}</row>" + "<row/>" * 900_000 + f"<row>{NUMBER}</row>")),
        "far more cells",
    ),
    "4 million cells": (lambda: workbook(sheet(f"<row>{'<c/>' * 4_000_000}</row>")), "too large"),
    "cells of another spelling": (lambda: workbook(sheet("<row>" + "<c\t/>" * 1_010_000 + "</row>")), "far more cells"),
    "a tag that never ends": (lambda: workbook("<worksheet " + " " * 3_000_000), "too large"),
    "tags in tags": (lambda: workbook("<a>" * 1_000_000), "too large"),
    "names without end": (lambda: workbook("<a>" + "".join(f"<a{n}/>" for n in range(100_000)) + "</a>"), "too large"),
    "merged cells without end": (
        lambda: workbook(sheet(HEADER, after='<mergeCell ref="A1:B2"/>' * 250_000)),
        "too large",
    ),
    "begun cells": (lambda: workbook("<c " * 1_000_000), "damaged"),
    "entities of entities": (lambda: workbook(LAUGHS), "cannot be read"),
    "70 MB of blanks": (lambda: workbook(b"<worksheet>" + b" " * (MOST_UNPACKED + 1)), "too large"),
    "a long text in many cells": (
        lambda: with_strings(
            sheet("<row>" + '<c t="s"><v>0</v></c>' * 1_100 + "</row>"), "<si><t>" + "x" * 100_000 + "</t></si>"
        ),
        "far more text",
    ),
    "a part in bzip2": (lambda: added(workbook(sheet(HEADER + ANN)), zipfile.ZIP_BZIP2), "damaged"),
    "a part in LZMA": (lambda: added(workbook(sheet(HEADER + ANN)), zipfile.ZIP_LZMA), "damaged"),
    "strings without end": (
        lambda: with_strings(sheet(HEADER), "<si><t>a</t></si>" * 1_700_000),
        "too large",
    ),
    "a part that is longer than it says": (
        lambda: understated(workbook(sheet(HEADER + ANN) + b" " * 20_000_000), SHEET, len(sheet(HEADER + ANN))),
        "loads",
    ),
    "two sheets of one name": (
        lambda: workbook(sheet(HEADER + ANN), more={"xl/Worksheets/sheet1.xml": sheet(FAR)}),
        "no Excel workbook",
    ),
    "a path that leads outside": (lambda: workbook(sheet(HEADER), more={"../out.xml": "x"}), "no Excel workbook"),
    "a path from the root": (lambda: workbook(sheet(HEADER), more={"/etc/out.xml": "x"}), "no Excel workbook"),
    "5 000 parts": (lambda: workbook(sheet(HEADER), more={f"{n}": "" for n in range(5_000)}), "no Excel workbook"),
    "macros": (lambda: workbook(sheet(HEADER + ANN), more={"xl/vbaProject.bin": b"\0" * 512}), "has macros"),
    "links to other files": (
        lambda: workbook(sheet(HEADER + ANN), more={"xl/externalLinks/externalLink1.xml": "<externalLink/>"}),
        "from other files",
    ),
    "formulas without end": (lambda: workbook(sheet("<row>" + "<c><f/></c>" * 100_001 + "</row>")), "by formulas"),
    "a document": (lambda: archive({"word/document.xml": "<w/>"}), "without a sheet"),
    "a sheet alone": (lambda: archive({SHEET: "<worksheet/>"}), "without a sheet"),
    "a sheet that is not there": (
        lambda: archive({k: v for k, v in parts().items() if k != SHEET}),
        "no Excel workbook",
    ),
    "half a workbook": (lambda: workbook(sheet(HEADER + ANN))[:300], "damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_it_is_refused_before_anything_is_built(name: str) -> None:
    make, words = BAD[name]
    if words == "loads":
        assert [cells for _, cells in file_table(make()).rows] == [["student_id", "name"], ["1", "Ann"]]
        return
    with pytest.raises(UnreadableFile, match=words):
        list(file_table(make()).rows)


MEASURE = """
import resource, sys
from pathlib import Path
import python_calamine
from secure_attend.attendance.imports.roster_rows import read_roster
from secure_attend.attendance.table import Table
from secure_attend.errors import InvalidInput
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in Path(sys.argv[1]).iterdir():
    try:
        read_roster(path.read_bytes())
    except InvalidInput as refusal:
        assert refusal.code == "roster_rejected", refusal
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_all_of_them_cost_less_than_150_mb(tmp_path: Path) -> None:
    for number, (make, _) in enumerate(BAD.values()):
        (tmp_path / f"{number}").write_bytes(make())
    command = [sys.executable, "-c", MEASURE, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT)
    assert int(done.stdout) < 150_000, "kB"


def test_a_formula_is_shown_and_not_what_it_once_came_to() -> None:
    rows = HEADER + '<row r="2"><c r="A2"><f>A9&amp;B9</f><v>12</v></c><c r="B2"><v>3</v></c></row>'
    assert [cells for _, cells in file_table(workbook(sheet(rows))).rows][1] == ["=A9&B9", "3"]
    with pytest.raises(InvalidInput, match="'=A9&B9' is a formula"):
        read_roster(workbook(sheet(rows)))


def test_a_formula_in_a_column_that_is_not_used_is_fine() -> None:
    rows = (HEADER + ANN).replace("</row>", '<c r="C1"><f>SUM(D1:Z1)</f><v>3</v></c></row>', 1)
    assert [row.name for row in read_roster(workbook(sheet(rows))).rows] == ["Ann"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1001, "1001"),
        (1001.5, "1001.5"),
        (2**53 - 1, "9007199254740991"),
        (12345678901234567, "1.234568E+16"),
        (True, "TRUE"),
        ("007", "007"),
        ("=1+1", "=1+1"),
        (date(2026, 2, 1), "2026-02-01"),
    ],
)
def test_cells_are_written_as_they_are_shown(value: object, shown: str) -> None:
    book = openpyxl.Workbook()
    book.active.append([value, "x"])
    written = io.BytesIO()
    book.save(written)
    ((_, cells),) = file_table(written.getvalue()).rows
    assert cells[0] == shown


def test_as_many_students_as_a_list_takes(tmp_path: Path) -> None:
    rows = ((f"{number:07}", "Ann Lee", "ann@example.org") for number in range(MOST_CELLS // 20))
    write_xlsx(Table(("student_id", "name", "email"), rows), tmp_path / "a.xlsx", datetime.now(timezone.utc))
    assert sum(1 for _ in file_table((tmp_path / "a.xlsx").read_bytes()).rows) == MOST_CELLS // 20 + 1
