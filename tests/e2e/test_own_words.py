"""Names, IDs and codes: every page writes them in their own direction, and asks browsers not to translate them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Running, open_own_page, stop_the_clock

MARK = "Zqx"
"""What every name, ID and code of this site begins with, and nothing else."""
WATCH = """(mark) => {
  globalThis.translatable = new Set();
  const sets = (node) => {
    const element = node.parentElement;
    if (!element || element.closest('script, style, title, textarea')) return;
    const kept = element.closest('[translate=no]');
    if (kept && element.closest('bdi, [dir=auto]')) return;
    const near = element.closest('[id], [data-part]');
    const where = near?.id || near?.dataset.part;
    globalThis.translatable.add(`${where} <${element.localName}> ${node.data.trim().slice(0, 60)}`);
  };
  const walk = (root) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    if (root.nodeType === Node.TEXT_NODE && root.data.includes(mark)) sets(root);
    while (texts.nextNode()) if (texts.currentNode.data.includes(mark)) sets(texts.currentNode);
  };
  new MutationObserver((changes) => {
    for (const { addedNodes, target, type } of changes) {
      if (type === 'characterData') walk(target);
      else addedNodes.forEach(walk);
    }
  }).observe(document, { childList: true, characterData: true, subtree: true });
}"""


def _site(start: Callable[..., Running]) -> tuple[Running, str, str, str]:
    """A site whose names, IDs and codes all carry the mark; a student's key, a course's, and a class's."""
    site = start(None, history_access="proof")
    site.with_roster(*(f"{MARK}{number},{MARK}ann Lee{number}" for number in (1, 2, 3)))
    students = site.call("GET", "/students")["students"]
    now = datetime.now(site.settings.time_zone)
    course = site.call(
        "POST",
        "/courses",
        {
            "code": f"{MARK}110",
            "title": f"{MARK}ability",
            "term": f"{MARK} Autumn",
            "first_day": str(now.date() - timedelta(days=30)),
            "last_day": str(now.date() + timedelta(days=60)),
            "groups": [f"{MARK} Lab"],
        },
    )
    group = course["groups"][0]["key"]
    for student in students:
        member = {"student_id": student["student_id"], "first_day": course["first_day"], "groups": [group]}
        site.call("POST", f"/courses/{course['key']}/members", member)
    meeting = site.call("POST", f"/courses/{course['key']}/meetings/now", {"minutes": 60, "room": f"{MARK} Hall"})
    key = str(students[0]["key"])
    site.call("POST", f"/students/{key}/check-ins")
    days = {"first_day": str(now.date()), "last_day": str(now.date())}
    site.call("POST", f"/students/{key}/excuses", {**days, "note": "a doctor's note"})
    site.access.accounts.add(f"{MARK} Byron", "nine purple otters sing", frozenset({"faculty"}))
    return site, key, str(course["key"]), str(meeting["meeting"]["key"])


def test_names_ids_and_codes_are_set_off_on_every_page(start: Callable[..., Running], context: BrowserContext) -> None:
    """Every place of the faculty page, a student, and the kiosk, with all that they say meanwhile."""
    site, student, course, meeting = _site(start)
    context.add_init_script(f"({WATCH})('{MARK}')")
    page = context.new_page()
    found: dict[str, list[str]] = {}

    def visit(place: str) -> None:
        page.goto(f"{site.address}/faculty#{place}")
        page.reload()
        expect(page.locator("#door, #starting").first).to_be_hidden()
        page.wait_for_load_state("networkidle")
        _note(page, found, place)

    for place in (
        "today",
        f"today/{meeting}",
        "courses",
        *(f"courses/{course}/{tab}" for tab in ("attendance", "classes", "students", "rules")),
        "students",
        f"students/{student}",
        "students/consents",
        "students/removed",
        "reports",
        *(f"reports/{dialog}" for dialog in ("attendance", "low", "registers", "refused", "term")),
        "decide",
        *(f"settings/{dialog}" for dialog in ("account", "recognition", "reasons", "kiosks", "accounts", "audit")),
        f"sheets/class/{meeting}",
        f"sheets/statement/{student}",
    ):
        visit(place)
    visit(f"students/{student}")
    page.locator("[data-do=code]").click()
    expect(page.locator("#student-code")).to_be_visible()
    page.locator("[data-do=erase]").click()
    expect(page.locator("#confirm")).to_be_visible()
    page.locator("#confirm-no").click()
    _note(page, found, "questions about a student")

    code = site.code(f"{MARK}2")
    stop_the_clock(page)  # the greeting stays until it was looked at
    page.goto(f"{site.address}/student")
    for button in ("Use ID and code", "My attendance"):
        page.get_by_role("button", name=button).click()
        for typed in (f"{MARK}2", code):
            page.keyboard.type(typed)
            page.keyboard.press("Enter")
        expect(page.locator("#hello, #history-who").filter(visible=True)).to_contain_text(f"{MARK}ann Lee2")
        if button == "Use ID and code":
            page.locator("#not-me").click()
            expect(page.locator("#said")).to_contain_text(f"{MARK}ann Lee2")
    _note(page, found, "kiosk")
    open_own_page(page, site)
    page.locator("#own-id").fill(f"{MARK}2")
    page.locator("#own-code").fill(code)
    page.keyboard.press("Enter")
    expect(page.locator("#own-name")).to_contain_text(f"{MARK}ann Lee2")
    expect(page.locator("#own-courses")).to_contain_text(f"{MARK}110")
    _note(page, found, "me")
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


def _note(page: Page, found: dict[str, list[str]], place: str) -> None:
    """Add what this page has written so far that a browser would translate, or draw in the direction of the page."""
    translatable = page.evaluate("[...translatable]")
    if translatable:
        found[place] = translatable
