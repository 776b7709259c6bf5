"""What people read stays short and plain: at most 100 lines of README, and only words of plain English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from secure_attend.settings import PROJECT

DOCS = PROJECT / "docs"
PAGES = [
    PROJECT / "README.md",
    *(DOCS / name for name in ("architecture.md", "contributing.md", "glossary.md", "kiosk.md", "lecturer.md")),
    *(DOCS / name for name in ("registrar.md", "privacy.md", "security.md")),
    *sorted((DOCS / "administrator").glob("*.md")),
    *sorted((DOCS / "evidence").glob("*.md")),
    *sorted((PROJECT / "pages").rglob("*.html")),
    PROJECT / "static" / "i18n" / "en.json",
]
NOT_PLAIN = re.compile(
    r"\b(whoever|anew|so many|mend(s|ed)?|the own|by itself|by themselves|made by|goes on|takes? back|taken back)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_page_uses_plain_words(page: Path) -> None:
    assert [found[0] for found in NOT_PLAIN.finditer(page.read_text(encoding="utf-8"))] == []


def test_the_readme_is_read_in_five_minutes() -> None:
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) <= 100
