"""/roster: uploading a roster as CSV, all or nothing, and an example to start from."""

from __future__ import annotations

from apiflask import APIBlueprint, FileSchema
from flask import Response, send_file

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.students.roster_import import RosterReport
from secure_attend.settings import PROJECT
from secure_attend.web.http.access_rules import Rule
from secure_attend.web.http.audit_rules import NotAudited, changes, note
from secure_attend.web.http.body import ROSTER
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.serialise import name_of
from secure_attend.web.schemas.student_schemas import ImportingOut, LineWarning, RosterQuery, RosterReportOut

blueprint = APIBlueprint("roster", __name__, tag="Roster")
AUDIT = {
    "upload_roster": changes(AuditedAction.LOAD_ROSTER),
    "sample_roster": NotAudited("the example names nobody"),
    "roster_import": NotAudited("it shows two numbers"),
}
EXCEPT_FOR = {"sample_roster": Rule.READER}
SAMPLE = PROJECT / "samples" / "roster.csv"


@blueprint.post("/roster")
@blueprint.input(RosterQuery, location="query", arg_name="query")
@blueprint.output(RosterReportOut)
@describe(
    blueprint,
    {
        409: "The list would be longer than the store allows, or another import has this name. Nothing was changed.",
        422: "The roster has errors (`roster_rejected`). Nothing was changed. `errors` lists them, with lines.",
    },
    takes=ROSTER,
)
def upload_roster(query: RosterQuery) -> RosterReportOut:
    """Upload a roster

    Send a CSV with the columns `student_id` and `name`, and optionally `email`. Other columns are ignored;
    `ignored_columns` names them. The upload adds and updates students, and never removes any: `not_in_file` lists
    students on the list whom the file does not name. Give a long upload a `name` to follow it at
    `/roster/imports/{name}`.
    """
    report = current_services().roster.load(ROSTER.read(), query.name)
    note(added=report.added, updated=report.updated, restored=report.restored, unchanged=report.unchanged)
    return _report(report)


@blueprint.get("/roster/imports/<name>")
@blueprint.output(ImportingOut)
@describe(blueprint, {404: "No import with this name is running: it has ended, or has not started."})
def roster_import(name: str) -> ImportingOut:
    """Get the progress of a roster upload

    `done` of `total` students are read (while `total` is still unknown) or written. The list does not change until the
    upload is complete. Use the same token as for the upload.
    """
    importing = current_services().roster.imports.get(name)
    return ImportingOut(stage=importing.stage, done=importing.done, total=importing.total)


@blueprint.get("/roster/sample.csv")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="text/csv")
def sample_roster() -> Response:
    """Download an example roster"""
    return send_file(SAMPLE, mimetype="text/csv", as_attachment=True, download_name="roster.csv")


def _report(report: RosterReport) -> RosterReportOut:
    return RosterReportOut(
        added=report.added,
        updated=report.updated,
        unchanged=report.unchanged,
        restored=report.restored,
        not_in_file=[name_of(student) for student in report.not_in_file],
        ignored_columns=list(report.ignored_columns),
        warnings=[LineWarning(line=warning.line, message=warning.message) for warning in report.warnings],
        encoding=report.encoding,
        delimiter=report.delimiter,
    )
