"""Ten kiosks beside clients that keep the server waiting: 200 of each kind, and 1,200 from eight addresses."""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.server.kiosks import Kiosk, kiosk_key, memory_of
from benchmarks.timing import Row, measured
from tests.support.app_process import Running, started

SECONDS = float(os.environ.get("SLOW_SECONDS", "15"))
"""How long each kind attacks."""
KIOSKS = 10
RATE = 8.0
"""Frames a second that each kiosk sends."""
FEW, MANY = 200, 1200
ADDRESSES = {FEW: 1, MANY: 8}
"""How many the attackers come from; the kiosks come from another."""
HEALTH = 150.0
"""Milliseconds that 95 of 100 answers to somebody new should come within."""
MISSED = {0: 8.0, FEW: 8.0, MANY: 20.0}
"""Of 80 frames a second, those that may stay unanswered: 72 are wanted beside 200, 60 beside 1,200."""
WELL_AGAIN = 10.0
"""Seconds after the attack."""
PROBES_EVERY = 0.2
OVER_TLS = ("silent handshake", "idle", "silent body", "dripping body", "dripping head", "slow reader")
PLAIN = OVER_TLS[1:]


class Visitor(threading.Thread):
    """Asks for the server's health on a new connection, again and again."""

    def __init__(self, address: str, until: float) -> None:
        super().__init__()
        self._address = address
        self._until = until
        self.waits: list[float] = []

    def run(self) -> None:
        """Ask until the end. A question that fails counts as one that took until then, and at least a second."""
        while time.perf_counter() < self._until:
            self.waits.append(seconds_to_health(self._address) * 1000)
            time.sleep(PROBES_EVERY)


def seconds_to_health(address: str) -> float:
    """Return how many seconds somebody new waits for an answer."""
    began, least = time.perf_counter(), 0.0
    context = ssl._create_unverified_context() if address.startswith("https") else None  # noqa: S323 (it knows it)
    try:
        with urllib.request.urlopen(f"{address}/api/v1/health", timeout=30, context=context) as answer:  # noqa: S310
            answer.read()
    except OSError:
        least = 1.0
    return max(least, time.perf_counter() - began)


@contextlib.contextmanager
def attacked(address: str, kind: str, count: int, seconds: float) -> Iterator[None]:
    """Attack the server with `count` slow clients during the block."""
    arguments = [address, kind, str(count), str(seconds), str(ADDRESSES.get(count, 1))]
    command = [sys.executable, "-m", "benchmarks.server.slow_attack", *arguments]
    with contextlib.ExitStack() as ending:
        if count:
            process = ending.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))  # noqa: S603
            ending.callback(process.kill)
            time.sleep(2.0)
        yield


def rows() -> Iterator[Row]:
    """Measure, plain and over TLS: health's percentiles, unanswered frames, memory, and the time to recover."""
    for options, kinds in (([], PLAIN), (["--https"], OVER_TLS)):
        with (
            tempfile.TemporaryDirectory() as home,
            started(Path(home), "--data", home, "--models", "sface", *options, PORT="0") as server,
        ):
            address = server.ready()
            yield from _beside(server, address, "nobody", 0)
            for kind in kinds:
                yield from _beside(server, address, kind, FEW)
            yield from _beside(server, address, kinds[0], MANY)
            yield from _beside(server, address, "dripping body", MANY)
            server.stop()


def _beside(server: Running, address: str, kind: str, count: int) -> Iterator[Row]:
    name = f"{address.partition(':')[0]}, {count} x {kind}" if count else f"{address.partition(':')[0]}, no attack"
    keys = [kiosk_key(server, address) for _ in range(KIOSKS)]
    with attacked(address, kind, count, SECONDS + 4):
        until = time.perf_counter() + SECONDS
        kiosks = [Kiosk(address, key, until, rate=RATE) for key in keys]
        visitor = Visitor(address, until)
        for thread in (*kiosks, visitor):
            thread.start()
        for thread in (*kiosks, visitor):
            thread.join()
        memory = memory_of(server)
    p50, p95, p99 = np.percentile(visitor.waits, [50, 95, 99])
    yield Row(f"{name}: health, p95", "ms", p95, p50, p99, p95, len(visitor.waits), HEALTH)
    missed = KIOSKS * RATE - sum(len(kiosk.waits) for kiosk in kiosks) / SECONDS
    yield measured(f"{name}: frames not answered", f"a second of {KIOSKS * RATE:.0f}", [missed], MISSED[count])
    yield measured(f"{name}: memory", "MB", [memory])
    if count == MANY:
        yield measured(f"{name}: well again after", "s", [_seconds_until_well(address)], WELL_AGAIN)


def _seconds_until_well(address: str) -> float:
    """Return the seconds until five new clients in a row are answered in time."""
    began, good = time.perf_counter(), 0
    while good < 5 and time.perf_counter() - began < 60:
        good = good + 1 if seconds_to_health(address) * 1000 < HEALTH else 0
    return time.perf_counter() - began
