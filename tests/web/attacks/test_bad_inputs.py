"""Whatever comes in, the answer is a problem that a caller can mend, never a 500, and nothing is changed or kept.

Which endpoints take which kind of input is asked of the OpenAPI document, so that a new one is tried too.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import frames
from secure_attend.attendance.meetings.drafted_meetings import MOST_BYTES
from secure_attend.settings import PROJECT, Settings
from secure_attend.web.api.students import MOST_REMOVALS_BYTES
from secure_attend.web.http.body import FRAME, JSON_BYTES, NIGHTLY, PHOTO, ROSTER
from tests.conftest import Site, access_of, as_student, logged_in, openapi
from tests.support.nightly_files import OWN, archive
from tests.support.web import corpus, register_corpus
from tests.support.web.kept import in_memory, on_disk
from tests.support.web.taught_course import TaughtCourse
from tests.web.attacks.test_bad_flows import FLOWS

JSON = "application/json"
PARTS = 12
ANY = frozenset(range(400, 500))


@dataclass(frozen=True)
class Bad:
    """A request; names in braces in its address stand for what is there. `about` is the field to be named, if one."""

    name: str
    method: str
    path: str
    right: frozenset[int]
    data: bytes | None = None
    kind: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    about: str | None = None


@dataclass(frozen=True)
class Endpoint:
    """One that takes JSON: its texts by name, and whether each may be null."""

    method: str
    path: str
    texts: dict[str, bool]
    most: int


def endpoints(app: Any) -> list[Endpoint]:
    """Every call that takes JSON."""
    spec = openapi(app)
    found = []
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            if JSON in content:
                schema = content[JSON]["schema"]
                schema = (
                    spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
                )
                most = MOST_REMOVALS_BYTES if path.endswith("/removals") else JSON_BYTES
                found.append(Endpoint(method.upper(), path.removeprefix("/api/v1"), dict(_texts(schema)), most))
    return found


def _texts(schema: Any) -> Iterator[tuple[str, bool]]:
    for name, about in schema["properties"].items():
        kinds = about.get("anyOf", [about])
        if any(kind.get("type") == "string" and "enum" not in kind and "const" not in kind for kind in kinds):
            yield name, any(kind.get("type") == "null" for kind in kinds)


def bodies(takers: list[Endpoint]) -> list[Bad]:
    """Every body that is no JSON object of the kind, and every body too long, at each of them."""
    found = []
    for at in takers:
        for name, (data, right) in corpus.BODIES.items():
            found.append(Bad(f"{at.method} {at.path}: {name}", at.method, at.path, right, data, JSON))
        for name, data in corpus.sizes(at.most):
            found.append(Bad(f"{at.method} {at.path}: {name}", at.method, at.path, frozenset({413}), data, JSON))
    return found


def values(takers: list[Endpoint]) -> list[Bad]:
    """In place of every text of every endpoint."""
    return [
        Bad(
            f"{at.method} {at.path}: {text} is {name}",
            at.method,
            at.path,
            frozenset({422}),
            json.dumps({text: value}).encode(),
            JSON,
            about=text,
        )
        for at in takers
        for text, may_be_null in at.texts.items()
        for name, value in corpus.VALUES.items()
        if not (value is None and may_be_null)
    ]


def ids(takers: list[Endpoint]) -> list[Bad]:
    """Wherever a student is named by ID."""
    found = []
    for name, text in corpus.IDS.items():
        for at in takers:
            if "student_id" in at.texts:
                fitting = {"student_id": text, "name": "Ann", "challenge": "none", "code": "123456"}
                body = json.dumps({key: value for key, value in fitting.items() if key in at.texts}).encode()
                right, about = (frozenset({422}), "student_id") if at.path == "/students" else (ANY, None)
                found.append(Bad(f"{at.path}: id {name}", at.method, at.path, right, body, JSON, about=about))
        path = f"/reports/attendance.csv?student_id={quote(text)}"
        found.append(Bad(f"report: id {name}", "GET", path, frozenset({422}), about="student_id"))
    twin = json.dumps({"student_id": corpus.DECOMPOSED, "name": "Ann"}).encode()
    found.append(Bad("an ID taken, decomposed", "POST", "/students", frozenset({409}), twin, JSON, about="student_id"))
    return found


def images() -> list[Bad]:
    """Wherever a picture is taken."""
    frame = "/challenges/{challenge_id}/frames?number={number}&nonce={nonce}"
    right = frozenset({413, 415, 422})
    found = [
        Bad(f"{what}: {name}", "POST", path, right, data, "image/jpeg", about="body")
        for what, path in (("photo", "/students/{key}/faces"), ("frame", frame))
        for name, data in corpus.images().items()
    ]
    for what, path, most in (("photo", "/students/{key}/faces", PHOTO.most), ("frame", frame, FRAME.most)):
        for name, data in corpus.sizes(most):
            found.append(Bad(f"{what}: {name}", "POST", path, frozenset({413}), data, "image/jpeg", about="body"))
    return found


def rosters() -> list[Bad]:
    """The list of students as a file."""
    found = [
        Bad(f"roster: {name}", "POST", "/roster", right, data, "text/csv")
        for name, (data, right) in corpus.rosters().items()
    ]
    for name, data in corpus.sizes(ROSTER.most):
        found.append(Bad(f"roster: {name}", "POST", "/roster", frozenset({413}), data, "text/csv", about="body"))
    nightly = {
        "no archive": b"student_id,name",
        "an empty archive": archive({}),
        "an archive without a course": archive({**OWN, "courses.csv": "code,term,title\n"}),
        "names that lead outside": archive({**OWN, "../courses.csv": "x"}),
        "a bomb": archive({**OWN, "members.csv": b"0" * 49_000_000}),
        "marks without an end": archive(
            {**OWN, "members.csv": OWN["members.csv"].replace("Bo Li", "\u0301" * 130_000)}
        ),
    }
    for name, data in nightly.items():
        found.append(Bad(f"nightly: {name}", "POST", "/imports/nightly", frozenset({422}), data, "application/zip"))
    for name, data in corpus.sizes(NIGHTLY.most):
        right = frozenset({413})
        found.append(Bad(f"nightly: {name}", "POST", "/imports/nightly", right, data, "application/zip", about="body"))
    return found


def excuses() -> list[Bad]:
    """Of a student, in a course and in all."""
    return [
        Bad(f"an excuse {name}, {kind}", "POST", path, frozenset({422}), json.dumps(body).encode(), JSON, about=about)
        for kind, path in (("all", "/students/{key}/excuses"), ("one", "/courses/{course}/members/{student}/excuses"))
        for name, (body, about) in corpus.EXCUSES.items()
    ]


def merges() -> list[Bad]:
    """Of two entries, asked for and looked at."""
    path = "/students/{key}/merge"
    asked = [
        Bad(f"a merge {name}", "POST", path, frozenset({right}), json.dumps(body).encode(), JSON, about=about)
        for name, (body, right, about) in corpus.MERGES.items()
    ]
    looked = [
        Bad(f"a look at a merge {name}", "GET", f"{path}?{query}", frozenset({right}), about=about)
        for name, (query, right, about) in corpus.MERGE_QUERIES.items()
    ]
    nothing = Bad("undoing with a body", "POST", "/students/{key}/corrections/undo", frozenset({422}), b'{"x":1}', JSON)
    return [*asked, *looked, nothing]


def decisions() -> list[Bad]:
    """What people decide about a register: policies, locks, holds, contacts, requests and their answers."""
    return [
        Bad(f"{method} {path}: {name}", method, path, frozenset({422}), json.dumps(body).encode(), JSON, about=about)
        for (method, path), bodies in register_corpus.EVERY.items()
        for name, (body, about) in bodies.items()
    ]


def classes() -> list[Bad]:
    """Of a course: planned, changed and marked."""
    unfit, here = frozenset({422}), "/meetings/{meeting}"
    said = (
        ("a class", "/courses/{course}/meetings", corpus.CLASSES),
        ("a class moved", f"{here}/changes", corpus.CHANGES),
        ("a mark", f"{here}/marks", {name: ({"marks": [mark]}, of) for name, (mark, of) in corpus.MARKS.items()}),
    )
    found = [
        Bad(f"{what} {name}", "POST", path, unfit, json.dumps(body).encode(), JSON, about=about)
        for what, path, bodies in said
        for name, (body, about) in bodies.items()
    ]
    foreign = {"marks": [{"student": "of another course", "status": "present", "replaces": None}]}
    remarks = {"a formula": "=1+1", "a control character": "a\x07b", "NUL": "\0"}
    lost = json.dumps({"students": None, "missed_meeting": "foreign"}).encode()
    return [
        *found,
        Bad("a mark of a stranger", "POST", f"{here}/marks", frozenset({404}), json.dumps(foreign).encode(), JSON),
        *(
            Bad(f"marks with {name}", "POST", f"{here}/marks", unfit, json.dumps({"rest": rest}).encode(), JSON)
            for name, remark in remarks.items()
            for rest in [{"status": "present", "remark": remark}]
        ),
        Bad("a make-up in no class", "POST", f"{here}/visitors", unfit, lost, JSON, about="missed_meeting"),
    ]


def calendars() -> list[Bad]:
    """The classes of a course as a file."""
    path, kind = "/courses/{course}/meetings/import?dry_run=1", "text/calendar"
    found = [
        Bad(f"classes: {name}", "POST", path, right, data, kind) for name, (data, right) in corpus.calendars().items()
    ]
    return [
        *found,
        *(
            Bad(f"classes: {name}", "POST", path, frozenset({413}), data, kind, about="body")
            for name, data in corpus.sizes(MOST_BYTES)
        ),
        *(
            Bad(
                f"an import to undo with {name}",
                "POST",
                f"{path.partition('?')[0]}/undo",
                frozenset({right}),
                json.dumps({"meetings": ["none"], "written": 1} | wrong).encode(),
                JSON,
            )
            for name, right, wrong in (
                ("classes of nobody", 409, {}),
                ("a number before time", 409, {"written": -1}),
                ("a number beyond all", 409, {"written": 10**30}),
                ("no classes", 422, {"meetings": []}),
                ("too many classes", 422, {"meetings": ["m"] * 301}),
                ("a number in words", 422, {"written": "1"}),
            )
        ),
        Bad(
            "classes: neither asked nor planned",
            "POST",
            path.partition("?")[0],
            frozenset({422}),
            b"",
            kind,
            about="plan",
        ),
    ]


def addresses() -> list[Bad]:
    """What stands in the address, on every kind of route."""
    frame = "/challenges/{challenge_id}/frames"
    unfit = frozenset({422})
    found = [Bad(name, "GET", path, right) for name, (path, right) in corpus.ADDRESSES.items()]
    for name, (query, right) in corpus.ROSTER_QUERIES.items():
        found.append(Bad(name, "POST", f"/roster?{query}", right, b"student_id,name,group\n1,a,b\n", "text/csv"))
    return [
        *found,
        Bad("a fraction of a frame", "POST", f"{frame}?number=1.5&nonce=x", unfit, b"", "image/jpeg", about="number"),
        Bad("frame 0", "POST", f"{frame}?number=0&nonce=x", unfit, b"", "image/jpeg", about="number"),
        Bad("frame NaN", "POST", f"{frame}?number=NaN&nonce=x", unfit, b"", "image/jpeg", about="number"),
        Bad("no nonce", "POST", f"{frame}?number=1", unfit, b"", "image/jpeg", about="nonce"),
        Bad("a nonce of NUL", "POST", f"{frame}?number=1&nonce=%00", unfit, b"", "image/jpeg", about="nonce"),
        *(
            Bad(f"leaving {name}", "DELETE", f"/challenges/{session}", frozenset({404}))
            for name, session in (("no session", "x"), ("a session of NUL", "%00"), ("a long one", "x" * 2000))
        ),
        Bad("leaving with a wish", "DELETE", "/challenges/{challenge_id}?refused=0", unfit, about="refused"),
        Bad(
            "a session that goes up",
            "POST",
            "/challenges/%2e%2e/frames?number=1&nonce=x",
            frozenset({404}),
            b"",
            "image/jpeg",
        ),
    ]


def headers() -> list[Bad]:
    """What stands in the headers, and methods that no route takes."""
    malformed, kind = frozenset({400}), frozenset({415})
    return [
        Bad("XML", "POST", "/students", kind, b"{}", "application/xml", about="Content-Type"),
        Bad("no type", "POST", "/students", kind, b"{}", "", about="Content-Type"),
        Bad("a type of rubbish", "POST", "/students", kind, b"{}", ";;;", about="Content-Type"),
        Bad("a picture as JSON", "POST", "/students/{key}/faces", malformed, corpus.png(64, 64), JSON, about="body"),
        Bad(
            "a picture as bytes",
            "POST",
            "/students/{key}/faces",
            kind,
            b"",
            "application/octet-stream",
            about="Content-Type",
        ),
        Bad(
            "a roster as a workbook",
            "POST",
            "/roster",
            kind,
            b"",
            "application/vnd.ms-excel.sheet",
            about="Content-Type",
        ),
        Bad(
            "packed", "POST", "/students", malformed, b"\x1f\x8b\x08", JSON, {"Content-Encoding": "gzip"}, about="body"
        ),
        Bad("a length missing", "POST", "/students", malformed, b"", JSON, {"Transfer-Encoding": "chunked"}),
        Bad("a length of rubbish", "POST", "/students", malformed, b"", JSON, {"Content-Length": "many"}),
        Bad("a length below 0", "POST", "/students", malformed, b"", JSON, {"Content-Length": "-5"}),
        Bad("TRACE", "TRACE", "/students", frozenset({405})),
        Bad("a method of rubbish", "FETCH", "/students", frozenset({405})),
        Bad("another host", "POST", "/students", malformed, b"{}", JSON, {"Host": "evil.example"}, about="Host"),
    ]


def everything(app: Any) -> list[Bad]:
    """All of it."""
    takers = endpoints(app)
    return [
        *bodies(takers),
        *values(takers),
        *ids(takers),
        *images(),
        *rosters(),
        *classes(),
        *calendars(),
        *excuses(),
        *merges(),
        *decisions(),
        *addresses(),
        *headers(),
    ]


@pytest.fixture
def places(app: Flask, site: Site, john: str) -> dict[str, Any]:
    """What the addresses of bad requests name: a student, a check-in, a session with its next frame, an account."""
    site.add(corpus.COMPOSED, "Ann")
    record = site.client.post(f"/api/v1/students/{john}/check-ins").get_json()["record"]["id"]
    challenge = site.open()
    account = site.client.get("/api/v1/me").get_json()["key"]
    taught = TaughtCourse(lambda method, path, **rest: site.client.open(f"/api/v1{path}", method=method, **rest), 1)
    group = taught.api("POST", f"/courses/{taught.key}/groups", json={"name": "Lab A"}).get_json()["key"]
    meeting = taught.start()
    lock = taught.api("POST", f"/courses/{taught.key}/locks", json={"last_day": "2026-11-01"}).get_json()["key"]
    assert taught.join("1001").status_code == 201
    days = {"first_day": "2026-11-23", "last_day": "2026-12-04"}
    excused = taught.api("POST", f"/courses/{taught.key}/members/{john}/excuses", json=days)
    called = taught.api("POST", f"/students/{john}/contacts", json={"on": "2026-11-20", "outcome": "Comes again"})
    asked = as_student(app, john).post("/api/v1/own/requests", json={"meeting": meeting, "asks": "other"})
    taught.register(meeting)  # what is kept in memory of all this is there before the bad requests come
    return {
        "course": taught.key,
        "meeting": meeting,
        "group": group,
        "lock": lock,
        "student": john,
        "contact": called.get_json()["key"],
        "request_key": asked.get_json()["id"],
        "record_id": record,
        "excuse": excused.get_json()["excuse"]["id"],
        "challenge_id": challenge["id"],
        "account": account,
        **challenge["next"],
    }


def address(bad: Bad, places: dict[str, Any]) -> str:
    """The address with what its names stand for."""
    key = places["account"] if bad.path.startswith("/accounts") else places["student"]
    here = {**places, "key": key}
    return "/api/v1" + re.sub(r"\{(\w+)\}", lambda name: str(here.get(name[1], "nothing")), bad.path)


def fault(bad: Bad, response: Any) -> str | None:
    """What is wrong with the answer; None if nothing is."""
    problem = response.get_json(force=True, silent=True) or {}
    named = [error["field"] for error in problem.get("errors", []) if error["message"]]
    if response.status_code not in bad.right:
        return f"{bad.name}: {response.status_code} instead of {sorted(bad.right)}: {response.text[:300]}"
    if response.content_type != "application/problem+json" or not problem.get("code") or not problem.get("detail"):
        return f"{bad.name}: not a problem: {response.text[:300]}"
    if bad.about and bad.about not in named:
        return f"{bad.name}: {bad.about} is not named: {response.text[:300]}"
    if response.status_code in (413, 415, 422) and not named:
        return f"{bad.name}: no field is named: {response.text[:300]}"
    return None


@pytest.mark.parametrize("part", range(PARTS))
def test_bad_inputs(app: Flask, settings: Settings, places: dict[str, Any], part: int) -> None:
    """Refused in words, and then every file is as before, to the byte, and nothing more is held in memory."""
    client, student = logged_in(app), as_student(app, places["student"])
    files, memory = on_disk(settings), in_memory(app)
    wrong = []
    for bad in everything(app)[part::PARTS]:
        response = (student if bad.path.startswith("/own/") else client).open(
            address(bad, places),
            method=bad.method,
            data=bad.data,
            content_type=bad.kind,
            headers=bad.headers,
            buffered=True,
        )
        wrong += [words for words in (fault(bad, response),) if words]
        if bad.path == "/own/pass" and response.status_code == 403:  # a wrong proof is counted; nothing else is kept
            access_of(app).limits.lift_all()
        if on_disk(settings) != files:
            wrong.append(f"{bad.name}: a file changed")
            files = on_disk(settings)
    assert wrong == []
    assert in_memory(app) == memory


def test_what_is_kept_would_be_noticed(app: Flask, settings: Settings, site: Site) -> None:
    files, memory = on_disk(settings), in_memory(app)
    site.open()
    assert in_memory(app) != memory
    assert on_disk(settings) == files
    site.add("1", "Ann")
    assert on_disk(settings) != files


def test_the_corpus_is_worth_its_name(app: Flask) -> None:
    """At least 120 inputs, as many as docs/security.md says."""
    kinds = Counter(
        {
            "JSON": len(corpus.BODIES) + len(corpus.VALUES),
            "IDs": len(corpus.IDS) + 1,
            "pictures": len(corpus.images()),
            "rosters": len(corpus.rosters()) - len([name for name in corpus.rosters() if name.startswith("id ")]),
            "files of classes": len(corpus.calendars()) + 7,
            "classes and marks": len(classes()),
            "addresses and headers": len(addresses()) + len(headers()),
            "calls at a wrong time": len(FLOWS),
        }
    )
    requests = everything(app)
    assert len({bad.name for bad in requests}) == len(requests)
    assert kinds.total() >= 120
    listed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    words = f"{kinds.total()} bad inputs ({listed}) in more than "
    said = " ".join((PROJECT / "docs" / "security.md").read_text("utf-8").split())
    assert words in said
    assert int(said.partition(words)[2].split()[0].replace(",", "")) <= len(requests)


@pytest.mark.parametrize("kind", ["photo", "frame"])
def test_what_its_header_refuses_is_never_decoded(
    client: FlaskClient, places: dict[str, Any], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """20 000 x 20 000 in 1 MB, as PNG and as JPEG, openly and hidden: no decoding at all."""
    decoded: list[int] = []
    monkeypatch.setattr(frames.cv2, "imdecode", lambda *_: decoded.append(1))
    bombs = [
        bad for bad in images() if bad.name.startswith(kind) and re.search(r"20 000|two sizes|000 000|passes", bad.name)
    ]
    assert len(bombs) == 6
    for bad in bombs:
        response = client.post(address(bad, places), data=bad.data, content_type=bad.kind)
        assert fault(bad, response) is None
    assert decoded == []
    readable = Bad("", "POST", next(bad.path for bad in images() if bad.name.startswith(kind)), ANY)
    client.post(address(readable, places), data=corpus.Scene().jpeg(), content_type="image/jpeg")
    assert decoded == [1]


def test_strangers_who_only_knock_fill_no_file(app: Flask, settings: Settings) -> None:
    """Not the audit trail either, which those who are known do write to."""
    stranger = app.test_client()
    logged_in(app)
    files = on_disk(settings, without="nothing")
    open_to_all = [bad for bad in bodies(endpoints(app)) if bad.path in ("/setup", "/login")]
    assert len(open_to_all) > 80
    for bad in open_to_all:
        stranger.post(f"/api/v1{bad.path}", data=bad.data, content_type=bad.kind)
    for _ in range(20):
        again = {"code": "ABCD-EFGH-JKMN-PQRS", "name": "Eve", "password": "nine purple otters dance"}
        assert stranger.post("/api/v1/setup", json=again).status_code == 409
    assert on_disk(settings, without="nothing") == files
