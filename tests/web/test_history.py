"""POST /history"""

from __future__ import annotations

import pytest

from tests.conftest import Site
from tests.fakes import Clock
from tests.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only


def test_newest_first_in_local_time(api: Api, site: Site, john: str, clock: Clock) -> None:
    record = site.check_in(1).get_json()["record"]["id"]
    clock.tick(minutes=1)
    api("POST", f"/check-ins/{record}/cancel", json={})
    clock.tick(days=1)
    api("POST", f"/students/{john}/check-ins")
    assert api("POST", "/history", json={"student_id": " 1001 "}).get_json() == {
        "student": {"student_id": "1001", "name": "John Doe"},
        "records": [
            {"date": "2026-11-24", "time": "09:31", "method": "by_hand", "cancelled": False},
            {"date": "2026-11-23", "time": "09:30", "method": "face", "cancelled": True},
        ],
        "total": 2,
    }


def test_clocks_that_change_are_followed(api: Api, jane: str, clock: Clock) -> None:
    """In Berlin 01:30 UTC is 02:30 both before and after the clocks go back, an hour apart."""
    for hour in (0, 1):
        clock.now = clock.now.replace(month=10, day=25, hour=hour, minute=30)
        api("POST", f"/students/{jane}/check-ins")
    records = api("POST", "/history", json={"student_id": "1002"}).get_json()["records"]
    assert [record["time"] for record in records] == ["02:30", "02:30"]


def test_who_was_removed_still_sees_it(api: Api, jane: str) -> None:
    api("POST", f"/students/{jane}/check-ins")
    api("PATCH", f"/students/{jane}", json={"removed": True})
    assert api("POST", "/history", json={"student_id": "1002"}).get_json()["total"] == 1


def test_composed_and_decomposed_ids_are_one(api: Api, site: Site) -> None:
    site.add("\u00e9-1", "Zoe")
    assert api("POST", "/history", json={"student_id": "e\u0301-1"}).status_code == 200


@pytest.mark.parametrize("student_id", ["9999", "1002 OR 1=1", "x" * 1000, "\u0000", "%"])
def test_unknown_ids(api: Api, jane: str, student_id: str) -> None:
    problem(api("POST", "/history", json={"student_id": student_id}), 404, "unknown_student")


def test_litany(api: Api) -> None:
    assert fields(api("POST", "/history", json={"student_id": ""})) == ["student_id"]
    assert fields(api("POST", "/history", json={"student_id": 1001})) == ["student_id"]
    takes_json_only(api, "POST", "/history", {"student_id": "1"})
    refuses_other_methods(api, "/history", "POST")
