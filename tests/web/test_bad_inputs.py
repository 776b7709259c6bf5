"""Whatever comes in, the answer is a problem a caller can mend, never a 500, and nothing was changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from secure_attend.storage.json_files import JsonStore
from tests.conftest import Site
from tests.fakes import Scene
from tests.web.litany import Api

JSON = "application/json"
DEEP = 200_000


@dataclass(frozen=True)
class Bad:
    """A request; {key}, {challenge} and {record} in its address are a student's, a session's and a check-in's."""

    name: str
    method: str
    path: str
    status: int
    data: bytes | None = None
    kind: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def texts() -> list[tuple[str, bytes, int]]:
    """Bodies that are no JSON object, and the answer to them."""
    return [
        ("nothing", b"", 400),
        ("null", b"null", 422),
        ("true", b"true", 422),
        ("a number", b"12", 422),
        ("text", b'"text"', 422),
        ("an array", b"[]", 422),
        ("cut off", b'{"name": "Jo', 400),
        ("a trailing comma", b'{"name": "Jo",}', 400),
        ("two objects", b"{}{}", 400),
        ("single quotes", b"{'name': 'Jo'}", 400),
        ("a comment", b"{} // yes", 400),
        ("NaN", b'{"name": NaN}', 400),
        ("Infinity", b'{"name": -Infinity}', 400),
        ("a name twice", b'{"name": "a", "name": "b"}', 400),
        ("half a character", b'{"name": "\\ud800"}', 400),
        ("half a character as a name", b'{"\\udfff": 1}', 400),
        ("brackets", b"[" * 60_000, 400),
        ("objects in objects", b'{"a":' * 9_000 + b"1" + b"}" * 9_000, 400),
        ("too many brackets", b"[" * DEEP, 413),
        ("a huge integer", b'{"name": ' + b"9" * 10_000 + b"}", 400),
        ("a huge number", b'{"name": 1e999}', 422),
        ("UTF-16", '{"name": "Jo"}'.encode("utf-16"), 400),
        ("Latin-1", '{"name": "J\u00f6"}'.encode("latin-1"), 400),
        ("a byte order mark", b'\xef\xbb\xbf{"name": "Jo"}', 400),
        ("NUL bytes", b"\0" * 100, 400),
        ("a prototype", b'{"__proto__": {"admin": true}}', 422),
        ("an object in place of text", b'{"name": {"$ne": 1}}', 422),
        (
            "an object in place of all",
            b'{"student_id": {}, "challenge": {}, "purpose": {}, "keys": {}, "reason": {}}',
            422,
        ),
        ("text with NUL", b'{"student_id": "a\\u0000b", "name": "\\u0000", "email": "\\u0000"}', 422),
    ]


TAKES_JSON = [
    ("POST", "/students"),
    ("PATCH", "/students/{key}"),
    ("POST", "/students/removals"),
    ("POST", "/challenges"),
    ("POST", "/check-ins"),
    ("POST", "/check-ins/{record}/cancel"),
    ("POST", "/history"),
    ("POST", "/students/{key}/faces"),
    ("POST", "/login"),
    ("POST", "/setup"),
    ("POST", "/me/password"),
    ("POST", "/accounts"),
    ("PATCH", "/accounts/{account}"),
    ("POST", "/kiosks"),
]


def shapes() -> list[Bad]:
    found = []
    for method, path in TAKES_JSON:
        for name, data, status in texts():
            longer = path.endswith("removals") and len(data) == DEEP
            found.append(Bad(f"{path} {name}", method, path, 400 if longer else status, data, JSON))
    return found


def json(name: str, method: str, path: str, data: str, status: int = 422) -> Bad:
    return Bad(name, method, path, status, data.encode(), JSON)


def students() -> list[Bad]:
    ids = {
        "blank": " ",
        "long": "1" * 65,
        "very long": "1" * 1001,
        "zero-width": "10\u200b01",
        "direction": "\u202e1001",
        "control": "10\\u000701",
        "soft hyphen": "10\u00ad01",
        "excel": "1.23E+10",
        "private": "\ue000",
        "line break": "10\\n01",
        "tab": "10\\t01",
    }
    return [
        json(f"id {name}", "POST", "/students", f'{{"student_id": "{text}", "name": "Ann"}}')
        for name, text in ids.items()
    ]


def images() -> list[Bad]:
    jpeg, png = Scene().jpeg(), Scene().png()
    rubbish = {
        "empty": b"",
        "text": b"not a picture",
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "GIF": b"GIF89a\x01\0\x01\0",
        "BMP": b"BM" + b"\0" * 60,
        "an address": b"https://example.org/face.jpg",
        "a data address": b"data:image/jpeg;base64,/9j/4AAQSkZJRg==",
        "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0",
        "a JPEG's beginning": jpeg[:20],
        "a JPEG without a size": b"\xff\xd8\xff\xd9",
        "a JPEG that says 65535": jpeg.replace(b"\x00\xf0\x01\x40", b"\xff\xff\xff\xff", 1),
        "a PNG cut off": png[: len(png) // 2],
        "a PNG of 1 GB": png[:16] + b"\0\0\x7f\xff\0\0\x7f\xff" + png[24:],
        "zeros": b"\0" * 5000,
    }
    frames = "/challenges/{challenge}/frames?number={number}&nonce={nonce}"
    return [
        Bad(f"{path.rpartition('/')[2].partition('?')[0]} {name}", "POST", path, 0, data, "image/jpeg")
        for path in ("/students/{key}/faces", frames)
        for name, data in rubbish.items()
    ]


def rosters() -> list[Bad]:
    bodies = {
        "empty": b"",
        "binary": bytes(range(256)),
        "no header": b"1001,John\n",
        "unclosed": b'student_id,name\n1,"John\n',
        "NUL": b"student_id,name\n1,\0\n",
        "workbook": b"PK\x03\x04" + b"\0" * 100,
        "half UTF-16": b"\xff\xfea",
        "surrogates": b"\xff\xfe\x00\xd8\x00\xd8",
        "quotes": b'"' * 10_001,
        "separators": b"," * 100_000,
        "one long line": b"x" * 1_000_000,
        "a million rows": b"student_id,name\n" + b"1,a\n" * 1_000_000,
        "header twice": b"student_id,student_id,name\n1,2,a\n",
    }
    return [Bad(f"roster {name}", "POST", "/roster", 422, data, "text/csv") for name, data in bodies.items()]


def addresses() -> list[Bad]:
    return [
        Bad("limit", "GET", "/students?limit=99999999999999999999999", 422),
        Bad("limit minus", "GET", "/students?limit=-1", 422),
        Bad("limit text", "GET", "/students?limit=%00", 422),
        Bad("search too long", "GET", "/students?search=" + "x" * 201, 422),
        Bad("after too long", "GET", "/students?after=" + "x" * 129, 422),
        Bad("date", "GET", "/reports/attendance.csv?from=2026-13-01", 422),
        Bad("year 0", "GET", "/reports/attendance.csv?from=0000-01-01", 422),
        Bad("number as a date", "GET", "/reports/attendance.csv?from=1e400", 422),
        Bad("key", "GET", "/students/%F0%9F%98%80", 404),
        Bad("key not UTF-8", "GET", "/students/%FF%FE", 404),
        Bad("key with a slash", "GET", "/students/a/b", 404),
        Bad("frame number", "POST", "/challenges/{challenge}/frames?number=1.5&nonce=x", 422, b"", "image/jpeg"),
        Bad("frame number twice", "POST", "/challenges/{challenge}/frames?number=1", 422, b"", "image/jpeg"),
        Bad("session", "POST", "/challenges/%2e%2e/frames?number=1&nonce=x", 404, b"", "image/jpeg"),
        Bad("type", "POST", "/students", 415, b"{}", "application/xml"),
        Bad("no type", "POST", "/students", 415, b"{}", ""),
        Bad("type rubbish", "POST", "/students", 415, b"{}", ";;;"),
        Bad("encoding", "POST", "/students", 400, b"\x1f\x8b\x08", JSON, {"Content-Encoding": "gzip"}),
        Bad("no length", "POST", "/students", 400, b"", JSON, {"Transfer-Encoding": "chunked"}),
        Bad("length rubbish", "POST", "/students", 400, b"", JSON, {"Content-Length": "many"}),
        Bad("length minus", "POST", "/students", 400, b"", JSON, {"Content-Length": "-5"}),
        Bad("method", "TRACE", "/students", 405),
        Bad("method rubbish", "FETCH", "/students", 405),
    ]


EVERYTHING = [*shapes(), *students(), *images(), *rosters(), *addresses()]


@pytest.fixture
def places(site: Site, john: str) -> dict[str, Any]:
    """What the addresses of bad requests name."""
    record = site.client.post(f"/api/v1/students/{john}/check-ins").get_json()["record"]["id"]
    challenge = site.open()
    account = site.client.get("/api/v1/me").get_json()["key"]
    return {"key": john, "record": record, "challenge": challenge["id"], "account": account, **challenge["next"]}


def test_the_corpus_is_worth_its_name() -> None:
    assert len(EVERYTHING) > 250
    assert len({bad.name for bad in EVERYTHING}) == len(EVERYTHING)


@pytest.mark.parametrize("part", range(12))
def test_bad_inputs(api: Api, places: dict[str, Any], store: JsonStore, part: int) -> None:
    version = store.version
    wrong = []
    for bad in EVERYTHING[part::12]:
        response = api(bad.method, bad.path.format(**places), data=bad.data, content_type=bad.kind, headers=bad.headers)
        problem = response.get_json(force=True, silent=True) or {}
        well_formed = response.content_type == "application/problem+json" and problem.get("code") and problem["detail"]
        expected = response.status_code == bad.status if bad.status else 400 <= response.status_code < 500
        named = response.status_code != 422 or problem.get("errors") or problem.get("code") == "unreadable_image"
        if not (well_formed and expected and named):
            wrong.append(f"{bad.name}: {response.status_code} instead of {bad.status}: {response.text[:300]}")
    assert wrong == []
    assert store.version == version
