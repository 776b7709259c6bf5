"""The pages in another language: everything students read follows the catalogue, and so do language and direction."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from secure_attend.settings import PROJECT
from tests.e2e.conftest import Running

ENGLISH = json.loads((PROJECT / "static" / "i18n" / "en.json").read_text(encoding="utf-8"))
SHOWN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (holder.closest('noscript, #site, #clock, #day') || !holder.checkVisibility()) continue;
    texts.push(walker.currentNode.data.trim());
  }
  const labels = [...document.querySelectorAll('[aria-label]')].map((element) => element.getAttribute('aria-label'));
  return [...texts, ...labels].filter((text) => /\\p{L}/u.test(text));
}"""


def _speak_otherwise(page: Page) -> None:
    """Serve a right-to-left catalogue whose messages are marked."""
    marked = {key: f"«{message}»" for key, message in ENGLISH["messages"].items()}
    catalogue = {**ENGLISH, "lang": "ar", "dir": "rtl", "dates": "ar", "messages": marked}

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=json.dumps(catalogue))

    page.route("**/static/i18n/en.json", answer)


@pytest.mark.parametrize(("address", "screen"), [("student", "#screen-ready"), ("register", "#screen-id")])
def test_every_word_comes_from_the_catalogue(site: Running, page: Page, address: str, screen: str) -> None:
    site.with_roster("002,Jane Smith")
    _speak_otherwise(page)
    page.route("**/api/v1/health", _with_self_registration)
    page.goto(f"{site.address}/{address}")
    expect(page.locator(screen)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.title().startswith("«")
    if address == "student":
        page.get_by_role("button", name=re.compile("Kiosk settings")).click()
    assert [text for text in page.evaluate(SHOWN) if not text.startswith("«")] == []


def _with_self_registration(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, json={**answer.json(), "self_registration": True})
