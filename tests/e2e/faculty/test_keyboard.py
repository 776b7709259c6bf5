"""What a lecturer without a mouse, or without sight, stumbles over: where the focus goes, and what is told."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Running, look_after, resized, stop_the_clock

LONG = "Wolfeschlegelsteinhausenbergerdorff " * 3


def test_the_focus_keeps_its_place_in_the_list(site: Running, page: Page) -> None:
    site.with_roster("1,Ann Lee", "2,Bo Lee", "3,Cy Lee")
    page.goto(f"{site.address}/faculty")
    for name in ("Ann Lee", "Bo Lee"):
        _press(_button(page, "Check in by hand", name))
        expect(_button(page, "Cancel check-in", name)).to_be_focused()
    page.locator("#filters").get_by_text("Present").click()
    expect(page.locator("[data-live]")).to_have_text("2 students found.")

    _press(_button(page, "Cancel check-in", "Ann Lee"))
    _press(page.locator("#confirm-yes"))
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(_button(page, "Cancel check-in", "Bo Lee")).to_be_focused()
    expect(page.locator("#toast")).to_be_visible()
    expect(page.locator("#toast")).to_have_text("The check-in of Ann Lee is cancelled.")

    page.locator("#filters").get_by_text("All").click()
    _press(_button(page, "More", "Bo Lee"))
    _press(page.get_by_role("button", name="Remove from the list"))
    _press(page.locator("#confirm-yes"))
    expect(page.locator("#toast")).to_have_text("Bo Lee is removed from the list.")
    expect(page.locator("#rows tr")).to_have_count(2)
    expect(_button(page, "More", "Cy Lee")).to_be_focused()


def test_the_focus_goes_to_the_first_of_the_further_students(site: Running, page: Page) -> None:
    site.with_roster(*(f"{number},Student {number}" for number in range(1, 102)), agreed=False)
    page.goto(f"{site.address}/faculty")
    _press(page.get_by_role("button", name="Show more students"))
    expect(_button(page, "Register face", "Student 101")).to_be_focused()


def test_a_question_that_could_not_be_answered_keeps_the_focus(site: Running, page: Page) -> None:
    site.with_roster("1,Ann Lee")
    page.goto(f"{site.address}/faculty")
    _press(_button(page, "More", "Ann Lee"))
    _press(page.get_by_role("button", name="Erase everything about this student"))
    page.route("**/students/*", lambda route: route.abort())
    _press(page.locator("#confirm-yes"))
    expect(page.locator("#confirm-problem")).to_contain_text("could not reach the Secure-Attend server")
    expect(page.locator("#confirm-yes")).to_be_focused()


def test_nothing_leaves_its_box(site: Running, page: Page) -> None:
    site.with_roster(f"LONG-{'0123456789' * 5},{LONG}", f"X,{'X' * 110}")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.address}/faculty")
    _press(page.locator("#rows tr").first.get_by_role("button", name="Check in by hand"))
    expect(page.locator("#toast")).to_be_visible()
    for width in (390, 1024, 1280):
        resized(page, width, 844)
        assert _overflowing(page, "#roster, #rows tr, #toast, header") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    resized(page, 390, 844)
    page.locator("#rows tr").first.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Erase everything about this student").click()
    expect(page.locator("#confirm")).to_be_visible()
    assert _overflowing(page, "#confirm, #student-dialog") == []


def test_a_kiosk_by_keyboard(site: Running, page: Page) -> None:
    """With the longest of names, on the narrowest of screens: nothing is cut off, and the focus is never lost."""
    student_id = f"LONG-{'0123456789' * 5}"
    code = site.with_roster(f"{student_id},{LONG}").code(student_id)
    page.set_viewport_size({"width": 390, "height": 844})
    began = stop_the_clock(page)  # the greeting stays until it was looked at
    page.goto(f"{site.address}/student")
    page.get_by_role("button", name="Use ID and code").click()
    _type(page, student_id)
    expect(page.locator("#live")).to_have_text("Your personal code, six digits")
    expect(page.locator("#student-id")).to_be_focused()
    _type(page, code)
    expect(page.locator("#hello")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    look_after(page, began, 4.5)
    expect(page.locator("#recent-not-me")).to_be_visible()
    _press(page.locator("#recent-not-me"))
    expect(page.locator("#said")).to_contain_text("is cancelled")
    expect(page.locator("#check-in")).to_be_focused()

    page.get_by_role("button", name="My attendance").click()
    _type(page, student_id)
    expect(page.locator("#who-title")).to_be_focused()
    expect(page.locator("#history-who")).to_contain_text("1 check-in")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert _overflowing(page, "#history-scroll") == []


def test_whoever_registers_without_an_id_is_told(start: Callable[..., Running], page: Page) -> None:
    site = start(None, self_registration=True)
    page.goto(f"{site.address}/register")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#id-problem")).to_have_text("Enter your student ID first.")


def _type(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def _button(page: Page, act: str, name: str) -> Locator:
    return page.get_by_role("button", name=f"{act} for {name}", exact=True)


def _press(button: Locator) -> None:
    button.focus()
    button.press("Enter")


def _overflowing(page: Page, selector: str) -> list[str]:
    """Which of them hold something wider than they are."""
    found: list[str] = page.evaluate(
        """selector => {
          const shown = (root, what) => [...root.querySelectorAll(what)].filter((one) => one.checkVisibility());
          const right = (one) => one.getBoundingClientRect().right;
          return shown(document, selector).flatMap((box) => shown(box, '*')
            .filter((one) => right(one) > right(box) + 1 && !one.closest('.sr-only, svg'))
            .map((one) => `${box.id || box.tagName}: ${one.tagName} ${one.textContent.slice(0, 40)}`));
        }""",
        selector,
    )
    return found
