"""Files as other systems export them, with invented people: each brings the same two students."""

from __future__ import annotations

import io

import openpyxl
import pytest

from secure_attend.attendance.imports.roster_rows import read_roster
from secure_attend.errors import InvalidInput

ADAEZE, PER = ("0012345", "Adaeze Okoye"), ("0012346", "Per Lindqvist")

FILES = {
    "canvas gradebook": (
        "Student,ID,SIS User ID,SIS Login ID,Section,Essay (771)\n"
        '    Points Possible,,,,,10\n"Okoye, Adaeze",90,0012345,aokoye,Lab A,8\n'
        '"Lindqvist, Per",91,0012346,plind,Lab B,9\n'
        '"Student, Test",99,,,Lab A,\n'
    ),
    "canvas users": (
        "user_id,login_id,first_name,last_name,email,status\n"
        "0012345,aokoye,Adaeze,Okoye,a@uni.org,active\n0012346,plind,Per,Lindqvist,p@uni.org,active\n"
    ),
    "moodle": (
        "First name,Last name,ID number,Institution,Department,Email address\n"
        "Adaeze,Okoye,0012345,,,a@uni.org\nPer,Lindqvist,0012346,,,p@uni.org\n"
    ),
    "brightspace": (
        "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator\n"
        "#0012345,#aokoye,Okoye,Adaeze,a@uni.org,#\n#0012346,#plind,Lindqvist,Per,p@uni.org,#\n"
    ),
    "powerschool": (
        "Student_Number\tLastFirst\tGrade_Level\tHome_Room\n"
        "0012345\tOkoye, Adaeze\t11\t7\n0012346\tLindqvist, Per\t11\t7\n"
    ),
    "teams": (
        "1. Summary\nMeeting title\tStatistics\nAttended participants\t2\n\n2. Participants\n"
        "Name\tFirst Join\tEmail\tParticipant ID (UPN)\tRole\n"
        "Adaeze Okoye\t9:00\ta@uni.org\t0012345\tPresenter\nPer Lindqvist\t9:01\tp@uni.org\t0012346\tAttendee\n"
    ),
    "oneroster users": (
        "sourcedId,status,enabledUser,role,username,givenName,familyName,identifier,email\n"
        "u-1,active,true,student,aokoye,Adaeze,Okoye,0012345,a@uni.org\n"
        "u-2,active,true,student,plind,Per,Lindqvist,0012346,p@uni.org\n"
    ),
    "plain": "ID,Name\n0012345,Adaeze Okoye\n0012346,Per Lindqvist\n",
    "pipes": "sep=|\nStudent ID|Full name\n0012345|Adaeze Okoye\n0012346|Per Lindqvist\n",
    "german": "Matr.-Nr.;Name;Vorname;E-Mail-Adresse\n0012345;Okoye;Adaeze;\n0012346;Lindqvist;Per;\n",
    "french": "N° étudiant;Nom;Prénom;Courriel\n0012345;Okoye;Adaeze;\n0012346;Lindqvist;Per;\n",
    "italian": "Matricola,Cognome,Nome\n0012345,Okoye,Adaeze\n0012346,Lindqvist,Per\n",
    "spanish": "Matrícula,Nombre,Apellidos\n0012345,Adaeze,Okoye\n0012346,Per,Lindqvist\n",
    "turkish": "Öğrenci No;Ad;Soyad\n0012345;Adaeze;Okoye\n0012346;Per;Lindqvist\n",
    "russian": "Номер студенческого билета;Фамилия;Имя\n0012345;Okoye;Adaeze\n0012346;Lindqvist;Per\n",
    "chinese": "学号,姓名,班级\n0012345,Adaeze Okoye,1\n0012346,Per Lindqvist,1\n",
    "title rows": "STAT110 Statistics\nAutumn 2026;;printed 2026-11-30\n\nStudent number;Student name\n"
    "0012345;Adaeze Okoye\n0012346;Per Lindqvist\nTotal;2\n",
}


@pytest.mark.parametrize("system", FILES)
def test_it_loads(system: str) -> None:
    file = read_roster(FILES[system].encode())
    assert [(row.student_id, row.name) for row in file.rows] == [ADAEZE, PER]


def test_blackboard_writes_utf_16_with_tabs() -> None:
    text = '"Last Name"\t"First Name"\t"Username"\t"Student ID"\r\n"Okoye"\t"Adaeze"\t"ao"\t"0012345"\r\n'
    assert [(row.student_id, row.name) for row in read_roster(text.encode("utf-16")).rows] == [ADAEZE]


def test_classroom_has_no_ids_and_asks() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_roster(b"Last Name,First Name,Email Address\nOkoye,Adaeze,a@uni.org\n")
    assert caught.value.code == "columns_needed"
    assert caught.value.facts["columns"] == {"last_name": 1, "first_name": 2, "email": 3}


def test_several_columns_for_one_thing_ask() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_roster(b"Student ID,Matriculation number,Name\n1,2,Ada\n")
    assert caught.value.code == "columns_needed"


def test_names_in_east_asia_begin_with_the_last() -> None:
    assert read_roster("学籍番号,姓,名\n1,山田,太郎\n2,Okoye,Adaeze\n".encode()).rows[0].name == "山田太郎"


def workbook(*rows: list[object], visible: bool = True) -> bytes:
    book = openpyxl.Workbook()
    if not visible:
        book.active.sheet_state = "hidden"
        book.create_sheet("Shown")
    for row in rows:
        book.worksheets[-1].append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize("visible", [True, False])
def test_a_workbook_loads(visible: bool) -> None:
    data = workbook(
        ["Class list"], [], ["Student ID", "Name"], ["0012345", "Adaeze Okoye"], [1002, "Zoë"], visible=visible
    )
    file = read_roster(data)
    assert [(row.line, row.student_id, row.name) for row in file.rows] == [(4, *ADAEZE), (5, "1002", "Zoë")]
    assert (file.encoding, file.delimiter) == ("xlsx", "")


def test_a_formula_is_not_computed() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_roster(workbook(["Student ID", "Name"], ["1", "Ada"], ["=1+1", "Per"]))
    assert [(fault.line, fault.message) for fault in caught.value.errors] == [(3, "The student ID is blank.")]
