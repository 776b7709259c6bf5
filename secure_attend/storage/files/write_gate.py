"""One write of the files at a time, and none any more once it is not known what is on the disk."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile

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
        self._noting = threading.Lock()  # held for moments only: who reads does not wait for a write
        self._changed_at: dict[str, int] = {}
        """The version of the last change of each student, in the order of these. One entry a student, however long the
        process runs."""

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
        with self._noting:
            for key in keys:
                self._changed_at.pop(key, None)
                self._changed_at[key] = self.version + 1

    def changed_since(self, since: int) -> tuple[int, tuple[str, ...]]:
        """Return the version now, and the keys of the students changed after version `since`."""
        version = self.version  # before the changes: what comes in between is listed again next time
        with self._noting:
            newest_first = reversed(self._changed_at.items())
            return version, tuple(key for key, _ in takewhile(lambda change: change[1] > since, newest_first))
