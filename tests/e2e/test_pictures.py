"""The documents' pictures of both pages, with invented names and a drawn figure.

They are written to the folder that SECURE_ATTEND_PICTURES names (docs/pictures), otherwise only checked for their size.
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
from tests.e2e.taught import SETTLED
from tests.support.puppet import astronaut

LARGEST = 200_000  # bytes


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


def test_a_class_at_the_kiosk(site: Running, context: BrowserContext, tmp_path: Path) -> None:
    site.with_roster("2026-008,Jane Smith").with_face("2026-008", astronaut().jpeg())
    code = site.code("2026-008")
    day = str(datetime.now(site.settings.time_zone).date())
    made = {"code": "STAT110", "title": "Introduction to statistics", "term": "Autumn", "first_day": day}
    course = site.call("POST", "/courses", {**made, "last_day": day})["key"]
    site.call("POST", f"/courses/{course}/members", {"student_id": "2026-008"})
    site.call("POST", f"/courses/{course}/meetings/now", {"title": "Lecture"})
    page = context.new_page()
    page.goto(f"{site.address}/student")
    expect(page.locator("#classes")).to_contain_text("On time until")
    _keep(page, "kiosk.png", tmp_path)
    page.get_by_role("button", name="Use ID and code").first.click()
    for typed in ("2026-008", code):
        page.locator("#student-id").fill(typed)
        page.keyboard.press("Enter")
    expect(page.locator("#fact")).to_have_text("Present, STAT110")
    _keep(page, "greeting.png", tmp_path)


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
    _keep(page, "today.png", tmp_path)
    page.set_viewport_size({"width": 390, "height": 844})
    _keep(page, "today-phone.png", tmp_path)
    page.set_viewport_size({"width": 1280, "height": 960})
    page.goto(f"{taught.address}/faculty#students")
    expect(page.locator("#rows tr")).not_to_have_count(0)
    _keep(page, "faculty.png", tmp_path)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{taught.address}/faculty#courses")
    page.locator("#courses-list").get_by_role("link", name="STAT110").first.click()
    page.locator("[data-course-tab=attendance]").click()
    page.locator('#grid-rows [data-status="late"]').first.click()
    expect(page.locator("#grid-cell-why")).to_contain_text("Late")
    _keep(page, "attendance.png", tmp_path)
    page.locator("[data-course-tab=students]").click()
    page.get_by_role("button", name="Upload roster").click()
    rows = ("student_id,name,group", "1003,Amara Okafor,Lab A", "1031,Sofia Rossi,Lab A", "1032,Yusuf Demir,Lab B")
    file = {"name": "roster.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    page.locator("#course-roster-file").set_input_files(file)
    expect(page.locator("#course-roster-words")).to_contain_text("2 new")
    page.locator("#course-roster-joining summary").click()
    _keep(page, "roster.png", tmp_path)


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
    page.evaluate(SETTLED)
    page.screenshot(path=path)
    assert path.stat().st_size < LARGEST
