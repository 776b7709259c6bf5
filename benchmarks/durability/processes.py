"""One process and two on one PostgreSQL: how many kiosks they serve, what limits that, and check-ins written."""

from __future__ import annotations

import json
import os
import tempfile
import time
import urllib.request
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import report
from benchmarks.durability import cores
from benchmarks.durability.figures import Figure
from benchmarks.server.kiosks import LEAST, MOST, Kiosk
from benchmarks.storage import database
from secure_attend.access.open_access import open_access
from secure_attend.access.state import ROLES_OF
from secure_attend.settings import Settings
from secure_attend.storage.clock import utc_now
from secure_attend.storage.opening import open_store
from tests.support.postgres import Postgres
from tests.support.stack import Process, wait_until

KIOSKS = (8, 12, 16, 20, 24, 32)
"""Numbers of kiosks, tried in turn. The last ones ask for more frames than a few cores answer."""


@dataclass(frozen=True)
class Seen:
    """The service that this many kiosks got: frames answered a second, the milliseconds within which 95 of 100 were
    answered, how many were told to try again, and the cores at work for them, by kind of work."""

    kiosks: int
    rate: float
    p95: float
    turned_away: int
    busy: dict[str, float]

    @property
    def carried(self) -> bool:
        """Whether 95 % of the frames that the kiosks wanted were answered, and in time."""
        return self.p95 <= MOST and self.rate >= 0.95 * self.kiosks * LEAST


@dataclass(frozen=True)
class Stage:
    """The running processes."""

    processes: list[Process]
    keys: list[str]
    postgres: Postgres
    seconds: float

    def show(self, count: int, kiosks: int, on: Collection[int] | None) -> Seen:
        """Let the first `count` processes serve the kiosks, each on a core of its own out of `on`, or all on all."""
        for process, core in zip(self.processes, on or (), strict=False):
            cores.keep_on(process.pid, {core})
        if on is None:
            for process in self.processes:
                cores.keep_on(process.pid, os.sched_getaffinity(0))
        before, began = self._computed(), time.perf_counter()
        shown = _shown([process.port for process in self.processes[:count]], self.keys[:kiosks], began + self.seconds)
        passed = time.perf_counter() - began
        busy = {what: (now - before[what]) / passed for what, now in self._computed().items()}
        waits = [wait for kiosk in shown for wait in kiosk.waits]
        turned_away = sum(kiosk.turned_away for kiosk in shown)
        return Seen(kiosks, len(waits) / passed, float(np.percentile(waits, 95)), turned_away, busy)

    def _computed(self) -> dict[str, float]:
        servers = sum(cores.seconds(process.pid) for process in self.processes)
        return {"servers": servers, "PostgreSQL": cores.seconds(self.postgres.pid), "kiosks": time.process_time()}


def run(*, long: bool) -> Iterator[Figure]:
    """Start the documented server with the profile sface, half of the kiosks at each process, as nginx would do."""
    seconds = 10.0 if long else 5.0
    with tempfile.TemporaryDirectory(dir=report.scratch()) as scratch, ExitStack() as ending:
        postgres = Postgres()
        ending.callback(postgres.close)
        stage = Stage(*_two_processes(Path(scratch), postgres.new_database(), ending), postgres, seconds)
        everywhere = sorted(os.sched_getaffinity(0))
        yield from _compared(stage, None, f"on the same {len(everywhere)} cores")
        if len(everywhere) > 1:
            yield from _compared(stage, everywhere[:2], "on one core each")
        written = database.processes(Path(scratch), postgres.new_database, seconds)
        yield Figure(
            "check-ins written by two processes against one", 1, value=f"x {written[2] / written[1]:.2f}",
            note=f"{written[1]:.0f} a second by one, {written[2]:.0f} by two: each waits for the one before",
        )  # fmt: skip


def _two_processes(folder: Path, url: str, ending: ExitStack) -> tuple[list[Process], list[str]]:
    """Return the processes, and keys of kiosks, which hold at each."""
    settings = Settings(data=folder / "data", site_key_file=folder / "site.key", database_url=url)
    store = open_store(settings)
    access = open_access(settings, utc_now, store)
    access.accounts.add("Ada", "nine purple otters dance", ROLES_OF["admin"])
    kiosks = access.kiosks
    keys = [kiosks.add_this_computer(kiosks.link_here.offer(lambda _secret: None))[1] for _ in range(max(KIOSKS))]
    store.close()
    given = {
        "DATABASE_URL": url, "DATA": str(folder / "data"), "SITE_KEY_FILE": str(folder / "site.key"),
        "TIME_ZONE": "UTC", "MODELS": "sface",
    }  # fmt: skip
    running = [Process(folder, ["app.py"], given) for _ in range(2)]
    for process in running:
        ending.callback(process.kill)
        wait_until(lambda process=process: _answers(process), "the site does not answer")
    return running, keys


def _compared(stage: Stage, on: Collection[int] | None, where: str) -> Iterator[Figure]:
    """Measure one and two in turns, so that other work on the machine affects both."""
    seen: dict[int, list[Seen]] = {1: [], 2: []}
    for kiosks in KIOSKS:
        for count, all_of_it in seen.items():
            all_of_it.append(stage.show(count, kiosks, on))
            print(f"  {count} {where}: {all_of_it[-1]}", flush=True)
    most = {count: max(all_of_it, key=lambda one: one.rate) for count, all_of_it in seen.items()}
    carried = [max((one.kiosks for one in all_of_it if one.carried), default=0) for all_of_it in seen.values()]
    yield Figure(
        f"kiosks carried by two processes against one, {where}", len(KIOSKS),
        value=f"{carried[1]} against {carried[0]}",
        note=f"of {', '.join(map(str, KIOSKS))} tried: 95 % of their frames answered, 95 % of these "
        f"within {MOST:.0f} ms",
    )  # fmt: skip
    yield Figure(
        f"frames answered by two processes against one, {where}", len(KIOSKS),
        value=f"x {most[2].rate / most[1].rate:.2f}",
        note="; ".join(f"{name} {_in_words(most[count])}" for name, count in (("one:", 1), ("two:", 2))),
    )  # fmt: skip


def _in_words(one: Seen) -> str:
    busy = ", ".join(f"{share:.2f} {what}" for what, share in one.busy.items())
    return f"{one.rate:.0f} a second at {one.kiosks} kiosks, cores at work: {busy}"


def _shown(ports: list[int], keys: list[str], until: float) -> list[Kiosk]:
    addresses = [f"http://127.0.0.1:{ports[number % len(ports)]}" for number in range(len(keys))]
    kiosks = [Kiosk(address, key, until, rate=LEAST) for address, key in zip(addresses, keys, strict=True)]
    for kiosk in kiosks:
        kiosk.start()
    for kiosk in kiosks:
        kiosk.join()
    return kiosks


def _answers(process: Process) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{process.port}/api/v1/health", timeout=10) as answer:
            return bool(json.load(answer)["instance"])
    except OSError:
        return False
