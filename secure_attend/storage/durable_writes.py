"""Writing so that what was acknowledged survives a power cut. Knows bytes and files, nothing of attendance."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from secure_attend.errors import StorageFailed, StorageFull

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700
WRITE_AT_ONCE = 1 << 20

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

Signature = tuple[int, int, int]


class NotWritten(Exception):
    """The write failed and what was on disk before is still there, whole. Writing again later may succeed."""


class Unsure(Exception):
    """The write failed and nobody knows what is on disk: only reading it again at a restart can tell."""


def sync(descriptor: int) -> None:
    """Return once the file's bytes are on the medium. Never call it again for the same bytes after it failed: Linux
    drops the pages it could not write, and the second call reports success."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync on macOS stops at the drive's own cache
    else:
        os.fsync(descriptor)


def sync_directory(path: Path) -> None:
    """Make names created, replaced or removed in `path` permanent."""
    if os.name == "nt":
        return  # Windows opens no directories; NTFS journals names itself
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_fully(descriptor: int, data: bytes) -> None:
    """Write all of `data` at the descriptor's position. Continue after a short write."""
    view = memoryview(data)
    while view:
        written = os.write(descriptor, view)
        if written == 0:
            raise OSError(errno.EIO, "the system wrote nothing")
        view = view[written:]


def binary_flags(flags: int) -> int:
    """`flags` with what Windows needs to leave line ends alone and to not hand the file to child processes."""
    return flags | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def create_private(path: Path, data: bytes) -> None:
    """Create `path` (mode 0600) holding `data`, synced with its directory. Raises FileExistsError if it exists."""
    descriptor = os.open(path, binary_flags(os.O_WRONLY | os.O_CREAT | os.O_EXCL), PRIVATE_FILE)
    try:
        write_fully(descriptor, data)
        sync(descriptor)
    finally:
        os.close(descriptor)
    sync_directory(path.parent)


def temporary_beside(path: Path) -> Path:
    """A fresh name in the same directory, so that replacing stays within one file system."""
    return path.with_name(f"{path.name}.{secrets.token_hex(6)}.tmp")


def remove_leftovers(path: Path) -> None:
    """Remove temporary files that a killed process left beside `path`."""
    for leftover in path.parent.glob(f"{path.name}.*.tmp"):
        with suppress(OSError):
            leftover.unlink()


def replace_file(path: Path, chunks: Iterable[bytes]) -> None:
    """Put `chunks` in the place of `path` in one step: readers and restarts see the old file or the new one, whole.

    Raises NotWritten when the old file is still there, Unsure when a sync failed.
    """
    temporary = temporary_beside(path)
    try:
        _write_temporary(temporary, chunks)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise NotWritten(in_words(error)) from error
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    try:
        sync_directory(path.parent)
    except OSError as error:
        raise Unsure(in_words(error)) from error


def _write_temporary(temporary: Path, chunks: Iterable[bytes]) -> None:
    descriptor = os.open(temporary, binary_flags(os.O_WRONLY | os.O_CREAT | os.O_EXCL), PRIVATE_FILE)
    try:
        for piece in _pieces(chunks):
            write_fully(descriptor, piece)
        try:
            sync(descriptor)
        except OSError as error:
            raise Unsure(in_words(error)) from error
    finally:
        os.close(descriptor)


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield small chunks together, and large ones as they are: copying one first takes as long as writing it."""
    buffer = bytearray()
    for chunk in chunks:
        if len(chunk) >= WRITE_AT_ONCE:
            yield bytes(buffer)
            yield chunk
            buffer.clear()
            continue
        buffer += chunk
        if len(buffer) >= WRITE_AT_ONCE:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)


def make_private_directory(path: Path) -> None:
    """Make `path` (and its parents) with mode 0700, or narrow it to that."""
    path.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    with suppress(OSError):  # another owner's directory: its mode is their decision
        path.chmod(PRIVATE_DIRECTORY)


def make_private(path: Path) -> None:
    """Remove everyone's rights to a file but its owner's, where the system allows that."""
    with suppress(OSError):
        path.chmod(PRIVATE_FILE)


def signature(path: Path) -> Signature | None:
    """Return a value that changes whenever something else replaces or edits `path`; None if it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def failure(code: str, detail: str, cause: BaseException) -> StorageFailed:
    """Return what is raised where a write failed of `cause`: StorageFull where there was no room for it."""
    reason: BaseException | None = cause
    while reason is not None:
        if isinstance(reason, OSError) and reason.errno in NO_ROOM:
            return StorageFull(code, detail)
        reason = reason.__cause__
    return StorageFailed(code, detail)


def in_words(error: OSError) -> str:
    """Return why the system refused, in words."""
    words = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EFBIG: "the file would grow beyond the size this system allows",
        errno.EROFS: "the disk is mounted read-only",
        errno.EACCES: "this user may not read or write there",
        errno.EPERM: "this user may not read or write there",
        errno.EIO: "the disk reports an error",
        errno.EMFILE: "too many files are open",
        errno.ENFILE: "too many files are open",
    }
    return words.get(error.errno or 0, error.strerror or str(error))
