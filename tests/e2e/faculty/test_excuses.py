"""Excuses as a lecturer and a registrar give them: by keyboard, previewed, ended and undone, with a reason or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Running, resized
from tests.e2e.taught import Taught, every_look, taught

Shoot = Callable[[Page, str], None]
NOTE = "Letter of the Dean"


def planned(of: Taught, *days: int) -> list[str]:
    """Plan a class on each of these days from today; return their keys."""
    made = []
    for number in days:
        day = str(of.today + timedelta(days=number))
        body = {"title": f"Lecture {number}", "day": day, "from": "10:00", "to": "11:00"}
        made += of.site.call("POST", f"/courses/{of.course}/meetings", body)["meetings"]
    return [str(each["key"]) for each in made]


def excuses(of: Taught, name: str) -> list[dict[str, Any]]:
    """A student's excuses that hold."""
    found: list[dict[str, Any]] = of.site.call("GET", f"/students/{of.keys[name]}/excuses")["excuses"]
    return found


def test_an_excuse_is_given_in_the_grid_ended_and_undone(
    start: Callable[..., Running], context: BrowserContext, axe: Callable[[Page], None], shoot: Shoot
) -> None:
    of = taught(start, context)
    planned(of, 1, 2, 3)
    page, dialog = of.page, of.page.locator("#excuses-dialog")
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/attendance")
    page.locator('[data-at="0,1"]').focus()
    page.locator("#grid-cell-marks").get_by_role("button", name="Excuses…").press("Enter")
    expect(page.locator("#excuses-title")).to_have_text("Excuses of Anna Kowalska")
    expect(page.locator("#excuses-none")).to_be_visible()
    expect(page.locator("#excuse-first")).to_have_value(str(of.today + timedelta(days=2)))
    expect(page.locator("#excuse-covers")).to_contain_text("1 class")
    page.locator("#excuse-last").fill(str(of.today + timedelta(days=1)))
    page.get_by_role("button", name="Excuse", exact=True).click()
    expect(page.locator("#excuse-summary")).to_contain_text("before the start")
    page.locator("#excuse-last").fill(str(of.today + timedelta(days=3)))
    expect(page.locator("#excuse-covers")).to_contain_text("2 classes")
    page.locator("#excuse-reason").select_option(label="University event")
    page.get_by_label("Note (optional)").fill(NOTE)
    expect(page.locator("#excuse-note-hint")).to_contain_text("No medical details")
    every_look(page, axe)
    shoot(page, "excuse-new")
    page.get_by_role("button", name="Excuse", exact=True).press("Enter")
    item = page.locator("#excuses-list li")
    expect(item).to_contain_text("2 classes")
    expect(item.get_by_text(NOTE)).to_be_hidden()
    item.get_by_text("Reason and note", exact=True).press("Enter")
    expect(item.get_by_text(NOTE)).to_be_visible()
    every_look(page, axe)
    shoot(page, "excuse-listed")

    item.get_by_text("End earlier").press("Enter")
    item.get_by_label("Last day").fill(str(of.today + timedelta(days=2)))
    item.get_by_role("button", name="End it").click()
    expect(item).to_contain_text("1 class")
    (ended,) = excuses(of, "Anna Kowalska")
    assert (ended["last_day"], ended["note"]) == (str(of.today + timedelta(days=2)), NOTE)
    item.get_by_text("Reason and note", exact=True).click()
    item.get_by_role("button", name="Erase reason and note").click()
    page.locator("#confirm-yes").click()
    expect(item).to_contain_text("No reason was given.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator('[data-at="0,1"]')).to_have_text("E")
    expect(page.locator('[data-at="0,2"]')).to_have_text("·")
    expect(page.locator("#grid-cell-why")).to_have_text("Excused: an excuse covers this class.")

    page.locator("#grid-cell-marks").get_by_role("button", name="Excuses…").click()
    item.get_by_role("button", name="Undo").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#excuses-none")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator('[data-at="0,1"]')).to_have_text("·")
    resized(page, 1024, 768)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024


def test_hours_and_classes_for_a_member_and_all_courses_by_the_registrar(
    start: Callable[..., Running], context: BrowserContext, axe: Callable[[Page], None], shoot: Shoot
) -> None:
    of = taught(start, context)
    keys = planned(of, 1, 2)
    page = of.page
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/students")
    expect(page.locator("#members-rows tr")).to_have_count(5)
    every_look(page, axe)
    shoot(page, "excuse-members")
    resized(page, 1024, 768)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024
    page.get_by_role("button", name="Excuses…: Ben Hassan").click()
    page.locator("#excuse-by-classes").click()
    page.get_by_role("button", name="Excuse", exact=True).click()
    expect(page.locator("#excuse-summary")).to_contain_text("Choose at least one class.")
    page.get_by_role("checkbox", name="Lecture 2").check()
    page.get_by_role("button", name="Excuse", exact=True).click()
    expect(page.locator("#excuses-list")).to_contain_text("1 chosen class")
    page.locator("#excuse-by-hours").click()
    for field, value in (("first", of.today), ("last", of.today + timedelta(days=1))):
        page.locator(f"#excuse-{field}").fill(str(value))
    page.locator("#excuse-until").fill("10:30")
    expect(page.locator("#excuse-covers")).to_contain_text("Lecture 1")
    every_look(page, axe)
    shoot(page, "excuse-hours")
    page.get_by_role("button", name="Excuse", exact=True).click()
    expect(page.locator("#excuses-list li")).to_have_count(2)
    assert [[each["key"] for each in one["classes"]] for one in excuses(of, "Ben Hassan")] == [[keys[0]], [keys[1]]]
    page.keyboard.press("Escape")

    page.goto(f"{of.site.address}/faculty#students/{of.keys['Chloé Dubois']}")
    page.locator("#student-dialog").get_by_role("button", name="Excuses…").click()
    expect(page.locator("#excuses-where")).to_have_text("In all courses")
    for field in ("first", "last"):
        page.locator(f"#excuse-{field}").fill(str(of.today + timedelta(days=1)))
    page.get_by_role("button", name="Excuse", exact=True).click()
    expect(page.locator("#excuses-list")).to_contain_text("In all courses")
    page.locator("#excuse-by-classes").click()
    page.get_by_role("checkbox", name="STAT110: ").filter(visible=True).nth(1).check()
    expect(page.locator("#excuse-covers")).to_contain_text("Lecture 2")
    every_look(page, axe)
    shoot(page, "excuse-central-classes")
    page.get_by_role("button", name="Excuse", exact=True).press("Enter")
    expect(page.locator("#excuses-list li")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator("#attendance-list")).to_contain_text("Marked excused")
    chosen, days = excuses(of, "Chloé Dubois")
    assert ([each["key"] for each in chosen["classes"]], chosen["course"], days["course"]) == ([keys[1]], None, None)


def test_a_site_asks_for_reasons(
    start: Callable[..., Running], context: BrowserContext, axe: Callable[[Page], None], shoot: Shoot
) -> None:
    of = taught(start, context)
    page = of.page
    page.goto(f"{of.site.address}/faculty#settings")
    page.get_by_role("link", name="Reasons for excuses").click()
    expect(page.locator("#reasons-list li")).to_have_count(5)
    page.get_by_role("button", name="Remove: Other").click()
    page.get_by_role("button", name="Add a reason").click()
    page.keyboard.type("Strike of the trams")
    page.get_by_label("Every E needs a reason").check()
    page.get_by_label("Marks of older classes need a remark or reason").check()
    page.get_by_label("Days after the class").fill("7")
    every_look(page, axe)
    shoot(page, "reasons")
    page.locator("#reasons-save").click()
    expect(page.locator("#toast-text")).to_have_text("The reasons are saved.")
    settings = of.site.call("GET", "/attendance-settings")
    assert settings["reasons"][-1] == {"code": "strike_of_the_trams", "text": "Strike of the trams"}
    assert (settings["excused_needs_reason"], settings["reason_after_days"]) == (True, 7)

    meeting = of.start()
    page.goto(f"{of.site.address}/faculty#today/{meeting}")
    row = page.locator(f'#class-rows [data-key="{of.keys["Dan Novak"]}"]')
    row.focus()
    expect(row).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator("#mark-why")).to_contain_text("asks for a reason")
    page.locator("#mark-remark").select_option(label="Strike of the trams")
    page.locator("#mark-dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#class-undo-text")).to_contain_text("Dan Novak")
    assert of.row(meeting, "Dan Novak")["status"] == "excused"
