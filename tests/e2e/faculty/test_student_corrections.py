"""A registrar corrects an ID, gives a name to be shown, merges two entries, and undoes it: by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Running

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def opened(page: Page, site: Running, student_id: str) -> None:
    """Open the student's dialog with its corrections."""
    page.goto(f"{site.address}/faculty#students/{site.student(student_id)['key']}")
    expect(page.locator("#student-name")).to_be_focused()
    page.locator("#student-corrections > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#correct-former")).to_be_visible()


def test_an_id_is_corrected_and_put_back(site: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    site.with_roster("0O1,John Doe")
    opened(page, site, "0O1")
    expect(page.locator("#correct-former")).to_contain_text("None.")
    page.get_by_label("Correct ID").fill("001")
    page.get_by_label("Known as").fill("Jonny Doe")
    page.keyboard.press("Enter")
    expect(page.locator("#student-name")).to_have_text("Jonny Doe (John Doe)")
    expect(page.locator("#correct-former")).to_contain_text("John Doe (0O1), until")
    axe(page)
    shoot(page, "faculty-corrections")
    page.locator("#correct-undo").get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#confirm-words")).to_contain_text("The ID becomes 0O1 again.")
    axe(page)
    page.locator("#confirm-yes").press("Enter")
    expect(page.locator("#student-line")).to_have_text("0O1")
    expect(page.locator("#correct-undo")).to_be_hidden()


def test_two_entries_are_merged_and_split(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    jane.call("POST", "/students", {"student_id": "0002", "name": "Jane B. Smith"})
    opened(page, jane, "002")
    page.get_by_role("button", name="Merge with…").press("Enter")
    expect(page.locator("#merge-other")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#merge-problem")).to_have_text("Type the student ID of the other entry.")
    page.keyboard.type("nobody")
    page.keyboard.press("Enter")
    expect(page.locator("#merge-problem")).to_contain_text("doesn’t exist")
    page.locator("#merge-other").fill("0002")
    page.keyboard.press("Enter")
    expect(page.locator("#merge-plan")).to_be_focused()
    page.get_by_role("radio", name="0002").check()
    expect(page.locator("#merge-after")).to_contain_text("The student is Jane Smith (0002) from now on.")
    axe(page)
    shoot(page, "faculty-merge")
    page.locator("#merge-go").press("Enter")
    page.locator("#confirm-yes").press("Enter")
    expect(page.locator("#student-line")).to_have_text("0002")
    expect(page.locator("#rows tr")).to_have_count(2)
    page.locator("#correct-undo").get_by_role("button", name="Undo").press("Enter")
    page.locator("#confirm-yes").press("Enter")
    expect(page.locator("#student-line")).to_have_text("002")
    expect(page.locator("#rows tr")).to_have_count(3)
    assert jane.student("0002")["name"] == "Jane B. Smith"
    assert jane.student("002")["registered"]
