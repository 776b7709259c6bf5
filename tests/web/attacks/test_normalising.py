"""Nothing expensive before a limit: no text beyond its limit is normalised, whichever way it comes in.

An interpreter before the fix of CPython gh-149079 sorts combining marks in quadratic time, and holds all threads
meanwhile: one cell of 80,000 took 5 s.
"""

from __future__ import annotations

import contextlib
import json
import time
import unicodedata
from typing import Any

import pytest
from flask import Flask

from secure_attend.attendance.imports.roster_rows import Reading, read_roster
from secure_attend.attendance.search_text import search_text
from secure_attend.errors import InvalidInput
from secure_attend.web.http.body import JSON_BYTES
from tests.conftest import Site, logged_in
from tests.web.attacks.test_bad_inputs import Bad, address, endpoints, places

MARKS = "\u0315\u0300"
LONGEST = 1_000
"""Characters that may reach `unicodedata.normalize`, of any field."""
assert places


@pytest.fixture
def normalised(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The length of every text that is normalised."""
    lengths: list[int] = []
    real = unicodedata.normalize

    def counted(form: Any, text: str) -> str:
        lengths.append(len(text))
        return real(form, text[: 10 * LONGEST])

    monkeypatch.setattr(unicodedata, "normalize", counted)
    return lengths


def sizes() -> list[int]:
    """Of the marks: what a megabyte holds, what a body may hold, and what fields of a line and of a word may hold."""
    return [500_000, JSON_BYTES // 3, LONGEST - 2, 126]


@pytest.mark.parametrize("characters", sizes())
def test_no_text_of_any_route_beyond_its_limit_is_normalised(
    app: Flask, places: dict[str, Any], normalised: list[int], characters: int
) -> None:
    client = logged_in(app)
    text = "a" + MARKS * (characters // 2)
    tried = 0
    for at in endpoints(app):
        path = address(Bad("", at.method, at.path, frozenset()), places)
        for body in (dict.fromkeys(at.texts, text), *({name: text} for name in at.texts)):
            data = json.dumps(body, ensure_ascii=False).encode()
            answer = client.open(path, method=at.method, data=data, content_type="application/json")
            assert answer.status_code < 500, (path, answer.text[:200])
            tried += 1
    assert tried > 50
    assert max(normalised, default=0) <= LONGEST


CELL = "a" + MARKS * 65_000
FILES = {
    "an ID": f"student_id,name\n{CELL},Ann\n",
    "a name": f"student_id,name\nZ0,{CELL}\n",
    "an email address": f"student_id,name,email\nZ0,Ann,{CELL}@x.org\n",
    "a group": f"student_id,name,group\nZ0,Ann,{CELL}\n",
    "a header": f"student_id,name,{CELL}\nZ0,Ann,x\n",
    "a title row": f"{CELL}\nstudent_id,name\nZ0,Ann\n",
}


@pytest.mark.parametrize("file", FILES)
def test_no_cell_of_a_roster_beyond_its_limit_is_normalised(site: Site, normalised: list[int], file: str) -> None:
    answer = site.client.post("/api/v1/roster?dry_run=1", data=FILES[file].encode(), content_type="text/csv")
    assert answer.status_code < 500
    assert max(normalised, default=0) <= LONGEST


def test_a_file_in_an_old_encoding_of_combining_marks_is_judged_in_short_words(
    site: Site, normalised: list[int]
) -> None:
    data = b"student_id,name\nZ0,a" + b"\xcc\xd2" * 200_000 + b"\n"  # two marks in Windows-1258
    answer = site.client.post("/api/v1/roster?dry_run=1", data=data, content_type="text/csv")
    assert answer.get_json()["code"] == "encoding_needed"
    assert normalised
    assert max(normalised) <= LONGEST


@pytest.mark.parametrize("field", ["SUMMARY", "LOCATION", "DESCRIPTION", "UID"])
def test_no_field_of_a_calendar_beyond_its_limit_is_normalised(
    site: Site, places: dict[str, Any], normalised: list[int], field: str
) -> None:
    event = f"BEGIN:VEVENT\nDTSTART:20261201T090000\nDTEND:20261201T100000\n{field}:{CELL}\nEND:VEVENT"
    data = f"BEGIN:VCALENDAR\nVERSION:2.0\n{event}\nEND:VCALENDAR\n".encode()
    path = f"/api/v1/courses/{places['course']}/meetings/import?dry_run=1"
    assert site.client.post(path, data=data, content_type="text/calendar").status_code < 500
    assert max(normalised, default=0) <= LONGEST


def test_a_search_is_folded_up_to_its_limit(normalised: list[int]) -> None:
    search_text(CELL)
    assert max(normalised) <= LONGEST


LINES = {
    "blanks at the start": " " * 100_000 + "x\nstudent_id,name\nZ0,Ann\n",
    "returns at the start": "\r" * 100_000 + "x\nstudent_id,name\nZ0,Ann\n",
    "a name of quotation marks": 'student_id,name\nZ0,"' + '""' * 60_000 + '"\n',
    "a name of wrappings": "student_id,name\n" + '="' * 60_000 + ",Ann\n",
    "one student in many groups": "student_id,name,group\n" + "".join(f"Z0,Ann,{n}\n" for n in range(20_000)),
    "one cell of many groups": "student_id,name,group\nZ0,Ann," + ";".join(map(str, range(20_000))) + "\n",
}


@pytest.mark.parametrize("file", LINES)
def test_no_roster_takes_time_that_grows_with_the_square_of_its_length(file: str) -> None:
    """Each is a few seconds' work at most. Squared, it would be minutes, in which no other thread runs."""
    began = time.process_time()
    with contextlib.suppress(InvalidInput):
        read_roster(LINES[file].encode(), Reading(groups=True))
    assert time.process_time() - began < 15
