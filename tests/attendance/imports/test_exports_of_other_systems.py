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
    "canvas gradebook with rows above the students": (
        "Student,ID,SIS User ID,SIS Login ID,Section,Essay (771),Current Score\n"
        ",,,,,Manual Posting,(read only)\n    Points Possible,,,,,10,(read only)\n"
        '"Okoye, Adaeze",90,0012345,aokoye,Lab A,8,80\n"Lindqvist, Per",91,0012346,plind,Lab B,9,90\n'
        '"Student, Test",99,0099999,4b1f,Lab A,,\n'
    ),
    "canvas analytics": (
        "Student Name,Student ID,Student SIS ID,Email,Section Name\n"
        "Adaeze Okoye,90,0012345,a@uni.org,Lab A\nPer Lindqvist,91,0012346,p@uni.org,Lab B\n"
    ),
    "moodle": (
        "First name,Last name,ID number,Institution,Department,Email address\n"
        "Adaeze,Okoye,0012345,,,a@uni.org\nPer,Lindqvist,0012346,,,p@uni.org\n"
    ),
    "moodle in German": "Vorname;Nachname;ID-Nummer;E-Mail-Adresse\nAdaeze;Okoye;0012345;\nPer;Lindqvist;0012346;\n",
    "moodle in French": (
        "Prénom,Nom,Numéro d'identification,Adresse de courriel\nAdaeze,Okoye,0012345,\nPer,Lindqvist,0012346,\n"
    ),
    "moodle in Spanish": (
        "Nombre,Apellido(s),Número de ID,Dirección de correo\nAdaeze,Okoye,0012345,\nPer,Lindqvist,0012346,\n"
    ),
    "moodle in Italian": (
        "Nome,Cognome,Codice identificativo,Indirizzo email\nAdaeze,Okoye,0012345,\nPer,Lindqvist,0012346,\n"
    ),
    "moodle upload": (
        "username,firstname,lastname,email,idnumber\nao,Adaeze,Okoye,,0012345\npl,Per,Lindqvist,,0012346\n"
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
    "teams with a list of activities below": (
        "1. Summary\nMeeting title\tStatistics\n\n2. Participants\n"
        "Name\tFirst Join\tEmail\tParticipant ID (UPN)\tRole\n"
        "Adaeze Okoye\t9:00\t\t0012345\tPresenter\nPer Lindqvist\t9:01\t\t0012346\tAttendee\n\n"
        "3. In-Meeting Activities\nName\tJoin Time\tDuration\nAdaeze Okoye\t9:00\t1h\n"
    ),
    "school data sync": ("SIS ID,Username,First Name,Last Name\n0012345,ao,Adaeze,Okoye\n0012346,pl,Per,Lindqvist\n"),
    "microsoft entra": (
        "userPrincipalName,displayName,surname,mail,givenName,userType\n"
        "0012345,Adaeze Okoye,Okoye,,Adaeze,Member\n0012346,Per Lindqvist,Lindqvist,,Per,Member\n"
    ),
    "peoplesoft": "Emplid,Name\n0012345,Adaeze Okoye\n0012346,Per Lindqvist\n",
    "schoology": "School UID,First Name,Last Name\n0012345,Adaeze,Okoye\n0012346,Per,Lindqvist\n",
    "every cell wrapped": '="student_id",="name"\n="0012345",="Adaeze Okoye"\n="0012346",="Per Lindqvist"\n'.replace(
        '="student_id",="name"', "student_id,name"
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
    "german, sorted": 'Lfd. Nr.;Matrikelnr.;Name, Vorname\n1;0012345;"Okoye, Adaeze"\n2;0012346;"Lindqvist, Per"\n',
    "czech": "Os. číslo;Příjmení;Jméno\n0012345;Okoye;Adaeze\n0012346;Lindqvist;Per\n",
    "hungarian": "Neptun kód;Név\n0012345;Adaeze Okoye\n0012346;Per Lindqvist\n",
    "portuguese": "Matrícula;Nome do aluno\n0012345;Adaeze Okoye\n0012346;Per Lindqvist\n",
    "ukrainian": "№ з/п,Прізвище та ім'я,Номер квитка\n1,Adaeze Okoye,0012345\n2,Per Lindqvist,0012346\n",
    "hebrew": "תעודת זהות,שם משפחה,שם פרטי\n0012345,Okoye,Adaeze\n0012346,Lindqvist,Per\n",
    "arabic": "الرقم الجامعي,اسم الطالب\n0012345,Adaeze Okoye\n0012346,Per Lindqvist\n",
    "japanese": "No.,学籍番号,氏名,フリガナ\n1,0012345,Adaeze Okoye,x\n2,0012346,Per Lindqvist,x\n",
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


@pytest.mark.parametrize("header", ["No,Name", "Nr.,Name", "№,ФИО", "#,Name", "Number,Student name"])
def test_numbers_of_rows_are_no_ids(header: str) -> None:
    with pytest.raises(InvalidInput, match="only counts rows"):
        read_roster(f"{header}\n1,Ada\n2,Per\n".encode())
    assert read_roster(f"{header}\n1001,Ada\n1002,Per\n".encode()).rows[0].student_id == "1001"


def test_names_in_vietnamese_begin_with_the_last() -> None:
    assert read_roster("MSSV,Họ và tên đệm,Tên\n1,Nguyễn Văn,An\n".encode()).rows[0].name == "Nguyễn Văn An"


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
    assert [(fault.line, fault.message) for fault in caught.value.errors] == [
        (3, "'=1+1' is a formula. Copy its column, and paste it as values.")
    ]
