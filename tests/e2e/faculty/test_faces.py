"""Whose face should be registered again, and how surely faces are recognised."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from urllib.error import HTTPError

import numpy as np
from playwright.sync_api import Page, expect

from secure_attend.attendance.recognition.site_limit import site_limit
from secure_attend.faces.matching.operating_point import LEAST_PEOPLE
from secure_attend.faces.models.profiles import SFACE
from secure_attend.storage.values import NewFace
from tests.e2e.conftest import LECTURER, SESSION, Running, visit
from tests.support.puppet import astronaut
from tests.support.storage.site import NOW

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


def test_who_should_register_again(site: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    site.with_roster("001,John Doe", "002,Jane Smith").with_face("002", astronaut().jpeg())
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#rows tr")).to_have_count(2)
    visit(page, "Settings", "Recognition")
    expect(page.locator("#faces-weak")).to_contain_text("Registered from a single picture.")
    expect(page.locator("#faces-sure")).to_contain_text("1 in 1 000")
    axe(page)
    shoot(page, "faculty-recognition")
    page.get_by_role("button", name="Register again: Jane Smith").click()
    expect(page.locator("#register-name")).to_contain_text("Jane Smith")


def test_straight_looks_are_added_to_a_registered_face(site: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    site.with_roster("002,Jane Smith").with_face("002", astronaut().jpeg())
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#rows tr")).to_have_count(1)  # who can be registered again is on the list
    visit(page, "Settings", "Recognition")
    page.get_by_role("button", name="Register again: Jane Smith").click()
    body = page.locator("#register-body")
    expect(body).to_have_attribute("data-phase", "ready")
    page.get_by_label("Keep the face that is registered and add to it").check()
    page.get_by_label("Cannot turn the head").check()
    axe(page)
    shoot(page, "faculty-register-choices")
    page.locator("#register-go").click()
    expect(page.locator("#register-saved-text")).to_contain_text("registered from 4 pictures", timeout=SESSION)
    jane = site.student("002")
    assert (jane["faces"], sorted(jane["sources"])) == (4, ["camera_straight", "photo"])
    page.keyboard.press("Escape")
    page.goto(f"{site.address}/faculty")
    expect(page.locator("#rows tr")).to_contain_text("looking straight only")


def test_why_check_ins_were_refused(site: Running, page: Page, axe: Check, shoot: Shoot) -> None:
    site.with_roster("002,Jane Smith")
    page.goto(f"{site.address}/faculty")
    visit(page, "Reports", "Refused check-ins")
    expect(page.locator("#refusals-summary")).to_have_text("No check-in was refused in the last 24 hours.")
    page.keyboard.press("Escape")
    key = site.access.kiosks.add("Hall B", LECTURER)[1]
    with suppress(HTTPError):
        site.call("POST", "/check-ins", {"student_id": "002", "code": "000000", "attempt": "x" * 16}, key=key)
    visit(page, "Refused check-ins")
    row = page.locator("#refusals-list li")
    expect(row).to_contain_text("ID and code did not match.")
    expect(row).to_contain_text("Hall B · ID typed:")
    expect(row).to_contain_text("Jane Smith")
    axe(page)
    shoot(page, "faculty-refused-check-ins")


def test_an_admin_lets_the_sites_own_faces_set_the_limit_and_takes_it_back(
    site: Running, page: Page, axe: Check, shoot: Shoot
) -> None:
    """The faces are random, so that no two come near each other."""
    site.with_roster(*(f"s{number},Student {number}" for number in range(LEAST_PEOPLE)))
    rows = np.random.default_rng(3).normal(size=(LEAST_PEOPLE, SFACE.dimension))
    with site.store.transaction():
        for student, row in zip(site.store.students(), rows, strict=True):
            unit = (row / np.linalg.norm(row)).astype(np.float32)
            site.store.replace_faces(student.key, SFACE.name, [NewFace(unit, SFACE.name, "camera", NOW)])
    site.call("GET", "/reports/faces")  # the first question about faces after a change takes them in
    page.goto(f"{site.address}/faculty")
    visit(page, "Settings", "Recognition")
    limit = page.locator("#faces-limit")
    expect(limit).to_have_text("Let this site’s faces set the limit")
    axe(page)
    shoot(page, "faculty-recognition-limit")
    limit.press("Enter")
    expect(limit).to_have_text("Use the models’ own limit again")
    expect(page.locator("#faces-sure-title")).to_be_focused()
    assert site_limit(site.store.documents) == SFACE.name
    limit.press("Enter")
    expect(limit).to_have_text("Let this site’s faces set the limit")
    assert site_limit(site.store.documents) is None
