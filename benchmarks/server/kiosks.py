"""1, 4 and 10 kiosks that send frames at the pace the server grants, which runs in a process of its own."""

from __future__ import annotations

import http.client
import json
import math
import os
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.faces.faces import frame
from benchmarks.timing import Row, measured
from tests.support.app_process import Running, started

LEAST = 9.0
"""Frames a second that each of ten kiosks should have answered."""
SECONDS = float(os.environ.get("KIOSK_SECONDS", "20"))
"""Seconds for which each number of kiosks is kept up."""
MOST = 250.0
"""Milliseconds within which 95 of 100 answers to ten kiosks should come."""


class Kiosk(threading.Thread):
    """A kiosk that shows a face which never does what is asked, and starts again when its liveness session ends."""

    def __init__(
        self, address: str, key: str, until: float = math.inf, most: float = math.inf, rate: float | None = None
    ) -> None:
        """Call with the kiosk's key. Stop at the time `until` or after `most` frames; send `rate` frames a second, if
        answered in time. Without a rate, send them as the page does, at the pace of the last answer."""
        super().__init__()
        self._address = address
        self._key = key
        self._until = until
        self._most = most
        self._rate = rate
        self.waits: list[float] = []
        self.paces: list[float] = []
        self.late = 0
        self.turned_away = 0
        self._frame = cv2.imencode(".jpg", frame(), [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()

    def run(self) -> None:
        """Send frames at the rate. As the page does, leave out what is due while the last one is unanswered."""
        connection = connected(self._address)
        key = self._key
        session: dict[str, Any] = {}
        due = time.perf_counter()
        while (now := time.perf_counter()) < self._until and len(self.waits) < self._most:
            if now < due:
                time.sleep(due - now)
            if not session.get("next"):
                session = _answer(connection, "/api/v1/challenges", b'{"purpose": "check_in"}', "application/json", key)
            following = session["next"]
            path = f"/api/v1/challenges/{session['id']}/frames?number={following['number']}&nonce={following['nonce']}"
            began = time.perf_counter()
            session = self._shown(connection, path, key)
            self.waits.append((time.perf_counter() - began) * 1000)
            pace = 1 / self._rate if self._rate else session.get("pace_ms", 66) / 1000
            self.paces.append(pace * 1000)
            due = self._next(due, began, pace)

    def _next(self, due: float, began: float, pace: float) -> float:
        """Return when the next frame is due. The page counts from the last one; an even rate leaves out what is due
        while an answer is waited for."""
        if self._rate is None:
            return began + pace
        missed = int(max(0.0, time.perf_counter() - due - pace) / pace)
        self.late += missed
        return due + pace * (1 + missed)

    def _shown(self, connection: http.client.HTTPConnection, path: str, key: str) -> dict[str, Any]:
        """Return the answer to the frame. As the page does, send it again if told to."""
        while True:
            answer = _answer(connection, path, self._frame, "image/jpeg", key)
            if answer.get("code") != "busy":
                return answer
            self.turned_away += 1
            time.sleep(answer["retry_after"])


def connected(address: str) -> http.client.HTTPConnection:
    """Return a connection to a server of the benchmark's own."""
    scheme, _, host = address.partition("://")
    if scheme == "https":
        unverified = ssl._create_unverified_context()  # noqa: S323
        return http.client.HTTPSConnection(host, timeout=60, context=unverified)
    return http.client.HTTPConnection(host, timeout=60)


def _answer(connection: http.client.HTTPConnection, path: str, body: bytes, kind: str, key: str) -> dict[str, Any]:
    connection.request("POST", path, body, {"Content-Type": kind, "Authorization": f"Bearer {key}"})
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    return answer


def rows() -> Iterator[Row]:
    """Return percentiles of the time an answer takes, and the frames a second that were answered."""
    with (
        tempfile.TemporaryDirectory() as home,
        started(Path(home), "--data", home, "--models", "sface", PORT="0") as server,
    ):
        address = server.ready()
        for count in (1, 4, 10):
            before = processor_seconds(server)
            keys = [kiosk_key(server, address) for _ in range(count)]
            kiosks = [Kiosk(address, key, time.perf_counter() + SECONDS) for key in keys]
            for kiosk in kiosks:
                kiosk.start()
            for kiosk in kiosks:
                kiosk.join()
            spent = (processor_seconds(server) - before) * 1000 / sum(len(kiosk.waits) for kiosk in kiosks)
            waits = [wait for kiosk in kiosks for wait in kiosk.waits]
            p50, p95, p99 = np.percentile(waits, [50, 95, 99])
            name = f"{count} kiosk{'s' if count > 1 else ''}"
            yield Row(f"{name}: p95", "ms", p95, p50, p99, p95, len(waits), MOST if count == 10 else None)
            each = [len(kiosk.waits) / SECONDS for kiosk in kiosks]
            yield measured(f"{name}: frames answered a second, each", f"at least {LEAST:.0f} wanted", each)
            yield measured(f"{name}: the slowest of them", f"at least {LEAST:.0f} wanted", [min(each)])
            granted = [pace for kiosk in kiosks for pace in kiosk.paces]
            yield measured(f"{name}: granted from one frame to the next", "ms", granted)
            yield measured(f"{name}: the server's processor time a frame", "ms", [spent])
        server.stop()


def kiosk_key(server: Running, address: str) -> str:
    """Return the key of one more kiosk, by the newest link that the server's terminal shows. Each works once."""
    secret = server.hear(r"#here=(\S+)\s")[1]
    server.said = server.said.replace(f"#here={secret}", "")
    connection = connected(address)
    body = json.dumps({"link": secret}).encode()
    key: str = _answer(connection, "/api/v1/kiosks/here", body, "application/json", "")["key"]
    return key


def processor_seconds(server: Running) -> float:
    """Return the seconds that the server's process has computed so far, all threads together."""
    fields = Path(f"/proc/{server.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(server: Running) -> float:
    """Return the megabytes of memory that the server's process holds."""
    return _memory(server, "VmRSS")


def peak_memory_of(server: Running) -> float:
    """Return the most megabytes of memory that the server's process held so far."""
    return _memory(server, "VmHWM")


def _memory(server: Running, field: str) -> float:
    status = Path(f"/proc/{server.pid}/status").read_text("utf-8")
    return float(next(line for line in status.splitlines() if line.startswith(field)).split()[1]) / 1024
