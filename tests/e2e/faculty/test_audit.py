"""The audit trail on the faculty page: read, narrowed down, downloaded."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import LECTURER, Running, visit

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_an_admin_reads_the_audit_trail(start: Callable[..., Running], page: Page, axe: Check, shoot: Shoot) -> None:
    site = start(None).with_roster("001,John Doe", "002,Jane Smith")
    jane = site.student("002")["key"]
    for number in range(60):
        site.call("PATCH", f"/students/{jane}", {"name": f"Jane Smith {number}"})
    site.records("001")
    page.goto(f"{site.address}/faculty")
    visit(page, "Settings", "Audit trail")
    entries = page.locator("#audit-list > li")
    expect(page.locator("#audit-count")).to_have_text("50 entries, and older ones.")
    expect(entries.first).to_contain_text(LECTURER)
    axe(page)
    shoot(page, "faculty-audit")

    page.keyboard.press("Tab")
    page.get_by_role("button", name="Show older entries").press("Enter")
    expect(page.locator("#audit-count")).not_to_contain_text("older")
    expect(entries.nth(50)).to_be_focused()
    expect(page.locator("#audit-list")).to_contain_text("Uploaded a roster")

    page.get_by_label("What", exact=True).select_option("Viewed a student's attendance")
    page.get_by_label("Who", exact=True).select_option(LECTURER)
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#audit-count")).to_have_text("1 entry.")
    page.get_by_role("button", name="John Doe (001)").click()
    expect(page.locator("#audit-whom")).to_contain_text("John Doe (001)")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [row["action"] for row in rows] == ["see_attendance"]
    axe(page)

    page.get_by_role("button", name="Show everybody").click()
    page.get_by_label("What", exact=True).select_option("Everything")
    page.get_by_label("Include unfinished actions").check()
    site.call("DELETE", f"/students/{jane}?reason=asked")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#audit-list")).to_contain_text("Begun")
    expect(page.locator("#audit-list")).to_contain_text("a student who was erased")
    expect(page.locator("#audit-list")).not_to_contain_text("Jane")
    axe(page)
    shoot(page, "faculty-audit-begun")
    page.locator("#audit-from").fill("2020-01-02")
    page.locator("#audit-to").fill("2020-01-01")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#audit-problem")).to_contain_text("Swap them")


def test_the_longest_name_runs_out_of_no_dialog(start: Callable[..., Running], page: Page) -> None:
    """A name of 200 characters without a blank, in the consents and in the audit trail."""
    site = start(None).with_roster(f"001,{'x' * 200}", agreed=False)
    site.call("PATCH", f"/students/{site.student('001')['key']}", {"name": "y" * 200})
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#rows tr")).to_have_count(1)  # the consents are asked of who is on the list
    for way, lines in ((("Consents",), "#consents-list"), (("Settings", "Audit trail"), "#audit-list")):
        visit(page, *way)
        expect(page.locator(f"{lines} > li").first).to_be_visible()
        expect(page.locator(lines)).to_contain_text("y" * 200)
        assert page.locator(lines).evaluate("list => list.scrollWidth - list.clientWidth") <= 0
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.keyboard.press("Escape")
