"""Every route has an access rule, and the rule holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.access.rate_limits import CHALLENGES
from secure_attend.access.state import ROLES, Role
from secure_attend.settings import Settings
from secure_attend.web.http.access_rules import AnyRule, Rule, rules
from secure_attend.web.http.course_rules import CourseRule
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import Site, access_of, bearing, logged_in, paired
from tests.support.fakes import Clock, Scene, post_frame
from tests.support.web.litany import problem

PUBLIC = {
    "static",
    "health.health",
    "openapi.openapi_json",
    "docs.docs",
    "docs.docs_css",
    "pages.root",
    "pages.student",
    "pages.faculty",
    "pages.me",
    "pages.register",
    "pages.trial",
    "pages.favicon",
    "sign_in.set_up",
    "sign_in.log_in",
    "kiosks.begin_pairing",
    "own.prove",
    "pages.here",
}
FOR_CALLERS = {"sign_in.me", "consents.consent_text", "health.metrics"}
FOR_KIOSKS = {
    "challenges.open_challenge",
    "challenges.add_frame",
    "challenges.extend_challenge",
    "challenges.leave_challenge",
    "self_registrations.begin",
    "self_registrations.finish",
    "check_ins.check_in",
    "check_ins.cancel",
    "history.history",
    "kiosks.kiosk_place",
}
FOR_REGISTRARS = {
    "excuses.excuse_everywhere",
    "students.add_student",
    "students.change_student",
    "students.erase_student",
    "students.remove_students",
    "locks.unlock",
    "corrections.corrections",
    "corrections.undo_correction",
    "corrections.plan_merge",
    "corrections.merge_students",
    "holds.student_hold",
    "holds.hold_student",
    "holds.lift_student_hold",
    "holds.course_hold",
    "holds.hold_course",
    "holds.lift_course_hold",
    "unneeded_faces.unneeded_faces",
    "unneeded_faces.erase_unneeded_faces",
    "exports.export_student",
    "staff.hand_over",
    "low_attendance.low_everywhere",
    "low_attendance.list_contacts",
    "low_attendance.record_contact",
    "low_attendance.delete_contact",
    "nightly_file.import_nightly",
}
FOR_THE_OFFICE = {"attendance_settings.change_settings", "kiosks.list_kiosks", "kiosks.change_kiosk"}
FOR_STUDENTS = {"own.own_attendance", "own.end_pass", "own.ask", "own.pass_on", "own.own_export"}
FOR_OFFICERS = {"audit.audit_trail", "audit.audit_csv"}
FOR_ADMINS = {
    "site_key.rotate_key",
    "accounts.list_accounts",
    "accounts.add_account",
    "accounts.change_account",
    "kiosks.add_kiosk",
    "kiosks.revoke_kiosk",
    "limit.change_limit",
    "trial.trial",
    "trial.begin_try",
    "trial.end_try",
    "trial.forget",
    "trial.table_csv",
    "trial.table_markdown",
}
OPEN: set[AnyRule] = {Rule.PUBLIC, Rule.HERE}
HERE = {"kiosks.add_this_computer", "sign_in.log_in_to_demo"}


def test_every_route_has_a_rule(app: Flask) -> None:
    without = [str(rule) for rule in app.url_map.iter_rules() if rule.endpoint not in rules(app)]
    assert without == []


@pytest.mark.parametrize(
    ("rule", "endpoints"),
    [
        (Rule.PUBLIC, PUBLIC),
        (Rule.CALLER, FOR_CALLERS),
        (Rule.STUDENT, FOR_STUDENTS),
        (Rule.KIOSK, FOR_KIOSKS),
        (Rule.REGISTRAR, FOR_REGISTRARS),
        (Rule.OFFICE, FOR_THE_OFFICE),
        (Rule.OFFICER, FOR_OFFICERS),
        (Rule.ADMIN, FOR_ADMINS),
        (Rule.HERE, HERE),
    ],
)
def test_what_others_than_lecturers_may_call_is_known_by_name(app: Flask, rule: Rule, endpoints: set[str]) -> None:
    assert {endpoint for endpoint, given in rules(app).items() if given is rule} == endpoints


def test_a_route_without_a_rule_answers_nobody(app: Flask, client: FlaskClient) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    app.url_map.update()
    response = client.get("/forgotten")
    assert response.status_code == 403
    assert response.get_json(force=True)["code"] == "no_access_rule"


def calls(app: Flask, wanted: Callable[[AnyRule], bool]) -> list[tuple[str, str]]:
    """Method and address of every route with a rule like this."""
    return [
        (method, re.sub(r"<[^>]+>", "nothing", route.rule))
        for route in app.url_map.iter_rules()
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
        if wanted(rules(app)[route.endpoint])
    ]


def test_nobody_unknown_gets_in_anywhere(app: Flask) -> None:
    strangers = [app.test_client(), bearing(app, "x" * 43), bearing(app, ""), bearing(app, "x" * 5000)]
    guarded = calls(app, lambda rule: rule not in OPEN)
    assert len(guarded) > 25
    for stranger in strangers:
        for method, address in guarded:
            response = stranger.open(address, method=method, data=b"{}", content_type="application/json")
            problem(response, 401, "not_logged_in")
            assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_kiosk_gets_to_nothing_of_the_facultys(app: Flask, kiosk: FlaskClient) -> None:
    for method, address in calls(app, lambda rule: rule not in OPEN | {Rule.CALLER, Rule.KIOSK}):
        problem(kiosk.open(address, method=method, data=b"{}", content_type="application/json"), 403, "not_allowed")


def test_faculty_manage_no_accounts_and_no_kiosks(app: Flask, client: FlaskClient) -> None:
    lecturer = logged_in(app, "Grace", "faculty")
    for method, address in calls(app, lambda rule: rule in {Rule.ADMIN, Rule.OFFICER, Rule.OFFICE}):
        problem(lecturer.open(address, method=method, data=b"{}", content_type="application/json"), 403, "not_allowed")
    assert lecturer.get("/api/v1/students").status_code == 200


READ_BY_OFFICERS = {
    ("GET", "/api/v1/students"),
    ("GET", "/api/v1/students/nothing"),
    ("GET", "/api/v1/roster/sample.csv"),
    ("GET", "/api/v1/audit"),
    ("GET", "/api/v1/audit.csv"),
}


def test_officers_only_read(app: Flask, client: FlaskClient) -> None:
    officer = logged_in(app, "Olga", roles=["officer"])
    for method, address in calls(app, lambda rule: rule not in OPEN | {Rule.CALLER, Rule.ACCOUNT}):
        answer = officer.open(address, method=method, data=b"{}", content_type="application/json", buffered=True)
        if (method, address) in READ_BY_OFFICERS:
            assert answer.status_code in (200, 404), address
        else:
            problem(answer, 403, "not_allowed")


def test_an_admin_alone_sees_no_students(app: Flask, client: FlaskClient, john: str) -> None:
    admin = logged_in(app, "Alan", roles=["admin"])
    for method, address in calls(app, lambda rule: isinstance(rule, CourseRule) or rule in NOT_FOR_ADMINS):
        answer = admin.open(
            address.replace("nothing", john), method=method, data=b"{}", content_type="application/json"
        )
        assert answer.status_code in (403, 404), (method, address)
    assert admin.get("/api/v1/accounts").status_code == 200
    assert admin.get("/api/v1/limits").status_code == 200


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("taught", [False, True], ids=["no course", "somebody else's course"])
def test_callers_are_told_what_they_may_do(app: Flask, client: FlaskClient, role: Role, taught: bool) -> None:
    if taught:
        days = {"first_day": "2026-10-01", "last_day": "2027-01-31"}
        client.post("/api/v1/courses", json={"code": "STAT110", "title": "Statistics", "term": "Winter", **days})
    them = logged_in(app, "Grace", roles=[role])
    told = them.get("/api/v1/me").get_json()["may"]
    assert ("GET /students" in told) is (role != "admin")
    for method, address in calls(app, lambda rule: rule not in OPEN | {Rule.CALLER, Rule.ACCOUNT}):
        operation = f"{method} {re.sub('nothing', '{key}', address.removeprefix('/api/v1'))}"
        allowed = operation in {re.sub(r"{\w+}", "{key}", one) for one in told}
        answer = them.open(address, method=method, data=b"{}", content_type="application/json", buffered=True)
        refused = answer.status_code == 403 and answer.get_json()["code"] == "not_allowed"
        assert not (allowed and refused), operation
        assert allowed or refused or answer.status_code == 404, operation


NOT_FOR_ADMINS = {Rule.KIOSK, Rule.FACULTY, Rule.READER, Rule.REGISTRAR}


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "bearer  ", "Bearer \u00e4", "Token x", "Bearer a b"])
def test_other_credentials_count_for_nothing(app: Flask, header: str) -> None:
    response = app.test_client().get("/api/v1/students", headers={"Authorization": header.encode().decode("latin-1")})
    problem(response, 401, "not_logged_in")


def test_a_kiosk_registers_no_face(kiosk: FlaskClient, jane: str) -> None:
    response = kiosk.post("/api/v1/challenges", json={"purpose": "enrol", "student_key": jane})
    problem(response, 403, "not_allowed")


def test_a_session_is_its_kiosks_alone(app: Flask, kiosk: FlaskClient, john: str, clock: Clock) -> None:
    """Another kiosk can neither use nor spoil it."""
    other = paired(app, "Room 102")
    challenge = Site(kiosk, clock).open()
    problem(post_frame(other, challenge, Scene().jpeg(), number=9), 404, "unknown_challenge")
    assert post_frame(kiosk, challenge, Scene().jpeg()).status_code == 200
    passed = Site(kiosk, clock).passed(1)["id"]
    problem(other.post("/api/v1/check-ins", json={"challenge": passed}), 404, "unknown_challenge")
    assert kiosk.post("/api/v1/check-ins", json={"challenge": passed}).status_code == 201


def test_one_kiosk_that_opens_session_after_session_stops_no_other(
    app: Flask, kiosk: FlaskClient, clock: Clock
) -> None:
    answers = [kiosk.post("/api/v1/challenges", json={"purpose": "check_in"}) for _ in range(30)]
    problem(answers[-1], 429, "too_many_sessions")
    Site(paired(app, "Room 102"), clock).open()


def test_a_kiosk_that_guesses_ids_is_slowed_down_and_no_other(
    app: Flask, kiosk: FlaskClient, john: str, settings: Settings
) -> None:
    SITE_PARTS.put(app, replace(SITE_PARTS.of(app), settings=replace(settings, history_access="open")))
    path = "/api/v1/history"
    for guess in range(10):
        problem(kiosk.post(path, json={"student_id": f"x{guess}"}), 404, "unknown_student")
    slowed = kiosk.post(path, json={"student_id": "1001"})
    problem(slowed, 429, "too_many_tries")
    assert 0 < int(slowed.headers["Retry-After"]) <= 30
    assert paired(app, "Room 102").post(path, json={"student_id": "1001"}).status_code == 200


def test_preflights_need_no_credentials(app: Flask) -> None:
    assert app.test_client().options("/api/v1/students").status_code == 200


def test_notices_are_for_faculty(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SITE_PARTS.of(app).services.store
    monkeypatch.setattr(type(store), "notices", ["The key lies in /home/ada."])
    assert client.get("/api/v1/health").get_json()["notices"] == ["The key lies in /home/ada."]
    for other in (app.test_client(), paired(app)):
        assert other.get("/api/v1/health").get_json()["notices"] == []


def test_secrets_are_kept_as_hashes(app: Flask, client: FlaskClient) -> None:
    access = access_of(app)
    code = access.accounts.new_setup_code() or ""
    waiting = access.kiosks.begin_pairing("192.0.2.1")
    _, key = access.kiosks.add("Room 9", "Ada")
    done = access.accounts.log_in("Ada Byron", "nine purple otters dance", "192.0.2.1")
    text = SITE_PARTS.of(app).access._repository._path.read_text()
    for secret in (waiting.key, key, done.token, "nine purple otters dance"):
        assert secret not in text
    assert code == ""
    assert "192.0.2.1" in text  # a pairing under way says where from; it goes with it


def test_a_kiosk_gone_wild_is_slowed_down_until_faculty_lift_it(
    app: Flask, kiosk: FlaskClient, client: FlaskClient, clock: Clock
) -> None:
    """Counted in the book; and no other kiosk notices."""
    for _ in range(CHALLENGES.most):
        kiosk.post("/api/v1/challenges", json={"purpose": "check_in"})
        clock.tick(1.9)
    slowed = kiosk.post("/api/v1/challenges", json={"purpose": "check_in"})
    problem(slowed, 429, "too_many_tries")
    assert int(slowed.headers["Retry-After"]) <= 2
    Site(paired(app, "Room 102"), clock).open()
    waits = client.get("/api/v1/limits").get_json()["limits"]
    assert [wait["what"] for wait in waits] == ["challenges"]
    assert client.delete(f"/api/v1/limits/{waits[0]['key']}").status_code == 200
    assert kiosk.post("/api/v1/challenges", json={"purpose": "check_in"}).get_json().get("code") != "too_many_tries"
