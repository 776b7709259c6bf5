"""The pages served by another site, which the server allows by CORS."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from secure_attend.faces.engine import FaceEngine
from secure_attend.settings import PROJECT
from tests.e2e.conftest import SESSION, Running, stop_the_clock
from tests.support.puppet import astronaut


class Silent(SimpleHTTPRequestHandler):
    """Files of a folder, without a line for each."""

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder with copies of the pages, and the address of the site that serves it."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.copytree(PROJECT / "static", folder / "static")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_pages_of_another_site(
    elsewhere: tuple[Path, str], start: Callable[..., Running], sface: FaceEngine, page: Page
) -> None:
    folder, site = elsewhere
    server = start(sface, cors_origins=(site,)).with_roster("002,Jane Smith").with_face("002", astronaut().jpeg())
    for name in ("faculty.html", "student.html"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        named = text.replace('content="/api/v1"', f'content="{server.address}/api/v1"')
        assert named != text
        (folder / name).write_text(named, encoding="utf-8")

    page.goto(f"{site}/faculty.html")
    expect(page.locator("#count-registered")).to_have_text("1 of 1 registered")
    # The list's ETag can be read and sent across sites.
    page.wait_for_event("response", lambda answer: "/students?" in answer.url and answer.status == 304)

    stop_the_clock(page)  # "Not me" stays within reach
    page.goto(f"{site}/student.html")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#hello")).to_contain_text("Jane Smith", timeout=SESSION)
    page.get_by_role("button", name="Not me").click()
    expect(page.locator("#said")).to_contain_text("is cancelled")
