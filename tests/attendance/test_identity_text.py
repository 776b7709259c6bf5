"""Ids, names and addresses, each written one way."""

from __future__ import annotations

import pytest

from secure_attend.attendance import identity_text
from secure_attend.attendance.identity_text import (
    UnfitText,
    checked,
    clean_email,
    clean_groups,
    clean_id,
    clean_name,
    similarity_key,
)
from secure_attend.errors import InvalidInput


def test_all_faults_of_a_form_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        checked(student_id=" ", name="", email="x")
    assert [fault.field for fault in caught.value.errors] == ["student_id", "name", "email"]


def test_spaces_are_tidied_but_ids_keep_theirs() -> None:
    assert clean_name("  John\u00a0 \t Doe ") == "John Doe"
    assert clean_id(" CS  01 ") == "CS 01"


@pytest.mark.parametrize("text", ["a\x07b", "a\ue000b", "a\U000e0041b"])
def test_what_cannot_be_seen_is_in_no_id(text: str) -> None:
    with pytest.raises(UnfitText):
        clean_id(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\ufeffJosé", "José"),
        ("\u200eJane\u200f", "Jane"),
        ("Jo\u00adhn", "John"),
        ("Jo\u200bhn", "John"),
        ("Jo\u200dhn", "John"),
        ("John\u202e", "John"),
        ("\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"),
        ("\U0001f469\u200d\U0001f52c Ann", "\U0001f469\u200d\U0001f52c Ann"),
    ],
)
def test_what_nobody_sees_is_dropped_from_names_and_joiners_that_join_are_kept(text: str, cleaned: str) -> None:
    assert clean_name(text) == cleaned


def test_what_nobody_sees_is_dropped_from_ids() -> None:
    assert clean_id("\ufeff10\u200d01\u200e") == "1001"


def test_the_length_is_judged_before_anything_is_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    normalised: list[int] = []
    monkeypatch.setattr(identity_text.unicodedata, "normalize", lambda _, text: normalised.append(len(text)) or text)
    marks = "a" + "\u0301" * 1_000_000
    for clean in (clean_id, clean_name, clean_email, clean_groups):
        with pytest.raises(UnfitText, match="The limit is"):
            clean(marks)
    assert normalised == []


def test_what_looks_alike() -> None:
    assert similarity_key("007") == similarity_key("7")
    assert similarity_key("Ab") == similarity_key("aB")
    assert similarity_key("000") == similarity_key("0")
    assert similarity_key("70") != similarity_key("7")
