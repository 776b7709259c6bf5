"""A student registers at the kiosk, and a lecturer says that it is she."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from secure_attend.faces.engine import FaceEngine
from tests.e2e.conftest import SESSION, Running, cameras_open
from tests.support.fakes import DrawnFaces

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_registered_at_the_kiosk_and_accepted(
    start: Callable[..., Running], sface: FaceEngine, page: Page, axe: Check, shoot: Shoot
) -> None:
    site = start(sface, self_registration=True).with_roster("001,John Doe", "002,Jane Smith", agreed=False)
    page.goto(f"{site.address}/student")
    expect(page.get_by_role("link", name="Register my face")).to_be_visible()
    axe(page)
    shoot(page, "student-may-register")
    page.get_by_role("link", name="Register my face").click()
    expect(page.locator("#student-id")).to_be_focused()
    axe(page)
    shoot(page, "register-id")
    page.keyboard.type("002")
    page.keyboard.press("Enter")
    expect(page.locator("#consent-text")).to_contain_text("It’s your choice.")
    axe(page)
    shoot(page, "register-consent")
    page.evaluate("actor.pause = true")  # so that the page stays as it is while it is looked over
    page.get_by_role("button", name="I agree").click()
    expect(page.locator("#count")).to_have_text("1 of 5")
    axe(page)
    shoot(page, "register-capture")
    page.evaluate("actor.pause = false")
    expect(page.locator("#screen-done")).to_be_visible(timeout=SESSION)
    number = page.locator("#number").inner_text()
    cameras_open(page, 0)
    axe(page)
    shoot(page, "register-done")
    assert not site.student("002")["registered"]
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#check-in")).to_be_visible()

    page.goto(f"{site.address}/faculty")
    expect(page.locator("#requests-list")).to_contain_text("Jane Smith")
    expect(page.locator("#requests-list")).to_contain_text(number)
    axe(page)
    shoot(page, "faculty-request")
    page.get_by_role("button", name="Accept… Jane Smith").click()
    expect(page.locator("#confirm-words")).to_contain_text(number)
    axe(page)
    page.get_by_role("button", name="Yes, register").click()
    expect(page.locator("#requests")).to_be_hidden()
    expect(page.locator("#count-registered")).to_have_text("1 of 2 registered")
    jane = site.student("002")
    assert (jane["faces"], jane["consent"]["way"]) == (5, "kiosk")

    page.get_by_role("button", name="More for Jane Smith").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export everything (JSON)").click()
    exported = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert (exported["student"]["name"], len(exported["faces"])) == ("Jane Smith", 5)


def test_where_it_is_not_allowed_the_kiosk_offers_nothing(site: Running, page: Page) -> None:
    page.goto(f"{site.address}/student")
    expect(page.locator("#check-in")).to_be_visible()
    expect(page.locator("#register-myself")).to_be_hidden()
    page.goto(f"{site.address}/register")
    expect(page.locator("#check-in")).to_be_visible()


def test_a_failure_says_what_would_have_helped(start: Callable[..., Running], page: Page, axe: Check) -> None:
    def too_late(route: Route) -> None:
        body = {"code": "challenge_expired", "detail": "That took too long.", "hint": "look_lower"}
        route.fulfill(status=410, content_type="application/problem+json", json=body)

    site = start(DrawnFaces(), self_registration=True).with_roster("002,Jane Smith", agreed=False)
    page.route("**/frames?*", too_late)
    page.goto(f"{site.address}/register")
    expect(page.locator("#student-id")).to_be_focused()
    page.keyboard.type("002")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="I agree").click()
    expect(page.locator("#trouble-title")).to_have_text("That took too long")
    expect(page.locator("#trouble-cause")).to_have_text("Your chin was too high for this camera. Lower it a little.")
    expect(page.locator("#live")).to_contain_text("Lower it a little. Let’s try again")
    axe(page)
