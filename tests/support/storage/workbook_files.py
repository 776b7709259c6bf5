"""Workbooks whose sheet is written byte for byte, as nobody's program would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from functools import cache

import openpyxl

SHEET = "xl/worksheets/sheet1.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEADER = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>student_id</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>name</t></is></c></row>'
)
ANN = '<row r="2"><c r="A2" t="inlineStr"><is><t>1</t></is></c><c r="B2" t="inlineStr"><is><t>Ann</t></is></c></row>'
FAR = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row>'


@cache
def parts() -> Mapping[str, bytes]:
    """Return the parts of a workbook with one sheet, by name."""
    written = io.BytesIO()
    openpyxl.Workbook().save(written)
    with zipfile.ZipFile(written) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sheet(rows: str, *, prefix: str = "", after: str = "") -> bytes:
    """Return a sheet with these rows."""
    if prefix:
        rows = rows.replace("</", "</\0").replace("<", f"<{prefix}:").replace(f"<{prefix}:/\0", f"</{prefix}:")
        body = f'<{prefix}:worksheet xmlns:{prefix}="{_MAIN}"><{prefix}:sheetData>{rows}</{prefix}:sheetData>'
        return f"{body}</{prefix}:worksheet>".encode()
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'.encode()


def workbook(content: bytes | str, *, at: str = SHEET, more: Mapping[str, bytes | str] | None = None) -> bytes:
    """Return a workbook whose sheet has this content, in the part `at`; with further parts."""
    members: dict[str, bytes | str] = {**parts(), at: content}
    if at != SHEET:
        del members[SHEET]
        members["xl/_rels/workbook.xml.rels"] = parts()["xl/_rels/workbook.xml.rels"].replace(
            SHEET.encode(), at.encode()
        )
    return archive({**members, **(more or {})})


def archive(members: Mapping[str, bytes | str]) -> bytes:
    """Return a zip archive of these members."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members.items():
            zipped.writestr(name, data)
    return written.getvalue()


def understated(data: bytes, name: str, size: int) -> bytes:
    """Return the archive whose list says that a member is shorter than it is, with the checksum of its beginning."""
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        beginning = zipped.read(name)[:size]
    changed = bytearray(data)
    place = changed.rindex(name.encode()) - 46
    changed[place + 16 : place + 20] = zipfile.crc32(beginning).to_bytes(4, "little")  # type: ignore[attr-defined]
    changed[place + 24 : place + 28] = size.to_bytes(4, "little")
    return bytes(changed)
