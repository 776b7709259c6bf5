"""/roster.csv and /roster.xlsx: the site's list or a course's students, as an upload takes them."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint, FileSchema
from flask import Response

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.exports.csv_file import csv_pieces
from secure_attend.attendance.exports.roster_table import course_table, list_table
from secure_attend.attendance.table import Table
from secure_attend.web.api.courses.register_exports import course_in_file_name
from secure_attend.web.api.roster import RULE, require_rule
from secure_attend.web.http.access_rules import AnyRule, scope
from secure_attend.web.http.attachments import CSV, XLSX, csv_attachment, xlsx_attachment
from secure_attend.web.http.audit_rules import looks, note
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.export_schemas import RosterCsvQuery, RosterXlsxQuery

blueprint = APIBlueprint("roster_exports", __name__, tag="Roster")
EXCEPT_FOR: Mapping[str, AnyRule] = {}
AUDIT = {view: looks(AuditedAction.EXPORT_ROSTER) for view in ("roster_csv", "roster_xlsx")}
UNKNOWN = {404: "There is no such course, or you are not among its staff."}
__all__ = ["AUDIT", "EXCEPT_FOR", "RULE", "blueprint"]


@blueprint.get("/roster.csv")
@blueprint.input(RosterCsvQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type=CSV)
@describe(blueprint, UNKNOWN)
def roster_csv(query: RosterCsvQuery) -> Response:
    """Download a roster as CSV

    It has the columns `student_id,name,email` of all students on the site's list; with `course`, of the students who
    are in the course, and their `groups`. Whose face is registered is not in it. Uploaded again as it is, it changes
    nothing.
    """
    return csv_attachment(csv_pieces(_table(query.course, "csv"), query.separator), _name(query.course))


@blueprint.get("/roster.xlsx")
@blueprint.input(RosterXlsxQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type=XLSX)
@describe(blueprint, UNKNOWN)
def roster_xlsx(query: RosterXlsxQuery) -> Response:
    """Download a roster as an Excel workbook

    It has the rows and columns of the CSV file. Student IDs are text, so that `007` stays as it is.
    """
    return xlsx_attachment(_table(query.course, "xlsx"), _name(query.course))


def _table(course: str | None, file: str) -> Table:
    require_rule(course)
    services = current_services()
    students = services.store.students()
    if course is None:
        note(file=file)
        return list_table(students)
    note(course=course, file=file)
    members = services.memberships.of_course(course)
    seen, today = scope(), services.time.today()
    return course_table(services.courses.get(course), students, members, today, official=seen.everything)


def _name(course: str | None) -> str:
    return "roster" if course is None else course_in_file_name("roster", course)
