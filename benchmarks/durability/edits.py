"""Random edits of the log by hand: does verification name the first wrong record?"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import report
from benchmarks.durability.figures import Figure
from tests.storage.chains import test_edits
from tests.support.postgres import Postgres
from tests.support.storage.site import Site


def run(*, long: bool) -> Iterator[Figure]:
    """Change, remove, reorder, insert and cut off records, in equal parts."""
    count = 10_000 if long else 500
    with tempfile.TemporaryDirectory(dir=report.scratch()) as folder:
        site = Site(Path(folder, "data"), Path(folder, "site.key"))
        found = test_edits.edits_in_files(site, count, random.Random(21))
        yield Figure("edits of attendance_log.json not named, or not as what they are", count, count - found)
        url = f"sqlite:///{folder}/site.db"
        found = test_edits.edits_in_database(url, site, count, random.Random(22))
        yield Figure("edits of the table in SQLite not named", count, count - found)
        postgres = Postgres()
        try:
            found = test_edits.edits_in_database(postgres.new_database(), site, count, random.Random(23))
        finally:
            postgres.close()
        yield Figure("edits of the table in PostgreSQL not named", count, count - found)
