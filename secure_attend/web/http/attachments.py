"""Answers that are files to save: a table as CSV or as an Excel workbook, and texts of other kinds."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response

from secure_attend.attendance.table import Table
from secure_attend.web.http.site_parts import current_services

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON, MARKDOWN = "application/json", "text/markdown"


def csv_attachment(pieces: Iterator[str], name: str) -> Response:
    """Return a CSV file, streamed. The file's name ends with today's date."""
    return attachment(pieces, CSV, dated(name, "csv"))


def xlsx_attachment(table: Table, name: str) -> Response:
    """Return a workbook, which is deleted once it is sent. Raises `StorageFailed` if there is no room to make it."""
    made = current_services().workbooks.make(table)
    answer = Response(made.pieces(), content_type=XLSX, headers=_saved_as(dated(name, "xlsx")))
    answer.call_on_close(made.delete)
    return answer


def attachment(content: str | Iterator[str], kind: str, file_name: str) -> Response:
    """Return a text of this media type as a file, streamed if it comes in pieces."""
    content_type = kind if kind == JSON else f"{kind}; charset=utf-8"
    return Response(content, content_type=content_type, headers=_saved_as(file_name))


def dated(name: str, ending: str) -> str:
    """Return a file's name that ends with today's date."""
    return f"{name}-{current_services().time.today().isoformat()}.{ending}"


def _saved_as(file_name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file_name}"'}
