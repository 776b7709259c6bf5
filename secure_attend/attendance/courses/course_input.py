"""What people may say of a course: the drafts, and their checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from secure_attend.attendance.courses.course import Course, CourseGroup
from secure_attend.attendance.courses.field_faults import CODE_LENGTH, TITLE_LENGTH, FieldFaults
from secure_attend.attendance.courses.rules import MINUTE, StatusRules
from secure_attend.attendance.students.students import new_key
from secure_attend.visible_text import foreign_letter, foreign_letter_in_words

LONGEST_CLASS = 24 * 60 - 1
"""Minutes: less than a day."""
MOST_GROUPS = 100
LONGEST_RULE = timedelta(hours=12)


@dataclass(frozen=True)
class GroupDraft:
    """A group of a course as a caller gives it. `key` is None for a new one."""

    name: str
    key: str | None = None


@dataclass(frozen=True)
class CourseDraft:
    """A new course. Without `rules`, the site's hold."""

    code: str
    title: str
    term: str
    first_day: date
    last_day: date
    groups: Sequence[str] = ()
    minutes: int = 90
    room: str | None = None
    rules: StatusRules | None = None
    faces: bool = True


@dataclass(frozen=True)
class CourseChanges:
    """What is to change of a course; None stays. An empty `room` removes it. `groups` are all that there will be."""

    code: str | None = None
    title: str | None = None
    term: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    groups: Sequence[GroupDraft] | None = None
    minutes: int | None = None
    room: str | None = None
    archived: bool | None = None
    faces: bool | None = None


def checked_course(course: Course, groups: Sequence[GroupDraft]) -> Course:
    """Return the course with its texts cleaned, and with these groups. Raises `InvalidInput` that names every fault."""
    faults = FieldFaults()
    faults.days(course.first_day, course.last_day)
    if not 1 <= course.minutes <= LONGEST_CLASS:
        faults.add("minutes", f"A class lasts between 1 and {LONGEST_CLASS} minutes.")
    checked = Course(
        course.key,
        _code(faults, course.code),
        faults.line("title", course.title, "title", TITLE_LENGTH),
        faults.line("term", course.term, "term", CODE_LENGTH),
        course.first_day,
        course.last_day,
        _groups(faults, course, groups),
        course.minutes,
        faults.optional_line("room", course.room, "room"),
        course.rules,
        course.archived,
        course.faces,
        course.policy,
    )
    faults.refuse()
    return checked


def check_rules(rules: StatusRules) -> None:
    """Raise `InvalidInput` that names every fault of the rules."""
    faults = FieldFaults()
    times = {"opens_before": rules.opens_before, "on_time": rules.on_time, "late_until": rules.late_until}
    for field, time in times.items():
        if time is not None and (not timedelta() <= time <= LONGEST_RULE or time % MINUTE):
            faults.add(field, "Use whole minutes, from 0 to 720.")
    if rules.late_until is not None and rules.late_until < rules.on_time:
        faults.add("late_until", "Students cannot be late until a time at which they are still on time.")
    faults.refuse()


def refuse_long_term(course: Course, retain_days: int) -> None:
    """Raise `InvalidInput` (`term_too_long`) if the course lasts longer than the site keeps identities: its first
    classes would have no statuses before its last one. 0 keeps them for good."""
    days = (course.last_day - course.first_day).days + 1
    if not 0 < retain_days < days:
        return
    faults = FieldFaults()
    faults.add(
        "last_day",
        f"{course.code} lasts {days} days, but this site keeps who attended for {retain_days} days (RETAIN_DAYS): its "
        f"first classes would lose their statuses before it ends. End it earlier, or ask an admin to set RETAIN_DAYS "
        f"to {days} or more.",
    )
    faults.refuse("term_too_long")


def _code(faults: FieldFaults, text: str) -> str:
    code = faults.line("code", text, "code", CODE_LENGTH)
    if code.strip() and not code[0].isalnum():
        faults.add("code", "The code must begin with a letter or a digit.")
    letter = foreign_letter(code)
    if letter is not None:
        faults.add("code", f"The code {foreign_letter_in_words(letter)}")
    return code


def _groups(faults: FieldFaults, course: Course, drafts: Sequence[GroupDraft]) -> tuple[CourseGroup, ...]:
    faults.keys("groups", [draft.key for draft in drafts if draft.key is not None], course.group_keys, "group")
    if len(drafts) > MOST_GROUPS:
        faults.add("groups", f"A course has at most {MOST_GROUPS} groups.")
        return course.groups
    groups = tuple(
        CourseGroup(draft.key or new_key(), faults.line("groups", draft.name, "name of the group", CODE_LENGTH))
        for draft in drafts
    )
    if any(";" in group.name for group in groups):
        faults.add("groups", "The name of a group can't have a semicolon: rosters write it between two groups.")
    for what in ({group.name.casefold() for group in groups}, {group.key for group in groups}):
        if len(what) < len(groups):
            faults.add("groups", "Two groups have the same name. Give each its own.")
            break
    return groups
