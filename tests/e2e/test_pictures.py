"""The documents' pictures of both pages, with invented names and a drawn figure.

They are written to the folder that SECURE_ATTEND_PICTURES names (docs), otherwise only checked for their size.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from secure_attend.faces.engine import FaceEngine
from secure_attend.server.demo.invented_site import fill
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.e2e.conftest import LECTURER, Running, where_it_is_day
from tests.support.puppet import astronaut

LARGEST = 200_000  # bytes
NAMES = (
    "Amara Okafor", "Amir Khan", "Anna Kowalska", "Diego Torres", "Emma Wilson", "Fatima Al-Sayed", "Hana Kim",
    "Jane Smith", "John Doe", "Kofi Mensah", "Lars Svensson", "Li Wei", "Maria Oliveira", "Noah Brown", "Priya Patel",
    "Sam O’Connor", "Tomás García", "Zoë Müller",
)  # fmt: skip


def test_faculty_page(site: Running, context: BrowserContext, tmp_path: Path) -> None:
    site.with_roster(*(f"2026-{number:03},{name}" for number, name in enumerate(NAMES, start=1)))
    students = site.call("GET", "/students")["students"]
    photo = astronaut().jpeg()
    for number, student in enumerate(students):
        if number % 7 not in (2, 5):
            # The same portrait for all of them: the picture shows names and states, and no face.
            site.call("POST", f"/students/{student['key']}/faces?confirm_other=1", photo, "image/jpeg")
        if number % 3:
            site.call("POST", f"/students/{student['key']}/check-ins", {})
    listed = site.call("GET", "/students")["students"]
    for one, other in {tuple(sorted((student["key"], key))) for student in listed for key in student["alike"]}:
        site.call("DELETE", f"/students/{one}/alike/{other}")  # the portrait's likeness, not theirs
    page = context.new_page()
    page.goto(f"{site.address}/faculty")
    page.set_viewport_size({"width": 1280, "height": 960})
    expect(page.locator("#rows tr")).to_have_count(len(NAMES))
    _keep(page, "faculty.png", tmp_path)


def test_student_page(site: Running, context: BrowserContext, tmp_path: Path) -> None:
    site.with_roster("2026-008,Jane Smith").with_face("2026-008", astronaut().jpeg())
    context.add_init_script(path=Path(__file__).with_name("drawn.js"))
    page = context.new_page()
    page.route("**/challenges**", _asks_to_turn)
    page.goto(f"{site.address}/student")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("#instruction")).to_have_text("Turn your head to your left")
    page.wait_for_timeout(500)
    _keep(page, "student.png", tmp_path)


@pytest.fixture
def taught(start: Callable[..., Running], sface: FaceEngine, tmp_path: Path, context: BrowserContext) -> Running:
    """The demo's courses, with its lecturer logged in."""
    folder, now = tmp_path / "demo", datetime.now(timezone.utc)
    settings = Settings(data=folder / "data", site_key_file=folder / "site.key", time_zone=where_it_is_day(now))
    settings.data.mkdir(parents=True)
    store = JsonStore.open(settings.data, site_key_file=settings.site_key_file)
    fill(settings, store, sface.profile, now)
    store.close()
    site = start(sface, folder="demo", locked=True)
    account = site.access.accounts.find(LECTURER)
    token = site.access.accounts.log_in_as(account.key).token
    context.add_init_script(
        f"if (location.protocol === 'http:') sessionStorage.setItem('secure-attend-token', '{token}');"
    )
    return site


def test_the_pages_of_a_class(taught: Running, context: BrowserContext, tmp_path: Path) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{taught.address}/faculty#today")
    expect(page.locator("#class-rows tr")).not_to_have_count(0)
    _keep(page, "pictures/today.png", tmp_path)
    page.set_viewport_size({"width": 390, "height": 844})
    _keep(page, "pictures/today-phone.png", tmp_path)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{taught.address}/faculty#courses")
    page.locator("#courses-list").get_by_role("link", name="STAT110").first.click()
    page.locator("[data-course-tab=attendance]").click()
    page.locator('#grid-rows [data-status="late"]').first.click()
    expect(page.locator("#grid-cell-why")).to_contain_text("Late")
    _keep(page, "pictures/attendance.png", tmp_path)


def _asks_to_turn(route: Route) -> None:
    """Stands in for the judge, to whom a drawing is no face."""
    challenge = {
        "id": "drawn", "purpose": "check_in", "state": "step", "action": "turn_left", "asked_otherwise": False,
        "returning": False, "accepted": ["close_eyes", "turn_right"], "total": 4, "hint": None, "failure": None,
        "next": {"number": 1, "nonce": "drawn"}, "expires_in": 50.0,
    }  # fmt: skip
    route.fulfill(status=200, content_type="application/json", body=json.dumps(challenge))


def _keep(page: Page, name: str, otherwise: Path) -> None:
    path = Path(os.environ.get("SECURE_ATTEND_PICTURES", otherwise)) / name
    path.parent.mkdir(exist_ok=True)
    page.screenshot(path=path)
    assert path.stat().st_size < LARGEST
