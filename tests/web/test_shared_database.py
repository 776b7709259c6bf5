"""A site in a database, served by several processes: they see each other's changes, and outlive its absence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import event

from secure_attend import create_app
from secure_attend.attendance.requests.correction_request import Asked
from secure_attend.attendance.requests.requests import WantedCorrection
from secure_attend.errors import StorageFailed
from secure_attend.settings import Settings
from secure_attend.storage.opening import database_of
from secure_attend.storage.ports import Store
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import Site, logged_in
from tests.support.fakes import Clock, DrawnFaces
from tests.support.postgres import NewDatabase, Postgres
from tests.support.web.litany import Api, fields, problem
from tests.support.web.taught_course import TaughtCourse

Serve = Callable[[], Site]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, settings: Settings, new_database: NewDatabase) -> str:
    """The address of an empty database."""
    return new_database(request.param, settings.data)


@pytest.fixture
def serve(url: str, settings: Settings, clock: Clock) -> Iterator[Serve]:
    """`serve()` is one more process of the site."""
    opened: list[Store] = []

    def another() -> Site:
        app = create_app(replace(settings, database_url=url), faces=DrawnFaces(), clock=clock)
        opened.append(SITE_PARTS.of(app).services.store)
        return Site(logged_in(app), clock)

    yield another
    for store in opened:
        store.close()


def calls(site: Site) -> Api:
    """Calls of this process's interface."""
    return lambda method, path, **given: site.client.open(f"/api/v1{path}", method=method, buffered=True, **given)


def record_ids(site: Site, key: str) -> list[str]:
    answer = site.client.get(f"/api/v1/students/{key}/attendance")
    return [record["id"] for record in answer.get_json()["records"]]


def test_a_face_registered_here_is_known_there_at_once(serve: Serve) -> None:
    here, there = serve(), serve()
    problem(there.check_in(1), 409, "nobody_registered")
    john = here.enrolled("1001", "John Doe", who=1)
    assert there.check_in(1).status_code == 201
    assert here.check_in(1).status_code == 200
    assert len(record_ids(there, john)) == 1
    ann = there.add("1003", "Ann Lee")
    problem(there.register(ann, 1), 409, "face_of_another")
    here.enrolled("1004", "Bo Ek", who=4)
    assert there.client.patch(f"/api/v1/students/{john}", json={"removed": True}).status_code == 200
    problem(here.check_in(1), 422, "not_recognised")


def test_a_list_that_did_not_change_is_not_sent_again(serve: Serve) -> None:
    here, there = serve(), serve()
    here.add("1001", "John Doe")
    tag = there.client.get("/api/v1/students").headers["ETag"]
    assert there.client.get("/api/v1/students", headers={"If-None-Match": tag}).status_code == 304
    here.add("1002", "Jane Smith")
    assert there.client.get("/api/v1/students", headers={"If-None-Match": tag}).status_code == 200


def test_a_lost_answer_is_found_by_another_process(serve: Serve) -> None:
    here, there = serve(), serve()
    john = here.enrolled("1001", "John Doe", who=1)
    challenge = here.passed(1)["id"]
    first = here.client.post("/api/v1/check-ins", json={"challenge": challenge})
    again = there.client.post("/api/v1/check-ins", json={"challenge": challenge})
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert len(record_ids(there, john)) == 1


def test_words_the_database_cannot_keep_never_reach_it(serve: Serve) -> None:
    site = serve()
    for text in ("\0", "1001\0"):
        assert fields(site.client.post("/api/v1/history", json={"student_id": text})) == ["student_id"]
        report = site.client.get("/api/v1/reports/attendance.csv", query_string={"student_id": text})
        assert fields(report) == ["student_id"]
        problem(site.client.get(f"/api/v1/students/{quote(text)}"), 404, "unknown_address")


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_while_the_database_is_away_it_says_so_and_then_goes_on(serve: Serve, postgres: Postgres) -> None:
    site = serve()
    john = site.enrolled("1001", "John Doe", who=1)
    challenge = site.passed(1)["id"]
    for stop in (postgres.pause, postgres.kill):
        stop()
        for answer in (
            site.client.post("/api/v1/check-ins", json={"challenge": challenge}),
            site.client.post(f"/api/v1/students/{john}/check-ins"),
            site.client.get("/api/v1/students"),
            site.client.get("/api/v1/health"),
        ):
            body = problem(answer, 503, "database_unreachable")
            assert "does not answer" in body["detail"]
            assert answer.headers["Retry-After"]
        postgres.start()
        assert site.client.get("/api/v1/students").status_code == 200
    assert site.client.post("/api/v1/check-ins", json={"challenge": challenge}).status_code == 201
    assert len(record_ids(site, john)) == 1


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_while_the_database_hangs_it_says_so_and_then_goes_on(serve: Serve, postgres: Postgres) -> None:
    site = serve()
    john = site.enrolled("1001", "John Doe", who=1)
    challenge = site.passed(1)["id"]
    services = SITE_PARTS.of(site.client.application).services
    assert len(services.galleries.current) == 1
    with postgres.hanging():
        assert len(services.galleries.current) == 1, "what was known last is searched"
        for answer in (
            site.client.post("/api/v1/check-ins", json={"challenge": challenge}),
            site.client.post(f"/api/v1/students/{john}/check-ins"),
            site.client.get("/api/v1/health"),
        ):
            assert "does not answer" in problem(answer, 503, "database_unreachable")["detail"]
            assert answer.headers["Retry-After"]
        with pytest.raises(StorageFailed):
            next(services.store.records())
        assert len(services.galleries.current) == 1
    while site.client.get("/api/v1/health").status_code == 503:
        time.sleep(0.1)
    assert site.client.post("/api/v1/check-ins", json={"challenge": challenge}).status_code == 201
    assert len(record_ids(site, john)) == 1


def test_an_unchanged_register_costs_one_read(serve: Serve) -> None:
    """Beside the question who is asking, as with every request: the site's version, for the scope and the register."""
    here = serve()

    meeting = TaughtCourse(calls(here)).start()
    address = f"/api/v1/meetings/{meeting}/register"
    etag = here.client.get(address).headers["ETag"]
    asked: list[str] = []
    database = database_of(SITE_PARTS.of(here.client.application).services.store)
    assert database is not None
    event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert here.client.get(address, headers={"If-None-Match": etag}).status_code == 304
    read = [" ".join(statement.split()) for statement in asked if statement.startswith("SELECT")]
    assert read == ["SELECT access_head.version FROM access_head", "SELECT site.version FROM site"]


@pytest.mark.parametrize("first", [{"accept": False, "answer": "No."}, {"accept": True}], ids=["declined", "accepted"])
@pytest.mark.parametrize("asks", ["present", "excused"])
def test_a_request_is_answered_by_one_of_two_processes(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, first: dict[str, Any], asks: Asked
) -> None:
    """The other one answers while this one has read the request, and has not written yet."""
    here, there = serve(), serve()
    taught = TaughtCourse(calls(here), 1)
    services = SITE_PARTS.of(here.client.application).services
    request = services.requests.make(WantedCorrection(taught.students[0], taught.start(), asks))
    address = f"/requests/{request.key}/answer"
    seen = services.registers.marks

    def answered_there_first(*asked: Any) -> Any:
        monkeypatch.setattr(services.registers, "marks", seen)
        found = seen(*asked)
        assert calls(there)("POST", address, json=first).status_code == 200
        return found

    monkeypatch.setattr(services.registers, "marks", answered_there_first)
    problem(calls(here)("POST", address, json={"accept": True}), 409, "already_answered")
    (answer,) = services.requests.get(request.key).answers
    assert (answer.accepted, answer.text) == (first["accept"], first.get("answer"))
    assert services.store.newest_number == (1 if first["accept"] else 0), "nothing but what the answer says"
