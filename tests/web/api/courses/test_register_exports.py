"""Registers as CSV and Excel workbooks: of a course, and of several."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from itertools import product
from typing import Any

import openpyxl
import pandas as pd
import pytest
from flask import Flask

from secure_attend.attendance.evidence.register_evidence import EVIDENCE_COLUMNS
from secure_attend.attendance.exports.csv_file import csv_cell
from secure_attend.attendance.exports.register_table import LONG_COLUMNS
from secure_attend.attendance.exports.workbooks import LEFT_BEHIND
from secure_attend.attendance.services import Services
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import logged_in
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods
from tests.support.web.taught_course import TaughtCourse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONG_ID = "12345678901234567"
NAMES = {"007": '=HYPERLINK("http://evil.example","x")', LONG_ID: "Ann;=1+1", "+1": "@SUM(A1)", "10": "Zoë, -2"}
FORMS = ("grid", "long")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}


@pytest.fixture
def taught(api: Api, clock: Clock) -> TaughtCourse:
    """Four students with names that are formulas. In the first class one was on time, one late, one is excused with a
    remark, and one absent; the second was not taken; the third is planned."""
    course = TaughtCourse(api, students=0)
    for student_id, name in NAMES.items():
        made = api("POST", "/students", json={"student_id": student_id, "name": name})
        if made.status_code == 201:
            course.students.append(made.get_json()["key"])
            assert course.join(student_id).status_code == 201
    first = course.start(title="=Lecture; @one")
    course.check_in(course.students[0])
    clock.tick(minutes=20)
    course.check_in(course.students[1])
    course.mark(first, {"student": course.students[2], "status": "excused", "replaces": None})
    clock.tick(hours=2)
    course.start()
    clock.tick(hours=24)
    return course


def path(taught: TaughtCourse, file: str = "csv") -> str:
    return f"/courses/{taught.key}/register.{file}"


def table(response: Any, separator: str = ",") -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.data.startswith(b"\xef\xbb\xbf")
    text = io.StringIO(response.data.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=separator, strict=True))


def workbook(response: Any) -> Any:
    assert response.status_code == 200, response.text
    assert response.content_type == XLSX
    return openpyxl.load_workbook(io.BytesIO(response.data))


def cells(response: Any) -> list[list[Any]]:
    return [["" if cell.value is None else cell.value for cell in row] for row in workbook(response).active.iter_rows()]


def services_of(app: Flask) -> Services:
    return SITE_PARTS.of(app).services


def test_the_grid_says_what_the_page_says(api: Api, taught: TaughtCourse) -> None:
    rows = table(api("GET", path(taught)))
    page = api("GET", f"/courses/{taught.key}/register").get_json()
    assert [row["student_id"] for row in rows] == [row["student"]["student_id"] for row in page["rows"]]
    letters = {"present": "P", "late": "L", "excused": "E", "absent": "A", "not_taken": "not taken"}
    for row, shown in zip(rows, page["rows"], strict=True):
        statuses = [cell["status"] for cell in shown["cells"]]
        assert list(row.values())[2 : 2 + len(statuses)] == [letters[status] for status in statuses]
        totals = {name: statuses.count(name) for name in ("present", "late", "excused", "absent")}
        assert {name: int(row[name]) for name in totals} == totals
        assert int(row["held"]) == sum(totals.values())
        percent = shown["percentage"]["percent"]
        assert row["percent"] == ("" if percent is None else str(percent))
    heading = list(rows[0])[2]
    assert heading.endswith(" 09:30 Europe/Berlin =Lecture; '@one")
    assert heading.startswith("2026-11-23")


def test_the_long_form_has_a_row_for_each_place(api: Api, taught: TaughtCourse) -> None:
    response = api("GET", f"{path(taught)}?form=long")
    rows = table(response)
    assert tuple(rows[0]) == LONG_COLUMNS
    assert len(rows) == len(taught.students) * 2
    first = next(row for row in rows if row["student_id"] == "007")
    assert {name: first[name] for name in ("course", "term", "date", "starts", "timezone", "status")} == {
        "course": "STAT110", "term": "Autumn", "date": "2026-11-23", "starts": "09:30", "timezone": "Europe/Berlin",
        "status": "P",
    }  # fmt: skip
    assert "register-STAT110-long-2026-11-24.csv" in response.headers["Content-Disposition"]
    assert 'filename="register-STAT110-2026-11-24.csv"' in api("GET", path(taught)).headers["Content-Disposition"]


def test_visitors_come_last_without_totals(api: Api, taught: TaughtCourse, clock: Clock) -> None:
    visitor = taught.add("X1")
    meeting = taught.start()
    taught.check_in(visitor)
    assert api("POST", f"/meetings/{meeting}/visitors", json={}).status_code == 201
    *rows, last = table(api("GET", path(taught)))
    assert {row["visitor"] for row in rows} == {""}
    assert (last["student_id"], list(last.values())[2:6]) == ("X1", ["", "", "P", "yes"])
    assert {last[name] for name in ("held", "present", "late", "excused", "absent", "percent")} == {""}
    assert last["register_digest"] == rows[0]["register_digest"]
    long = table(api("GET", f"{path(taught)}?form=long"))
    assert [(row["student_id"], row["status"]) for row in long if row["visitor"]] == [("X1", "P")]
    assert cells(api("GET", path(taught, "xlsx")))[-1][:6] == ["X1", last["name"], "", "", "P", "yes"]


def test_it_names_its_moment_and_the_logs_position(api: Api, taught: TaughtCourse, app: Flask) -> None:
    newest = str(services_of(app).store.newest_number)
    for form in FORMS:
        rows = table(api("GET", f"{path(taught)}?form={form}"))
        named = {tuple(row[name] for name in EVIDENCE_COLUMNS[:3]) for row in rows}
        assert named == {(taught.key, rows[0]["exported_at"], newest)}
        assert rows[0]["exported_at"].startswith("2026-11-24T")
        assert len(rows[0]["register_digest"]) == 64


def test_no_cell_is_a_formula_whatever_separates(api: Api, taught: TaughtCourse) -> None:
    for form, (name, separator) in product(FORMS, SEPARATORS.items()):
        response = api("GET", f"{path(taught)}?form={form}&separator={name}")
        assert len(table(response, separator)) >= len(taught.students)
        lines = response.data.decode("utf-8-sig").splitlines()
        cells = [
            cell.strip('" ') for line in lines for character in SEPARATORS.values() for cell in line.split(character)
        ]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_workbook_says_what_the_csv_says(api: Api, taught: TaughtCourse) -> None:
    """The same rows, with names as they are: text runs in no workbook, so nothing stands before it."""
    for form in FORMS:
        plain = [list(row.values()) for row in table(api("GET", f"{path(taught)}?form={form}"))]
        book = cells(api("GET", f"{path(taught, 'xlsx')}?form={form}"))
        moment = book[0].index("percent" if form == "grid" else "exported_at")
        assert [[csv_cell(cell) for cell in row[:moment]] for row in book[1:]] == [row[:moment] for row in plain]


@pytest.mark.parametrize("form", FORMS)
def test_ids_survive_a_workbook_as_text_and_nothing_runs(api: Api, taught: TaughtCourse, form: str) -> None:
    response = api("GET", f"{path(taught, 'xlsx')}?form={form}")
    sheet = workbook(response).active
    assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink]
    column = [cell.value for cell in sheet[1]].index("student_id")
    ids = {row[column].value for row in sheet.iter_rows(min_row=2)}
    assert ids == {"007", LONG_ID, "10"}
    assert {row[column].data_type for row in sheet.iter_rows(min_row=2)} == {"s"}
    assert {row[column].number_format for row in sheet.iter_rows(min_row=2)} == {"@"}
    packed = zipfile.ZipFile(io.BytesIO(response.data))
    assert all(b"<f>" not in packed.read(name) for name in packed.namelist())
    saved = io.BytesIO()
    opened = workbook(response)
    opened.save(saved)
    read = pd.read_excel(saved, dtype=object, engine="openpyxl")
    assert set(read["student_id"]) == ids
    assert NAMES["007"] in set(read["name"])


def test_totals_of_a_workbook_are_numbers(api: Api, taught: TaughtCourse) -> None:
    data = io.BytesIO(api("GET", path(taught, "xlsx")).data)
    read = pd.read_excel(data, dtype={"student_id": str}, engine="openpyxl")
    assert read[["held", "present", "late", "excused", "absent"]].dtypes.eq("int64").all()
    assert read[["present", "late", "excused"]].sum().tolist() == [1, 1, 1]


def test_nothing_says_why_or_how(api: Api, taught: TaughtCourse, app: Flask) -> None:
    """Neither a remark, nor how somebody checked in, nor who has a face."""
    meeting = taught.start()
    remarks = taught.register(meeting)["remarks"]
    marks = [
        {"student": student, "status": "late", "replaces": None, "remark": remark["code"]}
        for student, remark in zip(taught.students, remarks, strict=False)
        if not remark["time"]
    ]
    assert marks
    assert taught.mark(meeting, *marks).status_code == 201
    for form in ("grid", "long"):
        text = api("GET", f"{path(taught)}?form={form}").text
        for word in ("by_hand", "kiosk", "face", "method", "remark", "note", *(each["text"] for each in remarks)):
            assert word not in text, word


def test_several_courses(api: Api, taught: TaughtCourse) -> None:
    other = api("POST", "/courses", json={
        "code": "ART1", "title": "Art", "term": "Autumn", "first_day": "2026-10-12", "last_day": "2027-02-05",
    }).get_json()["key"]  # fmt: skip
    assert api("POST", f"/courses/{other}/members", json={"student_id": "007"}).status_code == 201
    assert api("POST", f"/courses/{other}/meetings/now", json={}).status_code == 201
    rows = table(api("GET", "/reports/registers.csv"))
    assert [row["course"] for row in rows] == ["ART1"] + ["STAT110"] * 2 * len(taught.students)
    only = table(api("GET", f"/reports/registers.csv?courses={other}&separator=tab"), "\t")
    assert [(row["course_key"], row["status"]) for row in only] == [(other, "not yet")]
    book = cells(api("GET", f"/reports/registers.xlsx?courses={other},{taught.key}"))
    assert [row[0] for row in book[1:]] == [row["course"] for row in rows]


def test_only_lecturers_and_registrars_export(app: Flask, api: Api, taught: TaughtCourse) -> None:
    asked = (path(taught), path(taught, "xlsx"), "/reports/registers.csv", "/reports/registers.xlsx")
    for name, role in (("Anton", "assistant"), ("Aldo", "viewer"), ("Lena", "lecturer")):
        client = logged_in(app, name, "faculty")
        problem(client.get(f"/api/v1{path(taught)}"), 404, "unknown_course")
        appointed = api("PUT", f"/courses/{taught.key}/staff", json={"account": name, "role": role})
        assert appointed.status_code == 200, appointed.text
        for address in asked:
            answer = client.get(f"/api/v1{address}")
            if role == "lecturer":
                assert answer.status_code == 200
            else:
                problem(answer, 403, "not_allowed")
            answer.close()
    answer = logged_in(app, "Lena").get("/api/v1/reports/registers.csv?courses=nowhere")
    problem(answer, 404, "unknown_course")


def test_it_is_audited(api: Api, taught: TaughtCourse) -> None:
    api("GET", f"{path(taught)}?form=long")
    api("GET", f"/reports/registers.xlsx?courses={taught.key}").close()
    first, second = [each for each in api("GET", "/audit").get_json()["entries"] if each["action"] == "export_register"]
    assert (second["facts"], second["state"]) == ({"form": "long", "file": "csv"}, "done")
    assert first["facts"] == {"courses": 1, "form": "long", "file": "xlsx"}
    assert {each["key"] for each in first["whom"]} == {f"course:{taught.key}"}


def test_no_workbook_stays_on_the_disk(api: Api, taught: TaughtCourse, app: Flask, clock: Clock) -> None:
    folder = SITE_PARTS.of(app).settings.data / "instance" / "exports"
    api("GET", path(taught, "xlsx")).close()
    assert list(folder.iterdir()) == []
    left = folder / "left by a process that was killed"
    left.mkdir()
    (left / "export.xlsx").write_text("names")
    services = services_of(app)
    os.utime(left, (clock.now.timestamp(),) * 2)
    services.maintenance.run()
    assert left.exists(), "somebody may still read it"
    clock.now += LEFT_BEHIND * 2
    services.maintenance.run()
    assert not left.exists()


def test_a_disk_that_takes_no_workbook(api: Api, taught: TaughtCourse, app: Flask) -> None:
    (SITE_PARTS.of(app).settings.data / "instance" / "exports").write_text("a file is in the way")
    problem(api("GET", path(taught, "xlsx")), 503, "export_not_made")


def test_refuses_other_queries(api: Api, taught: TaughtCourse) -> None:
    for query in ("form=wide", "separator=,", "separator=", "courses=x"):
        assert fields(api("GET", f"{path(taught)}?{query}")) == [query.partition("=")[0]]


def test_litany(api: Api, taught: TaughtCourse) -> None:
    for address in (path(taught), path(taught, "xlsx"), "/reports/registers.csv", "/reports/registers.xlsx"):
        problem(api("GET", address, headers={"Host": "evil.example"}), 400, "wrong_host")
        refuses_other_methods(api, address, "GET")
    problem(api("GET", "/courses/nowhere/register.csv"), 404, "unknown_course")
