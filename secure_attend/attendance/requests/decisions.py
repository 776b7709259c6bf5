"""What waits for staff to decide: visitors, requests and self-registrations, in one list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.reader_scope import StaffRole
from secure_attend.attendance.registers.curriculum import Curriculum
from secure_attend.attendance.registers.person_logs import PersonName
from secure_attend.attendance.registers.register import VisitorKind
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Status
from secure_attend.attendance.requests.correction_request import CorrectionRequest
from secure_attend.attendance.requests.requests import Requests
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.students import pending_faces
from secure_attend.storage.ports import StudentStore

VISITS_OF = timedelta(days=14)
"""Visitors of older classes are in the register alone: two weeks are two chances to ask the visitor in class."""
MOST_MEETINGS = 200
"""Meetings whose visitors are looked for, the newest ones: fewer than the registers that are kept in memory."""
DecisionKind = Literal["visitor", "request", "self_registration"]
KINDS: tuple[DecisionKind, ...] = ("visitor", "request", "self_registration")


class Decider(Protocol):
    """What somebody may decide."""

    @property
    def everything(self) -> bool:
        """Whether it decides for all courses, and what was passed to the registrar."""

    def may(self, course: str, *roles: StaffRole) -> bool:
        """Whether it has one of these roles in the course."""

    def may_student(self, student: str, *roles: StaffRole) -> bool:
        """Whether it has one of these roles in a course of the student."""


@dataclass(frozen=True)
class OpenDecision:
    """One thing to decide. `id` is the request's, the visitor's check-in's or the self-registration's; `since` is UTC.
    `status` is what the register says now. `number` is what the kiosk showed somebody who registered there, and
    `without_turning` says that all pictures of that were taken looking straight."""

    kind: DecisionKind
    id: str
    student: PersonName
    since: datetime
    course: Course | None = None
    ruled: RuledMeeting | None = None
    due: date | None = None
    status: Status | None = None
    visitor: VisitorKind | None = None
    number: str | None = None
    without_turning: bool = False
    request: CorrectionRequest | None = None


def may_answer(request: CorrectionRequest, decider: Decider) -> bool:
    """Return whether somebody may answer a request: staff of the course first, then the registrar."""
    return decider.everything or (not request.passed_on and decider.may(request.course, "lecturer", "assistant"))


class Decisions:
    """Lists what somebody may decide."""

    def __init__(self, store: StudentStore, registers: Registers, requests: Requests, time: SiteTime) -> None:
        self._store = store
        self._registers = registers
        self._requests = requests
        self._time = time

    def of(self, decider: Decider) -> list[OpenDecision]:
        """Return what waits for this person, the oldest first."""
        taught = self._registers.curriculum()
        found = [*self._asked(decider, taught), *self._visitors(decider, taught), *self._waiting(decider)]
        return sorted(found, key=lambda each: (each.since, each.kind, each.id))

    def _asked(self, decider: Decider, taught: Curriculum) -> Iterator[OpenDecision]:
        for request in self._requests.all_open():
            ruled = taught.timetable.by_key.get(request.meeting)
            student = self._store.student(request.student)
            if ruled is None or student is None or not may_answer(request, decider):
                continue
            cell = self._requests.cell(student.key, request.meeting)
            yield OpenDecision(
                "request",
                request.key,
                PersonName(student.key, student.student_id, student.shown_name),
                request.waits_since,
                taught.courses[request.course],
                ruled,
                request.due,
                cell.status if cell is not None else None,
                request=request,
            )

    def _visitors(self, decider: Decider, taught: Curriculum) -> Iterator[OpenDecision]:
        now = self._time.now()
        opened = [
            ruled
            for ruled in taught.timetable.meetings
            if now - VISITS_OF <= ruled.opens_at <= now and not ruled.meeting.cancelled
            if decider.may(ruled.meeting.course, "lecturer", "assistant")
            if not taught.courses[ruled.meeting.course].archived
        ]
        for ruled in sorted(opened, key=lambda each: each.opens_at, reverse=True)[:MOST_MEETINGS]:
            for visitor in self._registers.of_meeting(ruled.meeting.key).visitors:
                yield OpenDecision(
                    "visitor",
                    visitor.check_in,
                    visitor.student,
                    visitor.time,
                    taught.courses[ruled.meeting.course],
                    ruled,
                    visitor=visitor.kind,
                )

    def _waiting(self, decider: Decider) -> Iterator[OpenDecision]:
        now = self._time.now()
        for student in self._store.students():
            held = pending_faces(student, now)
            if held is None or student.removed_at is not None:
                continue
            if decider.may_student(student.key, "lecturer", "assistant"):
                name = PersonName(student.key, student.student_id, student.shown_name)
                yield OpenDecision(
                    "self_registration",
                    held.id,
                    name,
                    held.created_at,
                    number=held.number,
                    without_turning=held.without_turning,
                )
