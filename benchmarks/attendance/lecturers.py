"""Ten lecturers who look at an open class while its 180 students arrive within two minutes: over HTTP, at the pace of
their page, from a server in a process of its own. PostgreSQL's processes are not counted. `registers` measures them
with the other rows."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from benchmarks.server.kiosks import connected, processor_seconds
from benchmarks.timing import Row, measured
from secure_attend import create_app
from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from secure_attend.settings import Settings
from secure_attend.storage.clock import utc_now
from secure_attend.storage.documents import Document
from secure_attend.storage.opening import open_store
from secure_attend.storage.values import Student
from tests.conftest import logged_in
from tests.support.app_process import started

LECTURERS, STUDENTS, OPEN = 10, 180, 20
LOOK_EVERY_S = 5.0
"""The class page asks every five seconds while a class is open."""
SECONDS = float(os.environ.get("ARRIVING_SECONDS", "120"))
REGISTER, MOST = "/api/v1/meetings/open0/register", 0.5
"""What everybody looks at, and the share of a core that the server may need for it."""


class Caller(threading.Thread):
    """Somebody with a token and a connection that is kept open. `waits` are milliseconds until an answer was there."""

    def __init__(self, address: str, token: str, begin: float) -> None:
        super().__init__()
        self._connection = connected(address)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._begin = begin
        self.waits: list[float] = []

    def ask(self, method: str, path: str, body: bytes | None = None, etag: str = "") -> tuple[int, str, bytes]:
        """Return status, ETag and body of an answer."""
        began = time.perf_counter()
        headers = {**self._headers, "If-None-Match": etag} if etag else self._headers
        self._connection.request(method, path, body, headers)
        answer: http.client.HTTPResponse = self._connection.getresponse()
        data = answer.read()
        self.waits.append((time.perf_counter() - began) * 1000)
        return answer.status, answer.headers.get("ETag", ""), data

    def wait_until(self, seconds: float) -> None:
        """Wait until this many seconds after the beginning."""
        time.sleep(max(0.0, self._begin + seconds - time.perf_counter()))


class Arrivals(Caller):
    """Students who check in one after the other."""

    def run(self) -> None:
        """Check all of them in."""
        for number in range(STUDENTS):
            self.wait_until(number * SECONDS / (STUDENTS + 1))
            status, _, data = self.ask("POST", f"/api/v1/students/{_key(number)}/check-ins", b"{}")
            assert status == 201, data
        self.wait_until(SECONDS)


class Lecturer(Caller):
    """Looks every five seconds while students arrive, and once more. `present` is how many were seen then."""

    def __init__(self, address: str, token: str, begin: float, arrivals: Arrivals) -> None:
        super().__init__(address, token, begin)
        self._arrivals = arrivals
        self.present = 0

    def run(self) -> None:
        """Look as the class page does: it names what it has."""
        etag = ""
        for look in count():
            self.wait_until(look * LOOK_EVERY_S)
            last = not self._arrivals.is_alive()
            status, etag, data = self.ask("GET", REGISTER, etag=etag)
            if status == 200:
                self.present = json.loads(data)["counts"]["present"]
            if last:
                return


def rows(kind: str, settings: Settings) -> Iterator[Row]:
    """Return the server's share of a core, and how long lecturers wait."""
    settings = replace(settings, faces="off")
    tokens = _prepared(settings)
    chosen = {"FACES": "off", "PORT": "0", "SITE_KEY_FILE": str(settings.site_key_file)}
    if settings.database_url is not None:
        chosen["DATABASE_URL"] = settings.database_url
    home = Path(settings.data)
    with started(home, "--data", str(home), **chosen) as server:
        address = server.ready()
        begin = time.perf_counter()
        arrivals = Arrivals(address, tokens[0], begin)
        lecturers = [
            Lecturer(address, token, begin + number * LOOK_EVERY_S / LECTURERS, arrivals)
            for number, token in enumerate(tokens)
        ]
        before = processor_seconds(server)
        for caller in (arrivals, *lecturers):
            caller.start()
        for caller in (arrivals, *lecturers):
            caller.join()
        share = (processor_seconds(server) - before) / (time.perf_counter() - begin)
        server.stop()
    assert {lecturer.present for lecturer in lecturers} == {STUDENTS}
    what = f"{kind}: {LECTURERS} lecturers look on while {STUDENTS} arrive in {SECONDS:.0f} s"
    yield measured(what, "share of a core", [share], MOST)
    yield measured(f"{kind}: they wait for an answer", "ms", [wait for each in lecturers for wait in each.waits])


def _prepared(settings: Settings) -> list[str]:
    """Make the site, with a token for each lecturer."""
    store = open_store(settings, utc_now)
    store.write_students([Student(_key(number), f"S{number}", f"Student {number}") for number in range(STUDENTS)])
    store.documents.write(list(_taught(utc_now())))
    app = create_app(settings, store=store)
    clients = [logged_in(app, f"Lecturer {number}") for number in range(LECTURERS)]
    store.close()
    return [client.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ") for client in clients]


def _taught(now: datetime) -> Iterator[Document]:
    """Yield courses that all students are in, each with a class that is open for hours."""
    first, last = now.date() - timedelta(days=30), now.date() + timedelta(days=30)
    starts, on_time = now.replace(tzinfo=None, second=0, microsecond=0), now + timedelta(hours=1)
    for number in range(OPEN):
        course = f"c{number}"
        yield course_document(Course(course, f"C{number}", f"Course {number}", "Autumn", first, last))
        for student in range(STUDENTS if number == 0 else STUDENTS // 2):
            yield membership_document(Membership(course, _key(student), (Span(first),)))
        ends = starts + timedelta(hours=2)
        yield meeting_document(Meeting(f"open{number}", course, "Lecture", starts, ends, "UTC", on_time_until=on_time))


def _key(number: int) -> str:
    return f"{number:016x}"
