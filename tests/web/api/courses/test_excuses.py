"""Excuses over HTTP. It is half past nine on Monday 23 November in Berlin; classes are on Mondays, at 10 and at 14."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.storage.ports import Store
from secure_attend.storage.tools.verify import verify_place
from tests.conftest import logged_in, paired
from tests.support.fakes import Clock
from tests.support.postgres import NewDatabase
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only
from tests.support.web.taught_course import COURSE, TaughtCourse, statuses

pytestmark = pytest.mark.parametrize("faces", ["on", "off"])
"""All of this holds on a site without faces, too."""
MONDAYS = ("2026-11-23", "2026-11-30", "2026-12-07")
TWO_WEEKS = {"first_day": "2026-11-23", "last_day": "2026-12-04"}
NOTE = "a letter of the Ministry of Magic"


class ExcusedCourse(TaughtCourse):
    """S0, S1 and S2 have two classes on each of three Mondays: `mornings` and `afternoons`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.mornings = self._mondays("Lecture", "10:00", "12:00")
        self.afternoons = self._mondays("Lab", "14:00", "15:00")

    def _mondays(self, title: str, begin: str, end: str) -> list[str]:
        weekly = {"weekdays": [0], "last_day": MONDAYS[-1]}
        body = {"title": title, "day": MONDAYS[0], "from": begin, "to": end, "weekly": weekly}
        made = self.api("POST", f"/courses/{self.key}/meetings", json=body)
        assert made.status_code == 201, made.text
        return [each["key"] for each in made.get_json()["meetings"]]

    def path(self, number: int = 0) -> str:
        """The address for a student's excuses in the course."""
        return f"/courses/{self.key}/members/{self.students[number]}/excuses"

    def excuse(self, body: dict[str, Any], number: int = 0) -> Any:
        """Excuse a student in the course; return the excuse."""
        made = self.api("POST", self.path(number), json=body)
        assert made.status_code == 201, made.text
        return made.get_json()["excuse"]

    def row(self, number: int = 0) -> str:
        """The letters of a student's row in the grid, in the order of classes."""
        grid = self.api("GET", f"/courses/{self.key}/register").get_json()
        letters = {"not_yet": ".", "not_taken": "-", None: " "}
        cells = grid["rows"][number]["cells"]
        return "".join(letters.get(cell["status"], (cell["status"] or " ")[0].upper()) for cell in cells)


@pytest.fixture
def taught(api: Api) -> ExcusedCourse:
    return ExcusedCourse(api)


@pytest.fixture
def staff(app: Flask, taught: ExcusedCourse) -> dict[str, FlaskClient]:
    """Lena is the course's lecturer, Anton its assistant, Aldo may view it. Otto teaches another course, Ida is the
    admin alone."""
    people = {name: logged_in(app, name, "faculty") for name in ("Lena", "Anton", "Aldo", "Otto", "Regine")}
    for name, role in (("Lena", "lecturer"), ("Anton", "assistant"), ("Aldo", "viewer")):
        taught.api("PUT", f"/courses/{taught.key}/staff", json={"account": name, "role": role})
    people["Ida"] = logged_in(app, "Ida", roles=("admin",))
    return people


class TestWhatItCovers:
    """The grid has the Mondays' classes in turn: morning, afternoon."""

    def test_days_and_hours(self, taught: ExcusedCourse) -> None:
        day = "2026-11-30"
        for body, row in (
            ({"first_day": "2026-11-23", "last_day": "2026-11-23"}, "EE...."),
            (TWO_WEEKS, "EEEE.."),
            ({"first_day": "2026-11-24", "last_day": "2026-11-29"}, "......"),
            ({**TWO_WEEKS, "first_time": "12:00"}, ".EEE.."),
            ({**TWO_WEEKS, "first_time": "11:59"}, "EEEE.."),
            ({"first_day": "2026-11-23", "last_day": day, "last_time": "14:00"}, "EEE..."),
            ({"first_day": "2026-11-23", "last_day": day, "last_time": "14:01"}, "EEEE.."),
            ({"first_day": day, "first_time": "08:00", "last_day": day, "last_time": "13:00"}, "..E..."),
        ):
            preview = taught.api("POST", f"{taught.path()}?preview=1", json=body)
            assert (preview.status_code, preview.get_json()["excuse"], taught.row()) == (200, None, "......")
            excuse = taught.excuse(body)
            assert taught.row() == row, body
            assert len(excuse["classes"]) == row.count("E")
            assert preview.get_json()["classes"] == excuse["classes"]
            assert {name: excuse[name] for name in body} == body
            taught.api("DELETE", f"/students/{taught.students[0]}/excuses/{excuse['id']}")

    def test_chosen_classes_also_where_they_are_moved(self, taught: ExcusedCourse) -> None:
        excuse = taught.excuse({"meetings": [taught.afternoons[0], taught.mornings[2]]})
        assert (excuse["chosen"], excuse["first_day"], [each["starts"] for each in excuse["classes"]]) == (
            True,
            None,
            ["2026-11-23T14:00", "2026-12-07T10:00"],
        )
        assert taught.row() == ".E..E."
        change = {"action": "move", "starts": "2026-12-08T10:00", "ends": "2026-12-08T12:00"}
        assert taught.api("POST", f"/meetings/{taught.mornings[2]}/changes", json=change).status_code == 200
        assert taught.row() == ".E...E"

    def test_a_check_in_of_an_excused_student_counts_and_a_late_one_is_kept(
        self, taught: ExcusedCourse, clock: Clock
    ) -> None:
        taught.excuse(TWO_WEEKS)
        register = taught.register(taught.mornings[0])
        assert register["rows"][0]["why"] == {"code": "excused", "params": {}}
        clock.tick(minutes=30)
        record = taught.check_in(taught.students[0])
        row = taught.register(taught.mornings[0])["rows"][0]
        assert (row["status"], row["check_in"]) == ("present", record)
        taught.api("POST", f"/check-ins/{record}/cancel", json={})
        assert taught.row() == "EEEE.."

    def test_a_series_planned_later_is_covered_too(self, taught: ExcusedCourse) -> None:
        taught.excuse(TWO_WEEKS)
        body = {"title": "Extra", "day": "2026-12-02", "from": "09:00", "to": "10:00"}
        taught.api("POST", f"/courses/{taught.key}/meetings", json=body)
        assert taught.row() == "EEEEE.."

    def test_the_kiosk_greets_an_excused_student_who_comes_too_late(
        self, app: Flask, taught: ExcusedCourse, clock: Clock
    ) -> None:
        rules = {"opens_before": 15, "on_time": 10, "late_until": 20, "since": "all"}
        taught.api("PUT", f"/courses/{taught.key}/rules", json=rules)
        code = taught.api("POST", f"/students/{taught.students[0]}/code").get_json()["code"]
        taught.excuse(TWO_WEEKS)
        clock.tick(days=7, hours=1)
        here = paired(app, "Hall")
        said = here.post("/api/v1/check-ins", json={"student_id": "S0", "code": code, "attempt": "an attempt of S0"})
        assert [each["status"] for each in said.get_json()["standing"]["classes"]] == ["excused"], said.text
        assert taught.row() == "EEEE.."


class TestEndAndUndo:
    def test_it_is_ended_by_one_record_and_undone_by_another(self, taught: ExcusedCourse, store: Store) -> None:
        first = taught.excuse({**TWO_WEEKS, "reason": "family", "note": NOTE})
        path = f"/students/{taught.students[0]}/excuses"
        ended = taught.api("PATCH", f"{path}/{first['id']}", json={"last_day": "2026-11-29"})
        assert ended.status_code == 200, ended.text
        second = ended.get_json()
        assert (second["last_day"], second["reason"], second["note"]) == ("2026-11-29", "Family", NOTE)
        assert taught.row() == "EE...."
        problem(taught.api("DELETE", f"{path}/{first['id']}"), 409, "excuse_changed")
        assert [each["id"] for each in taught.api("GET", path).get_json()["excuses"]] == [second["id"]]
        assert taught.api("DELETE", f"{path}/{second['id']}").get_json() == {"excuses": []}
        assert taught.row() == "......"
        records = list(store.records())
        assert [(each.method, each.status, each.replaces) for each in records] == [
            ("excuse", "excused", None),
            ("excuse", "excused", first["id"]),
            ("excuse", "as_recorded", second["id"]),
        ]
        assert [each.note for each in records] == [NOTE, NOTE, None]

    def test_hours_are_ended_and_chosen_classes_too(self, taught: ExcusedCourse) -> None:
        path = f"/students/{taught.students[0]}/excuses"
        hours = taught.excuse({"first_day": MONDAYS[0], "last_day": MONDAYS[0], "last_time": "18:00"})
        end = {"last_day": MONDAYS[0], "last_time": "13:00"}
        assert taught.api("PATCH", f"{path}/{hours['id']}", json=end).get_json()["last_time"] == "13:00"
        assert taught.row() == "E....."
        chosen = taught.excuse({"meetings": taught.afternoons})
        assert taught.row() == "EE.E.E"
        taught.api("PATCH", f"{path}/{chosen['id']}", json={"last_day": MONDAYS[1]})
        assert taught.row() == "EE.E.."

    def test_an_end_must_lie_within(self, taught: ExcusedCourse, store: Store) -> None:
        excuse = taught.excuse(TWO_WEEKS)
        path = f"/students/{taught.students[0]}/excuses/{excuse['id']}"
        for last in ("2026-11-22", "2026-12-04", "2027-12-04", "9999-12-31"):
            assert fields(taught.api("PATCH", path, json={"last_day": last})) == ["last_day"]
        assert len(list(store.records())) == 1

    def test_registers_in_memory_are_told(self, taught: ExcusedCourse) -> None:
        meeting = taught.mornings[0]
        assert statuses(taught.register(meeting)) == ["not_yet"] * 3
        excuse = taught.excuse(TWO_WEEKS, 1)
        assert statuses(taught.register(meeting)) == ["not_yet", "excused", "not_yet"]
        assert taught.register(meeting)["counts"]["excused"] == 1
        taught.api("DELETE", f"/students/{taught.students[1]}/excuses/{excuse['id']}")
        assert statuses(taught.register(meeting)) == ["not_yet"] * 3


class TestWhoMay:
    def test_lecturers_in_their_course_and_registrars_everywhere(
        self, app: Flask, taught: ExcusedCourse, staff: dict[str, FlaskClient]
    ) -> None:
        path, everywhere = f"/api/v1{taught.path()}", f"/api/v1/students/{taught.students[0]}/excuses"
        for who, status, code in (
            ("Anton", 403, "not_allowed"),
            ("Aldo", 403, "not_allowed"),
            ("Otto", 404, "unknown_course"),
            ("Ida", 403, "not_allowed"),
        ):
            problem(staff[who].post(path, json=TWO_WEEKS), status, code)
            refused = staff[who].get(everywhere)
            problem(refused, 404 if who == "Otto" else 403, "unknown_student" if who == "Otto" else "not_allowed")
        problem(staff["Lena"].post(everywhere, json=TWO_WEEKS), 403, "not_allowed")
        assert staff["Lena"].post(path, json=TWO_WEEKS).status_code == 201
        own = logged_in(app, "S0", "faculty")
        taught.api("PUT", f"/courses/{taught.key}/staff", json={"account": "S0", "role": "lecturer"})
        problem(own.post(path, json={"meetings": taught.mornings}), 403, "own_cell")
        (mine,) = own.get(everywhere).get_json()["excuses"]
        problem(own.delete(f"{everywhere}/{mine['id']}"), 403, "own_cell")
        assert (
            statuses(staff["Anton"].get(f"/api/v1/meetings/{taught.mornings[0]}/register").get_json())[0] == "excused"
        )

    def test_reason_and_note_are_for_lecturers_registrars_and_the_student(
        self, app: Flask, taught: ExcusedCourse, staff: dict[str, FlaskClient]
    ) -> None:
        everywhere = f"/students/{taught.students[0]}/excuses"
        taught.excuse({**TWO_WEEKS, "reason": "event", "note": NOTE})
        central = taught.api("POST", everywhere, json={**TWO_WEEKS, "reason": "duty", "note": "of the registrar"})
        assert central.status_code == 201, central.text
        shown = taught.api("GET", everywhere).get_json()["excuses"]
        assert [(each["course"], each["reason"], each["note"], each["may_change"]) for each in shown] == [
            (None, "Official duty", "of the registrar", True),
            (taught.key, "University event", NOTE, True),
        ]
        seen = staff["Lena"].get(f"/api/v1{everywhere}").get_json()["excuses"]
        assert [(each["reason"], each["note"], each["may_change"]) for each in seen] == [
            (None, None, False),
            ("University event", NOTE, True),
        ]
        refused = staff["Lena"].delete(f"/api/v1{everywhere}/{seen[0]['id']}")
        problem(refused, 404, "unknown_excuse")
        for address in (f"/students/{taught.students[0]}/attendance", f"/meetings/{taught.mornings[0]}/register"):
            text = staff["Anton"].get(f"/api/v1{address}").text
            assert not any(word in text for word in ("duty", "event", NOTE, "of the registrar")), text
        report = taught.api("GET", "/reports/attendance.csv").text
        assert "S0" not in report
        assert NOTE not in report
        code = taught.api("POST", f"/students/{taught.students[0]}/code").get_json()["code"]
        marks = paired(app).post("/api/v1/history", json={"student_id": "S0", "code": code}).get_json()["marks"]
        assert [(mark["reason"], mark["note"], mark["first_day"]) for mark in marks] == [
            ("Official duty", "of the registrar", "2026-11-23"),
            ("University event", NOTE, "2026-11-23"),
        ]

    def test_a_registrar_chooses_classes_of_several_courses_and_each_lecturer_sees_their_own(
        self, app: Flask, taught: ExcusedCourse, staff: dict[str, FlaskClient], api: Api
    ) -> None:
        other = api("POST", "/courses", json={**COURSE, "code": "PHYS220"}).get_json()["key"]
        api("PUT", f"/courses/{other}/staff", json={"account": "Otto", "role": "lecturer"})
        api("POST", f"/courses/{other}/members", json={"student_id": "S0"})
        body = {"title": "Secret seminar", "day": "2026-11-24", "from": "09:00", "to": "10:00"}
        (seminar,) = api("POST", f"/courses/{other}/meetings", json=body).get_json()["meetings"]
        everywhere = f"/students/{taught.students[0]}/excuses"
        assert fields(taught.api("POST", taught.path(), json={"meetings": [seminar["key"]]})) == ["meetings"]
        chosen = {"meetings": [taught.mornings[0], seminar["key"]]}
        excuse = api("POST", everywhere, json=chosen).get_json()["excuse"]
        assert [each["code"] for each in excuse["classes"]] == ["STAT110", "PHYS220"]
        for who, code in (("Lena", "STAT110"), ("Otto", "PHYS220")):
            (seen,) = staff[who].get(f"/api/v1{everywhere}").get_json()["excuses"]
            assert [each["code"] for each in seen["classes"]] == [code]
            text = staff[who].get(f"/api/v1/students/{taught.students[0]}/attendance").text
            assert "Secret seminar" not in text
        only = api("POST", everywhere, json={"meetings": [seminar["key"]]}).get_json()["excuse"]
        assert [each["id"] for each in staff["Lena"].get(f"/api/v1{everywhere}").get_json()["excuses"]] == [
            excuse["id"]
        ]
        assert only["course"] is None

    @pytest.mark.parametrize("over", [True, False], ids=["the course is over", "the student left it"])
    def test_lecturers_open_reason_and_note_of_their_course_later_too(
        self, app: Flask, taught: ExcusedCourse, staff: dict[str, FlaskClient], clock: Clock, over: bool
    ) -> None:
        """And nothing else: not the student, and not what a registrar excused from when they no longer taught it."""
        student = f"/students/{taught.students[0]}"
        mine = taught.excuse({**TWO_WEEKS, "reason": "event", "note": NOTE})
        later = {"first_day": "2027-03-01", "last_day": "2027-03-05"}
        for body in (TWO_WEEKS, later):
            assert taught.api("POST", f"{student}/excuses", json=body).status_code == 201
        if over:
            clock.tick(days=90)
        else:
            taught.api("DELETE", f"/courses/{taught.key}/members/{taught.students[0]}")
            clock.tick(days=1)
        lena = logged_in(app, "Lena")
        seen = lena.get(f"/api/v1{student}/excuses").get_json()["excuses"]
        assert [(each["course"], each["reason"], each["note"]) for each in seen] == [
            (None, None, None),
            (taught.key, "University event", NOTE),
        ]
        statement = lena.get(f"/api/v1{student}/statement").get_json()
        assert [each["course"]["code"] for each in statement["courses"]] == ["STAT110"]
        problem(lena.get(f"/api/v1{student}"), 404, "unknown_student")
        problem(lena.get(f"/api/v1{student}/attendance"), 404, "unknown_student")
        for who in ("Anton", "Aldo", "Otto"):
            for what in ("excuses", "statement"):
                problem(logged_in(app, who).get(f"/api/v1{student}/{what}"), 404, "unknown_student")
        assert lena.delete(f"/api/v1{student}/notes/{mine['id']}").get_json() == {"records": 1}
        assert lena.delete(f"/api/v1{student}/excuses/{mine['id']}").status_code == 200

    def test_an_archived_course_stays_as_it_is(self, taught: ExcusedCourse) -> None:
        excuse = taught.excuse(TWO_WEEKS)
        taught.api("PATCH", f"/courses/{taught.key}", json={"archived": True})
        problem(taught.api("POST", taught.path(1), json=TWO_WEEKS), 409, "course_archived")
        undo = taught.api("DELETE", f"/students/{taught.students[0]}/excuses/{excuse['id']}")
        problem(undo, 409, "course_archived")

    def test_looks_are_in_the_audit_trail_and_notes_are_not(self, taught: ExcusedCourse) -> None:
        excuse = taught.excuse({**TWO_WEEKS, "note": NOTE})
        taught.api("GET", f"/students/{taught.students[0]}/excuses")
        taught.api("DELETE", f"/students/{taught.students[0]}/notes/{excuse['id']}")
        trail = taught.api("GET", f"/audit?whom=student:{taught.students[0]}")
        assert {"Viewed the excuses of a student", "Erased the reason and note of a mark or an excuse"} <= {
            entry["words"] if "words" in entry else entry["what"] for entry in trail.get_json()["entries"]
        }
        assert NOTE not in trail.text


class TestReasonsAreNeeded:
    def test_for_an_e(self, taught: ExcusedCourse) -> None:
        api, meeting = taught.api, taught.mornings[0]
        assert api("PATCH", "/attendance-settings", json={"excused_needs_reason": True}).status_code == 200
        assert fields(api("POST", taught.path(), json=TWO_WEEKS), code="reason_needed") == ["reason"]
        mark = {"student": taught.students[1], "status": "excused", "replaces": None}
        problem(taught.mark(meeting, mark), 422, "reason_needed")
        assert taught.mark(meeting, {**mark, "remark": "event"}).status_code == 201
        assert taught.mark(meeting, {**mark, "student": taught.students[2], "status": "absent"}).status_code == 201
        wrong = {"student": taught.students[0], "status": "late", "replaces": None, "remark": "event"}
        assert fields(taught.mark(meeting, wrong)) == ["marks"]
        assert taught.excuse({**TWO_WEEKS, "reason": "other"})["reason"] == "Other"

    def test_for_old_marks(self, taught: ExcusedCourse, clock: Clock) -> None:
        api, meeting = taught.api, taught.mornings[0]
        assert api("PATCH", "/attendance-settings", json={"reason_after_days": 7}).status_code == 200
        mark = {"student": taught.students[1], "status": "present", "replaces": None}
        clock.tick(days=7)
        made = taught.mark(meeting, mark)
        assert made.status_code == 201
        clock.tick(days=1)
        later = {**mark, "status": "absent", "replaces": made.get_json()["records"][0]["id"]}
        problem(taught.mark(meeting, later), 422, "reason_needed")
        assert taught.mark(meeting, {**later, "remark": "online"}).status_code == 201
        old = {"first_day": "2026-11-23", "last_day": "2026-11-23"}
        assert fields(api("POST", taught.path(), json=old), code="reason_needed") == ["reason"]
        assert fields(api("POST", taught.path(), json={"meetings": [meeting]}), code="reason_needed") == ["reason"]
        assert taught.excuse({"first_day": "2026-11-30", "last_day": "2026-12-08"})["reason"] is None
        assert api("PATCH", "/attendance-settings", json={"reason_after_days": None}).status_code == 200
        assert taught.excuse(old)["reason"] is None

    def test_a_visitor_of_an_old_class_is_declined_without_a_reason(self, taught: ExcusedCourse, clock: Clock) -> None:
        api, meeting, visitor = taught.api, taught.mornings[0], taught.add("X1")
        assert api("PATCH", "/attendance-settings", json={"reason_after_days": 2}).status_code == 200
        clock.tick(minutes=40)
        taught.check_in(visitor)
        clock.tick(days=5)
        declined = {"student": visitor, "status": "declined", "replaces": None}
        made = taught.mark(meeting, declined)
        assert made.status_code == 201, made.text
        assert taught.register(meeting)["visitors"] == []
        again = {**declined, "status": "present", "replaces": made.get_json()["records"][0]["id"]}
        problem(taught.mark(meeting, again), 422, "reason_needed")

    def test_the_sites_list(self, taught: ExcusedCourse) -> None:
        api = taught.api
        listed = api("GET", "/attendance-settings").get_json()
        assert [each["text"] for each in listed["reasons"]] == [
            "Approved absence", "University event", "Official duty", "Family", "Other",
        ]  # fmt: skip
        assert (listed["excused_needs_reason"], listed["reason_after_days"]) == (False, None)
        excuse = taught.excuse({**TWO_WEEKS, "reason": "family"})
        reasons = [{"code": "strike", "text": "Strike of the trams"}]
        assert api("PATCH", "/attendance-settings", json={"reasons": reasons}).get_json()["reasons"] == reasons
        (known,) = api("GET", f"/students/{taught.students[0]}/excuses").get_json()["excuses"]
        assert (known["id"], known["reason"]) == (excuse["id"], "family")
        assert fields(api("POST", taught.path(1), json={**TWO_WEEKS, "reason": "family"})) == ["reason"]
        for body, field in (
            ({"reasons": [{"code": "=1", "text": "x"}]}, "code"),
            ({"reasons": reasons * 2}, "code"),
            ({"reasons": [{"code": "online", "text": "as a remark"}]}, "code"),
            ({"reasons": [{"code": "x", "text": "a\ue000b"}]}, "text"),
            ({"reasons": [], "excused_needs_reason": True}, "reasons"),
            ({"reason_after_days": -1}, "reason_after_days"),
            ({"reason_after_days": 4000}, "reason_after_days"),
        ):
            assert fields(api("PATCH", "/attendance-settings", json=body)) == [field], body
        assert api("GET", "/attendance-settings").get_json()["reasons"] == reasons


def test_bad_input(taught: ExcusedCourse, store: Store) -> None:
    api, path = taught.api, f"/students/{taught.students[0]}/excuses"
    takes_json_only(api, "POST", taught.path(), TWO_WEEKS)
    refuses_other_methods(api, path, "GET", "POST")
    refuses_other_methods(api, f"{path}/none", "PATCH", "DELETE")
    both = {**TWO_WEEKS, "meetings": [taught.mornings[0]]}
    assert fields(api("POST", taught.path(), json=both)) == ["meetings"]
    stranger = taught.add("X1")
    problem(api("POST", f"/courses/{taught.key}/members/{stranger}/excuses", json=TWO_WEEKS), 404, "not_a_member")
    problem(api("POST", f"/courses/{taught.key}/members/nobody/excuses", json=TWO_WEEKS), 404, "unknown_student")
    problem(api("POST", "/students/nobody/excuses", json=TWO_WEEKS), 404, "unknown_student")
    problem(api("DELETE", f"{path}/1-0000000000000000"), 404, "unknown_excuse")
    problem(api("PATCH", f"{path}/none", json={"last_day": "2026-11-24"}), 404, "unknown_excuse")
    problem(api("DELETE", f"/students/{taught.students[0]}/notes/none"), 404, "unknown_record")
    assert list(store.records()) == []
    excuse = taught.excuse(TWO_WEEKS)
    problem(api("POST", taught.path(), json=TWO_WEEKS), 409, "already_excused")
    problem(api("DELETE", f"/students/{taught.students[1]}/excuses/{excuse['id']}"), 404, "unknown_excuse")
    assert len(list(store.records())) == 1


class TestErased:
    """Reasons and notes go alone, or with the student, and the chain still verifies: on every store."""

    @pytest.fixture(params=["files", "sqlite", "postgresql"])
    def settings(
        self, request: pytest.FixtureRequest, settings: Settings, new_database: NewDatabase, tmp_path: Path
    ) -> Settings:
        kind: str = request.param
        return settings if kind == "files" else replace(settings, database_url=new_database(kind, tmp_path))

    def test_alone_and_with_the_student(
        self, settings: Settings, taught: ExcusedCourse, services: Services, store: Store
    ) -> None:
        api, student = taught.api, taught.students[0]
        first = taught.excuse({**TWO_WEEKS, "reason": "family", "note": NOTE})
        ended = api("PATCH", f"/students/{student}/excuses/{first['id']}", json={"last_day": "2026-11-29"}).get_json()
        hours = {"first_day": "2026-12-01", "first_time": "10:00", "last_day": "2026-12-01", "last_time": "11:30"}
        kept = taught.excuse({**hours, "note": "another note"})
        exported = api("GET", f"/students/{student}/export").get_json()["records"]
        assert [each["mark"]["note"] for each in exported] == [NOTE, NOTE, "another note"]
        assert (exported[2]["mark"]["first_time"], exported[2]["mark"]["last_time"]) == ("10:00", "11:30")
        erased = api("DELETE", f"/students/{student}/notes/{ended['id']}")
        assert (erased.status_code, erased.get_json()) == (200, {"records": 2})
        assert NOTE not in repr(list(store.records()))
        shown = {each["id"]: each for each in api("GET", f"/students/{student}/excuses").get_json()["excuses"]}
        assert (shown[ended["id"]]["reason"], shown[kept["id"]]["note"]) == (None, "another note")
        assert taught.row() == "EE...."
        assert api("DELETE", f"/students/{student}?reason=asked").status_code == 200
        assert {(each.person, each.reason, each.note) for each in store.records()} == {(None, None, None)}
        good, words = verify_place(settings.database_url or str(settings.data), settings.site_key_file)
        assert good, words
