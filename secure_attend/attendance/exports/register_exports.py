"""Exports of registers: of one course, or of several."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress

from secure_attend.attendance.evidence.register_evidence import RegisterEvidence, evidence_of
from secure_attend.attendance.exports.register_table import Form, grid_table, long_table
from secure_attend.attendance.registers.meeting_register import CourseRegister
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.table import Table
from secure_attend.errors import NotFound
from secure_attend.storage.ports import AttendanceLog


class RegisterExports:
    """Makes the tables. One grid at a time is in memory, however many courses there are."""

    def __init__(self, registers: Registers, log: AttendanceLog) -> None:
        self._registers = registers
        self._log = log

    def of_course(self, course: str, form: Form) -> Table:
        """Return the register of a course. Raises `NotFound`."""
        vouched = self._vouched(course)
        return grid_table(*vouched) if form == "grid" else long_table([vouched])

    def of_courses(self, courses: Collection[str]) -> Table:
        """Return the registers of these courses in long form, in the order of their codes. Each is as of the moment
        when its rows are made, and says so."""
        taught = self._registers.curriculum().courses
        known = sorted((taught[key] for key in courses if key in taught), key=lambda each: (each.code, each.key))
        return long_table(self._one_by_one([course.key for course in known]))

    def _one_by_one(self, courses: Collection[str]) -> Iterator[tuple[CourseRegister, RegisterEvidence]]:
        for key in courses:
            with suppress(NotFound):  # deleted meanwhile
                yield self._vouched(key)

    def _vouched(self, course: str) -> tuple[CourseRegister, RegisterEvidence]:
        snapshot = self._registers.snapshot(course)
        return snapshot.register, evidence_of(snapshot, self._log)
