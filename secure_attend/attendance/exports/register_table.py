"""Registers as tables: a grid of students by classes, or one row for each student and class.

A table has one row of headings and nothing before or after its rows, so that every program reads it. What an export
proves itself by is therefore in the last columns of each row. Reasons, notes, and how somebody checked in are in none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, starmap
from typing import Literal

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.percentage_policy import DEFAULT_POLICY
from secure_attend.attendance.evidence.register_evidence import EVIDENCE_COLUMNS, RegisterEvidence
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.registers.counted_places import counted_places
from secure_attend.attendance.registers.meeting_register import CourseRegister
from secure_attend.attendance.registers.percentages import Percentage, percentage
from secure_attend.attendance.registers.person_logs import PersonName
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Cell, Status
from secure_attend.attendance.table import Table, Value

Form = Literal["grid", "long"]
_STATUS_TEXTS: Mapping[Status | None, str] = {
    "present": "P",
    "late": "L",
    "excused": "E",
    "absent": "A",
    "not_yet": "not yet",
    "not_taken": "not taken",
    None: "",
}
VISITOR, YES = "visitor", "yes"
"""Says of a row in a grid that the student never was in the course, and of one in the long form that the class's list
does not name the student. Staff accepted the visit."""
LONG_COLUMNS = (
    "course",
    "term",
    "student_id",
    "name",
    "class",
    "date",
    "starts",
    "ends",
    "timezone",
    "room",
    "status",
    VISITOR,
    "class_key",
    *EVIDENCE_COLUMNS,
)
PERCENT = "percent"
TOTALS = ("held", "present", "late", "excused", "absent")


def grid_table(register: CourseRegister, evidence: RegisterEvidence) -> Table:
    """Return a row for each student, with a column for each class and the totals; where the register has percentages,
    with them. Visitors come last, and have neither."""
    classes = headings([ruled.meeting for ruled in register.meetings], register.course)
    percents = [_percent(each) for each in register.percentages]
    shown = (PERCENT,) if percents else ()
    columns = ("student_id", "name", *classes, VISITOR, *TOTALS, *shown, *EVIDENCE_COLUMNS)
    members = (
        (*_grid_row(person, cells), "", *totals(register.meetings, cells), *percents[place : place + 1])
        for place, (person, cells) in enumerate(register.rows)
    )
    no_totals = ("",) * len((*TOTALS, *shown))
    visitors = ((*_grid_row(person, cells), YES, *no_totals) for person, cells in register.visitors)
    return Table(columns, ((*row, *evidence.cells) for row in chain(members, visitors)))


def long_table(registers: Iterable[tuple[CourseRegister, RegisterEvidence]]) -> Table:
    """Return a row for each student and class in which the student has a place. Nothing holds a register while the next
    is made."""
    return Table(LONG_COLUMNS, chain.from_iterable(starmap(_long_rows, registers)))


def _long_rows(register: CourseRegister, evidence: RegisterEvidence) -> Iterator[tuple[Value, ...]]:
    course = (register.course.code, register.course.term)
    classes = [(_when_and_where(ruled.meeting), ruled.meeting.key) for ruled in register.meetings]
    for person, cells in chain(register.rows, register.visitors):
        for (told, key), cell in zip(classes, cells, strict=True):
            if cell.status is not None:
                status = (status_text(cell.status), YES if cell.is_visit else "")
                yield (*course, person.student_id, person.name, *told, *status, key, *evidence.cells)


def headings(meetings: Iterable[Meeting], course: Course) -> list[str]:
    """Return a heading for each class: local time, zone, title and groups. No two are the same, since programs find
    columns by them."""
    names = {group.key: group.name for group in course.groups}
    seen: Counter[str] = Counter()
    found = []
    for meeting in meetings:
        groups = ", ".join(sorted(names.get(key, key) for key in meeting.groups))
        told = (f"{meeting.starts:%Y-%m-%d %H:%M} {meeting.zone}", meeting.title, f"({groups})" if groups else "")
        heading = " ".join(filter(None, told))
        seen[heading] += 1
        found.append(heading if seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return found


def status_text(status: Status | None) -> str:
    """Return what a cell says; nothing where the student has no place in the class."""
    return _STATUS_TEXTS[status]


def totals(meetings: Iterable[RuledMeeting], cells: Sequence[Cell]) -> tuple[int, ...]:
    """Return how many classes were held for a student, and how many have each status, in the order of `TOTALS`. They
    are the same under every policy."""
    counts = percentage(counted_places(meetings, cells), DEFAULT_POLICY).counts
    return counts.held, counts.present, counts.late, counts.excused, counts.absent


def _grid_row(person: PersonName, cells: Sequence[Cell]) -> Sequence[Value]:
    return person.student_id, person.name, *(status_text(cell.status) for cell in cells)


def _percent(found: Percentage) -> Value:
    """Return a percentage as the page shows it; nothing where there is nothing to divide by."""
    return found.percent if found.percent is not None else ""


def _when_and_where(meeting: Meeting) -> tuple[str, ...]:
    return (
        meeting.title,
        meeting.day.isoformat(),
        f"{meeting.starts:%H:%M}",
        f"{meeting.ends:%H:%M}",
        meeting.zone,
        meeting.room or "",
    )
