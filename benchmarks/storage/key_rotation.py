"""Replacing the site key on this machine, with ten thousand faces: `python -m benchmarks.storage.key_rotation`.

In files, SQLite and PostgreSQL. Starts a PostgreSQL of its own (initdb and postgres must be on PATH).
"""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from secure_attend.settings import Settings
from secure_attend.storage.clock import utc_now
from secure_attend.storage.opening import open_store
from secure_attend.storage.sql import resealing
from tests.support.postgres import Postgres
from tests.web.api.test_site_key import fill

TIMES = 5


@contextmanager
def timed(owner: Any, name: str) -> Iterator[list[float]]:
    """Time the calls of a function during the block, and yield the milliseconds of each. Other writers wait for it."""
    call, took = getattr(owner, name), list[float]()

    def calling(*given: object) -> object:
        began = time.perf_counter()
        try:
            return call(*given)
        finally:
            took.append(1000 * (time.perf_counter() - began))

    setattr(owner, name, calling)
    yield took
    setattr(owner, name, call)


def main() -> None:
    """Measure each kind of store in turn."""
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load:.0f}, Python {platform.python_version()}")
    postgres = Postgres()
    try:
        for kind in ("files", "SQLite", "PostgreSQL"):
            with tempfile.TemporaryDirectory() as folder:
                measure(kind, Path(folder), postgres)
    finally:
        postgres.close()


def measure(kind: str, folder: Path, postgres: Postgres) -> None:
    """Replace the key a few times."""
    url = None
    if kind != "files":
        url = postgres.new_database() if kind == "PostgreSQL" else f"sqlite:///{folder / 'site.db'}"
    settings = replace(Settings(data=folder, site_key_file=folder / "site.key"), database_url=url)
    store = open_store(settings)
    fill(store, utc_now)
    owner, name = (store, "_write_roster") if url is None else (resealing, "reseal_templates")
    seconds = []
    with timed(owner, name) as held:
        for _ in range(TIMES):
            began = time.perf_counter()
            faces = store.rotate_key()
            seconds.append(time.perf_counter() - began)
    store.close()
    print(
        f"{kind}: {faces} faces in {statistics.median(seconds):.1f} s (median of {TIMES}); others waited "
        f"{statistics.median(held):.0f} ms at the median of {len(held)} writes, {max(held):.0f} ms at most"
    )


if __name__ == "__main__":
    main()
