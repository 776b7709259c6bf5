"""/roster.csv and /roster.xlsx: what leaves the site comes back as it was."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from flask import Flask

from tests.conftest import logged_in
from tests.support.web.litany import Api, fields, problem, refuses_other_methods
from tests.support.web.taught_course import TaughtCourse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES = {
    "007": "Adaeze Okoye",
    "7": "Łukasz Żak",
    "12345678901234567": "O’Connor, Sean",
    "12345678901234568": "李 明",
    "1E5": '=HYPERLINK("http://evil.example","x")',
    "CS/2026-001": "Ann;=1+1",
    "2026-02-01": "@SUM(A1)",
    "1-2": "-Zoë, -2",
    "TRUE": "Per  Lindqvist",
    "٤٢": "محمد علی‌رضا",
    "x'=1": "d'Arc, 'Jeanne'",
}
FILES = [("csv", "comma"), ("csv", "semicolon"), ("csv", "tab"), ("xlsx", None)]


@pytest.fixture
def listed(api: Api) -> Api:
    for number, (student_id, name) in enumerate(NAMES.items()):
        email = "+a@uni.example" if number == 0 else f"s{number}@uni.example" if number % 2 else ""
        body = {"student_id": student_id, "name": name, "email": email}
        assert api("POST", "/students", json=body).status_code == 201
    return api


def downloaded(api: Api, file: str, separator: str | None, **query: str) -> bytes:
    asked = {**query, **({"separator": separator} if separator else {})}
    answer = api("GET", f"/roster.{file}", query_string=asked)
    assert answer.status_code == 200, answer.text
    data: bytes = answer.data
    return data


def uploaded(api: Api, data: bytes, file: str, **query: str) -> dict[str, Any]:
    kind = XLSX if file == "xlsx" else "text/csv"
    answer = api("POST", "/roster", data=data, content_type=kind, query_string={"dry_run": "1", **query})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


class TestOfTheSite:
    @pytest.mark.parametrize(("file", "separator"), FILES)
    def test_uploaded_again_it_changes_nobody(self, listed: Api, file: str, separator: str | None) -> None:
        plan = uploaded(listed, downloaded(listed, file, separator), file)
        assert plan["unchanged"] == len(NAMES)
        assert [plan[name] for name in ("added", "updated", "restored", "handed", "damaged")] == [0, 0, 0, [], []]

    def test_says_nothing_of_faces_and_nobody_who_was_removed(self, listed: Api) -> None:
        key = listed("GET", "/students?search=Adaeze").get_json()["students"][0]["key"]
        assert listed("PATCH", f"/students/{key}", json={"removed": True}).status_code == 200
        rows = list(csv.reader(io.StringIO(downloaded(listed, "csv", "comma").decode("utf-8-sig"))))
        assert rows[0] == ["student_id", "name", "email"]
        assert len(rows) == len(NAMES)
        assert "007" not in [row[0] for row in rows]

    def test_ids_are_text_in_the_workbook(self, listed: Api) -> None:
        sheet = openpyxl.load_workbook(io.BytesIO(downloaded(listed, "xlsx", None)))["Students"]
        cells = [row[0] for row in sheet.iter_rows(min_row=2)]
        assert sorted(str(cell.value) for cell in cells) == sorted(NAMES)
        assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}

    def test_is_for_registrars_and_audited(self, listed: Api, app: Flask) -> None:
        logged_in(app, "Ada", roles=("faculty",))
        TaughtCourse(listed, students=0)
        for file in ("csv", "xlsx"):
            problem(logged_in(app, "Ada", roles=("faculty",)).get(f"/api/v1/roster.{file}"), 403, "not_allowed")
            downloaded(listed, file, None)
        entries = listed("GET", "/audit").get_json()["entries"]
        assert [each["facts"]["file"] for each in entries if each["action"] == "export_roster"][:2] == ["xlsx", "csv"]

    def test_litany(self, api: Api) -> None:
        assert fields(api("GET", "/roster.csv?separator=|")) == ["separator"]
        assert fields(api("GET", "/roster.xlsx?separator=comma")) == ["separator"]
        for file in ("csv", "xlsx"):
            problem(api("GET", f"/roster.{file}?course=nowhere"), 404, "unknown_course")
            refuses_other_methods(api, f"/roster.{file}", "GET")


class TestOfACourse:
    @pytest.fixture
    def taught(self, listed: Api) -> TaughtCourse:
        course = TaughtCourse(listed, students=0)
        data = "".join(
            f'"{student_id}","{name.replace(chr(34), chr(34) * 2)}","{("Lab A;Lab B", "Lab B", "")[number % 3]}"\n'
            for number, (student_id, name) in enumerate(list(NAMES.items())[:4])
        )
        plan = uploaded(listed, f"student_id,name,group\n{data}".encode(), "csv", course=course.key)
        done = uploaded(
            listed,
            f"student_id,name,group\n{data}".encode(),
            "csv",
            course=course.key,
            dry_run="0",
            plan=plan["digest"],
        )
        assert done["already"] + done["added"] == 4
        return course

    @pytest.mark.parametrize(("file", "separator"), FILES)
    def test_uploaded_again_it_changes_nobody(
        self, listed: Api, taught: TaughtCourse, file: str, separator: str | None
    ) -> None:
        data = downloaded(listed, file, separator, course=taught.key)
        plan = uploaded(listed, data, file, course=taught.key)
        assert (plan["already"], plan["unchanged"], plan["new_groups"], plan["not_listed"]) == (4, 4, [], [])
        assert (plan["added"], plan["updated"], plan["damaged"]) == (0, 0, [])

    def test_has_groups_and_those_who_are_in_the_course(self, listed: Api, taught: TaughtCourse) -> None:
        text = downloaded(listed, "csv", "comma", course=taught.key).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert {row["student_id"]: row["groups"] for row in rows}["007"] == "Lab A;Lab B"
        assert len(rows) == 4

    @pytest.mark.parametrize("file", ["csv", "xlsx"])
    def test_the_grid_of_the_register_is_a_roster_too(self, listed: Api, taught: TaughtCourse, file: str) -> None:
        taught.start(title="=Lecture")
        answer = listed("GET", f"/courses/{taught.key}/register.{file}")
        plan = uploaded(listed, answer.data, file, course=taught.key)
        assert (plan["already"], plan["unchanged"], plan["updated"]) == (4, 4, 0)


def test_a_group_has_no_semicolon(api: Api) -> None:
    course = TaughtCourse(api, students=0)
    answer = api("PATCH", f"/courses/{course.key}", json={"groups": [{"name": "Lab A; B"}]})
    assert fields(answer) == ["groups"]
