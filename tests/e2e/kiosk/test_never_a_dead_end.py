"""A kiosk that is never a dead end: cameras that fail, forms without a keyboard, questions left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Running
from tests.support.fakes import DrawnFaces, Scene

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]
CAMERAS = Path(__file__).parents[1] / "cameras.js"
HANDS_FREE = """localStorage.setItem('secure-attend-kiosk-settings', '{"handsFree":true}');"""


@pytest.fixture
def kiosk(start: Callable[..., Running], context: BrowserContext) -> Callable[..., Page]:
    """Opens the kiosk before cameras that behave as told."""
    site = start(DrawnFaces()).with_roster("002,Jane Smith").with_face("002", Scene(1).jpeg())

    def begin(script: str = "") -> Page:
        context.add_init_script(f"if (navigator.mediaDevices) {{{script}{CAMERAS.read_text(encoding='utf-8')}}}")
        page = context.new_page()
        page.goto(f"{site.address}/student")
        expect(page.locator("#check-in")).to_be_visible()
        return page

    return begin


@pytest.mark.parametrize("state", ["busy", "hangs", "blank", "black"])
def test_a_remembered_camera_that_fails_is_not_the_only_one_tried(kiosk: Callable[..., Page], state: str) -> None:
    """The other one is used, and stands in the list of cameras as the one in use."""
    page = kiosk(
        f"globalThis.cameras = {{A: '{state}', B: 'works'}}; localStorage.setItem('secure-attend-camera', 'A');"
    )
    page.locator("#check-in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
    assert page.locator("#camera").input_value() == "B"


def test_when_every_camera_is_busy_one_can_be_chosen(kiosk: Callable[..., Page], axe: Check, shoot: Shoot) -> None:
    """And ID and code stay in reach."""
    page = kiosk("globalThis.cameras = {A: 'busy', B: 'busy'};")
    page.locator("#check-in").click()
    expect(page.locator("#trouble-title")).to_have_text("The camera is busy")
    expect(page.get_by_role("button", name="Use ID and code")).to_be_visible()
    axe(page)
    shoot(page, "student-camera-busy")
    page.evaluate("cameras.B = 'works'")
    page.get_by_label("Use another camera").select_option("B")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")


def test_a_camera_that_sleeps_is_opened_again_hands_free(kiosk: Callable[..., Page]) -> None:
    """Then somebody steps up, and the check-in begins. A camera that is pulled out, and put in again, is used again."""
    page = kiosk(f"globalThis.cameras = {{A: 'works'}}; {HANDS_FREE}")
    page.wait_for_function("() => opened.length === 1 && document.getElementById('video').videoWidth > 0")
    page.evaluate("sleepNow()")
    page.wait_for_function("() => opened.length === 2")
    page.evaluate("pullOut('A')")
    expect(page.locator("#trouble-title")).to_have_text("No camera found")
    page.evaluate("plugIn('A')")
    page.wait_for_function("() => opened.length === 3")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "ready")
    page.wait_for_timeout(1000)  # it learns the empty room first, as it does in life
    page.evaluate("person = true")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")


def test_a_camera_pulled_out_in_a_check_in_is_replaced(kiosk: Callable[..., Page]) -> None:
    """The check-in goes on with the other one."""
    page = kiosk()
    page.locator("#check-in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
    page.evaluate("pullOut('A')")
    page.wait_for_function("() => opened.join() === 'A,B'")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
