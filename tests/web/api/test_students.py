"""/students and what is below it, except faces."""

from __future__ import annotations

from typing import Any

import pytest

from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import LECTURER, Site
from tests.support.fakes import Clock
from tests.support.web.litany import (
    Api,
    fields,
    problem,
    refuses_other_methods,
    refuses_other_sites,
    takes_json_only,
)

NEW = {"student_id": "1003", "name": "Ann Lee"}


class TestList:
    """GET /students"""

    def test_tells_everything_the_page_shows(self, api: Api, john: str, jane: str) -> None:
        body = api("GET", "/students").get_json()
        consent = body["students"][0]["consent"]
        assert consent == body["students"][1]["consent"]
        assert (consent["state"], consent["way"], consent["recorded_by"]) == ("given", "in_person", LECTURER)
        assert (consent["given_at"], consent["withdrawn_at"]) == ("2026-11-23T08:30:00Z", None)
        both = {
            "known_as": "",
            "email": "",
            "needs_again": False,
            "removed": False,
            "today": None,
            "alike": [],
            "consent": consent,
            "paused": False,
            "waiting": None,
            "more_time": False,
            "role": "lecturer",
            "uses_faces": True,
        }
        seen = {"registered": True, "faces": 1, "sources": ["photo"]}
        never_seen = {"registered": False, "faces": 0, "sources": []}
        assert body == {
            "students": [
                {"key": john, "student_id": "1001", "name": "John Doe", **seen, **both},
                {"key": jane, "student_id": "1002", "name": "Jane Smith", **never_seen, **both},
            ],
            "total": 2,
            "registered": 1,
            "present": 0,
            "next": None,
            "date": "2026-11-23",
        }

    @pytest.mark.parametrize(
        ("search", "found"),
        [("1002", ["1002"]), ("jane", ["1002"]), ("JOHN", ["1001"]), ("x", []), (" doe ", ["1001"])],
    )
    def test_searches_and_counts_everyone_all_the_same(
        self, api: Api, john: str, jane: str, search: str, found: list[str]
    ) -> None:
        body = api("GET", "/students", query_string={"search": search}).get_json()
        assert [student["student_id"] for student in body["students"]] == found
        assert body["total"] == 2

    def test_pages(self, api: Api, site: Site) -> None:
        for number in range(5):
            site.add(f"{number}", "Name")
        seen: list[str] = []
        after = None
        for count in (2, 2, 1):
            body = api("GET", "/students", query_string={"limit": 2} | ({"after": after} if after else {})).get_json()
            assert len(body["students"]) == count
            seen += [student["student_id"] for student in body["students"]]
            after = body["next"]
        assert after is None
        assert seen == ["0", "1", "2", "3", "4"]

    def test_goes_on_after_a_student_who_left_the_list_meanwhile(self, api: Api, site: Site) -> None:
        keys = [site.add(f"{number}", "Name") for number in range(4)]
        after = api("GET", "/students?limit=2&search=name").get_json()["next"]
        assert after == keys[1]
        api("PATCH", f"/students/{after}", json={"removed": True, "name": "Other"})
        body = api("GET", f"/students?limit=2&search=name&after={after}").get_json()
        assert [student["student_id"] for student in body["students"]] == ["2", "3"]

    def test_begins_again_after_a_student_who_was_erased_meanwhile(self, api: Api, john: str, jane: str) -> None:
        after = api("GET", "/students?limit=1").get_json()["next"]
        api("DELETE", f"/students/{after}?reason=asked")
        problem(api("GET", f"/students?limit=1&after={after}"), 409, "list_changed")
        assert fields(api("GET", "/students?after=gone"), 409, "list_changed") == ["after"]

    def test_shows_removed_students_when_asked(self, api: Api, john: str) -> None:
        api("PATCH", f"/students/{john}", json={"removed": True})
        assert api("GET", "/students").get_json()["students"] == []
        body = api("GET", "/students?removed=1").get_json()
        assert [(student["key"], student["removed"]) for student in body["students"]] == [(john, True)]
        assert body["total"] == 0

    def test_answers_304_while_nothing_changed(self, api: Api, john: str, clock: Clock) -> None:
        etag = api("GET", "/students").headers["ETag"]
        same = api("GET", "/students", headers={"If-None-Match": etag})
        assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", etag)
        assert api("GET", "/students?search=x", headers={"If-None-Match": etag}).status_code == 200
        api("PATCH", f"/students/{john}", json={"name": "J. Doe"})
        assert api("GET", "/students", headers={"If-None-Match": etag}).status_code == 200
        etag = api("GET", "/students").headers["ETag"]
        clock.tick(days=1)
        assert api("GET", "/students", headers={"If-None-Match": etag}).status_code == 200

    def test_the_day_is_the_sites(self, api: Api, john: str, clock: Clock) -> None:
        clock.now = clock.now.replace(hour=22, minute=59)
        api("POST", f"/students/{john}/check-ins")
        today = api("GET", "/students").get_json()
        assert (today["date"], today["present"]) == ("2026-11-23", 1)
        assert today["students"][0]["today"]["local_time"] == "23:59"
        clock.tick(minutes=2)
        tomorrow = api("GET", "/students").get_json()
        assert (tomorrow["date"], tomorrow["present"]) == ("2026-11-24", 0)

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("limit=0", "limit"),
            ("limit=1001", "limit"),
            ("limit=x", "limit"),
            ("removed=2", "removed"),
            ("sort=1", "sort"),
        ],
    )
    def test_refuses_other_queries(self, api: Api, query: str, field: str) -> None:
        assert fields(api("GET", f"/students?{query}")) == [field]

    def test_refuses_a_foreign_name(self, api: Api) -> None:
        problem(api("GET", "/students", headers={"Host": "evil.example"}), 400, "wrong_host")
        refuses_other_methods(api, "/students", "GET", "POST")


class TestAdd:
    """POST /students"""

    def test_adds_one(self, api: Api) -> None:
        response = api("POST", "/students", json={**NEW, "email": "ann@school.org"})
        assert response.status_code == 201
        added = response.get_json()
        assert (added["student_id"], added["name"], added["email"]) == ("1003", "Ann Lee", "ann@school.org")
        assert api("GET", f"/students/{added['key']}").get_json() | {"warnings": []} == added

    @pytest.mark.parametrize("similar", ["I001", "l00l", "01001"])
    def test_warns_of_an_id_that_is_read_as_anothers(self, api: Api, john: str, similar: str) -> None:
        added = api("POST", "/students", json={**NEW, "student_id": similar}).get_json()
        words = f"The ID {similar} looks like 1001. They are kept as different students."
        assert added["warnings"] == [words]
        key = added["key"]
        assert api("PATCH", f"/students/{key}", json={"name": "Ann Lu"}).get_json()["warnings"] == []
        assert api("PATCH", f"/students/{key}", json={"student_id": "999"}).get_json()["warnings"] == []
        assert api("PATCH", f"/students/{key}", json={"student_id": similar}).get_json()["warnings"] == [words]

    @pytest.mark.parametrize("twin", ["1001\u3164", "\u28001001", "10\ufe0f01"])
    def test_an_id_that_differs_by_what_nobody_sees_is_taken(self, api: Api, john: str, twin: str) -> None:
        problem(api("POST", "/students", json={**NEW, "student_id": twin}), 409, "student_exists")

    def test_letters_of_two_scripts_are_refused(self, api: Api) -> None:
        for field, text in (("student_id", "AB1\u0410"), ("name", "M\u0430ria")):
            body = problem(api("POST", "/students", json={**NEW, field: text}), 422, "invalid_input")
            assert [error["field"] for error in body["errors"]] == [field]

    def test_an_id_is_given_once(self, api: Api, john: str) -> None:
        body = problem(api("POST", "/students", json={"student_id": " 1001", "name": "X"}), 409, "student_exists")
        assert (body["key"], body["removed"]) == (john, False)
        api("PATCH", f"/students/{john}", json={"removed": True})
        body = problem(api("POST", "/students", json={"student_id": "1001", "name": "X"}), 409, "student_exists")
        assert body["removed"] is True

    @pytest.mark.parametrize(
        ("body", "faulty"),
        [
            ({}, ["student_id", "name"]),
            ({"student_id": "1"}, ["name"]),
            ({"student_id": " ", "name": ""}, ["student_id", "name"]),
            ({**NEW, "email": "nowhere"}, ["email"]),
            ({**NEW, "student_id": 7}, ["student_id"]),
            ({**NEW, "student_id": None}, ["student_id"]),
            ({**NEW, "name": ["Ann"]}, ["name"]),
            ({**NEW, "student_id": "1.5E+10"}, ["student_id"]),
            ({**NEW, "name": "n" * 1001}, ["name"]),
        ],
    )
    def test_names_every_fault(self, api: Api, body: dict[str, Any], faulty: list[str]) -> None:
        assert fields(api("POST", "/students", json=body)) == faulty

    def test_litany(self, api: Api) -> None:
        takes_json_only(api, "POST", "/students", NEW)


class TestOne:
    """GET, PATCH, DELETE /students/{key}"""

    def test_shows_one(self, api: Api, john: str) -> None:
        assert api("GET", f"/students/{john}").get_json()["name"] == "John Doe"

    @pytest.mark.parametrize("key", ["unknown", "..%2f..", "%00", "__proto__", "a" * 300])
    def test_unknown_keys(self, api: Api, key: str) -> None:
        for method, query, json in (("GET", "", None), ("PATCH", "", {"name": "X"}), ("DELETE", "?reason=asked", None)):
            address = f"/students/{key}{query}"
            response = api(method, address, json=json) if json else api(method, address)
            assert response.status_code == 404
            assert response.get_json(force=True)["code"] in ("unknown_student", "unknown_address")

    def test_changes_name_and_address(self, api: Api, john: str) -> None:
        changed = api("PATCH", f"/students/{john}", json={"name": "John M. Doe", "email": "j@school.org"}).get_json()
        assert (changed["name"], changed["email"], changed["registered"]) == ("John M. Doe", "j@school.org", True)
        assert api("PATCH", f"/students/{john}", json={"email": ""}).get_json()["email"] == ""
        assert api("PATCH", f"/students/{john}", json={}).get_json()["name"] == "John M. Doe"

    def test_more_time_is_given_and_taken_without_a_reason(self, api: Api, site: Site, john: str, jane: str) -> None:
        for wanted in (True, True, False, False, True):
            changed = api("PATCH", f"/students/{john}", json={"more_time": wanted}).get_json()
            assert (changed["more_time"], changed["name"]) == (wanted, "John Doe")
        assert [student["more_time"] for student in api("GET", "/students").get_json()["students"]] == [True, False]
        exported = api("GET", f"/students/{john}/export").get_json()
        assert [(kept["kind"], kept["value"]) for kept in exported["documents"]] == [("more_time", {"student": john})]
        assert api("GET", f"/students/{jane}/export").get_json()["documents"] == []
        entry = next(
            entry for entry in api("GET", "/audit").get_json()["entries"] if entry["action"] == "change_student"
        )
        assert entry["facts"]["more_time"] is True
        api("DELETE", f"/students/{john}?reason=asked")
        assert SITE_PARTS.of(site.client.application).services.store.documents.about(john) == []

    def test_removing_erases_the_face_and_keeps_the_attendance(self, api: Api, john: str) -> None:
        api("POST", f"/students/{john}/check-ins")
        removed = api("PATCH", f"/students/{john}", json={"removed": True}).get_json()
        assert (removed["removed"], removed["registered"], removed["faces"]) == (True, False, 0)
        assert api("GET", "/health").get_json()["students"] == 0
        restored = api("PATCH", f"/students/{john}", json={"removed": False}).get_json()
        assert (restored["removed"], restored["registered"], restored["today"]["method"]) == (False, False, "by_hand")

    def test_corrects_an_id_and_the_past_stays(self, api: Api, john: str) -> None:
        api("POST", f"/students/{john}/check-ins")
        changed = api("PATCH", f"/students/{john}", json={"student_id": " 1001-B "})
        assert changed.get_json()["student_id"] == "1001-B"
        assert len(api("GET", f"/students/{john}/attendance").get_json()["records"]) == 1
        jane = api("POST", "/students", json={"student_id": "1002", "name": "Jane"}).get_json()["key"]
        taken = problem(api("PATCH", f"/students/{jane}", json={"student_id": "1001-B"}), 409, "student_exists")
        assert [fault["field"] for fault in taken["errors"]] == ["student_id"]

    def test_refuses_what_is_no_change(self, api: Api, john: str) -> None:
        path = f"/students/{john}"
        assert fields(api("PATCH", path, json={"name": " "})) == ["name"]
        assert fields(api("PATCH", path, json={"removed": "yes"})) == ["removed"]
        assert fields(api("PATCH", path, json={"more_time": "yes"})) == ["more_time"]
        assert fields(api("PATCH", path, json={"student_id": "=1+1"})) == ["student_id"]
        takes_json_only(api, "PATCH", path, {"name": "John"})
        refuses_other_methods(api, path, "GET", "PATCH", "DELETE")

    def test_erasing_leaves_rows_that_name_nobody(self, api: Api, john: str) -> None:
        api("POST", f"/students/{john}/check-ins")
        erased = api("DELETE", f"/students/{john}?reason=asked").get_json()
        assert erased == {"erased": {"student_id": "1001", "records": 1}}
        problem(api("GET", f"/students/{john}"), 404, "unknown_student")
        report = api("GET", "/reports/attendance.csv").text
        assert "1001" not in report
        assert "by_hand" in report

    def test_only_this_site_erases(self, api: Api, john: str) -> None:
        refuses_other_sites(api, "DELETE", f"/students/{john}?reason=asked")


class TestRemovals:
    """POST /students/removals"""

    def test_removes_several(self, api: Api, john: str, jane: str) -> None:
        assert api("POST", "/students/removals", json={"keys": [john, jane, john]}).get_json() == {"removed": 2}
        assert api("POST", "/students/removals", json={"keys": [john]}).get_json() == {"removed": 0}
        assert api("GET", "/students").get_json()["total"] == 0

    def test_all_or_none(self, api: Api, john: str) -> None:
        problem(api("POST", "/students/removals", json={"keys": [john, "gone"]}), 404, "unknown_student")
        assert api("GET", "/students").get_json()["total"] == 1

    @pytest.mark.parametrize("keys", [[], "x", [1], None, [["x"]]])
    def test_refuses_other_lists(self, api: Api, keys: Any) -> None:
        assert fields(api("POST", "/students/removals", json={"keys": keys}))[0].startswith("keys")

    def test_takes_a_whole_roster(self, api: Api) -> None:
        keys = [f"{number:016x}" for number in range(20_000)]
        problem(api("POST", "/students/removals", json={"keys": keys}), 404, "unknown_student")

    def test_litany(self, api: Api, john: str) -> None:
        takes_json_only(api, "POST", "/students/removals", {"keys": [john]}, most=1_000_000)


class TestCheckInByHand:
    """POST /students/{key}/check-ins"""

    def test_checks_in_once_within_the_interval(self, api: Api, jane: str, clock: Clock) -> None:
        first = api("POST", f"/students/{jane}/check-ins")
        assert first.status_code == 201
        record = first.get_json()["record"]
        assert (record["method"], record["by"], record["kiosk"]) == ("by_hand", LECTURER, None)
        clock.tick(minutes=9, seconds=59)
        again = api("POST", f"/students/{jane}/check-ins")
        assert (again.status_code, again.get_json()) == (200, {"record": record, "already": True})
        clock.tick(seconds=1)
        assert api("POST", f"/students/{jane}/check-ins").status_code == 201

    def test_a_clock_set_back_makes_no_second_record(self, api: Api, jane: str, clock: Clock) -> None:
        api("POST", f"/students/{jane}/check-ins")
        clock.tick(minutes=-5)
        assert api("POST", f"/students/{jane}/check-ins").status_code == 200

    def test_only_who_is_on_the_list(self, api: Api, jane: str) -> None:
        problem(api("POST", "/students/gone/check-ins"), 404, "unknown_student")
        api("PATCH", f"/students/{jane}", json={"removed": True})
        problem(api("POST", f"/students/{jane}/check-ins"), 409, "student_removed")

    def test_litany(self, api: Api, jane: str) -> None:
        refuses_other_methods(api, f"/students/{jane}/check-ins", "POST")
        refuses_other_sites(api, "POST", f"/students/{jane}/check-ins")


class TestAttendance:
    """GET /students/{key}/attendance"""

    def test_newest_first_with_cancellations(self, api: Api, jane: str, clock: Clock) -> None:
        record = api("POST", f"/students/{jane}/check-ins").get_json()["record"]
        clock.tick(minutes=1)
        api("POST", f"/check-ins/{record['id']}/cancel", json={})
        body = api("GET", f"/students/{jane}/attendance").get_json()
        assert [(r["method"], r["cancelled"], r["cancels"]) for r in body["records"]] == [
            ("cancellation", False, record["id"]),
            ("by_hand", True, None),
        ]
        assert body["next"] is None

    def test_pages(self, api: Api, jane: str, clock: Clock) -> None:
        for _ in range(3):
            api("POST", f"/students/{jane}/check-ins")
            clock.tick(minutes=10)
        first = api("GET", f"/students/{jane}/attendance?limit=2").get_json()
        second = api("GET", f"/students/{jane}/attendance?limit=2&after={first['next']}").get_json()
        assert [len(first["records"]), len(second["records"]), second["next"]] == [2, 1, None]
        assert first["records"][0]["local_time"] == "09:50"

    def test_litany(self, api: Api, jane: str) -> None:
        problem(api("GET", "/students/gone/attendance"), 404, "unknown_student")
        assert fields(api("GET", f"/students/{jane}/attendance?limit=-1")) == ["limit"]
        assert fields(api("GET", f"/students/{jane}/attendance?after=9-gone")) == ["after"]
        refuses_other_methods(api, f"/students/{jane}/attendance", "GET")
