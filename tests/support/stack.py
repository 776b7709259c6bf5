"""The deployment in docs/administrator/deploy, started from those very files with the tests' own ports and folders."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from secure_attend.server.tls import own_certificate
from secure_attend.settings import OPTIONS, PROJECT
from tests.support.ports import free_port

DEPLOY = PROJECT / "docs" / "administrator" / "deploy"
PATIENCE = 90.0
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Process:
    """One process of the site, as systemd runs it."""

    def __init__(self, folder: Path, program: Sequence[str], settings: dict[str, str]) -> None:
        """`program` runs in place of the unit's `app.py`."""
        self.port = free_port()
        self._program = program
        self._log = folder / f"process-{self.port}.log"
        kept = {name: text for name, text in os.environ.items() if name.lower() not in OPTIONS}
        self._environment = {**kept, "HOME": str(folder), **settings}
        self.start()

    def start(self) -> None:
        """Runs the unit's command."""
        command = re.search(r"^ExecStart=\S+/python app\.py (.*)$", _unit(), re.MULTILINE)
        assert command
        arguments = command[1].replace("%i", str(self.port)).split()
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, *self._program, *arguments],
                cwd=PROJECT, env=self._environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._running.pid

    @property
    def said(self) -> str:
        """What it logged."""
        return self._log.read_text()

    def kill(self) -> None:
        """SIGKILL."""
        if self._running.poll() is None:
            self._running.kill()
            self._running.wait()

    def stop(self) -> int:
        """As systemd stops it; the exit code."""
        self._running.send_signal(signal.SIGTERM)
        return self._running.wait(PATIENCE)


class Nginx:
    """nginx with the documented file, two processes behind it."""

    def __init__(self, folder: Path, ports: tuple[int, int]) -> None:
        self.port = free_port()
        self._folder = folder / "nginx"
        self._folder.mkdir(mode=0o755)
        folder.chmod(0o755)
        certificate, key = own_certificate(folder / "tls", {"localhost", "127.0.0.1"}, datetime.now(timezone.utc))
        self.certificate = certificate
        for name in TEMPORARY:
            (self._folder / name).mkdir(mode=0o777)
        site = (DEPLOY / "nginx.conf").read_text()
        for old, new in {
            "127.0.0.1:5001": f"127.0.0.1:{ports[0]}",
            "127.0.0.1:5002": f"127.0.0.1:{ports[1]}",
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            "listen 80": f"listen 127.0.0.1:{free_port()}",
            "/etc/ssl/attend.example.edu.pem": str(certificate),
            "/etc/ssl/private/attend.example.edu.key": str(key or certificate),
        }.items():
            assert site.count(old) == 1, old
            site = site.replace(old, new)
        paths = "".join(f"{name}_temp_path {self._folder / name};\n" for name in TEMPORARY)
        (self._folder / "nginx.conf").write_text(
            f"daemon off;\nworker_processes 1;\npid {self._folder}/pid;\nerror_log {self._folder}/error.log warn;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{paths}{site}}}\n"
        )
        self._began = self._times()
        self._running = subprocess.Popen(
            [shutil.which("nginx") or "nginx", "-p", str(self._folder), "-e", str(self._folder / "error.log"),
             "-c", str(self._folder / "nginx.conf")]
        )  # fmt: skip

    def _times(self) -> dict[str, int]:
        """When anything was last put into or taken from the folders for temporary files."""
        return {name: (self._folder / name).stat().st_mtime_ns for name in TEMPORARY}

    @property
    def said(self) -> str:
        """What it logged."""
        return (self._folder / "error.log").read_text()

    def kept_anything_on_disk(self) -> bool:
        """Whether any body was ever in a temporary file, were it for a moment."""
        return self._times() != self._began or "temporary file" in self.said

    def stop(self) -> None:
        """Ends it."""
        self._running.send_signal(signal.SIGTERM)
        self._running.wait(PATIENCE)


def _unit() -> str:
    return (DEPLOY / "secure-attend@.service").read_text()


def wait_until(done: object, what: str) -> None:
    """Calls `done` until it is true."""
    assert callable(done)
    until = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < until, what
        time.sleep(0.05)
