"""Tables as files: headings that differ, cells that are no formula, and sheets that have an end."""

from __future__ import annotations

import csv
import io
import tracemalloc
import weakref
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import openpyxl
import pytest

from secure_attend.attendance.courses.course import Course, CourseGroup
from secure_attend.attendance.evidence.register_evidence import RegisterEvidence
from secure_attend.attendance.exports.csv_file import Separator, csv_cell, csv_pieces
from secure_attend.attendance.exports.register_table import headings, long_table
from secure_attend.attendance.exports.xlsx_file import write_xlsx
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.registers.meeting_register import CourseRegister
from secure_attend.attendance.table import Table, Value

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=timezone.utc)
STARTS = datetime.fromisoformat("2026-11-23T09:00")
COURSE = Course(
    "c", "C", "Course", "Autumn", STARTS.date(), STARTS.date(), (CourseGroup("a", "Lab A"), CourseGroup("b", "Lab B"))
)


def meeting(key: str, title: str = "Lab", groups: frozenset[str] = frozenset()) -> Meeting:
    return Meeting(key, "c", title, STARTS, STARTS.replace(hour=11), "Europe/Berlin", groups=groups)


def test_no_two_headings_are_the_same() -> None:
    found = headings(
        [meeting("1", groups=frozenset("a")), meeting("2", groups=frozenset("b")), meeting("3"), meeting("4", "Lab")],
        COURSE,
    )
    assert found == [
        "2026-11-23 09:00 Europe/Berlin Lab (Lab A)",
        "2026-11-23 09:00 Europe/Berlin Lab (Lab B)",
        "2026-11-23 09:00 Europe/Berlin Lab",
        "2026-11-23 09:00 Europe/Berlin Lab (2)",
    ]
    assert headings([meeting("5", "")], COURSE) == ["2026-11-23 09:00 Europe/Berlin"]


@pytest.mark.parametrize("text", ["=1", "a;=1", "a,+1", "a\t-1", 'a, "@x', "=1,=1;=1"])
def test_a_cell_is_no_formula_after_any_separator(text: str) -> None:
    cell = csv_cell(text)
    for separator in ",;\t":
        assert not [part for part in cell.split(separator) if part.strip(' "').startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("separator", ["comma", "semicolon", "tab"])
def test_a_csv_file_reads_back(separator: Separator) -> None:
    rows = [("007", 'a "b"', 1), ("x;y,z", "two words", -1)]
    text = "".join(csv_pieces(Table(("one", "two", "three"), rows), separator))
    characters = {"comma": ",", "semicolon": ";", "tab": "\t"}
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=characters[separator]))
    assert read == [["one", "two", "three"], *([str(value) for value in row] for row in rows)]


def test_what_does_not_fit_on_a_sheet_is_on_the_next(tmp_path: Path) -> None:
    table = Table(("number", "name"), [(str(number), "=1") for number in range(7)])
    write_xlsx(table, tmp_path / "x.xlsx", NOW, most_rows=4)
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["Attendance", "Attendance 2", "Attendance 3"]
    read = [list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book]
    assert [row for rows in read for row in rows] == [(str(number), "=1") for number in range(7)]
    assert [sheet["A1"].value for sheet in book] == ["number"] * 3
    assert [path.name for path in tmp_path.iterdir()] == ["x.xlsx"], "temporary files are gone"


@pytest.mark.parametrize(
    "text", ["_x0041_", "a\u0001b", "<&>", " spaces ", "two\nlines", "=1+1", "https://e.org", "1e5"]
)
def test_any_text_survives_a_workbook(tmp_path: Path, text: str) -> None:
    write_xlsx(Table(("a", "b"), [(text, 1)]), tmp_path / "x.xlsx", NOW)
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx").active["A2"]
    assert (openpyxl.utils.escape.unescape(cell.value), cell.data_type, cell.hyperlink) == (text, "s", None)


def test_one_register_at_a_time_is_in_memory() -> None:
    alive: list[weakref.ref[CourseRegister]] = []

    def made() -> CourseRegister:
        register = CourseRegister(COURSE, (), (), ())
        alive.append(weakref.ref(register))
        return register

    def registers() -> Iterator[tuple[CourseRegister, RegisterEvidence]]:
        for _ in range(3):
            assert [each for each in alive if each() is not None] == []
            yield made(), RegisterEvidence("c", NOW, 0, "", "")

    assert list(long_table(registers()).rows) == []
    assert len(alive) == 3


def test_a_workbook_takes_no_more_memory_the_longer_it_is(tmp_path: Path) -> None:
    def rows(count: int) -> Iterator[tuple[Value, ...]]:
        return (("S1", f"Student {number}", number) for number in range(count))

    peaks = []
    for count in (500, 5_000):
        tracemalloc.start()
        write_xlsx(Table(("id", "name", "number"), rows(count)), tmp_path / f"{count}.xlsx", NOW)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
