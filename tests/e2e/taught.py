"""A site with one course, as the tests of Today and of Courses begin with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.e2e.conftest import Running, resized

NAMES = ("Anna Kowalska", "Ben Hassan", "Chloé Dubois", "Dan Novak", "Eve Tanaka", "Finn Berg")
WIDTHS = ((1280, 800), (390, 844))


@dataclass(frozen=True)
class Taught:
    """STAT110 with two groups and six students, of whom Finn is in the course no more than anybody else's."""

    site: Running
    page: Page
    course: str
    groups: list[str]
    keys: dict[str, str]

    def start(self, minutes: int = 60) -> str:
        """A class that is open now; its key."""
        answer = self.site.call("POST", f"/courses/{self.course}/meetings/now", {"minutes": minutes})
        return str(answer["meeting"]["key"])

    def row(self, meeting: str, name: str) -> dict[str, Any]:
        """A student's row in the register of a class, as the interface shows it."""
        rows = self.site.call("GET", f"/meetings/{meeting}/register")["rows"]
        return next(row for row in rows if row["student"]["name"] == name)

    def mark(self, meeting: str, name: str, status: str) -> None:
        """What another editor does."""
        marks = [{"student": self.keys[name], "status": status, "replaces": self.row(meeting, name)["mark"]}]
        self.site.call("POST", f"/meetings/{meeting}/marks", {"marks": marks})

    @property
    def today(self) -> date:
        """The site's day."""
        return datetime.now(self.site.settings.time_zone).date()


def taught(start: Callable[..., Running], context: BrowserContext) -> Taught:
    """Start a site with a course. Finn Berg is on the site's list alone."""
    site = start(None)
    site.with_roster(*(f"{number:03d},{name}" for number, name in enumerate(NAMES, 1)), agreed=False)
    keys = {student["name"]: student["key"] for student in site.call("GET", "/students")["students"]}
    day = datetime.now(site.settings.time_zone).date()
    body = {
        "code": "STAT110",
        "title": "Probability",
        "term": "Autumn",
        "first_day": str(day - timedelta(days=30)),
        "last_day": str(day + timedelta(days=60)),
        "groups": ["Lab A", "Lab B"],
    }
    course = site.call("POST", "/courses", body)
    groups = [group["key"] for group in course["groups"]]
    for number in range(1, len(NAMES)):
        member = {"student_id": f"{number:03d}", "first_day": body["first_day"], "groups": [groups[number % 2]]}
        site.call("POST", f"/courses/{course['key']}/members", member)
    return Taught(site, context.new_page(), course["key"], groups, keys)


SETTLED = """async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.allSettled(document.getAnimations().map((each) => each.finished));
}"""
"""Waits until colours have moved from one scheme to the other."""


def every_look(page: Page, check: Callable[[Page], None]) -> None:
    """Check the page at both widths, light and dark."""
    for width, height in WIDTHS:
        resized(page, width, height)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            page.evaluate(SETTLED)
            check(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    resized(page, 1280)
