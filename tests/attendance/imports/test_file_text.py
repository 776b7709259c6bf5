"""The text in a file's bytes, and the choice between encodings."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from secure_attend.attendance.imports.file_text import UnreadableFile, file_text, garbled
from secure_attend.attendance.imports.likely_encodings import CODECS
from secure_attend.errors import InvalidInput

NAMES = {
    "windows-1250": ["Łukasz Żółć", "Jiří Dvořák"],
    "windows-1251": ["Иван Петров", "Ольга Щербакова"],
    "windows-1252": ["José Núñez", "Günther Weiß"],
    "windows-1253": ["Γιώργος Παπαδόπουλος", "Ελένη Χατζή"],
    "windows-1254": ["Şükrü Gökdağ", "Işıl Özışık"],
    "windows-1255": ["דוד כהן", "רחל לוי"],
    "windows-1256": ["محمد علي", "فاطمة الزهراء"],
    "windows-1257": ["Jānis Bērziņš", "Eglė Žukauskienė"],
    "gb18030": ["王小明", "欧阳菲菲"],
    "shift_jis": ["山田太郎", "佐藤花子"],
    "euc-kr": ["김민수", "이서연"],
}


def written(encoding: str) -> bytes:
    return "".join(["id;name\r\n", *(f"{place};{name}\r\n" for place, name in enumerate(NAMES[encoding]))]).encode(
        encoding
    )


def choice(data: bytes) -> list[dict[str, object]]:
    with pytest.raises(InvalidInput) as caught:
        file_text(data)
    assert caught.value.code == "encoding_needed"
    encodings = caught.value.facts["encodings"]
    assert isinstance(encodings, list)
    return encodings


@pytest.mark.parametrize("encoding", NAMES)
def test_other_encodings_are_shown_and_read_by_choice_alone(encoding: str) -> None:
    shown = {str(each["encoding"]): each["lines"] for each in choice(written(encoding))}
    assert len(shown) <= 6
    assert shown[encoding] == [[place + 2, f"{place};{name}"] for place, name in enumerate(NAMES[encoding])]
    assert NAMES[encoding][1] in file_text(written(encoding), encoding).text


OTHERS = [
    ("windows-1250", "Szűcs Ábel"),
    ("windows-1250", "Đorđe Šarić"),
    ("windows-1250", "Ştefan Ţurcanu"),
    ("windows-1251", "Їжакевич Ґалаґан"),
    ("windows-1252", "Þórður Ægisson"),
    ("windows-1252", "Íñigo Muñoz"),
    ("windows-1253", "Νίκος Γεωργίου"),
    ("windows-1254", "İbrahim Öztürk"),
    ("windows-1255", "שרה לוי"),
    ("windows-1256", "عبد الرحمن يوسف"),
    ("windows-1257", "Žydrūnė Šimkutė"),
    ("windows-1258", "Lê Hoàng Đức".replace("ứ", "ư\u0301")),
    ("gb18030", "王芳"),
    ("gb18030", "陳怡君"),  # as in Taiwan, in a file from the mainland
    ("gb18030", "龑䶮"),
    ("shift_jis", "ｽｽﾞｷ ｲﾁﾛｳ"),  # half width, as old programs write it
    ("shift_jis", "タナカ ジロウ"),
    ("shift_jis", "鈴木一郎"),
    ("euc-kr", "최수영"),
]


@pytest.mark.parametrize(("encoding", "name"), OTHERS)
def test_a_single_name_is_shown_in_its_encoding(encoding: str, name: str) -> None:
    data = f"student_id,name\r\n1,{name}\r\n".encode(CODECS[encoding])
    assert {str(each["encoding"]): each["lines"] for each in choice(data)}[encoding] == [[2, f"1,{name}"]]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("Щукина", "koi8_r"), ("Żółć", "iso8859_2"), ("陳怡君", "big5"), ("鈴木", "euc_jp"), ("สมชาย", "cp874")],
)
def test_no_other_encoding_is_read_without_a_choice(name: str, codec: str) -> None:
    with pytest.raises((UnreadableFile, InvalidInput)):
        file_text(f"student_id,name\n1,{name}\n".encode(codec))


@pytest.mark.parametrize(("name", "codec"), [("鈴木", "iso2022_jp"), ("박지훈", "iso2022_kr"), ("王芳", "hz")])
def test_encodings_that_look_like_ascii_are_refused(name: str, codec: str) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read as text"):
        file_text(f"student_id,name\n1,{name}\n".encode(codec))


def test_whatever_the_bytes_are_they_are_refused_with_words_or_shown() -> None:
    dice = Random(7)
    for _ in range(3_000):
        data = b"student_id,name\n1," + dice.randbytes(dice.randrange(1, 12)).replace(b"\0", b"\xe9") + b"\n"
        with suppress(UnreadableFile, InvalidInput):
            assert file_text(data).encoding in ("utf-8", "utf-16")


@pytest.mark.parametrize(
    "encoding", ["euc-kr", "gb18030", "windows-1250", "windows-1251", "windows-1252", "windows-1254", "shift_jis"]
)
def test_the_likeliest_comes_first(encoding: str) -> None:
    assert choice(written(encoding))[0]["encoding"] == encoding


@pytest.mark.parametrize("codec", ["mac_roman", "big5", "cp850", "cp437"])
def test_encodings_that_are_not_known_read_as_nothing_or_as_a_choice(codec: str) -> None:
    names = {"big5": "王小明"}.get(codec, "José Núñez")
    with pytest.raises((UnreadableFile, InvalidInput)):
        file_text(f"id,name\n1,{names}\n".encode(codec))


@pytest.mark.parametrize(
    ("names", "byte", "line"),
    [
        (["José", "Zoë", "André"], b"Ren\xe9", 5),
        (["José"], b"Ren\xe9", 3),
        (["王小明", "Łukasz"], b"M\xfcller", 4),
        (["Иван", "Ольга"], b"\xe9", 4),
        (["Müller"], b"Wei\xdf", 3),
    ],
)
def test_almost_utf_8_names_the_line_and_the_byte(names: list[str], byte: bytes, line: int) -> None:
    data = "\n".join(["id,name", *names, ""]).encode() + byte + b"\n"
    with pytest.raises(UnreadableFile) as caught:
        file_text(data)
    (fault,) = caught.value.faults
    assert fault.line == line
    assert f"0x{byte[-1]:02X}" in str(caught.value) or "0xFC" in str(caught.value)


def test_lines_are_counted_whatever_ends_them() -> None:
    with pytest.raises(UnreadableFile) as caught:
        file_text("id\rJosé\r\nZoë\nRen".encode() + b"\xe9")
    assert [fault.line for fault in caught.value.faults] == [4]


def test_a_chosen_encoding_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UnreadableFile) as caught:
        file_text("id,name\n1,José\n".encode("cp1252"), "utf-8")
    assert (caught.value.faults[0].field, caught.value.faults[0].line) == ("encoding", 2)


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("JosÃ©", "José"),
        ("MÃ¼ller", "Müller"),
        ("Ã…sa", "Åsa"),
        ("Ä°pek", "İpek"),
        ("Ð˜Ð²Ð°Ð½", "Иван"),
        ("Jos√©", "José"),
        ("Müller", None),
        ("Zoë", None),
        ("São Paulo", None),
        ("Ã", None),
    ],
)
def test_names_that_were_read_in_another_encoding_once(text: str, again: str | None) -> None:
    assert garbled(text) == again


@pytest.mark.skipif("SECURE_ATTEND_TEST_DATA" not in os.environ, reason="SECURE_ATTEND_TEST_DATA is not set")
def test_the_reported_files() -> None:
    folder = Path(os.environ["SECURE_ATTEND_TEST_DATA"], "bug-inputs")
    assert choice((folder / "enc-turkish.csv").read_bytes())[0]["encoding"] == "windows-1254"
    with pytest.raises(UnreadableFile, match="Line 5: The byte 0xE9 after '804,Andr'"):
        file_text((folder / "enc-one-bad-byte.csv").read_bytes())
