"""A client that goes away in the middle of a body, at a real server: what arrived is not taken for the whole."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.server.serve import bind, serve_until_stopped
from secure_attend.settings import Settings
from tests.conftest import logged_in
from tests.support.fakes import Scene
from tests.support.web.kept import on_disk
from tests.support.web.litany import problem

PATIENCE = 30.0
ROSTER = b"student_id,name\n1001,John Doe-Fitzwilliam\n"
CUT = ROSTER[:-10]  # without the rest it would still be a roster, of other names


@pytest.fixture
def port(app: Flask, settings: Settings) -> Iterator[int]:
    """Where the site is served."""
    server = bind(replace(settings, port=0, port_chosen=True, threads=2))
    thread = threading.Thread(target=serve_until_stopped, args=(server, app))
    thread.start()
    yield server.port
    server.stop()
    thread.join(PATIENCE)


def cut_off(port: int, authorization: str, path: str, media_type: str, framed: bytes) -> tuple[int, Any]:
    """Status and body of the answer to a request that ends after `framed`: its last headers and what it sent."""
    head = (
        f"POST /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
        f"Authorization: {authorization}\r\nContent-Type: {media_type}\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(head.encode() + framed)
        client.shutdown(socket.SHUT_WR)
        with contextlib.closing(client.makefile("rb")) as answer:
            head_received, _, body = answer.read().partition(b"\r\n\r\n")
    return int(head_received.split()[1]), json.loads(body)


def announced(body: bytes, length: int) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (length, body)


def in_pieces(body: bytes) -> bytes:
    """A first piece; no last one follows."""
    return b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(body), body)


@pytest.mark.parametrize(
    ("path", "media_type", "framed", "code"),
    [
        ("/roster", "text/csv", announced(CUT, len(ROSTER)), "body_cut_off"),
        ("/roster", "text/csv", in_pieces(CUT), "body_cut_off"),
        ("/students", "application/json", announced(b'{"student_id":"9","name":"X"}', 60), "body_cut_off"),
        ("/students/{john}/faces", "image/jpeg", announced(Scene().jpeg(), 100_000), "body_cut_off"),
    ],
)
def test_nothing_is_taken(
    app: Flask, settings: Settings, port: int, john: str, path: str, media_type: str, framed: bytes, code: str
) -> None:
    authorization = logged_in(app).environ_base["HTTP_AUTHORIZATION"]
    before = on_disk(settings)
    status, body = cut_off(port, authorization, path.format(john=john), media_type, framed)
    assert (status, body["code"]) == (400, code)
    assert on_disk(settings) == before


class ChunkMissingTerminator(Exception):
    """As a WSGI server's of its own, which is no OSError."""


class Breaking(io.RawIOBase):
    """A body as some WSGI servers give one whose chunks break off: with an error of their own."""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        raise ChunkMissingTerminator(b"")


def test_whatever_the_server_raises_for_it(client: FlaskClient) -> None:
    environment = {"wsgi.input": Breaking(), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = client.post("/api/v1/roster", content_type="text/csv", environ_overrides=environment)
    problem(answer, 400, "body_cut_off")
