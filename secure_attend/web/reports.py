"""/reports: the attendance as CSV."""

from __future__ import annotations

from apiflask import APIBlueprint, FileSchema
from flask import Response

from secure_attend.attendance.reports import ReportFilter
from secure_attend.web.answers import services
from secure_attend.web.schemas import ReportQuery

blueprint = APIBlueprint("reports", __name__, tag="Reports")


@blueprint.get("/reports/attendance.csv")
@blueprint.input(ReportQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="text/csv")
def attendance_report(query: ReportQuery) -> Response:
    """The attendance report

    A row a record of the log, up to the minute; with `by_day=1` a row a student and a column a day. `from` and `to`
    are dates at the site, both included.
    """
    here = services()
    wanted = ReportFilter(query.first, query.last, query.student_id or None)
    kind = "attendance-by-day" if query.by_day else "attendance"
    content = here.reports.days(wanted) if query.by_day else here.reports.rows(wanted)
    disposition = f'attachment; filename="{kind}-{here.time.today().isoformat()}.csv"'
    return Response(content, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})
