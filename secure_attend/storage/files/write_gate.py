"""One write of the files at a time, and none any more once it is not known what is on the disk."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from secure_attend.errors import StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.durable_writes import NotWritten, Unsure

NOTHING_SAVED = "Nothing was saved"


class WriteGate:
    """Counts the writes, and remembers which students each changed. `stopped` says why nothing is written any more."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.version = 1
        self.stopped: str | None = None
        self._changes: list[tuple[int, tuple[str, ...]]] = []

    @contextmanager
    def writing(self, failed: str = NOTHING_SAVED) -> Iterator[None]:
        """Hold the lock for a write. Turn its failure into StorageFailed that says what `failed`, and stop all writes
        if the outcome is unsure."""
        with self.lock:
            if self.stopped is not None:
                raise StorageFailed("storage_stopped", self.stopped)
            try:
                yield
            except (NotWritten, OSError) as error:
                why = durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
                raise durable_writes.failure("not_written", f"{failed}: {why}.", error) from error
            except Unsure as error:
                self.stopped = (
                    f"Saving has stopped, because what is on the disk is not certain: {error}. Restart Secure-Attend: "
                    "it reads the files again. What was confirmed before is safe."
                )
                raise StorageFailed("storage_stopped", self.stopped) from error
            self.version += 1

    def changes(self, keys: Sequence[str]) -> None:
        """Note that the write under way changes the students with these keys."""
        self._changes.append((self.version + 1, tuple(keys)))

    def changed_since(self, since: int) -> tuple[int, tuple[str, ...]]:
        """Return the version now, and the keys of the students changed after version `since`."""
        version = self.version  # before the changes: what comes in between is listed again next time
        keys: dict[str, None] = {}
        for changed_at, changed in reversed(self._changes):
            if changed_at <= since:
                break
            keys.update(dict.fromkeys(changed))
        return version, tuple(keys)
