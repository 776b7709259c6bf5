"""Workbooks that are none, or that want more memory than a class has students."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from secure_attend.attendance.imports.file_table import file_table
from secure_attend.attendance.imports.file_text import UnreadableFile
from secure_attend.attendance.imports.workbook import MOST_UNPACKED

SHEET = "xl/worksheets/sheet1.xml"


def archive(**members: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members.items():
            zipped.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return written.getvalue()


def far_cell() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "student_id"
    book.active["XFD1048576"] = "far"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def renamed_members(name: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as zipped:
        zipped.writestr(SHEET, "<worksheet/>")
        zipped.writestr(name, "x")
    return written.getvalue()


def many_members() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as zipped:
        for number in range(5_000):
            zipped.writestr(f"{number}", "")
    return written.getvalue()


def sheet(rows: bytes) -> bytes:
    return archive(xl__worksheets__sheet1_xml=b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (far_cell(), "far more cells"),
        (sheet(b'<row r="1048576"><c r="XFD1"/></row>'), "far more cells"),
        (sheet(b"<x:row xmlns:x='y' r='1048576'><x:c r = 'AAA1'/></x:row>"), "far more cells"),
        (sheet(b"<row/>" * 100 + b" " * MOST_UNPACKED), "too large"),
        (many_members(), "no Excel workbook"),
        (renamed_members("../outside.xml"), "no Excel workbook"),
        (renamed_members("/etc/outside.xml"), "no Excel workbook"),
        (archive(word__document_xml=b"<w/>"), "without a sheet"),
        (archive(xl__worksheets__sheet1_xml=b"<worksheet/>"), "cannot be read"),
        (far_cell()[:300], "damaged"),
    ],
)
def test_it_is_refused_before_anything_is_built(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        list(file_table(data).rows)
