"""What people cannot see or tell apart."""

from __future__ import annotations

import pytest

from secure_attend.attendance.identity_text import UnfitText, clean_id, clean_line, clean_name, similarity_key
from secure_attend.attendance.students.claims import as_typed
from secure_attend.visible_text import as_latin, as_seen, foreign_letter, shows_anything, without_invisible

INVISIBLE = ["\u3164", "\uffa0", "\u115f", "\u1160", "\u2800", "\ufe0f", "\u034f", "\u180b", "\u200b", "\u2065"]
INVISIBLE += ["\U000e0101", "\ufeff", "\u202e", "\u00ad", "\U00016fe4", "\U0001bc9d", "\U00013441"]
CYRILLIC_S, CYRILLIC_A, GREEK_O = "\u0405", "\u0430", "\u039f"


@pytest.mark.parametrize("unseen", INVISIBLE)
def test_what_shows_nothing_is_dropped(unseen: str) -> None:
    assert without_invisible(f"S{unseen}001{unseen}") == "S001"
    assert clean_id(f"S001{unseen}") == clean_id(f"S0{unseen}01") == "S001"
    assert as_typed(f" S0{unseen}01 ") == "S001"
    assert clean_name(f"Ann{unseen} Lee") == "Ann Lee"
    for clean in (clean_id, clean_name):
        with pytest.raises(UnfitText, match="blank"):
            clean(unseen * 3)


@pytest.mark.parametrize("stacker", ["\u1039", "\u17d2", "\u2d7f", "\U0001107f"])
def test_what_stacks_letters_of_another_script_shows_nothing_after_latin_ones(stacker: str) -> None:
    assert clean_id(f"S{stacker}001{stacker}{stacker}") == "S001"
    khmer = "\u179f\u17d2\u179a\u17b8"
    assert clean_name(khmer) == khmer


def test_marks_alone_are_no_name() -> None:
    assert not shows_anything("\u0301\u0308")
    with pytest.raises(UnfitText, match="blank"):
        clean_name("\u0301")


@pytest.mark.parametrize(
    ("text", "script"),
    [
        (f"{CYRILLIC_S}AM 01", "Cyrillic"),
        (f"C{GREEK_O}DE", "Greek"),
        (f"M{CYRILLIC_A}ria", "Cyrillic"),
        ("C\u0555DE", "Armenian"),
        ("AD\u13a0A", "Cherokee"),
        ("A\U0001d5c7n", "Mathematical"),
    ],
)
def test_letters_of_two_scripts_in_a_word_are_refused(text: str, script: str) -> None:
    for clean in (clean_id, clean_name):
        with pytest.raises(UnfitText, match=f"the {script} letter"):
            clean(text)


def test_in_an_id_digits_divide_no_word() -> None:
    assert foreign_letter("AB1\u0410") is None
    with pytest.raises(UnfitText, match="'\u0410' among Latin ones, where it looks like 'A'"):
        clean_id("AB1\u0410")


@pytest.mark.parametrize(
    "name", ["\u0410\u043d\u043d\u0430 Lee", "\u0395\u03bb\u03ad\u03bd\u03b7", "\uae40\ubbfc\uc9c0", "Zo\u00eb O'Neil"]
)
def test_names_of_one_script_a_word_are_kept(name: str) -> None:
    assert clean_name(name) == name


def test_titles_may_have_greek_signs() -> None:
    assert clean_line("TGF\u03b2 and TNF\u03b1", "title", 200) == "TGF\u03b2 and TNF\u03b1"


@pytest.mark.parametrize(
    ("one", "other"),
    [("O1", "01"), ("AB0", "ABO"), ("1a", "la"), ("I7", "17"), ("\u0410001", "A001"), ("\u041e\u0421", "OC")]
    + [("AB-1", f"AB{dash}1") for dash in "\u2010\u2011\u2013\u2212"]
    + [("S001", "\uff33\uff10\uff10\uff11"), ("S001", "\U0001d5b2001"), ("S01", "S\U0001d7f61"), ("VI", "\u2165")]
    + [("a/1", "a\u20441"), ("CS:1", "CS\ua7891"), ("O'1", "O\u20191"), ("a1", "\u02511"), ("l1", "\u01c01")],
)
def test_ids_that_are_read_as_the_same_look_alike(one: str, other: str) -> None:
    assert similarity_key(one) == similarity_key(other)
    assert as_seen(one) == as_seen(other)


def test_comparing_ignores_case_in_every_script() -> None:
    assert as_latin("\u0417\u0430\u043b \u041a") == as_latin("\u0437\u0430\u043b \u043a")
    assert as_latin("Room 0") != as_latin("Room O")
