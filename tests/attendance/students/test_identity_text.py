"""Ids, names and addresses, each written one way."""

from __future__ import annotations

import pytest

from secure_attend.attendance.students.identity_text import (
    UnfitText,
    checked,
    clean_id,
    clean_name,
    searchable,
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


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\ufeffb", "a\ue000b", "a\u2028b", "a\U000e0041b"])
def test_what_cannot_be_seen_is_in_no_id(text: str) -> None:
    with pytest.raises(UnfitText):
        clean_id(text)


def test_what_looks_alike() -> None:
    assert similarity_key("007") == similarity_key("7")
    assert similarity_key("Ab") == similarity_key("aB")
    assert similarity_key("000") == similarity_key("0")
    assert similarity_key("70") != similarity_key("7")


def test_search_finds_without_accents() -> None:
    assert searchable("jose") in searchable("José Nuñez")
