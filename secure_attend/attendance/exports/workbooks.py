"""Workbooks on their way to somebody: a file that is deleted once it was sent."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from xlsxwriter.exceptions import XlsxWriterException

from secure_attend.attendance.exports.xlsx_file import write_xlsx
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.table import Table
from secure_attend.storage import durable_writes

LEFT_BEHIND = timedelta(hours=1)
"""A folder older than this is nobody's: its process was killed. What it holds names students, so it is deleted."""
_PIECE = 1 << 16


@dataclass(frozen=True)
class MadeWorkbook:
    """A finished workbook. Call `delete` when it was sent, or will not be."""

    path: Path

    def pieces(self) -> Iterator[bytes]:
        """Return its bytes, in pieces for streaming."""
        with self.path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    def delete(self) -> None:
        """Delete it, with its folder."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


class Workbooks:
    """Makes workbooks in a private folder of the site, beside the data: it may be larger than the memory."""

    def __init__(self, folder: Path, time: SiteTime) -> None:
        self._folder = folder
        self._time = time

    def make(self, table: Table) -> MadeWorkbook:
        """Write the table as a workbook. Raises `StorageFailed` if there is no room for it."""
        try:
            durable_writes.make_private_directory(self._folder)
            made = MadeWorkbook(Path(tempfile.mkdtemp(dir=self._folder)) / "export.xlsx")
        except OSError as error:
            raise _not_made(error) from error
        try:
            write_xlsx(table, made.path, self._time.now())
        except (OSError, XlsxWriterException) as error:
            made.delete()
            raise _not_made(error) from error
        except BaseException:
            made.delete()
            raise
        return made

    def delete_left_behind(self) -> None:
        """Delete what processes left behind that were killed while they made or sent a workbook."""
        oldest = self._time.now() - LEFT_BEHIND
        with suppress(OSError):
            for folder in self._folder.iterdir():
                if folder.stat().st_mtime < oldest.timestamp():
                    shutil.rmtree(folder, ignore_errors=True)


def _not_made(error: BaseException) -> Exception:
    return durable_writes.failure(
        "export_not_made",
        "The workbook couldn't be written: the server has no room for it, or may not write. Try CSV, or tell IT.",
        error,
    )
