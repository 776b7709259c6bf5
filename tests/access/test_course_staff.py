"""Who teaches a course: only its lecturers and registrars change that, and it keeps a lecturer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from secure_attend.access.access import Access, Caller
from secure_attend.access.course_staff import (
    CourseStaff,
    CourseStaffing,
    StaffMember,
    first_staff,
    staff_document,
    staff_of,
)
from secure_attend.access.scope import Scope
from secure_attend.access.state import Role
from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import PASSWORD, access_of

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


class Staffed:
    """Two courses of Ada's, with Anton as assistant of the first, and a registrar."""

    def __init__(self, app: Flask) -> None:
        self.access: Access = access_of(app)
        self.documents = SITE_PARTS.of(app).services.store.documents
        self.staffing: CourseStaffing = SITE_PARTS.of(app).staffing
        people: dict[str, tuple[Role, ...]] = {
            "Regine": ("admin", "registrar"),
            **dict.fromkeys(("Ada", "Anton", "Bea"), ("faculty",)),
        }
        self.key = {name: self.access.accounts.add(name, PASSWORD, roles).key for name, roles in people.items()}
        courses = [Course(key, key, key, "T", MONDAY - 30 * DAY, MONDAY + 60 * DAY) for key in ("one", "two")]
        self.documents.write(
            [*map(course_document, courses), *(first_staff(key.key, self.key["Ada"]) for key in courses)]
        )
        self.staffing.appoint(self.scope("Ada"), "one", self.member("Anton", "assistant"))

    def member(self, name: str, role: str, first: date | None = None, last: date | None = None) -> StaffMember:
        return StaffMember(self.key[name], role, first, last)  # type: ignore[arg-type]

    def scope(self, name: str) -> Scope:
        account = self.access.accounts.find(name)
        return self.access.scope(Caller("account", account.key, account.name, account.roles))

    def roles(self, name: str) -> dict[str, str]:
        return dict(self.scope(name).courses)


@pytest.fixture
def staffed(app: Flask) -> Staffed:
    return Staffed(app)


def test_who_creates_a_course_is_its_lecturer(staffed: Staffed) -> None:
    assert staffed.roles("Ada") == {"one": "lecturer", "two": "lecturer"}
    assert staffed.roles("Anton") == {"one": "assistant"}
    assert staffed.roles("Bea") == {}
    assert not staffed.scope("Bea").everything
    assert staffed.scope("Regine").everything


def test_a_change_has_both_values_for_the_audit_trail(staffed: Staffed) -> None:
    change = staffed.staffing.appoint(
        staffed.scope("Ada"), "two", staffed.member("Bea", "viewer", MONDAY, MONDAY + DAY)
    )
    ada, bea = staffed.key["Ada"], staffed.key["Bea"]
    assert change.facts["before"] == f"account:{ada} lecturer .."
    assert change.facts["after"] == f"account:{ada} lecturer ..; account:{bea} viewer 2026-11-23..2026-11-24"
    again = staffed.staffing.appoint(staffed.scope("Ada"), "two", staffed.member("Bea", "assistant", MONDAY))
    assert [member.role for member in again.after.members] == ["lecturer", "assistant"]


@pytest.mark.parametrize(
    ("who", "course", "refusal"), [("Anton", "one", Forbidden), ("Bea", "one", NotFound), ("Ada", "three", NotFound)]
)
def test_only_lecturers_and_registrars_change_staff(
    staffed: Staffed, who: str, course: str, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        staffed.staffing.appoint(staffed.scope(who), course, staffed.member("Bea", "lecturer"))
    with pytest.raises(refusal):
        staffed.staffing.end(staffed.scope(who), course, staffed.key["Ada"], MONDAY)
    assert staffed.roles("Bea") == {}


def test_only_working_accounts_of_lecturers_are_staff(staffed: Staffed) -> None:
    ada = staffed.scope("Ada")
    staffed.access.accounts.change(staffed.key["Bea"], disabled=True)
    for member in (
        staffed.member("Bea", "lecturer"),
        staffed.member("Regine", "lecturer"),
        StaffMember("nobody", "viewer"),
        staffed.member("Anton", "viewer", MONDAY, MONDAY - DAY),
    ):
        with pytest.raises(InvalidInput):
            staffed.staffing.appoint(ada, "one", member)
    assert len(staffed.staffing.staff("one").members) == 2


def test_a_course_keeps_a_lecturer(staffed: Staffed) -> None:
    ada, anton = staffed.key["Ada"], staffed.key["Anton"]
    for change in (
        lambda: staffed.staffing.end(staffed.scope("Ada"), "one", ada, MONDAY - DAY),
        lambda: staffed.staffing.end(staffed.scope("Regine"), "one", ada, MONDAY - DAY),
        lambda: staffed.staffing.appoint(staffed.scope("Ada"), "one", StaffMember(ada, "viewer")),
    ):
        with pytest.raises(Conflict, match="last_lecturer"):
            change()
    staffed.staffing.appoint(staffed.scope("Ada"), "one", StaffMember(anton, "lecturer"))
    staffed.staffing.end(staffed.scope("Ada"), "one", ada, MONDAY - DAY)
    assert staffed.roles("Ada") == {"two": "lecturer"}


def test_a_course_whose_lecturers_cannot_log_in_may_lose_them(staffed: Staffed) -> None:
    staffed.access.accounts.change(staffed.key["Ada"], disabled=True)
    staffed.staffing.end(staffed.scope("Regine"), "two", staffed.key["Ada"], MONDAY - DAY)
    assert staffed.staffing.staff("two").lecturers(MONDAY) == frozenset()


def test_who_leaves_hands_over(staffed: Staffed) -> None:
    """A disabled account's courses go to another from today, and what was stays."""
    ada, bea = staffed.key["Ada"], staffed.key["Bea"]
    staffed.staffing.appoint(
        staffed.scope("Ada"), "two", StaffMember(ada, "viewer", MONDAY + 7 * DAY, MONDAY + 9 * DAY)
    )
    staffed.access.accounts.change(ada, disabled=True)
    with pytest.raises(Forbidden):
        staffed.staffing.hand_over(staffed.scope("Anton"), ada, bea)
    with pytest.raises(InvalidInput):
        staffed.staffing.hand_over(staffed.scope("Regine"), bea, ada)
    changes = staffed.staffing.hand_over(staffed.scope("Regine"), ada, bea)
    assert [change.after.course for change in changes] == ["one", "two"]
    assert staffed.roles("Bea") == {"one": "lecturer", "two": "lecturer"}
    assert staffed.staffing.staff("two").members == (
        StaffMember(ada, "lecturer", None, MONDAY - DAY),
        StaffMember(bea, "lecturer", MONDAY, None),
        StaffMember(bea, "viewer", MONDAY + 7 * DAY, MONDAY + 9 * DAY),
    )


def test_the_role_that_may_do_most_counts() -> None:
    staff = CourseStaff("c", (StaffMember("a", "viewer"), StaffMember("a", "lecturer", MONDAY, MONDAY)))
    days = (MONDAY - DAY, MONDAY, MONDAY + DAY)
    assert [staff.role_of("a", day) for day in days] == ["viewer", "lecturer", "viewer"]
    assert staff_of(staff_document(staff)) == staff


def test_who_is_no_longer_a_lecturer_has_no_courses(staffed: Staffed) -> None:
    staffed.access.accounts.change(staffed.key["Ada"], roles=["officer"])
    assert staffed.roles("Ada") == {}
    assert not staffed.scope("Ada").everything


def test_only_a_new_course_is_founded(staffed: Staffed) -> None:
    with pytest.raises(Conflict):
        staffed.staffing.found("one", staffed.key["Bea"])
    assert staffed.roles("Bea") == {}
    staffed.staffing.found("three", staffed.key["Bea"])
    assert staffed.staffing.staff("three").lecturers(MONDAY) == {staffed.key["Bea"]}
