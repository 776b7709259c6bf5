"""GET /kiosk, and what a check-in at a kiosk with a room comes to. It is half past nine on a Monday in Berlin."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.attendance.courses.site_attendance import SettingsChanges
from secure_attend.attendance.services import Services
from secure_attend.storage.values import Entry
from tests.conftest import Site, logged_in
from tests.support.campus import HALL_B, HALL_C, LECTURE, Campus, meeting
from tests.support.fakes import Clock


@pytest.fixture(autouse=True)
def _no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Power cuts are other tests' business."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def campus(app: Flask, services: Services, site: Site, clock: Clock) -> Campus:
    return Campus(app, services, site, clock)


class TestTheStanding:
    """What the kiosk tells the student about a check-in."""

    def test_on_time_late_and_after_the_end_of_check_in(self, campus: Campus) -> None:
        campus.teach(LECTURE)
        said = campus.check_in("Ann", campus.hall_b, "10:10")["standing"]
        assert said == {
            "kind": "counted",
            "classes": [{"course": "STAT110", "room": HALL_B, "status": "present"}],
        }

    def test_late(self, campus: Campus) -> None:
        said = campus.teach(LECTURE).check_in("Ann", campus.hall_b, "10:14")["standing"]
        assert [each["status"] for each in said["classes"]] == ["late"]

    def test_the_first_check_in_decides_however_often_one_checks_in(self, campus: Campus) -> None:
        campus.teach(LECTURE).check_in("Ann", campus.hall_b, "10:02")
        again = campus.check_in("Ann", campus.hall_b, "11:20")
        assert [each["status"] for each in again["standing"]["classes"]] == ["present"]

    def test_a_mark_decides_too(self, campus: Campus, services: Services) -> None:
        campus.teach(LECTURE)
        marked = Entry(
            services.time.now(), "mark", "1", "Dr Ada", person=campus.keys["Ann"], meeting="m1", status="excused"
        )
        services.store.append(marked)
        said = campus.check_in("Ann", campus.hall_b, "10:05")["standing"]
        assert [each["status"] for each in said["classes"]] == ["excused"]

    def test_the_site_may_hide_the_status(self, campus: Campus, services: Services) -> None:
        campus.teach(LECTURE)
        services.site_attendance.change(SettingsChanges(kiosk_shows_status=False))
        said = campus.check_in("Ann", campus.hall_b, "10:14")["standing"]
        assert said["classes"] == [{"course": "STAT110", "room": HALL_B, "status": None}]

    def test_a_member_at_another_rooms_kiosk(self, campus: Campus) -> None:
        said = campus.teach(LECTURE).check_in("Ann", campus.hall_c, "10:05")["standing"]
        assert (said["kind"], [(each["course"], each["room"]) for each in said["classes"]]) == (
            "other_room",
            [("STAT110", HALL_B)],
        )
        assert [record.room for record in campus.records("Ann")] == [HALL_C]

    def test_a_member_of_another_group(self, campus: Campus) -> None:
        campus.teach(meeting("m1", "10:00", "11:30", groups=frozenset({"lab-b"})))
        said = campus.check_in("Ann", campus.hall_b, "10:05")["standing"]
        assert (said["kind"], said["classes"][0]["status"]) == ("other_group", None)

    def test_somebody_whom_the_list_does_not_name(self, campus: Campus) -> None:
        said = campus.teach(LECTURE).check_in("Bob", campus.hall_b, "10:05")["standing"]
        assert (said["kind"], said["classes"][0]["course"]) == ("not_a_member", "STAT110")
        assert len(campus.records("Bob")) == 1

    @pytest.mark.parametrize("change", [{"cancelled": True}, {"room": HALL_C}])
    def test_no_class_is_open_here(self, campus: Campus, change: dict[str, Any]) -> None:
        campus.teach(LECTURE)
        campus.change("m1", **change)
        assert campus.check_in("Bob", campus.hall_b, "10:05")["standing"] == {"kind": "no_class", "classes": []}

    def test_a_change_of_the_documents_counts_at_once(self, campus: Campus) -> None:
        campus.teach(LECTURE)
        assert campus.check_in("Bob", campus.hall_b, "10:05")["standing"]["kind"] == "not_a_member"
        campus.services.memberships.join("stat", [campus.keys["Bob"]], date(2026, 11, 1))
        assert campus.check_in("Bob", campus.hall_b, "10:12")["standing"]["classes"][0]["status"] == "present"

    def test_sites_without_courses_get_none(self, campus: Campus) -> None:
        assert campus.check_in("Ann", campus.hall_b)["standing"] is None


def test_a_class_that_met_in_another_room_is_moved_there(campus: Campus, client: FlaskClient) -> None:
    campus.teach(LECTURE)
    campus.services.memberships.join("stat", [campus.keys["Bob"]], date(2026, 11, 1))
    campus.check_in("Ann", campus.hall_c, "10:05")
    campus.check_in("Bob", campus.hall_b, "10:06")

    def register() -> tuple[list[Any], list[Any]]:
        found = client.get("/api/v1/meetings/m1/register").get_json()
        visitors = [(each["student"]["name"], each["kind"], each["room"]) for each in found["visitors"]]
        return [row["status"] for row in found["rows"]], visitors

    assert register() == (["not_yet", "present"], [("Ann", "other_room", HALL_C)])
    moved = client.post("/api/v1/meetings/m1/changes", json={"action": "edit", "room": HALL_C})
    assert moved.status_code == 200, moved.text
    assert register() == (["present", "not_yet"], [("Bob", "other_room", HALL_B)])


class TestTheInterval:
    """A check-in that says something new is a record of its own, however soon it comes."""

    def test_the_same_again_is_none(self, campus: Campus) -> None:
        campus.teach(LECTURE).check_in("Ann", campus.hall_b, "10:05")
        assert campus.check_in("Ann", campus.hall_b, "10:06")["already"]

    def test_another_room(self, campus: Campus) -> None:
        campus.teach(LECTURE).check_in("Ann", campus.hall_c, "10:05")
        assert not campus.check_in("Ann", campus.hall_b, "10:06")["already"]
        assert [record.room for record in campus.records("Ann")] == [HALL_C, HALL_B]

    def test_another_meeting(self, campus: Campus) -> None:
        """The second class opens when the first ends: at 11:29 the check-in was for the first alone."""
        campus.teach(LECTURE, meeting("m2", "11:30", "12:30"))
        campus.check_in("Ann", campus.hall_b, "11:29:30")
        second = campus.check_in("Ann", campus.hall_b, "11:30:30")
        assert not second["already"]
        assert [each["status"] for each in second["standing"]["classes"]] == ["present"]
        assert campus.check_in("Ann", campus.hall_b, "11:31")["already"]

    def test_a_block_is_served_by_one(self, campus: Campus) -> None:
        campus.teach(replace(LECTURE, block="b"), meeting("m2", "11:30", "12:30", block="b"))
        said = campus.check_in("Ann", campus.hall_b, "10:00")["standing"]
        assert [each["status"] for each in said["classes"]] == ["present", "present"]

    def test_after_staff_marked_an_absence(self, campus: Campus, client: FlaskClient) -> None:
        """The first check-in no longer counts, so the next one is new, and takes the place of the mark."""
        campus.teach(LECTURE).check_in("Ann", campus.hall_b, "10:05")
        mark = {"student": campus.keys["Ann"], "status": "absent", "replaces": None}
        marked = client.post("/api/v1/meetings/m1/marks", json={"marks": [mark]})
        assert marked.status_code == 201, marked.text
        again = campus.check_in("Ann", campus.hall_b, "10:06")
        assert not again["already"]
        assert [each["status"] for each in again["standing"]["classes"]] == ["present"]
        assert campus.check_in("Ann", campus.hall_b, "10:06:30")["already"]

    def test_another_day(self, campus: Campus) -> None:
        campus.teach().check_in("Ann", campus.hall_b, "23:59:30")
        campus.clock.tick(60)
        assert not campus.check_in("Ann", campus.hall_b)["already"]

    def test_by_hand_after_a_kiosk(self, campus: Campus, client: FlaskClient) -> None:
        campus.teach(LECTURE).check_in("Ann", campus.hall_b, "10:05")
        by_hand = f"/api/v1/students/{campus.keys['Ann']}/check-ins"
        assert client.post(by_hand).get_json()["already"]
        campus.check_in("Bob", campus.hall_c)
        assert client.post(by_hand.replace(campus.keys["Ann"], campus.keys["Bob"])).get_json()["already"]

    def test_by_hand_where_the_kiosk_did_not_count(self, campus: Campus, client: FlaskClient) -> None:
        campus.teach(LECTURE).check_in("Ann", campus.hall_c, "10:05")
        assert not client.post(f"/api/v1/students/{campus.keys['Ann']}/check-ins").get_json()["already"]
        assert [record.room for record in campus.records("Ann")] == [HALL_C, "*"]

    def test_without_a_course_rooms_do_not_matter_and_days_do(self, campus: Campus) -> None:
        campus.check_in("Ann", campus.hall_b, "23:58:30")
        campus.clock.tick(60)
        assert campus.check_in("Ann", campus.hall_c)["already"]
        campus.clock.tick(60)
        assert not campus.check_in("Ann", campus.hall_c)["already"]


def test_the_room_of_a_record(app: Flask, campus: Campus) -> None:
    """The kiosk's then; the star at an entrance, and while no kiosk has a room; none for one without."""
    entrance, plain = campus.kiosk("Entrance", "Foyer", entrance=True), campus.kiosk("Plain", None)
    for kiosk in (campus.hall_b, entrance, plain):
        campus.check_in("Ann", kiosk)
        campus.clock.tick(600)
    for each in campus.services.kiosk_rooms.all():
        campus.services.kiosk_rooms.forget(each.kiosk)
    campus.check_in("Ann", campus.hall_b)
    assert [record.room for record in campus.records("Ann")] == [HALL_B, "*", None, "*"]


def test_history_and_export_tell_of_rooms_checkins(campus: Campus, client: FlaskClient) -> None:
    campus.teach(LECTURE).check_in("Ann", campus.hall_c, "10:05")
    campus.check_in("Ann", campus.hall_b, "10:06")
    asked = {"student_id": "1", "code": campus.codes["Ann"]}
    shown = campus.hall_b.post("/api/v1/history", json=asked).get_json()["records"]
    assert [record["time"] for record in shown] == ["10:06", "10:05"]
    assert client.get(f"/api/v1/students/{campus.keys['Ann']}/export").text.count(HALL_C) >= 1


class TestThePlace:
    """GET /kiosk"""

    @pytest.fixture
    def shown(self, campus: Campus) -> Callable[..., Any]:
        def at(local: str, kiosk: FlaskClient | None = None) -> Any:
            campus.at(local)
            return (kiosk or campus.hall_b).get("/api/v1/kiosk").get_json()

        return at

    def test_a_site_without_courses(self, shown: Callable[..., Any]) -> None:
        assert shown("09:31") == {
            "name": "At Hall B",
            "room": HALL_B,
            "entrance": False,
            "courses": False,
            "faces": True,
            "classes": [],
            "next": None,
        }

    def test_from_next_to_open_to_closed(self, campus: Campus, shown: Callable[..., Any]) -> None:
        campus.teach(meeting("m1", "12:00", "13:00"), meeting("m2", "15:00", "16:00"))
        closed = shown("10:44")
        assert (closed["courses"], closed["classes"], closed["next"]["starts"]) == (True, [], "12:00")
        (soon,) = shown("10:46")["classes"]
        assert (soon["phase"], soon["course"], soon["opens"]) == ("planned", "STAT110", "11:45")
        (open_,) = shown("11:46")["classes"]
        assert (open_["phase"], open_["on_time"], open_["on_time_until"]) == ("open", True, "12:10")
        (late,) = shown("12:11")["classes"]
        assert (late["phase"], late["on_time"], late["late_until"]) == ("open", False, "13:00")
        assert shown("13:00")["next"]["starts"] == "15:00"
        after = shown("16:01")
        assert (after["classes"], after["next"]) == ([], None)

    def test_only_classes_of_the_room(self, campus: Campus, shown: Callable[..., Any]) -> None:
        campus.teach(
            LECTURE,
            meeting("m2", "10:00", "11:00", HALL_C, "phys"),
            meeting("m3", "10:00", "11:00", None, "phys"),
            meeting("m4", "10:00", "11:00", HALL_B, "phys", cancelled=True),
        )
        entrance, plain = campus.kiosk("Entrance", None, entrance=True), campus.kiosk("Plain", None)

        def titles(kiosk: FlaskClient) -> list[str]:
            return [each["title"] for each in shown("10:00", kiosk)["classes"]]

        assert titles(campus.hall_b) == ["Class m1", "Class m3"]
        assert titles(campus.hall_c) == ["Class m2", "Class m3"]
        assert titles(entrance) == ["Class m1", "Class m2", "Class m3"]
        assert titles(plain) == ["Class m3"]

    def test_extended_and_queueing(self, campus: Campus, shown: Callable[..., Any]) -> None:
        campus.teach(LECTURE)
        ends = LECTURE.ends_at
        campus.change("m1", closes=ends + timedelta(hours=1), on_time_until=LECTURE.starts_at + timedelta(minutes=25))
        (open_,) = shown("10:24")["classes"]
        assert (open_["on_time"], open_["on_time_until"], open_["late_until"]) == (True, "10:25", "12:30")

    def test_lecturers_see_no_class_of_others(self, app: Flask, campus: Campus, shown: Callable[..., Any]) -> None:
        campus.teach(LECTURE)
        assert shown("10:00", logged_in(app, "Grace", "faculty"))["classes"] == []
        assert len(shown("10:00", logged_in(app))["classes"]) == 1
