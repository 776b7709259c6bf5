"""A page opened straight from disk finds the running server, or says how to start it."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from secure_attend.settings import PROJECT
from tests.e2e.conftest import Running

PORTS = range(5000, 5010)
Check = Callable[[Page], None]


class Stranger(BaseHTTPRequestHandler):
    """Something else on one of the ports, which answers everything with a picture of its own."""

    def do_GET(self) -> None:
        picture = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>'
        self.send_response(200)
        self.send_header("Content-Type", "image/svg+xml")
        self.send_header("Content-Length", str(len(picture)))
        self.end_headers()
        self.wfile.write(picture)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def _free() -> list[int]:
    ports = []
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                ports.append(port)
    return ports


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a server that is not ours."""
    server = ThreadingHTTPServer(("127.0.0.1", _free()[0]), Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["student", "faculty", "register", "trial"])
def test_it_waits_and_goes_to_the_server(
    start: Callable[..., Running], page: Page, axe: Check, shoot: Callable[[Page, str], None], stranger: int, name: str
) -> None:
    port = _free()[-1]
    # A server of somebody's own may run on another of these ports: this test must not meet it.
    others = re.compile(rf"^https?://127\.0\.0\.1:(?!{stranger}/|{port}/)")
    page.route(others, lambda route: route.abort())
    page.goto((PROJECT / f"{name}.html").as_uri())
    expect(page.get_by_role("heading", name="Start Secure-Attend first")).to_be_visible()
    expect(page.locator("body")).to_contain_text("make run")
    expect(page.locator("body")).to_contain_text("python app.py")
    axe(page)
    shoot(page, f"{name}-from-disk")
    server = start(None, port=port)
    expect(page).to_have_url(f"{server.address}/{name}")
