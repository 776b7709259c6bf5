"""A course as its lecturer makes it: groups, students, a series, staff, a file of classes, and the archive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext, expect

from tests.e2e.conftest import LECTURER, PASSWORD, Running
from tests.e2e.taught import taught


def test_a_course_is_made_with_groups_a_series_and_staff(
    start: Callable[..., Running], context: BrowserContext
) -> None:
    of = taught(start, context)
    page = of.page
    of.site.access.accounts.add("Grace", PASSWORD, ["faculty"])
    page.goto(f"{of.site.address}/faculty#courses")
    page.get_by_role("button", name="New course").click()
    page.locator("#course-save").click()
    expect(page.locator("#course-summary")).to_contain_text("Type the code of the course.")
    for label, value in (("Code", "CS101"), ("Title", "Algorithms"), ("Term", "Autumn")):
        page.get_by_label(label, exact=True).fill(value)
    page.locator("#course-first").fill(str(of.today))
    page.locator("#course-last").fill(str(of.today + timedelta(days=27)))
    page.locator("#course-save").click()
    expect(page.get_by_role("heading", name="CS101 · Algorithms", level=1)).to_be_visible()

    page.get_by_role("button", name="Groups", exact=True).click()
    for name in ("Lab A", "Lab B"):
        page.get_by_label("New group").fill(name)
        page.keyboard.press("Enter")
        expect(page.locator("#groups-list")).to_contain_text(name)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add student").click()
    page.get_by_label("Student ID, exactly").fill("006")
    page.keyboard.press("Enter")
    expect(page.locator("#members-rows")).to_contain_text("Finn Berg")

    page.get_by_role("link", name="Classes", exact=True).click()
    page.get_by_role("button", name="Add classes").click()
    page.locator("#classes-day").fill(str(of.today + timedelta(days=1)))
    page.locator("#classes-from").fill("10:00")
    page.locator("#classes-to").fill("11:30")
    page.get_by_label("Repeat every week").check()
    expect(page.locator("#classes-count")).to_contain_text("4 classes")
    page.get_by_text("Leave out days").click()
    page.locator("#classes-days input").nth(1).uncheck()
    expect(page.locator("#classes-count")).to_contain_text("3 classes")
    page.get_by_role("checkbox", name="Lab A").check()
    page.locator("#classes-dialog").get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#classes-rows tr")).to_have_count(3)
    expect(page.locator("#classes-rows tr").first).to_contain_text("Lab A")

    page.get_by_role("button", name="Staff", exact=True).click()
    expect(page.locator("#staff-list")).to_contain_text(LECTURER)
    page.get_by_label("Account name").fill("Grace")
    page.get_by_label("Role").select_option("assistant")
    page.keyboard.press("Enter")
    expect(page.locator("#staff-list")).to_contain_text("Assistant")
    page.get_by_role("button", name="End: Grace").click()
    expect(page.get_by_role("button", name="End: Grace")).to_have_count(0)
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Edit", exact=True).click()
    page.locator("#course-archive").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#course-line")).to_contain_text("Archived")
    expect(page.locator("#classes-tools")).to_be_hidden()


def test_a_file_of_classes_shows_its_plan_before_it_is_imported(
    start: Callable[..., Running], context: BrowserContext
) -> None:
    of = taught(start, context)
    page, day = of.page, of.today + timedelta(days=3)
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART:{day:%Y%m%d}T100000\r\nDTEND:{day:%Y%m%d}T113000\r\nSUMMARY:Guest lecture\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/classes")
    page.get_by_role("button", name="Import classes").click()
    page.locator("#meeting-file").set_input_files({"name": "a.ics", "mimeType": "", "buffer": text.encode()})
    expect(page.locator("#meeting-file-words")).to_have_text("1 new class, 0 here already.")
    assert of.site.call("GET", f"/courses/{of.course}/meetings")["meetings"] == []
    page.locator("#meeting-file-go").click()
    expect(page.locator("#classes-rows")).to_contain_text("Guest lecture")
