"""Saving a class or rules warns if check-in takes longer than students are on time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.registers.queues import ENOUGH, UNMEASURED, measured_seconds
from secure_attend.attendance.services import Services
from secure_attend.storage.values import Entry, Record, Student
from tests.conftest import Site, logged_in
from tests.support.campus import FIRST, HALL_B, Campus
from tests.support.fakes import Clock
from tests.support.taught_site import utc

LATER = {"day": "2026-11-24", "from": "10:00", "to": "11:00", "room": HALL_B}
MORE = 99
"""With Ann a hundred: at 12 s each 20 minutes at one kiosk."""


@pytest.fixture
def campus(app: Flask, services: Services, site: Site, clock: Clock) -> Campus:
    """A hundred students, of whom Ann alone is in a group, and one kiosk in Hall B."""
    campus = Campus(app, services, site, clock).teach()
    others = [Student(f"more{number}", f"more{number}", f"Student {number}") for number in range(MORE)]
    services.store.write_students(others)
    joined = (membership_document(Membership("stat", student.key, (Span(FIRST),))) for student in others)
    services.store.documents.write(list(joined))
    assert campus.hall_b.get("/api/v1/kiosk").status_code == 200
    return campus


def added(campus: Campus, **more: object) -> str | None:
    answer = logged_in(campus.app).post("/api/v1/courses/stat/meetings", json=LATER | more)
    assert answer.status_code == 201, answer.text
    warning: str | None = answer.get_json()["warning"]
    return warning


def test_a_class_with_too_few_kiosks_is_saved_and_warned_of(campus: Campus) -> None:
    said = added(campus)
    assert said is not None
    assert said.startswith("100 students need about 20 minutes at 1 kiosk, but count as late after 10.")
    assert added(campus, groups=["lab-a"]) is None, "one student has no queue"
    assert added(campus, room="Hall C") is None, "no kiosk was ever used there"
    campus.kiosk("Second", HALL_B).get("/api/v1/kiosk")
    assert added(campus) is None, "at two kiosks it takes ten minutes"


def test_an_import_of_classes_is_warned_of_before_it_is_saved(campus: Campus) -> None:
    csv = "sessiondate,from,to,room\n2026-11-24,10:00,11:00,Hall B\n"
    answer = logged_in(campus.app).post(
        "/api/v1/courses/stat/meetings/import?dry_run=1", data=csv, content_type="text/csv"
    )
    assert answer.get_json()["warning"].startswith("100 students need about 20 minutes at 1 kiosk")


def test_rules_are_warned_of_before_they_are_saved(campus: Campus) -> None:
    added(campus)
    client = logged_in(campus.app)
    rules = {"opens_before": 15, "on_time": 20, "late_until": None}
    assert client.put("/api/v1/courses/stat/rules?preview=1", json=rules).get_json()["warning"] is None
    shorter = client.put("/api/v1/courses/stat/rules", json=rules | {"on_time": 5}).get_json()
    assert "count as late after 5" in shorter["warning"]


def test_the_sites_own_pace_counts_once_it_was_measured(campus: Campus) -> None:
    for number in range(ENOUGH + 1):
        time = campus.clock() + timedelta(seconds=4 * number)
        who = f"more{number}"
        campus.services.store.append(Entry(time, "face", who, "student", "At Hall B", person=who, kiosk_key="k"))
    assert added(campus) is None, "a hundred students need seven minutes at 4 s each"


def test_who_comes_alone_is_no_measure() -> None:
    def check_in(number: int, second: float, kiosk: str | None = "k") -> Record:
        return Record(
            f"{number}-0", utc("2026-11-23 09:00") + timedelta(seconds=second), "face", "1", "K", kiosk_key=kiosk
        )

    queue = [check_in(number, 7.0 * number) for number in range(ENOUGH + 1)]
    assert measured_seconds(queue) == 7.0
    assert measured_seconds(queue[1:]) == UNMEASURED
    assert measured_seconds([check_in(number, 100.0 * number) for number in range(ENOUGH * 2)]) == UNMEASURED
    assert measured_seconds([check_in(number, 7.0 * number, None) for number in range(ENOUGH * 2)]) == UNMEASURED
    two = [check_in(number, 7.0 * (number // 2), "ab"[number % 2]) for number in range(ENOUGH * 2)]
    assert measured_seconds(two) == 7.0, "each kiosk has its own queue"
