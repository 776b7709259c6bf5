"""/imports/nightly, and `python -m secure_attend.admin import` as a crontab calls it."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.access.course_staff import COURSE_STAFF, staff_of
from secure_attend.attendance.courses.course import COURSES, course_of
from secure_attend.attendance.courses.membership import MEMBERSHIPS, membership_of
from secure_attend.server import serve
from secure_attend.settings import PROJECT, Settings
from secure_attend.storage.chains.audit_chain import AuditSelection
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Student
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import access_of, logged_in
from tests.support.nightly_files import ONEROSTER, OWN, archive, own
from tests.support.web.litany import problem

PATH = "/api/v1/imports/nightly"


@pytest.fixture
def regine(app: Flask) -> FlaskClient:
    client = logged_in(app, "Regine", roles=("admin", "registrar"))
    logged_in(app, "Ada", roles=("faculty",))
    return client


def send(who: FlaskClient, data: bytes, **query: str) -> Any:
    return who.post(PATH, data=data, content_type="application/zip", query_string=query)


def imported(who: FlaskClient, data: bytes, **query: str) -> dict[str, Any]:
    answer = send(who, data, **query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def site_of(store: Store) -> dict[str, dict[str, set[str]]]:
    """Who is in which course from tomorrow on, with the names of the groups."""
    people = {each.key: each.student_id for each in store.students()}
    courses = {each.key: each for each in map(course_of, store.documents.all(COURSES.name))}
    found: dict[str, dict[str, set[str]]] = {each.code: {} for each in courses.values()}
    for each in map(membership_of, store.documents.all(MEMBERSHIPS.name)):
        course, last = courses[each.course], each.spans[-1]
        if last.last_day is None:
            names = {group.name for group in course.groups if group.key in last.groups}
            found[course.code][people[each.student]] = names
    return found


def test_a_new_students_id_that_looks_like_anothers_is_named_once(app: Flask, regine: FlaskClient) -> None:
    SITE_PARTS.of(app).services.students.add("I002", "Di Ray")
    data = archive({**OWN, "members.csv": OWN["members.csv"].replace("1002", "l002")})
    named = {"file": "members.csv", "line": 3}
    named["message"] = "The ID l002 looks like I002. They are kept as different students."
    assert named in imported(regine, data)["warnings"]
    assert named not in imported(regine, data)["warnings"]


def test_oneroster_brings_courses_groups_staff_and_members(app: Flask, regine: FlaskClient) -> None:
    data, store = archive(ONEROSTER), SITE_PARTS.of(app).services.store
    plan = imported(regine, data, dry_run="1")
    assert (plan["applied"], plan["new_courses"], plan["joining"], plan["new_staff"]) == (False, 2, 3, 1)
    assert site_of(store) == {}
    assert not store.students()
    done = imported(regine, data, plan=plan["digest"])
    assert (done["applied"], done["added"], done["left_out"]) == (True, 2, 4)
    assert [each["file"] for each in done["warnings"]] == ["classes.csv", *["enrollments.csv"] * 3]
    assert "stranger" in done["warnings"][3]["message"]
    assert site_of(store) == {"STAT110": {"0012": {"Lab A"}, "u2": {"Lab B"}}, "PHYS220": {"0012": set()}}
    [staff] = map(staff_of, store.documents.all(COURSE_STAFF.name))
    assert [member.account for member in staff.members] == [access_of(app).accounts.find("Ada").key]
    before = store.documents.all(COURSES.name)
    again = imported(regine, data)
    assert not any(
        again[name] for name in ("added", "updated", "new_courses", "changed_courses", "joining", "new_staff")
    )
    assert store.documents.all(COURSES.name) == before
    facts = [each.deed.facts for each in store.audit.all(AuditSelection(action="import_nightly"))]
    assert facts[-1]["joining"] == 0


def test_who_joins_leaves_and_teaches_is_audited_with_both_values(app: Flask, regine: FlaskClient) -> None:
    store, ada = SITE_PARTS.of(app).services.store, access_of(app).accounts.find("Ada").key
    today = SITE_PARTS.of(app).services.time.today()
    imported(regine, own(11))
    [course] = [each.key for each in store.documents.all(COURSES.name)]
    keys = {student.student_id: student.key for student in store.students()}
    entry = [*store.audit.all(AuditSelection(action="import_nightly"))][-1].deed
    assert set(entry.about) == {f"course:{course}", *(f"student:{key}" for key in keys.values())}
    everybody = " ".join(keys[str(1000 + number)] for number in range(11))
    assert entry.facts["members_before"] == f"course:{course}: none: {everybody}"
    assert entry.facts["members_after"] == f"course:{course}: {today}..: {everybody}"
    assert (entry.facts["staff_before"], entry.facts["staff_after"]) == (
        f"course:{course}: ", f"course:{course}: account:{ada} lecturer ..",
    )  # fmt: skip
    imported(regine, own(10), plan=imported(regine, own(10), dry_run="1")["digest"])
    entry = [*store.audit.all(AuditSelection(action="import_nightly"))][-1].deed
    assert entry.about == (f"course:{course}", f"student:{keys['1010']}")
    assert entry.facts["members_before"] == f"course:{course}: {today}..: {keys['1010']}"
    assert entry.facts["members_after"] == f"course:{course}: {today}..{today}: {keys['1010']}"
    assert "staff_before" not in entry.facts


def test_it_stops_and_asks_if_too_many_would_leave(app: Flask, regine: FlaskClient) -> None:
    store = SITE_PARTS.of(app).services.store
    more = "".join(
        f"PHYS220,Autumn 2026,{5000 + number},Other {chr(97 + number // 26)}{chr(97 + number % 26)}\n"
        for number in range(40)
    )
    courses = OWN["courses.csv"] + "PHYS220,Autumn 2026,Physics\n"

    def nightly(students: int) -> bytes:
        lines = "".join(f"STAT110,Autumn 2026,{1000 + n},Student {chr(97 + n)}\n" for n in range(students))
        return archive({**OWN, "courses.csv": courses, "members.csv": "code,term,student_id,name\n" + lines + more})

    imported(regine, nightly(20))
    assert imported(regine, nightly(19))["leaving"] == 1, "5 % of the course and 1.7 % of the site"
    refused = problem(send(regine, nightly(17)), 409, "plan_needed")
    assert "2 of 19 students would leave STAT110" in refused["detail"]
    [leaving] = refused["leaving"]
    assert [each["student_id"] for each in leaving["students"]] == ["1017", "1018"]
    assert len(site_of(store)["STAT110"]) == 19
    problem(send(regine, nightly(16), plan=refused["plan"]), 409, "plan_changed")
    assert imported(regine, nightly(17), plan=refused["plan"])["leaving"] == 2
    assert len(site_of(store)["STAT110"]) == 17
    assert len(store.students()) == 60, "nobody leaves the list"


def test_more_than_2_per_cent_of_the_site(app: Flask, regine: FlaskClient) -> None:
    imported(regine, own(40))
    assert "2 of 40 students" not in problem(send(regine, own(38)), 409, "plan_needed")["detail"]


def test_who_may_and_how(app: Flask, regine: FlaskClient) -> None:
    imported(regine, own(3))
    ada = logged_in(app, "Ada", roles=("faculty",))
    problem(send(ada, own(3)), 403, "not_allowed")
    problem(send(app.test_client(), own(3)), 401, "not_logged_in")
    problem(regine.post(PATH, data=b"x", content_type="text/csv"), 415, "unsupported_media_type")
    problem(send(regine, own(3), leave="1"), 422, "invalid_input")


def test_an_id_that_changes_hands_stops_the_import(app: Flask, regine: FlaskClient) -> None:
    imported(regine, archive(OWN))
    other = archive({**OWN, "members.csv": OWN["members.csv"].replace("Bo Li", "Tomasz Nowak")})
    assert imported(regine, other, dry_run="1")["handed"][0]["student_id"] == "1002"
    problem(send(regine, other), 409, "people_to_decide")


def test_the_lines_of_one_person_are_named(app: Flask, regine: FlaskClient) -> None:
    two = {**OWN, "members.csv": OWN["members.csv"] + "STAT110,Autumn 2026,A77,Ann Lee,,Lab B\n"}
    imported(regine, archive(two))
    merged = regine.post("/api/v1/students/0012/merge", json={"other": "A77"})
    assert merged.status_code == 200, merged.text
    report = imported(regine, archive(two), dry_run="1")
    assert report["warnings"][0] == {
        "file": "members.csv",
        "line": 4,
        "message": "Lines 2 and 4 are one person: the entries with the IDs A77 and 0012 were merged. They count once.",
    }
    assert (report["joining"], report["leaving"]) == (0, 0)
    oneroster = {**ONEROSTER, "users.csv": ONEROSTER["users.csv"].replace("Bo,Li,,", "Ann,Lee,A77,")}
    warnings = imported(regine, archive(oneroster), dry_run="1")["warnings"]
    [named] = [each for each in warnings if "one person" in each["message"]]
    assert (named["file"], named["line"]) == ("users.csv", 3)


def from_cron(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a user's crontab: a shell, with nothing but what cron sets."""
    line = f"cd {PROJECT} && {sys.executable} -m secure_attend.admin --data {home}/data import {' '.join(words)}"
    environment = {"HOME": str(home), "LOGNAME": "attendance", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    return subprocess.run(
        ["/bin/sh", "-c", line], env=environment, cwd=home, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_crontab_line_imports_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    file = tmp_path / "nightly.zip"
    file.write_bytes(own(20))
    tried = from_cron(tmp_path, str(file), "--dry-run")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert "20 join a course" in tried.stdout
    done = from_cron(tmp_path, str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Imported:")
    assert "No account that may teach is named Ada" in done.stdout
    file.write_bytes(own(10))
    asked = from_cron(tmp_path, str(file))
    assert asked.returncode == 1
    assert "10 of 20 students would leave STAT110" in asked.stderr
    file.write_bytes(b"no archive")
    assert "not a zip archive" in from_cron(tmp_path, str(file)).stderr
    store = JsonStore.open(tmp_path / "data", site_key_file=next(tmp_path.rglob("*.key")))
    try:
        assert len(site_of(store)["STAT110"]) == 20
        deeds = [each.deed for each in store.audit.all(AuditSelection(action="import_nightly"))]
        done = next(each for each in deeds if each.state == "done" and not each.facts["dry_run"])
        assert (done.facts["joining"], len(done.about)) == (20, 21)
        assert str(done.facts["members_before"]).startswith("course:")
    finally:
        store.close()


def test_a_crontab_line_names_lines_of_one_person(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "nightly.zip").write_bytes(archive(OWN))
    assert from_cron(tmp_path, str(tmp_path / "nightly.zip")).returncode == 0
    key = next(tmp_path.rglob("*.key"))
    with closing(JsonStore.open(tmp_path / "data", site_key_file=key)) as store:
        ann = next(each.key for each in store.students() if each.student_id == "0012")
        store.write_students([Student("twin", "A77", "Ann B. Lee", merged_into=ann)])
    members = OWN["members.csv"] + "STAT110,Autumn 2026,A77,Ann Lee,,Lab B\n"
    (tmp_path / "nightly.zip").write_bytes(archive({**OWN, "members.csv": members}))
    done = from_cron(tmp_path, str(tmp_path / "nightly.zip"))
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "members.csv, line 4: Lines 2 and 4 are one person: the entries with the IDs A77 and 0012 were merged. They "
        "count once."
    ) in done.stdout
    with closing(JsonStore.open(tmp_path / "data", site_key_file=key)) as store:
        assert site_of(store)["STAT110"] == {"0012": {"Lab A", "Lab B"}, "1002": {"Lab A", "Lab B"}}


@pytest.fixture(params=[False, True], ids=["http", "https"])
def serving(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A server that runs on the files."""
    (tmp_path / "data").mkdir()
    settings = Settings(
        port=0,
        port_chosen=True,
        data=tmp_path / "data",
        site_key_file=tmp_path / "site.key",
        https=request.param,
        threads=2,
        time_zone=ZoneInfo("UTC"),
    )
    store = open_store(settings)
    server = serve.bind(settings)
    store.note_address(serve.base_addresses(settings, server.port)[0])
    thread = threading.Thread(target=serve.serve_until_stopped, args=(server, create_app(settings, store=store)))
    thread.start()
    yield store
    server.stop()
    thread.join()
    store.close()


def test_a_crontab_line_imports_it_while_the_server_runs(serving: Store, tmp_path: Path) -> None:
    """In the folder and with the variables of a timer that sets none."""
    file = tmp_path / "nightly.zip"

    def line(*words: str) -> subprocess.CompletedProcess[str]:
        command = f"{sys.executable} -m secure_attend.admin import {file} {' '.join(words)}"
        settings = f"DATA={tmp_path}/data SITE_KEY_FILE={tmp_path}/site.key"
        return subprocess.run(
            ["/bin/sh", "-c", f"cd {PROJECT} && {settings} {command}"],
            env={},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    file.write_bytes(archive({**OWN, "members.csv": OWN["members.csv"].replace("Bo Li", "Łukasz Żak")}))
    tried = line("--dry-run")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert not serving.students()
    done = line()
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 students added to the list" in done.stdout
    assert site_of(serving)["STAT110"]["1002"] == {"Lab A", "Lab B"}
    file.write_bytes(archive({**OWN, "members.csv": "code,term,student_id,name\nSTAT110,Autumn 2026,0012,Ann Lee\n"}))
    asked = line()
    assert (asked.returncode, asked.stdout) == (1, "")
    assert "1 of 2 students would leave STAT110" in asked.stderr
    digest = re.search(r"[0-9a-f]{32}", asked.stderr)
    assert digest is not None
    assert line("--plan", digest[0]).returncode == 0
    assert list(site_of(serving)["STAT110"]) == ["0012"]
    entries = serving.audit.page(AuditSelection(action="import_nightly"), before=None, limit=9)
    assert next((each.deed.by, each.deed.state) for each in entries) == ("account:terminal", "done")
