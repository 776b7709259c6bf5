"""What else a lecturer does: bad files, photos, checking in by hand, and the ways off the list."""

from __future__ import annotations

import re
from collections.abc import Callable

import cv2
import numpy as np
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OTHER, SESSION, Running, visit
from tests.support.puppet import Puppet, astronaut

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_a_file_with_bad_rows_changes_nothing(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    _open(page, jane)
    page.get_by_role("button", name="Upload roster").click()
    _choose(page, "#roster-file", b"student_id,name\n007,James\n1.23E+10,Excel\n008,\n")
    report = page.locator("#roster-report")
    expect(report).to_contain_text("Nothing was changed. 2 rows to fix:")
    expect(report).to_contain_text("Line 3")
    expect(report).to_contain_text("Line 4")
    expect(report).to_be_focused()
    axe(page)
    shoot(page, "faculty-roster-refused")
    assert len(jane.call("GET", "/students")["students"]) == 2


def test_a_lost_answer_is_not_taken_for_nothing_changed(jane: Running, page: Page) -> None:
    _open(page, jane)
    page.route("**/roster?*", lambda route: (route.fetch(), route.abort()))
    page.get_by_role("button", name="Upload roster").click()
    _choose(page, "#roster-file", b"student_id,name\n007,James\n")
    expect(page.locator("#roster-report")).to_contain_text("Nothing was changed.")
    page.unroute("**/roster?*")
    _choose(page, "#roster-file", b"student_id,name\n007,James\n")
    expect(page.locator("#roster-words")).to_have_text("1 student is added, nobody changes, 0 unchanged.")
    page.route("**/roster?*", lambda route: (route.fetch(), route.abort()))
    page.locator("#roster-go").click()
    expect(page.locator("#roster-report")).to_contain_text("We don’t know whether the roster was imported.")
    assert jane.student("007")["name"] == "James"


def test_a_dropped_file_is_uploaded(site: Running, page: Page) -> None:
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#empty")).to_be_visible()
    files = page.evaluate_handle(
        """() => {
          const dropped = new DataTransfer();
          dropped.items.add(new File(['student_id,name\\n1,Ann Lee\\n'], 'roster.csv'));
          return dropped;
        }"""
    )
    page.dispatch_event("#empty .drop", "dragover", {"dataTransfer": files})
    expect(page.locator("#empty .drop")).to_have_attribute("data-over", "true")
    page.dispatch_event("#empty .drop", "drop", {"dataTransfer": files})
    page.locator("#roster-go").click()
    expect(page.locator("#roster-report")).to_contain_text("1 added")


def test_who_is_not_in_the_file_stays_and_nothing_offers_to_remove_them(
    jane: Running, page: Page, axe: Check, shoot: Shoot
) -> None:
    _open(page, jane)
    page.get_by_role("button", name="Upload roster").click()
    _choose(page, "#roster-file", "Student_ID;Name\n001;John X. Doe\n003;Ann Lee\n".encode("utf-16"))
    report = page.locator("#roster-report")
    expect(page.locator("#roster-facts")).to_contain_text("John X. Doe")
    axe(page)
    shoot(page, "faculty-roster-plan")
    page.locator("#roster-go").press("Enter")
    expect(report).to_contain_text("1 added, 1 updated")
    expect(page.locator("#count-registered")).to_have_text("1 of 3 registered")
    axe(page)
    shoot(page, "faculty-roster-report")
    expect(report.get_by_role("button")).to_have_count(0)
    expect(report).not_to_contain_text("not in this file")
    assert jane.student("002")["registered"]

    jane.call("POST", "/students/removals", {"keys": [jane.student("002")["key"]]})
    page.keyboard.press("Escape")
    visit(page, "Removed students")
    axe(page)
    page.get_by_role("button", name="Restore Jane Smith").click()
    expect(page.locator("#removed-empty")).to_be_visible()
    page.keyboard.press("Escape")
    expect(_row(page, "Jane Smith")).to_contain_text("Not registered")


def test_by_hand_and_cancelled(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    _open(page, jane)
    row = _row(page, "John Doe")
    row.get_by_role("button", name="Check in by hand").click()
    expect(row).to_contain_text(re.compile(r"Present \d\d:\d\d, by hand"))
    expect(page.locator("#count-present")).to_have_text("1 of 2 present today")
    shoot(page, "faculty-by-hand")
    _filter(page, "absent")
    expect(row).to_have_count(0)
    _filter(page, "present")
    row.get_by_role("button", name="Cancel check-in").click()
    expect(page.locator("#confirm-stays")).to_contain_text("Nothing is deleted.")
    axe(page)
    page.get_by_role("button", name="Cancel the check-in").click()
    expect(page.locator("#no-match-text")).to_have_text("Nobody has checked in today yet.")
    _filter(page, "all")
    expect(row).to_contain_text("Not yet")
    assert [record["method"] for record in jane.records("001")] == ["cancellation", "by_hand"]


def test_search_and_filters(site: Running, page: Page, axe: Check) -> None:
    site.with_roster(*(f"{number:04},Student {number}" for number in range(620)), "x,Zoë Müller")
    _open(page, site)
    expect(page.locator("#rows tr")).to_have_count(100)
    page.get_by_role("button", name="Show more students").click()
    expect(page.locator("#more-text")).to_have_text("Showing 200 of 621")
    page.get_by_label("Search by name, ID or email").fill("muller")
    expect(page.locator("#rows tr")).to_have_count(1)
    _filter(page, "registered")
    expect(page.locator("#no-match-text")).to_have_text("No student who is registered matches “muller”.")
    axe(page)
    page.get_by_role("button", name="Show all students").click()
    expect(page.locator("#rows tr")).to_have_count(100)


def test_the_list_refreshes_by_itself(jane: Running, page: Page) -> None:
    _open(page, jane)
    jane.call("POST", "/students", {"student_id": "9", "name": "Late Comer"})
    expect(_row(page, "Late Comer")).to_be_visible()


def test_one_student_by_the_form(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    _open(page, jane)
    page.get_by_role("button", name="Add a student").click()
    page.get_by_role("button", name="Add student").click()
    expect(page.locator("#add-summary")).to_be_focused()
    axe(page)
    shoot(page, "faculty-add")
    page.locator("#add-id").fill("002")
    page.locator("#add-name").fill("Somebody")
    page.get_by_role("button", name="Add student").click()
    expect(page.locator("#add-summary")).to_contain_text("Jane Smith with the ID 002 is on the list.")
    page.locator("#add-id").fill("CS/2021/004")
    page.keyboard.press("Enter")
    expect(_row(page, "Somebody")).to_contain_text("CS/2021/004")


def test_photos(jane: Running, puppets: dict[str, Puppet], page: Page, axe: Check, shoot: Shoot) -> None:
    """Many at once, by name: a large one is reduced, HEIC refused, and a face of another named."""
    jane.with_roster("001,John Doe", "002,Jane Smith", "CS/2021/003,Ann Lee", "4,Bo Li", "5,Cy Ode")
    large = cv2.resize(puppets[OTHER].frame(), None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    blank = np.full((480, 640, 3), 128, np.uint8)
    sizes: list[int] = []
    page.on("request", lambda request: sizes.append(len(request.post_data_buffer or b"")))
    _open(page, jane)
    page.get_by_role("button", name="Upload photos").click()
    page.locator("#photo-files").set_input_files(
        [
            _file("CS_2021_003.png", _encoded(large, ".png")),
            _file("001.jpg", astronaut().jpeg()),
            _file("4.jpg", _encoded(blank, ".jpg")),
            _file("002.jpg", astronaut().jpeg()),
            _file("5.heic", b"\0\0\0\x18ftypheic"),
            _file("nobody.jpg", astronaut().jpeg()),
        ]
    )
    expect(page.locator("#photos-summary")).to_have_text("1 face registered, 5 photos not used.", timeout=SESSION)
    report = page.locator("#photos-list")
    for words in ("Jane Smith (002)", "No face was found", "Registered already", "HEIC", "“nobody”"):
        expect(report).to_contain_text(words)
    axe(page)
    shoot(page, "faculty-photos")
    assert max(sizes) < 1_000_000
    assert jane.student("CS/2021/003")["sources"] == ["photo"]
    assert not jane.student("001")["registered"]


def test_a_face_of_another_is_refused_unless_confirmed(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    _open(page, jane)
    _row(page, "John Doe").get_by_role("button", name="Register face").click()
    expect(page.locator("#register-body")).to_have_attribute("data-phase", "ready")
    page.keyboard.press("Enter")
    expect(page.locator("#register-trouble-title")).to_have_text(
        "This face is already registered to Jane Smith (002)", timeout=SESSION
    )
    axe(page)
    shoot(page, "faculty-face-of-another")
    assert not jane.student("001")["registered"]
    page.get_by_role("button", name="They are two people: register").click()
    expect(page.locator("#register-saved-text")).to_contain_text("John Doe is registered")
    expect(page.locator("#register-saved-text")).to_contain_text("give both a personal code")
    shoot(page, "faculty-registered")
    page.get_by_role("button", name="Close").last.click()
    expect(_row(page, "John Doe").get_by_text("code asked too")).to_be_visible()
    page.get_by_role("button", name="More for John Doe").click()
    expect(page.locator("#student-alike-text")).to_contain_text("John Doe looks like Jane Smith (002).")
    expect(page.locator("#student-alike-text")).to_contain_text("there is none yet")
    axe(page)
    shoot(page, "faculty-look-alikes")
    page.get_by_role("button", name="New personal code").click()
    expect(page.locator("#student-alike-text")).not_to_contain_text("there is none yet")
    page.get_by_role("button", name="Remove the mark with Jane Smith").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#student-alike")).to_be_hidden()
    assert jane.student("002")["alike"] == []


def test_face_list_and_identity_go_one_by_one(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    key = jane.student("002")["key"]
    jane.call("POST", f"/students/{key}/check-ins", {})
    _open(page, jane)
    page.get_by_role("button", name="More for Jane Smith").click()
    expect(page.locator("#attendance-list li")).to_have_count(1)
    axe(page)
    shoot(page, "faculty-student")
    page.get_by_role("button", name="Erase the face").click()
    expect(page.locator("#confirm-stays")).to_contain_text("stays on the list")
    page.locator("#confirm-yes").click()
    expect(page.locator("#student-face")).to_have_text("Not registered")
    page.get_by_role("button", name="Remove from the list").click()
    expect(page.locator("#confirm-stays")).to_contain_text("attendance stay")
    page.locator("#confirm-yes").click()
    expect(_row(page, "Jane Smith")).to_have_count(0)
    assert len(jane.call("GET", f"/students/{key}/attendance")["records"]) == 1

    page.get_by_role("button", name="More for John Doe").click()
    page.get_by_role("button", name="Erase everything").click()
    expect(page.locator("#confirm-goes")).to_contain_text("This cannot be undone.")
    axe(page)
    shoot(page, "faculty-erase")
    page.locator("#confirm-reason").fill("John asked for it")
    page.locator("#confirm-yes").click()
    expect(page.locator("#confirm-problem")).to_contain_text("Leave out their name")
    page.locator("#confirm-reason").fill("Asked for it by letter")
    page.locator("#confirm-yes").click()
    expect(page.locator("#empty")).to_be_visible()


def test_a_server_that_goes_away_is_said(jane: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    _open(page, jane)
    page.route("**/api/**", lambda route: route.abort())
    expect(page.locator("#connection")).to_have_attribute("data-state", "away")
    _row(page, "John Doe").get_by_role("button", name="Check in by hand").click()
    expect(page.locator("#alert")).to_contain_text("We could not reach the Secure-Attend server.")
    expect(page.locator("#alert")).to_be_focused()
    axe(page)
    shoot(page, "faculty-server-away")
    page.unroute("**/api/**")
    expect(page.locator("#connection")).to_have_attribute("data-state", "ok")


def _open(page: Page, site: Running) -> None:
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#rows tr").first).to_be_visible()


def _row(page: Page, name: str) -> Locator:
    return page.locator("#rows tr", has=page.locator('[data-part="name"]', has_text=name))


def _filter(page: Page, value: str) -> None:
    page.locator(f'#filters label:has([value="{value}"])').click()


def _choose(page: Page, field: str, content: bytes) -> None:
    page.locator(field).set_input_files(_file("roster.csv", content))


def _file(name: str, content: bytes) -> dict[str, str | bytes]:
    kind = {"csv": "text/csv", "png": "image/png", "heic": "image/heic"}.get(name.rpartition(".")[2], "image/jpeg")
    return {"name": name, "mimeType": kind, "buffer": content}


def _encoded(frame: np.ndarray, extension: str) -> bytes:
    done, data = cv2.imencode(extension, frame)
    assert done
    return data.tobytes()
