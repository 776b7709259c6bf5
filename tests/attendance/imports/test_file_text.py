"""The text in a file's bytes, and the choice between encodings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secure_attend.attendance.imports.file_text import UnreadableFile, file_text, garbled
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


@pytest.mark.parametrize("encoding", ["windows-1250", "windows-1251", "windows-1252", "windows-1254", "shift_jis"])
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
