"""One request to a bridge, spoken without a network."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from secure_attend.server.bounds import Bounds
from secure_attend.server.bridge import Bridge
from secure_attend.server.wsgi_answer import ServedApplication
from tests.support.server.event_loop import run_alone

QUICK = Bounds(
    head_seconds=1.0, body_seconds=1.0, idle_seconds=2.0, unread_seconds=0.5, closing_seconds=0.1, stopping_seconds=5.0
)
"""Times that a test can wait for. A client that says something at once does so within them on a busy machine too."""
GONE = {"type": "http.disconnect"}


def part(content: bytes, *, more: bool = True) -> dict[str, Any]:
    """A part of a body, as it arrives."""
    return {"type": "http.request", "body": content, "more_body": more}


@dataclass
class Conversation:
    """What the client sends, in order, then silence; and what it was sent."""

    sends: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    received: int = 0
    reads: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared, the client takes nothing of an answer."""

    def __post_init__(self) -> None:
        self.reads.set()

    async def receive(self) -> dict[str, Any]:
        if self.received < len(self.sends):
            self.received += 1
            await asyncio.sleep(0)
            return self.sends[self.received - 1]
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def content(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])

    @property
    def whole(self) -> bool:
        return self.sent[-1]["type"] == "http.response.body" and not self.sent[-1]["more_body"]

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers[b"content-type"] == b"application/problem+json"
        found: dict[str, Any] = json.loads(self.content)
        assert found["status"] == self.status
        assert {"type", "title", "detail", "code"} <= set(found)
        return found


def scope(
    path: bytes = b"/", method: str = "POST", headers: Iterable[tuple[bytes, bytes]] = (), query: bytes = b""
) -> dict[str, Any]:
    """A request as uvicorn says it."""
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": "not used",
        "raw_path": path,
        "query_string": query,
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("192.0.2.7", 50_000),
        "server": ("127.0.0.1", 5000),
    }


@contextlib.asynccontextmanager
async def bridged(application: ServedApplication, threads: int = 2, **bounds: Any) -> AsyncIterator[Bridge]:
    """A bridge to the application; its threads are done at the end."""
    bridge = Bridge(application, threads, replace(QUICK, **bounds))
    try:
        yield bridge
    finally:
        await asyncio.to_thread(bridge.close)


def ask(
    application: ServedApplication,
    sends: Iterable[dict[str, Any]] = (),
    *,
    path: bytes = b"/",
    method: str = "POST",
    headers: Iterable[tuple[bytes, bytes]] = (),
    query: bytes = b"",
    **bounds: Any,
) -> Conversation:
    """The conversation of one request, to its end."""

    async def spoken() -> Conversation:
        conversation = Conversation(list(sends))
        async with bridged(application, **bounds) as bridge:
            asked = scope(path, method, headers, query)
            await bridge(asked, conversation.receive, conversation.send)
        return conversation

    return run_alone(spoken())


def length(size: int) -> tuple[bytes, bytes]:
    """The header that announces a body."""
    return b"content-length", b"%d" % size


CHUNKED = (b"transfer-encoding", b"chunked")
KNOWN = (b"authorization", b"Bearer known")
