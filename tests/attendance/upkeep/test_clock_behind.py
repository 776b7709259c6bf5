"""What the site says and does when its clock was or is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.settings import Settings
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Entry, Student
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import logged_in
from tests.support.fakes import Clock, DrawnFaces

MONDAY = datetime.fromisoformat("2026-11-23T09:05+01:00")
TUESDAY = datetime.fromisoformat("2026-11-24T09:00+01:00")


@pytest.fixture
def started(settings: Settings, store: Store, clock: Clock) -> Callable[[], Flask]:
    """A day is the interval, as it was where Tuesday's check-ins were lost."""
    store.write_students([Student("key-ann", "1", "Ann Lee")])
    long = replace(settings, check_in_interval=timedelta(minutes=1440))
    return lambda: create_app(long, faces=DrawnFaces(), store=store, clock=clock)


def notices(app: Flask) -> list[str]:
    found: list[str] = logged_in(app).get("/api/v1/health").get_json()["notices"]
    return [notice for notice in found if "clock" in notice]


def by_hand(client: FlaskClient) -> int:
    return client.post("/api/v1/students/key-ann/check-ins").status_code


def test_a_clock_before_the_newest_record_is_a_notice(started: Callable[[], Flask], store: Store, clock: Clock) -> None:
    store.append(Entry(clock.now + timedelta(minutes=4), "by_hand", "1", "Ada", None, person="key-ann"))
    assert notices(started()) == []
    store.append(Entry(clock.now + timedelta(days=2), "by_hand", "1", "Ada", None, person="key-ann"))
    app = started()
    (notice,) = notices(app)
    assert "says 2026-11-23, 09:30, which is before a record of 2026-11-25, 09:30." in notice
    clock.tick(days=2)
    SITE_PARTS.of(app).services.maintenance.run()
    assert notices(app) == []


def test_a_clock_before_the_release_is_a_notice(started: Callable[[], Flask], clock: Clock) -> None:
    clock.now = clock.now.replace(year=2020)
    (notice,) = notices(started())
    assert "before this version of Secure-Attend" in notice


def test_a_new_day_is_a_new_attendance(started: Callable[[], Flask], clock: Clock) -> None:
    clock.now = MONDAY
    client = logged_in(started())
    assert by_hand(client) == 201
    clock.now += timedelta(hours=8)
    assert by_hand(client) == 200
    clock.now = TUESDAY
    assert by_hand(client) == 201


def test_the_first_of_today_is_the_first_by_the_clock(started: Callable[[], Flask], store: Store, clock: Clock) -> None:
    """A clock that was an hour ahead and set right leaves a later record with an earlier time."""
    for minutes in (-10, -30):
        store.append(Entry(clock.now + timedelta(minutes=minutes), "by_hand", "1", "Ada", None, person="key-ann"))
    student = logged_in(started()).get("/api/v1/students/key-ann").get_json()
    assert student["today"]["local_time"] == "09:00"
