"""`python -m benchmarks.server.slow_attack ADDRESS KIND COUNT SECONDS SOURCES`: connections that keep a server waiting.

A connection that the server closes comes again a second later. This runs in a process of its own, so that it takes no
time from the kiosks.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import sys
import time
from collections.abc import Awaitable, Callable

from secure_attend.server import open_files

HEAD = (
    b"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
)
READ = b"GET /static/css/app.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
PAUSE = 1.0
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def idle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing."""
    await reader.read()


async def silent_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Announce a body and send none."""
    writer.write(HEAD)
    await reader.read()


async def dripping_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a byte of the body a second."""
    writer.write(HEAD)
    await _drip(reader, writer, b"a")


async def dripping_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a byte of the head a second."""
    writer.write(b"GET /api")
    await _drip(reader, writer, b"a")


async def slow_reader(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask for a file three times and take a byte a second."""
    writer.write(3 * READ)
    while await reader.read(1):
        await asyncio.sleep(PAUSE)


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, byte: bytes) -> None:
    while not reader.at_eof():
        writer.write(byte)
        await writer.drain()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(reader.read(), PAUSE)


async def handshake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send the first byte of a TLS handshake and no more."""
    writer.write(b"\x16")
    await reader.read()


KINDS: dict[str, Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]] = {
    "idle": idle,
    "silent body": silent_body,
    "dripping body": dripping_body,
    "dripping head": dripping_head,
    "slow reader": slow_reader,
    "silent handshake": handshake,
}


async def one(address: str, kind: str, source: str, end: float) -> None:
    """Open one connection after the other until the end."""
    scheme, _, place = address.partition("://")
    host, _, port = place.partition(":")
    secure = scheme == "https" and kind != "silent handshake"
    while time.monotonic() < end:
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            reader, writer = await _connected(host, int(port), source, secure)
            try:
                await asyncio.wait_for(KINDS[kind](reader, writer), end - time.monotonic())
            finally:
                writer.transport.abort()
        await asyncio.sleep(PAUSE)


async def _connected(host: str, port: int, source: str, secure: bool) -> Streams:
    """Connect from this address, with a buffer for answers as small as the system lets it be."""
    connection = socket.socket()
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.bind((source, 0))
    await asyncio.get_running_loop().sock_connect(connection, (host, port))
    context = ssl._create_unverified_context() if secure else None  # noqa: S323 (it attacks itself)
    return await asyncio.open_connection(
        sock=connection, limit=64, ssl=context, server_hostname="localhost" if secure else None
    )


async def main(address: str, kind: str, count: int, seconds: float, sources: int) -> None:
    """Open all connections at once, from this many addresses of this computer."""
    end = time.monotonic() + seconds
    names = [f"127.0.0.{2 + number % sources}" for number in range(count)]
    await asyncio.gather(*(one(address, kind, source, end) for source in names))


if __name__ == "__main__":
    open_files.raise_limit()
    _, address, kind, count, seconds, sources = sys.argv
    asyncio.run(main(address, kind, int(count), float(seconds), int(sources)))
