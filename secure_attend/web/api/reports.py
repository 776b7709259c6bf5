"""/reports: the attendance as CSV and as a workbook, and the registered faces to check."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint, FileSchema
from flask import Response

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.exports.csv_file import ANY, csv_pieces
from secure_attend.attendance.records.face_report import WeakFace, face_report
from secure_attend.attendance.records.reports import ReportFilter
from secure_attend.attendance.students.claims import as_typed
from secure_attend.attendance.table import Table
from secure_attend.web.http.access_rules import AnyRule, Rule, require, scope
from secure_attend.web.http.attachments import CSV, XLSX, csv_attachment, xlsx_attachment
from secure_attend.web.http.audit_rules import looks, note
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services, current_site
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.report_schemas import AlikePair, FaceReportOut, ReportCsvQuery, ReportQuery, WeakFaceOut
from secure_attend.web.schemas.serialise import name_of

blueprint = APIBlueprint("reports", __name__, tag="Reports")
RULE = Rule.FACULTY
EXCEPT_FOR: Mapping[str, AnyRule] = {
    "attendance_report": in_course("lecturer"),
    "attendance_workbook": in_course("lecturer"),
}
AUDIT = {
    "attendance_report": looks(AuditedAction.DOWNLOAD_REPORT),
    "attendance_workbook": looks(AuditedAction.DOWNLOAD_REPORT),
    "faces_report": looks(AuditedAction.SEE_FACES_REPORT, polled=True),
}
ONLY_ADMINS = {403: "Only admins can ask for `methods`."}
READ_AS_EVER = ";"
"""Programs read this report with commas since version 0.1. What they compare with stays byte for byte."""


@blueprint.get("/reports/attendance.csv")
@blueprint.input(ReportCsvQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type=CSV)
@describe(blueprint, ONLY_ADMINS)
def attendance_report(query: ReportCsvQuery) -> Response:
    """Download the attendance report

    The report has a row for each record of the log, up to the minute. With `by_day=1` it has a row for each student and
    a column for each day. `from` and `to` are dates in the site's time zone, both included. `student` (a key) or
    `student_id` limits it to one student. Students' own check-ins are shown as `kiosk`. With `methods=1`, admins see
    which were by face and which by ID and code.
    """
    read_with = READ_AS_EVER if query.separator == "comma" else ANY
    return csv_attachment(csv_pieces(_report(query, "csv"), query.separator, read_with), _name(query))


@blueprint.get("/reports/attendance.xlsx")
@blueprint.input(ReportQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type=XLSX)
@describe(blueprint, ONLY_ADMINS)
def attendance_workbook(query: ReportQuery) -> Response:
    """Download the attendance report as an Excel workbook

    It has the rows and columns of the CSV file. Every cell is text, so that the student ID `007` stays as it is.
    """
    return xlsx_attachment(_report(query, "xlsx"), _name(query))


@blueprint.get("/reports/faces")
@blueprint.output(FaceReportOut)
@describe(blueprint, {409: "The site uses no faces (`faces_off`).", 503: "Faces can't be compared right now."})
def faces_report() -> FaceReportOut:
    """Get the report on registered faces

    Ask the students in `weak` to register again: their templates disagree with each other (`templates_disagree`), they
    have only one template (`one_template`), half of their pictures were poor (`poor_pictures`), they often check in by
    hand, or with ID and code, where faces are recognised (`often_without_face`), others are often greeted by their name
    and say "Not me" (`often_not_me`), or the face was often not like theirs in the last day where their ID was typed
    (`often_refused`): under "My attendance", or after `ambiguous_face` if it could be theirs. Others may have typed it,
    so `refused` is 0 for who checked in by face in that time. The other counts cover the last 30 days, at most since
    the face was registered. `at_kiosk` counts check-ins by face and by code the same. `alike` are pairs similar enough
    to be confused: twins, or one person registered twice.
    """
    services = current_services()
    curriculum = services.registers.curriculum()
    report = face_report(services.galleries, services.store, services.time, services.refusals, scope(), curriculum)
    return FaceReportOut(
        weak=[_weak_face_out(weak) for weak in report.weak],
        alike=[AlikePair(students=[name_of(student) for student in pair]) for pair in report.alike],
    )


def _weak_face_out(weak: WeakFace) -> WeakFaceOut:
    tally = weak.tally
    return WeakFaceOut(
        student=name_of(weak.student),
        reasons=list(weak.reasons),
        at_kiosk=tally.at_kiosk,
        by_hand=tally.by_hand,
        not_me=tally.not_me,
        refused=tally.refused,
    )


def _report(query: ReportQuery, file: str) -> Table:
    reports = current_services().reports
    if query.methods:
        require(Rule.ADMIN)
        note(methods=True)
    student_id = _student_id(query)
    note(
        *current_site().audit_reader.student_of(as_typed(student_id)),
        first=query.first.isoformat() if query.first else None,
        last=query.last.isoformat() if query.last else None,
        one_student=bool(student_id),
        file=file,
    )
    own = scope().where("lecturer")
    wanted = ReportFilter(query.first, query.last, student_id or None, query.methods, own)
    return reports.days(wanted) if query.by_day else reports.log(wanted)


def _student_id(query: ReportQuery) -> str:
    """Return the ID of the one student of the report; empty: it is of all. An unknown key is nobody's ID."""
    if query.student is None:
        return query.student_id
    if query.student_id:
        raise refused_field("student", "Send `student` or `student_id`, not both.")
    student = current_services().store.student(query.student)
    return student.student_id if student is not None else query.student


def _name(query: ReportQuery) -> str:
    return "attendance-by-day" if query.by_day else "attendance"
