"""The kiosk's other answers: each has its own words and a way on."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, Request, Route, expect

from secure_attend.faces.engine import FaceEngine
from tests.e2e.conftest import (
    ARGUMENTS,
    OTHER,
    PATIENCE,
    SESSION,
    START,
    Running,
    cameras_open,
    chromium,
    look_after,
    resized,
    stop_the_clock,
)
from tests.support.puppet import Puppet, astronaut, encoded

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_somebody_else_is_refused(
    site: Running, puppets: dict[str, Puppet], page: Page, axe: Check, shoot: Shoot
) -> None:
    site.with_roster("002,Jane Smith").with_face("002", puppets[OTHER].jpeg())
    page.goto(f"{site.address}/student")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#trouble-title")).to_have_text("We didn’t recognise you", timeout=SESSION)
    expect(page.locator("#trouble-text")).to_contain_text("Ask the front office")
    axe(page)
    shoot(page, "student-not-recognised")
    assert site.records("002") == []
    page.get_by_role("button", name="Back").click()
    expect(page.locator("#check-in")).to_be_visible()


def test_who_looks_like_somebody_else_says_an_id(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    """Twins as far as the models can tell: nobody is greeted until one of the two IDs is typed."""
    john = jane.student("001")["key"]
    jane.call("POST", f"/students/{john}/faces?confirm_other=1", astronaut().jpeg(), "image/jpeg")
    jane.call("DELETE", f"/students/{john}/alike/{jane.student('002')['key']}")
    page.goto(f"{jane.address}/student")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#trouble-title")).to_have_text("We need to be sure it’s you", timeout=SESSION)
    axe(page)
    shoot(page, "student-says-an-id")
    page.get_by_label("Your student ID").and_(page.locator("#claimed-id")).fill("002")
    page.locator("#claim-form").get_by_role("button", name="Check in").click()
    expect(page.locator("#hello")).to_contain_text("Jane Smith")
    assert len(jane.records("002")) == 1
    assert jane.records("001") == []


def test_a_face_hidden_for_a_while_is_asked_for_something_else_and_checked_in(
    jane: Running, page: Page, shoot: Shoot
) -> None:
    page.goto(f"{jane.address}/student")
    page.get_by_role("button", name="Check in").click()
    moves = re.compile("turn|tilt|eyes|mouth|closer")
    expect(page.locator("#screen-checking")).to_have_attribute("data-action", moves, timeout=SESSION)
    page.evaluate("actor.away = true; actor.pause = true")
    page.wait_for_timeout(3500)  # the server's clock: a face is hidden for a while after two and a half seconds
    shoot(page, "student-hidden")
    page.evaluate("actor.away = false; actor.pause = false")
    expect(page.locator("#hello")).to_contain_text("Jane Smith", timeout=SESSION)
    assert len(jane.records("002")) == 1


def test_not_me_cancels_and_says_so(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    stop_the_clock(page)  # "Not me" stays within reach
    _check_in(page, jane)
    shoot(page, "student-greeted")
    page.get_by_role("button", name="Not me").click()
    expect(page.locator("#said")).to_contain_text("The check-in of Jane Smith is cancelled.")
    axe(page)
    shoot(page, "student-not-me")
    cancelled, check_in = jane.records("002")
    assert cancelled["cancels"] == check_in["id"]
    assert check_in["cancelled"]


def test_not_me_stays_within_reach(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    """After four seconds the kiosk is ready for the next; for ten, the last one can still say so."""
    began = stop_the_clock(page)
    _check_in(page, jane)
    look_after(page, began, 3.5)
    expect(page.locator("#screen-greeted")).to_be_visible()
    look_after(page, began, 4.5)
    expect(page.locator("#recent")).to_be_visible()
    expect(page.locator("#check-in")).to_be_focused()
    axe(page)
    shoot(page, "student-ready-for-the-next")
    look_after(page, began, 9.5)
    expect(page.locator("#recent")).to_be_visible()
    look_after(page, began, 10.5)
    expect(page.locator("#recent")).to_be_hidden()


def test_twice_within_the_interval(jane: Running, page: Page) -> None:
    _check_in(page, jane)
    first = page.locator("#fact").text_content() or ""
    expect(page.locator("#screen-ready")).to_be_visible()
    stop_the_clock(page)  # "Not me" stays within reach
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#fact")).to_contain_text("You’re already checked in", timeout=SESSION)
    assert first.split()[-1].rstrip(".") in (page.locator("#fact").text_content() or "")
    page.get_by_role("button", name="Not me").click()
    expect(page.locator("#said")).to_contain_text("earlier check-in stays")
    assert len(jane.records("002")) == 1


def test_a_device_that_is_busy_drawing_follows_all_the_same(jane: Running, page: Page) -> None:
    """Browsers leave some work for a quiet moment, which on a slow tablet hardly comes; here none ever does."""
    page.add_init_script("HTMLCanvasElement.prototype.toBlob = () => {}; globalThis.requestIdleCallback = () => 0;")
    _check_in(page, jane)


def test_nobody_is_registered_yet(site: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    page.goto(f"{site.address}/student")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#trouble-title")).to_have_text("Nobody is registered yet")
    axe(page)
    shoot(page, "student-nobody-registered")
    cameras_open(page, 0)


def test_four_steps_are_played_and_each_is_said_once(
    start: Callable[..., Running], sface: FaceEngine, page: Page, axe: Check, shoot: Shoot
) -> None:
    """The standard session through the page, to a record; a screen reader hears every instruction once."""
    site = start(sface, liveness="standard").with_roster("002,Jane Smith")
    site.with_face("002", astronaut().jpeg())
    page.goto(f"{site.address}/student")
    page.evaluate(
        """() => {
          globalThis.heard = [];
          const live = document.getElementById('live');
          new MutationObserver(() => live.textContent && heard.push(live.textContent))
            .observe(live, { childList: true, characterData: true, subtree: true });
        }"""
    )
    page.evaluate("actor.pause = true")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#progress")).to_have_text("Step 1 of 4")
    expect(page.locator("#steps li")).to_have_count(4)
    expect(page.locator("#steps li[aria-current=step]")).to_have_text("Step 1")
    axe(page)
    shoot(page, "student-first-step")
    resized(page, 640, 400)  # a screen of 1280 by 800, zoomed to 200 %
    for part in ("#instruction", "#move", "#video"):
        expect(page.locator(part)).to_be_in_viewport(ratio=0.9)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    resized(page, 1280)
    page.evaluate("actor.pause = false")
    expect(page.locator("#hello")).to_contain_text("Jane Smith", timeout=SESSION)
    assert len(site.records("002")) == 1
    heard = page.evaluate("heard")
    steps = [sentence for sentence in heard if sentence.startswith("Step ")]
    # A step that was not met in time, and was replaced by another, is announced anew.
    assert list(dict.fromkeys(step.partition(".")[0] for step in steps)) == [f"Step {n} of 4" for n in range(1, 5)]
    assert len(steps) == len(set(steps))
    # While the eyes are shut it may be heard, too: Good. Keep them closed.
    assert sum(sentence.startswith("Good. Now ") for sentence in heard) == 4


def test_who_cannot_turn_the_head_is_asked_otherwise_and_types_id_and_code(
    jane: Running, page: Page, axe: Check, shoot: Shoot
) -> None:
    asked: list[dict[str, object]] = []

    def note(route: Route, request: Request) -> None:
        asked.append(request.post_data_json)
        route.continue_()

    page.route("**/challenges", note)
    code = jane.code("002")
    page.goto(f"{jane.address}/student")
    expect(page.locator("#check-in")).to_be_visible()
    page.get_by_role("button", name="Another way").click()
    expect(page.get_by_role("button", name="I can’t turn my head")).to_have_accessible_description(
        "You need the camera, then your student ID and your personal code."
    )
    axe(page)
    shoot(page, "student-another-way")
    page.get_by_role("button", name="I can’t turn my head").click()
    expect(page.locator("#trouble-title")).to_have_text("One more step", timeout=SESSION)
    axe(page)
    shoot(page, "student-id-and-code")
    page.locator("#claimed-id").fill("002")
    page.locator("#claimed-code").fill("x" + code[1:])
    page.keyboard.press("Enter")
    expect(page.locator("#trouble-title")).to_have_text("ID and code don’t match")
    page.locator("#claimed-code").fill(code)
    page.keyboard.press("Enter")
    expect(page.locator("#hello")).to_contain_text("Jane Smith")
    assert asked == [{"purpose": "check_in", "without_turning": True}]
    assert len(jane.records("002")) == 1
    expect(page.locator("#claimed-code")).to_have_value("")
    expect(page.locator("#claimed-id")).to_have_value("")


def test_more_time_is_asked_for_once_and_the_check_in_continues(jane: Running, page: Page, axe: Check) -> None:
    page.goto(f"{jane.address}/student")
    page.get_by_role("button", name="Check in", exact=True).click()
    page.get_by_role("button", name="Another way").click()
    with page.expect_response("**/more-time") as extended:
        page.get_by_role("button", name="More time").click()
    assert extended.value.status == 200
    expect(page.locator("#ways")).to_be_hidden()
    expect(page.locator("#other-way")).to_be_hidden()
    axe(page)
    expect(page.locator("#hello")).to_contain_text("Jane Smith", timeout=SESSION)


def test_another_way_is_offered_when_the_server_says_so(jane: Running, page: Page) -> None:
    def offer(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "other_way": True})

    page.route("**/challenges/*/frames*", offer)
    page.goto(f"{jane.address}/student")
    page.get_by_role("button", name="Check in", exact=True).click()
    page.locator("#other-way").click()
    expect(page.locator("#screen-who")).to_be_visible()


def test_who_makes_other_movements_is_offered_another_way_without_a_word_why_and_still_gets_in(
    jane: Running, page: Page, axe: Check, shoot: Shoot
) -> None:
    page.goto(f"{jane.address}/student")
    page.evaluate("actor.instead = 'tilt_down'")
    page.get_by_role("button", name="Check in", exact=True).click()
    expect(page.locator("#progress")).to_have_text("Step 1 of 4", timeout=SESSION)  # of 2, and 2 for each nod
    expect(page.locator("#progress")).to_have_text("Step 1", timeout=SESSION)
    expect(page.locator("#steps li")).to_have_count(1)
    expect(page.locator("#other-way")).to_be_visible()
    page.evaluate("actor.instead = null")
    axe(page)
    shoot(page, "student-other-movements")
    expect(page.locator("#screen-checking")).not_to_contain_text(re.compile("mov(ed|ement)", re.IGNORECASE))
    expect(page.locator("#hello")).to_contain_text("Jane Smith", timeout=SESSION)


def test_hands_free_from_one_to_the_next(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    """Nobody touches anything: the kiosk wakes, greets, stays quiet while the same person stands there, and wakes for
    the next. Not a byte is sent before somebody has stayed."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/challenges" in request.url else None)
    page.goto(f"{jane.address}/student")
    page.evaluate("actor.away = true")  # before it looks for the first time: what it sees then is the empty room
    expect(page.locator("#check-in")).to_be_visible()
    page.get_by_role("button", name="Kiosk settings").click()
    page.locator("#set-hands-free").check()
    page.keyboard.press("Escape")
    expect(page.locator("#watched")).to_be_visible()
    _looked(page, 10)
    cameras_open(page, 1)
    axe(page)
    shoot(page, "student-hands-free")
    assert sent == []
    page.evaluate("actor.away = false")
    expect(page.locator("#hello")).to_contain_text("Jane Smith", timeout=SESSION)
    expect(page.locator("#screen-ready")).to_be_visible()
    before = len(sent)
    _looked(page, 10)
    assert len(sent) == before
    page.evaluate("actor.away = true")
    _looked(page, 12)
    page.evaluate("actor.away = false")
    expect(page.locator("#screen-checking")).to_be_visible()
    assert len(jane.records("002")) == 1


def _looked(page: Page, times: int) -> None:
    """Waits until a hands-free kiosk has looked so often: at most five times a second, and less on a busy machine."""
    page.wait_for_function("times => actor.looks >= times", arg=page.evaluate("actor.looks") + times)


def test_settings_stay_with_the_browser(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    page.goto(f"{jane.address}/student")
    expect(page.locator("#check-in")).to_be_visible()
    page.get_by_role("button", name="Kiosk settings").focus()
    page.keyboard.press("Enter")
    axe(page)
    shoot(page, "student-settings")
    page.get_by_label("Soft tones").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.locator("#settings")).to_be_hidden()
    page.reload()
    expect(page.locator("#check-in")).to_be_visible()
    page.get_by_role("button", name="Kiosk settings").click()
    expect(page.get_by_label("Soft tones")).not_to_be_checked()
    expect(page.get_by_label("Read instructions aloud")).not_to_be_checked()


@pytest.mark.parametrize(
    ("failure", "title"),
    [
        ("NotFoundError", "No camera found"),
        ("NotAllowedError", "This page can’t use the camera"),
        ("NotReadableError", "The camera is busy"),
    ],
)
def test_camera_troubles(jane: Running, page: Page, axe: Check, shoot: Shoot, failure: str, title: str) -> None:
    page.goto(f"{jane.address}/student")
    page.evaluate(f"actor.refuse = '{failure}'")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#trouble-title")).to_have_text(title)
    axe(page)
    shoot(page, f"student-{failure}")
    page.evaluate("actor.refuse = null")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#screen-checking")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#check-in")).to_be_visible()
    cameras_open(page, 0)


def test_a_refusal_shows_its_true_cause(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    """The last frame comes after the session's time, and the server knows what kept the person from continuing."""

    def too_late(route: Route) -> None:
        body = {"code": "challenge_expired", "detail": "That took too long.", "hint": "too_dark"}
        route.fulfill(status=410, content_type="application/problem+json", json=body)

    page.goto(f"{jane.address}/student")
    page.route("**/frames?*", too_late)
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#trouble-title")).to_have_text("That took too long")
    expect(page.locator("#trouble-cause")).to_have_text("It was too dark. Turn towards the light.")
    axe(page)
    shoot(page, "student-too-dark")
    page.unroute("**/frames?*")
    page.evaluate("actor.refuse = 'NotFoundError'")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#trouble-title")).to_have_text("No camera found")
    expect(page.locator("#trouble-cause")).to_be_hidden()


def test_page_that_is_not_secure(jane: Running, page: Page, shoot: Shoot) -> None:
    page.add_init_script("Object.defineProperty(globalThis, 'isSecureContext', {value: false})")
    page.goto(f"{jane.address}/student")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#trouble-title")).to_have_text("The camera needs a secure page")
    shoot(page, "student-not-secure")


def test_models_that_do_not_work(start: Callable[..., Running], page: Page, axe: Check, shoot: Shoot) -> None:
    site = start(None).with_roster("002,Jane Smith")
    page.goto(f"{site.address}/student")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#trouble-title")).to_have_text("Face check-in isn’t working right now")
    shoot(page, "student-no-models")
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#profile-problem")).to_contain_text("Checking in by hand works.")
    axe(page)


def test_a_lost_answer_costs_nothing(jane: Running, page: Page) -> None:
    """Every seventh frame arrives and its answer is lost: the same bytes are sent again, and the check-in goes on."""
    sent: list[tuple[str, bytes | None]] = []

    def lossy(route: Route, request: Request) -> None:
        sent.append((request.url, request.post_data_buffer))
        if len(sent) % 7 == 0:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/frames?*", lossy)
    _check_in(page, jane)
    again = [(earlier, later) for earlier, later in itertools.pairwise(sent) if earlier[0] == later[0]]
    assert len(again) >= len(sent) // 8
    assert all(earlier == later for earlier, later in again)
    assert len(jane.records("002")) == 1


def test_server_restarted_in_the_middle(
    start: Callable[..., Running], sface: FaceEngine, page: Page, axe: Check, shoot: Shoot
) -> None:
    first = start(sface).with_roster("002,Jane Smith").with_face("002", astronaut().jpeg())
    page.goto(f"{first.address}/student")
    page.evaluate("actor.pause = true")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#progress")).to_have_text("Step 1 of 2")
    first.stop()
    expect(page.locator("#away-title")).to_be_visible(timeout=SESSION)
    axe(page)
    shoot(page, "student-server-away")
    cameras_open(page, 0)
    again = start(sface, port=first.port)
    page.evaluate("actor.pause = false")
    expect(page.locator("#hello")).to_contain_text("Jane Smith", timeout=SESSION)
    assert len(again.records("002")) == 1


def test_history_closes_by_itself(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    began = stop_the_clock(page)
    page.goto(f"{jane.address}/student")
    page.get_by_role("button", name="My attendance").click()
    shoot(page, "student-history-pad")
    assert page.locator("#student-id").get_attribute("autocomplete") == "off"
    page.keyboard.type("999")
    page.keyboard.press("Enter")
    expect(page.locator("#who-problem")).to_contain_text("We don’t know the ID “999”.")
    axe(page)
    page.locator("#student-id").fill("002")
    page.keyboard.press("Enter")
    expect(page.locator("#history-empty")).to_be_visible()
    shoot(page, "student-history-empty")
    look_after(page, began, 19.5)
    expect(page.locator("#history-empty")).to_be_visible()
    look_after(page, began, 20.5)
    expect(page.locator("#screen-ready")).to_be_visible()


def test_a_late_answer_is_not_shown_to_the_next_person(jane: Running, page: Page) -> None:
    held: list[Route] = []
    page.route("**/history", lambda route: held.append(route))
    page.goto(f"{jane.address}/student")
    page.get_by_role("button", name="My attendance").click()
    page.keyboard.type("002")
    with page.expect_request("**/history") as asked:
        page.keyboard.press("Enter")
    with page.expect_event("requestfailed", lambda request: request.url == asked.value.url):
        page.locator("#who-back").click()  # nobody waits for it any more
    page.get_by_role("button", name="My attendance").click()
    held[0].fulfill(json={"student": {"student_id": "002", "name": "Jane Smith"}, "records": [], "total": 0})
    page.wait_for_timeout(300)
    expect(page.locator("#who-form")).to_be_visible()
    expect(page.locator("#history-shown")).to_be_hidden()


def test_once_through_a_camera_device(
    play: Playwright, start: Callable[..., Running], sface: FaceEngine, tmp_path: Path
) -> None:
    """Chromium's own capture: a file stands in for the webcam. It shows one face looking straight, so that the check-in
    gets as far as its first step and asks for it again in other words."""
    jane = start(sface, step_seconds=10.0).with_roster("002,Jane Smith").with_face("002", astronaut().jpeg())
    clip = tmp_path / "clip.mjpeg"
    clip.write_bytes(b"".join(encoded(astronaut().frame(scale=scale)) for scale in (1.0, 1.01) for _ in range(8)))
    video = f"--use-file-for-fake-video-capture={clip}"
    browser = play.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, video], timeout=START)
    context = browser.new_context(permissions=["camera"])
    context.set_default_timeout(PATIENCE)
    jane.let_in(context)
    page = context.new_page()
    page.goto(f"{jane.address}/student")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#instruction")).to_have_text("Look straight at the camera")
    asked = page.locator('#screen-checking:not([data-action="look_straight"])')
    expect(asked).to_be_visible(timeout=SESSION)
    expect(page.locator("#instruction")).to_have_text(
        re.compile("over your|Shut both eyes|Look up|Look down|as if to yawn|face towards")
    )
    browser.close()


def _check_in(page: Page, site: Running) -> None:
    page.goto(f"{site.address}/student")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#hello")).to_contain_text("Jane Smith", timeout=SESSION)
