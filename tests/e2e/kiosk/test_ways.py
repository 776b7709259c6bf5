"""Steps of the usability report at the kiosk, as tests: B3 to B6, B13 and B15."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect

from secure_attend.faces.engine import FaceEngine
from tests.e2e.conftest import SESSION, Running, look_after, resized, stop_the_clock
from tests.support.fakes import DrawnFaces, Scene
from tests.support.puppet import astronaut

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]
CAMERAS = Path(__file__).parents[1] / "cameras.js"
PASSED = {
    "id": "c",
    "state": "passed",
    "action": None,
    "asked_otherwise": False,
    "returning": False,
    "accepted": ["turn_left"],
    "total": 1,
    "hint": None,
    "failure": None,
    "next": None,
}


def _kiosk(start: Callable[..., Running], page: Page) -> Running:
    """A kiosk before a camera, on a site with a registered student."""
    site = start(DrawnFaces()).with_roster("002,Jane Smith").with_face("002", Scene(1).jpeg())
    page.add_init_script(f"if (navigator.mediaDevices) {{{CAMERAS.read_text(encoding='utf-8')}}}")
    page.goto(f"{site.address}/student")
    expect(page.locator("#check-in")).to_be_visible()
    return site


def _fits(page: Page, *ids: str) -> None:
    """Fails where something that has to be seen lies below the fold, or the page is wider than the window."""
    for each in ids:
        box, size = page.locator(each).bounding_box(), page.viewport_size
        assert box is not None
        assert size is not None
        assert box["y"] + box["height"] <= size["height"], each
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_b3_b4_an_id_and_a_code_without_a_keyboard(
    start: Callable[..., Running], page: Page, axe: Check, shoot: Shoot
) -> None:
    """The form has keys, says what is missing beside each field, warns when it is left alone, and closes."""
    _kiosk(start, page)
    began = stop_the_clock(page)
    sent: list[object] = []

    def refuse(route: Route) -> None:
        sent.append(route.request.post_data_json)
        route.fulfill(status=422, json={"code": "code_needed", "detail": ""})

    page.route("**/challenges", lambda route: route.fulfill(status=201, json=PASSED))
    page.route("**/check-ins", refuse)
    page.locator("#check-in").click()
    expect(page.locator("#trouble-title")).to_have_text("One more step")
    form = page.locator("#claim-form")
    form.get_by_role("button", name="Check in").click()
    expect(page.locator("#claimed-id-problem")).to_have_text("Enter your student ID first.")
    expect(page.locator("#claimed-code-problem")).to_have_text("Enter your personal code.")
    expect(page.locator("#claimed-id")).to_be_focused()
    form.get_by_role("button", name="Letters").click()
    for key in ("C", "S", "/"):
        form.get_by_role("button", name=key, exact=True).click()
    axe(page)
    shoot(page, "student-keypad-letters")
    form.get_by_role("button", name="Digits").click()
    for key in ("2", "3"):
        form.get_by_role("button", name=key, exact=True).click()
    form.get_by_role("button", name="Erase the last character").click()
    expect(page.locator("#claimed-id")).to_have_value("CS/2")
    page.locator("#claimed-code").click()
    expect(form.get_by_role("button", name="Letters")).to_be_hidden()
    for key in "123456":
        form.get_by_role("button", name=key, exact=True).click()
    with page.expect_response("**/check-ins"):
        form.get_by_role("button", name="Check in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "trouble")
    expect(page.locator("#trouble-title")).to_have_text("One more step")
    assert sent[-1] == {"challenge": "c", "student_id": "CS/2", "code": "123456"}
    look_after(page, began, 25)
    expect(page.locator("#claim-closes")).to_contain_text("This closes in")
    axe(page)
    shoot(page, "student-left-alone")
    with page.expect_request("**/challenges/c/more-time"):
        page.get_by_role("button", name="More time").click()
    expect(page.locator("#claim-closes")).to_be_hidden()
    look_after(page, began, 25 + 41)
    expect(page.locator("#screen-ready")).to_be_visible()


def test_b5_b13_b15_another_way_from_the_first_second(
    start: Callable[..., Running], page: Page, axe: Check, shoot: Shoot
) -> None:
    """What each way needs is said beforehand, on every screen; what has to be seen is above the fold."""
    _kiosk(start, page)
    page.get_by_role("button", name="Another way").click()
    for name, needs in {
        "Use ID and code": "You need your student ID and your personal code. No camera.",
        "I can’t turn my head": "You need the camera, then your student ID and your personal code.",
        "More time": "Each step can take three times as long. You need nothing else.",
    }.items():
        way = page.locator("#ways").get_by_role("button", name=name)
        expect(way).to_have_accessible_description(needs)
    axe(page)
    shoot(page, "student-ways")
    page.locator("#close-ways").click()
    for width, height in ((1280, 800), (1024, 768), (768, 1024)):
        resized(page, width, height)
        _fits(page, "#open-ways", "#check-in", "#open-settings")
    page.locator("#check-in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
    for width, height in ((1280, 800), (1024, 768), (768, 1024)):
        resized(page, width, height)
        _fits(page, "#open-ways", "#instruction", "#stop", "#steps")
    shoot(page, "student-checking-ways")
    page.get_by_role("button", name="Another way").click()
    page.locator("#way-code").click()
    expect(page.locator("#who-title")).to_have_text("Check in with ID and code")
    expect(page.locator("#who-form").get_by_role("button", name="Letters")).to_be_visible()
    shoot(page, "student-who")
    page.locator("#who-back").click()
    page.get_by_role("button", name="Kiosk settings").click()
    expect(page.get_by_role("link", name="To the faculty page")).to_be_visible()


def test_b5_another_way_is_on_every_screen(start: Callable[..., Running], page: Page, axe: Check, shoot: Shoot) -> None:
    """While the server is away, without a key, beside a trouble and a greeting: what is left, and whom to ask."""
    site = _kiosk(start, page)

    def reads(screen: str, words: str) -> None:
        expect(page.locator("#kiosk")).to_have_attribute("data-screen", screen)
        page.get_by_role("button", name="Another way").click()
        expect(page.locator("#ways")).to_contain_text(words)
        expect(page.locator("#ways-title")).to_be_focused()
        axe(page)
        shoot(page, f"student-ways-{screen}")
        page.locator("#close-ways").click()
        expect(page.locator("#ways")).to_be_hidden()

    page.route("**/health", lambda route: route.abort())
    page.reload()
    reads("away", "Nobody can check in here until the server answers.")
    page.unroute("**/health")
    reads("ready", "You need your student ID and your personal code. No camera.")
    page.get_by_role("button", name="Use ID and code").click()
    reads("who", "Ask the front office")
    page.locator("#who-back").click()
    began = stop_the_clock(page)  # what is read would go by itself meanwhile
    page.evaluate("cameras.A = cameras.B = 'busy'")
    page.locator("#check-in").click()
    reads("trouble", "You need the camera, then your student ID and your personal code.")
    page.locator("#back").click()
    for typed in (None, "002", site.code("002")):
        if typed is None:
            page.get_by_role("button", name="Use ID and code").click()
        else:
            page.keyboard.type(typed)
            page.keyboard.press("Enter")
    reads("greeted", "Each step can take three times as long.")
    look_after(page, began, 4.5)
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "ready")
    page.evaluate("localStorage.removeItem('secure-attend-kiosk')")
    page.reload()
    reads("pairing", "Nobody can check in here until an admin has paired this kiosk. Ask the front office")


def test_b5_registering_oneself_another_way(
    start: Callable[..., Running], page: Page, axe: Check, shoot: Shoot
) -> None:
    """Without a face, looking straight only, or with more time: said on each screen, and done."""
    site = start(DrawnFaces(), self_registration=True).with_roster("002,Jane Smith", agreed=False)
    page.add_init_script(f"if (navigator.mediaDevices) {{{CAMERAS.read_text(encoding='utf-8')}}}")
    asked: list[object] = []

    def note(route: Route) -> None:
        asked.append(route.request.post_data_json["without_turning"])
        route.continue_()

    page.route("**/self-registrations", note)
    page.goto(f"{site.address}/register")
    expect(page.locator("#student-id")).to_be_focused()
    page.get_by_role("button", name="Another way").click()
    for name, needs in {
        "Use ID and code": "You can check in without registering your face.",
        "I can’t turn my head": "All pictures are taken while you look straight ahead.",
        "More time": "Each step can take three times as long.",
    }.items():
        way = page.locator("#ways").get_by_role("button", name=name)
        assert needs in (page.locator(f"#{way.get_attribute('aria-describedby')}").text_content() or "")
    axe(page)
    shoot(page, "register-ways")
    page.locator("#way-time").click()
    expect(page.locator("#id-wish")).to_have_text("You’ll have three times as long for each picture.")
    page.locator("#student-id").fill("002")
    page.keyboard.press("Enter")
    expect(page.locator("#consent-wish")).to_be_visible()
    with page.expect_response("**/more-time") as extended:
        page.get_by_role("button", name="I agree").click()
    assert extended.value.status == 200
    expect(page.locator("#screen-capture")).to_be_visible()
    page.get_by_role("button", name="Another way").click()
    with page.expect_response("**/self-registrations"):
        page.locator("#way-still").click()
    assert asked == [False, True]
    page.get_by_role("button", name="Another way").click()
    page.locator("#way-code").click()
    expect(page.locator("#who-title")).to_have_text("Check in with ID and code")
    expect(page.locator("#student-id")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/student\.html$"))


def test_b6_a_dark_room_is_said_at_once_another_way_offered_and_the_cause_named(
    start: Callable[..., Running], sface: FaceEngine, page: Page, shoot: Shoot
) -> None:
    """With a tenth of the light. The page offers ID and code long before the end."""
    site = start(sface, step_seconds=10.0).with_roster("002,Jane Smith").with_face("002", astronaut().jpeg())
    page.goto(f"{site.address}/student")
    page.evaluate("actor.light = 0.1")
    page.get_by_role("button", name="Check in", exact=True).click()
    expect(page.locator("#hint")).to_have_text("It’s too dark. Turn towards the light.")
    expect(page.get_by_role("button", name="Another way")).to_be_visible()
    expect(page.locator("#screen-checking")).to_be_visible()
    shoot(page, "student-dark")
    expect(page.locator("#trouble-cause")).to_have_text("It was too dark. Turn towards the light.", timeout=SESSION)
    expect(page.get_by_role("button", name="Use ID and code")).to_be_visible()
    assert site.records("002") == []


def test_after_a_failure_another_way_comes_first_when_the_server_says_so(
    jane: Running, page: Page, axe: Check, shoot: Shoot
) -> None:
    def too_late(route: Route) -> None:
        body = {"code": "challenge_expired", "detail": "That took too long.", "other_way": True}
        route.fulfill(status=410, content_type="application/problem+json", json=body)

    page.goto(f"{jane.address}/student")
    page.route("**/frames?*", too_late)
    page.get_by_role("button", name="Check in", exact=True).click()
    expect(page.locator("#trouble-title")).to_have_text("That took too long")
    expect(page.locator("#trouble-text")).to_have_text("Check in with your ID and personal code, or try again.")
    expect(page.locator("#trouble-cause")).to_be_hidden()
    expect(page.locator("#use-code")).to_be_focused()
    expect(page.locator("#screen-trouble .btn-primary:visible")).to_have_text(["Use ID and code"])
    axe(page)
    shoot(page, "student-another-way-first")
    page.keyboard.press("Tab")
    expect(page.locator("#again")).to_be_focused()
    page.unroute("**/frames?*")
    page.evaluate("actor.refuse = 'NotFoundError'")
    page.keyboard.press("Enter")
    expect(page.locator("#trouble-title")).to_have_text("No camera found")
    expect(page.locator("#screen-trouble .btn:visible")).to_have_text(["Try again", "Use ID and code", "Back"])


def test_more_time_is_kept_for_another_try_and_no_longer(jane: Running, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if sent.url.endswith("/more-time") else None)
    page.goto(f"{jane.address}/student")
    page.evaluate("actor.pause = true")
    page.get_by_role("button", name="Another way").click()
    with page.expect_response("**/more-time"):
        page.locator("#way-time").click()
    page.route("**/frames?*", lambda route: route.fulfill(status=410, json={"code": "challenge_expired", "detail": ""}))
    expect(page.locator("#trouble-title")).to_have_text("That took too long")
    page.unroute("**/frames?*")
    with page.expect_response("**/more-time") as extended:
        page.locator("#again").click()
    assert extended.value.status == 200
    page.locator("#stop").click()
    page.locator("#check-in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
    page.wait_for_timeout(500)
    assert len(set(asked)) == len(asked) == 2


def test_b15_the_check_in_page_of_a_computer_that_is_no_kiosk_leads_back(
    start: Callable[..., Running], browser: Browser
) -> None:
    """The link leads to the faculty page."""
    site = start(None, locked=True)
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.address}/student")
    page.get_by_role("link", name="Back to the faculty page").click()
    page.wait_for_url("**/faculty*")
    context.close()
