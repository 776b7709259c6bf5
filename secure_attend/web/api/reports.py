"""/reports: the attendance as CSV, and which registered faces need another look."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint, FileSchema
from flask import Response

from secure_attend.access.audited_actions import Act
from secure_attend.attendance.records.face_report import face_report
from secure_attend.attendance.records.reports import ReportFilter
from secure_attend.attendance.students.claims import as_typed
from secure_attend.web.http.access_rules import Rule, require
from secure_attend.web.http.audit_rules import looks, note, reader
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.report_schemas import AlikePair, FaceReportOut, ReportQuery, WeakFaceOut
from secure_attend.web.schemas.serialise import name_of, services

blueprint = APIBlueprint("reports", __name__, tag="Reports")
AUDIT = {
    "attendance_report": looks(Act.DOWNLOAD_REPORT),
    "faces_report": looks(Act.SEE_FACES_REPORT, polled=True),
}


@blueprint.get("/reports/attendance.csv")
@blueprint.input(ReportQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="text/csv")
@describe(blueprint, {403: "Only an admin may ask for `methods`."})
def attendance_report(query: ReportQuery) -> Response:
    """The attendance report

    A row a record of the log, up to the minute; with `by_day=1` a row a student and a column a day. `from` and `to`
    are dates at the site, both included. Check-ins that students made themselves are `kiosk`; an admin who asks for
    `methods=1` is told which were by face and which by ID and code.
    """
    here = services()
    if query.methods:
        require(Rule.ADMIN)
        note(methods=True)
    note(
        *reader().student_of(as_typed(query.student_id)),
        first=query.first.isoformat() if query.first else None,
        last=query.last.isoformat() if query.last else None,
        one_student=bool(query.student_id),
    )
    wanted = ReportFilter(query.first, query.last, query.student_id or None, query.methods)
    kind = "attendance-by-day" if query.by_day else "attendance"
    content = here.reports.days(wanted) if query.by_day else here.reports.rows(wanted)
    disposition = f'attachment; filename="{kind}-{here.time.today().isoformat()}.csv"'
    return Response(content, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})


@blueprint.get("/reports/faces")
@blueprint.output(FaceReportOut)
@describe(blueprint, {503: "No face can be compared now."})
def faces_report() -> FaceReportOut:
    """Registered faces that need another look

    `weak` are students to invite to register again: their templates disagree with each other (`templates_disagree`),
    there is only one (`one_template`), half of their pictures were poor (`poor_pictures`), they are often checked in by
    hand on days when faces are recognised (`often_by_hand`), or others are often greeted by their name and say "Not me"
    (`often_not_me`). The counts are of the last 30 days, since the face was registered. `alike` are pairs near enough
    to be taken for each other: twins, or one person registered twice.
    """
    here = services()
    found = face_report(here.galleries, here.store, here.time)
    return FaceReportOut(
        weak=[
            WeakFaceOut(student=name_of(weak.student), reasons=list(weak.reasons), **asdict(weak.tally))
            for weak in found.weak
        ],
        alike=[AlikePair(students=[name_of(one), name_of(other)]) for one, other in found.alike],
    )
