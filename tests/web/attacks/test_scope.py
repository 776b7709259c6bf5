"""Nothing of another course comes back, and nothing of it changes: every route is called by somebody of every role.

The routes are those of the application, so a new one is walked too. For that it must be in the OpenAPI document, and
its address must name a course, meeting, student or record as the others do.
"""

from __future__ import annotations

import ast
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import secure_attend
from secure_attend import create_app
from secure_attend.access.access import Access, Caller
from secure_attend.access.course_staff import StaffMember, staff_document, staff_of
from secure_attend.access.scope import Scope
from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.attendance.courses.membership import membership_document, membership_of
from secure_attend.attendance.recognition.look_alikes import unmark_look_alikes
from secure_attend.settings import Settings
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from secure_attend.storage.values import pair_of
from secure_attend.web.http.access_rules import Rule, rules
from secure_attend.web.http.course_rules import CourseRule
from secure_attend.web.http.largest_body import largest_body
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import NOTE, Site, access_of, logged_in, paired
from tests.support.fakes import Clock, DrawnFaces, Scene
from tests.support.web.litany import problem
from tests.support.web.two_courses import FIRST, LAST, A, B, Call, TwoCourses

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # files sent stay open
PACKAGE = Path(secure_attend.__file__).parent
OTHERS = ("Ada", "Anton", "Aldo")
NAMES_WHAT_IS_BS = {"course", "meeting", "student", "key", "other", "record_id", "challenge_id", "request_key"}
OPEN_PROOF = "own.prove"
"""Open to everybody, with ID and code: a wrong code costs the student one try, whoever sends it, and nothing else."""
STUDENT_LIST = {"students.list_students", "students.one_student"}
ASKED_IN_THE_VIEW = {
    "unneeded_faces.unneeded_faces",
    "unneeded_faces.erase_unneeded_faces",
    "reports.attendance_report",
    "reports.attendance_workbook",
    "register_exports.registers_csv",
    "register_exports.registers_xlsx",
    "consents.record_consents",
    "roster.roster_import",
    "roster.upload_roster",
    "roster.undo_roster",
    "roster.roster_csv",
    "roster.roster_xlsx",
    "staff.appoint",
    "staff.end_role",
    "staff.hand_over",
    "decisions.list_decisions",
    "decisions.answer_request",
    "excuses.end_excuse",
    "excuses.undo_excuse",
    "excuses.erase_note",
}
"""Rules that a view or service doubles, and a progress that names nobody: without the rule nothing is lost."""


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Students may register themselves, so that somebody waits. Power cuts are other tests' business."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    return replace(settings, self_registration=True)


@pytest.fixture
def courses(app: Flask, clock: Clock) -> TwoCourses:
    return TwoCourses(app, clock)


@pytest.fixture
def fresh(settings: Settings, tmp_path: Path) -> Iterator[Callable[[], TwoCourses]]:
    """`fresh()` is one more site like that, to be broken."""
    stores: list[Store] = []

    def made() -> TwoCourses:
        folder, clock = tmp_path / f"another {len(stores)}", Clock()
        folder.mkdir()
        here = replace(settings, data=folder, site_key_file=folder / "site.key")
        stores.append(open_store(here, clock))
        app = create_app(here, faces=DrawnFaces(), store=stores[-1], clock=clock, profile_note=NOTE)
        return TwoCourses(app, clock)

    yield made
    for store in stores:
        store.close()


def found(courses: TwoCourses, who: str, endpoint: str | None = None) -> Iterator[str]:
    """Yield what is wrong with the answers to this person, in words."""
    secrets = courses.attendance_of_b if who == "Olga" else courses.secrets_of_b
    before = courses.state_of_b()
    for call in courses.calls(endpoint):
        tries = courses.tries_of_bob()
        answer = send(courses, who, call)
        if call.endpoint == OPEN_PROOF:
            assert courses.tries_of_bob(put_back=tries) == tries - 1
        text = text_of(answer) + str(answer.headers)
        if answer.status_code >= 500:
            yield f"{call}: {answer.status}"
        for secret in secrets:
            if secret in text.replace(call.address, ""):
                yield f"{call}: {secret} comes back: {text[:300]}"
        if call.names & NAMES_WHAT_IS_BS and answer.status_code < 400 and not (who == "Olga" and reads_list(call)):
            yield f"{call}: {answer.status}"
        if courses.state_of_b() != before:
            yield f"{call}: something of B's changed"
            before = courses.state_of_b()


def send(courses: TwoCourses, who: str, call: Call) -> Any:
    return courses.client(who).open(
        call.address,
        method=call.method,
        query_string=call.query,
        data=call.body,
        content_type=call.kind,
        buffered=True,
    )


def text_of(answer: Any) -> str:
    """Return what an answer says; of a workbook, what is packed in it."""
    if not answer.data.startswith(b"PK"):
        text: str = answer.get_data(as_text=True)
        return text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        return "\n".join(packed.read(name).decode() for name in packed.namelist())


def reads_list(call: Call) -> bool:
    return call.endpoint in STUDENT_LIST


@pytest.mark.parametrize("who", [*OTHERS, "Olga", "Alice"])
def test_nothing_of_anothers_course_comes_back_or_changes(courses: TwoCourses, who: str) -> None:
    assert list(found(courses, who)) == []


def test_what_is_looked_for_is_there(courses: TwoCourses) -> None:
    """The registrar gets it, so the walk above would have seen it."""
    seen = {
        call.endpoint
        for call in courses.calls()
        if call.method == "GET" or call.endpoint == "history.history"
        if any(secret in text_of(send(courses, "Regine", call)) for secret in courses.secrets_of_b)
    }
    assert seen >= {
        "students.list_students",
        "students.one_student",
        "students.attendance",
        "history.history",
        "excuses.list_excuses",
        "decisions.list_decisions",
        "exports.export_student",
        "reports.attendance_report",
        "reports.attendance_workbook",
        "refused_check_ins.refusals",
        "audit.audit_trail",
        "audit.audit_csv",
        "register_exports.register_csv",
        "register_exports.register_xlsx",
        "register_exports.registers_csv",
        "register_exports.registers_xlsx",
        "sheets.class_sheet",
        "sheets.course_sheet",
        "sheets.statement",
    }


def guarded(app: Flask) -> list[str]:
    """The endpoints whose rule is about courses, without those that are guarded twice."""
    return sorted(
        endpoint
        for endpoint, rule in rules(app).items()
        if (isinstance(rule, CourseRule) or rule is Rule.REGISTRAR) and endpoint not in ASKED_IN_THE_VIEW
    )


def test_the_walk_finds_every_rule_that_is_dropped(courses: TwoCourses, fresh: Callable[[], TwoCourses]) -> None:
    missed, mutated = [], courses
    for endpoint in guarded(courses.app):
        rule, before = rules(mutated.app)[endpoint], mutated.state_of_b()
        rules(mutated.app)[endpoint] = Rule.FACULTY
        if next(found(mutated, "Ada", endpoint), None) is None:
            missed.append(endpoint)
        rules(mutated.app)[endpoint] = rule
        if mutated.state_of_b() != before:
            mutated = fresh()
    assert missed == []


def test_the_walk_finds_a_scope_without_limits(courses: TwoCourses, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Access.scope

    def unlimited(access: Access, caller: Caller) -> Scope:
        return replace(made(access, caller), everything=True)

    monkeypatch.setattr(Access, "scope", unlimited)
    for endpoint in (
        "students.list_students",
        "reports.attendance_report",
        "register_exports.registers_csv",
        "register_exports.registers_xlsx",
        "sheets.statement",
        "history.history",
        "consents.record_consents",
    ):
        assert list(found(courses, "Ada", endpoint)), endpoint


class TestASharedStudent:
    """Cara is in A and in B. Of her, A's staff see who she is, and nothing of her attendance in B."""

    def test_her_check_ins_of_b_are_not_shown(self, courses: TwoCourses) -> None:
        for who in OTHERS:
            ask = courses.client(who)
            assert ask.get(f"/api/v1/students/{courses.cara}").get_json()["today"] is None
            assert ask.get(f"/api/v1/students/{courses.cara}/attendance").get_json()["records"] == []
            assert ask.post("/api/v1/history", json={"student_id": "30030003"}).get_json()["total"] == 0
            listed = ask.get("/api/v1/students").get_json()
            assert ([each["name"] for each in listed["students"]], listed["present"]) == (
                ["Alice Able", "Cara Cross"],
                0,
            )
        for part in ("", "?by_day=1", "?student_id=30030003"):
            report = courses.client("Ada").get(f"/api/v1/reports/attendance.csv{part}").get_data(as_text=True)
            book = courses.client("Ada").get(f"/api/v1/reports/attendance.xlsx{part}").data
            sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
            for text in (report, sheet):
                assert not any(each in text for each in [*courses.records, "2026-11-23"]), text

    def test_berta_and_the_registrar_see_them(self, courses: TwoCourses) -> None:
        """Cara's check-in counts for B's class, so B's lecturer sees it too."""
        for who in ("Regine", "Berta"):
            records = courses.client(who).get(f"/api/v1/students/{courses.cara}/attendance").get_json()["records"]
            assert [record["id"] for record in records] == courses.records[1:]
        records = courses.client("Berta").get(f"/api/v1/students/{courses.bob}/attendance").get_json()["records"]
        assert [record["id"] for record in records] == [courses.excuse, courses.records[0]]

    def test_a_check_in_by_hand_does_not_give_away_that_of_b(self, courses: TwoCourses) -> None:
        answer = courses.client("Ada").post(f"/api/v1/students/{courses.cara}/check-ins")
        assert (answer.status_code, answer.get_json()["already"]) == (201, False)
        refused = courses.client("Ada").post(f"/api/v1/check-ins/{courses.records[1]}/cancel", json={})
        problem(refused, 404, "unknown_record")

    def test_viewers_only_read_and_assistants_neither_remove_nor_export(self, courses: TwoCourses) -> None:
        alice = f"/api/v1/students/{courses.alice}"
        for path in (f"{alice}/check-ins", f"{alice}/code"):
            problem(courses.client("Aldo").post(path), 403, "not_allowed")
            assert courses.client("Anton").post(path).status_code == 201
        photo = {"data": Scene(3).png(), "content_type": "image/png"}
        problem(courses.client("Aldo").post(f"{alice}/faces", **photo), 403, "not_allowed")
        assert courses.client("Anton").post(f"{alice}/faces", **photo, query_string={"add": 1}).status_code == 201
        for who in ("Anton", "Aldo"):
            ask = courses.client(who)
            problem(ask.delete(f"{alice}/consent"), 403, "not_allowed")
            problem(ask.get("/api/v1/reports/attendance.csv"), 403, "not_allowed")
            problem(ask.get("/api/v1/reports/attendance.xlsx"), 403, "not_allowed")
            problem(ask.get(f"{alice}/statement"), 403, "not_allowed")
        problem(courses.client("Aldo").delete(f"{alice}/faces"), 403, "not_allowed")
        for who in OTHERS:
            ask = courses.client(who)
            problem(ask.delete(f"{alice}?reason=asked"), 403, "not_allowed")
            problem(ask.patch(alice, json={"removed": True}), 403, "not_allowed")
            problem(ask.get(f"{alice}/export"), 403, "not_allowed")
            problem(ask.get("/api/v1/audit"), 403, "not_allowed")
        assert courses.client("Anton").delete(f"{alice}/faces").status_code == 200, "who may enrol may erase a face"


def test_a_face_of_another_course_is_not_named(courses: TwoCourses) -> None:
    """Alice shows the face that is Bob's: Ada learns that it is somebody's, and cannot confirm that they are two."""
    unmark_look_alikes(courses.services.store, pair_of(courses.alice, courses.bob))
    for query in ({}, {"confirm_other": 1}):
        answer = courses.client("Ada").post(
            f"/api/v1/students/{courses.alice}/faces", data=Scene(1).png(), content_type="image/png", query_string=query
        )
        refused = problem(answer, 409, "face_of_another")
        assert not any(secret in str(refused) for secret in courses.secrets_of_b)
        assert "other" not in refused
    named = courses.client("Regine").post(
        f"/api/v1/students/{courses.alice}/faces", data=Scene(1).png(), content_type="image/png"
    )
    assert problem(named, 409, "face_of_another")["other"]["name"] == "Bob Blunt"


def test_a_replaced_face_is_told_to_the_other_lecturers(courses: TwoCourses, clock: Clock) -> None:
    def told(who: str) -> list[str]:
        notices = courses.client(who).get("/api/v1/health").get_json()["notices"]
        return [notice for notice in notices if "was replaced" in notice]

    cara = f"/api/v1/students/{courses.cara}/faces"
    photo = {"data": Scene(2).png(), "content_type": "image/png"}
    assert courses.client("Ada").post(cara, **photo, query_string={"add": 1}).status_code == 201
    assert told("Berta") == [], "the face was added to"
    assert courses.client("Anton").post(cara, **photo).status_code == 201
    assert len(told("Berta")) == len(told("Ada")) == 1
    assert "Cara Cross (30030003) was replaced or erased on 2026-11-23" in told("Berta")[0]
    assert told("Anton") == told("Aldo") == told("Olga") == told("Regine") == []
    kiosk = paired(courses.app, "Room 9").get("/api/v1/health").get_json()["notices"]
    assert kiosk == courses.app.test_client().get("/api/v1/health").get_json()["notices"] == []
    clock.tick(hours=24 * 14)
    assert told("Berta") == []


def test_etags_are_everybodys_own(courses: TwoCourses) -> None:
    """The list's ETag of one caller means nothing for another, and changes with the caller's courses."""
    tags = {
        who: courses.client(who).get("/api/v1/students").headers["ETag"] for who in ("Regine", "Ada", "Berta", "Olga")
    }
    assert len(set(tags.values())) == len(tags)
    for who, tag in tags.items():
        for other in tags:
            status = courses.client(other).get("/api/v1/students", headers={"If-None-Match": tag}).status_code
            assert status == (304 if other == who else 200)
    documents = courses.services.store.documents
    staff = documents.get("course_staff", A)
    assert staff is not None
    documents.write([], [staff])
    again = courses.client("Ada").get("/api/v1/students", headers={"If-None-Match": tags["Ada"]})
    assert (again.status_code, again.get_json()["students"]) == (200, [])


def test_staff_serve_from_a_day_to_a_day(courses: TwoCourses, clock: Clock) -> None:
    documents = courses.services.store.documents
    staff = documents.get("course_staff", B)
    assert staff is not None
    ada = access_of(courses.app).accounts.find("Ada").key
    substitute = StaffMember(ada, "assistant", date(2026, 11, 24), date(2026, 11, 25))
    documents.write([staff_document(replace(staff_of(staff), members=(substitute,)), staff.version)])
    bob = f"/api/v1/students/{courses.bob}"
    seen = []
    for _ in range(4):
        seen.append(courses.client("Ada").get(bob).status_code)
        clock.tick(hours=24)
    assert seen == [404, 200, 200, 404]
    problem(courses.client("Berta").get(bob), 404, "unknown_student")


def test_a_student_who_left_and_a_course_that_is_over(courses: TwoCourses, clock: Clock) -> None:
    documents = courses.services.store.documents
    alice = f"/api/v1/students/{courses.alice}"
    membership = documents.get("memberships", f"{A}+{courses.alice}")
    assert membership is not None
    documents.write([membership_document(membership_of(membership).left(date(2026, 11, 23)), membership.version)])
    assert courses.client("Ada").get(alice).status_code == 200, "today is the last day"
    clock.tick(hours=24)
    problem(courses.client("Ada").get(alice), 404, "unknown_student")
    cara = f"/api/v1/students/{courses.cara}"
    assert courses.client("Ada").get(cara).status_code == 200
    clock.tick(hours=24 * 100)
    problem(courses.client("Ada").get(cara), 404, "unknown_student")
    assert courses.client("Regine").get(cara).status_code == 200


def test_without_a_course_lecturers_do_everything_as_before(app: Flask, client: FlaskClient, site: Site) -> None:
    key = site.enrolled("1001", "John Doe", who=1)
    grace = logged_in(app, "Grace", "faculty")
    assert grace.get("/api/v1/students").get_json()["total"] == 1
    assert grace.get(f"/api/v1/students/{key}/export").status_code == 200
    assert grace.post("/api/v1/roster", data=b"student_id,name\n2,Jo", content_type="text/csv").status_code == 200
    services = SITE_PARTS.of(app).services
    services.store.documents.write([course_document(Course(A, "S", "S", "T", FIRST, LAST))])
    assert grace.get("/api/v1/students").get_json()["total"] == 0
    problem(grace.get(f"/api/v1/students/{key}/export"), 403, "not_allowed")
    large = b"student_id,name\n" + b"3,Jo\n" * 20_000
    assert largest_body(app, "POST", "/api/v1/roster", grace.environ_base["HTTP_AUTHORIZATION"]) < len(large)
    problem(grace.post("/api/v1/roster", data=b"student_id,name\n3,Jo", content_type="text/csv"), 403, "not_allowed")
    assert client.get("/api/v1/students").get_json()["total"] == 2


def test_only_access_makes_scopes() -> None:
    """Every other file asks `Access.scope`."""
    makers = [
        file.name
        for file in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Scope"
    ]
    assert makers == ["access.py"]
