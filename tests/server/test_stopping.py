"""The end of the server: accepting ends first, requests under way are finished, and then the store is closed."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from secure_attend.settings import PROJECT
from secure_attend.storage.tools.verify import verify_place
from tests.support.app_process import PATIENCE, Running, environment
from tests.support.server.slow_site import BEGUN, LET

PASSWORD = "nine purple otters dance"
WRITERS = 4


@dataclass
class Site:
    """app.py in a process of its own, with a student on the list."""

    folder: Path
    running: Running
    address: str = ""
    token: str = ""
    student: str = ""
    confirmed: list[str] = field(default_factory=list)
    lost: int = 0

    def set_up(self) -> None:
        """Make the first account and a student."""
        self.address = self.running.ready()
        code = self.running.hear(r"first with this code: ([A-Z2-9-]{19})")[1]
        self.token = self.post("/setup", {"code": code, "name": "Ada", "password": PASSWORD})["token"]
        self.student = self.post("/students", {"student_id": "1", "name": "One"})["key"]

    def post(self, path: str, body: object) -> Any:
        """A call."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/api/v1{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def check_in(self) -> None:
        """A check-in by hand, confirmed or lost."""
        try:
            self.confirmed.append(self.post(f"/students/{self.student}/check-ins", {})["record"]["id"])
        except (OSError, http.client.HTTPException, ValueError):  # an answer that is cut off confirms nothing
            self.lost += 1

    def written(self) -> list[str]:
        """The ids in the log that the process left."""
        return [record["id"] for record in json.loads((self.folder / "data" / "attendance_log.json").read_text())]

    def good(self) -> tuple[bool, str]:
        """What `storage verify` says."""
        return verify_place(str(self.folder / "data"), self.folder / "site.key")


@contextlib.contextmanager
def site(folder: Path, *program: str) -> Iterator[Site]:
    """The program, set up; killed at the end if it still runs."""
    command = [*program, "--models", "sface", "--port", "0", "--data", str(folder / "data")]
    settings = {"SITE_KEY_FILE": str(folder / "site.key"), "CHECK_IN_INTERVAL": "0"}
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=PROJECT,
        env=environment(folder, **settings),
    ) as process:  # fmt: skip
        try:
            started = Site(folder, Running(process))
            started.set_up()
            yield started
        finally:
            process.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_check_in_under_way_is_finished_and_then_the_store_is_closed(tmp_path: Path, how: signal.Signals) -> None:
    with site(tmp_path, "-m", "tests.support.server.slow_site", str(tmp_path)) as running:
        port = int(running.address.rpartition(":")[2])
        idle = socket.create_connection(("127.0.0.1", port))
        checking = threading.Thread(target=running.check_in)
        checking.start()
        _until((tmp_path / BEGUN).exists)
        with idle, socket.create_connection(("127.0.0.1", port)) as half:
            half.sendall(b"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
            running.running.send(how)
            _until(lambda: _refuses(port))  # accepting ends before the request under way
            (tmp_path / LET).touch()
            assert running.running.ended() == 0
        checking.join(PATIENCE)
    assert running.lost == 0
    assert running.written() == running.confirmed
    assert running.running.said.rstrip().endswith("Stopped.")
    assert running.good()[0], running.good()[1]


def test_a_check_in_that_is_killed_is_confirmed_or_not_written(tmp_path: Path) -> None:
    with site(tmp_path, "-m", "tests.support.server.slow_site", str(tmp_path)) as running:
        checking = threading.Thread(target=running.check_in)
        checking.start()
        _until((tmp_path / BEGUN).exists)
        running.running.send(signal.SIGKILL)
        checking.join(PATIENCE)
    assert (running.confirmed, running.lost) == ([], 1)
    assert running.written() == []
    assert running.good()[0], running.good()[1]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_whatever_was_confirmed_is_there(tmp_path: Path, how: signal.Signals) -> None:
    """Writers go on while the server is ended: each record is confirmed, or nobody was told that it was."""
    with site(tmp_path, "app.py") as running:
        ended = threading.Event()

        def writing() -> None:
            while not ended.is_set() and not running.lost:
                running.check_in()

        writers = [threading.Thread(target=writing) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        _until(lambda: len(running.confirmed) > 20)
        code = running.running.stop(how)
        ended.set()
        for writer in writers:
            writer.join(PATIENCE)
    assert code == (0 if how == signal.SIGTERM else -signal.SIGKILL)
    written = running.written()
    assert len(set(written)) == len(written)
    assert set(running.confirmed) <= set(written)
    assert len(written) <= len(running.confirmed) + (0 if how == signal.SIGTERM else running.lost)
    assert running.good()[0], running.good()[1]


def _refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


def _until(done: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)
