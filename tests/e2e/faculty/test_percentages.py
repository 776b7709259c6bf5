"""Percentages on the pages: a column with its formula, how a course counts, low attendance, and a contact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Running, resized, visit
from tests.e2e.taught import NAMES, Taught, every_look, taught

Check = Callable[[Page], None]
HELD = (("present", "late", "absent"), ("present", "present", "absent"), ("present", "absent", "absent"))
"""How Anna, Ben and Chloé were marked in three classes."""


def test_percentages_policy_and_low_attendance(
    start: Callable[..., Running], context: BrowserContext, axe: Check
) -> None:
    of = taught(start, context)
    page = of.page
    _hold_classes(of)
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/attendance")

    # The formula stands beside the number, and the cell explains it.
    ben = page.get_by_role("gridcell", name="Ben Hassan 66.7 % (1 + 1) / 3")
    expect(ben).to_contain_text("66.7 %(1 + 1) / 3")
    ben.focus()
    expect(page.locator("#grid-cell-title")).to_have_text("Ben Hassan · 66.7 %")
    expect(page.locator("#grid-cell-why")).to_contain_text("(1 + 1) / 3 = 66.7 % of the classes held so far.")
    expect(page.locator("#grid-cell-marks")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#grid-cell-why")).to_have_text("Late: marked by staff.")
    page.keyboard.press("Home")
    expect(ben).to_be_focused()
    every_look(page, axe)
    resized(page, 1024, 768)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024
    resized(page, 1280)

    # How the course counts is changed after a look at what changes.
    visit(page, "Rules")
    page.locator("#policy-form").get_by_label("Late counts").fill("half")
    page.get_by_role("button", name="Show whose percentage changes").click()
    expect(page.locator("#policy-summary")).to_contain_text("Type a percentage from 0 to 100")
    page.locator("#policy-form").get_by_label("Late counts").fill("50")
    page.locator("#policy-form").get_by_label("Limit", exact=True).fill("66,7")
    page.get_by_role("button", name="Show whose percentage changes").click()
    expect(page.locator("#policy-preview-title")).to_be_focused()
    expect(page.locator("#policy-changes")).to_contain_text("Ben Hassan: 66.7 % becomes 50 %, which is low")
    every_look(page, axe)
    page.locator("#policy-save").click()
    expect(page.locator("#policy-source")).to_have_text("The course counts in its own way.")

    visit(page, "Attendance")
    page.get_by_label("Low attendance only").check()
    expect(page.locator("#grid-rows tr")).to_have_count(4)
    page.locator("#grid-order").select_option("lowest")
    expect(page.locator("#grid-rows th .font-medium").last).to_have_text("Ben Hassan")
    every_look(page, axe)

    # Across courses, with who was contacted.
    page.goto(f"{of.site.address}/faculty#reports")
    page.get_by_role("link", name="Low attendance").click()
    expect(page.locator("#low-summary")).to_have_text("4 students have low attendance.")
    chloe = page.locator("#low-list li[data-student]").filter(has_text=NAMES[2])
    expect(chloe).to_contain_text("STAT110: 0 %, 0 / 3")
    expect(chloe).to_contain_text("3 absences without excuse in a row")
    expect(chloe).to_contain_text("Never attended")
    page.get_by_role("button", name=f"Contacted {NAMES[2]}…").press("Enter")
    outcome = chloe.get_by_label("Outcome")
    expect(outcome).to_be_focused()
    every_look(page, axe)
    outcome.fill("Comes again from Monday")
    page.keyboard.press("Enter")
    expect(chloe).to_contain_text("Comes again from Monday")
    expect(page.get_by_role("button", name=f"Contacted {NAMES[2]}…")).to_be_focused()
    contacts = of.site.call("GET", f"/students/{of.keys[NAMES[2]]}/contacts")["contacts"]
    assert [each["outcome"] for each in contacts] == ["Comes again from Monday"]


def _hold_classes(of: Taught) -> None:
    """Three classes of the last days. Dan and Eve were in none of them."""
    now = datetime.now(of.site.settings.time_zone)
    for days, statuses in enumerate(HELD):
        day = str((now - timedelta(days=len(HELD) - days)).date())
        added = of.site.call("POST", f"/courses/{of.course}/meetings", {"day": day, "from": "10:00", "to": "11:00"})
        for name, status in zip(NAMES, statuses, strict=False):
            of.mark(added["meetings"][0]["key"], name, status)
