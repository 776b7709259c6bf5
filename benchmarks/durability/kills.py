"""kill -9, round after round, while threads and processes write."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import report
from benchmarks.durability.figures import Figure
from tests.storage import test_killed_changes
from tests.storage.files import test_processes
from tests.storage.sql import test_sql_processes
from tests.support.postgres import Postgres
from tests.support.storage.site import Site


def run(*, long: bool) -> Iterator[Figure]:
    """Check in each round that everything acknowledged is there, once, in a chain without a gap. A loss raises."""
    rounds = 2000 if long else 100
    with tempfile.TemporaryDirectory(dir=report.scratch()) as folder:
        acknowledged = test_processes.kill_rounds(Path(folder), rounds, random.Random(7))
        yield Figure(
            "JSON files: rounds of kill -9 that lost something acknowledged", rounds, 0,
            note=f"{acknowledged:,} changes acknowledged by four writing threads",
        )  # fmt: skip
        site = Site(Path(folder, "taught"), Path(folder, "taught.key"))
        changes = test_killed_changes.kill_rounds(str(site.data), site, rounds // 10, random.Random(9))
        yield Figure(
            "JSON files: rounds of kill -9 that lost or halved a mark, import or change of classes", rounds // 10, 0,
            note=f"{changes:,} changes acknowledged",
        )  # fmt: skip
        databases = rounds // test_sql_processes.A_DATABASE_IN
        postgres = Postgres()
        try:
            site = Site(Path(folder, "sql"), Path(folder, "sql.key"))
            acknowledged = test_sql_processes.kill_rounds(postgres, site, rounds, random.Random(8))
        finally:
            postgres.close()
        yield Figure(
            "two processes on PostgreSQL: rounds of kill -9 that lost or doubled something acknowledged", rounds, 0,
            note=f"{acknowledged:,} records acknowledged; {databases} of the rounds killed the database itself",
        )  # fmt: skip
