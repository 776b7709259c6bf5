"""Getting in: the first account, logging in and out, pairing a kiosk and revoking it, as people do it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from secure_attend.access.state import ROLES_OF
from secure_attend.errors import Unauthorized
from secure_attend.faces.engine import FaceEngine
from tests.e2e.conftest import LECTURER, PASSWORD, PATIENCE, SESSION, Running, close, visit

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]
OTHER_PASSWORD = "seven brave herons sing"


@pytest.fixture
def locked(start: Callable[..., Running], sface: FaceEngine) -> Running:
    """A new site: nobody has an account, no kiosk is paired."""
    return start(sface, locked=True)


@pytest.fixture
def kiosk(browser: Browser, actor: str) -> Iterator[Page]:
    """A page in another browser, with the puppet before its camera."""
    context: BrowserContext = browser.new_context(permissions=["camera"], reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    context.add_init_script(actor)
    yield context.new_page()
    close(context)


def test_the_demos_link_opens_the_faculty_page_logged_in_once(locked: Running, page: Page) -> None:
    access = locked.access
    shown: list[str] = []
    link = access.demo_link.offer(access.accounts.add(LECTURER, PASSWORD, ROLES_OF["admin"]).key, shown.append)
    page.goto(f"{locked.address}/faculty#demo={link}")
    expect(page.get_by_role("heading", name="No students yet")).to_be_visible()
    expect(page).to_have_url(f"{locked.address}/faculty")
    assert len(shown) == 1

    another = page.context.new_page()
    another.goto(f"{locked.address}/faculty#demo={link}")
    expect(another.locator("#login-summary")).to_contain_text("no longer works")
    expect(another.locator("#login-name")).to_be_visible()


def test_from_the_code_in_the_terminal_to_a_check_in(
    locked: Running, page: Page, kiosk: Page, axe: Check, shoot: Shoot
) -> None:
    code = locked.access.accounts.new_setup_code()
    page.goto(f"{locked.address}/faculty#setup={code}")
    expect(page.locator("#setup-code")).to_have_value(code or "")
    expect(page.locator("#setup-name")).to_be_focused()
    expect(page).to_have_url(f"{locked.address}/faculty")
    expect(page).to_have_title("Set up this site · Secure-Attend")
    axe(page)
    shoot(page, "faculty-setup")
    page.keyboard.type(LECTURER)
    page.locator("#setup-password").fill("password1234")
    page.keyboard.press("Enter")
    expect(page.locator("#setup-summary")).to_contain_text("easy to guess")
    axe(page)
    page.locator("#setup-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No students yet")).to_be_visible()
    expect(page).to_have_title("Students · Secure-Attend")
    axe(page)

    page.get_by_role("button", name="Upload a file").click()
    file = {"name": "roster.csv", "mimeType": "text/csv", "buffer": b"student_id,name\n002,Jane Smith\n"}
    page.locator("#roster-file").set_input_files(file)
    page.locator("#roster-go").click()
    expect(page.locator("#roster-report")).to_contain_text("1 added")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Register face for Jane Smith").click()
    page.get_by_role("button", name="Agreed in person").click()
    expect(page.locator("#register-body")).to_have_attribute("data-phase", "ready")
    page.keyboard.press("Enter")
    expect(page.locator("#register-saved-text")).to_contain_text("Jane Smith is registered", timeout=SESSION)
    page.keyboard.press("Escape")

    kiosk.goto(f"{locked.address}/student")
    expect(kiosk.locator("#pairing-code")).to_have_text(_six())
    axe(kiosk)
    shoot(kiosk, "student-pairing")
    _pair(page, kiosk.locator("#pairing-code").text_content() or "", "Room 101")
    axe(page)
    shoot(page, "faculty-kiosks")
    kiosk.bring_to_front()  # a browser slows down what nobody sees, and with it the camera
    kiosk.get_by_role("button", name="Check in").click()
    expect(kiosk.locator("#hello")).to_contain_text("Jane Smith", timeout=SESSION)
    page.keyboard.press("Escape")
    visit(page, "Students")
    page.get_by_role("button", name="More for Jane Smith").click()
    expect(page.locator("#attendance-list li")).to_contain_text("Room 101")


def test_one_click_on_the_servers_own_computer(locked: Running, page: Page) -> None:
    page.goto(f"{locked.address}/student")
    expect(page.locator("#pairing-code")).not_to_have_text("··· ···")
    expect(page.locator("#pairing-here")).to_be_hidden()
    page.goto("about:blank")
    page.goto(f"{locked.address}/student#here={locked.access.kiosks.link_here.offer(lambda secret: None)}")
    page.get_by_role("button", name="Use this computer as a kiosk").click()
    expect(page.locator("#check-in")).to_be_visible()
    page.reload()
    expect(page.locator("#check-in")).to_be_visible()
    assert [kiosk.name for kiosk in locked.access.kiosks.all()] == ["This computer"]


def test_a_revoked_kiosk_asks_to_be_paired_again(
    site: Running, page: Page, kiosk: Page, axe: Check, shoot: Shoot
) -> None:
    kiosk.goto(f"{site.address}/student")
    expect(kiosk.locator("#pairing-code")).to_have_text(_six())
    page.goto(f"{site.address}/faculty")
    _pair(page, kiosk.locator("#pairing-code").text_content() or "", "Hall")
    expect(kiosk.locator("#check-in")).to_be_visible()
    # The kiosk asks every ten seconds whether it is still paired: here it is to find out by being used.
    place = {"courses": False, "classes": [], "next": None}
    kiosk.route("**/api/v1/kiosk", lambda route: route.fulfill(json=place))
    page.get_by_role("button", name="Revoke Hall").click()
    axe(page)
    page.locator("#confirm-yes").click()
    expect(page.locator("#kiosks-list li")).to_have_count(1)
    kiosk.get_by_role("button", name="My attendance").click()
    kiosk.locator("#student-id").fill("002")
    kiosk.keyboard.press("Enter")
    expect(kiosk.locator("#screen-pairing")).to_be_visible()


def test_logging_out_and_in(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    for _ in range(5):
        with pytest.raises(Unauthorized):
            jane.access.accounts.log_in("Grace", OTHER_PASSWORD, "the corridor")
    page.goto(f"{jane.address}/faculty")
    page.get_by_role("link", name=f"Your account: {LECTURER}").click()
    expect(page.locator("#account-who")).to_have_text(f"{LECTURER} · Admin, Registrar, Lecturer")
    expect(page.locator("#limits-text")).to_contain_text("Somebody has to wait")
    axe(page)
    shoot(page, "faculty-account")
    page.get_by_role("button", name="End the wait").click()
    expect(page.locator("#limits")).to_be_hidden()
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("#door-words")).to_have_text("You are logged out.")
    assert "Jane Smith" not in page.content()
    axe(page)
    shoot(page, "faculty-login")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#login-summary")).to_contain_text("Type your name.")
    page.locator("#login-name").fill(LECTURER)
    page.locator("#login-password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#login-summary")).to_contain_text("The name or the password is wrong")
    axe(page)
    page.locator("#login-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#rows tr")).to_have_count(2)
    page.reload()
    expect(page.locator("#rows tr")).to_have_count(2)


def test_logging_in_waits_for_a_server_that_is_away_for_a_moment(jane: Running, page: Page) -> None:
    page.goto(f"{jane.address}/faculty")
    page.get_by_role("link", name=f"Your account: {LECTURER}").click()
    page.get_by_role("button", name="Log out").click()
    page.route("**/api/v1/courses", lambda route: route.abort(), times=1)
    page.locator("#login-name").fill(LECTURER)
    page.locator("#login-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#rows tr")).to_have_count(2)


def test_a_changed_password_ends_the_other_log_ins(jane: Running, page: Page) -> None:
    page.goto(f"{jane.address}/faculty")
    elsewhere = jane.access.accounts.log_in(LECTURER, PASSWORD, "elsewhere").token
    page.get_by_role("link", name=f"Your account: {LECTURER}").click()
    page.locator("#password-old").fill(PASSWORD)
    page.locator("#password-new").fill(OTHER_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#toast-text")).to_contain_text("Your password is changed.")
    assert jane.access.caller(elsewhere) is None
    page.get_by_role("button", name="Refresh student list").click()
    expect(page.locator("[data-live]")).to_have_text("The student list is up to date.")
    expect(page.locator("#rows tr")).to_have_count(2)


def test_accounts_of_others(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    page.goto(f"{jane.address}/faculty")
    visit(page, "Settings", "Accounts")
    expect(page.locator("#accounts-list li")).to_have_count(1)
    page.locator("#new-account-name").fill("Grace")
    page.locator("#new-account-password").fill(OTHER_PASSWORD)
    page.get_by_role("checkbox", name="Privacy officer").check()
    page.keyboard.press("Enter")
    expect(page.locator("#accounts-list li")).to_have_count(2)
    axe(page)
    shoot(page, "faculty-accounts")
    assert jane.access.accounts.find("Grace").roles == ("faculty", "officer")
    page.get_by_role("button", name="Roles (Grace)").click()
    expect(page.locator("#new-account-password")).to_be_hidden()
    expect(page.get_by_role("checkbox", name="Lecturer")).to_be_focused()
    for role in ("Lecturer", "Privacy officer"):
        page.get_by_role("checkbox", name=role).uncheck()
    page.get_by_role("button", name="Save roles").click()
    expect(page.locator("#new-account-summary")).to_contain_text("at least one role")
    page.get_by_role("checkbox", name="Lecturer").check()
    page.get_by_role("button", name="Save roles").click()
    expect(page.locator("#toast-text")).to_contain_text("Grace is now: Lecturer.")
    expect(page.locator("#accounts-title")).to_be_focused()  # the list was asked for again
    assert jane.access.accounts.find("Grace").roles == ("faculty",)
    page.get_by_role("button", name="Disable (Grace)").click()
    expect(page.locator("#accounts-list")).to_contain_text("Lecturer, disabled")
    page.get_by_role("button", name=f"Disable ({LECTURER})").click()
    expect(page.locator("#accounts-problem")).to_contain_text("last admin")
    page.get_by_role("button", name="New password for Grace").click()
    expect(page.locator("#new-account-password")).to_be_focused()
    page.keyboard.type("nine purple otters swim")
    page.keyboard.press("Enter")
    expect(page.locator("#toast-text")).to_contain_text("Grace has a new password")
    expect(page.locator("#accounts-title")).to_be_focused()
    page.get_by_role("button", name="Enable (Grace)").click()
    expect(page.get_by_role("button", name="Disable (Grace)")).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("link", name=f"Your account: {LECTURER}").click()
    page.get_by_role("button", name="Log out").click()
    page.locator("#login-name").fill("Grace")
    page.locator("#login-password").fill("nine purple otters swim")
    page.keyboard.press("Enter")
    expect(page.locator("#rows tr")).to_have_count(2)
    visit(page, "Settings")
    expect(page.get_by_role("link", name="Recognition")).to_be_visible()
    expect(page.get_by_role("link", name="Accounts")).to_be_hidden()
    expect(page.get_by_role("link", name="Kiosks")).to_be_hidden()


def test_ones_own_attendance_by_id_and_code(
    start: Callable[..., Running], page: Page, axe: Check, shoot: Shoot
) -> None:
    site = start(None, history_access="proof").with_roster("002,Jane Smith")
    page.goto(f"{site.address}/faculty")
    page.get_by_role("button", name="More for Jane Smith").click()
    page.get_by_role("button", name="New personal code").click()
    expect(page.locator("#student-code")).to_be_focused()
    code = (page.locator("#student-code-digits").text_content() or "").replace(" ", "")
    axe(page)
    shoot(page, "faculty-personal-code")
    page.get_by_role("button", name="New personal code").click()  # B2: a second one asks first
    expect(page.locator("#confirm-goes")).to_contain_text("code stops working at once.")
    page.locator("#confirm-no").click()
    expect(page.locator("#student-code-digits")).to_have_text(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="New personal code").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#student-code-digits")).not_to_have_text(f"{code[:3]} {code[3:]}")
    ended, code = code, (page.locator("#student-code-digits").text_content() or "").replace(" ", "")

    page.goto(f"{site.address}/student")
    page.get_by_role("button", name="My attendance").click()
    for typed in ("002", ended):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    expect(page.locator("#who-problem")).to_contain_text("don’t match")
    expect(page.locator("#student-id")).to_have_value("002")
    page.keyboard.press("Enter")
    expect(page.locator("#who-label")).to_have_text("Your personal code, six digits")
    axe(page)
    shoot(page, "student-personal-code")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("#history-who")).to_have_text("Jane Smith (002), 0 check-ins")


def _six() -> re.Pattern[str]:
    return re.compile(r"^\d{3} \d{3}$")


def _pair(page: Page, code: str, name: str) -> None:
    visit(page, "Settings", "Kiosks")
    page.locator("#pair-code").fill(code)
    page.locator("#pair-name").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator("#kiosks-list")).to_contain_text(name)
