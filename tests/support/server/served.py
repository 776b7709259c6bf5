"""Small applications behind a real port."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from secure_attend.server.http_server import HttpServer
from secure_attend.server.wsgi_answer import ServedApplication

PATIENCE = 30.0
Answer = Callable[[str, list[tuple[str, str]]], object]
Wsgi = Callable[[dict[str, Any], Answer], Iterable[bytes]]


@dataclass(frozen=True)
class Plain:
    """A WSGI function as an application; callers with an Authorization header may send `known` bytes."""

    answering: Wsgi
    known: int = 10_000_000

    def __call__(self, environment: dict[str, Any], answer: Answer, /) -> Iterable[bytes]:
        return self.answering(environment, answer)

    def largest_body(self, method: str, path: str, authorization: str) -> int:
        return self.known if authorization else 0


@contextlib.contextmanager
def running(server: HttpServer, application: ServedApplication) -> Iterator[HttpServer]:
    """The server, answering until the end of the block."""
    thread = threading.Thread(target=server.serve, args=(application,))
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()
