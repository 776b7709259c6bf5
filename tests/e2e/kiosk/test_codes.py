"""ID and code at the kiosk, one's own attendance for a face, and students who look alike."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from secure_attend.faces.engine import FaceEngine
from tests.e2e.conftest import SESSION, Running, cameras_open, stop_the_clock
from tests.support.puppet import astronaut

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_a_check_in_without_a_face(start: Callable[..., Running], page: Page, axe: Check, shoot: Shoot) -> None:
    """On a server without any model, by keyboard alone: a button, the ID, the code."""
    site = start(None).with_roster("002,Jane Smith")
    code = site.code("002")
    stop_the_clock(page)  # "Not me" stays within reach
    page.goto(f"{site.address}/student")
    shoot(page, "student-ready")
    page.get_by_role("button", name="Use ID and code").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#student-id")).to_be_focused()
    for typed in ("002", "x" + code[1:]):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    expect(page.locator("#who-problem")).to_contain_text("don’t match")
    expect(page.locator("#student-id")).to_be_focused()
    expect(page.locator("#student-id")).to_have_value("002")
    page.keyboard.press("Enter")
    axe(page)
    shoot(page, "student-code")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("#hello")).to_contain_text("Jane Smith")
    page.get_by_role("button", name="Not me").click()
    expect(page.locator("#said")).to_contain_text("The check-in of Jane Smith is cancelled.")
    cancelled, check_in = site.records("002")
    assert (cancelled["cancels"], check_in["method"]) == (check_in["id"], "kiosk")


def test_ones_own_attendance_by_face(
    start: Callable[..., Running], sface: FaceEngine, page: Page, axe: Check, shoot: Shoot
) -> None:
    """Somebody else's ID shows nothing and leaves the code as the other way; one's own is shown, once."""
    site = start(sface, history_access="proof").with_roster("001,John Doe", "002,Jane Smith")
    site.with_face("002", astronaut().jpeg())
    page.goto(f"{site.address}/student")
    page.get_by_role("button", name="My attendance").click()
    page.keyboard.type("001")
    axe(page)
    page.keyboard.press("Enter")
    expect(page.locator("#instruction")).to_be_visible()
    expect(page.locator("#who-problem")).to_contain_text("couldn’t match your face to this ID", timeout=SESSION)
    expect(page.locator("#student-id")).to_be_focused()
    axe(page)
    page.locator("#student-id").fill("002")
    page.keyboard.press("Enter")
    expect(page.locator("#history-who")).to_have_text("Jane Smith (002), 0 check-ins", timeout=SESSION)
    expect(page.locator("#who-title")).to_be_focused()
    cameras_open(page, 0)
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#check-in")).to_be_visible()
    page.get_by_role("button", name="My attendance").click()
    shoot(page, "student-own-attendance")
