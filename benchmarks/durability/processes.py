"""One process and two, on one PostgreSQL: how many frames of kiosks they answer, and how many check-ins they write."""

from __future__ import annotations

import json
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from benchmarks import database, results
from benchmarks.durability.figures import Figure
from benchmarks.kiosks import Kiosk
from secure_attend.access.opening import open_access
from secure_attend.config import Settings
from secure_attend.storage.opening import open_store, utc_now
from tests.deploy.stack import Process, wait_until
from tests.postgres import Postgres

KIOSKS = 10
"""More than two cores answer in full: what is counted is what they can."""


def run(*, long: bool) -> Iterator[Figure]:
    """The documented gunicorn with the bundled models; half of the kiosks at each process, as nginx would have it."""
    seconds = 60.0 if long else 15.0
    with tempfile.TemporaryDirectory(dir=results.scratch()) as scratch, ExitStack() as ending:
        postgres = Postgres()
        ending.callback(postgres.close)
        folder, url = Path(scratch), postgres.new_database()
        settings = Settings(data=folder / "data", site_key_file=folder / "site.key", database_url=url)
        store = open_store(settings)
        open_access(settings, utc_now, store).accounts.add("Ada", "nine purple otters dance", "admin")
        store.close()
        running: list[Process] = []
        rates, waits = {}, {}
        for count in (1, 2):
            given = {
                "DATABASE_URL": url, "DATA": str(folder / "data"), "SITE_KEY_FILE": str(folder / "site.key"),
                "TIME_ZONE": "UTC", "MODELS": "bundled",
            }  # fmt: skip
            running.append(Process(folder, "secure_attend.wsgi:application", given))
            ending.callback(running[-1].kill)
            wait_until(lambda: _answers(running[-1]), "gunicorn does not answer")
            rates[count], waits[count] = _frames(running, seconds)
        note = f"{rates[1]:.0f} frames a second by one, {rates[2]:.0f} by two; 95 % answered within {waits[1]:.0f} and "
        yield Figure(
            f"{KIOSKS} kiosks: frames answered by two processes against one", KIOSKS,
            value=f"x {rates[2] / rates[1]:.2f}",
            note=note + f"{waits[2]:.0f} ms",
        )  # fmt: skip
        written = database.processes(folder, postgres.new_database, seconds / 3)
        yield Figure(
            "check-ins written by two processes against one", 1, value=f"x {written[2] / written[1]:.2f}",
            note=f"{written[1]:.0f} a second by one, {written[2]:.0f} by two: each waits for the one before",
        )  # fmt: skip


def _frames(running: list[Process], seconds: float) -> tuple[float, float]:
    """Frames answered a second, and the milliseconds within which 95 of 100 were."""
    until = time.perf_counter() + seconds
    kiosks = [Kiosk(f"http://127.0.0.1:{running[n % len(running)].port}", until) for n in range(KIOSKS)]
    for kiosk in kiosks:
        kiosk.start()
    for kiosk in kiosks:
        kiosk.join()
    waits = [wait for kiosk in kiosks for wait in kiosk.waits]
    return len(waits) / seconds, float(np.percentile(waits, 95))


def _answers(process: Process) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{process.port}/api/v1/health", timeout=10) as answer:
            return bool(json.load(answer)["instance"])
    except OSError:
        return False
