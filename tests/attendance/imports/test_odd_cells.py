"""What exports and spreadsheets leave in a roster: rows that are no students, IDs and names as programs damage them."""

from __future__ import annotations

import pytest

from secure_attend.attendance.imports.roster_rows import RosterFile, read_roster
from secure_attend.errors import InvalidInput

ANN = "\n0012,Ann Lee"


def read(text: str) -> RosterFile:
    return read_roster(text.encode())


def read_as(text: str) -> list[tuple[str, str]]:
    return [(row.student_id, row.name) for row in read(text).rows]


def warnings(text: str) -> list[str]:
    return [warning.message for warning in read(text).warnings]


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput, match="roster_rejected") as refused:
        read(text)
    return refused.value.detail


@pytest.mark.parametrize(
    "row",
    [
        "Student ID,Name,",
        "STUDENT_ID,NAME,E-MAIL",
        "ID,Full name,Email address",
        "Matrikelnummer,Vollständiger Name,",
        "学号,姓名,",
    ],
)
def test_a_header_in_the_middle_in_part_or_in_other_words_is_no_student(row: str) -> None:
    text = f"Student ID,Name,Email\n0012,Ann Lee,\n{row}\n0013,Bo Li,\n"
    assert read_as(text) == [("0012", "Ann Lee"), ("0013", "Bo Li")]
    assert warnings(text) == ["This row repeats the header. It is left out."]


@pytest.mark.parametrize(
    "row", ["Page 1 of 3,", "Printed 12 Oct 2026 by the registrar,", "1 students,", "Total de alumnos: 1,", ",Total: 1"]
)
def test_words_below_the_list_do_not_cost_the_class(row: str) -> None:
    text = f"ID,Name{ANN}\n{row}\n0013,Bo Li\n"
    assert read_as(text) == [("0012", "Ann Lee"), ("0013", "Bo Li")]
    [warning] = warnings(text)
    assert warning.endswith("is no student. This row is left out.")


def test_an_id_without_a_name_is_still_a_fault() -> None:
    assert refusal(f"ID,Name{ANN}\n0013,\n").endswith("The name is blank.")


@pytest.mark.parametrize("word", ["N/A", "NULL", "None", "nan", "undefined"])
def test_a_word_for_nothing_is_no_name_and_a_doubtful_id(word: str) -> None:
    assert "writes into an empty cell" in refusal(f"ID,Name{ANN}\n0013,{word}\n")
    assert "writes into an empty cell" in warnings(f"ID,Name{ANN}\n{word},Bo Li\n")[0]


@pytest.mark.parametrize("name", ["Nan", "Null", "Nil", "Nana Null"])
def test_names_that_look_like_words_for_nothing_are_names(name: str) -> None:
    assert warnings(f"ID,Name\n0013,{name}\n") == []


@pytest.mark.parametrize("student_id", ["1007.0", "1007.00", '"1007,0"', '"1,007"', "1'007", '"1,007,123"'])
def test_an_id_that_was_read_as_a_number_is_warned_of(student_id: str) -> None:
    assert "looks like an amount" in warnings(f"ID,Name{ANN}\n{student_id},Bo Li\n")[0]


@pytest.mark.parametrize("student_id", ["'0012", "’0012", "‘0012", "`0012", '"=""0012"""'])
def test_what_programs_write_before_an_id_is_dropped(student_id: str) -> None:
    assert read_as(f"ID,Name\n{student_id},Ann Lee\n") == [("0012", "Ann Lee")]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Jos? Ibarra", "may have lost a letter"),
        ("Nguy?n Th? H?nh", "may have lost a letter"),
        ("Jos&eacute; Ibarra", "It may be José Ibarra."),
        ("Sin&#233;ad O&#39;Connor", "It may be Sinéad O'Connor."),
        ("ann@example.org", "is an email address"),
    ],
)
def test_a_damaged_name_is_warned_of(name: str, words: str) -> None:
    [warning] = warnings(f"ID,Name{ANN}\n0013,{name}\n")
    assert words in warning


def test_a_name_that_another_encoding_left_without_meaning_says_what_it_may_be() -> None:
    broken = "Nguyễn Thị Hạnh".encode().decode("latin-1")
    assert "It may be Nguyễn Thị Hạnh." in refusal(f"ID,Name{ANN}\n0013,{broken}\n")


@pytest.mark.parametrize(
    "text",
    [
        "ID,Name\nAnn Lee,A1001\nBo Li,B1002\nCy Fox,C1003\n",
        "ID,Name,Email\n1001,ann@example.org,Ann Lee\n1002,bo@example.org,Bo Li\n",
        "ID,Email,Name\nann@example.org,1001,Ann Lee\nbo@example.org,1002,Bo Li\n",
    ],
)
def test_swapped_columns_are_refused_in_one_sentence(text: str) -> None:
    assert refusal(text).endswith("the columns seem to be swapped.")


def test_addresses_may_be_poor() -> None:
    assert len(read("ID,Name,Email\nann@x.org,Ann Lee,none\nbo@x.org,Bo Li,n/a\ncy@x.org,Cy Fox,\n").rows) == 3


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        ("ID,Name,Preferred First Name", '0012,"Lee, Ann",Annie', "Lee, Ann"),
        ("Student ID,First Name,Preferred First Name,Last Name", "0012,Ann,Annie,Lee", "Ann Lee"),
        ("EMPLID,Last,First Name,Pref First Name", "0012,Lee,Ann,Annie", "Ann Lee"),
        ("Student ID,Legal Name - First Name,Legal Name - Last Name", "0012,Ann,Lee", "Ann Lee"),
        ("First Name [Required],Last Name [Required],Email Address [Required],Employee ID", "Ann,Lee,,0012", "Ann Lee"),
        ("SPR code,Surname,Forename 1", "0012,Lee,Ann", "Ann Lee"),
        ("Imię,Nazwisko,Numer ID", "Ann,Lee,0012", "Ann Lee"),
        ("Имя,Фамилия,Индивидуальный номер (ID)", "Ann,Lee,0012", "Ann Lee"),
        ("No,Öğr. No,Ad Soyad", "1,0012,Ann Lee", "Ann Lee"),
        ("Student ID,Preferred First Name,Last Name", "0012,Annie,Lee", "Annie Lee"),
    ],
)
def test_official_names_of_further_exports(header: str, row: str, name: str) -> None:
    assert read_as(f"{header}\n{row}\n") == [("0012", name)]
