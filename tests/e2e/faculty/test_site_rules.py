"""The site's rules and percentages as a registrar changes them: for courses without their own, after a question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Running
from tests.e2e.taught import every_look, taught


def test_rules_for_all_courses(
    start: Callable[..., Running],
    context: BrowserContext,
    axe: Callable[[Page], None],
    shoot: Callable[[Page, str], None],
) -> None:
    of = taught(start, context)
    days = {"first_day": str(of.today), "last_day": str(of.today + timedelta(days=30))}
    own = of.site.call("POST", "/courses", {"code": "LAW1", "title": "Law", "term": "Autumn", **days})["key"]
    of.site.call("PUT", f"/courses/{own}/rules", {"opens_before": 5, "on_time": 5, "late_until": 5, "since": "all"})
    page, ask = of.page, of.page.locator("#confirm")
    page.goto(f"{of.site.address}/faculty#settings")
    page.get_by_role("link", name="Rules for all courses").click()
    expect(page.locator("#site-rules-courses")).to_have_text("1 course follows these rules.")
    expect(page.locator("#site-policy-courses")).to_have_text("2 courses count this way.")
    every_look(page, axe)
    shoot(page, "site-rules")

    # Status rules: what is wrong is said beside it, and nothing is saved before the question is answered.
    before = of.site.call("GET", "/attendance-settings")
    rules = page.get_by_role("form", name="Present and late")
    save = rules.get_by_role("button", name="Save rules")
    save.click()
    expect(page.locator("#toast-text")).to_have_text("Nothing is different, so nothing was saved.")
    rules.get_by_label("On time").fill("soon")
    save.click()
    expect(page.locator("#site-rules-summary")).to_contain_text("Type whole minutes")
    rules.get_by_label("On time").fill("7")
    save.press("Enter")
    expect(ask).to_contain_text("Change the rules of 1 course?")
    every_look(page, axe)
    shoot(page, "site-rules-asked")
    page.keyboard.press("Escape")
    expect(ask).to_be_hidden()
    expect(save).to_be_focused()
    assert of.site.call("GET", "/attendance-settings") == before
    save.press("Enter")
    ask.get_by_role("button", name="Save rules").click()
    expect(page.locator("#toast-text")).to_have_text("The rules are saved.")
    after = of.site.call("GET", "/attendance-settings")
    assert after == {**before, "rules": {**before["rules"], "on_time": 7}}
    assert of.site.call("GET", f"/courses/{of.course}/rules")["rules"]["on_time"] == 7
    assert of.site.call("GET", f"/courses/{own}/rules")["rules"]["on_time"] == 5

    # Percentages, where a course with locked days counts as it did.
    day = str(of.today - timedelta(days=8))
    of.site.call("POST", f"/courses/{of.course}/meetings", {"day": day, "from": "10:00", "to": "11:00"})
    lock = {"first_day": day, "last_day": day}
    of.site.call("POST", f"/courses/{of.course}/locks", lock)
    counting = page.get_by_role("form", name="Percentages")
    counting.get_by_label("Late counts").fill("50")
    counting.get_by_label("Left early").fill("80")
    counting.get_by_label("Limit", exact=True).fill("66,7")
    counting.get_by_role("button", name="Save percentages").click()
    expect(ask).to_contain_text("Change the percentages of 2 courses?")
    ask.get_by_role("button", name="Save percentages").click()
    expect(page.locator("#toast-text")).to_have_text("Percentages count the new way.")
    expect(page.locator("#site-policy-courses")).to_contain_text("1 course with locked days follows only the limit")
    shoot(page, "site-rules-locked")
    policy = of.site.call("GET", "/attendance-settings")["policy"]
    assert (policy["late"], policy["limit"]) == (50, 66.7)
    assert policy["remarks"] == [{"code": "left_early", "weight": 80}]
    counted = [of.site.call("GET", f"/courses/{key}/policy")["policy"] for key in (of.course, own)]
    assert [(each["late"], each["limit"]) for each in counted] == [(100, 66.7), (50, 66.7)]

    # Where a past class is locked, the question says why nothing is saved.
    rules.get_by_label("On time").fill("8")
    rules.get_by_label("All classes, past ones too").check()
    save.click()
    ask.get_by_role("button", name="Save rules").click()
    expect(page.locator("#confirm-problem")).to_contain_text("locked")
    shoot(page, "site-rules-refused")
    assert of.site.call("GET", "/attendance-settings")["rules"] == after["rules"]


def test_days_without_teaching(
    start: Callable[..., Running],
    context: BrowserContext,
    axe: Callable[[Page], None],
    shoot: Callable[[Page, str], None],
) -> None:
    of = taught(start, context)
    page, first = of.page, of.today + timedelta(days=7)
    page.goto(f"{of.site.address}/faculty#settings/rules")
    days = page.get_by_role("form", name="Days without teaching")
    days.get_by_role("button", name="Add days").click()
    expect(days.get_by_label("From")).to_be_focused()
    days.get_by_label("Name").fill("Winter break")
    days.get_by_role("button", name="Save days").click()
    expect(page.locator("#closures-summary")).to_contain_text("Choose a day")
    days.get_by_label("From").fill(str(first))
    every_look(page, axe)
    shoot(page, "closures")
    days.get_by_role("button", name="Save days").click()
    expect(page.locator("#toast-text")).to_have_text("The days are saved.")
    closure = {"first_day": str(first), "last_day": str(first), "name": "Winter break"}
    assert of.site.call("GET", "/attendance-settings")["closures"] == [closure]
    weekly = {"weekdays": [first.weekday()], "last_day": str(first + timedelta(days=7)), "except": []}
    body = {"day": str(first), "from": "10:00", "to": "11:00", "weekly": weekly}
    added = of.site.call("POST", f"/courses/{of.course}/meetings", body)["meetings"]
    assert [each["starts"][:10] for each in added] == [str(first + timedelta(days=7))]
    days.get_by_role("button", name="Remove: Winter break").click()
    days.get_by_role("button", name="Save days").click()
    expect(page.locator("#closures-list li")).to_have_count(0)
    expect(page.locator("#closures-heading")).to_be_focused()
    assert of.site.call("GET", "/attendance-settings")["closures"] == []


def test_kiosks_say_no_status_if_the_site_hides_it(start: Callable[..., Running], context: BrowserContext) -> None:
    of = taught(start, context)
    of.page.goto(f"{of.site.address}/faculty#settings/kiosks")
    say = of.page.get_by_label("The screen says who is present or late")
    expect(say).to_be_checked()
    say.press("Space")
    expect(of.page.locator("#toast-text")).to_have_text("Kiosks no longer say who is present or late.")
    assert of.site.call("GET", "/attendance-settings")["kiosk_shows_status"] is False
