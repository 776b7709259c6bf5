"""A week of a course: its roster, its series, who comes when and where, and what the lecturer's grid says then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone

from playwright.sync_api import BrowserContext, Page, expect

from secure_attend.faces.engine import FaceEngine
from tests.e2e.conftest import LECTURER, SESSION, Running, visit
from tests.support.puppet import astronaut

ROSTER = {
    "001": ("Anna Kowalska", "Lab A"),
    "002": ("Jane Smith", "Lab A"),
    "003": ("Ben Hassan", "Lab B"),
    "004": ("Chloé Dubois", "Lab A"),
    "005": ("Dan Novak", "Lab B"),
    "006": ("Eve Tanaka", "Lab B"),
}
VISITOR = "007"
HALL_B, HALL_C = "Hall B", "Hall C"


class MovedClock:
    """The real time, put forward: liveness sessions need it to go on."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(timezone.utc) + self._ahead

    def put_to(self, moment: datetime) -> None:
        """Goes on from this moment."""
        self._ahead += moment - self()


class Week:
    """STAT110 in its first week, with what its students do at the kiosks."""

    def __init__(self, site: Running, clock: MovedClock, context: BrowserContext) -> None:
        self.site, self._clock, self._context = site, clock, context
        today = clock().astimezone(site.settings.time_zone).date()
        self.monday = today + timedelta(days=7 - today.weekday())
        self._keys: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        self._attempts = 0
        self._token = ""

    def goes_to(self, day: int, clock: str) -> None:
        """It is this weekday at this time, and the lecturer has just logged in."""
        at = datetime.combine(self.day(day), time.fromisoformat(clock), self.site.settings.time_zone)
        self._clock.put_to(at.astimezone(timezone.utc))
        self._token = self.site.log_in()

    def day(self, number: int) -> date:
        """Monday is 0."""
        return self.monday + timedelta(days=number)

    def put_kiosk_in(self, room: str) -> None:
        """Pair a kiosk in this room."""
        kiosk, key = self.site.access.kiosks.add(f"Kiosk of {room}", LECTURER)
        self.site.call("PATCH", f"/kiosks/{kiosk.key}", {"room": room})
        self._keys[room] = key

    def issue_codes(self) -> None:
        """Everybody gets a personal code."""
        self._codes = {student: self.site.code(student) for student in (*ROSTER, VISITOR)}

    def comes(self, student: str, room: str = HALL_B) -> str:
        """A student checks in at the kiosk of a room, with ID and code: the status, or why it counts for no class."""
        self._attempts += 1
        body = {"student_id": student, "code": self._codes[student], "attempt": f"{self._attempts:016}"}
        standing = self.site.call("POST", "/check-ins", body, key=self._keys[room])["standing"]
        counted = standing["kind"] == "counted"
        return str(standing["classes"][0]["status"] if counted else standing["kind"])

    def desk(self) -> Page:
        """A page of the lecturer's."""
        opened = self._context.new_page()
        opened.add_init_script(f"sessionStorage.setItem('secure-attend-token', '{self._token}')")
        return opened

    def kiosk(self, actor: str) -> Page:
        """The page of the kiosk in Hall B, before whose camera the puppet stands."""
        opened = self._context.new_page()
        opened.add_init_script(actor)
        opened.add_init_script(f"localStorage.setItem('secure-attend-kiosk', '{self._keys[HALL_B]}')")
        return opened


def test_a_week_is_in_the_grid_as_it_was(
    start: Callable[..., Running], sface: FaceEngine, context: BrowserContext, actor: str
) -> None:
    clock = MovedClock()
    site = start(sface, clock=clock)
    week = Week(site, clock, context)
    week.goes_to(-1, "18:00")
    course = _planned(week)

    # Monday: one by face at the kiosk, three by code, one of them late; a visitor, and one at another room's kiosk.
    week.goes_to(0, "09:58")
    kiosk = week.kiosk(actor)
    kiosk.goto(f"{site.address}/student")
    expect(kiosk.locator("#classes")).to_contain_text("STAT110 · Lecture")
    kiosk.get_by_role("button", name="Check in").click()
    expect(kiosk.locator("#hello")).to_contain_text("Jane Smith", timeout=SESSION)
    expect(kiosk.locator("#fact")).to_have_text("Present, STAT110")
    kiosk.close()
    week.goes_to(0, "10:05")
    assert [week.comes(student) for student in ("001", "003")] == ["present"] * 2
    assert week.comes(VISITOR) == "not_a_member"
    assert week.comes("006", HALL_C) == "other_room"
    week.goes_to(0, "10:14")
    assert week.comes("004") == "late"

    desk = week.desk()
    desk.goto(f"{site.address}/faculty")
    expect(desk.locator("#class-visitors-list li")).to_have_count(2)
    desk.get_by_role("button", name="Accept Finn Berg", exact=True).click()
    expect(desk.locator("#class-visitors-list li")).to_have_count(1)
    expect(desk.locator("#class-visitors-list")).to_contain_text("At another room’s kiosk · 10:05, Kiosk of Hall C")
    desk.close()

    # Wednesday: nobody held it. Thursday: the lab of one group. Friday: two of six.
    week.goes_to(3, "14:02")
    assert [week.comes(student) for student in ("001", "004")] == ["present"] * 2
    assert week.comes("005") == "other_group"
    week.goes_to(4, "10:09")
    assert week.comes("002") == "present"
    week.goes_to(4, "10:20")
    assert week.comes("005") == "late"

    week.goes_to(4, "18:00")
    desk = week.desk()
    desk.goto(f"{site.address}/faculty#courses/{course}/attendance")
    expect(desk.locator("#grid-head th")).to_have_count(6)
    assert _grid(desk) == {
        "Anna Kowalska": "P – P A",
        "Ben Hassan": "P –   A",
        "Chloé Dubois": "L – P A",
        "Dan Novak": "A –   L",
        "Eve Tanaka": "A –   A",
        "Jane Smith": "P – A P",
    }
    for name, column, why in (
        ("Chloé Dubois", 0, "Late: checked in at 10:14, on time until 10:10."),
        ("Eve Tanaka", 0, "Absent: no check-in counts for this class."),
        ("Ben Hassan", 1, "Not taken: nobody checked in or was marked."),
        ("Ben Hassan", 2, "No status: the class is for another group."),
    ):
        desk.locator("#grid-rows tr").filter(has_text=name).locator("td[data-status]").nth(column).focus()
        expect(desk.locator("#grid-cell-why")).to_have_text(why)

    # The visitor is in Monday's class, and in no column of the course.
    visit(desk, "Classes")
    desk.locator("#classes-rows a").last.click()
    desk.locator("#class-filters").get_by_text("Present").click()
    expect(desk.locator("#class-rows tr").filter(has_text="Finn Berg")).to_contain_text("staff accepted this visitor")
    expect(desk.locator("#class-counts")).to_contain_text("1 late")


def _planned(week: Week) -> str:
    """A course from its roster, with a weekly series, a lab and two kiosks; its key."""
    site = week.site
    site.with_roster(f"{VISITOR},Finn Berg", agreed=False)
    days = {"first_day": str(week.day(0)), "last_day": str(week.day(6))}
    made = {"code": "STAT110", "title": "Probability", "term": "Autumn", "minutes": 90, "room": HALL_B, **days}
    course = site.call("POST", "/courses", made)["key"]
    rows = [f"{student},{name},{group}" for student, (name, group) in ROSTER.items()]
    csv = "\n".join(["student_id,name,group", *rows]).encode()
    of_course = f"/roster?course={course}&first_day={week.day(0)}"
    plan = site.call("POST", f"{of_course}&dry_run=1", csv, "text/csv")
    assert (plan["added"], plan["new_groups"]) == (6, ["Lab A", "Lab B"])
    site.call("POST", f"{of_course}&plan={plan['digest']}", csv, "text/csv")
    lab = site.call("GET", f"/courses/{course}")["groups"][0]["key"]
    weekly = {"weekdays": [0, 2, 4], "last_day": str(week.day(6)), "except": []}
    lecture = {"title": "Lecture", "day": str(week.day(0)), "from": "10:00", "to": "11:30", "room": HALL_B}
    site.call("POST", f"/courses/{course}/meetings", {**lecture, "weekly": weekly})
    practical = {"title": "Lab", "day": str(week.day(3)), "from": "14:00", "to": "15:30", "room": HALL_B}
    site.call("POST", f"/courses/{course}/meetings", {**practical, "groups": [lab]})
    for room in (HALL_B, HALL_C):
        week.put_kiosk_in(room)
    week.issue_codes()
    version = site.call("GET", "/consents/text")["version"]
    jane = site.student("002")["key"]
    site.call("POST", "/consents", {"keys": [jane], "way": "on_paper", "version": version})
    site.with_face("002", astronaut().jpeg())
    return str(course)


def _grid(desk: Page) -> dict[str, str]:
    """The letters of each student's row, in the order of the classes."""
    return dict(
        desk.locator("#grid-rows tr").evaluate_all(
            """rows => rows.map((row) => [row.querySelector('th span').textContent,
              [...row.querySelectorAll('td[data-status]')].map((cell) => cell.textContent || ' ').join(' ')])"""
        )
    )
