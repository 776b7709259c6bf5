"""Who stops, takes another way or closes the page ends the check-in at once, and is not refused."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE, SESSION, Running

LEFT = 'secure_attend_sessions_total{outcome="left",purpose="check_in"} 1.0'


def _at_a_step(site: Running, page: Page) -> None:
    """Somebody who does nothing of what is asked."""
    page.goto(f"{site.address}/student")
    page.evaluate("actor.pause = true")
    page.get_by_role("button", name="Check in", exact=True).click()
    expect(page.locator("#progress")).to_have_text(re.compile("Step 1"), timeout=SESSION)


def _assert_left(site: Running) -> None:
    assert LEFT in site.call("GET", "/metrics")
    assert site.call("GET", "/refusals")["refusals"] == []


@pytest.mark.parametrize("way", ["stop", "Escape", "way-code"])
def test_who_stops_or_takes_another_way_is_not_refused(jane: Running, page: Page, way: str) -> None:
    _at_a_step(jane, page)
    if way == "way-code":
        page.get_by_role("button", name="Another way").click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as left:
        if way == "Escape":
            page.keyboard.press("Escape")
        else:
            page.locator(f"#{way}").click()
    assert left.value.status == 200
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "who" if way == "way-code" else "ready")
    _assert_left(jane)


def test_who_closes_the_page_is_not_refused(jane: Running, page: Page) -> None:
    _at_a_step(jane, page)
    page.goto("about:blank")
    for _ in range(PATIENCE // 100):  # no page is there any more to say when it was sent
        if LEFT in jane.call("GET", "/metrics"):
            break
        page.wait_for_timeout(100)
    _assert_left(jane)
