"""The bytes of `attendance_log.json`: a JSON array that grows over its closing bracket, all of an append or nothing."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from secure_attend.storage import durable_writes
from secure_attend.storage.durable_writes import NotWritten, Unsure
from secure_attend.storage.files.log_scan import CLOSING, CLOSING_EMPTY

EMPTY_END = 1
CLOSED = -1


class ArrayFile:
    """An array that is open for appending. `end` is always where its last record ends, 1 (the opening bracket) in an
    empty one. Raises Unsure where it isn't known what is on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = self._opened()
        self._signature = durable_writes.signature(path)

    def _opened(self) -> int:
        return os.open(self.path, durable_writes.binary_flags(os.O_RDWR))

    def read(self, begin: int, end: int) -> bytes:
        """Return the bytes from `begin` to before `end`."""
        os.lseek(self._descriptor, begin, os.SEEK_SET)
        return os.read(self._descriptor, end - begin)

    def extend(self, end: int, data: bytes, *, several: bool) -> None:
        """Write over the closing bracket, and sync. Of several records, what stands behind the bracket comes first:
        they count once the bracket is replaced, all together. Raises NotWritten, Unsure."""
        self.refuse_if_touched()
        bracket = len(_closing(end))
        parts = ((bracket, data[bracket:]), (0, data[:bracket])) if several else ((0, data),)
        for begin, part in parts:
            self._write(end, end + begin, part)
        self._signature = durable_writes.signature(self.path)

    def _write(self, end: int, begin: int, data: bytes) -> None:
        try:
            os.lseek(self._descriptor, begin, os.SEEK_SET)
            durable_writes.write_fully(self._descriptor, data)
        except OSError as error:
            self._unless_untouched(begin, error)
            self._undo_append(end, error)
        try:
            durable_writes.sync(self._descriptor)
        except OSError as error:
            raise Unsure(durable_writes.in_words(error)) from error

    def _unless_untouched(self, begin: int, error: OSError) -> None:
        """Raise NotWritten if the failed write left nothing to undo. A disk that is full or read-only took no byte, and
        a read-only one could not be cut."""
        untouched = durable_writes.signature(self.path) == self._signature
        if error.errno != errno.EIO and untouched and os.lseek(self._descriptor, 0, os.SEEK_CUR) == begin:
            raise NotWritten(durable_writes.in_words(error)) from error

    def _undo_append(self, end: int, error: OSError) -> None:
        """Undo a write that failed (a full disk): the bytes before it are still there. Raises NotWritten, Unsure."""
        try:
            self.cut_behind(end)
        except OSError as second:
            raise Unsure(durable_writes.in_words(second)) from second
        raise NotWritten(durable_writes.in_words(error)) from error

    def cut_behind(self, end: int) -> None:
        """Close the array behind the last whole record, whatever follows there, and sync. Raises OSError."""
        ending = _closing(end)
        os.lseek(self._descriptor, end, os.SEEK_SET)
        durable_writes.write_fully(self._descriptor, ending)
        os.ftruncate(self._descriptor, end + len(ending))
        durable_writes.sync(self._descriptor)
        self._signature = durable_writes.signature(self.path)

    def replace(self, chunks: Iterable[bytes]) -> int:
        """Put `chunks` in the place of the file in one step, and open it again. Return its length in bytes. Raises
        NotWritten, Unsure."""
        self.close()  # Windows replaces no file that is open
        try:
            durable_writes.replace_file(self.path, chunks)
        finally:
            self._reopen()
        return os.fstat(self._descriptor).st_size

    def _reopen(self) -> None:
        try:
            self._descriptor = self._opened()
        except OSError as error:
            raise Unsure(durable_writes.in_words(error)) from error
        self._signature = durable_writes.signature(self.path)

    def refuse_if_touched(self) -> None:
        """Raise Unsure if another program changed the file since it was last written here."""
        if durable_writes.signature(self.path) != self._signature:
            raise Unsure(f"{self.path.name} was changed by another program while this one was running")

    def close(self) -> None:
        """Close the file."""
        if self._descriptor != CLOSED:
            os.close(self._descriptor)
        self._descriptor = CLOSED


def _closing(end: int) -> bytes:
    return CLOSING if end > EMPTY_END else CLOSING_EMPTY
