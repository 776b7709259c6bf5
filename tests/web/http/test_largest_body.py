"""How long a body a caller may send: by route and bearer, asked before the body is gathered."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from secure_attend.server.serve import bind, serve_until_stopped
from secure_attend.settings import Settings
from secure_attend.web.api.students import MOST_REMOVALS_BYTES
from secure_attend.web.application import Application
from secure_attend.web.http.body import FRAME, JSON_BYTES, PHOTO, ROSTER
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import logged_in

PATIENCE = 30.0
API = "/api/v1"
FRAMES = f"{API}/challenges/0123456789abcdef/frames"


@pytest.fixture
def faculty(app: Application) -> str:
    return str(logged_in(app).environ_base["HTTP_AUTHORIZATION"])


@pytest.fixture
def kiosk(app: Application) -> str:
    return f"Bearer {SITE_PARTS.of(app).access.kiosks.add('Door', 'Ada')[1]}"


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("POST", f"{API}/roster", ROSTER.most),
        ("POST", f"{API}/students/abc/faces", PHOTO.most),
        ("POST", f"{API}/students/removals", MOST_REMOVALS_BYTES),
        ("POST", FRAMES, FRAME.most),
        ("POST", f"{API}/students", JSON_BYTES),
        ("GET", f"{API}/roster", JSON_BYTES),
        ("POST", f"{API}/nothing", JSON_BYTES),
        ("POST", "/\u00c3\u0028\u0000", JSON_BYTES),
        ("NONSENSE", f"{API}/roster", JSON_BYTES),
    ],
)
def test_the_route_says_what_a_known_caller_may_send(
    app: Application, faculty: str, method: str, path: str, most: int
) -> None:
    assert app.largest_body(method, path, faculty) == most


@pytest.mark.parametrize("path", [f"{API}/roster", f"{API}/students/abc/faces", FRAMES])
@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer nobody", "Basic QTpi", "Bearer \u00e4"])
def test_who_is_not_known_may_send_what_everybody_may(app: Application, path: str, authorization: str) -> None:
    assert app.largest_body("POST", path, authorization) == JSON_BYTES


def test_a_kiosk_may_send_frames_and_no_roster(app: Application, kiosk: str) -> None:
    assert app.largest_body("POST", FRAMES, kiosk) == FRAME.most
    assert app.largest_body("POST", f"{API}/roster", kiosk) == JSON_BYTES


def test_no_route_takes_more_than_it_says(app: Application) -> None:
    """Each view that reads a raw body, or a long JSON, is known to the server."""
    more = {name for name, view in app.view_functions.items() if getattr(view, "largest_body", 0) > JSON_BYTES}
    assert more == {
        "roster.upload_roster",
        "nightly_file.import_nightly",
        "faces.register_face",
        "students.remove_students",
        "challenges.add_frame",
        "meeting_files.import_meetings",
    }


@pytest.fixture
def port(app: Application, settings: Settings) -> Iterator[int]:
    """Where the site is served."""
    server = bind(replace(settings, port=0, port_chosen=True, threads=2))
    thread = threading.Thread(target=serve_until_stopped, args=(server, app))
    thread.start()
    yield server.port
    server.stop()
    thread.join(PATIENCE)


@pytest.mark.parametrize(
    ("path", "kind", "size", "known", "status", "code"),
    [
        ("/roster", "text/csv", 1_000_000, False, 401, "not_logged_in"),
        ("/roster", "text/csv", 17_000_000, True, 413, "too_large"),
        ("/login", "application/json", 70_000, False, 413, "too_large"),
        ("/nothing", "text/csv", 70_000, False, 404, "unknown_address"),
        ("/students/abc/faces", "text/plain", 9_000_000, True, 415, "unsupported_media_type"),
    ],
)
def test_a_refusal_says_why_and_its_body_is_not_read(
    port: int, faculty: str, path: str, kind: str, size: int, known: bool, status: int, code: str
) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(client):
        client.putrequest("POST", API + path)
        headers = {"Content-Type": kind, "Content-Length": str(size), "Authorization": faculty if known else "Bearer x"}
        for name, value in headers.items():
            client.putheader(name, value)
        client.endheaders()
        answer = client.getresponse()
        assert (answer.status, json.load(answer)["code"]) == (status, code)
        assert answer.getheader("Connection") == "close"


def test_a_roster_of_a_known_caller_arrives_whole(port: int, faculty: str) -> None:
    roster = b"student_id,name\n" + b"".join(b"%d,Student %d\n" % (number, number) for number in range(5_000))
    assert len(roster) > JSON_BYTES
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(client):
        client.request("POST", f"{API}/roster", roster, {"Content-Type": "text/csv", "Authorization": faculty})
        answer = client.getresponse()
        assert (answer.status, json.load(answer)["added"]) == (200, 5_000)
