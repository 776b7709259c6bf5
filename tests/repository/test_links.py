"""Links between the pages for readers: every file, heading and picture that a page points at is there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from secure_attend.settings import PROJECT

PAGES = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *sorted((PROJECT / "docs").rglob("*.md"))]
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
NAMED_FILE = re.compile(r"`((?:secure_attend|tests|benchmarks|pages|static|docs)/[\w./@-]*)`")
NAMED_FUNCTION = re.compile(r"`(?:\w+\.)*(\w+)\(\)`")
FOR_DEVELOPERS = [PROJECT / "docs" / "architecture.md", PROJECT / "docs" / "contributing.md"]


def anchors(text: str) -> set[str]:
    """The names under which GitHub lets a link reach the page's headings."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in HEADING.findall(re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def broken(page: Path) -> Iterator[str]:
    """The page's links that lead nowhere in this repository; other sites are not asked."""
    for target in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        if not path.exists() or (anchor and anchor not in anchors(path.read_text(encoding="utf-8"))):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [PROJECT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = (target.partition("#")[0] for target in LINK.findall(CODE.sub("", page.read_text("utf-8"))))
        waiting += [(page.parent / target).resolve() for target in targets if target and "://" not in target]
    assert [str(page.relative_to(PROJECT)) for page in PAGES if page not in reached] == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("[there](README.md) [head](#a-b-c) ![](picture.png)\n# A b: *c*\n", []),
        ("[gone](gone.md)", ["gone.md"]),
        ("[no such heading](#b)\n# A\n", ["#b"]),
        ("[the second](#a-1) [no third](#a-2)\n# A\n# A\n", ["#a-2"]),
        ("`[not](a-link)`\n```\n[nor](this)\n# not a heading\n```\n[no](#not-a-heading)", ["#not-a-heading"]),
    ],
)
def test_a_broken_link_is_found(tmp_path: Path, text: str, faults: list[str]) -> None:
    (tmp_path / "picture.png").touch()
    (tmp_path / "README.md").write_text(text)
    assert list(broken(tmp_path / "README.md")) == faults


@pytest.mark.parametrize("page", FOR_DEVELOPERS, ids=lambda page: page.stem)
def test_every_file_and_function_that_developers_are_told_of_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = "\n".join(file.read_text(encoding="utf-8") for file in (PROJECT / "secure_attend").rglob("*.py"))
    assert [name for name in NAMED_FILE.findall(text) if not (PROJECT / name).exists()] == []
    assert [name for name in NAMED_FUNCTION.findall(text) if not re.search(rf"\bdef {name}\b", code)] == []
