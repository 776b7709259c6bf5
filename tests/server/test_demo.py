"""The demo's invented two weeks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from secure_attend.faces.models import profiles
from secure_attend.server import demo
from secure_attend.settings import PROJECT, Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import Record, Student

SUNDAY_EVENING = datetime(2026, 3, 15, 19, 0, tzinfo=timezone.utc)
MONDAY_BEFORE_SIX = datetime(2026, 3, 16, 4, 55, tzinfo=timezone.utc)


def filled(now: datetime, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Student], list[Record]]:
    class Frozen(demo._Clock):
        def __init__(self) -> None:
            self.now = now

    monkeypatch.setattr(demo, "_Clock", Frozen)
    with demo.temporary(Settings(demo=True, time_zone=ZoneInfo("Europe/Berlin"))) as settings:
        assert PROJECT not in settings.data.parents
        store = JsonStore.open(settings.data, site_key_file=settings.site_key_file)
        demo.fill(settings, store, profiles.SFACE)
        told = store.students(), list(store.records())
        store.close()
        folder = settings.data.parent
    assert not Path(folder).exists()
    return told


@pytest.mark.parametrize("now", [SUNDAY_EVENING, MONDAY_BEFORE_SIX])
def test_two_weeks_look_alive(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    students, records = filled(now, monkeypatch)
    assert [student.name for student in students[:2]] == ["John Doe", "Jane Smith"]
    assert len(students) == 30
    faces = {student.student_id for student in students if student.registered("sface")}
    assert len(faces) == demo.REGISTERED

    methods = Counter(record.method for record in records)
    assert methods["face"] > 10 * methods["cancellation"] == 10
    assert methods["by_hand"] > 10
    assert {record.student_id for record in records if record.method == "face"} <= faces

    assert [record.time for record in records] == sorted(record.time for record in records)
    assert records[-1].time <= now
    days = Counter(record.time.astimezone(ZoneInfo("Europe/Berlin")).date() for record in records)
    assert len(days) in {10, 11}  # ten weekdays, and today
    assert now.date() in days
    assert all(count < 30 for count in days.values())


def test_it_is_the_same_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(records: list[Record]) -> list[tuple[datetime, str | None, str]]:
        return [(record.time, record.student_id, record.method) for record in records]

    first = told(filled(SUNDAY_EVENING, monkeypatch)[1])
    assert told(filled(SUNDAY_EVENING, monkeypatch)[1]) == first
