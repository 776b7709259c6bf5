"""The progress of a running import, under a name that the caller chose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from secure_attend.errors import Conflict, NotFound

ImportStage = Literal["reading", "writing"]


@dataclass
class ImportProgress:
    """`done` students of `total`, which is None while the number is unknown."""

    stage: ImportStage = "reading"
    done: int = 0
    total: int | None = None

    def now(self, stage: ImportStage, done: int, total: int | None = None) -> None:
        """Set the progress."""
        self.stage, self.done, self.total = stage, done, total


class RunningImports:
    """The imports that run in this process. An import that has ended is forgotten."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[str, ImportProgress] = {}

    @contextmanager
    def named(self, name: str | None) -> Iterator[ImportProgress]:
        """Make the progress of the import within available under this name. Raises `Conflict` if the name is in
        use."""
        progress = ImportProgress()
        if name is None:
            yield progress
            return
        with self._lock:
            if name in self._running:
                raise Conflict("import_running", "An import with this name is already running. Choose another name.")
            self._running[name] = progress
        try:
            yield progress
        finally:
            with self._lock:
                del self._running[name]

    def get(self, name: str) -> ImportProgress:
        """Return the progress. Raises `NotFound` if the import has not begun, is over, or runs in another process."""
        with self._lock:
            progress = self._running.get(name)
        if progress is None:
            raise NotFound("unknown_import", "No import with this name is running. It is over or has not begun.")
        return progress
