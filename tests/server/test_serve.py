"""Serving: the port, the thread pool, HTTPS, and clients that say nothing."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509

from secure_attend.errors import StartRefused
from secure_attend.server import serve, tls
from secure_attend.server.http_server import HttpServer
from secure_attend.server.serve import base_addresses, bind, names_of_this_computer
from secure_attend.settings import Settings
from tests.support.ports import free_port
from tests.support.server.served import PATIENCE, Answer, Plain, Wsgi, running

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
SILENCE = 4 * PATIENCE  # how long the server waits for a silent client: nobody waits for that


def application(environment: dict[str, object], answer: Answer) -> Iterable[bytes]:
    """Says what it was asked for and how."""
    answer("200 OK", [("Content-Type", "text/plain")])
    return [f"{environment['wsgi.url_scheme']} {environment['PATH_INFO']}".encode()]


@contextlib.contextmanager
def serving(settings: Settings, answering: Wsgi = application) -> Iterator[HttpServer]:
    server = bind(settings)
    server.bounds = replace(server.bounds, head_seconds=SILENCE, body_seconds=SILENCE)
    with running(server, Plain(answering)):
        yield server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(port=0, port_chosen=True, data=tmp_path, threads=4)


def get(port: int, context: ssl.SSLContext | None = None, path: str = "/x") -> str:
    client = (
        http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=context)
        if context
        else http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    )
    with contextlib.closing(client):
        client.request("GET", path)
        return client.getresponse().read().decode()


def trusting(settings: Settings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=serve.certificate_of(settings)[0])


def taken() -> socket.socket:
    """A socket that listens on a free port of this computer."""
    other = socket.create_server(("127.0.0.1", 0))
    other.listen()
    return other


def test_answers_over_http(settings: Settings) -> None:
    with serving(settings) as server:
        assert get(server.port) == "http /x"


def test_the_next_spare_port_is_taken_when_nobody_chose(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with taken() as busy:
        free = free_port()
        monkeypatch.setattr(serve, "SPARE_PORTS", [busy.getsockname()[1], free])
        with serving(replace(settings, port=busy.getsockname()[1], port_chosen=False)) as server:
            assert server.port == free


def test_the_spare_ports_are_those_after_5000() -> None:
    assert list(serve.SPARE_PORTS) == list(range(5001, 5010))


def test_a_chosen_port_that_is_busy_is_refused(settings: Settings) -> None:
    with taken() as busy, pytest.raises(StartRefused, match="in use by another program") as refusal:
        bind(replace(settings, port=busy.getsockname()[1]))
    assert "--port" in refusal.value.detail


def test_no_spare_port_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with taken() as busy:
        port = busy.getsockname()[1]
        monkeypatch.setattr(serve, "SPARE_PORTS", [port])
        with pytest.raises(StartRefused, match="all in use"):
            bind(replace(settings, port=port, port_chosen=False))


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_an_address_of_another_computer_is_refused(settings: Settings, host: str) -> None:
    with pytest.raises(StartRefused, match="not an address of this computer"):
        bind(replace(settings, host=host))


def assert_nobody_waits(port: int, context: ssl.SSLContext | None = None) -> None:
    """That the answer comes before a thread gives up a silent client."""
    assert get(port, context) == ("https /x" if context else "http /x")


def test_silent_connections_keep_nobody_waiting(settings: Settings) -> None:
    with serving(settings) as server, contextlib.ExitStack() as open_sockets:
        for _ in range(3 * settings.threads):
            open_sockets.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        assert_nobody_waits(server.port)


def test_a_client_that_stops_in_the_middle_of_a_body_takes_a_line_of_the_log(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    server = bind(settings)
    server.bounds = replace(server.bounds, body_seconds=0.2)
    with (
        running(server, Plain(application)),
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as client,
    ):
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        assert client.recv(1000).startswith(b"HTTP/1.1 408 ")
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("WARNING", None)]


def test_connections_stay_open_for_more_requests(settings: Settings) -> None:
    with serving(settings) as server:
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        with contextlib.closing(client):
            for path in ("/a", "/b", "/c"):
                client.request("GET", path)
                assert client.getresponse().read().decode() == f"http {path}"
                assert client.sock is not None


def test_https_with_a_certificate_of_its_own(settings: Settings) -> None:
    settings = replace(settings, https=True)
    with serving(settings) as server:
        context = trusting(settings)
        assert get(server.port, context) == "https /x"
        key = settings.data / "instance" / "certificate-key.pem"
        assert key.stat().st_mode & 0o077 == 0


def test_silent_connections_keep_nobody_waiting_over_https(settings: Settings) -> None:
    settings = replace(settings, https=True)
    with serving(settings) as server, contextlib.ExitStack() as open_sockets:
        for _ in range(3 * settings.threads):
            open_sockets.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        assert_nobody_waits(server.port, trusting(settings))


def test_a_handshake_begun_and_left_keeps_nobody_waiting(settings: Settings) -> None:
    settings = replace(settings, https=True, threads=8)
    with serving(settings) as server, contextlib.ExitStack() as open_sockets:
        for _ in range(4):
            half = open_sockets.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            half.sendall(b"\x16\x03\x01\x02\x00")
        time.sleep(0.2)
        assert_nobody_waits(server.port, trusting(settings))


def test_a_handshake_done_and_then_silence_keeps_nobody_waiting(settings: Settings) -> None:
    settings = replace(settings, https=True, threads=4)
    with serving(settings) as server, contextlib.ExitStack() as open_sockets:
        for _ in range(3 * settings.threads):
            plain = open_sockets.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            open_sockets.enter_context(trusting(settings).wrap_socket(plain, server_hostname="127.0.0.1"))
        assert_nobody_waits(server.port, trusting(settings))


@pytest.mark.parametrize(
    ("request_text", "status", "location"),
    [
        (b"GET /student?a=1 HTTP/1.1\r\nHost: box.local:5000\r\n\r\n", b"307", b"https://box.local:5000/student?a=1"),
        (b"GET / HTTP/1.0\r\n\r\n", b"400", None),
        (b"POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", b"400", None),
        (b"GET /\r\nHost: evil\r\n\r\n", b"400", None),
    ],
)
def test_plain_http_on_the_https_port_is_told_so(
    settings: Settings, request_text: bytes, status: bytes, location: bytes | None
) -> None:
    with (
        serving(replace(settings, https=True)) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as client,
    ):
        client.sendall(request_text)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.split()[1] == status
    assert b"speaks HTTPS" in answer
    assert (b"Location: " + location + b"\r\n" in answer) if location else (b"Location" not in answer)


def test_a_certificate_that_is_given_is_used(settings: Settings, tmp_path: Path) -> None:
    certificate, key = tls.own_certificate(tmp_path / "given", ["127.0.0.1"], datetime.now(timezone.utc))
    settings = replace(settings, https=True, certificate=certificate, certificate_key=key)
    with serving(settings) as server:
        assert get(server.port, ssl.create_default_context(cafile=certificate)) == "https /x"
    assert not (settings.data / "instance").exists()


def test_a_certificate_and_key_in_one_file(settings: Settings, tmp_path: Path) -> None:
    certificate, key = tls.own_certificate(tmp_path / "given", ["127.0.0.1"], datetime.now(timezone.utc))
    both = tmp_path / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    with serving(replace(settings, https=True, certificate=both)) as server:
        assert get(server.port, ssl.create_default_context(cafile=certificate)) == "https /x"


def test_a_file_that_is_no_certificate_is_refused(settings: Settings) -> None:
    with pytest.raises(StartRefused, match="PEM certificate"):
        bind(replace(settings, https=True, certificate=Path(__file__)))


def test_the_certificate_is_kept_while_it_fits(tmp_path: Path) -> None:
    names = ["localhost", "192.168.1.5", "kiosk.local"]
    made = tls.own_certificate(tmp_path, names, NOW)[0].read_bytes()
    assert tls.own_certificate(tmp_path, names, NOW + timedelta(days=300))[0].read_bytes() == made
    assert tls.own_certificate(tmp_path, names[:2], NOW)[0].read_bytes() == made


def test_the_certificate_is_made_anew_when_it_expires_or_names_are_new(tmp_path: Path) -> None:
    made = tls.own_certificate(tmp_path, ["localhost"], NOW)[0].read_bytes()
    renewed = tls.own_certificate(tmp_path, ["localhost"], NOW + timedelta(days=370))[0].read_bytes()
    assert renewed != made
    moved = tls.own_certificate(tmp_path, ["localhost", "10.0.0.9"], NOW + timedelta(days=370))[0].read_bytes()
    assert moved != renewed
    names = x509.load_pem_x509_certificate(moved).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert {str(name.value) for name in names.value} == {"localhost", "10.0.0.9"}


@pytest.mark.parametrize("damage", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_damaged_certificate_is_replaced(tmp_path: Path, damage: bytes) -> None:
    certificate, key = tls.own_certificate(tmp_path, ["localhost"], NOW)
    certificate.write_bytes(damage)
    assert tls.check_pair(*tls.own_certificate(tmp_path, ["localhost"], NOW)) is None
    key.unlink()
    assert tls.check_pair(*tls.own_certificate(tmp_path, ["localhost"], NOW)) is None


def test_addresses_as_one_types_them(settings: Settings) -> None:
    assert base_addresses(settings, 5001) == ("http://127.0.0.1:5001",)
    assert base_addresses(replace(settings, host="localhost", https=True), 443) == ("https://127.0.0.1",)
    assert base_addresses(replace(settings, host="::1"), 80) == ("http://[::1]",)
    wide = replace(settings, host="0.0.0.0")
    assert base_addresses(wide, 5000)[0] == "http://127.0.0.1:5000"
    assert all(f"http://{name}:5000" in base_addresses(wide, 5000) for name in serve._addresses("0.0.0.0"))


def test_only_a_server_for_others_has_names_for_others(settings: Settings) -> None:
    assert names_of_this_computer(settings) == ()
    assert names_of_this_computer(replace(settings, host="10.1.2.3")) == ("10.1.2.3",)
    assert all(not name.startswith("127.") for name in names_of_this_computer(replace(settings, host="0.0.0.0")))
