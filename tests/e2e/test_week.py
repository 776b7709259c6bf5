"""A week of a course: its roster, its series, who comes when and where, and what the lecturer's grid says then.

Two puppets check in by face ten times at the room's kiosk, and once at another's: twice in the browser, then through
the kiosk's interface, with the same frames and the same models.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from secure_attend.faces.engine import FaceEngine
from tests.e2e.conftest import JANE, LECTURER, OTHER, SESSION, Running, visit
from tests.support.puppet import Puppet
from tests.support.puppet_at_kiosk import PuppetAtKiosk

ROSTER = {
    "001": ("Anna Kowalska", "Lab A"),
    "002": ("Jane Smith", "Lab A"),
    "003": ("Ben Hassan", "Lab B"),
    "004": ("Chloé Dubois", "Lab A"),
    "005": ("Dan Novak", "Lab B"),
    "006": ("Eve Tanaka", "Lab B"),
}
VISITOR = "007"
WITH_FACE = {"002": JANE, "003": OTHER}
A_FRAME = 0.1
"""Seconds from one frame of a puppet to the next."""
HALL_B, HALL_C = "Hall B", "Hall C"


class MovedClock:
    """The real time, put forward: a browser's liveness sessions need it to go on. While it is `held`, frames alone move
    it on, however long a busy machine takes for them."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._held: datetime | None = None

    def __call__(self) -> datetime:
        return self._held if self._held is not None else datetime.now(timezone.utc) + self._ahead

    @contextmanager
    def held(self) -> Iterator[None]:
        """Stand still, and go on from there afterwards."""
        self._held = self()
        yield
        held, self._held = self._held, None
        self.put_to(held)

    def put_to(self, moment: datetime) -> None:
        """Goes on from this moment."""
        self._ahead += moment - self()

    def frame(self) -> None:
        """A frame of a camera later."""
        assert self._held is not None
        self._held += timedelta(seconds=A_FRAME)


class Week:
    """STAT110 in its first week, with what its students do at the kiosks."""

    def __init__(
        self, site: Running, clock: MovedClock, context: BrowserContext, puppets: Mapping[str, Puppet]
    ) -> None:
        self.site, self._clock, self._context = site, clock, context
        self._puppets = {student: puppets[name] for student, name in WITH_FACE.items()}
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
        return _told(self.site.call("POST", "/check-ins", body, key=self._keys[room]))

    def looks(self, student: str, room: str = HALL_B) -> str:
        """The same by face: a puppet before the camera."""
        puppet = PuppetAtKiosk(self._puppets[student], self.site.call, self._keys[room], self._clock.frame)
        with self._clock.held():
            answer = puppet.check_in()
        assert answer["student"]["name"] == ROSTER[student][0]
        return _told(answer)

    def register_faces(self) -> None:
        """Those with a puppet agree and give their faces."""
        version = self.site.call("GET", "/consents/text")["version"]
        keys = [self.site.student(student)["key"] for student in self._puppets]
        self.site.call("POST", "/consents", {"keys": keys, "way": "on_paper", "version": version})
        for student, puppet in self._puppets.items():
            self.site.with_face(student, puppet.jpeg())

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
    start: Callable[..., Running],
    sface: FaceEngine,
    context: BrowserContext,
    actor: str,
    puppets: dict[str, Puppet],
) -> None:
    clock = MovedClock()
    site = start(sface, clock=clock)
    week = Week(site, clock, context, puppets)
    week.goes_to(-1, "18:00")
    course = _planned(week)
    classes = [each["key"] for each in site.call("GET", f"/courses/{course}/meetings")["meetings"]]

    # Monday: two by face, one of them late; a visitor, and one at another room's kiosk.
    week.goes_to(0, "09:58")
    _before_the_browser(week, actor, JANE, "Present, STAT110")
    week.goes_to(0, "10:05")
    assert week.comes("001") == "present"
    assert week.comes(VISITOR) == "not_a_member"
    assert week.comes("006", HALL_C) == "other_room"
    week.goes_to(0, "10:14")
    assert week.comes("004") == "late"
    _before_the_browser(week, actor, OTHER, re.compile(r"Checked in at 10:1\d \(late\), STAT110"))

    desk = week.desk()
    desk.goto(f"{site.address}/faculty")
    expect(desk.locator("#class-visitors-list li")).to_have_count(2)
    desk.get_by_role("button", name="Accept Finn Berg", exact=True).click()
    expect(desk.locator("#class-visitors-list li")).to_have_count(1)
    expect(desk.locator("#class-visitors-list")).to_contain_text("At another room’s kiosk · 10:05, Kiosk of Hall C")
    desk.close()

    # Tuesday: two by face. Wednesday: nobody held it. Thursday: two by face, and the lab of one group with a visitor.
    week.goes_to(1, "10:02")
    assert [week.looks(student) for student in WITH_FACE] == ["present"] * 2
    week.goes_to(3, "10:03")
    assert [week.looks(student) for student in WITH_FACE] == ["present"] * 2
    week.goes_to(3, "14:02")
    assert [week.comes(student) for student in ("001", "004")] == ["present"] * 2
    assert [week.looks(student) for student in WITH_FACE] == ["present", "other_group"]
    site.call("POST", f"/meetings/{classes[4]}/visitors", {})

    # Friday: one is at the wrong room. The other group has its lab.
    week.goes_to(4, "10:04")
    assert week.looks("003") == "present"
    assert week.looks("002", HALL_C) == "other_room"
    week.goes_to(4, "10:20")
    assert week.comes("005") == "late"
    week.goes_to(4, "14:01")
    assert week.looks("003") == "present"

    week.goes_to(4, "18:00")
    desk = week.desk()
    desk.goto(f"{site.address}/faculty#courses/{course}/attendance")
    expect(desk.locator("#grid-head th")).to_have_count(2 + len(classes))
    assert _grid(desk) == {
        "Anna Kowalska": "P A – A P A  ",
        "Ben Hassan": "L P – P P P P",
        "Chloé Dubois": "L A – A P A  ",
        "Dan Novak": "A A – A   L A",
        "Eve Tanaka": "A A – A   A A",
        "Jane Smith": "P P – P P A  ",
        "Finn Berg": "P            ",
    }
    for name, column, why in (
        ("Chloé Dubois", 0, "Late: checked in at 10:14, on time until 10:10."),
        ("Eve Tanaka", 0, "Absent: no check-in counts for this class."),
        ("Ben Hassan", 2, "Not taken: nobody checked in or was marked."),
        ("Dan Novak", 4, "No status: the class is for another group."),
        ("Ben Hassan", 4, "Present: staff accepted this visitor."),
        ("Finn Berg", 0, "Present: staff accepted this visitor."),
    ):
        _row(desk, name).locator("td[data-status]").nth(column).focus()
        expect(desk.locator("#grid-cell-why")).to_have_text(why)
    expect(_row(desk, "Finn Berg").locator("td").first).to_contain_text("Visitor")
    by_face = Counter(record.kiosk for record in site.store.records() if record.method == "face")
    assert by_face == {"Kiosk of Hall B": 10, "Kiosk of Hall C": 1}

    # The visitor is in Monday's class too.
    visit(desk, "Classes")
    desk.locator("#classes-rows a").last.click()
    desk.locator("#class-filters").get_by_text("Present").click()
    expect(desk.locator("#class-rows tr").filter(has_text="Finn Berg")).to_contain_text("staff accepted this visitor")
    expect(desk.locator("#class-counts")).to_contain_text("2 late")


def _before_the_browser(week: Week, actor: str, person: str, fact: str | re.Pattern[str]) -> None:
    """Somebody checks in at the page of Hall B's kiosk."""
    kiosk = week.kiosk(actor)
    kiosk.goto(f"{week.site.address}/student")
    kiosk.evaluate("name => actor.become(name)", person)
    expect(kiosk.locator("#classes")).to_contain_text("STAT110 · Lecture")
    kiosk.get_by_role("button", name="Check in").click()
    expect(kiosk.locator("#hello")).to_contain_text("Jane" if person == JANE else "Ben", timeout=SESSION)
    expect(kiosk.locator("#fact")).to_have_text(fact)
    kiosk.close()


def _told(answer: Any) -> str:
    """What the kiosk says of a check-in: the status, or why it counts for no class."""
    standing = answer["standing"]
    return str(standing["classes"][0]["status"] if standing["kind"] == "counted" else standing["kind"])


def _row(desk: Page, name: str) -> Locator:
    return desk.locator("#grid-rows tr").filter(has_text=name)


def _planned(week: Week) -> str:
    """A course from its roster, with a weekly series, a lab of each group and two kiosks; its key."""
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
    labs = [group["key"] for group in site.call("GET", f"/courses/{course}")["groups"]]
    weekly = {"weekdays": [0, 1, 2, 3, 4], "last_day": str(week.day(6)), "except": []}
    lecture = {"title": "Lecture", "day": str(week.day(0)), "from": "10:00", "to": "11:30", "room": HALL_B}
    site.call("POST", f"/courses/{course}/meetings", {**lecture, "weekly": weekly})
    for number, lab in zip((3, 4), labs, strict=True):
        practical = {"title": "Lab", "day": str(week.day(number)), "from": "14:00", "to": "15:30", "room": HALL_B}
        site.call("POST", f"/courses/{course}/meetings", {**practical, "groups": [lab]})
    for room in (HALL_B, HALL_C):
        week.put_kiosk_in(room)
    week.issue_codes()
    week.register_faces()
    return str(course)


def _grid(desk: Page) -> dict[str, str]:
    """The letters of each student's row, in the order of the classes."""
    return dict(
        desk.locator("#grid-rows tr").evaluate_all(
            """rows => rows.map((row) => [row.querySelector('th span').textContent,
              [...row.querySelectorAll('td[data-status]')].map((cell) => cell.textContent || ' ').join(' ')])"""
        )
    )
