"""Answers that are files to save: a table as CSV or as an Excel workbook."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response

from secure_attend.attendance.table import Table
from secure_attend.web.http.site_parts import current_services

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_attachment(pieces: Iterator[str], name: str) -> Response:
    """Return a CSV file, streamed. The file's name ends with today's date."""
    return Response(pieces, content_type=f"{CSV}; charset=utf-8", headers=_attached(name, "csv"))


def xlsx_attachment(table: Table, name: str) -> Response:
    """Return a workbook, which is deleted once it is sent. Raises `StorageFailed` if there is no room to make it."""
    made = current_services().workbooks.make(table)
    answer = Response(made.pieces(), content_type=XLSX, headers=_attached(name, "xlsx"))
    answer.call_on_close(made.delete)
    return answer


def _attached(name: str, ending: str) -> dict[str, str]:
    today = current_services().time.today().isoformat()
    return {"Content-Disposition": f'attachment; filename="{name}-{today}.{ending}"'}
