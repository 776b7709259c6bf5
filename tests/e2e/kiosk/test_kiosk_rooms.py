"""A kiosk in a room: the class that is open there, and what a check-in comes to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from playwright.sync_api import Page, expect

from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from tests.e2e.conftest import SESSION, Running

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def _teach(site: Running, room: str, starts_in: timedelta, *members: str) -> None:
    """STAT110, with a lecture in this room, for these students."""
    zone = site.settings.time_zone
    starts = (datetime.now(zone) + starts_in).replace(tzinfo=None, microsecond=0)
    course = Course("stat", "STAT110", "Statistics", "This term", date(2020, 1, 1), date(2099, 12, 31))
    lecture = Meeting("m1", "stat", "Lecture 1", starts, starts + timedelta(minutes=90), zone.key, room)
    spans = (Span(course.first_day),)
    keys = [site.student(member)["key"] for member in members]
    site.store.documents.write(
        [
            course_document(course),
            meeting_document(lecture),
            *(membership_document(Membership("stat", key, spans)) for key in keys),
        ]
    )


def _kiosk_in(site: Running, room: str) -> None:
    (kiosk,) = site.access.kiosks.all()
    site.call("PATCH", f"/kiosks/{kiosk.key}", {"room": room})


def test_a_class_is_shown_and_the_greeting_names_the_status(
    jane: Running, page: Page, axe: Check, shoot: Shoot
) -> None:
    _teach(jane, "Hall B", timedelta(minutes=-2), "002")
    _kiosk_in(jane, "Hall B")
    page.goto(f"{jane.address}/student")
    expect(page.locator("#classes")).to_contain_text("STAT110 · Lecture 1")
    expect(page.locator("#classes")).to_contain_text("On time until")
    axe(page)
    shoot(page, "student-class-open")
    page.evaluate(
        """() => {
          globalThis.heard = [];
          new MutationObserver(() => heard.push(document.getElementById('live').textContent))
            .observe(document.getElementById('live'), { childList: true, characterData: true, subtree: true });
        }"""
    )
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#hello")).to_contain_text("Jane Smith", timeout=SESSION)
    expect(page.locator("#fact")).to_have_text("Present, STAT110")
    axe(page)
    shoot(page, "student-present")
    assert not [sentence for sentence in page.evaluate("heard") if "STAT110" in sentence]
    (record,) = jane.store.records(person=jane.student("002")["key"])
    assert record.room == "Hall B"


def test_a_student_at_another_room_is_told_so(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    _teach(jane, "Hall B", timedelta(minutes=-2), "001")
    _kiosk_in(jane, "Hall C")
    page.goto(f"{jane.address}/student")
    expect(page.locator("#ready-title")).to_have_text("No class right now")
    expect(page.locator("#ready-text")).to_have_text("No more classes are planned here today.")
    axe(page)
    shoot(page, "student-closed")
    code = jane.code("001")
    page.get_by_role("button", name="Use ID and code").first.click()
    page.locator("#student-id").fill("001")
    page.keyboard.press("Enter")
    page.locator("#student-id").fill(code)
    page.keyboard.press("Enter")
    expect(page.locator("#hello")).to_contain_text("John Doe")
    expect(page.locator("#standing")).to_contain_text("Your class STAT110 is in Hall B")
    axe(page)
    shoot(page, "student-other-room")


def test_an_admin_sets_name_and_room_of_a_kiosk(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    page.goto(f"{jane.address}/faculty#settings/kiosks")
    page.get_by_role("button", name="Change This computer").click()
    page.locator("#kiosks-list").get_by_role("textbox", name="Name").fill("")
    page.keyboard.press("Enter")
    expect(page.locator("#kiosks-list")).to_contain_text("Type a name.")
    axe(page)
    page.locator("#kiosks-list").get_by_role("textbox", name="Name").fill("Tablet 1")
    page.locator("#kiosks-list").get_by_role("textbox", name="Room").fill("Hall B")
    page.locator("#kiosks-list").get_by_label("At an entrance").check()
    shoot(page, "faculty-kiosk-room")
    page.locator("#kiosks-list").get_by_role("button", name="Save").click()
    expect(page.locator("#kiosks-list")).to_contain_text("Hall B · Entrance: serves every room")
    expect(page.get_by_role("button", name="Change Tablet 1")).to_be_focused()
    axe(page)
    (kiosk,) = jane.call("GET", "/kiosks")["kiosks"]
    assert (kiosk["name"], kiosk["room"], kiosk["entrance"]) == ("Tablet 1", "Hall B", True)
