"""The book as one JSON file, `instance/access.json`: small, so each change writes it anew."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from secure_attend.access.state import AccessState
from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.access_items import MAC, items_of
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.paths import ACCESS_LOCK

PATIENCE = 10.0  # seconds for another process to finish its change
_ADAPTER: TypeAdapter[AccessState] = TypeAdapter(AccessState)


class AccessStateFile:
    """Meets `Keeper`. The file may be changed by another process meanwhile (`python -m secure_attend.admin`)."""

    def __init__(self, path: Path, seal: RecordSeal) -> None:
        """Opens the book, an empty one where there is no file yet. Raises StartRefused for one that is damaged."""
        self._path = path
        self._seal = seal
        self._thread = threading.RLock()
        try:
            durable_writes.make_private_directory(path.parent)
            self._process = FileLock(path.with_name(ACCESS_LOCK), timeout=PATIENCE, mode=durable_writes.PRIVATE_FILE)
            self._seen, self._book = self._from_disk()
        except OSError as error:
            raise StartRefused(
                "access_not_readable", f"{path} cannot be used: {durable_writes.in_words(error)}."
            ) from error

    def read(self) -> AccessState:
        """As `Keeper.read`."""
        with self._thread:
            if durable_writes.signature(self._path) != self._seen:
                try:
                    self._seen, self._book = self._from_disk()
                except (OSError, StartRefused) as error:
                    raise StorageFailed("access_not_readable", "The accounts cannot be read now.") from error
            return self._book

    @contextmanager
    def change(self) -> Iterator[AccessState]:
        """As `Keeper.change`."""
        try:
            with self._thread, self._process:
                draft = self.read().draft()
                yield draft
                if draft != self._book:
                    self._write(draft)
        except (Timeout, durable_writes.NotWritten, durable_writes.Unsure, OSError) as error:
            raise durable_writes.failure(
                "access_not_written", "Nothing was changed: the accounts cannot be written now.", error
            ) from error

    def _write(self, draft: AccessState) -> None:
        book = _ADAPTER.dump_python(draft, mode="json")
        book[MAC[0]] = self._seal.access(items_of(book))
        durable_writes.replace_file(self._path, [json.dumps(book, indent=1).encode("ascii") + b"\n"])
        self._book, self._seen = draft, durable_writes.signature(self._path)

    def _from_disk(self) -> tuple[durable_writes.Signature | None, AccessState]:
        seen = durable_writes.signature(self._path)
        if seen is None:
            return None, AccessState()
        try:
            book = _ADAPTER.validate_json(self._path.read_bytes())
        except ValidationError as error:
            raise StartRefused(
                "access_damaged",
                f"{self._path} cannot be read. It holds the accounts and kiosks: put it back from a backup, or move it "
                "away and set the site up anew.",
            ) from error
        return seen, book
