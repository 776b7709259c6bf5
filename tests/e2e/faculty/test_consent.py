"""Consent as a lecturer records it: one by one while registering, for a whole class at once, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Running, visit
from tests.support.puppet import astronaut

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_asked_before_registering(site: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    site.with_roster("001,John Doe", "002,Jane Smith", agreed=False)
    page.goto(f"{site.address}/faculty")
    page.get_by_role("button", name="Register face for John Doe").click()
    expect(page.locator("#register-consent-text")).to_contain_text("It’s your choice.")
    assert page.evaluate("actor.cameras") == 0
    axe(page)
    shoot(page, "faculty-consent")
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(page.locator("#register-consent-ask")).to_have_text("Does Jane Smith agree to this?")
    page.get_by_role("button", name="Signed on paper").click()
    expect(page.locator("#register-body")).to_have_attribute("data-phase", "ready")
    assert (site.student("002")["consent"]["way"], site.student("001")["consent"]["state"]) == ("on_paper", "missing")


def test_a_whole_class_signed_on_paper(site: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    site.with_roster("001,John Doe", "002,Jane Smith", "003,Ann Lee", agreed=False)
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#rows tr")).to_have_count(3)
    visit(page, "Consents")
    page.get_by_label("Mark all shown").check()
    page.locator("#consents-list").get_by_label("Ann Lee").uncheck()
    expect(page.locator("#consents-count")).to_have_text("2 students marked")
    expect(page.get_by_label("Mark all shown")).not_to_be_checked()
    axe(page)
    shoot(page, "faculty-consents")
    page.locator("#consents-paper").click()
    expect(page.locator("#consents-list li")).to_have_count(1)
    states = {one["name"]: one["consent"]["state"] for one in site.call("GET", "/students")["students"]}
    assert states == {"John Doe": "given", "Jane Smith": "given", "Ann Lee": "missing"}
    page.get_by_label("Mark all shown").check()
    page.get_by_role("button", name="Agreed in person").click()
    expect(page.locator("#consents-empty")).to_be_visible()
    axe(page)


def test_a_link_to_it_waits_for_the_list(site: Running, page: Page) -> None:
    """It said that everyone had agreed as long as nobody was listed yet."""
    site.with_roster("001,John Doe", agreed=False)
    held: list[Route] = []
    page.route(re.compile(r"/api/v1/students(\?|$)"), lambda route: held.append(route))
    page.goto(f"{site.address}/faculty#students/consents")
    expect(page.locator("#consents-wait")).to_be_visible()
    expect(page.locator("#consents-empty")).to_be_hidden()
    for route in held:
        route.continue_()
    page.unroute_all()
    expect(page.locator("#consents-list li")).to_have_count(1)
    expect(page.locator("#consents-wait")).to_be_hidden()


def test_withdrawn_the_face_is_gone(site: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    site.with_roster("002,Jane Smith").with_face("002", astronaut().jpeg())
    page.goto(f"{site.address}/faculty")
    page.get_by_role("button", name="More for Jane Smith").click()
    expect(page.locator("#student-consent")).to_contain_text("Agreed on paper on")
    page.get_by_role("button", name="Withdraw consent").click()
    expect(page.locator("#confirm-goes")).to_contain_text("erased at once")
    axe(page)
    page.locator("#confirm-yes").click()
    expect(page.locator("#student-face")).to_have_text("Not registered")
    expect(page.locator("#student-consent")).to_contain_text("Consent withdrawn on")
    axe(page)
    shoot(page, "faculty-consent-withdrawn")
    page.get_by_role("button", name="Record consent, signed on paper").click()
    expect(page.locator("#student-consent")).to_contain_text("Agreed on paper on")
