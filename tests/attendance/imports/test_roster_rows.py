"""Roster files as spreadsheets save them, and as they go wrong."""

from __future__ import annotations

import pytest

from secure_attend.attendance.imports.roster_columns import chosen_columns
from secure_attend.attendance.imports.roster_rows import MOST_ERRORS_LISTED, MOST_ROWS, Reading, read_roster
from secure_attend.errors import InvalidInput

PLAIN = "student_id,name,email\n1001,John Doe,john@school.org\n1002,Jané Smith,\n"


def refused(data: bytes | str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read_roster(data.encode() if isinstance(data, str) else data)
    assert caught.value.code == "roster_rejected"
    return caught.value


def faults(data: bytes | str) -> list[tuple[int | None, str]]:
    return [(fault.line, fault.field) for fault in refused(data).errors]


def ids(data: str) -> list[str]:
    return [row.student_id for row in read_roster(data.encode()).rows]


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_reads_what_spreadsheets_save(codec: str, encoding: str, delimiter: str, newline: str) -> None:
    file = read_roster(PLAIN.replace(",", delimiter).replace("\n", newline).encode(codec))
    assert [(row.line, row.student_id, row.name, row.email) for row in file.rows] == [
        (2, "1001", "John Doe", "john@school.org"),
        (3, "1002", "Jané Smith", ""),
    ]
    assert (file.encoding, file.delimiter) == (encoding, delimiter)


def test_the_prefix_of_a_last_name_stays_with_it() -> None:
    rows = read_roster(b"Studentnummer;Voornaam;Tussenvoegsel;Achternaam\n007;Ada;van den;Berg\n008;Bo;;Smit\n").rows
    assert [row.name for row in rows] == ["Ada van den Berg", "Bo Smit"]


def test_reads_utf_16_big_endian() -> None:
    assert read_roster(b"\xfe\xff" + PLAIN.encode("utf-16-be")).rows[1].name == "Jané Smith"


@pytest.mark.parametrize("header", ["Student ID,Name", " STUDENT_ID , name ", "studentid,NAME", "Student-Id,Name"])
def test_headers_may_be_written_otherwise(header: str) -> None:
    assert ids(f"{header}\n1001,John") == ["1001"]


def test_other_columns_are_ignored_and_named() -> None:
    file = read_roster(b"name,phone,student_id,,Group\nJohn,555,1001,,B\n")
    assert file.ignored_columns == ("phone", "Group")
    assert file.rows[0].email is None


@pytest.mark.parametrize("student_id", ["007", "CS/2021/001", "1e5", "12E3", "NA", "null", "true", "１２"])
def test_ids_stay_text(student_id: str) -> None:
    assert ids(f"student_id,name\n{student_id},John") == [student_id]


@pytest.mark.parametrize("student_id", ["1.23E+10", "1,23E+10", "1e+15", "9.99E-05"])
def test_ids_that_excel_rounded_are_refused_with_the_reason(student_id: str) -> None:
    error = refused(f"student_id;name\n{student_id};John")
    assert "spreadsheet" in error.errors[0].message
    assert "Text" in error.errors[0].message


def test_lines_are_those_of_an_editor() -> None:
    text = 'student_id,name,address\n1001,John,"12 Street\nTown\nLand"\n\n1002,,x\n"1003","A\nB",y\n1001,Again,z\n'
    assert faults(text) == [(6, "name"), (9, "student_id")]
    assert "line 2" in refused(text).errors[1].message


def test_a_line_break_in_a_name_becomes_a_space() -> None:
    assert read_roster(b'student_id,name\n1001,"John\nDoe"').rows[0].name == "John Doe"


def test_sep_line_of_excel_is_understood() -> None:
    file = read_roster(b"sep=;\r\nstudent_id;name\r\n1001;Doe, John\r\n")
    assert [(row.line, row.name) for row in file.rows] == [(3, "Doe, John")]


def test_composed_and_decomposed_ids_are_one() -> None:
    text = "student_id,name\n\u00e91,John\ne\u03011,Jane\n"
    assert faults(text) == [(3, "student_id")]
    assert ids("student_id,name\ne\u03011,Zoe\u0308\n") == ["\u00e91"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",John", "student_id"),
        ("   ,John", "student_id"),
        ("1001,", "name"),
        ("1001", "name"),
        ("1001,\u00a0", "name"),
        (f"{'1' * 65},John", "student_id"),
        (f"1001,{'n' * 201}", "name"),
        ("#N/A,John", "student_id"),
        ("1001,#REF!", "name"),
        ("1001,1002", "name"),
        ("10\x0701,John", "student_id"),
        ('1001,"=HYPERLINK(""http://x"")"', "name"),
        ("=A1,John", "student_id"),
        ("1001,Jo\x1bhn", "name"),
        ('"10\n01",John', "student_id"),
        ("1001,John,a@b.org,more", "row"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(row: str, field: str) -> None:
    assert faults(f"student_id,name,email\n1000,Good,\n{row}\n") == [(3, field)]


def test_names_in_scripts_that_need_joiners_are_taken() -> None:
    persian = "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"
    assert read_roster(f"student_id,name\n1,{persian}".encode()).rows[0].name == persian


def test_every_bad_row_is_named_and_nothing_else() -> None:
    assert faults("student_id,name\n1,A\n,B\n3,\n4,D\n1,E\n") == [(3, "student_id"), (4, "name"), (6, "student_id")]


def test_more_errors_than_anybody_reads_are_counted() -> None:
    error = refused("student_id,name\n" + ",x\n" * 500)
    assert len(error.errors) == MOST_ERRORS_LISTED
    assert error.facts["errors_total"] == 500


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"student_id,name\n", "no students"),
        (b'student_id,name\n1001,"John\n1002,Jane\n', "never closed"),
        (b'student_id,name\n1001,"John"x\n', "after the closing quotation mark"),
        (b"student_id,name\n1001,J\0ohn\n", "cannot be read as text"),
        (b"\xff\xfestudent_id,name\n1", "cannot be read as text"),
        ("student_id,name\n".encode("utf-32"), "UTF-32"),
        (b"student_id,name\n1001,\x80\xff\x00", "cannot be read as text"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel workbook"),
        (b"student_id,name\n1," + b"n" * 140_000 + b"\n", "far too long"),
        (b"<html><body>Sign in</body></html>", "web page"),
        (b"student_id,name\nJohn Doe,1001\nJane Roe,1002\n", "seem to be swapped"),
    ],
)
def test_files_that_are_no_roster_are_refused_with_what_to_do(data: bytes, words: str) -> None:
    assert words in refused(data).detail


def test_a_file_that_does_not_say_what_its_columns_are_asks() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_roster(b"Klasse 7b\n\nKennung,Wer\n1001,Ines Duarte\n")
    assert (caught.value.code, caught.value.facts["header"], caught.value.facts["columns"]) == ("columns_needed", 0, {})
    assert caught.value.facts["rows"] == [
        {"line": 1, "cells": ["Klasse 7b"]},
        {"line": 3, "cells": ["Kennung", "Wer"]},
        {"line": 4, "cells": ["1001", "Ines Duarte"]},
    ]


def test_columns_are_as_somebody_chose() -> None:
    data = b"Klasse 7b\n\nKennung,Wer\n1001,Ines Duarte\n"
    file = read_roster(data, Reading(columns=chosen_columns("student_id:1,name:2,header:3")))
    assert [(row.line, row.student_id, row.name) for row in file.rows] == [(4, "1001", "Ines Duarte")]
    again = b"Kennung,Wer\n1002,Per Lindqvist\n"
    remembered = {file.columns.shape: file.columns.places} if file.columns else {}
    assert [row.student_id for row in read_roster(again, Reading(remembered=remembered.get)).rows] == ["1002"]
    without = read_roster(b"1001,Ines Duarte\n", Reading(columns=chosen_columns("student_id:1,name:2,header:0")))
    assert [row.name for row in without.rows] == ["Ines Duarte"]


@pytest.mark.parametrize(
    "text", ["", "student_id:1", "student_id:1,name:1", "student_id:0,name:1", "id:1,name:2", "student_id:1,name:99"]
)
def test_a_choice_of_columns_that_fits_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_roster(b"a,b\n1,c\n", Reading(columns=chosen_columns(text)))
    assert caught.value.errors[0].field == "columns"


def warned(data: str) -> list[tuple[int, str]]:
    return [(warning.line, warning.message) for warning in read_roster(data.encode()).warnings]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("student_id,name,email", "repeats the header"),
        (" Student ID ,NAME,Email", "repeats the header"),
        (",    Points Possible,", "no student"),
        (',"Student, Test",', "no student"),
        ("Total,2,", "no student"),
        ("Summe,,", "no student"),
        (",,ada@example.org", "neither an ID nor a name"),
        ("1000,Good,", "also on line 2"),
        ("1001,Ada,not-an-address", "imported without it"),
        ("1001,Ada,a@b", "imported without it"),
        ("1001,Jos\ufffd,", "was lost"),
        ("1001,JosÃ© Ibarra,", "may be José Ibarra"),
        ("2026-02-01,Ada,", "looks like a date"),
        ("1-Feb,Ada,", "looks like a date"),
        ("12345678901234500,Ada,", "may be rounded"),
    ],
)
def test_a_poor_row_is_told_and_does_not_cost_the_class(row: str, words: str) -> None:
    ((line, message),) = warned(f"student_id,name,email\n1000,Good,\n{row}\n1009,Last,\n")
    assert line == 3
    assert words in message


@pytest.mark.parametrize(
    "row", ["1001,Ada,", "202602,Ada,", "A-7-2,Ada,", "CS-2026,Ada,", "1234567890123456,Ada,", "0012,Müller,"]
)
def test_usual_rows_are_not_warned_of(row: str) -> None:
    assert warned(f"student_id,name,email\n{row}\n") == []


@pytest.mark.parametrize(
    ("cell", "student_id"),
    [('"=""0012"""', "0012"), ('="0012"', "0012"), ("'0012", "0012"), ("0012", "0012"), ('"= ""A-7"""', "A-7")],
)
def test_ids_are_unwrapped(cell: str, student_id: str) -> None:
    assert ids(f"student_id,name\n{cell},John") == [student_id]


def test_one_student_on_two_rows_has_the_groups_of_both() -> None:
    data = b"student_id,name,group\n1,Ada,Lab A\n1,ADA,Lab B\n"
    assert [row.groups for row in read_roster(data, Reading(groups=True)).rows] == [("Lab A", "Lab B")]


def test_two_students_with_one_id_are_refused() -> None:
    assert faults("student_id,name\n1,Ada\n1,Per\n") == [(3, "student_id")]


def test_too_many_rows_are_refused() -> None:
    rows = "".join(f"{number},n\n" for number in range(MOST_ROWS + 1))
    assert str(MOST_ROWS) in refused("student_id,name\n" + rows).detail
