"""Today: the class that is open, marked by keys, undone, with visitors, and with somebody else marking too."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.conftest import LECTURER, Running
from tests.e2e.taught import every_look, taught

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_a_class_is_started_and_marked_by_keys(
    start: Callable[..., Running], context: BrowserContext, axe: Check, shoot: Shoot
) -> None:
    of = taught(start, context)
    page = of.page
    page.goto(f"{of.site.address}/faculty")
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()  # a site with courses begins here
    page.get_by_role("button", name="Start class").first.click()
    page.locator("#start-go").click()
    expect(page.locator("#class-phase")).to_contain_text("Open")
    expect(page.locator("#class-rows tr")).to_have_count(5)
    expect(page).to_have_url(re.compile("#today/."))
    meeting = page.url.rsplit("/", 1)[1]
    of.site.call("POST", f"/students/{of.keys['Eve Tanaka']}/check-ins")
    of.site.call("POST", f"/students/{of.keys['Finn Berg']}/check-ins")

    _row(page, "Anna Kowalska").focus()
    for key, name in zip("plea", ("Anna Kowalska", "Ben Hassan", "Chloé Dubois", "Dan Novak"), strict=True):
        expect(_row(page, name)).to_be_focused()
        page.keyboard.press(key)
        expect(_row(page, name)).to_contain_text("marked by staff")
        page.keyboard.press("ArrowDown")
    statuses = {name: of.row(meeting, name)["status"] for name in list(of.keys)[:5]}
    assert list(statuses.values()) == ["present", "late", "excused", "absent", "present"]
    page.keyboard.press("z")
    expect(_row(page, "Dan Novak")).to_contain_text("Not yet")
    assert of.row(meeting, "Dan Novak")["mark"] is None
    expect(_row(page, "Eve Tanaka")).to_contain_text("Present: checked in at")

    expect(page.locator("#class-visitors-list")).to_contain_text("Finn Berg")
    every_look(page, axe)
    shoot(page, "faculty-today")
    page.get_by_role("button", name="Accept Finn Berg", exact=True).click()
    expect(page.locator("#class-visitors")).to_be_hidden()
    assert of.row(meeting, "Finn Berg")["why"]["code"] == "accepted"


def test_a_class_that_met_in_another_room(
    start: Callable[..., Running], context: BrowserContext, axe: Check, shoot: Shoot
) -> None:
    of = taught(start, context)
    page, site = of.page, of.site
    keys = {}
    for room in ("Hall B", "Hall C"):
        kiosk, keys[room] = site.access.kiosks.add(f"Kiosk of {room}", LECTURER)
        site.call("PATCH", f"/kiosks/{kiosk.key}", {"room": room})
    started = site.call("POST", f"/courses/{of.course}/meetings/now", {"room": "Hall B"})
    meeting = started["meeting"]["key"]
    for number, room in (("001", "Hall C"), ("002", "Hall C"), ("003", "Hall C"), ("004", "Hall B")):
        body = {"student_id": number, "code": site.code(number), "attempt": f"{number:0>16}"}
        site.call("POST", "/check-ins", body, key=keys[room])
    page.goto(f"{site.address}/faculty#today/{meeting}")
    note = page.locator("#class-elsewhere li")
    expect(note).to_contain_text("3 students of this class checked in at Hall C.")
    every_look(page, axe)
    shoot(page, "class-elsewhere")
    note.get_by_role("button", name="Move the class").click()
    expect(page.locator("#confirm")).to_contain_text("Check-ins made in Hall B no longer count")
    axe(page)
    page.locator("#confirm-yes").click()
    expect(note).to_have_count(0)
    statuses = {name: of.row(meeting, name)["status"] for name in of.keys if name != "Finn Berg"}
    assert list(statuses.values()) == ["present", "present", "present", "not_yet", "not_yet"]
    site.call("POST", f"/meetings/{meeting}/changes", {"action": "edit", "room": "Hall B"})
    expect(note).to_contain_text("3 students")
    note.get_by_role("button", name="Accept all").click()
    expect(note).to_have_count(0)
    assert of.row(meeting, "Ben Hassan")["status"] == "present"


def test_the_second_of_two_editors_sees_the_firsts_mark(start: Callable[..., Running], context: BrowserContext) -> None:
    of = taught(start, context)
    page, meeting = of.page, of.start()
    page.goto(f"{of.site.address}/faculty#today/{meeting}")
    expect(page.locator("#class-rows tr")).to_have_count(5)
    page.route("**/register", lambda route: route.fulfill(status=304))  # the page has not looked again yet
    of.mark(meeting, "Ben Hassan", "excused")
    _row(page, "Ben Hassan").focus()
    page.keyboard.press("a")
    expect(page.locator("#alert")).to_contain_text("The mark was not saved")
    page.unroute("**/register")
    expect(_row(page, "Ben Hassan")).to_contain_text("Excused: marked by staff")
    assert of.row(meeting, "Ben Hassan")["status"] == "excused"


def test_on_a_phone_who_is_missing_is_on_the_first_screen(
    start: Callable[..., Running], context: BrowserContext
) -> None:
    of = taught(start, context)
    page, meeting = of.page, of.start()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{of.site.address}/faculty#today/{meeting}")
    expect(page.locator("#class-rows tr")).to_have_count(5)
    for name in ("Anna Kowalska", "Ben Hassan"):
        row, bar = _row(page, name).bounding_box(), page.locator("nav.places").bounding_box()
        assert row is not None
        assert bar is not None
        assert row["y"] + row["height"] <= bar["y"]
    page.locator("#class-acts summary").click()
    for act in page.locator("#class-acts li").all():
        box = act.bounding_box()
        assert box is not None
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390
    page.locator("#class-acts summary").click()
    page.get_by_role("button", name="Search and mark many").click()
    page.keyboard.type("kowal")
    expect(page.locator("#class-rows tr")).to_have_count(1)


def _row(page: Page, name: str) -> Locator:
    return page.locator("#class-rows tr").filter(has_text=name)
