"""Random histories give the statuses of a short reference (`tests/support/register_reference.py`)."""

from __future__ import annotations

import os
from collections import Counter
from types import SimpleNamespace

from hypothesis import HealthCheck, Phase, given, settings

from tests.support.register_histories import PEOPLE, derived, histories
from tests.support.register_reference import status

RUNS = int(os.environ.get("REGISTER_RUNS", "300"))
"""Nightly, 10,000."""
QUICK = [each for each in Phase if each is not Phase.explain]


def test_the_derivation_equals_the_reference() -> None:
    seen: Counter[str | None] = Counter()

    @settings(max_examples=RUNS, deadline=None, phases=QUICK, suppress_health_check=list(HealthCheck), database=None)
    @given(histories())
    def compare(world: SimpleNamespace) -> None:
        for now in world.now:
            cells = derived(world, now)
            for meeting in world.meetings:
                for person in PEOPLE:
                    found = cells[meeting.key, person]
                    seen[found.status] += 1
                    assert found.status == status(world, meeting, person, now), (meeting, person, now, found)

    compare()
    assert set(seen) == {"present", "late", "absent", "excused", "not_yet", "not_taken", None}, seen
