"""The examples of classes in `samples/` are files that the product reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from secure_attend.attendance.meetings.meeting_import import plan_digest
from secure_attend.settings import PROJECT
from secure_attend.storage.files.json_store import JsonStore
from tests.support.fakes import Clock
from tests.support.taught_site import TaughtSite, utc

SAMPLES = PROJECT / "samples"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TaughtSite]:
    store = JsonStore.open(tmp_path / "data", site_key_file=tmp_path / "site.key")
    yield TaughtSite(store, Clock())
    store.close()


def test_the_sessions_in_moodles_form_are_read(site: TaughtSite) -> None:
    course = site.course()
    data = (SAMPLES / "classes.csv").read_bytes()
    plan = site.imports.plan(course.key, data)
    assert [(each.title, each.day) for each in plan.add[:2]] == [
        ("Lecture 1", date(2027, 2, 1)),
        ("Lecture 2", date(2027, 2, 3)),
    ]
    assert Counter(len(each.groups) for each in plan.add) == {0: 3, 1: 2, 2: 1}
    assert [each.why for each in plan.skipped] == ["other_course"]
    site.imports.apply(course.key, data, plan_digest(plan))
    assert len(site.meetings.of_course(course.key)) == 6


def test_the_calendar_is_read(site: TaughtSite) -> None:
    course = site.course()
    data = (SAMPLES / "classes.ics").read_bytes()
    plan = site.imports.plan(course.key, data)
    assert plan.skipped == ()
    assert Counter((each.title, each.room) for each in plan.add) == {("Lecture", "Hall B"): 15, ("Test", "Hall A"): 1}
    assert {each.day.weekday() for each in plan.add if each.title == "Lecture"} == {0, 2}
    assert date(2027, 3, 29) not in {each.day for each in plan.add}
    summer = next(each for each in plan.add if each.day == date(2027, 3, 31))
    assert summer.starts_at == utc("2027-03-31 08:00")  # 10:00 before and after the change of clocks
    site.imports.apply(course.key, data, plan_digest(plan))
    assert len(site.meetings.of_course(course.key)) == 16
