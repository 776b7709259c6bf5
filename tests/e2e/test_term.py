"""A term of a course, as a lecturer, a registrar and students live it: from the first excuse to the last file, and what
is printed on the way."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from playwright.sync_api import BrowserContext, Locator, Page, expect

from secure_attend.storage.__main__ import main as storage_command
from tests.e2e.conftest import LECTURER, PASSWORD, Running, open_own_page, visit
from tests.e2e.faculty.test_exports import downloaded, printed
from tests.e2e.test_week import MovedClock
from tests.support.fakes import DrawnFaces, Scene

LENA, REGINE = "Dr Lena Fuchs", "Regine Meyer"
WEEKS = 7
COMES = {
    "007": ("Anna Kowalska", "PPPPPPPPPPPPPP"),
    "12345678901234567": ("Ben Hassan", "PPLPPAPPPLPPPP"),
    "003": ("Chloé Dubois", "PAPAPAAAAPAAAA"),
    "004": ("Dan Novak", "PPPP  PPPPPPPP"),
    "005": ("Eve Tanaka", "PP PPPPPPPPPPP"),
    "006": ("Finn Berg", "PPPPPPPAPPPPPP"),
    "008": ("Grace Mensah", "PPPPLPAPPPPPPP"),
    "009": ("Hugo Lefèvre", "PAPPPPPPAPPPPP"),
}
"""Who comes to which class, late or not. A blank: excused, by the lecturer for days or by the registrar for hours."""
HALL = "Hall B"
SHEETS = Path(folder) if (folder := os.environ.get("SECURE_ATTEND_SCREENSHOTS")) else None


class LivedTerm:
    """STAT110 on Mondays and Wednesdays at ten, and the people around it."""

    def __init__(self, site: Running, clock: MovedClock, context: BrowserContext) -> None:
        self.site, self._clock, self._context = site, clock, context
        today = clock().astimezone(site.settings.time_zone).date()
        self.monday = today + timedelta(days=7 - today.weekday())
        self.last_day = self.monday + timedelta(days=7 * WEEKS - 3)
        site.log_in()
        for name, role in ((LENA, "faculty"), (REGINE, "registrar")):
            site.access.accounts.add(name, PASSWORD, (role,))
        self._kiosk = site.access.kiosks.add("Kiosk of Hall B", LECTURER)
        self._attempts = 0
        self.goes_to(self.monday - timedelta(days=1), "18:00")

    def goes_to(self, day: date, clock: str) -> None:
        """It is this day at this time, on the server and in every browser."""
        moment = datetime.combine(day, time.fromisoformat(clock), self.site.settings.time_zone)
        self._clock.put_to(moment.astimezone(timezone.utc))
        self._context.clock.set_fixed_time(moment)
        self.site.log_in()

    def class_day(self, number: int) -> date:
        """The day of a class of the term, 0 for the first."""
        return self.monday + timedelta(days=7 * (number // 2) + 2 * (number % 2))

    def _token(self, name: str) -> str:
        return self.site.access.accounts.log_in(name, PASSWORD, "the test").token

    def call(self, name: str, method: str, path: str, body: object = None, kind: str = "application/json") -> Any:
        """The interface, as somebody uses it."""
        return self.site.call(method, path, body, kind, key=self._token(name))

    def desk(self, name: str, place: str) -> Page:
        """A page of somebody's, at a place."""
        page = self._context.new_page()
        page.add_init_script(f"sessionStorage.setItem('secure-attend-token', '{self._token(name)}')")
        page.goto(f"{self.site.address}/faculty#{place}")
        return page

    def plan(self) -> None:
        """Students, a course of Lena's with its classes, codes, the kiosk in the hall, and Hugo's face."""
        rows = "\n".join(f"{student},{name}" for student, (name, _) in COMES.items())
        self.site.call("POST", "/roster", f"student_id,name\n{rows}".encode(), "text/csv")
        days = {"first_day": str(self.monday), "last_day": str(self.last_day)}
        body = {"code": "STAT110", "title": "Probability", "term": "Autumn 2026", "minutes": 90, "room": HALL, **days}
        self.course = self.call(LENA, "POST", "/courses", body)["key"]
        for student in COMES:
            member = {"student_id": student, "first_day": days["first_day"]}
            self.call(REGINE, "POST", f"/courses/{self.course}/members", member)
        weekly = {"weekdays": [0, 2], "last_day": days["last_day"], "except": []}
        lecture = {"title": "Lecture", "day": days["first_day"], "from": "10:00", "to": "11:30", "room": HALL}
        planned = self.call(LENA, "POST", f"/courses/{self.course}/meetings", {**lecture, "weekly": weekly})
        self.classes = [str(each["key"]) for each in planned["meetings"]]
        self.site.call("PATCH", f"/kiosks/{self._kiosk[0].key}", {"room": HALL})
        self.keys = {student: self.site.student(student)["key"] for student in COMES}
        self.codes = {student: self.site.code(student) for student in COMES}
        version = self.site.call("GET", "/consents/text")["version"]
        self.site.call("POST", "/consents", {"keys": [self.keys["009"]], "way": "on_paper", "version": version})
        self.site.with_face("009", Scene(1).jpeg())

    def is_held(self, number: int) -> None:
        """Students come to a class, on time or late, and check in at the kiosk with ID and code."""
        for letter, clock in (("P", "09:55"), ("L", "10:15")):
            coming = [student for student, (_, letters) in COMES.items() if letters[number] == letter]
            if coming:
                self.goes_to(self.class_day(number), clock)
            for student in coming:
                self._attempts += 1
                body = {"student_id": student, "code": self.codes[student], "attempt": f"{self._attempts:016}"}
                standing = self.site.call("POST", "/check-ins", body, key=self._kiosk[1])["standing"]
                assert standing["kind"] == "counted", (student, number, standing)

    def at_kiosk(self, student: str) -> Page:
        """The kiosk, where a student has opened their attendance."""
        kiosk = self._context.new_page()
        kiosk.add_init_script(f"localStorage.setItem('secure-attend-kiosk', '{self._kiosk[1]}')")
        kiosk.goto(f"{self.site.address}/student")
        kiosk.get_by_role("button", name="My attendance").click()
        kiosk.keyboard.type(student)
        kiosk.locator("#who-other").click()  # the code, in place of the camera
        kiosk.keyboard.type(self.codes[student])
        kiosk.keyboard.press("Enter")
        return kiosk

    def at_home(self, student: str) -> Page:
        """A student's own page."""
        page = self._context.new_page()
        open_own_page(page, self.site)
        page.get_by_label("Student ID").fill(student)
        page.get_by_label("Personal code").fill(self.codes[student])
        page.get_by_role("button", name="Show my attendance").press("Enter")
        expect(page.locator("#own-name")).to_be_focused()
        return page

    def about(self, page: Page, number: int) -> Locator:
        """The line of a class in a student's attendance."""
        return page.locator(f'[data-class="{self.classes[number]}"]')


def test_a_term(start: Callable[..., Running], context: BrowserContext, tmp_path: Path) -> None:
    clock = MovedClock()
    site = start(DrawnFaces(), locked=True, clock=clock, history_access="proof")
    term = LivedTerm(site, clock, context)
    term.plan()
    _counts_late_for_less(term)
    for number in range(2):
        term.is_held(number)
    _is_excused(term)
    for number in range(2, 8):
        term.is_held(number)
    _is_low_and_contacted(term)
    _asks_and_is_answered(term)
    for number in range(8, 2 * WEEKS):
        term.is_held(number)
    term.goes_to(term.class_day(2 * WEEKS - 1), "18:00")
    _locks(term)
    exported = _exports(term, tmp_path)
    _is_verified(site, exported)
    _prints(term, SHEETS or tmp_path)
    _unlocks(term)
    _ends(term)


def _counts_late_for_less(term: LivedTerm) -> None:
    """Lena counts late as 80 %, and sets a limit."""
    page = term.desk(LENA, f"courses/{term.course}/rules")
    page.locator("#policy-form").get_by_label("Late counts").fill("80")
    page.locator("#policy-form").get_by_label("Limit", exact=True).fill("75")
    page.get_by_role("button", name="Show whose percentage changes").click()
    page.locator("#policy-save").click()
    expect(page.locator("#policy-source")).to_have_text("The course counts in its own way.")
    page.close()


def _is_excused(term: LivedTerm) -> None:
    """Lena excuses Dan for a week, and Regine excuses Eve for a morning in all courses."""
    week = term.class_day(4)
    page = term.desk(LENA, f"courses/{term.course}/students")
    page.get_by_role("button", name="Excuses…: Dan Novak").click()
    page.locator("#excuse-first").fill(str(week))
    page.locator("#excuse-last").fill(str(week + timedelta(days=4)))
    page.locator("#excuse-reason").select_option(label="University event")
    expect(page.locator("#excuse-covers")).to_contain_text("2 classes")
    page.get_by_role("button", name="Excuse", exact=True).press("Enter")
    expect(page.locator("#excuses-list li")).to_have_count(1)
    page.close()
    page = term.desk(REGINE, f"students/{term.keys['005']}")
    page.locator("#student-dialog").get_by_role("button", name="Excuses…").click()
    page.locator("#excuse-by-hours").click()
    for field, value in (("first", str(term.class_day(2))), ("last", str(term.class_day(2)))):
        page.locator(f"#excuse-{field}").fill(value)
    page.locator("#excuse-from").fill("08:00")
    page.locator("#excuse-until").fill("12:00")
    expect(page.locator("#excuse-covers")).to_contain_text("1 class")
    page.get_by_role("button", name="Excuse", exact=True).press("Enter")
    expect(page.locator("#excuses-list li")).to_have_count(1)
    page.close()


def _is_low_and_contacted(term: LivedTerm) -> None:
    """After four weeks, Lena sees who is below the limit. Regine notes that she called."""
    term.goes_to(term.class_day(7), "18:00")
    page = term.desk(LENA, f"courses/{term.course}/attendance")
    page.get_by_label("Low attendance only").check()
    expect(page.locator("#grid-rows tr")).to_have_count(1)
    expect(page.locator("#grid-rows tr")).to_contain_text("Chloé Dubois")
    page.close()
    page = term.desk(REGINE, "reports")
    visit(page, "Low attendance")
    row = page.locator("#low-list li[data-student]")
    expect(row).to_contain_text("STAT110: 37.5 %, 3 / 8")
    page.get_by_role("button", name="Contacted Chloé Dubois…").press("Enter")
    row.get_by_label("Outcome").fill("Comes again from Monday")
    page.keyboard.press("Enter")
    expect(row).to_contain_text(f"by {REGINE}: Comes again from Monday")
    page.close()


def _asks_and_is_answered(term: LivedTerm) -> None:
    """Finn asks at the kiosk, and Grace on her own page. Lena accepts one and declines the other, who asks Regine."""
    kiosk = term.at_kiosk("006")
    expect(kiosk.locator("#own-courses")).to_contain_text("87.5 % attended")
    term.about(kiosk, 7).get_by_role("button", name="Not right?").click()
    kiosk.get_by_role("button", name="I was present").click()
    expect(term.about(kiosk, 7)).to_contain_text("You asked for a correction.")
    kiosk.close()
    mine = term.at_home("008")
    term.about(mine, 6).get_by_role("button", name="Not right?").click()
    mine.get_by_label("What happened (optional)").fill("The tram stood still. I came at 10:40.")
    mine.get_by_role("button", name="I came late").click()
    expect(term.about(mine, 6)).to_contain_text("You asked for a correction.")
    mine.close()

    page = term.desk(LENA, "decide")
    requests = page.locator("#decide-list > li")
    expect(requests).to_have_count(2)
    requests.filter(has_text="Finn Berg").get_by_role("button", name="Accept").click()
    page.get_by_role("dialog").get_by_role("button", name="Accept").click()
    expect(requests).to_have_count(1)
    requests.get_by_role("button", name="Decline").click()
    page.get_by_label("Answer to the student (optional)").fill("I can't know when you came.")
    page.get_by_role("dialog").get_by_role("button", name="Decline").click()
    expect(page.locator("#decide-none")).to_be_visible()
    page.close()

    mine = term.at_home("008")
    expect(term.about(mine, 6)).to_contain_text("declined: “I can't know when you came.”")
    term.about(mine, 6).get_by_role("button", name="Ask the registrar").click()
    expect(term.about(mine, 6)).to_contain_text("The registrar has your request.")
    mine.close()
    page = term.desk(REGINE, "decide")
    requests = page.locator("#decide-list > li").filter(has_text="Grace Mensah")
    requests.get_by_role("button", name="Accept").click()
    page.get_by_role("dialog").get_by_role("button", name="Accept").click()
    expect(requests).to_have_count(0)
    page.close()


def _locks(term: LivedTerm) -> None:
    """Lena locks the term."""
    page = term.desk(LENA, f"courses/{term.course}/rules")
    page.locator("#lock-last").fill(str(term.class_day(2 * WEEKS - 1)))
    page.get_by_role("button", name="Lock days").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#locks-list li")).to_contain_text(f"Locked by {LENA}")
    page.reload()
    expect(page.locator("#policy-source")).to_contain_text("Days are locked")
    expect(page.locator("#policy-form").get_by_label("Late counts")).not_to_be_editable()
    expect(page.locator("#policy-form").get_by_label("Limit", exact=True)).to_be_editable()
    page.close()


def _exports(term: LivedTerm, folder: Path) -> Path:
    """Lena takes the register along; pandas and openpyxl read what her page says. Returns the workbook."""
    page = term.desk(LENA, f"courses/{term.course}/attendance")
    shown = page.locator("#grid-rows tr")
    expect(shown).to_have_count(len(COMES))
    page.get_by_role("button", name="Export", exact=True).click()
    _, data = downloaded(page, page.locator("#export-get").click)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    assert [cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row].count("f") == 0
    read = pd.read_excel(io.BytesIO(data), dtype=str, engine="openpyxl", keep_default_na=False).set_index("student_id")
    assert set(read.index) == set(COMES)
    for row in shown.all():
        student = row.locator("th span").nth(1).inner_text()
        letters = row.locator("[data-status]").all_inner_texts()
        written = read.loc[student]
        assert list(written.iloc[1 : 1 + len(letters)]) == letters
        assert [int(written[each]) for each in ("present", "late", "excused", "absent")] == [
            letters.count(letter) for letter in "PLEA"
        ]
        assert f"{float(written['percent']):g} %" in row.locator("td").first.inner_text()
    assert "".join(read.loc["004"].iloc[1:15]) == "PPPPEEPPPPPPPP"
    assert "".join(read.loc["005"].iloc[1:15]) == "PPEPPPPPPPPPPP"
    assert "".join(read.loc["006"].iloc[1:15]) == "P" * 14, "the request was accepted"
    assert "".join(read.loc["008"].iloc[1:15]) == "PPPPLPLPPPPPPP", "by the registrar"
    page.close()
    path = folder / "STAT110.xlsx"
    path.write_bytes(data)
    return path


def _is_verified(site: Running, exported: Path) -> None:
    """The command finds the file as it was exported, beside the running server; and then one cell that was changed."""
    where = ["--data", str(site.settings.data), "--site-key-file", str(site.settings.site_key_file)]
    assert storage_command(["verify", *where, "--export", str(exported)]) == 0
    book = openpyxl.load_workbook(exported)
    (sheet,) = book.worksheets
    row = next(row for row in sheet.iter_rows() if row[0].value == "003")
    next(cell for cell in row if cell.value == "A").value = "P"
    book.save(exported)
    assert storage_command(["verify", *where, "--export", str(exported)]) == 1


def _prints(term: LivedTerm, folder: Path) -> None:
    """Each sheet comes as a PDF, on as many pages of A4 as it should."""
    for place, name, pages in (
        (f"sheets/class/{term.classes[4]}", "class", 1),
        (f"sheets/blank/{term.classes[4]}", "blank", 1),
        (f"sheets/course/{term.course}", "course", 1),
        (f"sheets/statement/{term.keys['008']}", "statement", 1),
    ):
        page = term.desk(REGINE, place)
        expect(page.locator("#sheet footer")).to_contain_text("Digest of the register")
        printed(page, folder / f"sheet-{name}.pdf")
        data = (folder / f"sheet-{name}.pdf").read_bytes()
        assert len(re.findall(rb"/Type /Page\b", data)) == pages, name
        page.close()


def _unlocks(term: LivedTerm) -> None:
    """Regine unlocks with a reason. Lena corrects a mark, and locks again."""
    page = term.desk(REGINE, f"courses/{term.course}/rules")
    page.get_by_role("button", name="Unlock: Up to").click()
    page.locator("#unlock-reason").fill("A mark was missing")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No days are locked.")).to_be_visible()
    page.close()
    page = term.desk(LENA, f"courses/{term.course}/attendance")
    page.get_by_role("gridcell", name="Hugo Lefèvre,").nth(8).focus()
    page.keyboard.press("l")
    expect(page.locator("#grid-cell-why")).to_have_text("Late: marked by staff.")
    page.close()
    _locks(term)


def _ends(term: LivedTerm) -> None:
    """The term is over: Lena archives the course, and Regine takes all registers along and erases faces."""
    term.goes_to(term.last_day + timedelta(days=10), "10:00")
    page = term.desk(LENA, f"courses/{term.course}")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.locator("#course-archive").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#course-line")).to_contain_text("Archived")
    page.close()
    page = term.desk(REGINE, "reports")
    visit(page, "End of term")
    expect(page.locator("#term-list")).to_contain_text("Hugo Lefèvre")
    _, data = downloaded(page, page.get_by_role("button", name="Download all registers").click)
    assert len(pd.read_excel(io.BytesIO(data), engine="openpyxl")) == len(COMES) * 2 * WEEKS
    page.get_by_role("button", name="Erase these faces").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#term-count")).to_have_text("No such faces.")
    assert term.site.student("009")["registered"] is False
    page.close()
