"""What people have decided in the demo: excuses, requests of students, a contact, and when attendance is low."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.percentage_policy import PercentagePolicy
from secure_attend.attendance.records.excuses import WantedExcuse
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.requests.requests import Decision, WantedCorrection
from secure_attend.attendance.services import Services
from secure_attend.attendance.students.claims import Actor
from secure_attend.server.demo.invented_courses import DAY, WEEK, DemoTerm
from secure_attend.storage.values import Student

LIMIT = 750
"""Thousandths of the classes, in the course with the most students."""
AWAY, AT_A_HEARING, AWAY_BEFORE = 4, 16, 11
"""Students who are excused: next week in a course, a morning of it in all courses, and last week."""


@dataclass(frozen=True)
class Absence:
    """A class that a student missed."""

    student: Student
    ruled: RuledMeeting


class InventedDecisions:
    """Writes decisions of the lecturer, who is a registrar too, and requests of students."""

    def __init__(self, services: Services, course: Course, term: DemoTerm, lecturer: Actor) -> None:
        self._services = services
        self._course = course
        self._lecturer = lecturer
        self._students = services.store.students()
        self._monday = term.first_day + (services.time.today() - term.first_day).days // 7 * WEEK

    def decide(self, seldom: Student) -> None:
        """Write them. `seldom` is a student who comes seldom."""
        services = self._services
        services.courses.change_policy(self._course.key, PercentagePolicy(limit=LIMIT))
        self._excuse()
        missed = (each for each in self._missed() if each.student != seldom)
        self._ask(next(missed), next(missed))
        on = services.time.today() - 4 * DAY
        services.contacts.record(seldom.key, on, "Works on Mondays. Changes to the other lab.", self._lecturer.name)

    def _excuse(self) -> None:
        excuses, next_week = self._services.excuses, self._monday + WEEK
        excuses.add(
            WantedExcuse(
                self._students[AWAY].key,
                self._course.key,
                first=next_week,
                last=next_week + 4 * DAY,
                reason="event",
                note="Plays for the university in Turin",
            ),
            self._lecturer,
        )
        tuesday = next_week + DAY
        excuses.add(
            WantedExcuse(
                self._students[AT_A_HEARING].key,
                None,
                first=datetime.combine(tuesday, time(8)),
                last=datetime.combine(tuesday, time(13)),
                reason="duty",
            ),
            self._lecturer,
        )
        last_week = self._monday - WEEK
        excuses.add(
            WantedExcuse(
                self._students[AWAY_BEFORE].key, None, first=last_week, last=last_week + 4 * DAY, reason="approved"
            ),
            self._lecturer,
        )

    def _ask(self, waiting: Absence, declined: Absence) -> None:
        """Let one student ask, and another pass to the registrar what was declined."""
        requests = self._services.requests
        requests.make(_correction(waiting, "I sat in the third row. The kiosk had a queue."))
        asked = requests.make(_correction(declined, "I came when the first break began."))
        requests.answer(asked.key, Decision(False, answer="That was after check-in had ended."), self._lecturer)
        requests.pass_on(declined.student.key, asked.key)

    def _missed(self) -> Iterator[Absence]:
        """Yield absences of different students, of each the newest."""
        register = self._services.registers.of_course(self._course.key)
        known = {student.key: student for student in self._students}
        for person, cells in register.rows:
            both = zip(reversed(register.meetings), reversed(cells), strict=True)
            newest = next((ruled for ruled, cell in both if cell.status == "absent"), None)
            if newest is not None:
                yield Absence(known[person.key], newest)


def _correction(absence: Absence, text: str) -> WantedCorrection:
    return WantedCorrection(absence.student.key, absence.ruled.meeting.key, "present", text)
