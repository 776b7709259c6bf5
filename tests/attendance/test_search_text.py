"""One table says how people are found, for the server here and for the pages in tests/pages/search_text.test.js."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from secure_attend.attendance.search_text import found_in, search_text, search_words

TABLE: Any = json.loads((Path(__file__).parents[1] / "fixtures" / "search_folding.json").read_text("utf-8"))


@pytest.mark.parametrize("text", TABLE["folded"])
def test_a_text_is_folded_as_in_the_table(text: str) -> None:
    assert search_text(text) == TABLE["folded"][text]


@pytest.mark.parametrize(("typed", "text", "found"), TABLE["found"])
def test_words_are_found_in_any_order(typed: str, text: str, found: bool) -> None:
    assert found_in(search_words(typed), text) is found
