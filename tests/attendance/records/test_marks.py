"""Marks and excuses are records too, and nothing takes them for check-ins."""

from __future__ import annotations

from typing import Any

import pytest

from secure_attend.attendance.services import Services
from secure_attend.attendance.students.claims import Actor
from secure_attend.errors import Conflict
from secure_attend.storage.values import Entry, Method
from tests.conftest import Site
from tests.support.web.litany import Api


@pytest.fixture(params=["mark", "excuse"])
def method(request: pytest.FixtureRequest) -> Method:
    name: Method = request.param
    return name


@pytest.fixture
def marked(services: Services, john: str, method: Method) -> str:
    """The ID of a mark in John's name, now."""
    entry = Entry(
        services.time.now(), method, "1001", "Dr Ada Byron", person=john, meeting="m1", status="excused", note="was ill"
    )
    return services.store.append(entry).id


def test_nobody_is_present_by_a_mark(api: Api, site: Site, john: str, marked: str) -> None:
    listed: dict[str, Any] = api("GET", "/students").get_json()
    assert (listed["students"][0]["today"], listed["present"]) == (None, 0)
    assert api("GET", f"/students/{john}/attendance").get_json()["records"] == []
    assert api("POST", "/history", json={"student_id": "1001"}).get_json()["records"] == []
    assert "1001" not in api("GET", "/reports/attendance.csv").text
    assert "2026-11-23" not in api("GET", "/reports/attendance.csv?by_day=1").text
    assert api("GET", f"/students/{john}/export").status_code == 200
    assert site.check_in(1).get_json()["already"] is False


def test_a_mark_is_not_cancelled(services: Services, lecturer: Actor, marked: str) -> None:
    with pytest.raises(Conflict, match="not_a_check_in"):
        services.check_in.cancel(marked, lecturer)
