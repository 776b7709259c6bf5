"""Request bodies, which the event loop gathers in memory within a size, a time and one budget for all."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from secure_attend.server.bounds import Bounds
from secure_attend.server.refusals import BUSY, TOO_SLOW, Refused

Receive = Callable[[], Awaitable[dict[str, Any]]]
Limit = Callable[[], Awaitable[int]]


class ClientGone(Exception):
    """The client has gone, so nobody waits for the answer."""


@dataclass(frozen=True)
class GatheredBody:
    """A gathered body. `content` is None if the body is longer than its caller may send. It was not read then, and
    `length` is the least that it is known to have."""

    content: bytes | None
    length: int

    def stream(self) -> io.BytesIO | UnreadBody:
        """Return the file that the application reads."""
        return UnreadBody() if self.content is None else io.BytesIO(self.content)


EMPTY = GatheredBody(b"", 0)


class BodyNotRead(OSError):
    """Raised to an application that reads a body which its caller may not send."""


class UnreadBody(io.RawIOBase):
    """The body of a request that was refused for its length. Reading it raises `BodyNotRead`."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        raise BodyNotRead("longer than its caller may send")


class Budget:
    """The bytes that all bodies held at one time may take. Only the event loop uses it."""

    def __init__(self, most: int) -> None:
        self._left = most

    @contextmanager
    def share(self) -> Iterator[Share]:
        """Yield a share that grows with a body and is returned at the end of the block."""
        share = Share(self)
        try:
            yield share
        finally:
            self._left += share.size

    def take(self, size: int) -> bool:
        """Take this many bytes if they are left. Return whether they were."""
        if size > self._left:
            return False
        self._left -= size
        return True


class Share:
    """The part of the budget that one body takes."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.size = 0

    def grow(self, size: int) -> None:
        """Take more. Raises `Refused`."""
        if not self._budget.take(size):
            raise Refused(BUSY)
        self.size += size


class Gathering:
    """Gathers the body of one request."""

    def __init__(self, receive: Receive, bounds: Bounds, share: Share, largest: Limit) -> None:
        """`largest` returns how long this caller's body may be. It is called only beyond what every client may send."""
        self._receive = receive
        self._bounds = bounds
        self._share = share
        self._largest = largest
        self._limit = bounds.stranger_bytes
        self._asked = False

    async def body(self, announced: int | None) -> GatheredBody:
        """Return the whole body; None announces chunks. Raises `Refused` and `ClientGone`."""
        if announced == 0:
            return EMPTY
        if announced is not None and not await self._may_have(announced):
            return GatheredBody(None, announced)
        try:
            return await asyncio.wait_for(self._gather(), self._bounds.body_seconds)
        except asyncio.TimeoutError:
            raise Refused(TOO_SLOW) from None

    async def _gather(self) -> GatheredBody:
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            part: bytes = message.get("body", b"")
            size += len(part)
            if not await self._may_have(size):
                return GatheredBody(None, size)
            self._share.grow(len(part))
            parts.append(part)
            more = message.get("more_body", False)
        return GatheredBody(b"".join(parts), size)

    async def _may_have(self, size: int) -> bool:
        if size > self._limit and not self._asked:
            self._asked = True
            self._limit = max(self._limit, await self._largest())
        return size <= self._limit
