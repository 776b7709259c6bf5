"""`GET /health` beside requests that try to make the server normalise or unpack more than their limits allow.

Each has a few kilobytes to a megabyte, and comes from a lecturer or from anybody. The other side of each ratio is the
same server without them.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import struct
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.server.slow_clients import Visitor
from benchmarks.timing import Row
from tests.support.app_process import Running, started

SECONDS = float(os.environ.get("HEAVY_SECONDS", "15"))
"""How long each kind of request is sent."""
MOST = 10.0
"""How many times longer 95 of 100 answers to somebody new may take than without such requests. Two threads that compute
take turns with the one that answers; a request that kept the interpreter to itself would make it hundreds."""
MARKS = "a" + "\u0315\u0300" * 65_000
PASSWORD = "nine purple otters dance"  # noqa: S105 (of a site that is thrown away)
Request = tuple[str, bytes, str]
"""Path, body and media type."""
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def requests(student: str) -> dict[str, Request]:
    """Return what is sent, by its name. A photo is for this student."""
    roster = "/api/v1/roster?dry_run=1"
    cell = f"student_id,name\nZ0,{MARKS}\n".encode()
    shared = workbook(b'<c t="s"><v>0</v></c>' * 20_000, b"<sst><si><t>" + b"x" * 50_000 + b"</t></si></sst>")
    name = json.dumps({"name": "a" + "\u0315\u0300" * 10_000, "password": PASSWORD}).encode()
    photo = f"/api/v1/students/{student}/face/photo"
    return {
        "130,001 combining marks in a cell": (roster, cell, "text/csv"),
        "100,000 blanks in the first line": (roster, b" " * 100_000 + b"x\nstudent_id,name\n", "text/csv"),
        "a text of 50 kB in 20,000 cells": (roster, shared, WORKBOOK),
        "a sheet of 300,000 tags that never end": (roster, workbook(b"<c " * 300_000), WORKBOOK),
        "a picture that unpacks to 1 GB": (photo, bomb(), "image/png"),
        "20,001 combining marks as a name at the log-in": ("/api/v1/login", name, "application/json"),
    }


def workbook(rows: bytes, texts: bytes = b"<sst/>") -> bytes:
    """Return a workbook of one sheet."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>")
        zipped.writestr("xl/sharedStrings.xml", texts)
    return written.getvalue()


def bomb() -> bytes:
    """Return a PNG of 100 x 100 pixels whose rows unpack to a gigabyte."""
    packing = zlib.compressobj(9)
    packed = b"".join(packing.compress(bytes(10_000_000)) for _ in range(100)) + packing.flush()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100, 100, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


class Sender(threading.Thread):
    """Sends one request again and again, and says nothing about the answers but how many there were."""

    def __init__(self, address: str, token: str, request: Request, until: float) -> None:
        super().__init__()
        self._address = address
        self._token = token
        self._request = request
        self._until = until
        self.answers = 0

    def run(self) -> None:
        while time.perf_counter() < self._until:
            status, _ = sent(self._address, self._token, self._request)
            if status >= 500 and status != 503:
                raise RuntimeError(f"{self._request[0]} was answered by {status}")
            self.answers += 1


def sent(address: str, token: str, request: Request) -> tuple[int, bytes]:
    """Send a request, and return the answer's status and body."""
    path, body, kind = request
    connection = http.client.HTTPConnection(address.partition("://")[2], timeout=300)
    try:
        connection.request("POST", path, body, {"Content-Type": kind, "Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def rows() -> Iterator[Row]:
    """Return how many times longer health takes beside each kind of request."""
    with (
        tempfile.TemporaryDirectory() as home,
        started(Path(home), "--data", home, "--models", "sface", PORT="0") as server,
    ):
        address = server.ready()
        token, student = set_up(server, address)
        alone = _waits(address)
        for name, request in requests(student).items():
            until = time.perf_counter() + SECONDS
            senders = [Sender(address, token, request, until) for _ in range(2)]
            for sender in senders:
                sender.start()
            waits = _waits(address)
            for sender in senders:
                sender.join()
            ratio, low, high = np.percentile(waits, [95, 50, 99]) / np.percentile(alone, 95)
            milliseconds = float(np.percentile(waits, 95))
            yield Row(f"health beside {name}, p95", "p95 without", ratio, low, high, milliseconds, len(waits), MOST)


def set_up(server: Running, address: str) -> tuple[str, str]:
    """Return the token of the first account, and the key of a student."""
    code = server.hear(r"#setup=(\S+)")[1]
    account = json.dumps({"code": code, "name": "Ada", "password": PASSWORD}).encode()
    token: str = json.loads(sent(address, "", ("/api/v1/setup", account, "application/json"))[1])["token"]
    student = json.dumps({"student_id": "S1", "name": "Jane"}).encode()
    key: str = json.loads(sent(address, token, ("/api/v1/students", student, "application/json"))[1])["key"]
    return token, key


def _waits(address: str) -> list[float]:
    visitor = Visitor(address, time.perf_counter() + SECONDS)
    visitor.start()
    visitor.join()
    return visitor.waits
