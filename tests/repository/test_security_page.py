"""docs/security.md names tests; each is there, and no chapter is left out."""

from __future__ import annotations

import re

import pytest

from secure_attend.settings import PROJECT

PAGES = ("security.md", "administrator/https.md", "privacy.md")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
CHAPTERS = 17
"""Of the OWASP Application Security Verification Standard 5.0."""


def text(page: str) -> str:
    """The page."""
    return (PROJECT / "docs" / page).read_text("utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_named_is_there(page: str) -> None:
    named = NAMED.findall(text(page))
    assert named
    for file, function in named:
        path = PROJECT / file
        assert path.is_file(), file
        assert not function or re.search(rf"^ *def {function}\(", path.read_text("utf-8"), re.MULTILINE), function


def test_every_chapter_says_what_is_done_and_what_shows_it() -> None:
    rows = re.findall(r"^\| V(\d+) [^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|$", text("security.md"), re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, CHAPTERS + 1))
    for number, done, shown, missing in rows:
        assert done.strip(), number
        assert NAMED.search(shown) or missing.strip() == "not applicable", number


def test_it_says_that_embeddings_can_be_inverted() -> None:
    assert "Embeddings can be inverted" in text("security.md")
