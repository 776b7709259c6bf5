"""Queries of exports, and JSON about sheets to print."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from secure_attend.attendance.exports.csv_file import Separator
from secure_attend.attendance.exports.register_table import Form
from secure_attend.attendance.registers.status import Status
from secure_attend.web.schemas.base import Input, Output, Word
from secure_attend.web.schemas.student_schemas import StudentName


class RegisterXlsxQuery(Input):
    form: Form = "grid"


class RegisterCsvQuery(RegisterXlsxQuery):
    separator: Separator = "comma"


class CoursesQuery(Input):
    courses: Annotated[str | None, Field(max_length=20_000)] = None


class CoursesCsvQuery(CoursesQuery):
    separator: Separator = "comma"


class RosterXlsxQuery(Input):
    course: Word | None = None


class RosterCsvQuery(RosterXlsxQuery):
    separator: Separator = "comma"


class EvidenceOut(Output):
    course: str
    exported_at: str
    local_time: str
    log_record: int
    log_mac: str
    register_digest: str


class SheetCourse(Output):
    key: str
    code: str
    title: str
    term: str


class SheetClass(Output):
    key: str
    title: str
    starts: str
    ends: str
    zone: str
    room: str | None
    groups: list[str]


class SheetTotals(Output):
    held: int
    present: int
    late: int
    excused: int
    absent: int
    percent: float | None
    formula: str


class ClassSheetRow(Output):
    student: StudentName
    status: Status | None
    mark: str | None


class ClassSheet(Output):
    course: SheetCourse
    meeting: SheetClass
    rows: list[ClassSheetRow]
    may_mark: bool
    evidence: EvidenceOut


class CourseSheetRow(Output):
    student: StudentName
    statuses: list[Status | None]
    totals: SheetTotals


class CourseSheetVisitor(Output):
    student: StudentName
    statuses: list[Status | None]


class CourseSheet(Output):
    course: SheetCourse
    meetings: list[SheetClass]
    rows: list[CourseSheetRow]
    visitors: list[CourseSheetVisitor]
    evidence: EvidenceOut


class StatementClass(Output):
    meeting: SheetClass
    status: Status


class CourseStatementOut(Output):
    course: SheetCourse
    classes: list[StatementClass]
    totals: SheetTotals
    last_attended: date | None
    evidence: EvidenceOut


class StatementOut(Output):
    student: StudentName
    courses: list[CourseStatementOut]
    last_attended: date | None
