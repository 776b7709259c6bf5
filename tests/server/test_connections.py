"""Connections at a real port: how long each may take, what it may say, and what it is told."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from secure_attend.server import tls
from secure_attend.server.bounds import Bounds
from secure_attend.server.http_server import HttpServer
from tests.support.server.conversation import QUICK
from tests.support.server.served import PATIENCE, Answer, Plain, Wsgi, running

LATE = 20.0
"""Seconds within which a connection that may wait for one or two has ended, on a busy machine too."""
SILENT = 4 * PATIENCE
CALM = replace(QUICK, head_seconds=SILENT, body_seconds=SILENT)
"""For tests that are not about time: nobody is given up while a busy machine lets their client wait."""
GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


def echo(environment: dict[str, Any], answer: Answer) -> Iterable[bytes]:
    """Says what was asked and what the body was."""
    body = environment["wsgi.input"].read()
    answer("200 OK", [("Content-Type", "text/plain")])
    return [environment["PATH_INFO"].encode("latin-1"), b" ", body]


@contextlib.contextmanager
def at_port(answering: Wsgi = echo, bounds: Bounds = CALM, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The application at a port."""
    listener = socket.create_server(("127.0.0.1", 0))
    with running(HttpServer(listener, threads=2, bounds=bounds, tls=context), Plain(answering)) as server:
        yield server.port


def connected(port: int, source: str = "127.0.0.1") -> socket.socket:
    """A client's socket."""
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=(source, 0))


def rest(client: socket.socket) -> bytes:
    """What comes until the server closes."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := client.recv(65_536):
            received += piece
    return received


def until(client: socket.socket, end: bytes) -> bytes:
    """What comes up to this."""
    received = b""
    while end not in received:
        piece = client.recv(65_536)
        assert piece, received
        received += piece
    return received


def seconds_of(work: Any) -> float:
    """How long it takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def problem(answer: bytes) -> tuple[int, str]:
    """Status and code of a refusal, which closes the connection."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), str(json.loads(body)["code"])


def test_a_silent_connection_is_closed() -> None:
    with at_port(bounds=QUICK) as port, connected(port) as client:
        assert seconds_of(lambda: rest(client)) < LATE


@contextlib.contextmanager
def dripping(client: socket.socket, byte: bytes, seconds: float) -> Iterator[None]:
    """Within, the client sends a byte, and one more each time that so many seconds have passed."""
    over = threading.Event()

    def drip() -> None:
        with contextlib.suppress(ConnectionError):
            while not over.wait(seconds):
                client.sendall(byte)

    client.sendall(byte)
    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("seconds", [0.05, 2 * LATE])
def test_a_head_has_its_time_as_a_whole(seconds: float) -> None:
    """A byte at a time, or one and then none."""
    with at_port(bounds=QUICK) as port, connected(port) as client, dripping(client, b"G", seconds):
        began = time.monotonic()
        assert problem(rest(client)) == (408, "request_timeout")
        assert time.monotonic() - began < LATE


def test_a_body_has_its_time_as_a_whole() -> None:
    with at_port(bounds=QUICK) as port, connected(port) as client:
        client.sendall(POST % 10_000)
        with dripping(client, b".", 0.05):
            began = time.monotonic()
            assert problem(rest(client)) == (408, "request_timeout")
            assert time.monotonic() - began < LATE


def test_a_connection_may_wait_longer_between_two_requests() -> None:
    with at_port(bounds=replace(QUICK, idle_seconds=4.0)) as port, connected(port) as client:
        client.sendall(GET)
        until(client, b"/x ")
        time.sleep(1.5 * QUICK.head_seconds)
        client.sendall(GET)
        until(client, b"/x ")
        assert seconds_of(lambda: rest(client)) < LATE


def test_the_head_of_a_later_request_has_no_more_time() -> None:
    with at_port(bounds=replace(QUICK, idle_seconds=SILENT)) as port, connected(port) as client:
        client.sendall(GET)
        until(client, b"/x ")
        client.sendall(b"GET")
        assert problem(rest(client)) == (408, "request_timeout")


def test_requests_may_follow_each_other_without_a_pause() -> None:
    with at_port() as port, connected(port) as client:
        client.sendall(POST % 3 + b"one" + GET.replace(b"/x", b"/two") + POST % 5 + b"three" + b"GET /pa")
        received = until(client, b"/x three")
        assert received.index(b"/x one") < received.index(b"/two ") < received.index(b"/x three")
        client.sendall(b"rts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert b"/parts " in rest(client)


def test_a_client_that_asks_first_is_told_to_go_on() -> None:
    with at_port() as port, connected(port) as client:
        client.sendall((POST % 4).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
        assert until(client, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        client.sendall(b"body")
        assert b"/x body" in until(client, b"/x body")


def test_a_client_that_asks_first_is_told_not_to() -> None:
    with at_port() as port, connected(port) as client:
        client.sendall((POST % 100_000).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
        assert problem(rest(client)) == (413, "too_large")


def test_a_refused_body_does_not_take_the_answer_along() -> None:
    """A client that sends all of it before it looks gets the answer, where the system's buffers hold the body."""
    with at_port(bounds=replace(CALM, closing_seconds=PATIENCE)) as port, connected(port) as client:
        client.sendall(POST % 5_000_000 + b"x" * 5_000_000)
        assert problem(rest(client)) == (413, "too_large")


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "bad_request"),
        (b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nA b: c\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2_7\r\n\r\nabc", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400, "bad_request"),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "bad_request",
        ),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "not_implemented"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 300_000, 431, "head_too_large"),
    ],
)
def test_what_is_not_http_is_refused_and_the_connection_ends(said: bytes, status: int, code: str) -> None:
    """What follows on such a connection is never taken for a request."""
    with at_port() as port, connected(port) as client:
        client.sendall(said)
        with contextlib.suppress(ConnectionError):
            client.sendall(GET)
        received = rest(client)
        assert problem(received) == (status, code)
        assert received.count(b"HTTP/1.1 ") == 1


def test_broken_framing_in_the_middle_of_a_body_ends_it() -> None:
    with at_port() as port, connected(port) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        time.sleep(0.05)
        client.sendall(b"3\r\nabcd\r\n" + GET)
        assert problem(rest(client)) == (400, "bad_request")


def test_a_client_that_sends_no_more_is_still_answered() -> None:
    with at_port() as port, connected(port) as client:
        client.sendall(GET)
        client.shutdown(socket.SHUT_WR)
        assert b"/x " in rest(client)


def test_a_client_that_leaves_while_it_is_answered_costs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    begun = threading.Event()

    def slow(environment: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        begun.set()
        time.sleep(0.1)
        answer("200 OK", [])
        return [b"x" * 500_000]

    with at_port(slow) as port:
        with connected(port) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.sendall(GET)
            assert begun.wait(PATIENCE)
        time.sleep(0.2)
        with connected(port) as client:
            client.sendall(GET)
            until(client, b"x" * 1000)
    assert caplog.records == []


def test_an_answer_that_nobody_takes_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    closed = threading.Event()

    class Long:
        def __iter__(self) -> Iterator[bytes]:
            return (b"x" * 100_000 for _ in range(1_000))

        def close(self) -> None:
            closed.set()

    def answering(environment: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        answer("200 OK", [])
        return Long()

    with at_port(answering) as port, connected(port) as client:
        client.sendall(GET)
        assert closed.wait(LATE + QUICK.unread_seconds)
        assert len(rest(client)) < 100_000_000
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_an_address_pushes_out_only_its_own_connections() -> None:
    bounds = replace(CALM, connections=20, connections_of_one_address=10)
    with at_port(bounds=bounds) as port, contextlib.ExitStack() as held:
        others = [held.enter_context(connected(port, "127.0.0.2")) for _ in range(5)]
        time.sleep(0.1)
        flood = [held.enter_context(connected(port)) for _ in range(100)]
        with connected(port, "127.0.0.3") as client:
            client.sendall(GET)
            assert b"/x " in until(client, b"/x ")
        for client in others:
            client.sendall(GET)
            assert b"/x " in until(client, b"/x ")
        assert sum(_is_open(client) for client in flood) <= 10


def test_at_the_bound_of_all_the_longest_silent_make_room() -> None:
    bounds = replace(CALM, connections=8, connections_of_one_address=4)
    with at_port(bounds=bounds) as port, contextlib.ExitStack() as held:
        for address in range(2, 8):
            for _ in range(3):
                held.enter_context(connected(port, f"127.0.0.{address}"))
        with connected(port) as client:
            client.sendall(GET)
            assert b"/x " in until(client, b"/x ")


def _is_open(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return tls.own_certificate(tmp_path, ["127.0.0.1"], datetime.now(timezone.utc))


def test_a_handshake_has_its_time(certificate: tuple[Path, Path]) -> None:
    """Silent from the start, after a first byte, and after a part of it."""
    with at_port(bounds=QUICK, context=tls.server_context(*certificate)) as port:
        for said in (b"", b"\x16", b"\x16\x03\x01\x02\x00\x01"):
            with connected(port) as client:
                client.sendall(said)
                assert seconds_of(lambda client=client: rest(client)) < LATE


def test_silence_after_a_handshake_has_its_time(certificate: tuple[Path, Path]) -> None:
    trusting = ssl.create_default_context(cafile=certificate[0])
    with (
        at_port(bounds=QUICK, context=tls.server_context(*certificate)) as port,
        connected(port) as plain,
        trusting.wrap_socket(plain, server_hostname="127.0.0.1") as client,
    ):
        assert seconds_of(lambda: rest(client)) < LATE


def test_old_versions_of_tls_are_not_spoken(certificate: tuple[Path, Path]) -> None:
    assert tls.server_context(*certificate).minimum_version >= ssl.TLSVersion.TLSv1_2


def test_plain_http_holds_no_place(certificate: tuple[Path, Path]) -> None:
    bounds = replace(CALM, connections=2)
    with at_port(bounds=bounds, context=tls.server_context(*certificate)) as port:
        for _ in range(10):
            with connected(port) as client:
                client.sendall(GET)
                assert b"307 Temporary Redirect" in rest(client)
