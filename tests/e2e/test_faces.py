"""Whose face should be registered again, and how surely faces are recognised."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Running
from tests.puppet import astronaut

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_who_should_register_again(site: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    site.with_roster("001,John Doe", "002,Jane Smith").with_face("002", astronaut().jpeg())
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#rows tr")).to_have_count(2)
    page.get_by_role("button", name="Recognition").click()
    expect(page.locator("#faces-weak")).to_contain_text("Registered from a single picture.")
    expect(page.locator("#faces-sure")).to_contain_text("1 in 1 000")
    axe(page)
    shoot(page, "faculty-recognition")
    page.get_by_role("button", name="Register again: Jane Smith").click()
    expect(page.locator("#register-name")).to_contain_text("Jane Smith")
