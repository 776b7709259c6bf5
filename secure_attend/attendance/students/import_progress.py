"""How far an import has come, for whoever waits for it: under a name that the caller chose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from secure_attend.errors import Conflict, NotFound

Stage = Literal["reading", "writing"]


@dataclass
class ImportProgress:
    """`done` students of `total`, None while nobody knows how many there are."""

    stage: Stage = "reading"
    done: int = 0
    total: int | None = None

    def now(self, stage: Stage, done: int, total: int | None = None) -> None:
        """Notes where it is."""
        self.stage, self.done, self.total = stage, done, total


class RunningImports:
    """The imports that are going on in this process; one that ended is forgotten."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[str, ImportProgress] = {}

    @contextmanager
    def named(self, name: str | None) -> Iterator[ImportProgress]:
        """Lets the import within be followed under this name. Raises `Conflict` for one that is in use."""
        importing = ImportProgress()
        if name is None:
            yield importing
            return
        with self._lock:
            if name in self._running:
                raise Conflict("import_running", "An import with this name is going on. Choose another name.")
            self._running[name] = importing
        try:
            yield importing
        finally:
            with self._lock:
                del self._running[name]

    def get(self, name: str) -> ImportProgress:
        """Raises `NotFound`: it has not begun, is over, or goes on in another process."""
        with self._lock:
            found = self._running.get(name)
        if found is None:
            raise NotFound("unknown_import", "No import of this name is going on: it is over, or has not begun.")
        return found
