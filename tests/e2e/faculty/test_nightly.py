"""The file of all courses on the page, and lists of students that leave and come back."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Running
from tests.e2e.faculty.test_exports import downloaded
from tests.e2e.taught import every_look, taught
from tests.support.nightly_files import OWN, archive, own

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def choose(page: Page, data: bytes) -> None:
    page.locator("#nightly-file").set_input_files(
        {"name": "nightly.zip", "mimeType": "application/zip", "buffer": data}
    )


def test_the_file_of_all_courses_is_looked_at_first(
    start: Callable[..., Running], context: BrowserContext, axe: Check, shoot: Shoot
) -> None:
    site = start(None)
    site.with_roster("1,Somebody Else", agreed=False)
    page = context.new_page()
    page.goto(f"{site.address}/faculty#settings")
    page.get_by_role("link", name="Import all courses").click()
    expect(page.locator("#nightly-go")).to_be_disabled()
    choose(page, b"no archive")
    expect(page.locator("#nightly-problem")).to_contain_text("This is not a zip archive.")
    expect(page.locator("#nightly-problem")).to_be_focused()

    choose(page, own(20))
    expect(page.locator("#nightly-plan-title")).to_be_focused()
    expect(page.locator("#nightly-facts")).to_contain_text("20 students join a course.")
    expect(page.locator("#nightly-left-out-title")).to_have_text("2 lines are left out or unclear")
    every_look(page, axe)
    assert site.call("GET", "/courses")["courses"] == []
    page.locator("#nightly-go").press("Enter")
    expect(page.locator("#nightly-done")).to_contain_text("Imported. 1 course is new. 20 students are new on the list.")
    assert len(site.call("GET", "/courses")["courses"]) == 1

    choose(page, own(17))
    page.get_by_text("STAT110 (Autumn 2026): 3 of 20 students leave").click()
    expect(page.locator("#nightly-leaving")).to_contain_text("1019")
    expect(page.locator("#nightly-go")).to_be_disabled()
    every_look(page, axe)
    shoot(page, "faculty-nightly")
    page.get_by_label(re.compile("^More than 10 % of a course")).check()
    page.locator("#nightly-go").click()
    expect(page.locator("#nightly-done")).to_contain_text("3 students leave a course.")

    members = "code,term,student_id,name\n" + "".join(
        f"STAT110,Autumn 2026,{1000 + n},{'Tomasz Nowak' if n == 0 else 'Student ' + chr(97 + n)}\n" for n in range(10)
    )
    choose(page, archive({**OWN, "members.csv": members}))
    expect(page.locator("#nightly-open")).to_contain_text("The ID 1000 is Student a’s, and Tomasz Nowak’s in the file.")
    expect(page.locator("#nightly-go")).to_be_disabled()
    axe(page)


def test_lists_of_students_leave_and_come_back(
    start: Callable[..., Running], context: BrowserContext, axe: Check
) -> None:
    of = taught(start, context)
    page = of.page
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/students")
    page.get_by_role("button", name="Download list").click()
    expect(page.locator("#export-title")).to_have_text("Download students")
    expect(page.locator("#export-shape")).to_be_hidden()
    every_look(page, axe)
    name, data = downloaded(page, lambda: page.locator("#export-get").click())
    assert re.fullmatch(r"roster-STAT110-\d{4}-\d\d-\d\d\.xlsx", name)
    page.get_by_role("button", name="Upload roster").click()
    page.locator("#course-roster-file").set_input_files({"name": name, "mimeType": "", "buffer": data})
    expect(page.locator("#course-roster-words")).to_contain_text("Nobody new, 5 already in the course, no changes.")
    page.locator("#course-roster-dialog").get_by_role("button", name="Cancel").click()

    page.goto(f"{of.site.address}/faculty#students")
    page.get_by_role("button", name="Download list").click()
    page.locator("#export-form input[value=csv]").check()
    name, data = downloaded(page, lambda: page.locator("#export-get").click())
    assert name.startswith("roster-")
    page.get_by_role("button", name="Upload roster").click()
    page.locator("#roster-file").set_input_files({"name": name, "mimeType": "", "buffer": data})
    expect(page.locator("#roster-words")).to_have_text("Nobody is added, nobody changes, 6 unchanged.")
