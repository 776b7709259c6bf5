"""The server: a port that listens from the start, and uvicorn, which answers until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Collection

import uvicorn

from secure_attend.server import open_files
from secure_attend.server.bounds import Bounds
from secure_attend.server.bridge import Bridge
from secure_attend.server.connections import Connection
from secure_attend.server.crowd import Client, Crowd, Network
from secure_attend.server.listening import Listening
from secure_attend.server.wsgi_answer import ServedApplication

NAME = "Secure-Attend"
SECONDS_BETWEEN_LOOKS = 0.1


class HttpServer:
    """Listens from the start, and answers while `serve` runs."""

    def __init__(
        self,
        listener: socket.socket,
        *,
        threads: int,
        tls: ssl.SSLContext | None = None,
        trusted: Collection[Network] = (),
        bounds: Bounds | None = None,
    ) -> None:
        """`listener` is bound and listens; `trusted` are proxies that bring the connections of many clients."""
        self._listener = listener
        self._threads = threads
        self._tls = tls
        self._trusted = trusted
        self.bounds = bounds or Bounds()
        self.port = int(listener.getsockname()[1])
        self._lock = threading.Lock()
        self._running: _Uvicorn | None = None
        self._stopped = False

    def serve(self, application: ServedApplication) -> None:
        """Answer requests until `stop()` or a signal, and finish those under way.

        SIGINT and SIGTERM end it when it runs in the main thread, and are raised again afterwards.
        """
        bridge = Bridge(application, self._threads, self.bounds)
        running = _Uvicorn(self._config(bridge), self._listener, self._tls, self._crowd(), self.bounds)
        with self._lock:
            self._running = running
            running.should_exit = self._stopped
        try:
            if not self._stopped:
                running.run(sockets=[])
        finally:
            bridge.close()
            self._listener.close()

    def stop(self) -> None:
        """Make `serve` return, or close the port if it is not running. Any thread may call it."""
        with self._lock:
            self._stopped = True
            if self._running is None:
                self._listener.close()
            else:
                self._running.should_exit = True

    def _crowd(self) -> Crowd:
        most = min(self.bounds.connections, open_files.most_connections())
        return Crowd(
            most, min(self.bounds.connections_of_one_address, most), self.bounds.turnover_a_second, self._trusted
        )

    def _config(self, bridge: Bridge) -> uvicorn.Config:
        return uvicorn.Config(
            bridge,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            headers=[("server", NAME)],
            timeout_keep_alive=self.bounds.idle_seconds,  # type: ignore[arg-type]
            timeout_graceful_shutdown=self.bounds.stopping_seconds,  # type: ignore[arg-type]
            h11_max_incomplete_event_size=self.bounds.head_bytes,
        )


class _Uvicorn(uvicorn.Server):
    """uvicorn's server with our listening socket and connections."""

    def __init__(
        self,
        config: uvicorn.Config,
        listener: socket.socket,
        tls: ssl.SSLContext | None,
        crowd: Crowd,
        bounds: Bounds,
    ) -> None:
        super().__init__(config)
        self._bounds = bounds
        self._crowd = crowd
        self._listening = Listening(listener, tls, crowd, bounds, self._new_connection)
        self._watch: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept connections."""
        await super().startup(sockets=[])
        self._listening.begin()
        self._watch = asyncio.ensure_future(self._end_overdue())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, and finish the requests under way."""
        self._listening.close()
        await super().shutdown(sockets=[])
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch

    def _new_connection(self, client: Client) -> asyncio.Protocol:
        return Connection(self.config, self.server_state, client, self._crowd, self._bounds)

    async def _end_overdue(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            for connection in list(self.server_state.connections):
                if isinstance(connection, Connection):
                    connection.end_if_overdue(loop.time())
