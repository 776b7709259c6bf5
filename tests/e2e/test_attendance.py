"""The main job, from an empty list to the report, as a lecturer and a student do it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OTHER, SESSION, Running, cameras_open, stop_the_clock, visit

Check = Callable[[Page], None]
ROSTER = "student_id,name,email,phone\n001,John Doe,,1\n002,Jane Smith,jane@example.edu,2\nCS/2021/003,Zoë Müller,,3\n"


def test_roster_face_check_in_history_report(site: Running, page: Page, axe: Check) -> None:
    page.goto(f"{site.address}/faculty")
    expect(page.get_by_role("heading", name="No students yet")).to_be_visible()
    axe(page)

    _upload_roster(page)
    axe(page)
    page.keyboard.press("Escape")
    expect(page.locator("#count-registered")).to_have_text("0 of 3 registered")

    _register(page, "Jane Smith", axe)
    expect(page.locator("#register-name")).to_have_text("Zoë Müller")  # the next without a face is selected
    page.keyboard.press("Escape")
    expect(page.locator("#count-registered")).to_have_text("1 of 3 registered")
    cameras_open(page, 0)
    jane = site.student("002")
    assert jane["registered"]
    assert jane["faces"] == 5
    assert jane["sources"] == ["camera"]

    page.goto(f"{site.address}/student")
    axe(page)
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#hello")).to_have_text(
        re.compile(r"^Good (morning|afternoon|evening), Jane Smith\.$"), timeout=SESSION
    )
    cameras_open(page, 0)
    axe(page)
    (record,) = site.records("002")
    assert record["method"] == "kiosk"
    expect(page.locator("#fact")).to_have_text(f"Checked in at {record['local_time']}.")
    expect(page.locator("#screen-ready")).to_be_visible()

    _read_history(page, record["local_time"], axe)
    _download_report(page, site, record["id"])


def test_keyboard_alone(site: Running, page: Page) -> None:
    """Loads the example, registers the first two students and checks one in without a mouse."""
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#empty")).to_be_visible()
    _tab_to(page, "load-sample")
    page.keyboard.press("Enter")
    expect(page.locator("#roster-report")).to_contain_text("2 added")
    page.keyboard.press("Escape")
    expect(page.locator("#register-next")).to_be_enabled()
    _tab_to(page, "register-next")
    page.keyboard.press("Enter")
    expect(page.locator("#register-body")).to_have_attribute("data-phase", "consent")
    _tab_to(page, "register-go")
    page.keyboard.press("Enter")
    expect(page.locator("#register-body")).to_have_attribute("data-phase", "ready")
    page.keyboard.press("Enter")
    expect(page.locator("#register-body")).to_have_attribute("data-phase", "done", timeout=SESSION)
    page.evaluate(f"actor.become('{OTHER}')")
    page.keyboard.press("Enter")
    _tab_to(page, "register-paper")
    page.keyboard.press("Enter")
    expect(page.locator("#register-body")).to_have_attribute("data-phase", "ready")
    page.keyboard.press("Enter")
    expect(page.locator("#register-saved-text")).to_contain_text("Jane Smith is registered", timeout=SESSION)
    expect(page.locator("#register-text")).to_have_text("Everyone is registered.")
    page.keyboard.press("Enter")
    expect(page.locator("#register-dialog")).to_be_hidden()
    expect(page.locator("#count-registered")).to_have_text("2 of 2 registered")

    stop_the_clock(page)  # the greeting, which is there for four seconds, stays until the button is reached
    page.goto(f"{site.address}/student")
    expect(page.locator("#check-in")).to_be_visible()
    _tab_to(page, "check-in")
    page.keyboard.press("Enter")
    expect(page.locator("#hello")).to_contain_text("John Doe", timeout=SESSION)
    _tab_to(page, "not-me")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("The check-in of John Doe is cancelled.")
    assert [record["method"] for record in site.records("1001")] == ["cancellation", "kiosk"]


def _upload_roster(page: Page) -> None:
    page.get_by_role("button", name="Upload roster").click()
    page.locator("#roster-file").set_input_files(
        {"name": "roster.csv", "mimeType": "text/csv", "buffer": ROSTER.encode()}
    )
    page.locator("#roster-go").click()
    report = page.locator("#roster-report")
    expect(report).to_contain_text("3 added")
    expect(report).to_contain_text("phone")


def _register(page: Page, name: str, axe: Check) -> None:
    page.get_by_role("button", name=f"Register face for {name}").click()
    expect(page.locator("#register-consent-ask")).to_have_text(f"Does {name} agree to this?")
    axe(page)
    page.get_by_role("button", name="Agreed in person").click()
    expect(page.locator("#register-body")).to_have_attribute("data-phase", "ready")
    axe(page)
    page.evaluate("actor.pause = true")  # so that the page stays as it is while it is looked over
    page.keyboard.press("Enter")
    expect(page.locator("#register-count")).to_have_text("1 of 5")
    axe(page)
    page.evaluate("actor.pause = false")
    expect(page.locator("#register-saved-text")).to_contain_text(
        f"{name} is registered from 5 pictures", timeout=SESSION
    )
    axe(page)


def _read_history(page: Page, local_time: str, axe: Check) -> None:
    page.get_by_role("button", name="My attendance").click()
    for digit in "002":
        page.locator(f'#pad [data-key="{digit}"]').click()
    axe(page)
    page.get_by_role("button", name="Show my attendance").click()
    expect(page.locator("#history-who")).to_have_text("Jane Smith (002), 1 check-in")
    expect(page.locator("#history-rows tr")).to_have_count(1)
    expect(page.locator("#history-rows tr")).to_contain_text(local_time)
    axe(page)
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#screen-ready")).to_be_visible()
    page.get_by_role("button", name="My attendance").click()
    expect(page.locator("#student-id")).to_have_value("")


def _download_report(page: Page, site: Running, record: str) -> None:
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#count-present")).to_have_text("1 of 3 present today")
    visit(page, "Reports", "Download report")
    page.get_by_role("button", name="Today").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    text = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["record_id"] == record
    assert (row["name"], row["method"], row["timezone"]) == ("Jane Smith", "kiosk", str(site.settings.time_zone))


def _tab_to(page: Page, element: str) -> None:
    for _ in range(60):
        if page.evaluate("document.activeElement?.id") == element:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach #{element}")
