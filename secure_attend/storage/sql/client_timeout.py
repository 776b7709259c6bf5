"""PostgreSQL that hangs: connected, and silent. Its own time limits do not help then, so the client has one."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

_of_this_thread = threading.local()


class Silence(psycopg.OperationalError):
    """No answer came in `seconds`; the connection is closed."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer for {seconds:g} s")
        self.seconds = seconds


class PatientConnection(psycopg.Connection[Any]):
    """Waits for an answer as long as this thread has patience."""

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **options: Any) -> Any:
        """Return what `gen` returns, unless nothing comes for too long."""
        seconds = getattr(_of_this_thread, "seconds", None)
        return super().wait(gen if seconds is None else self._in_time(gen, seconds), *arguments, **options)

    def _in_time(self, gen: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
        """Do the same step by step. The driver asks ten times a second, with nothing while nothing came."""
        until = time.monotonic() + seconds
        try:
            wanted = next(gen)
            while True:
                came = yield wanted
                now = time.monotonic()
                if came:
                    until = now + seconds
                elif now > until:
                    self.pgconn.finish()
                    raise Silence(seconds)
                wanted = gen.send(came)
        except StopIteration as done:
            return done.value


@contextmanager
def patience(seconds: float | None) -> Iterator[None]:
    """Let this thread wait at most this long for each answer during the block; None: for ever."""
    before = getattr(_of_this_thread, "seconds", None)
    _of_this_thread.seconds = seconds
    try:
        yield
    finally:
        _of_this_thread.seconds = before
