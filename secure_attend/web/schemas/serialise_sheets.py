"""Converting registers to the JSON of sheets that are printed."""

from __future__ import annotations

from collections.abc import Sequence

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.evidence.register_evidence import RegisterEvidence
from secure_attend.attendance.exports.register_table import TOTALS, totals
from secure_attend.attendance.exports.statements import CourseStatement
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.registers.meeting_register import CourseRegister, RegisterRow
from secure_attend.attendance.registers.percentages import Percentage
from secure_attend.attendance.registers.status import Cell
from secure_attend.attendance.site_time import SiteTime, utc_text
from secure_attend.web.schemas.export_schemas import (
    ClassSheetRow,
    CourseSheetRow,
    CourseSheetVisitor,
    CourseStatementOut,
    EvidenceOut,
    SheetClass,
    SheetCourse,
    SheetTotals,
    StatementClass,
)
from secure_attend.web.schemas.serialise_courses import minutes_text, person_out


def sheet_course(course: Course) -> SheetCourse:
    """Return what a sheet says of its course."""
    return SheetCourse(key=course.key, code=course.code, title=course.title, term=course.term)


def sheet_class(meeting: Meeting, course: Course) -> SheetClass:
    """Return what a sheet says of a class: local times with their zone, and groups by name."""
    return SheetClass(
        key=meeting.key,
        title=meeting.title,
        starts=minutes_text(meeting.starts),
        ends=minutes_text(meeting.ends),
        zone=meeting.zone,
        room=meeting.room,
        groups=[group.name for group in course.groups if group.key in meeting.groups],
    )


def class_row(row: RegisterRow) -> ClassSheetRow:
    """Return a student's line on the sheet of a class."""
    return ClassSheetRow(student=person_out(row.student), status=row.cell.status, mark=row.cell.mark)


def course_rows(register: CourseRegister) -> list[CourseSheetRow]:
    """Return the students' lines on the sheet of a course."""
    return [
        CourseSheetRow(
            student=person_out(person),
            statuses=[cell.status for cell in cells],
            totals=_totals_out(register, cells, percentage),
        )
        for (person, cells), percentage in zip(register.rows, register.percentages, strict=True)
    ]


def course_visitors(register: CourseRegister) -> list[CourseSheetVisitor]:
    """Return the accepted visitors' lines on the sheet of a course."""
    return [
        CourseSheetVisitor(student=person_out(person), statuses=[cell.status for cell in cells])
        for person, cells in register.visitors
    ]


def course_statement(statement: CourseStatement, time: SiteTime) -> CourseStatementOut:
    """Return what a student's statement says of one course."""
    course = statement.register.course
    return CourseStatementOut(
        course=sheet_course(course),
        classes=[
            StatementClass(meeting=sheet_class(ruled.meeting, course), status=cell.status)
            for ruled, cell in statement.classes
            if cell.status is not None
        ],
        totals=_totals_out(statement.register, statement.cells, statement.percentage),
        last_attended=statement.last_attended,
        evidence=evidence_out(statement.evidence, time),
    )


def evidence_out(evidence: RegisterEvidence, time: SiteTime) -> EvidenceOut:
    """Return what vouches for a sheet, with the moment as clocks at this site show it."""
    local = evidence.instant.astimezone(time.zone)
    return EvidenceOut(
        course=evidence.course,
        exported_at=utc_text(evidence.instant),
        local_time=f"{local:%Y-%m-%d %H:%M:%S} {time.zone.key}",
        log_record=evidence.records,
        log_mac=evidence.mac,
        register_digest=evidence.digest,
    )


def _totals_out(register: CourseRegister, cells: Sequence[Cell], percentage: Percentage) -> SheetTotals:
    counts = dict(zip(TOTALS, totals(register.meetings, cells), strict=True))
    return SheetTotals(**counts, percent=percentage.percent, formula=percentage.formula)
