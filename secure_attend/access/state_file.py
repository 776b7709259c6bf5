"""The access state as one JSON file, `instance/access.json`: it is small, so each change rewrites it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from secure_attend.access.state import FORMAT, AccessState
from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.access_items import MAC, items_of
from secure_attend.storage.chains.record_seal import ACCESS_EDITED, RecordSeal
from secure_attend.storage.paths import ACCESS_LOCK

PATIENCE = 10.0  # seconds for another process to finish its change
_ADAPTER: TypeAdapter[AccessState] = TypeAdapter(AccessState)


class AccessStateFile:
    """An `AccessRepository` in a file, which other processes may change too (`python -m secure_attend.admin`)."""

    def __init__(self, path: Path, seal: RecordSeal) -> None:
        """Open the file; without one, begin with an empty state. Raises StartRefused if the file is damaged."""
        self._path = path
        self._seal = seal
        self._thread = threading.RLock()
        try:
            durable_writes.make_private_directory(path.parent)
            self._process = FileLock(path.with_name(ACCESS_LOCK), timeout=PATIENCE, mode=durable_writes.PRIVATE_FILE)
            self._signature, self._state = self._from_disk()
        except OSError as error:
            raise StartRefused(
                "access_not_readable", f"{path} can't be used: {durable_writes.in_words(error)}."
            ) from error

    def read(self) -> AccessState:
        """Return the present state. Raises `StorageFailed`."""
        with self._thread:
            if durable_writes.signature(self._path) != self._signature:
                try:
                    self._signature, self._state = self._from_disk()
                except (OSError, StartRefused) as error:
                    raise StorageFailed("access_not_readable", "The accounts can't be read right now.") from error
            return self._state

    @contextmanager
    def change(self) -> Iterator[AccessState]:
        """Give a draft, and save it. Raises `StorageFailed`."""
        try:
            with self._thread, self._process:
                draft = self.read().draft()
                yield draft
                if draft != self._state:
                    self._write(draft)
        except (Timeout, durable_writes.NotWritten, durable_writes.Unsure, OSError) as error:
            raise durable_writes.failure(
                "access_not_written", "Nothing was changed: the accounts can't be written right now.", error
            ) from error

    def _write(self, draft: AccessState) -> None:
        members = _ADAPTER.dump_python(draft, mode="json")
        members[MAC[0]] = self._seal.access(items_of(members))
        durable_writes.replace_file(self._path, [json.dumps(members, indent=1).encode("ascii") + b"\n"])
        self._state, self._signature = draft, durable_writes.signature(self._path)

    def _from_disk(self) -> tuple[durable_writes.Signature | None, AccessState]:
        signature = durable_writes.signature(self._path)
        if signature is None:
            return None, AccessState()
        content = self._path.read_bytes()
        try:
            state = replace(_ADAPTER.validate_json(content), format=FORMAT)
        except ValidationError as error:
            if _of_a_newer_version(content):
                raise StartRefused(
                    "access_newer",
                    f"{self._path} belongs to a newer version of Secure-Attend. Start that version, or restore the "
                    "backup from before it.",
                ) from error
            raise StartRefused(
                "access_damaged",
                f"{self._path} can't be read. It holds the accounts and kiosks. Restore it from a backup, or move it "
                "away and set up the site again.",
            ) from error
        if not self._seal.fits_access(items_of(json.loads(content))):
            raise StartRefused("access_edited", f"{self._path}: {ACCESS_EDITED}")
        return signature, state


def _of_a_newer_version(content: bytes) -> bool:
    try:
        written = json.loads(content)["format"]
    except (ValueError, TypeError, KeyError):
        return False
    return isinstance(written, int) and written > FORMAT
