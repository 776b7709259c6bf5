"""Visitors of a meeting, accepted by its staff: for this meeting, for a missed one, or into the course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secure_attend.attendance.courses.memberships import Memberships
from secure_attend.attendance.registers.marks import Marks, WantedMark
from secure_attend.attendance.registers.meeting_register import MeetingRegister, RegisterVisitor
from secure_attend.attendance.registers.percentages import MAKE_UP
from secure_attend.attendance.registers.person_logs import PersonName
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.students.claims import Actor
from secure_attend.errors import FieldError, InvalidInput, NotFound
from secure_attend.storage.values import MarkedStatus, Record


@dataclass(frozen=True)
class Accepted:
    """What came of it: the marks, and who joined the course."""

    records: tuple[Record, ...]
    joined: tuple[PersonName, ...]


class AcceptedVisits:
    """Accepts visitors."""

    def __init__(self, registers: Registers, marks: Marks, memberships: Memberships) -> None:
        self._registers = registers
        self._marks = marks
        self._memberships = memberships

    def accept(
        self,
        meeting: str,
        students: Sequence[str] | None,
        actor: Actor,
        *,
        missed: str | None = None,
        join: bool = False,
    ) -> Accepted:
        """Accept these visitors, or all of them if None. A mark says present or late, by the time they came.

        `missed`: they made up for this earlier meeting of the course and are present there. Here the visit is settled
        as declined, in the same write. `join`: they are in the
        course from the day of the meeting on, and a check-in that then counts needs no mark. Raises `NotFound`,
        `InvalidInput`, `Conflict`, `Forbidden`.
        """
        register = self._registers.of_meeting(meeting)
        visitors = _chosen(register, students)
        if join:
            return self._into_course(register, visitors)
        if missed is None:
            return Accepted(tuple(self._marks.mark(meeting, _here(register, visitors), actor, explained=True)), ())
        return self._make_up(register, visitors, missed, actor)

    def _make_up(
        self, register: MeetingRegister, visitors: Sequence[RegisterVisitor], missed: str, actor: Actor
    ) -> Accepted:
        other = self._registers.of_meeting(missed)
        if other.course.key != register.course.key or missed == register.ruled.meeting.key:
            message = "Choose another class of the same course."
            raise InvalidInput("invalid_input", message, errors=[FieldError("missed_meeting", message)])
        known = {row.student.key: row.cell.mark for row in other.rows}
        strangers = [visitor.student.name for visitor in visitors if visitor.student.key not in known]
        if strangers:
            message = f"{', '.join(strangers[:5])}: not expected in that class, so it was not missed."
            raise InvalidInput("invalid_input", message, errors=[FieldError("missed_meeting", message)])
        listed = MAKE_UP in self._registers.curriculum().settings.remark_codes
        remark = MAKE_UP if listed else None  # percentages count it as made up for
        there = [WantedMark(each.student.key, "present", known[each.student.key], remark) for each in visitors]
        settled = [WantedMark(each.student.key, "declined") for each in visitors]
        marks = {missed: there, register.ruled.meeting.key: settled}
        return Accepted(tuple(self._marks.mark_in(marks, actor, explained=True)), ())

    def _into_course(self, register: MeetingRegister, visitors: Sequence[RegisterVisitor]) -> Accepted:
        new = [visitor.student for visitor in visitors if visitor.kind == "not_a_member"]
        if len(new) < len(visitors):
            message = "Some of them are in the course already. Accept those for this class instead."
            raise InvalidInput("invalid_input", message, errors=[FieldError("students", message)])
        groups = register.ruled.meeting.groups
        keys = [student.key for student in new]
        self._memberships.let_in(register.course.key, keys, register.ruled.meeting.day, groups)
        return Accepted((), tuple(new))


def _chosen(register: MeetingRegister, students: Sequence[str] | None) -> list[RegisterVisitor]:
    visitors = {visitor.student.key: visitor for visitor in register.visitors}
    if students is None:
        return list(visitors.values())
    if not visitors.keys() >= set(students):
        raise NotFound("unknown_visitor", "Somebody is no longer a visitor of this class. Load its register again.")
    return [visitors[key] for key in dict.fromkeys(students)]


def _here(register: MeetingRegister, visitors: Sequence[RegisterVisitor]) -> list[WantedMark]:
    on_time_end = register.ruled.on_time_end

    def status(visitor: RegisterVisitor) -> MarkedStatus:
        return "present" if visitor.time <= on_time_end else "late"

    return [WantedMark(visitor.student.key, status(visitor)) for visitor in visitors]
