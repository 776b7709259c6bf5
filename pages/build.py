"""Write the pages at the top level, and the types of their elements: `make pages` does, and `make check` compares.

An element that carries `data-i18n="key"` gets that message of the catalogue as its text, and one that carries
`data-i18n-label="key"` gets it as its `aria-label`. So a sentence is written once, and a page can be read before its
scripts run. `types/elements.d.ts` lists the elements by their ids: a script that asks for an id no page has fails the
type check.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent
PROJECT = TEMPLATES.parent
CATALOGUE = PROJECT / "static" / "i18n" / "en.json"
PAGES = ("faculty", "me", "register", "student", "trial")

EMPTY_ELEMENT = re.compile(r'(<(\w+)\b[^>]*\bdata-i18n="([\w.]+)"[^>]*>)(</\2>)')
ELEMENTS = PROJECT / "types" / "elements.d.ts"
ID = re.compile(r'<(\w+)\b[^>]*\bid="([\w-]+)"')
SVG = ("svg", "path")
LABEL = re.compile(r'\bdata-i18n-label="([\w.]+)"')


def build(page: str) -> str:
    """Return the page's HTML with the messages of the English catalogue."""
    catalogue = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    html = environment.get_template(f"{page}.html").render(page=page, lang=catalogue["lang"], dir=catalogue["dir"])
    return _without_blank_lines(_with_messages(html, catalogue["messages"]))


def element_types(pages: Iterable[str]) -> str:
    """Return a TypeScript declaration of every id in the pages and the element that has it."""
    tags: dict[str, set[str]] = {}
    for page in pages:
        for tag, name in ID.findall(page):
            tags.setdefault(name, set()).add(f"{'SVG' if tag in SVG else 'HTML'}ElementTagNameMap['{tag}']")
    rows = "".join(f"  '{name}': {' | '.join(sorted(kinds))};\n" for name, kinds in sorted(tags.items()))
    return (
        f"// Written by `make pages`: the elements of the pages by their ids.\n\ninterface PageElements {{\n{rows}}}\n"
    )


def _with_messages(html: str, messages: dict[str, str]) -> str:
    html = EMPTY_ELEMENT.sub(lambda tag: f"{tag[1]}{escape(messages[tag[3]], quote=False)}{tag[4]}", html)
    return LABEL.sub(lambda label: f'{label[0]} aria-label="{escape(messages[label[1]])}"', html)


def _without_blank_lines(html: str) -> str:
    return re.sub(r"\n\s*\n(?:\s*\n)*", "\n", html)


def main() -> int:
    """Write the pages, or with `--check` say which ones differ from their templates."""
    parser = argparse.ArgumentParser(description="Write the pages from their templates.")
    parser.add_argument("--check", action="store_true", help="compare only; exit with 1 if a page differs")
    check: bool = parser.parse_args().check
    built = {PROJECT / f"{page}.html": build(page) for page in PAGES}
    built[ELEMENTS] = element_types(built.values())
    differing = [path for path, html in built.items() if not path.exists() or path.read_text(encoding="utf-8") != html]
    if check and differing:
        names = ", ".join(path.name for path in differing)
        print(f"{names}: not what the templates in pages/ give. Run make pages and commit the result.")
        return 1
    for path in () if check else differing:
        path.write_text(built[path], encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
