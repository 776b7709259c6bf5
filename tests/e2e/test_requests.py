"""A student asks for a correction on their own page and at a kiosk; staff decide it, with a visitor, in one list."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Running, open_own_page, resized
from tests.e2e.taught import Taught, every_look, taught

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def ended_class(of: Taught) -> str:
    """A class to which Ben came, and Anna did not; its key."""
    meeting = of.start(5)
    of.site.call("POST", f"/students/{of.keys['Ben Hassan']}/check-ins", {})
    of.site.call("POST", f"/students/{of.keys['Finn Berg']}/check-ins", {})  # a visitor
    of.site.call("POST", f"/meetings/{meeting}/changes", {"action": "close"})
    return meeting


def prove(page: Page, of: Taught, student_id: str) -> None:
    """Show a student's own page."""
    open_own_page(page, of.site)
    page.get_by_label("Student ID").fill(student_id)
    page.get_by_label("Personal code").fill(of.site.code(student_id))
    page.get_by_role("button", name="Show my attendance").press("Enter")
    expect(page.locator("#own-name")).to_be_focused()


def test_asked_on_ones_own_page_and_decided_by_keyboard(
    start: Callable[..., Running], context: BrowserContext, axe: Check, shoot: Shoot
) -> None:
    of = taught(start, context)
    meeting = ended_class(of)
    mine = context.new_page()
    open_own_page(mine, of.site)
    mine.get_by_label("Student ID").fill("001")
    mine.get_by_label("Personal code").fill("none")
    mine.get_by_role("button", name="Show my attendance").click()
    expect(mine.locator("#proof-problem")).to_contain_text("don't match")
    every_look(mine, axe)
    prove(mine, of, "001")
    expect(mine.locator("#own-courses")).to_contain_text("0 % attended")
    mine.get_by_role("button", name="Not right?").press("Enter")
    expect(mine.get_by_role("button", name="I was present")).to_be_focused()
    mine.get_by_label("What happened (optional)").fill("I sat in the second row.")
    every_look(mine, axe)
    shoot(mine, "me-asking")
    mine.get_by_role("button", name="I was present").press("Enter")
    expect(mine.locator("#own-courses")).to_contain_text("You asked for a correction.")
    with mine.expect_download() as download:
        mine.get_by_role("button", name="Download my data").click()
    assert "second row" in download.value.path().read_text(encoding="utf-8")

    page = of.page
    page.goto(f"{of.site.address}/faculty#decide")
    expect(page.locator("#decide-count")).to_have_text("2")
    expect(page.locator("#decide-list > li")).to_have_count(2)
    every_look(page, axe)
    shoot(page, "decide")
    resized(page, 1024, 768)
    axe(page)
    asked = page.locator("#decide-list > li").filter(has_text="Anna Kowalska")
    expect(asked).to_contain_text("“I sat in the second row.”")
    asked.get_by_role("button", name="Accept").press("Enter")
    expect(page.locator("#answer-title")).to_be_focused()
    expect(page.get_by_label("The class becomes")).to_have_value("present")
    page.get_by_label("Answer to the student (optional)").fill("I remember you.")
    every_look(page, axe)
    shoot(page, "decide-answer")
    page.get_by_role("dialog").get_by_role("button", name="Accept").press("Enter")
    expect(asked).to_have_count(0)
    assert of.row(meeting, "Anna Kowalska")["status"] == "present"
    page.locator("#decide-list > li").get_by_role("button", name="Decline").press("Enter")
    expect(page.locator("#decide-none")).to_be_visible()
    expect(page.locator("#decide-badge")).to_be_hidden()

    prove(mine, of, "001")
    expect(mine.locator("#own-courses")).to_contain_text("Your request was accepted: “I remember you.”")
    expect(mine.locator("#own-courses")).to_contain_text("100 % attended")
    expect(mine.locator("#own-courses")).to_contain_text("If you did not ask for it, tell the registrar.")
    mine.get_by_role("button", name="Close").click()
    expect(mine.locator("#me-shown")).to_be_hidden()
    expect(mine.get_by_label("Student ID")).to_have_value("")


def test_at_a_kiosk_in_two_taps_and_passed_to_the_registrar(
    start: Callable[..., Running], context: BrowserContext, axe: Check, shoot: Shoot
) -> None:
    of = taught(lambda engine, **more: start(engine, history_access="proof", **more), context)
    ended_class(of)
    kiosk = context.new_page()

    def attendance() -> None:
        code = of.site.code("001")
        kiosk.goto(f"{of.site.address}/student")
        kiosk.get_by_role("button", name="My attendance").click()
        kiosk.keyboard.type("001")
        kiosk.keyboard.press("Enter")
        kiosk.keyboard.type(code)
        kiosk.keyboard.press("Enter")
        expect(kiosk.locator("#own-courses")).to_contain_text("0 % attended")
        expect(kiosk.locator("#own-courses")).to_contain_text("Your code was issued by")

    attendance()
    axe(kiosk)
    shoot(kiosk, "kiosk-own")
    kiosk.get_by_role("button", name="Not right?").click()
    expect(kiosk.locator("textarea")).to_have_count(0)
    axe(kiosk)
    kiosk.get_by_role("button", name="I came late").click()
    expect(kiosk.locator("#own-courses")).to_contain_text("You asked for a correction.")
    kiosk.get_by_role("button", name="Done").click()
    expect(kiosk.locator("#own-courses")).to_be_empty()

    (item,) = (each for each in of.site.call("GET", "/decisions")["items"] if each["kind"] == "request")
    of.site.call("POST", f"/requests/{item['id']}/answer", {"accept": False, "answer": "The list says no."})
    attendance()
    expect(kiosk.locator("#own-courses")).to_contain_text("declined: “The list says no.”")
    kiosk.get_by_role("button", name="Ask the registrar").click()
    expect(kiosk.locator("#own-courses")).to_contain_text("The registrar has your request.")
