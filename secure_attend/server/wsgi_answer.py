"""One answer of a WSGI application (PEP 3333), taken in batches by any free thread."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

from secure_attend.server.environ import Environ, Headers

ExcInfo = tuple[type[BaseException], BaseException, TracebackType]
StartResponse = Callable[..., Callable[[bytes], object]]
_WITHOUT_BODY = {204, 304}


class ServedApplication(Protocol):
    """A WSGI application that knows how long a body each caller may send."""

    def __call__(self, environ: Environ, start_response: StartResponse, /) -> Iterable[bytes]:
        """Answer a request."""

    def largest_body(self, method: str, path: str, authorization: str) -> int:
        """Return the most bytes that this caller may send there. Called in a thread."""


@dataclass(frozen=True)
class Batch:
    """The next bytes of the answer. `last` says that no more follow."""

    content: bytes
    last: bool


class WsgiAnswer:
    """The answer to one request. Its methods run in threads, one at a time. The iterator is always closed."""

    def __init__(self, application: ServedApplication, environ: Environ, most: int) -> None:
        """`most` is the approximate size of a batch in bytes."""
        self._application = application
        self._environ = environ
        self._most = most
        self._lock = threading.Lock()
        self._context = contextvars.copy_context()
        self._answer: Iterable[bytes] | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._written: list[bytes] = []
        self._finished = False
        self.status = 0
        self.headers: Headers = []

    @property
    def finished(self) -> bool:
        """Whether nothing is left to take or to close."""
        return self._finished

    def begin(self) -> Batch:
        """Call the application. The first batch sets `status` and `headers`."""
        return self._guarded(self._begin)

    def more(self) -> Batch:
        """Return the next batch."""
        return self._guarded(self._batch)

    def close(self) -> None:
        """Close the iterator, if it is open."""
        with self._lock:
            self._context.run(self._close)

    def _guarded(self, work: Callable[[], Batch]) -> Batch:
        """Run a step of the request. Close the iterator after the last batch and after an error."""
        with self._lock:
            try:
                batch = self._context.run(work)
            except BaseException:
                self._context.run(self._close)
                raise
            if batch.last:
                self._context.run(self._close)
            return batch

    def _begin(self) -> Batch:
        self._answer = self._application(self._environ, self._start_response)
        self._pieces = iter(self._answer)
        batch = self._batch()
        if not self.status:
            raise RuntimeError("the application answered without start_response")
        if batch.last and self._may_say_length():
            self.headers.append((b"content-length", b"%d" % len(batch.content)))
        return batch

    def _batch(self) -> Batch:
        parts: list[bytes] = []
        size = 0
        for piece in self._pieces:
            parts += [*self._take_written(), piece]
            size += len(piece)
            if size > self._most:
                return Batch(b"".join(parts), last=False)
        return Batch(b"".join([*parts, *self._take_written()]), last=True)

    def _take_written(self) -> list[bytes]:
        written, self._written = self._written, []
        return written

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], object]:
        if exc_info is not None and self.status:
            raise exc_info[1]
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return self._written.append

    def _may_say_length(self) -> bool:
        without = self.status in _WITHOUT_BODY or self._environ["REQUEST_METHOD"] == "HEAD"
        return not without and all(name != b"content-length" for name, _ in self.headers)

    def _close(self) -> None:
        self._finished = True
        answer, self._answer, self._pieces = self._answer, None, iter(())
        close: Any = getattr(answer, "close", None)
        if close is not None:
            close()
