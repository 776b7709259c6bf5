"""The port: counts each new connection, does the TLS handshake if TLS is on, and hands it over."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from asyncio import sslproto
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from secure_attend.server.bounds import Bounds
from secure_attend.server.crowd import Client, Crowd
from secure_attend.server.plain_http import send_to_https, speaks_tls

log = logging.getLogger(__name__)

NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
SECONDS_WITHOUT_ROOM = 0.1
ACCEPTED_IN_A_ROW = 16
"""Then everybody else has a turn: a flood of connections takes the loop 2 ms at a time."""

# asyncio gives each TLS connection a buffer of 256 KiB, used or not: 128 MB for 512. A record has 16 KiB at most.
sslproto.SSLProtocol.max_size = 64 * 1024

Result = TypeVar("Result")
NewConnection = Callable[[Client], asyncio.Protocol]


class Listening:
    """A listening socket, and the connections that are not open yet."""

    def __init__(
        self, listener: socket.socket, tls: ssl.SSLContext | None, crowd: Crowd, bounds: Bounds, new: NewConnection
    ) -> None:
        self._listener = listener
        self._tls = tls
        self._crowd = crowd
        self._bounds = bounds
        self._new = new
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self) -> None:
        """Start to accept connections."""
        self._listener.setblocking(False)
        self._spawn(self._accept())

    def close(self) -> None:
        """Stop accepting, and drop the connections that are not open yet."""
        for task in self._tasks:
            task.cancel()
        self._listener.close()

    def _spawn(self, work: Coroutine[object, object, Result]) -> asyncio.Task[Result]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            for _ in range(ACCEPTED_IN_A_ROW):
                try:
                    connected, address = await loop.sock_accept(self._listener)
                except OSError as error:
                    await self._after(error)
                else:
                    self._admit(connected, str(address[0]), loop.time())
            await asyncio.sleep(0)

    async def _after(self, error: OSError) -> None:
        """Wait a moment after a failed accept. Trying again at once would only keep the processor busy."""
        if error.errno in NO_ROOM:
            log.warning("No connection can be accepted now: %s.", error.strerror)
            await asyncio.sleep(SECONDS_WITHOUT_ROOM)

    def _admit(self, connected: socket.socket, host: str, now: float) -> None:
        client = self._crowd.admit(host, now)
        if client is None:
            connected.close()
            return
        with suppress(OSError):  # gone already; otherwise head and body of an answer wait 40 ms for each other
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        welcome = self._spawn(self._welcome(connected, client))
        welcome.add_done_callback(partial(self._after_welcome, connected, client))
        client.end = welcome.cancel

    async def _welcome(self, connected: socket.socket, client: Client) -> bool:
        """Open the connection. Return whether it is open."""
        with suppress(OSError, asyncio.TimeoutError):
            if self._tls is None or await self._greeted(connected):
                await self._connect(connected, client)
                return True
        return False

    def _after_welcome(self, connected: socket.socket, client: Client, welcome: asyncio.Task[bool]) -> None:
        """Close a socket that did not become a connection. A task that is cancelled early cannot do so."""
        if welcome.cancelled() or not welcome.result():
            connected.close()
            self._crowd.leave(client)

    async def _greeted(self, connected: socket.socket) -> bool:
        """Return whether a TLS handshake has begun. A client that speaks plain HTTP is sent to HTTPS."""
        if await asyncio.wait_for(speaks_tls(connected), self._bounds.head_seconds):
            return True
        await asyncio.wait_for(send_to_https(connected), self._bounds.head_seconds)
        return False

    async def _connect(self, connected: socket.socket, client: Client) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: self._new(client),
            connected,
            ssl=self._tls,
            ssl_handshake_timeout=self._bounds.head_seconds if self._tls else None,
        )
