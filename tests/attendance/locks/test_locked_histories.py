"""Random lives with locks, retention and requests give the registers, and are refused, as a short reference says
(`tests/support/histories/locked_reference.py`)."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from secure_attend.settings import Settings
from secure_attend.storage.opening import open_store
from tests.support.fakes import Clock
from tests.support.histories.locked_histories import KINDS, Life, worlds

RUNS = int(os.environ.get("REGISTER_RUNS", "100"))
"""Nightly, 10,000."""
MANY = 5_000
"""In so many, everything happens."""
QUICK = [each for each in Phase if each is not Phase.explain]


def test_every_act_is_refused_or_done_as_the_reference_says(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=RUNS, deadline=None, phases=QUICK, suppress_health_check=list(HealthCheck), database=None)
    @given(worlds(), st.integers(3, 12), st.data())
    def compare(world: SimpleNamespace, acts: int, data: st.DataObject) -> None:
        with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
            clock, here = Clock(), Path(folder)
            site = Settings(data=here, site_key_file=here / "site.key", faces="off", retain_days=world.retain or 0)
            store = open_store(site, clock)
            life = Life(world, store, site, clock, seen)
            try:
                life.agrees()
                for _ in range(acts):
                    life.goes_on(data)
                    life.agrees()
            finally:
                store.close()

    compare()
    assert {*KINDS} - {"answer", "pass on"} <= seen.keys() | {"unlock"}, seen
    if RUNS >= MANY:
        assert {"accepted", "declined", "pass on", "unlock"} <= seen.keys(), seen
        refused = {name.partition(":")[0] for name in seen if name.endswith(": locked")}
        assert {"mark", "excuse", "member", "rules", "meeting", "cancel", "answer"} <= refused, seen
