"""/roster: a CSV in, all or nothing, and the example to start from."""

from __future__ import annotations

from apiflask import APIBlueprint, FileSchema
from flask import Response, send_file

from secure_attend.access.audited_actions import Act
from secure_attend.attendance.students.roster_import import RosterReport
from secure_attend.settings import PROJECT
from secure_attend.web.http.audit_rules import NotAudited, changes, note
from secure_attend.web.http.body import ROSTER
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.serialise import services
from secure_attend.web.schemas.student_schemas import ImportingOut, LineWarning, Named, RosterQuery, RosterReportOut

blueprint = APIBlueprint("roster", __name__, tag="Roster")
AUDIT = {
    "upload_roster": changes(Act.LOAD_ROSTER),
    "sample_roster": NotAudited("the example names nobody"),
    "roster_import": NotAudited("two numbers"),
}
SAMPLE = PROJECT / "samples" / "roster.csv"


@blueprint.post("/roster")
@blueprint.input(RosterQuery, location="query", arg_name="query")
@blueprint.output(RosterReportOut)
@describe(
    blueprint,
    {
        409: "The list would be longer than the store takes (nothing was changed), or another import has this name.",
        422: "Nothing was changed (`roster_rejected`): `errors` names every row by line and cause.",
    },
    takes=ROSTER,
)
def upload_roster(query: RosterQuery) -> RosterReportOut:
    """Upload a roster

    A CSV with the columns `student_id` and `name`, and `email` if wanted; others are ignored and named. Adds and
    updates, never removes: students on the list whom the file does not name are counted in `not_in_file`. A long one
    can be followed at `/roster/imports/{name}` under the name given here.
    """
    report = services().roster.load(ROSTER.read(), query.name)
    note(added=report.added, updated=report.updated, restored=report.restored, unchanged=report.unchanged)
    return _report(report)


@blueprint.get("/roster/imports/<name>")
@blueprint.output(ImportingOut)
@describe(blueprint, {404: "No import of this name is going on: it is over, or has not begun."})
def roster_import(name: str) -> ImportingOut:
    """How far an upload of a roster has come

    `done` students of `total` are read (`total` is not known yet) or written. Nothing is on the list before the upload
    itself has answered. Ask the process that reads it, so with the same token.
    """
    importing = services().roster.imports.get(name)
    return ImportingOut(stage=importing.stage, done=importing.done, total=importing.total)


@blueprint.get("/roster/sample.csv")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="text/csv")
def sample_roster() -> Response:
    """An example roster"""
    return send_file(SAMPLE, mimetype="text/csv", as_attachment=True, download_name="roster.csv")


def _report(report: RosterReport) -> RosterReportOut:
    return RosterReportOut(
        added=report.added,
        updated=report.updated,
        unchanged=report.unchanged,
        restored=report.restored,
        not_in_file=[Named(key=s.key, student_id=s.student_id, name=s.name) for s in report.not_in_file],
        ignored_columns=list(report.ignored_columns),
        warnings=[LineWarning(line=warning.line, message=warning.message) for warning in report.warnings],
        encoding=report.encoding,
        delimiter=report.delimiter,
    )
