"""The places of the faculty page: their addresses, Back and Forward, titles, and where the focus goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from secure_attend.access.state import Role
from tests.e2e.conftest import LECTURER, PASSWORD, Running, visit
from tests.e2e.taught import taught

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_each_place_has_an_address_a_title_and_a_heading(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    page.goto(f"{jane.address}/faculty")
    expect(page.locator("#rows tr")).to_have_count(2)
    expect(page).to_have_url(f"{jane.address}/faculty")
    expect(_heading(page, "Students")).not_to_be_focused()  # the page has only just opened
    expect(_nav(page, "Students")).to_have_attribute("aria-current", "page")
    axe(page)
    shoot(page, "faculty-students")
    for name in ("Today", "Courses", "Reports", "Settings", "Students"):
        visit(page, name)
        expect(_heading(page, name)).to_be_focused()
        expect(page).to_have_title(f"{name} · Secure-Attend")
        expect(page).to_have_url(f"{jane.address}/faculty#{name.lower()}")
        expect(page.locator("[aria-current]")).to_have_text(name)
        axe(page)
        shoot(page, f"faculty-place-{name.lower()}")


def test_back_and_forward(jane: Running, page: Page) -> None:
    page.goto(f"{jane.address}/faculty")
    visit(page, "Settings", "Kiosks")
    expect(page.locator("#kiosks-dialog")).to_be_visible()
    expect(page).to_have_title("Kiosks · Settings · Secure-Attend")
    page.go_back()
    expect(page.locator("#kiosks-dialog")).to_be_hidden()
    expect(_nav_link(page, "Kiosks")).to_be_focused()
    page.go_back()
    expect(_heading(page, "Students")).to_be_focused()
    page.go_forward()
    expect(_heading(page, "Settings")).to_be_focused()
    page.go_forward()
    expect(page.locator("#kiosks-dialog")).to_be_visible()

    page.keyboard.press("Escape")  # closing it is going back, too
    expect(page).to_have_url(f"{jane.address}/faculty#settings")
    expect(page).to_have_title("Settings · Secure-Attend")
    page.go_back()
    expect(page).to_have_url(f"{jane.address}/faculty")
    expect(_heading(page, "Students")).to_be_visible()


def test_a_place_is_read_on_where_it_was_left(site: Running, page: Page) -> None:
    site.with_roster(*(f"{number},Student {number}" for number in range(1, 61)), agreed=False)
    page.goto(f"{site.address}/faculty")
    page.get_by_role("button", name="More for Student 50", exact=True).scroll_into_view_if_needed()
    depth = page.evaluate("scrollY")
    assert depth > 500
    page.evaluate("location.hash = 'reports'")  # typed by hand
    expect(_heading(page, "Reports")).to_be_focused()
    assert page.evaluate("scrollY") == 0
    page.go_back()
    expect(_heading(page, "Students")).to_be_focused()
    assert page.evaluate("scrollY") == depth


def test_a_student_has_an_address(jane: Running, page: Page) -> None:
    key = jane.student("002")["key"]
    page.goto(f"{jane.address}/faculty")
    more = page.get_by_role("button", name="More for Jane Smith")
    more.click()
    expect(page.locator("#student-name")).to_have_text("Jane Smith")
    expect(page).to_have_url(f"{jane.address}/faculty#students/{key}")
    assert "Jane" not in page.title()
    page.locator("#student-dialog").get_by_role("button", name="Close").click()
    expect(more).to_be_focused()
    expect(page).to_have_url(f"{jane.address}/faculty")

    page.goto(f"{jane.address}/student")
    page.goto(f"{jane.address}/faculty#students/{key}")  # a colleague's link
    expect(page.locator("#student-name")).to_have_text("Jane Smith")
    page.keyboard.press("Escape")
    expect(page.locator("#student-dialog")).to_be_hidden()
    expect(page).to_have_url(f"{jane.address}/faculty#students")
    expect(page.locator("#rows tr")).to_have_count(2)

    jane.call("DELETE", f"/students/{key}?reason=asked")
    page.goto(f"{jane.address}/student")
    page.goto(f"{jane.address}/faculty#students/{key}")
    expect(page.locator("#alert")).to_contain_text("We could not show this student")
    expect(page).to_have_url(f"{jane.address}/faculty#students")


def test_registering_from_a_students_dialog_goes_back_once(jane: Running, page: Page) -> None:
    page.goto(f"{jane.address}/faculty")
    visit(page, "Settings", "Students")
    page.get_by_role("button", name="More for John Doe").click()
    page.get_by_role("button", name="Register face by camera").click()
    expect(page.locator("#register-name")).to_have_text("John Doe")
    expect(page.locator("#student-dialog")).to_be_hidden()
    expect(page).to_have_url(f"{jane.address}/faculty#students")
    page.go_back()
    expect(page.locator("#register-dialog")).to_be_hidden()
    expect(_heading(page, "Settings")).to_be_focused()


@pytest.mark.parametrize("fragment", ["#nowhere", "#courses/abc/marks", "#students/a/b", "#%E0%A4%A"])
def test_an_address_that_names_no_place_is_taken_away(site: Running, page: Page, fragment: str) -> None:
    page.goto(f"{site.address}/faculty{fragment}")
    expect(_heading(page, "Students")).to_be_visible()
    expect(page).to_have_url(f"{site.address}/faculty")


def test_a_link_leads_to_its_place_after_the_log_in(start: Callable[..., Running], page: Page) -> None:
    site = start(None, locked=True)
    site.access.accounts.add(LECTURER, PASSWORD, ["admin", "registrar", "faculty"])
    site.access.accounts.add("Grace", PASSWORD, ["faculty"])
    page.goto(f"{site.address}/faculty#settings")
    _log_in(page, "Grace")
    expect(_heading(page, "Settings")).to_be_focused()

    page.evaluate("location.hash = 'settings/kiosks'")
    expect(page.locator("#alert")).to_contain_text("Your account can’t open this")
    expect(page.locator("#kiosks-dialog")).to_be_hidden()
    expect(page).to_have_url(f"{site.address}/faculty#settings")

    page.get_by_role("link", name="Your account: Grace").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("#login-name")).to_be_focused()
    expect(page).to_have_url(f"{site.address}/faculty")
    page.goto(f"{site.address}/faculty#settings/kiosks")
    _log_in(page, LECTURER)
    expect(page.locator("#kiosks-dialog")).to_be_visible()


def test_what_an_account_may_not_do_is_not_offered(start: Callable[..., Running], context: BrowserContext) -> None:
    of = taught(start, context)
    page, accounts = of.page, of.site.access.accounts
    roles: dict[str, list[Role]] = {"Tom": ["faculty"], "Olga": ["officer"], "Rita": ["registrar"], "Alan": ["admin"]}
    for name, given in roles.items():
        accounts.add(name, PASSWORD, given)
    of.site.call("PUT", f"/courses/{of.course}/staff", {"account": "Tom", "role": "assistant"})
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 403 else None)

    def comes(name: str, fragment: str = "") -> None:
        """Log in as somebody."""
        page.goto(f"{of.site.address}/student")
        token = accounts.log_in(name, PASSWORD, "the test").token
        page.evaluate("token => sessionStorage.setItem('secure-attend-token', token)", token)
        page.goto(f"{of.site.address}/faculty{fragment}")
        expect(page.locator("#account-name")).to_have_text(name)
        expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Settings")).to_be_visible()

    def goes(*places: str) -> None:
        """The navigation offers these places, and no others."""
        links = page.get_by_role("navigation", name="Main").get_by_role("link")
        expect(links).to_have_text(places, use_inner_text=True)

    def opens(*titles: str) -> None:
        """The place offers these dialogs, and no others."""
        headings = page.locator("main").get_by_role("listitem").get_by_role("heading")
        expect(headings).to_have_text(titles, use_inner_text=True)

    anna = f"#students/{of.keys['Anna Kowalska']}"
    comes("Tom", anna)
    goes("Today", "To decide", "Courses", "Students", "Reports", "Settings")
    dialog = page.locator("#student-dialog")
    for name, there in {"New personal code": 1, "Check in by hand": 1, "Erase everything": 0, "Export": 0}.items():
        expect(dialog.get_by_role("button", name=name)).to_have_count(there)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Upload photos")).to_be_visible()
    expect(page.get_by_role("button", name="Upload roster")).to_be_hidden()
    visit(page, "Reports")
    opens("Refused check-ins")

    comes("Olga", anna)
    goes("Students", "Settings")
    expect(dialog.get_by_role("button")).to_have_text(["Close"], use_inner_text=True)
    page.keyboard.press("Escape")
    expect(page.locator("#rows tr")).to_have_count(6)
    expect(page.locator("#rows").get_by_role("button")).to_have_count(6)  # “More” of each
    visit(page, "Settings")
    opens("Your account", "Audit trail")

    comes("Rita", "#settings/kiosks")
    expect(page.get_by_role("button", name="Change This computer")).to_be_visible()
    expect(page.get_by_role("button", name="Revoke")).to_have_count(0)
    expect(page.locator("#pair-form")).to_be_hidden()

    comes("Alan")
    goes("Settings")
    rules = ("Rules for all courses", "Reasons for excuses")
    opens("Your account", *rules, "Kiosks", "Accounts", "Audit trail", "Field trial")
    assert refused == []


def test_b9_the_terminals_link_works_in_an_open_page(start: Callable[..., Running], page: Page) -> None:
    """After a code that was mistyped, the link is pasted into the same tab. It fills the form, and it works."""
    site = start(None, locked=True)
    code = site.access.accounts.new_setup_code()
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#setup-code")).to_be_focused()
    page.keyboard.type("AAAA-BBBB")
    page.locator("#setup-name").fill(LECTURER)
    page.locator("#setup-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#setup-summary")).to_be_visible()
    expect(page.locator("#setup-code")).to_have_attribute("aria-invalid", "true")
    page.evaluate("code => { location.hash = `setup=${code}` }", code)
    expect(page.locator("#setup-code")).to_have_value(code or "")
    expect(page.locator("#setup-summary")).to_be_hidden()
    expect(page.locator("#setup-code")).not_to_have_attribute("aria-invalid", "true")
    expect(page).to_have_url(f"{site.address}/faculty")
    page.locator("#setup-name").fill(LECTURER)
    page.locator("#setup-password").fill(PASSWORD)
    page.locator("#setup-go").click()
    expect(page.get_by_role("heading", name="No students yet")).to_be_visible()


def test_the_skip_link_passes_the_navigation(site: Running, page: Page) -> None:
    page.goto(f"{site.address}/faculty#settings")
    expect(_heading(page, "Settings")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(_heading(page, "Settings")).to_be_focused()
    expect(page).to_have_url(f"{site.address}/faculty#settings")


def test_on_a_phone_the_places_are_at_the_bottom(site: Running, page: Page) -> None:
    site.with_roster(*(f"{number},Student {number}" for number in range(1, 20)), agreed=False)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#rows tr")).to_have_count(19)
    box = page.locator("nav.places").bounding_box()
    assert box is not None
    assert round(box["y"] + box["height"]) == 844
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = page.get_by_role("button", name="More for Student 19").bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= box["y"]  # nothing stays behind the bar
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def _log_in(page: Page, name: str) -> None:
    page.locator("#login-name").fill(name)
    page.locator("#login-password").fill(PASSWORD)
    page.keyboard.press("Enter")


def _heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name, exact=True, level=1)


def _nav(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True)


def _nav_link(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("link", name=name, exact=True)
