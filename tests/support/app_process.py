"""app.py as a process of its own, as whoever starts it sees it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from secure_attend.faces.models import weights
from secure_attend.settings import OPTIONS, PROJECT

PATIENCE = 120  # seconds, on a machine that is busy with other tests too


MODEL_FILES = ("face_landmarker.task", *(f"{name}.onnx" for name in ("face_landmarks", "yunet", "sface")))


def _link_model_files(home: Path) -> None:
    """The files of profile `sface`, where this machine has them, and no others."""
    folder = home / ".deepface" / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*MODEL_FILES, *(f"{name}.json" for name in MODEL_FILES[1:])):
        known = weights.folder() / name
        if known.is_file() and not (folder / name).exists():
            (folder / name).symlink_to(known)


def environment(home: Path, **settings: str) -> dict[str, str]:
    """This one without any setting of ours, with a home of its own, so that no real key is met, and no model but
    those of profile `sface`."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in OPTIONS}
    kept.pop("DEEPFACE_HOME", None)
    _link_model_files(home)
    return {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "TIME_ZONE": "UTC", **settings}


class Running:
    """A started app.py; `said` grows as it speaks."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.said = ""

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def _line(self) -> str:
        assert self._process.stdout is not None
        try:
            return self._process.stdout.readline()
        except OSError:  # a terminal's way of saying that nobody writes to it any more
            return ""

    def hear(self, pattern: str) -> re.Match[str]:
        """Reads on until the pattern was said."""
        while not (found := re.search(pattern, self.said)):
            line = self._line()
            if not line:
                raise AssertionError(f"It ended without saying {pattern!r}:\n{self.said}")
            self.said += line
        return found

    def ready(self) -> str:
        """Waits until it serves; its address without the page."""
        address = self.hear(r"Faculty +(\S+)/faculty")[1]
        self.hear("Stop +Ctrl-C")
        return address

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ends it; the exit code."""
        self.send(number)
        return self.ended()

    def send(self, number: int) -> None:
        """Sends it a signal."""
        self._process.send_signal(number)

    def ended(self) -> int:
        """Waits for its end; the exit code."""
        while line := self._line():
            self.said += line
        return self._process.wait(PATIENCE)


APP = (str(PROJECT / "app.py"),)


@contextlib.contextmanager
def started(home: Path, *arguments: str, program: Sequence[str] = APP, **settings: str) -> Iterator[Running]:
    """app.py or another program, started; killed at the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, *program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=home,
        env=environment(home, **settings),
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


@contextlib.contextmanager
def at_a_terminal(home: Path, *arguments: str, program: Sequence[str] = APP, **settings: str) -> Iterator[Running]:
    """The same, with somebody at its terminal."""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, *program, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        text=True,
        cwd=home,
        env=environment(home, **settings),
    ) as process:
        os.close(theirs)
        process.stdout = os.fdopen(ours, encoding="utf-8")
        try:
            yield Running(process)
        finally:
            process.kill()


def run(home: Path, *arguments: str, program: Sequence[str] = APP, **settings: str) -> subprocess.CompletedProcess[str]:
    """app.py or another program to its end."""
    return subprocess.run(
        [sys.executable, *program, *arguments],
        capture_output=True,
        text=True,
        cwd=home,
        env=environment(home, **settings),
        timeout=PATIENCE,
        check=False,
    )


def health(address: str, certificate: Path | None = None) -> dict[str, Any]:
    """What the server says about itself."""
    context = ssl.create_default_context(cafile=certificate) if certificate else None
    with urllib.request.urlopen(f"{address}/api/v1/health", timeout=PATIENCE, context=context) as answer:
        told: dict[str, Any] = json.load(answer)
    return told
