"""A kiosk that is never a dead end: cameras that fail, forms without a keyboard, questions left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Running, look_after, stop_the_clock
from tests.support.fakes import DrawnFaces, Scene

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]
CAMERAS = Path(__file__).parents[1] / "cameras.js"
PATIENT = """
  const soon = globalThis.setTimeout;
  globalThis.setTimeout = (act, ms, ...rest) => (ms >= 8000 ? 0 : soon(act, ms, ...rest));
"""
"""No camera is given up, however long a busy machine takes: the longest waits never end."""
HANDS_FREE = """localStorage.setItem('secure-attend-kiosk-settings', '{"handsFree":true}');"""


@pytest.fixture
def kiosk(start: Callable[..., Running], context: BrowserContext) -> Callable[..., Page]:
    """Opens the kiosk before cameras that behave as told."""
    site = start(DrawnFaces(), self_registration=True).with_roster("002,Jane Smith").with_face("002", Scene(1).jpeg())

    def begin(script: str = "", path: str = "/student") -> Page:
        context.add_init_script(f"if (navigator.mediaDevices) {{{script}{CAMERAS.read_text(encoding='utf-8')}}}")
        page = context.new_page()
        page.goto(f"{site.address}{path}")
        expect(page.locator("#check-in, #student-id").first).to_be_visible()
        return page

    return begin


def learns_the_room(page: Page) -> None:
    """Waits until a hands-free kiosk has seen the empty room a few times, as it does in life before somebody comes."""
    page.wait_for_function("times => looks >= times", arg=page.evaluate("looks") + 5)


@pytest.mark.parametrize(
    "state", ["busy", "hangs", "blank", "black", "overconstrained", "aborted", "denied", "silent", "over"]
)
def test_a_remembered_camera_that_fails_is_not_the_only_one_tried(kiosk: Callable[..., Page], state: str) -> None:
    """The other one is used, and stands in the list of cameras as the one in use."""
    page = kiosk(
        f"globalThis.cameras = {{A: '{state}', B: 'works'}}; localStorage.setItem('secure-attend-camera', 'A');"
    )
    page.locator("#check-in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
    assert page.locator("#camera").input_value() == "B"


@pytest.mark.parametrize("known_by", ["permission", "names"])
def test_a_camera_that_never_answers_is_waited_for_once(kiosk: Callable[..., Page], known_by: str) -> None:
    """The other one comes next, though nobody chose one. A browser that names its cameras asks for no permission."""
    asking = "navigator.permissions.query = async () => Object.assign(new EventTarget(), {state: 'prompt'});"
    page = kiosk(f"globalThis.cameras = {{A: 'hangs', B: 'works'}}; {asking if known_by == 'names' else ''}")
    page.locator("#check-in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
    assert page.evaluate("asked") == ["", "B"]


def test_while_a_camera_does_not_answer_another_one_can_be_chosen(kiosk: Callable[..., Page]) -> None:
    """And the check-in goes on with that, at once: here the first one would be waited for for ever."""
    page = kiosk(
        f"{PATIENT} globalThis.cameras = {{A: 'hangs', B: 'works'}}; localStorage.setItem('secure-attend-camera', 'A');"
    )
    page.locator("#check-in").click()
    page.wait_for_function("() => asked.join() === 'A'")
    page.locator("#camera").select_option("B")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
    assert page.evaluate("asked") == ["A", "B"]


def test_another_camera_is_chosen_in_a_check_in_and_takes_its_time(
    kiosk: Callable[..., Page], axe: Check, shoot: Shoot
) -> None:
    """The check-in waits for it, and says so."""
    page = kiosk(f"{PATIENT} globalThis.cameras = {{A: 'works', B: 'slow'}};")
    page.locator("#check-in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
    page.locator("#camera").select_option("B")
    expect(page.locator("#hint")).to_have_text("Waiting for the camera. You can also use another way.")
    axe(page)
    shoot(page, "student-waiting-for-camera")
    page.evaluate("comes()")
    page.wait_for_function("() => opened.join() === 'A,B'")
    expect(page.locator("#hint")).to_contain_text("look into the camera", ignore_case=True)
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")


def test_when_every_camera_is_busy_one_can_be_chosen(kiosk: Callable[..., Page], axe: Check, shoot: Shoot) -> None:
    """And ID and code stay in reach."""
    page = kiosk("globalThis.cameras = {A: 'busy', B: 'busy'};")
    page.locator("#check-in").click()
    expect(page.locator("#trouble-title")).to_have_text("The camera is busy")
    expect(page.get_by_role("button", name="Use ID and code")).to_be_visible()
    axe(page)
    shoot(page, "student-camera-busy")
    page.evaluate("cameras.B = 'works'")
    page.get_by_label("Use another camera").select_option("B")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")


def test_a_camera_that_sleeps_is_opened_again_hands_free(kiosk: Callable[..., Page]) -> None:
    """Then somebody steps up, and the check-in begins. A camera that is pulled out, and put in again, is used again."""
    page = kiosk(f"globalThis.cameras = {{A: 'works'}}; {HANDS_FREE}")
    page.wait_for_function("() => opened.length === 1 && document.getElementById('video').videoWidth > 0")
    page.evaluate("sleepNow()")
    page.wait_for_function("() => opened.length === 2")
    page.evaluate("pullOut('A')")
    expect(page.locator("#trouble-title")).to_have_text("No camera found")
    page.evaluate("plugIn('A')")
    page.wait_for_function("() => opened.length === 3")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "ready")
    learns_the_room(page)
    page.evaluate("person = true")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")


def test_a_camera_pulled_out_in_a_check_in_is_replaced(kiosk: Callable[..., Page]) -> None:
    """The check-in goes on with the other one."""
    page = kiosk()
    page.locator("#check-in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
    page.evaluate("pullOut('A')")
    page.wait_for_function("() => opened.join() === 'A,B'")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")


@pytest.mark.parametrize("fault", ["cameras.A = 'still'", "mute('A')", "cameras.A = 'once'"])
def test_a_camera_that_shows_the_same_for_ever_gives_way_hands_free(kiosk: Callable[..., Page], fault: str) -> None:
    """Frozen by its driver, covered, muted, or again each time it is opened: the other camera sees who steps up."""
    page = kiosk(HANDS_FREE)
    page.wait_for_function("() => opened.join() === 'A'")
    page.evaluate(fault)
    page.wait_for_function("() => opened.at(-1) === 'B'")
    learns_the_room(page)
    page.evaluate("person = true")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")


def test_the_only_camera_shows_nothing_but_black_and_the_kiosk_says_so(kiosk: Callable[..., Page]) -> None:
    page = kiosk(f"globalThis.cameras = {{A: 'black'}}; {HANDS_FREE}")
    expect(page.locator("#watched")).to_have_text("The camera shows only black. Open its cover or turn on a light.")
    page.evaluate("cameras.A = 'works'")
    expect(page.locator("#watched")).to_contain_text("The camera is on.")


def test_the_only_camera_stops_each_time_it_is_opened_and_the_kiosk_says_so(kiosk: Callable[..., Page]) -> None:
    page = kiosk(f"globalThis.cameras = {{A: 'once'}}; {HANDS_FREE}")
    expect(page.locator("#watched")).to_contain_text("The camera’s picture is frozen.")
    page.evaluate("cameras.A = 'works'")
    expect(page.locator("#watched")).to_contain_text("The camera is on.")


def test_the_only_camera_stands_still_and_the_kiosk_says_so(kiosk: Callable[..., Page]) -> None:
    """Hands free, and to whoever presses the button."""
    page = kiosk(f"globalThis.cameras = {{A: 'still'}}; {HANDS_FREE}")
    expect(page.locator("#watched")).to_contain_text("The camera’s picture is frozen.")
    page.locator("#check-in").click()
    expect(page.locator("#hint")).to_contain_text("The picture is frozen.")
    page.evaluate("cameras.A = 'works'")
    expect(page.locator("#hint")).to_contain_text("look into the camera", ignore_case=True)


@pytest.mark.parametrize("counted", [True, False])
def test_a_camera_that_ends_without_a_word_is_opened_again(kiosk: Callable[..., Page], *, counted: bool) -> None:
    """Not all browsers say so, nor do all count pictures. The clock stands, by which a stall would be noticed too."""
    uncounted = """
      delete HTMLVideoElement.prototype.requestVideoFrameCallback;
      delete HTMLVideoElement.prototype.getVideoPlaybackQuality;
    """
    standing = "performance.now = () => 1;"
    page = kiosk(f"{standing} globalThis.cameras = {{A: 'works'}}; {HANDS_FREE} {'' if counted else uncounted}")
    page.wait_for_function("() => opened.length === 1 && document.getElementById('video').videoWidth > 0")
    page.evaluate("endQuietly('A')")
    page.wait_for_function("() => opened.length === 2")


def test_a_tablet_that_is_turned_shows_what_it_sends(kiosk: Callable[..., Page]) -> None:
    page = kiosk()
    page.locator("#check-in").click()
    expect(page.locator(".stage")).to_have_attribute("data-upright", "false")
    page.evaluate("turn()")
    expect(page.locator(".stage")).to_have_attribute("data-upright", "true")


def test_a_permission_that_was_taken_back_and_given_again(kiosk: Callable[..., Page]) -> None:
    """The page says what to do. Half a minute later it looks again, and nobody has to touch it."""
    page = kiosk(f"globalThis.cameras = {{A: 'works'}}; {HANDS_FREE}")
    page.clock.install()
    page.wait_for_function("() => opened.length === 1 && document.getElementById('video').videoWidth > 0")
    page.evaluate("revoke()")
    expect(page.locator("#trouble-title")).to_have_text("This page can’t use the camera")
    expect(page.get_by_role("button", name="Use ID and code")).to_be_visible()
    page.evaluate("cameras.A = 'works'")
    page.clock.fast_forward(31_000)
    page.wait_for_function("() => opened.length === 2")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "ready")


def test_a_camera_that_never_answers_is_not_waited_for_for_ever(kiosk: Callable[..., Page]) -> None:
    """Not even where the browser may be asking somebody who left."""
    asking = "navigator.permissions.query = async () => Object.assign(new EventTarget(), {state: 'prompt'});"
    page = kiosk(f"{asking} globalThis.nameless = true; globalThis.cameras = {{A: 'hangs'}};")
    page.clock.install()
    page.locator("#check-in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "opening")
    page.clock.fast_forward(31_000)
    expect(page.locator("#trouble-title")).to_have_text("The camera doesn’t answer")
    page.evaluate("cameras.A = 'works'")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")


def test_a_picture_without_size_ends_a_check_in_with_words(kiosk: Callable[..., Page]) -> None:
    """And the next try opens the camera anew."""
    page = kiosk()
    page.locator("#check-in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
    page.evaluate(
        """() => {
          const none = { value: 0, configurable: true };
          Object.defineProperties(document.getElementById('video'), { videoWidth: none, videoHeight: none });
        }"""
    )
    expect(page.locator("#trouble-title")).to_have_text("The camera stopped")
    page.evaluate("['videoWidth', 'videoHeight'].forEach((side) => delete document.getElementById('video')[side])")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")


def test_who_waits_for_a_slow_connection_is_told(kiosk: Callable[..., Page], axe: Check, shoot: Shoot) -> None:
    """No answer comes that could say it."""
    page = kiosk(
        """
        const ask = globalThis.fetch;
        globalThis.slow = 0;
        globalThis.fetch = async (...call) => {
          const answer = await ask(...call);
          if (String(call[0]).includes('/frames')) await new Promise((done) => setTimeout(done, globalThis.slow));
          return answer;
        };
        """
    )
    page.locator("#check-in").click()
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "checking")
    page.evaluate("slow = 6000")
    expect(page.locator("#hint")).to_contain_text("The connection is slow.")
    axe(page)
    shoot(page, "student-slow-connection")
    page.evaluate("slow = 0")
    expect(page.locator("#hint")).to_contain_text("look into the camera", ignore_case=True)


def test_the_chosen_camera_is_used_again_once_it_is_back(kiosk: Callable[..., Page]) -> None:
    page = kiosk(f"localStorage.setItem('secure-attend-camera', 'B'); {HANDS_FREE}")
    page.wait_for_function("() => opened.join() === 'B'")
    page.evaluate("pullOut('B')")
    page.wait_for_function("() => opened.join() === 'B,A'")
    page.evaluate("plugIn('B')")
    page.wait_for_function("() => opened.join() === 'B,A,B'")


def test_who_types_an_id_is_not_disturbed_by_a_broken_camera(kiosk: Callable[..., Page]) -> None:
    page = kiosk(f"globalThis.cameras = {{A: 'works'}}; {HANDS_FREE}")
    page.wait_for_function("() => opened.length === 1")
    page.get_by_role("button", name="Use ID and code").click()
    page.evaluate("pullOut('A')")
    page.keyboard.type("002")
    page.wait_for_timeout(2500)
    expect(page.locator("#student-id")).to_have_value("002")
    expect(page.locator("#kiosk")).to_have_attribute("data-screen", "who")


def test_registering_oneself_another_camera_can_be_chosen(kiosk: Callable[..., Page], axe: Check, shoot: Shoot) -> None:
    page = kiosk("globalThis.cameras = {A: 'busy', B: 'busy'};", "/register")
    page.locator("#student-id").fill("002")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="I agree").click()
    expect(page.locator("#trouble-title")).to_have_text("The camera is busy")
    axe(page)
    shoot(page, "register-camera-busy")
    page.evaluate("cameras.B = 'works'")
    with page.expect_request("**/frames?*"):  # it is open, and its pictures are sent
        page.get_by_label("Use another camera").select_option("B")
    expect(page.locator("#screen-capture")).to_be_visible()
    page.evaluate("pullOut('B')")
    expect(page.locator("#trouble-title")).to_have_text("No camera found")


def test_the_screen_stays_on_after_the_page_was_hidden(kiosk: Callable[..., Page], context: BrowserContext) -> None:
    """A lock ends when the page is hidden. One that is refused is asked for again, though nobody touches anything."""
    context.clock.install()
    page = kiosk(
        """
        globalThis.locks = [];
        globalThis.lowBattery = false;
        globalThis.seen = 'visible';
        Object.defineProperty(document, 'visibilityState', { get: () => globalThis.seen });
        Object.defineProperty(navigator, 'wakeLock', { value: { async request() {
          if (globalThis.lowBattery) throw new DOMException('low battery', 'NotAllowedError');
          const lock = new EventTarget();
          globalThis.locks.push(lock);
          return lock;
        } } });
        globalThis.show = (state) => {
          globalThis.seen = state;
          if (state === 'hidden') globalThis.locks.at(-1).dispatchEvent(new Event('release'));
          document.dispatchEvent(new Event('visibilitychange'));
        };
        """
    )
    page.wait_for_function("() => locks.length === 1")
    page.evaluate("show('hidden')")
    page.evaluate("show('visible')")
    page.wait_for_function("() => locks.length === 2")
    page.evaluate("locks[1].dispatchEvent(new Event('release'))")  # taken away, though everybody sees the page
    page.wait_for_function("() => locks.length === 3")
    page.evaluate("show('hidden'); lowBattery = true; show('visible')")
    page.clock.fast_forward(2_000)
    assert page.evaluate("locks.length") == 3
    page.evaluate("lowBattery = false")
    page.clock.fast_forward(61_000)
    page.wait_for_function("() => locks.length === 4")


def test_settings_that_are_left_open_close(kiosk: Callable[..., Page], axe: Check, shoot: Shoot) -> None:
    """The next person needs the kiosk: 20 seconds to say that somebody is there, as for every question."""
    page = kiosk()
    began = stop_the_clock(page)
    page.get_by_role("button", name="Kiosk settings").click()
    look_after(page, began, 25)
    expect(page.locator("#settings-closes")).to_contain_text("This closes in")
    axe(page)
    shoot(page, "student-settings-left-alone")
    said = page.locator("#settings").get_by_role("status")  # a screen reader reaches nothing beside an open dialog
    expect(said).to_contain_text("This closes in")
    page.evaluate("document.getElementById('settings-longer').click()")  # as screen readers press it
    expect(page.locator("#settings-closes")).to_be_hidden()
    look_after(page, began, 25 + 41)
    expect(page.locator("#settings")).to_be_hidden()


@pytest.mark.parametrize("path", ["/student", "/register"])
def test_wherever_something_is_typed_there_are_keys_and_a_place_for_what_is_missing(
    kiosk: Callable[..., Page], path: str
) -> None:
    """A kiosk may have no other keyboard. No field of these pages is left out, one of tomorrow's neither."""
    page = kiosk(path=path)
    found = page.evaluate(
        """() => [...document.querySelectorAll('input:not([type=checkbox]), textarea')].map((field) => {
          const form = field.closest('form');
          const described = (field.getAttribute('aria-describedby') ?? '').split(' ');
          return {
            id: field.id,
            keys: form.querySelectorAll('[data-key]').length,
            system: field.inputMode,
            beside: described.some((id) => document.getElementById(id)?.matches('.field-error[role=alert]')),
          };
        })"""
    )
    assert found
    for field in found:
        assert field["keys"] >= 40, field
        assert field["system"] == "none", field
        assert field["beside"], field
