"""Whose status would change in which meetings under other rules, before they are saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.rules import RulesFrom
from secure_attend.attendance.registers.register import PersonFacts, Timetable, register, with_rules_in_force
from secure_attend.attendance.registers.status import Cell


@dataclass(frozen=True)
class StatusChange:
    """A cell that would be another under other rules. `meeting` and `person` are keys."""

    meeting: str
    person: str
    before: Cell
    after: Cell


def preview(
    timetable: Timetable,
    course: Course,
    rules: Sequence[RulesFrom],
    site_rules: Sequence[RulesFrom],
    people: Sequence[PersonFacts],
    now: datetime,
    kept_since: datetime | None = None,
) -> list[StatusChange]:
    """Return whose status would change if `rules` were the course's, in order of meetings."""
    changed = {course.key: replace(course, rules=tuple(rules))}
    after = Timetable(
        tuple(
            with_rules_in_force([ruled.meeting], changed, site_rules)[0]
            if ruled.meeting.course == course.key
            else ruled
            for ruled in timetable.meetings
        )
    )
    shown = [each for each in timetable.meetings if each.meeting.course == course.key]
    shown.sort(key=lambda each: (each.starts_at, each.meeting.key))
    now_cells = register(timetable, shown, people, now, kept_since)
    new_cells = register(after, [after.by_key[each.meeting.key] for each in shown], people, now, kept_since)
    return [
        StatusChange(*cell, now_cells[cell], new_cells[cell])
        for cell in now_cells
        if now_cells[cell].status != new_cells[cell].status
    ]
