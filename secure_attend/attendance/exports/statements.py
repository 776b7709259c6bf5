"""A student's own statement: the classes of each course with their statuses, and the last date attended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from secure_attend.attendance.evidence.register_evidence import RegisterEvidence, evidence_of
from secure_attend.attendance.registers.meeting_register import CourseRegister
from secure_attend.attendance.registers.percentages import Percentage
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Cell
from secure_attend.storage.ports import AttendanceLog


@dataclass(frozen=True)
class CourseStatement:
    """A student's row in the register of a course, as of the evidence's moment."""

    register: CourseRegister
    cells: tuple[Cell, ...]
    percentage: Percentage
    evidence: RegisterEvidence

    @property
    def classes(self) -> list[tuple[RuledMeeting, Cell]]:
        """The classes in which the student has a place, without those to come."""
        both = zip(self.register.meetings, self.cells, strict=True)
        return [(ruled, cell) for ruled, cell in both if cell.status not in (None, "not_yet")]

    @property
    def last_attended(self) -> date | None:
        """The local day of the last class that the student came to: on time, late, or excused and there. Nobody
        came yet to one that is marked in advance."""
        both = zip(self.register.meetings, self.cells, strict=True)
        opened = ((ruled, cell) for ruled, cell in both if ruled.opens_at <= self.evidence.instant)
        return max((ruled.meeting.day for ruled, cell in opened if _came(cell)), default=None)


class Statements:
    """Makes statements. `shows` says of which courses, by key, the reader may see the student's attendance."""

    def __init__(self, registers: Registers, log: AttendanceLog) -> None:
        self._registers = registers
        self._log = log

    def of(self, student: str, shows: Callable[[str], bool]) -> list[CourseStatement]:
        """Return the student's courses, past ones included, in the order of their first days."""
        taught = self._registers.curriculum()
        own = [taught.courses[key] for key in taught.memberships.get(student, ()) if key in taught.courses]
        ordered = sorted(own, key=lambda course: (course.first_day, course.code, course.key))
        return [found for course in ordered if shows(course.key) for found in self._in(course.key, student)]

    def _in(self, course: str, student: str) -> list[CourseStatement]:
        snapshot = self._registers.snapshot(course)
        register, evidence = snapshot.register, evidence_of(snapshot, self._log)
        return [
            CourseStatement(register, cells, percentage, evidence)
            for (person, cells), percentage in zip(register.rows, register.percentages, strict=True)
            if person.key == student
        ]


def _came(cell: Cell) -> bool:
    return cell.check_in is not None or cell.status in ("present", "late")
