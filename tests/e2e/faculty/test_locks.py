"""Locked days of a course, as a lecturer locks and a registrar unlocks them; the end of a term in Reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.error import HTTPError

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import LECTURER, Running, visit
from tests.e2e.taught import every_look, taught
from tests.support.fakes import DrawnFaces, Scene

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_days_are_locked_and_unlocked_with_a_reason(
    start: Callable[..., Running], context: BrowserContext, axe: Check, shoot: Shoot
) -> None:
    of = taught(start, context)
    page, yesterday = of.page, str(of.today - timedelta(days=1))
    between = {"day": yesterday, "from": "10:00", "to": "11:00"}
    meeting = of.site.call("POST", f"/courses/{of.course}/meetings", between)["meetings"][0]["key"]
    of.mark(meeting, "Anna Kowalska", "present")

    page.goto(f"{of.site.address}/faculty#courses/{of.course}/rules")
    expect(page.get_by_text("No days are locked.")).to_be_visible()
    page.get_by_role("button", name="Lock days").click()
    expect(page.locator("#lock-summary")).to_contain_text("Choose the last day to lock.")
    page.locator("#lock-last").fill(str(of.today + timedelta(days=1)))
    page.get_by_role("button", name="Lock days").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#lock-summary")).to_contain_text("This day is still to come.")
    page.locator("#lock-last").fill(yesterday)
    page.get_by_role("button", name="Lock days").press("Enter")
    expect(page.locator("#confirm-words")).to_contain_text("Only a registrar can unlock them")
    page.locator("#confirm-yes").press("Enter")
    expect(page.locator("#locks-list li")).to_contain_text(f"Locked by {LECTURER}")
    expect(page.get_by_role("button", name="Lock days")).to_be_focused()
    every_look(page, axe)
    shoot(page, "faculty-locks")

    # A colleague whose page still shows it open is told.
    marks = {"marks": [{"student": of.keys["Ben Hassan"], "status": "present", "replaces": None}]}
    with pytest.raises(HTTPError, match="409"):
        of.site.call("POST", f"/meetings/{meeting}/marks", marks)
    visit(page, "Classes")
    expect(page.locator("#classes-rows tr")).to_contain_text("Locked")
    expect(page.locator("#classes-rows").get_by_role("button", name="Cancel")).to_have_count(0)
    visit(page, "Attendance")
    page.locator("#grid-rows td").nth(1).focus()  # the first is the percentage
    expect(page.locator("#grid-cell-why")).to_have_text("Present: marked by staff. Locked.")
    expect(page.locator("#grid-cell-marks")).to_be_hidden()
    page.keyboard.press("a")
    expect(page.get_by_role("gridcell", name="Anna Kowalska,")).to_have_text("P")

    visit(page, "Rules")
    page.get_by_role("button", name="Unlock: Up to").press("Enter")
    expect(page.locator("#unlock-reason")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#unlock-summary")).to_contain_text("Type why the days are unlocked.")
    every_look(page, axe)
    page.locator("#unlock-reason").fill("Two marks were missing")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No days are locked.")).to_be_visible()
    visit(page, "Settings", "Audit trail")
    entries = page.locator("#audit-list > li")
    expect(entries.filter(has_text="Unlocked attendance")).to_contain_text("reason: Two marks were missing")
    expect(entries.filter(has_text="Unlocked attendance")).to_contain_text(f"Before: ..{yesterday}")
    words = page.get_by_text("Locked attendance of a course", exact=True)
    locked = entries.filter(has=words).filter(has_not_text="Refused")
    expect(locked).to_contain_text("Before: nothing")
    expect(locked).to_contain_text(f"After: ..{yesterday}")


def test_the_end_of_a_term(start: Callable[..., Running], page: Page, axe: Check, shoot: Shoot) -> None:
    site = start(DrawnFaces()).with_roster("001,Anna Kowalska", "006,Finn Berg").with_face("006", Scene(1).jpeg())
    day = datetime.now(site.settings.time_zone).date()
    course = {"code": "STAT110", "title": "Probability", "term": "Autumn", "first_day": str(day), "last_day": str(day)}
    key = site.call("POST", "/courses", {**course, "last_day": str(day + timedelta(days=9))})["key"]
    site.call("POST", f"/courses/{key}/members", {"student_id": "001"})
    page.goto(f"{site.address}/faculty")
    visit(page, "Reports", "End of term")
    expect(page.locator("#term-count")).to_have_text("1 student")
    expect(page.locator("#term-list")).to_contain_text("Finn Berg")
    every_look(page, axe)
    shoot(page, "faculty-term")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all registers").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    page.get_by_role("button", name="Erase these faces").press("Enter")
    expect(page.locator("#confirm-title")).to_have_text("Erase the face of 1 student?")
    page.locator("#confirm-yes").click()
    expect(page.locator("#term-count")).to_have_text("No such faces.")
    assert site.call("GET", "/faces/unneeded")["students"] == []
