"""Power cuts, simulated at every byte written: what the disk may hold then, and what a start makes of it."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from benchmarks import report
from benchmarks.durability.figures import Figure
from tests.storage.files import test_power_cuts

NAMES = ("007", test_power_cuts.TRICKY, 'a "b" \\', "Ł\n\x7f", "x" * 40, "]\n", "")


def run(*, long: bool) -> Iterator[Figure]:
    """Raise for a state that loses a record or cannot be opened."""
    # Thousands of starts: whether the disk syncs is not asked here, only what they make of what it holds.
    with (
        tempfile.TemporaryDirectory(dir=report.scratch()) as folder,
        mock.patch("secure_attend.storage.durable_writes.sync", return_value=None),
        mock.patch("secure_attend.storage.durable_writes.sync_directory", return_value=None),
    ):
        wanted = 85_000 if long else 3_000
        seen, chance = 0, random.Random(4)
        while seen < wanted:
            seen += test_power_cuts.cut_appends(Path(folder, "log.json"), chance.randrange(13), chance.choice(NAMES))
        yield Figure("attendance_log.json: states that lost an acknowledged record, or kept no JSON", seen, 0)
        wanted, seen, number = (15_000 if long else 1_000), 0, 0
        while seen < wanted:
            number += 1
            seen += test_power_cuts.cut_replacement(Path(folder, f"site {number}"), number, 1 if long else 5)
        yield Figure("students_db.json: states that lost an acknowledged change", seen, 0)
