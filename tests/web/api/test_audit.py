"""Who did what to whom: entered on every route that changes or shows something, and shown to admins alone."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.storage import durable_writes
from secure_attend.storage.files.audit_file import AUDIT, AuditFile
from secure_attend.web.http.audit_rules import Audited, NotAudited, declarations
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import PASSWORD, Site, bearing, logged_in
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods


def trail(api: Api, **query: object) -> list[Any]:
    """The entries, newest first, without those of looking at them."""
    entries = api("GET", "/audit", query_string=query).get_json()["entries"]
    return [entry for entry in entries if entry["action"] != "see_audit"]


def test_every_route_declares_what_it_enters(app: Flask) -> None:
    without = [str(rule) for rule in app.url_map.iter_rules() if rule.endpoint not in declarations(app)]
    assert without == []
    assert all(one.because for one in declarations(app).values() if isinstance(one, NotAudited))


def test_what_is_not_entered_changes_nothing_but_the_log(app: Flask) -> None:
    """Writes that are not entered are known by name."""
    silent = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PATCH", "PUT", "DELETE"}
        and isinstance(declarations(app)[rule.endpoint], NotAudited)
    }
    assert silent == {
        "challenges.open_challenge",
        "challenges.add_frame",
        "check_ins.check_in",
        "check_ins.cancel",
        "challenges.extend_challenge",
        "challenges.leave_challenge",
        "self_registrations.begin",
        "trial.begin_try",
        "trial.end_try",
        "students.check_in_by_hand",
        "registers.mark",
        "excuses.excuse_everywhere",
        "excuses.excuse_in_course",
        "excuses.end_excuse",
        "excuses.undo_excuse",
        "own.end_pass",
    }


def test_every_write_of_the_facultys_is_a_change(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        one = declarations(app)[rule.endpoint]
        if isinstance(one, Audited) and (rule.methods or set()) & {"PATCH", "PUT", "DELETE"}:
            assert one.change, rule


def test_a_change_is_entered_before_and_after(api: Api, app: Flask) -> None:
    key = api("POST", "/students", json={"student_id": "1001", "name": "John Doe"}).get_json()["key"]
    done, asked = trail(api, asked=1)
    assert (asked["state"], done["state"]) == ("asked", "done")
    assert done["ends"] == asked["number"]
    assert done["words"] == "Added a student"
    assert done["whom"] == [{"key": f"student:{key}", "name": "John Doe (1001)"}]
    assert done["who"]["name"] == "Ada Byron"
    assert done["who"]["key"].startswith("account:")
    assert done["place"] == "127.0.0.1"
    assert [entry["state"] for entry in trail(api)] == ["done"]


def test_a_refused_change_says_why(api: Api, jane: str) -> None:
    problem(api("POST", "/students", json={"student_id": "1002", "name": "Other"}), 409, "student_exists")
    newest = trail(api)[0]
    assert (newest["state"], newest["facts"]) == ("refused", {"why": "student_exists"})


def test_what_students_are_called_stands_in_no_entry(api: Api, site: Site, app: Flask, john: str) -> None:
    api("GET", "/students?search=John")
    api("GET", f"/students/{john}/attendance")
    api("GET", "/reports/attendance.csv?student_id=1001")
    api("POST", "/history", json={"student_id": "1001"})
    api("GET", "/students/1001")  # an ID in place of a key
    api("PATCH", f"/students/{john}", json={"name": "Johnny"})
    assert any(entry["whom"] == [{"key": f"student:{john}", "name": "Johnny (1001)"}] for entry in trail(api))
    api("DELETE", f"/students/{john}?reason=asked")
    kept = re.sub(r'"mac":"\w+"|(?:account|student):\w+', "", file_of(app))  # random, so any four digits may be in them
    for identity in ("John", "1001", "Doe"):
        assert identity not in kept
    assert {"key": f"student:{john}", "name": None} in [one for entry in trail(api) for one in entry["whom"]]


def file_of(app: Flask) -> str:
    return str((SITE_PARTS.of(app).settings.data / "instance" / AUDIT).read_text())


LOOKS = [
    ("GET", "/students", {}, "list_students"),
    ("GET", "/students/{key}", {}, "see_student"),
    ("GET", "/students/{key}/attendance", {}, "see_attendance"),
    ("GET", "/reports/attendance.csv", {}, "download_report"),
    ("GET", "/reports/attendance.xlsx", {}, "download_report"),
    ("GET", "/reports/faces", {}, "see_faces_report"),
    ("GET", "/refusals", {}, "see_refusals"),
    ("POST", "/history", {"json": {"student_id": "1001"}}, "see_history"),
    ("GET", "/accounts", {}, "list_accounts"),
    ("GET", "/audit.csv", {}, "download_audit"),
    ("POST", "/students/{key}/code", {}, "issue_code"),
    ("DELETE", "/students/{key}/faces", {}, "remove_face"),
    ("PATCH", "/students/{key}", {"json": {"removed": True}}, "change_student"),
    ("POST", "/students/removals", {"json": {"keys": ["{key}"]}}, "remove_students"),
    ("DELETE", "/students/{key}?reason=asked+for+it", {}, "erase_student"),
    ("POST", "/roster", {"data": b"student_id,name\n7,Ada\n", "content_type": "text/csv"}, "load_roster"),
    ("POST", "/accounts", {"json": {"name": "Grace", "password": PASSWORD, "role": "faculty"}}, "add_account"),
    ("POST", "/kiosks", {"json": {"name": "Room 7"}}, "add_kiosk"),
    ("PATCH", "/kiosks/nothing", {"json": {"room": "Hall B"}}, "change_kiosk"),
    ("POST", "/pairings", {}, "ask_for_pairing"),
    ("POST", "/me/password", {"json": {"old_password": PASSWORD, "new_password": PASSWORD + "!"}}, "change_password"),
    ("POST", "/logout", {}, "log_out"),
    ("POST", "/login", {"json": {"name": "Ada Byron", "password": PASSWORD}}, "log_in"),
    ("POST", "/login", {"json": {"name": "Ada Byron", "password": "wrong"}}, "log_in"),
]


@pytest.mark.parametrize(("method", "path", "given", "action"), LOOKS)
def test_it_is_entered(
    app: Flask, api: Api, john: str, method: str, path: str, given: dict[str, Any], action: str
) -> None:
    given = json.loads(json.dumps(given).replace("{key}", john)) if "json" in given else given
    answer = api(method, path.format(key=john), **given)
    newest = next(e for e in trail(bearing_api(app)) if e["action"] == action)
    assert newest["state"] == ("done" if answer.status_code < 400 else "refused"), answer.text
    if "{key}" in path or "keys" in str(given) or path == "/history":
        assert [one["key"] for one in newest["whom"]] == [f"student:{john}"]
    if path in ("/login", "/me/password", "/logout"):
        assert "account:" in newest["who"]["key"] + str(newest["whom"])


def bearing_api(app: Flask) -> Api:
    client = logged_in(app, "Another admin")
    return lambda method, path, **more: client.open(f"/api/v1{path}", method=method, **more)


def test_a_face_that_is_registered_is_entered_without_it(api: Api, site: Site, app: Flask, jane: str) -> None:
    assert site.register(jane, 2).status_code == 201
    newest = trail(api)[0]
    assert (newest["action"], newest["facts"]) == ("register_face", {"faces": 1})
    assert max(map(len, json.dumps(newest).split('"'))) < 70  # no room for a template or a picture


def test_a_look_at_a_kiosk_and_a_wrong_proof_are_entered(api: Api, app: Flask, kiosk: FlaskClient, john: str) -> None:
    code = api("POST", f"/students/{john}/code").get_json()["code"]
    for student_id, given in (("1001", "x"), ("nobody's", code), ("1001", code)):
        kiosk.post("/api/v1/history", json={"student_id": student_id, "code": given})
    entries = [(e["state"], [w["key"] for w in e["whom"]]) for e in trail(api, action="see_history")]
    assert entries == [("done", [f"student:{john}"]), ("refused", []), ("refused", [f"student:{john}"])]
    assert trail(api)[0]["who"] == {"key": trail(api)[0]["who"]["key"], "name": "Room 101"}
    assert code not in file_of(app)


@pytest.mark.parametrize("typed", ["Jos\u00e9-1", " Jos\u00e9-1", "Jose\u0301-1"])
def test_whose_attendance_was_looked_at_is_entered_however_the_id_was_typed(api: Api, site: Site, typed: str) -> None:
    jose = site.add("Jos\u00e9-1", "Jos\u00e9")
    assert api("POST", "/history", json={"student_id": typed}).status_code == 200
    assert api("GET", "/reports/attendance.csv", query_string={"student_id": typed}).status_code == 200
    entries = [(entry["action"], [whom["key"] for whom in entry["whom"]]) for entry in trail(api)[:2]]
    assert entries == [("download_report", [f"student:{jose}"]), ("see_history", [f"student:{jose}"])]


def test_check_ins_stand_in_their_own_log_alone(api: Api, site: Site, john: str) -> None:
    before = len(trail(api))
    assert site.check_in(1).status_code == 201
    assert len(trail(api)) == before


def test_a_list_that_is_asked_for_again_is_entered_once_in_a_while(api: Api, clock: Clock, app: Flask) -> None:
    for _ in range(3):
        api("GET", "/students")
        clock.tick(60)
    assert len(trail(api, action="list_students")) == 1
    clock.tick(600)
    api("GET", "/students")
    assert len(trail(api, action="list_students")) == 2
    other = logged_in(app, "Grace", "faculty")
    other.get("/api/v1/students")
    assert len(trail(api, action="list_students")) == 3


def test_the_list_is_read_in_parts(api: Api) -> None:
    for number in range(5):
        api("POST", "/students", json={"student_id": str(number), "name": "N"})
    seen: list[int] = []
    before: int | None = None
    while True:
        page = api("GET", "/audit", query_string={"limit": 2, **({"before": before} if before else {})}).get_json()
        seen += [entry["number"] for entry in page["entries"] if entry["action"] == "add_student"]
        before = page["next"]
        if before is None:
            break
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


def test_filters(api: Api, app: Flask, jane: str, clock: Clock) -> None:
    other = logged_in(app, "Grace", "faculty")
    other.get(f"/api/v1/students/{jane}")
    its = trail(api, whom=f"student:{jane}")
    assert {entry["action"] for entry in its} == {"add_student", "record_consent", "see_student"}
    grace = its[0]["who"]["key"]
    assert [entry["action"] for entry in trail(api, who=grace)] == ["see_student"]
    today = clock().date().isoformat()
    assert trail(api, **{"from": today, "to": today, "action": "see_student"}) == its[:1]
    assert trail(api, to="2020-01-01") == []
    problem(api("GET", "/audit?limit=0"), 422, "invalid_input")
    problem(api("GET", "/audit?from=yesterday"), 422, "invalid_input")
    for path in ("/audit", "/audit.csv"):
        assert fields(api("GET", f"{path}?from=2026-11-23&to=2026-11-22")) == ["from"]


def test_as_csv(api: Api, jane: str) -> None:
    api("PATCH", f"/students/{jane}", json={"name": "=1+1"})
    answer = api("GET", "/audit.csv")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [row["action"] for row in rows] == ["add_student", "record_consent", "change_student", "download_audit"]
    assert rows[2]["whom"] == "'=1+1 (1002)"
    assert rows[2]["who"] == "Ada Byron"


def test_it_is_for_admins_alone(app: Flask, kiosk: FlaskClient) -> None:
    assert logged_in(app, "Ada").get("/api/v1/audit").status_code == 200
    for client in (kiosk, logged_in(app, "Grace", "faculty")):
        problem(client.get("/api/v1/audit"), 403, "not_allowed")
        problem(client.get("/api/v1/audit.csv"), 403, "not_allowed")
    problem(bearing(app, "x").get("/api/v1/audit"), 401, "not_logged_in")


def test_other_methods_are_refused(api: Api) -> None:
    refuses_other_methods(api, "/audit", "GET")
    refuses_other_methods(api, "/audit.csv", "GET")


def test_nothing_is_changed_that_cannot_be_entered(
    api: Api, app: Flask, john: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    students = (SITE_PARTS.of(app).settings.data / "students_db.json").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(AuditFile, "_append", full)
        problem(api("DELETE", f"/students/{john}?reason=asked"), 507, "audit_not_written")
        problem(api("GET", f"/students/{john}/attendance"), 507, "audit_not_written")
        assert (SITE_PARTS.of(app).settings.data / "students_db.json").read_bytes() == students
    assert api("GET", f"/students/{john}").status_code == 200


def test_a_change_whose_end_cannot_be_entered_is_not_acknowledged(
    api: Api, app: Flask, john: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, calls = AuditFile._append, []

    def second_fails(trail: AuditFile, *given: Any) -> int:
        calls.append(given)
        if len(calls) == 2:
            raise durable_writes.Unsure("the disk reports an error")
        return append(trail, *given)

    with monkeypatch.context() as broken:
        broken.setattr(AuditFile, "_append", second_fails)
        problem(api("DELETE", f"/students/{john}/faces"), 503, "audit_stopped")
    problem(api("GET", "/students"), 503, "audit_stopped")


def test_check_ins_go_on_while_the_trail_cannot_be_written(
    api: Api, site: Site, john: str, kiosk: FlaskClient, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(AuditFile, "_append", broken)
    at_kiosk = Site(kiosk, clock)
    assert at_kiosk.check_in(1).status_code == 201
    assert kiosk.post("/api/v1/challenges", json={"purpose": "check_in"}).status_code == 201


def test_knocking_fills_no_disk(app: Flask, api: Api) -> None:
    for _ in range(40):
        app.test_client().post("/api/v1/login", json={"name": "nobody", "password": "x"})
    refused = trail(api, action="log_in")
    assert 0 < len(refused) <= 30
    assert all(entry["who"] == {"key": "nobody", "name": None} for entry in refused)
