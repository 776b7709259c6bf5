"""A site that uses no faces (`FACES=off`), and a class that uses none: no camera is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from playwright.sync_api import BrowserContext, Page, expect

from secure_attend.attendance.courses.course import COURSES, Course, course_document, course_of
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from tests.e2e.conftest import Running, visit
from tests.support.fakes import DrawnFaces, Scene

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]
COUNT_CAMERAS = """() => {
  if (!navigator.mediaDevices) return; // a page of no site
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => {
    localStorage.setItem('cameras', Number(localStorage.getItem('cameras') ?? 0) + 1);
    return ask(wanted);
  };
}"""


def test_a_site_without_faces(start: Callable[..., Running], context: BrowserContext, axe: Check, shoot: Shoot) -> None:
    """The kiosk has ID and code alone; the faculty page offers no face, and what was on it works."""
    context.add_init_script(f"({COUNT_CAMERAS})()")
    site = start(None, faces="off", history_access="proof", self_registration=True)
    site.with_roster("002,Jane Smith", "003,Li Wei", agreed=False)
    code, page = site.code("002"), context.new_page()
    page.goto(f"{site.address}/student")
    button = page.get_by_role("button", name="Use ID and code")
    expect(button).to_be_visible()
    expect(page.get_by_role("button", name="Check in", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Another way").click()
    expect(page.locator("#ways").get_by_role("button")).to_have_text(["Use ID and code", "Back"])
    page.get_by_role("button", name="Back").click()
    expect(page.locator("#ready-text")).to_have_text("Press “Use ID and code” to check in.")
    expect(page.locator("#notice")).to_contain_text("No camera is used here.")
    expect(page.locator("#cannot-check-in")).to_be_hidden()
    expect(page.get_by_role("link", name="Register my face")).to_be_hidden()
    axe(page)
    shoot(page, "student-without-faces")
    page.get_by_role("button", name="Kiosk settings").click()
    expect(page.get_by_label("Soft tones")).to_be_visible()
    expect(page.get_by_label("Hands free")).to_be_hidden()
    page.get_by_role("button", name="Done").click()
    button.click()
    for typed in ("002", code):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    expect(page.locator("#hello")).to_contain_text("Jane Smith")
    expect(button).to_be_focused()
    page.get_by_role("button", name="My attendance").click()
    for typed in ("002", code):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    expect(page.locator("#history-who")).to_have_text("Jane Smith (002), 1 check-in")

    page.goto(f"{site.address}/faculty#students")
    row = page.get_by_role("row", name="Li Wei")
    expect(row.get_by_role("button", name="Check in by hand")).to_be_visible()
    expect(row.get_by_role("button", name="Register face")).to_be_hidden()
    for hidden in ("#register-next", "#faces-title", "#count-registered"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.get_by_role("columnheader", name="Face")).to_be_hidden()
    expect(page.get_by_role("button", name="Upload photos")).to_be_hidden()
    axe(page)
    shoot(page, "faculty-without-faces")
    row.get_by_role("button", name="More").click()
    dialog = page.locator("#student-dialog")
    expect(dialog.get_by_role("button", name="New personal code")).to_be_visible()
    for name in ("Register face by camera", "Upload a photo", "Record consent, signed on paper", "Erase the face"):
        expect(dialog.get_by_role("button", name=name)).to_be_hidden()
    axe(page)
    shoot(page, "faculty-student-without-faces")
    dialog.get_by_role("button", name="Close").click()
    visit(page, "Settings")
    expect(page.get_by_role("link", name="Kiosks")).to_be_visible()
    expect(page.get_by_role("link", name="Recognition")).to_be_hidden()
    expect(page.locator("#profile-problem")).to_be_hidden()
    assert page.evaluate("localStorage.getItem('cameras')") is None


def test_a_class_without_faces(start: Callable[..., Running], page: Page, axe: Check, shoot: Shoot) -> None:
    """While it is open the kiosk asks for ID and code; when its course uses faces, the camera is offered again."""
    site = start(DrawnFaces()).with_roster("002,Jane Smith").with_face("002", Scene(1).jpeg())
    zone, code = site.settings.time_zone, site.code("002")
    starts = (datetime.now(zone) - timedelta(minutes=2)).replace(tzinfo=None, microsecond=0)
    course = Course("stat", "STAT110", "Statistics", "T", date(2020, 1, 1), date(2099, 12, 31), faces=False)
    jane = Membership("stat", site.student("002")["key"], (Span(course.first_day),))
    lecture = Meeting("m1", "stat", "Lecture 1", starts, starts + timedelta(minutes=90), zone.key)
    site.store.documents.write([course_document(course), meeting_document(lecture), membership_document(jane)])
    page.goto(f"{site.address}/student")
    expect(page.locator("#classes")).to_contain_text("STAT110 · Lecture 1")
    expect(page.locator("#check-in")).to_be_hidden()
    axe(page)
    shoot(page, "student-class-without-faces")
    page.get_by_role("button", name="Use ID and code").click()
    for typed in ("002", code):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    expect(page.locator("#fact")).to_have_text("Present, STAT110")
    known = site.store.documents.get(COURSES.name, "stat")
    assert known is not None
    site.store.documents.write([course_document(replace(course_of(known), faces=True), known.version)])
    expect(page.locator("#check-in")).to_be_visible()
