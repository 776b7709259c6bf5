"""The audit trail of a site that lives in files: `instance/audit.jsonl`, an entry a line, appended and synced."""

from __future__ import annotations

import json
import os
import re
import threading
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.chains.audit_chain import (
    CHECKED_AT_START,
    AuditChain,
    AuditEntry,
    AuditEvent,
    AuditSelection,
    to_entry,
)
from secure_attend.storage.chains.log_chain import START, compact_json
from secure_attend.storage.ports import AuditTrail

AUDIT = "audit.jsonl"
PATIENCE = 10.0  # seconds for another process (`python -m secure_attend.admin`) to finish its entry


class AuditFile(AuditTrail):
    """The lines of other processes are read before one is added, so that all are in one chain."""

    def __init__(self, path: Path, chain: AuditChain) -> None:
        """Open the trail, or begin one. Remove the rest of an interrupted write.

        Raises StartRefused: it cannot be written, or its last entries are not as they were written.
        """
        self._path = path
        self._chain = chain
        self._thread = threading.Lock()
        self._offsets = array("Q")
        self._end = 0
        self._last_mac = START
        self._stopped: str | None = None
        self.appended: Callable[[], None] = lambda: None
        """Called after each entry."""
        try:
            durable_writes.make_private_directory(path.parent)
            self._process = FileLock(path.with_name("audit.lock"), timeout=PATIENCE, mode=durable_writes.PRIVATE_FILE)
            if not path.exists():
                durable_writes.replace_file(path, [])
            with self._process, path.open("r+b") as file:
                self._catch_up(file)
        except (Timeout, durable_writes.NotWritten, durable_writes.Unsure, OSError) as error:
            raise StartRefused("audit_unreadable", f"{path} cannot be used: {_why(error)}.") from error
        except StorageFailed as damage:
            raise StartRefused("audit_edited", damage.detail) from damage
        self._check_chain()

    def _check_chain(self) -> None:
        first = max(0, len(self._offsets) - CHECKED_AT_START)
        rows = self._rows(range(max(0, first - 1), len(self._offsets)))
        previous = next(rows)["mac"] if first else START
        fault = self._chain.verify(rows, position=first, previous=previous)
        if fault is not None:
            raise StartRefused("audit_edited", f"{self._path}: {fault}. {_LEFT_ALONE}")

    @property
    def state(self) -> tuple[int, str]:
        """How many entries were read or written here, and the mac of the last."""
        with self._thread:
            return len(self._offsets), self._last_mac

    def mac_of(self, number: int) -> str:
        """Return the mac of this entry."""
        return str(next(self._rows(range(number - 1, number)))["mac"]) if number else START

    def append(self, deed: AuditEvent) -> int:
        number = self._append_synced(deed)
        self.appended()
        return number

    def _append_synced(self, deed: AuditEvent) -> int:
        with self._thread:
            if self._stopped is not None:
                raise StorageFailed("audit_stopped", self._stopped)
            try:
                with self._process, self._path.open("r+b", buffering=0) as file:
                    self._catch_up(file)
                    return self._append(file, deed)
            except durable_writes.Unsure as error:
                self._stopped = (
                    f"Nothing is changed or shown any more, because the audit trail cannot be written: {error}. Repair "
                    "the disk and restart Secure-Attend."
                )
                raise StorageFailed("audit_stopped", self._stopped) from error
            except (Timeout, OSError) as error:
                raise durable_writes.failure(
                    "audit_not_written",
                    f"The audit trail cannot be written, so this was refused: {_why(error)}.",
                    error,
                ) from error

    def _append(self, file: FileIO, deed: AuditEvent) -> int:
        number = len(self._offsets) + 1
        line = compact_json(self._chain.seal(number, deed, self._last_mac)).encode("ascii") + b"\n"
        file.seek(self._end)
        try:
            durable_writes.write_fully(file.fileno(), line)
        except OSError:
            _cut(file, self._end)
            raise
        try:
            durable_writes.sync(file.fileno())
        except OSError as error:
            raise durable_writes.Unsure(durable_writes.in_words(error)) from error
        self._note(line)
        return number

    def _note(self, line: bytes) -> None:
        self._offsets.append(self._end)
        self._end += len(line)
        self._last_mac = line[-len(_MAC_AND_END) :][:64].decode("ascii")

    def _catch_up(self, file: IO[bytes]) -> None:
        """Read the lines behind the known ones. Cut off a last line that was never whole."""
        size = os.fstat(file.fileno()).st_size
        file.seek(self._end)
        while self._end < size:
            line = file.readline()
            number = len(self._offsets) + 1
            if line.startswith(b'{"number":%d,' % number) and _ENDING.search(line):
                self._note(line)
                continue
            last = self._end + len(line) == size
            if not last or (line.endswith(b"\n") and b"\0" not in line):
                raise StorageFailed(
                    "audit_edited", f"{self._path}, line {number}, is not entry {number}. {_LEFT_ALONE}"
                )
            _cut(file, self._end)
            return

    def _rows(self, positions: range) -> Iterator[dict[str, Any]]:
        """The rows at these positions, as the file stands now."""
        offsets, end = self._offsets, self._end
        with self._path.open("rb") as file:
            for position in positions:
                file.seek(offsets[position])
                yield json.loads(
                    file.read((offsets[position + 1] if position + 1 < len(offsets) else end) - file.tell())
                )

    @contextmanager
    def _reading(self) -> Iterator[int]:
        """Return how many entries there are now, those of other processes included."""
        try:
            with self._thread, self._process, self._path.open("r+b") as file:
                self._catch_up(file)
                count = len(self._offsets)
            yield count
        except (Timeout, OSError, ValueError, KeyError, TypeError) as error:
            raise StorageFailed("audit_unreadable", "The audit trail cannot be read now.") from error

    def page(self, wanted: AuditSelection, *, before: int | None, limit: int) -> list[AuditEntry]:
        entries: list[AuditEntry] = []
        with self._reading() as count:
            last = count if before is None else max(0, min(before - 1, count))
            for row in self._rows(range(last - 1, -1, -1)):
                entry = to_entry(row)
                if wanted.fits(entry.deed):
                    entries.append(entry)
                    if len(entries) == limit:
                        break
        return entries

    def all(self, wanted: AuditSelection) -> Iterator[AuditEntry]:
        with self._reading() as count:
            for row in self._rows(range(count)):
                entry = to_entry(row)
                if wanted.fits(entry.deed):
                    yield entry


_MAC_AND_END = "f" * 64 + '"}\n'
_ENDING = re.compile(rb'"mac":"[0-9a-f]{64}"\}\n\Z')
_LEFT_ALONE = (
    "Something other than Secure-Attend changed it. It is left as it is. Put it back from a backup; or move it "
    "elsewhere to begin a new trail."
)


def holds_entries(path: Path) -> bool:
    """Return whether there is anything in the trail."""
    return path.exists() and path.stat().st_size > 0


def rows_of(path: Path) -> Iterator[object]:
    """Yield each line's value, None for a line that has none; nothing if there is no file. A last line without an end,
    which is being written or was interrupted, is left out."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                try:
                    yield json.loads(line) if _ENDING.search(line) else None
                except (ValueError, RecursionError):
                    yield None


def _cut(file: IO[bytes] | FileIO, end: int) -> None:
    """Cut the file at `end`. Raises Unsure if the rest of a failed write cannot be removed."""
    try:
        os.ftruncate(file.fileno(), end)
        durable_writes.sync(file.fileno())
    except OSError as error:
        raise durable_writes.Unsure(durable_writes.in_words(error)) from error


def _why(error: Exception) -> str:
    if isinstance(error, Timeout):
        return "another process has been writing for long"
    return durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
