"""Plain HTTP on the HTTPS port: recognised by its first byte, and sent to HTTPS."""

from __future__ import annotations

import asyncio
import re
import socket

TLS_HANDSHAKE = 0x16
"""The first byte of a TLS connection (RFC 8446, section 5.1)."""
LONGEST_REQUEST = 8192
SECONDS_BETWEEN_LOOKS = 0.05


async def speaks_tls(connection: socket.socket) -> bool:
    """Wait for the first byte, without taking it, and return whether it begins a handshake. Raises OSError."""
    while True:
        try:
            first = connection.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            await _readable(connection)
            continue
        if not first:
            raise ConnectionAbortedError("closed before its first byte")
        return first[0] == TLS_HANDSHAKE


async def _readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    arrived = asyncio.Event()
    try:
        loop.add_reader(connection, arrived.set)
    except NotImplementedError:  # Windows' event loop waits for bytes only by taking them
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        return
    try:
        await arrived.wait()
    finally:
        loop.remove_reader(connection)


async def send_to_https(connection: socket.socket) -> None:
    """Answer the waiting request. Raises OSError."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, answer_to(await loop.sock_recv(connection, LONGEST_REQUEST)))


def answer_to(request: bytes) -> bytes:
    """Send a browser to the same page over HTTPS, and tell anything else in words."""
    page = re.match(rb"(?:GET|HEAD) (/[!-~]*) HTTP/1", request)
    host = re.search(rb"\r\nhost:[ \t]*([A-Za-z0-9.:\[\]_-]+)[ \t]*\r\n", request, re.IGNORECASE)
    text = b"This port speaks HTTPS: use an address that starts with https://\n"
    head = b"HTTP/1.1 400 Bad Request\r\n"
    if page and host:
        head = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: https://" + host[1] + page[1] + b"\r\n"
    return head + b"Content-Type: text/plain\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(text) + text
