"""The pages at the top level are what their templates and the catalogue give."""

from __future__ import annotations

import re

import pytest

from pages import build
from secure_attend.settings import PROJECT


@pytest.mark.parametrize("page", build.PAGES)
def test_a_page_is_what_its_template_gives(page: str) -> None:
    assert (PROJECT / f"{page}.html").read_text(encoding="utf-8") == build.build(page)


def test_the_types_name_every_element_of_every_page_once() -> None:
    types = build.ELEMENTS.read_text(encoding="utf-8")
    named = re.findall(r"^  '([\w-]+)':", types, re.MULTILINE)
    ids = {name for page in build.PAGES for name in re.findall(r'\bid="([\w-]+)"', build.build(page))}
    assert named == sorted(ids)
    assert "'check-in': HTMLElementTagNameMap['button'];" in types
    assert "'site': HTMLElementTagNameMap['p'] | HTMLElementTagNameMap['span'];" in types


@pytest.mark.parametrize("page", build.PAGES)
def test_no_element_is_left_without_its_message(page: str) -> None:
    html = build.build(page)
    assert re.findall(r'data-i18n="[^"]+"[^>]*></', html) == []
    assert html.count("data-i18n-label=") == len(re.findall(r'data-i18n-label="[^"]+" aria-label="[^"]+"', html))
