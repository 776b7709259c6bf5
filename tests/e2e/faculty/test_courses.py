"""A course as its lecturer makes it: groups, students, a series, staff, a file of classes, and the archive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import LECTURER, PASSWORD, Running, visit
from tests.e2e.taught import every_look, taught

Check = Callable[[Page], None]


def test_a_course_is_made_with_groups_a_series_and_staff(
    start: Callable[..., Running], context: BrowserContext
) -> None:
    of = taught(start, context)
    page = of.page
    of.site.access.accounts.add("Grace", PASSWORD, ["faculty"])
    page.goto(f"{of.site.address}/faculty#courses")
    page.get_by_role("button", name="New course").click()
    page.locator("#course-save").click()
    expect(page.locator("#course-summary")).to_contain_text("Type the code of the course.")
    for label, value in (("Code", "CS101"), ("Title", "Algorithms"), ("Term", "Autumn")):
        page.get_by_label(label, exact=True).fill(value)
    page.locator("#course-first").fill(str(of.today))
    page.locator("#course-last").fill(str(of.today + timedelta(days=27)))
    page.locator("#course-save").click()
    expect(page.get_by_role("heading", name="CS101 · Algorithms", level=1)).to_be_visible()

    page.get_by_role("button", name="Groups", exact=True).click()
    for name in ("Lab A", "Lab B"):
        page.get_by_label("New group").fill(name)
        page.keyboard.press("Enter")
        expect(page.locator("#groups-list")).to_contain_text(name)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add student").click()
    page.get_by_label("Student ID, exactly").fill("006")
    page.keyboard.press("Enter")
    expect(page.locator("#members-rows")).to_contain_text("Finn Berg")

    page.get_by_role("link", name="Classes", exact=True).click()
    page.get_by_role("button", name="Add classes").click()
    page.locator("#classes-day").fill(str(of.today + timedelta(days=1)))
    page.locator("#classes-from").fill("10:00")
    page.locator("#classes-to").fill("11:30")
    page.get_by_label("Repeat every week").check()
    expect(page.locator("#classes-count")).to_contain_text("4 classes")
    page.get_by_text("Leave out days").click()
    page.locator("#classes-days input").nth(1).uncheck()
    expect(page.locator("#classes-count")).to_contain_text("3 classes")
    page.get_by_role("checkbox", name="Lab A").check()
    page.locator("#classes-dialog").get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#classes-rows tr")).to_have_count(3)
    expect(page.locator("#classes-rows tr").first).to_contain_text("Lab A")

    page.get_by_role("button", name="Staff", exact=True).click()
    expect(page.locator("#staff-list")).to_contain_text(LECTURER)
    page.get_by_label("Account name").fill("Grace")
    page.get_by_label("Role").select_option("assistant")
    page.keyboard.press("Enter")
    expect(page.locator("#staff-list")).to_contain_text("Assistant")
    page.get_by_role("button", name="End: Grace").click()
    expect(page.get_by_role("button", name="End: Grace")).to_have_count(0)
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Edit", exact=True).click()
    page.locator("#course-archive").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#course-line")).to_contain_text("Archived")
    expect(page.locator("#classes-tools")).to_be_hidden()


def test_attendance_and_rules_by_keyboard_and_by_link(
    start: Callable[..., Running], context: BrowserContext, axe: Check
) -> None:
    of = taught(start, context)
    page, now = of.page, datetime.now(of.site.settings.time_zone)
    between = {"from": f"{now - timedelta(minutes=3):%H:%M}", "to": f"{now + timedelta(minutes=60):%H:%M}"}
    added = of.site.call("POST", f"/courses/{of.course}/meetings", {"day": str(of.today), **between})
    meeting = added["meetings"][0]["key"]
    of.site.call("POST", f"/students/{of.keys['Eve Tanaka']}/check-ins")
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/attendance")
    expect(page.locator("#grid-rows tr")).to_have_count(5)
    page.locator("#grid-rows td[data-status]").first.focus()
    expect(page.locator("#grid-cell-title")).to_contain_text("Anna Kowalska")
    expect(page.locator("#grid-cell-why")).to_contain_text("Not yet: check-in counts until")
    page.keyboard.press("e")
    expect(page.locator("#grid-cell-why")).to_have_text("Excused: marked by staff.")
    expect(page.get_by_role("gridcell", name="Anna Kowalska, ")).to_have_text("E")
    expect(page.get_by_role("gridcell", name="Anna Kowalska, ")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#grid-cell-title")).to_contain_text("Ben Hassan")
    every_look(page, axe)
    page.keyboard.press("Enter")
    expect(page.locator("#mark-dialog")).to_be_visible()
    axe(page)
    page.locator("#mark-status").get_by_text("Late").click()
    page.locator("#mark-dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#grid-cell-why")).to_have_text("Late: marked by staff.")
    assert [of.row(meeting, name)["status"] for name in ("Anna Kowalska", "Ben Hassan")] == ["excused", "late"]

    # Nothing is saved before the preview has said whose status would change.
    visit(page, "Rules")
    for label in ("Opens before", "On time", "Late until"):
        page.locator("#rules-form").get_by_label(label, exact=True).fill("0")
    page.locator("#rules-form").get_by_label("All classes, past ones too").check()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.locator("#rules-preview-title")).to_have_text("1 student changes in 1 class.")
    expect(page.locator("#rules-preview-title")).to_be_focused()
    expect(page.locator("#rules-changes")).to_contain_text("Eve Tanaka")
    axe(page)
    assert of.row(meeting, "Eve Tanaka")["status"] == "present"
    page.get_by_role("button", name="Save rules").click()
    expect(page.locator("#rules-source")).to_have_text("These rules are the course’s own.")
    assert of.row(meeting, "Eve Tanaka")["status"] != "present"

    # Back and Forward within the course; a colleague opens the same tab by its link.
    visit(page, "Classes")
    expect(page.locator("#classes-rows tr")).to_have_count(1)
    axe(page)
    page.go_back()
    expect(page.locator("#rules-form")).to_be_visible()
    page.go_back()
    expect(page.locator("#grid")).to_be_visible()
    page.go_forward()
    expect(page.locator("#rules-form")).to_be_visible()
    other = context.new_page()
    other.goto(page.url)
    expect(other.locator("#rules-form").get_by_label("On time", exact=True)).to_have_value("0")
    expect(other).to_have_title("Rules of a course · Secure-Attend")


def test_a_roster_shows_what_it_will_do_and_can_be_undone(
    start: Callable[..., Running], context: BrowserContext, axe: Check
) -> None:
    of = taught(start, context)
    page = of.page
    rows = ("student_id,name,group,shoe", "001,Anna Kowalska,Lab A,38", "006,Finn Berg,Lab C,44", "008,Gil Cohen,,41")
    file = {"name": "roster.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/students")
    expect(page.locator("#members-rows tr")).to_have_count(5)
    axe(page)
    page.get_by_role("button", name="Upload roster").click()
    page.locator("#course-roster-file").set_input_files(file)
    expect(page.locator("#course-roster-words")).to_contain_text("2 new, 1 already in the course")
    for sentence in ("1 of them is new on the site’s list.", "New groups: Lab C.", "Columns that are not used: shoe."):
        expect(page.locator("#course-roster-facts")).to_contain_text(sentence)
    page.locator("#course-roster-joining summary").click()
    expect(page.locator("#course-roster-joining-list")).to_have_text("Finn Berg (006)Gil Cohen (008)")
    expect(page.locator("#course-roster-leave-text")).to_contain_text("4 students of the course are not in the file")
    every_look(page, axe)
    page.locator("#course-roster-leave").check()
    page.locator("#course-roster-go").click()
    expect(page.locator("#members-undo-text")).to_have_text("The last roster import changed 7 students.")
    page.reload()  # the server knows, whoever asks
    expect(page.locator("#members-rows tr")).to_have_count(7)  # they leave after today
    page.get_by_role("button", name="Undo import").click()
    expect(page.locator("#members-rows tr")).to_have_count(5)
    expect(page.locator("#members-undo")).to_be_hidden()
    members = of.site.call("GET", f"/courses/{of.course}/members")["members"]
    assert {member["last_day"] for member in members} == {None}


def test_what_a_file_does_not_say_is_asked(start: Callable[..., Running], context: BrowserContext, axe: Check) -> None:
    of = taught(start, context)
    page = of.page
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/students")
    page.get_by_role("button", name="Upload roster").click()
    data = "Kennung;Wer;Ort\n020;Şükrü Gökdağ;Ankara\n".encode("cp1254")
    page.locator("#course-roster-file").set_input_files({"name": "r.csv", "mimeType": "text/csv", "buffer": data})
    choices = page.locator("#course-roster-choices")
    expect(choices.get_by_label("Turkish")).to_be_checked()
    axe(page)
    choices.get_by_role("button", name="Read it like this").click()
    choices.get_by_label("Column 1").select_option("Student ID")
    choices.get_by_role("button", name="Read it like this").click()
    expect(choices.get_by_role("alert")).to_have_text("Choose the column of the name, or those of first and last name.")
    choices.get_by_label("Column 2").select_option("Name")
    every_look(page, axe)
    choices.get_by_role("button", name="Read it like this").click()
    expect(page.locator("#course-roster-words")).to_contain_text("1 new")
    page.locator("#course-roster-go").click()
    expect(page.locator("#members-rows")).to_contain_text("Şükrü Gökdağ")


def test_a_double_class_is_planned(
    start: Callable[..., Running], context: BrowserContext, axe: Check, shoot: Callable[[Page, str], None]
) -> None:
    of = taught(start, context)
    page = of.page
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/classes")
    page.get_by_role("button", name="Add classes").click()
    for field, value in (("day", str(of.today + timedelta(days=1))), ("from", "10:00"), ("to", "11:30")):
        page.locator(f"#classes-{field}").fill(value)
    add = page.locator("#classes-dialog").get_by_role("button", name="Add", exact=True)
    page.get_by_label("Double class").check()
    page.get_by_label("Repeat every week").check()
    page.locator("#classes-last").fill(str(of.today + timedelta(days=8)))
    expect(page.locator("#classes-count")).to_contain_text("4 classes")
    add.click()
    expect(page.locator("#classes-summary")).to_contain_text("Type a time.")
    page.get_by_label("Second part from").fill("11:00")
    page.get_by_label("Second part to").fill("13:00")
    add.click()
    expect(page.locator("#classes-summary")).to_contain_text("when the one before it has ended")
    every_look(page, axe)
    shoot(page, "double-class")
    page.get_by_label("Second part from").fill("11:45")
    add.click()
    rows = page.locator("#classes-rows tr")
    expect(rows.filter(has_text="one check-in with 11:45–13:00")).to_have_count(2)
    expect(rows.filter(has_text="one check-in with 10:00–11:30")).to_have_count(2)
    shoot(page, "double-classes")


def test_a_student_leaves_a_course_after_a_chosen_day(
    start: Callable[..., Running], context: BrowserContext, axe: Check, shoot: Callable[[Page, str], None]
) -> None:
    of = taught(start, context)
    page, until = of.page, of.today + timedelta(days=5)
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/students")
    page.get_by_role("button", name="Remove…: Ben Hassan").click()
    page.locator("#confirm").get_by_label("Last day (empty: today)").fill(str(until))
    every_look(page, axe)
    shoot(page, "leaving-a-course")
    page.locator("#confirm-yes").click()
    expect(page.locator("#toast-text")).to_contain_text("Ben Hassan is in the course until")
    members = of.site.call("GET", f"/courses/{of.course}/members")["members"]
    assert {each["student"]["name"]: each["last_day"] for each in members if each["last_day"]} == {
        "Ben Hassan": str(until)
    }


def test_later_classes_of_a_series_change_with_one(
    start: Callable[..., Running], context: BrowserContext, axe: Check
) -> None:
    of = taught(start, context)
    page, first = of.page, of.today + timedelta(days=1)
    weekly = {"weekdays": [first.weekday()], "last_day": str(first + timedelta(days=14)), "except": []}
    made = {"title": "Lecture", "day": str(first), "from": "10:00", "to": "11:30", "room": "Hall B", "weekly": weekly}
    of.site.call("POST", f"/courses/{of.course}/meetings", made)
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/classes")
    rows = page.locator("#classes-rows tr")
    expect(rows).to_have_count(3)

    rows.nth(1).get_by_role("button", name="Cancel").click()
    page.locator("#confirm").get_by_label("Also all later classes of this series").check()
    axe(page)
    page.locator("#confirm-yes").click()
    expect(rows.filter(has_text="Cancelled")).to_have_count(2)
    expect(rows.first).not_to_contain_text("Cancelled")
    rows.nth(1).get_by_role("button", name="Restore").click()
    page.locator("#confirm-yes").click()
    expect(rows.filter(has_text="Cancelled")).to_have_count(1)  # this one alone

    rows.first.get_by_role("button", name="Edit").click()
    page.locator("#class-edit-room").fill("Hall C")
    page.locator("#class-edit-groups-list").get_by_label("Lab A").check()
    page.locator("#class-edit-absent").uncheck()
    page.locator("#class-edit-later").check()
    every_look(page, axe)
    page.locator("#class-edit-dialog").get_by_role("button", name="Save").click()
    expect(rows.filter(has_text="Hall C · Lab A · nobody is absent")).to_have_count(3)
    rows.first.get_by_role("button", name="Move").click()
    page.locator("#move-from").fill("09:00")
    page.locator("#move-later").check()
    axe(page)
    page.locator("#move-dialog").get_by_role("button", name="Move", exact=True).click()
    expect(rows.filter(has_text="09:00")).to_have_count(3)


def test_somebody_elses_student_is_added_by_id_and_name(
    start: Callable[..., Running], context: BrowserContext, axe: Check
) -> None:
    """Finn is in none of Grace's courses: the page asks for the name, and for no other student."""
    of = taught(start, context)
    page, accounts = of.page, of.site.access.accounts
    accounts.add("Grace", PASSWORD, ("faculty",))
    token = accounts.log_in("Grace", PASSWORD, "the test").token
    days = {"first_day": str(of.today), "last_day": str(of.today + timedelta(days=60))}
    course = of.site.call("POST", "/courses", {"code": "ART1", "title": "Art", "term": "Autumn", **days}, key=token)
    page.goto(f"{of.site.address}/faculty")
    page.evaluate("(token) => sessionStorage.setItem('secure-attend-token', token)", token)
    page.goto(f"{of.site.address}/faculty#courses/{course['key']}/students")
    page.reload()
    page.get_by_role("button", name="Add student").click()
    name = page.locator("#member-name")
    expect(name).to_be_hidden()
    page.get_by_label("Student ID, exactly").fill("006")
    page.keyboard.press("Enter")
    expect(page.locator("#member-summary")).to_contain_text("type the name, too")
    every_look(page, axe)
    name.fill("Finn Borg")
    page.keyboard.press("Enter")
    expect(page.locator("#member-summary")).to_contain_text("No student has this ID and name.")
    name.fill("finn berg")
    page.keyboard.press("Enter")
    expect(page.locator("#members-rows")).to_contain_text("Finn Berg")
    page.get_by_role("button", name="Add student").click()
    expect(name).to_be_hidden()


def test_a_file_of_classes_shows_its_plan_is_imported_and_undone(
    start: Callable[..., Running], context: BrowserContext, axe: Check
) -> None:
    of = taught(start, context)
    page, day = of.page, of.today + timedelta(days=3)
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART:{day:%Y%m%d}T100000\r\nDTEND:{day:%Y%m%d}T113000\r\nSUMMARY:Guest lecture\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/classes")
    page.get_by_role("button", name="Import classes").click()
    page.locator("#meeting-file").set_input_files({"name": "a.ics", "mimeType": "", "buffer": text.encode()})
    expect(page.locator("#meeting-file-words")).to_have_text("1 new class, 0 here already.")
    assert of.site.call("GET", f"/courses/{of.course}/meetings")["meetings"] == []
    page.locator("#meeting-file-go").click()
    expect(page.locator("#classes-rows")).to_contain_text("Guest lecture")
    expect(page.locator("#classes-undo-text")).to_have_text("The import added 1 class.")
    every_look(page, axe)
    page.locator("#classes-undo-go").click()
    expect(page.locator("#classes-none")).to_be_visible()
    expect(page.locator("#classes-undo")).to_be_hidden()
    expect(page.locator("#classes-file")).to_be_focused()
    assert of.site.call("GET", f"/courses/{of.course}/meetings")["meetings"] == []


def test_who_is_who_is_asked_before_an_import(
    start: Callable[..., Running], context: BrowserContext, axe: Check
) -> None:
    of = taught(start, context)
    page = of.page
    rows = b"student_id,name\n001,Tomasz Wojcik\n2,Ben Hassan\n003,Zora Neale\n"
    file = {"name": "roster.csv", "mimeType": "text/csv", "buffer": rows}
    page.goto(f"{of.site.address}/faculty#courses/{of.course}/students")
    page.get_by_role("button", name="Upload roster").click()
    page.locator("#course-roster-file").set_input_files(file)
    people = page.locator("#course-roster-people")
    expect(people).to_contain_text("Line 2: the ID 001 is Anna Kowalska’s, and Tomasz Wojcik’s in the file.")
    expect(people).to_contain_text("Line 3: 2, Ben Hassan, listed as 002.")
    every_look(page, axe)
    page.locator("#course-roster-dialog").get_by_role("button", name="Cancel").click()

    page.goto(f"{of.site.address}/faculty#students")
    page.locator("#rows tr").first.wait_for()
    page.get_by_role("button", name="Upload roster").click()
    page.locator("#roster-file").set_input_files(file)
    people = page.locator("#roster-people")
    people.get_by_role("button", name="Show what will change").press("Enter")
    expect(people.get_by_role("alert")).to_have_text("Answer each question first.")
    first = people.get_by_role("group", name="the ID 001")
    expect(first.get_by_label("Same person")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(first.get_by_label("Another person")).to_be_checked()
    people.get_by_role("group", name="the ID 003").get_by_label("Same person").check()
    people.get_by_label("They are the listed students").check()
    every_look(page, axe)
    page.keyboard.press("Enter")
    expect(page.locator("#roster-words")).to_have_text("1 student is added, 1 changes, 1 unchanged.")
    expect(page.locator("#roster-facts")).to_contain_text("The ID 001 is Tomasz Wojcik’s from now on.")
    axe(page)
    page.locator("#roster-go").press("Enter")
    expect(page.locator("#roster-report")).to_contain_text("1 added, 1 updated, 1 unchanged")
    students = {each["student_id"]: each for each in of.site.call("GET", "/students")["students"]}
    assert {number: students[number]["name"] for number in ("001", "002", "003")} == {
        "001": "Tomasz Wojcik",
        "002": "Ben Hassan",
        "003": "Zora Neale",
    }
    assert students["001"]["key"] != of.keys["Anna Kowalska"]
    assert students["003"]["key"] == of.keys["Chloé Dubois"]
    assert "2" not in students

    page.keyboard.press("Escape")
    page.locator("#rows tr", has_text="Ben Hassan").get_by_role("button", name="More").click()
    page.locator("#student-corrections > summary").click()
    page.locator("#edit-id").fill("0002")
    axe(page)
    page.keyboard.press("Enter")
    expect(page.locator("#student-line")).to_contain_text("0002")
    assert of.site.call("GET", f"/students/{of.keys['Ben Hassan']}")["student_id"] == "0002"
