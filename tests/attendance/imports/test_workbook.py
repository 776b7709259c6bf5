"""Workbooks that are none, or that want more memory than a class has students."""

from __future__ import annotations

import io
import time
import zipfile

import openpyxl
import pytest

from secure_attend.attendance.imports.file_table import file_table
from secure_attend.attendance.imports.file_text import UnreadableFile
from secure_attend.attendance.imports.measured_workbook import MOST_TEXT, MOST_UNPACKED

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


def sheet(rows: bytes, **others: bytes) -> bytes:
    return archive(xl__worksheets__sheet1_xml=b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>", **others)


def packed(method: int, content: bytes) -> bytes:
    """A workbook with a part that is packed in another way, which says that it holds ten bytes."""
    written = io.BytesIO(sheet(b"<row/>"))
    with zipfile.ZipFile(written, "a") as zipped:
        zipped.writestr(zipfile.ZipInfo("docProps/app.xml"), content, method)
    return written.getvalue()


CELLS = b'<c t="s"><v>0</v></c>'
SHARED_TEXT = b"<sst><si><t>" + b"x" * 100_000 + b"</t></si></sst>"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (far_cell(), "far more cells"),
        (sheet(b'<row r="1048576"><c r="XFD1"/></row>'), "far more cells"),
        (sheet(b"<x:row xmlns:x='y' r='1048576'><x:c r = 'AAA1'/></x:row>"), "far more cells"),
        # a cell without a place follows the one before it
        (sheet(b"<row>" + b"<c/>" * 2_000 + b"</row>" + b'<row r="20000"/>'), "far more cells"),
        (sheet(b"<row/>" * 20_000 + b'<row><c r="AAA1"/></row>'), "far more cells"),
        # a few kilobytes of cells that share one long text
        (sheet(CELLS * (MOST_TEXT // 100_000 + 1), xl__sharedStrings_xml=SHARED_TEXT), "far more text"),
        (sheet(b'<c t="s"><f/><v>0</v></c>' * 1_001, xl__sharedStrings_xml=SHARED_TEXT), "far more text"),
        # what a parser might read in another way
        (sheet(b'<row r="1048576"><c x=">" r="XFD1"/></row>'), "damaged"),
        (sheet(b'<c x="<" r="XFD1"/>'), "damaged"),
        (sheet(b'<c x="1"r="XFD1"/>'), "damaged"),
        (sheet(b'<c r="XF&#68;1"/>'), "damaged"),
        (packed(zipfile.ZIP_BZIP2, b" " * 10), "damaged"),
        (packed(zipfile.ZIP_LZMA, b" " * 10), "damaged"),
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


def test_a_sheet_outside_of_the_usual_folder_is_measured_as_well() -> None:
    """A workbook says itself where its sheets are: what was not measured is not read."""
    book = openpyxl.Workbook()
    book.active["A1"] = "student_id"
    written, moved = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as zipped, zipfile.ZipFile(moved, "w") as other:
        for name in zipped.namelist():
            content = zipped.read(name).replace(b"worksheets/sheet1.xml", b"media/sheet1.png")
            other.writestr(name.replace("worksheets/sheet1.xml", "media/sheet1.png"), content)
        other.writestr(SHEET, "<worksheet/>")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        list(file_table(moved.getvalue()).rows)


@pytest.mark.parametrize("rows", [b"<c " * 300_000, b"<c" + b" " * 1_000_000, b"<c x=" + b"'" * 1_000_000])
def test_measuring_takes_time_in_proportion_to_the_sheet(rows: bytes) -> None:
    """With a pattern that grows with the square, each would take minutes, in which no other thread runs."""
    began = time.process_time()
    with pytest.raises(UnreadableFile, match="damaged"):
        list(file_table(sheet(rows)).rows)
    assert time.process_time() - began < 10
