"""What leaves the site: a register that pandas and openpyxl open, sheets on paper, and a signed sheet entered again."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import openpyxl
import pandas as pd
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Running
from tests.e2e.taught import Taught, every_look, taught

Check = Callable[[Page], None]
QUARTER_OF_A_PAGE = (210 - 2 * 12) / 25.4 * 96 / 4
"""CSS pixels, of A4 across without its margins."""
LONG_ID, FORMULA = "12345678901234567", '=HYPERLINK("http://evil.example")'


def with_more(of: Taught) -> str:
    """One more student, whose ID and name are spreadsheets' favourites, and classes for two pages. Today's class."""
    key = of.site.call("POST", "/students", {"student_id": LONG_ID, "name": FORMULA})["key"]
    of.keys[FORMULA] = key
    of.site.call("POST", f"/courses/{of.course}/members", {"student_id": LONG_ID})
    first = of.today + timedelta(days=1)
    weekly = {"weekdays": list(range(7)), "last_day": str(first + timedelta(days=21))}
    series = {"title": "Lecture", "day": str(first), "from": "10:00", "to": "11:30", "weekly": weekly}
    of.site.call("POST", f"/courses/{of.course}/meetings", series)
    return of.start()


def downloaded(page: Page, press: Callable[[], None]) -> tuple[str, bytes]:
    """Return the name and the bytes of what comes when that is pressed."""
    with page.expect_download() as coming:
        press()
    return coming.value.suggested_filename, Path(coming.value.path()).read_bytes()


def test_a_register_leaves_as_a_file(start: Callable[..., Running], context: BrowserContext, axe: Check) -> None:
    of = taught(start, context)
    page, meeting = of.page, with_more(of)
    for name, status in (("Anna Kowalska", "present"), ("Ben Hassan", "late"), (FORMULA, "excused")):
        of.mark(meeting, name, status)
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/attendance")
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.locator("#export-line")).to_have_text("STAT110 · Probability")
    every_look(page, axe)
    get = page.locator("#export-get")

    name, data = downloaded(page, get.click)
    assert name.startswith("register-STAT110-")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    read = pd.read_excel(io.BytesIO(data), dtype=str, engine="openpyxl", keep_default_na=False).set_index("student_id")
    shown = page.locator("#grid-rows tr")
    expect(shown).to_have_count(6)
    for row in shown.all():
        letters = row.locator("[data-status]").all_inner_texts()
        written = read.loc[row.locator("th span").nth(1).inner_text()]
        assert [{"not yet": "·"}.get(text, text) for text in written.iloc[1 : 1 + len(letters)]] == letters
        totals = [letters.count(letter) for letter in "PLEA"]
        assert [int(written[each]) for each in ("present", "late", "excused", "absent")] == totals
    assert {LONG_ID, "001"} < set(read.index)
    assert read.loc[LONG_ID]["name"] == FORMULA

    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_label("A row for each student and class", exact=True).check()
    page.get_by_label("CSV", exact=True).check()
    page.locator("#export-separator").select_option("semicolon")
    name, data = downloaded(page, get.click)
    assert name.startswith("register-STAT110-long-")
    long = pd.read_csv(io.BytesIO(data), sep=";", dtype=str, keep_default_na=False)
    assert long.groupby("status").size().to_dict() == {"P": 1, "L": 1, "E": 1, "not yet": 6 * 23 - 3}
    assert "'" + FORMULA in set(long["name"])

    page.goto(f"{of.site.address}/faculty#reports/registers")
    page.get_by_label("Some courses").check()
    get.click()
    expect(page.locator("#export-problem")).to_have_text("Choose at least one course.")
    page.get_by_role("checkbox", name="STAT110").check()
    page.get_by_label("Excel workbook (XLSX)").check()
    name, data = downloaded(page, get.click)
    assert name.startswith("registers-")
    assert len(pd.read_excel(io.BytesIO(data), engine="openpyxl")) == 6 * 23


def test_sheets_are_printed_and_a_signed_one_is_entered(
    start: Callable[..., Running], context: BrowserContext, axe: Check, tmp_path: Path
) -> None:
    of = taught(start, context)
    page, meeting = of.page, with_more(of)
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/classes/{meeting}")

    page.get_by_role("link", name="Print a sheet to sign").click()
    expect(page.locator("#sheet tbody tr")).to_have_count(6 + 4)
    every_look(page, axe)
    printed(page, tmp_path / "blank.pdf")

    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="Enter a signed sheet").click()
    rows = page.locator("#entry-rows tr")
    expect(rows).to_have_count(6)
    names = rows.locator("th span:first-child").all_inner_texts()
    rows.first.focus()
    for key in "plea":
        page.keyboard.press(key)
    expect(rows.nth(4)).to_be_focused()
    page.keyboard.press("p")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Backspace")
    expect(page.locator("#entry-count")).to_have_text("4 of 6 entered")
    every_look(page, axe)
    of.mark(meeting, names[0], "late")  # somebody else marks meanwhile
    page.get_by_role("button", name="Save all").click()
    expect(page.locator("#alert-title")).to_have_text("Nothing was saved. What you entered is still here")
    expect(page.locator("#entry-count")).to_have_text("4 of 6 entered")
    expect(rows.first).to_contain_text("Late")  # the sheet is loaded again, and what comes next replaces that mark
    page.get_by_role("button", name="Close this message").click()
    page.get_by_role("button", name="All others absent").click()
    expect(page.locator("#entry-count")).to_have_text("6 of 6 entered")
    page.get_by_role("button", name="Save all").click()
    expect(page.locator("#class-table")).to_be_visible()
    assert [of.row(meeting, name)["status"] for name in names] == [
        "present", "late", "excused", "absent", "absent", "absent",
    ]  # fmt: skip

    page.get_by_role("link", name="Print this class").click()
    expect(page.locator("#sheet tbody tr").nth(2)).to_contain_text("Excused")
    printed(page, tmp_path / "class.pdf")

    page.goto(f"{of.site.address}/faculty#courses/{of.course}/attendance")
    page.get_by_role("link", name="Print", exact=True).click()
    expect(page.locator("#sheet table")).to_have_count(2)
    expect(page.locator("#sheet footer")).to_contain_text("Digest of the register")
    every_look(page, axe)
    printed(page, tmp_path / "course.pdf")

    page.goto(f"{of.site.address}/faculty#students/{of.keys[names[1]]}")
    page.get_by_role("button", name="Print a statement").click()
    expect(page.locator("#sheet")).to_contain_text("1 class held: 0 present, 1 late, 0 excused, 0 absent.")
    expect(page.locator("#sheet header")).to_contain_text("Last date attended:")
    every_look(page, axe)
    printed(page, tmp_path / "statement.pdf")


def printed(page: Page, path: Path) -> None:
    """Print the page: the sheet alone is on the paper, black on white."""
    page.emulate_media(media="print", color_scheme="dark")
    for what in ("body > header", ".places", "#sheet-print"):
        expect(page.locator(what)).to_be_hidden()
    expect(page.locator("#sheet")).to_be_visible()
    expect(page.locator("#sheet")).to_have_css("color", "rgb(0, 0, 0)")
    heads = page.locator("#sheet thead").evaluate_all("all => all.map((head) => head.getBoundingClientRect().height)")
    assert max(heads, default=0) < QUARTER_OF_A_PAGE, "higher ones would be on the first page alone"
    page.pdf(path=path, prefer_css_page_size=True)
    assert path.read_bytes().startswith(b"%PDF")
    page.emulate_media(media="screen", color_scheme="light")
