"""Random histories give the statuses of a short reference (`tests/support/histories/register_reference.py`)."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from fractions import Fraction
from types import SimpleNamespace

from hypothesis import HealthCheck, Phase, given, settings

from secure_attend.attendance.courses.percentage_policy import DEFAULT_POLICY
from secure_attend.attendance.registers.counted_places import counted_place
from secure_attend.attendance.registers.percentages import percentage
from tests.support.histories.register_histories import COURSES, PEOPLE, derived, histories, ruled_meetings
from tests.support.histories.register_reference import place, status

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


def share(world: SimpleNamespace, course: str, who: str, now: datetime) -> Fraction | None:
    """The default percentage once more: who came, of those who came or were absent. Visits make up for absences."""
    meetings = [m for m in world.meetings if m.course == course]
    places = [(status(world, m, who, now), place(world, m, who) == "in") for m in meetings]
    held = sum(own for found, own in places if found in ("present", "late", "absent"))
    came = sum(found in ("present", "late") for found, _ in places)
    return Fraction(min(came, held), held) if held else None


def test_the_default_percentage_equals_the_reference() -> None:
    seen: Counter[Fraction | None] = Counter()

    @settings(max_examples=RUNS, deadline=None, phases=QUICK, suppress_health_check=list(HealthCheck), database=None)
    @given(histories())
    def compare(world: SimpleNamespace) -> None:
        now, ruled = world.now[0], ruled_meetings(world)
        cells = derived(world, now)
        for course in COURSES:
            for person in PEOPLE:
                own = [each for each in ruled if each.meeting.course == course]
                places = [counted_place(each, cells[each.meeting.key, person]) for each in own]
                found = percentage(places, DEFAULT_POLICY).value
                seen[found] += 1
                assert found == share(world, course, person, now), (course, person, now, places)

    compare()
    assert set(seen) >= {None, Fraction(0), Fraction(1, 2), Fraction(1)}, seen
