"""GET /reports/attendance.csv and .xlsx"""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pandas as pd
import pytest
from flask.testing import FlaskClient

from secure_attend.attendance.records.reports import COLUMNS, safe_cell
from secure_attend.settings import Settings
from tests.conftest import Site
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods

PATH, WORKBOOK = "/reports/attendance.csv", "/reports/attendance.xlsx"
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
ODD = {
    "007": '=HYPERLINK("http://evil.example","x")',
    "12345678901234567": "Ann;=1+1, -2",
    "1E5": "@SUM(A1)",
    "3-4": "Zoë",
}
"""Students that a spreadsheet would change or run."""


def rows(response: Any) -> list[list[str]]:
    assert response.status_code == 200, response.text
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))


def test_an_empty_log_is_a_header(api: Api) -> None:
    response = api("GET", PATH)
    assert rows(response) == [list(COLUMNS)]
    assert response.headers["Content-Disposition"] == 'attachment; filename="attendance-2026-11-23.csv"'


def test_exactly_the_logs_rows(api: Api, kiosk: FlaskClient, john: str, jane: str, clock: Clock) -> None:
    first = Site(kiosk, clock).check_in(1).get_json()["record"]["id"]
    clock.now = clock.now.replace(hour=8, minute=45, second=30)
    cancellation = api("POST", f"/check-ins/{first}/cancel", json={}).get_json()["record"]["id"]
    by_hand = api("POST", f"/students/{jane}/check-ins").get_json()["record"]["id"]
    assert rows(api("GET", PATH))[1:] == [
        [first, "1001", "John Doe", "2026-11-23", *_at("09:30"), "Room 101", "kiosk", cancellation],
        [cancellation, "1001", "John Doe", "2026-11-23", *_at("09:45"), "", "cancellation", ""],
        [by_hand, "1002", "Jane Smith", "2026-11-23", *_at("09:45"), "", "by_hand", ""],
    ]  # fmt: skip


class _At(str):
    """A time of day, seconds and their fractions left open."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other.startswith(str.__str__(self))

    __hash__ = str.__hash__


def _at(local: str) -> list[str]:
    hour, _, minute = local.partition(":")
    return [_At(local), "Europe/Berlin", _At(f"2026-11-23T{int(hour) - 1:02}:{minute}")]


@pytest.fixture
def three_days(api: Api, site: Site, clock: Clock) -> None:
    """Two students; the first comes on all of three days, in the last minute of each at this site; the second once."""
    first, second = site.add("1", "Ann"), site.add("2", "Bob")
    clock.now = clock.now.replace(hour=22, minute=59)
    for day in range(3):
        api("POST", f"/students/{first}/check-ins")
        if day == 1:
            api("POST", f"/students/{second}/check-ins")
        clock.tick(days=1)


@pytest.mark.usefixtures("three_days")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["1 23", "1 24", "2 24", "1 25"]),
        ("from=2026-11-24", ["1 24", "2 24", "1 25"]),
        ("to=2026-11-24", ["1 23", "1 24", "2 24"]),
        ("from=2026-11-24&to=2026-11-24", ["1 24", "2 24"]),
        ("student_id=2", ["2 24"]),
        ("student={bob}", ["2 24"]),
        ("student=9", []),
        ("student_id=%202%20", ["2 24"]),
        ("student_id=9", []),
        ("from=2026-11-26", []),
    ],
)
def test_filters(api: Api, query: str, expected: list[str]) -> None:
    query = query.format(bob=api("GET", "/students/2").get_json()["key"])
    assert [f"{row[1]} {row[3][-2:]}" for row in rows(api("GET", f"{PATH}?{query}"))[1:]] == expected


@pytest.mark.usefixtures("three_days")
def test_one_student_is_named_once(api: Api) -> None:
    problem(api("GET", f"{PATH}?student=2&student_id=2"), 422, "invalid_input")


@pytest.mark.usefixtures("three_days")
def test_by_day(api: Api, site: Site) -> None:
    site.add("3", "Never Seen")
    response = api("GET", f"{PATH}?by_day=1")
    assert "attendance-by-day-2026-11-26.csv" in response.headers["Content-Disposition"]
    assert rows(response) == [
        ["student_id", "name", "2026-11-23", "2026-11-24", "2026-11-25"],
        ["1", "Ann", "23:59", "23:59", "23:59"],
        ["2", "Bob", "", "23:59", ""],
        ["3", "Never Seen", "", "", ""],
    ]
    assert rows(api("GET", f"{PATH}?by_day=1&student_id=2&from=2026-11-24"))[1:] == [["2", "Bob", "23:59"]]


def test_by_day_tells_the_first_that_stands(api: Api, jane: str, clock: Clock) -> None:
    wrong = api("POST", f"/students/{jane}/check-ins").get_json()["record"]["id"]
    api("POST", f"/check-ins/{wrong}/cancel")
    for _ in range(2):
        clock.tick(minutes=15)
        api("POST", f"/students/{jane}/check-ins")
    assert rows(api("GET", f"{PATH}?by_day=1"))[1:] == [["1002", "Jane Smith", "09:45"]]


def test_by_day_tells_the_first_of_an_hour_that_comes_twice(api: Api, jane: str, clock: Clock) -> None:
    """In Berlin the 25th of October 2026 has two hours from two o'clock on: 02:50 is before 02:10."""
    for utc in ("00:50", "01:10"):
        clock.now = datetime.fromisoformat(f"2026-10-25T{utc}+00:00")
        assert api("POST", f"/students/{jane}/check-ins").status_code == 201
    assert rows(api("GET", f"{PATH}?by_day=1"))[1:] == [["1002", "Jane Smith", "02:50"]]


def test_by_day_keeps_who_was_removed_after_coming(api: Api, site: Site, john: str, jane: str) -> None:
    api("POST", f"/students/{john}/check-ins")
    for key in (john, jane):
        api("PATCH", f"/students/{key}", json={"removed": True})
    assert [row[0] for row in rows(api("GET", f"{PATH}?by_day=1"))] == ["student_id", "1001"]
    assert rows(api("GET", f"{PATH}?by_day=1&to=2026-01-01")) == [["student_id", "name"]]


@pytest.mark.parametrize("by_day", ["0", "1"])
def test_no_cell_is_a_formula(api: Api, site: Site, by_day: str) -> None:
    for student_id, name in (("1", "@SUM(A1)"), ("5", "+49 Ann"), ("007", '=HYPERLINK("x"),y')):
        api("POST", f"/students/{site.add(student_id, name)}/check-ins")
    table = rows(api("GET", f"{PATH}?by_day={by_day}"))
    cells = [cell for row in table[1:] for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {"'@SUM(A1)", "'+49 Ann", "007", '\'=HYPERLINK("x"),y'} <= set(cells)


@pytest.mark.parametrize("by_day", ["0", "1"])
def test_no_cell_is_a_formula_where_semicolons_separate(api: Api, site: Site, by_day: str) -> None:
    for student_id, name in (("1;=1+1", "Ann;=1+1;b"), ("2", 'Ann; "=1+1'), ("3", "Ann;\N{FULLWIDTH EQUALS SIGN}1;-1")):
        api("POST", f"/students/{site.add(student_id, name)}/check-ins")
    lines = api("GET", f"{PATH}?by_day={by_day}").get_data(as_text=True).splitlines()
    cells = [cell.strip('" ') for line in lines for cell in line.split(";")]
    assert len(cells) > 2 * len(lines)
    assert not [cell for cell in cells if cell.startswith(("=", "\N{FULLWIDTH EQUALS SIGN}", "+", "-", "@"))]
    assert safe_cell("Smith; Ann-Marie") == "Smith; Ann-Marie"


@pytest.fixture
def odd(api: Api, site: Site) -> None:
    """Students whose IDs and names a spreadsheet would change or run, each checked in."""
    for student_id, name in ODD.items():
        api("POST", f"/students/{site.add(student_id, name)}/check-ins")


def cells(response: Any) -> list[list[Any]]:
    assert response.status_code == 200, response.text
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    return [["" if cell.value is None else cell.value for cell in row] for row in book.active.iter_rows()]


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize("by_day", ["0", "1"])
def test_a_workbook_has_the_rows_of_the_csv_as_they_are(api: Api, by_day: str) -> None:
    plain, book = rows(api("GET", f"{PATH}?by_day={by_day}")), cells(api("GET", f"{WORKBOOK}?by_day={by_day}"))
    assert [[safe_cell(cell) for cell in row] for row in book] == plain
    place = book[0].index("student_id")
    assert {row[place]: row[book[0].index("name")] for row in book[1:]} == ODD


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize("by_day", ["0", "1"])
def test_in_a_workbook_ids_are_text_and_nothing_runs(api: Api, by_day: str) -> None:
    response = api("GET", f"{WORKBOOK}?by_day={by_day}")
    kind = "attendance-by-day" if by_day == "1" else "attendance"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{kind}-2026-11-23.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(response.data)).active
    filled = [cell for row in sheet.iter_rows() for cell in row if cell.value]
    assert {(cell.data_type, cell.number_format) for cell in filled} == {("s", "@")}
    packed = zipfile.ZipFile(io.BytesIO(response.data))
    assert all(b"<f>" not in packed.read(name) for name in packed.namelist())
    read = pd.read_excel(io.BytesIO(response.data), dtype=object, engine="openpyxl")
    assert set(read["student_id"]) == set(ODD)
    assert set(read["name"]) == set(ODD.values())


@pytest.mark.usefixtures("three_days")
def test_a_workbook_takes_the_same_filters(api: Api) -> None:
    for query in ("", "from=2026-11-24", "to=2026-11-24&student_id=2", "by_day=1&student_id=2", "student_id=9"):
        assert cells(api("GET", f"{WORKBOOK}?{query}")) == rows(api("GET", f"{PATH}?{query}"))


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize("by_day", ["0", "1"])
def test_the_separator_is_chosen(api: Api, by_day: str) -> None:
    found = []
    for name, separator in SEPARATORS.items():
        response = api("GET", f"{PATH}?by_day={by_day}&separator={name}")
        text = response.data.decode("utf-8-sig")
        read = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False)
        found.append(read["student_id"].tolist())
        if name != "comma":
            begun = [
                cell.strip('" ') for each in SEPARATORS.values() for line in text.split() for cell in line.split(each)
            ]
            assert not [cell for cell in begun if cell.startswith(("=", "+", "-", "@"))]
    assert found == [list(ODD)] * 3


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize("by_day", ["0", "1"])
def test_with_commas_the_report_is_what_it_ever_was(api: Api, by_day: str) -> None:
    """Byte for byte: cells begin no formula where semicolons separate, and a comma is no concern of theirs."""
    response = api("GET", f"{PATH}?by_day={by_day}")
    assert response.data == api("GET", f"{PATH}?by_day={by_day}&separator=comma").data
    assert "Ann;'=1+1, -2" in response.text
    assert response.text.endswith("\r\n")


def test_a_workbook_of_an_empty_log_is_a_header(api: Api) -> None:
    assert cells(api("GET", WORKBOOK)) == [list(COLUMNS)]
    assert cells(api("GET", f"{WORKBOOK}?by_day=1")) == [["student_id", "name"]]


def test_no_workbook_stays_on_the_disk(api: Api, john: str, settings: Settings) -> None:
    api("GET", WORKBOOK).close()
    assert list((settings.data / "instance" / "exports").iterdir()) == []


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\rx", "\nx", "＝1"])
def test_safe_cell(text: str) -> None:
    assert safe_cell(text) == "'" + text
    assert safe_cell(f"a{text}") == f"a{text}"


def test_a_long_log_comes_in_pieces(api: Api, jane: str, clock: Clock) -> None:
    for _ in range(501):
        clock.tick(minutes=11)
        api("POST", f"/students/{jane}/check-ins")
    response = api("GET", PATH)
    assert "Content-Length" not in response.headers
    assert len(rows(response)) == 502


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("from=2026-11-22T10:00:00", "from"),
        ("from=0001-01-01", "from"),
        ("to=9999-12-31", "to"),
        ("from=", "from"),
        ("by_day=maybe", "by_day"),
        ("day=1", "day"),
        ("from=2026-11-23&to=2026-11-22", "from"),
        ("from=2026-11-23&to=2026-11-22&by_day=1", "from"),
        ("separator=;", "separator"),
        ("separator=", "separator"),
    ],
)
def test_refuses_other_filters(api: Api, query: str, field: str) -> None:
    for path in (PATH, WORKBOOK):
        assert fields(api("GET", f"{path}?{query}")) == [field]


def test_a_workbook_has_no_separator(api: Api) -> None:
    assert fields(api("GET", f"{WORKBOOK}?separator=comma")) == ["separator"]


def test_litany(api: Api) -> None:
    for path in (PATH, WORKBOOK):
        problem(api("GET", path, headers={"Host": "evil.example"}), 400, "wrong_host")
        refuses_other_methods(api, path, "GET")
