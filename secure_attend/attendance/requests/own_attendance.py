"""What students see of themselves: their courses with statuses and percentages, and their requests."""

from __future__ import annotations

from dataclasses import dataclass

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.registers.percentages import Percentage
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Cell
from secure_attend.attendance.requests.correction_request import CorrectionRequest
from secure_attend.attendance.requests.requests import Requests


@dataclass(frozen=True)
class OwnCourse:
    """A student's course: the meetings in which the student has a place, the newest first, and the percentage."""

    course: Course
    classes: tuple[tuple[RuledMeeting, Cell], ...]
    percentage: Percentage


class OwnAttendance:
    """Answers for one student. Who asks has proved to be that student."""

    def __init__(self, registers: Registers, requests: Requests) -> None:
        self._registers = registers
        self._requests = requests

    def courses(self, student: str) -> list[OwnCourse]:
        """Return the student's courses, past ones included, in the order of their first days."""
        taught = self._registers.curriculum()
        own = [taught.courses[key] for key in taught.memberships.get(student, ()) if key in taught.courses]
        ordered = sorted(own, key=lambda course: (course.first_day, course.code, course.key))
        return [found for course in ordered if (found := self._in(course, student)) is not None]

    def requests(self, student: str) -> list[CorrectionRequest]:
        """Return the student's requests, the newest first."""
        return self._requests.of(student)

    def _in(self, course: Course, student: str) -> OwnCourse | None:
        register = self._registers.of_course(course.key)
        for (person, cells), percentage in zip(register.rows, register.percentages, strict=True):
            if person.key == student:
                both = zip(register.meetings, cells, strict=True)
                classes = [(ruled, cell) for ruled, cell in both if cell.status is not None]
                return OwnCourse(course, tuple(reversed(classes)), percentage)
        return None
