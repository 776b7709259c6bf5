"""The field trial: a supervisor declares, the puppet plays, and only counts remain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import SESSION, Running, cameras_open, visit

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_an_honest_try_and_an_attack(site: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    page.goto(f"{site.address}/faculty")
    visit(page, "Settings", "Field trial")
    expect(page.locator("#trial-title")).to_be_visible()
    axe(page)
    shoot(page, "trial-empty")
    page.get_by_role("button", name="Start the try").click()
    expect(page.locator("#result")).to_contain_text("Accepted, as it should be.", timeout=SESSION)
    expect(page.locator("#tables tbody tr")).to_have_count(1)

    page.get_by_label("What is shown to the camera").select_option("a")
    page.get_by_label("By what").select_option("phone")
    page.evaluate("actor.pause = true")
    page.get_by_role("button", name="Start the try").click()
    expect(page.locator("#progress")).to_have_text("Step 1 of 2")
    axe(page)
    shoot(page, "trial-try")
    page.keyboard.press("Escape")
    expect(page.locator("#stopped")).to_be_visible()
    expect(page.locator("#live")).to_have_text("You stopped the try. Does it count?")
    axe(page)
    shoot(page, "trial-stopped")
    page.get_by_role("button", name="Count it as refused").click()
    expect(page.locator("#result")).to_contain_text("Refused, as it should be.")
    expect(page.locator("#tables tbody th")).to_have_text(["bona fide", "a, phone"])
    axe(page)
    shoot(page, "trial-counted")
    cameras_open(page, 0)

    with page.expect_download() as download:
        page.get_by_role("button", name="Markdown").click()
    table = Path(download.value.path()).read_text(encoding="utf-8")
    assert "| bona fide | 1 | 0 | 0.00% | 95.00% | 2 | a person, as themselves; 1 person |" in table
    assert "| a, phone | 1 | 0 | 0.00% | 95.00% | 0 | still photo; 1 person |" in table
    assert len(site.call("GET", "/reports/attendance.csv").splitlines()) == 1
    page.get_by_role("button", name="Start again").click()
    page.get_by_role("button", name="Forget them").click()
    expect(page.locator("#no-tries")).to_be_visible()
    expect(page.locator("#result")).to_be_hidden()
    expect(page.locator("#trial-title")).to_be_focused()
    expect(page.locator("#live")).to_have_text("All counts are forgotten.")


def test_without_an_admin_it_says_where_to_log_in(start: Callable[..., Running], page: Page, axe: Check) -> None:
    site = start(None, locked=True)
    page.goto(f"{site.address}/trial")
    expect(page.locator("#locked-title")).to_be_visible()
    axe(page)
