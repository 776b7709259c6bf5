"""The register of one meeting, and that of a course, as values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.percentage_policy import DEFAULT_POLICY, PercentagePolicy
from secure_attend.attendance.meetings.meeting import Phase
from secure_attend.attendance.registers.counted_places import counted_places
from secure_attend.attendance.registers.facts import MarkSeen
from secure_attend.attendance.registers.percentages import Percentage, percentage
from secure_attend.attendance.registers.person_logs import PersonName
from secure_attend.attendance.registers.register import VisitorKind
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Cell

GridRow = tuple[PersonName, tuple[Cell, ...]]
Counted = Literal["present", "late", "excused", "absent", "not_yet"]
COUNTED: tuple[Counted, ...] = ("present", "late", "excused", "absent", "not_yet")


@dataclass(frozen=True)
class RegisterRow:
    """A student of a meeting's list, or a visitor whom staff accepted. `mark` is the newest that was not cleared,
    whether or not it decides the cell."""

    student: PersonName
    cell: Cell
    mark: MarkSeen | None = None


@dataclass(frozen=True)
class RegisterVisitor:
    """Somebody offered to the meeting's staff. `time` is UTC; `kiosk` and `room` are its names at that time."""

    student: PersonName
    kind: VisitorKind
    time: datetime
    kiosk: str | None
    room: str | None
    check_in: str


@dataclass(frozen=True)
class MeetingRegister:
    """Who is there. `please_check`: its kiosks were silent, and nobody has confirmed it. `changes` is a
    number that no other state of it has in this process; `changes_at` is the next moment at which the clock alone
    changes something."""

    ruled: RuledMeeting
    course: Course
    phase: Phase
    rows: tuple[RegisterRow, ...]
    visitors: tuple[RegisterVisitor, ...]
    please_check: bool = False
    changes: int = field(default=0, compare=False)
    changes_at: datetime | None = field(default=None, compare=False)

    @property
    def counts(self) -> Mapping[Counted, int]:
        """How many rows have each status."""
        return counted(row.cell for row in self.rows)


@dataclass(frozen=True)
class CourseRegister:
    """The grid: each student of the course, past ones included, with a cell for each meeting. `visitors` never were in
    the course, and staff accepted them in at least one meeting: no percentage counts them. `please_check` has the
    keys of meetings whose kiosks were silent, and which nobody has confirmed. `percentages` are those of the rows, in
    their order, under `policy`."""

    course: Course
    meetings: tuple[RuledMeeting, ...]
    phases: tuple[Phase, ...]
    rows: tuple[GridRow, ...]
    visitors: tuple[GridRow, ...] = ()
    please_check: frozenset[str] = frozenset()
    percentages: tuple[Percentage, ...] = ()
    policy: PercentagePolicy = DEFAULT_POLICY
    changes: int = field(default=0, compare=False)
    changes_at: datetime | None = field(default=None, compare=False)

    def counted_by(self, policy: PercentagePolicy) -> CourseRegister:
        """Return the grid with the percentages under another policy."""
        found = (percentage(counted_places(self.meetings, cells), policy) for _, cells in self.rows)
        return replace(self, percentages=tuple(found), policy=policy)


def course_rows(rows: Iterable[GridRow], members: Collection[str]) -> tuple[tuple[GridRow, ...], tuple[GridRow, ...]]:
    """Return the rows of the members (by key) and those of accepted visitors, each in the order of their names."""
    ordered = sorted(rows, key=lambda row: (row[0].name.casefold(), row[0].student_id))
    own = tuple(row for row in ordered if row[0].key in members)
    visitors = (row for row in ordered if row[0].key not in members)
    return own, tuple(row for row in visitors if any(cell.status is not None for cell in row[1]))


def counted(cells: Iterable[Cell]) -> dict[Counted, int]:
    """Return how many cells have each status."""
    statuses = [cell.status for cell in cells]
    return {status: statuses.count(status) for status in COUNTED}
