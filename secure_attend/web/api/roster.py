"""/roster: a roster for the site or for a course, planned and imported, all or nothing; and as a file to save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apiflask import APIBlueprint, FileSchema
from flask import Response, send_file

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.courses.course_roster import RosterOrder
from secure_attend.attendance.courses.membership import MembershipChange, members_in_words
from secure_attend.attendance.exports.csv_file import csv_pieces
from secure_attend.attendance.exports.roster_table import course_table, list_table
from secure_attend.attendance.imports.roster_columns import chosen_columns
from secure_attend.attendance.imports.roster_rows import Reading
from secure_attend.attendance.students.roster_plan import ListChanges, RosterChoices
from secure_attend.attendance.table import Table
from secure_attend.settings import PROJECT
from secure_attend.web.api.courses.register_exports import course_in_file_name
from secure_attend.web.http.access_rules import AnyRule, Rule, require, scope
from secure_attend.web.http.attachments import CSV, XLSX, csv_attachment, xlsx_attachment
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note, note_students
from secure_attend.web.http.body import ROSTER
from secure_attend.web.http.course_rules import in_course, require_in_course
from secure_attend.web.http.named_students import student_keys
from secure_attend.web.http.site_parts import current_access, current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.export_schemas import RosterCsvQuery, RosterXlsxQuery
from secure_attend.web.schemas.roster_schemas import (
    MOST_LEAVING_LISTED,
    ImportingOut,
    RosterQuery,
    RosterReportOut,
    RosterToUndo,
    UndoneOut,
)
from secure_attend.web.schemas.serialise_roster import course_roster_out, site_roster_out

blueprint = APIBlueprint("roster", __name__, tag="Roster")
AUDIT = {
    "upload_roster": changes(AuditedAction.LOAD_ROSTER),
    "undo_roster": changes(AuditedAction.UNDO_ROSTER),
    **{view: looks(AuditedAction.EXPORT_ROSTER) for view in ("roster_csv", "roster_xlsx")},
    "sample_roster": NotAudited("the example names nobody"),
    "roster_import": NotAudited("it shows two numbers"),
}
RULE = in_course("lecturer")
EXCEPT_FOR: Mapping[str, AnyRule] = {"sample_roster": Rule.READER}
UNKNOWN_COURSE = {404: "There is no such course, or you are not among its staff."}
SAMPLE = PROJECT / "samples" / "roster.csv"


@blueprint.post("/roster")
@blueprint.input(RosterQuery, location="query", arg_name="query")
@blueprint.output(RosterReportOut)
@describe(
    blueprint,
    {
        404: "There is no such course, or you are not among its staff.",
        409: "Nothing was changed. The plan is another by now (`plan_changed`), or is to be looked at first "
        "(`plan_needed`); the course is archived; the list would be longer than the store allows; or another import "
        "has this name. With `people_to_decide` the file leaves open who is who: the plan says it in `handed` and "
        "`damaged`. With `merged_id` another person was to get the ID of an entry that was merged into a student's.",
        422: "Nothing was changed. The roster has errors (`roster_rejected`): `errors` lists them, with lines. Or "
        "somebody must choose: `encoding_needed` lists likely `encodings`, each with lines as they read in it; "
        "`columns_needed` shows the first `rows`, and the `columns` whose names are known.",
    },
    takes=ROSTER,
)
def upload_roster(query: RosterQuery) -> RosterReportOut:
    """Upload a roster

    Send a CSV or an Excel workbook (.xlsx) with the student's ID, name and, if you like, email address, as Canvas,
    Moodle, Brightspace, Blackboard, PowerSchool, Teams and others export it. Usual names of columns are known in many
    languages, and first and last name are joined. `columns` of the answer says which are used, `ignored_columns` which
    are not. Where the names don't say it, send `columns`, such as `student_id:2,name:1,header:3`: columns and the line
    of the header count from 1. It is remembered for the next file with the same header. UTF-8 and UTF-16 are read. For
    a file in another encoding send `encoding`.

    The upload adds and updates students, and never removes any. Give a long upload a `name` to follow it at
    `/roster/imports/{name}`.

    An ID whose new name shares no word with the student's is `handed`: answer with the student's key in `same` (the
    student has a new name) or `another` (somebody else has the ID now: the earlier student's face, consent and code are
    erased, and their records stay theirs, under an ID that says until when). An ID that is a listed one but for zeros,
    `.0`, separators or case, under the same name, is `damaged`: `damaged=listed` takes it for the listed student, `new`
    for another.

    With `course`, the students join this course from `first_day` on, today by default. A column `group` names their
    groups, with semicolons between several; groups that the course does not have are added to it. Lecturers may do
    this for their courses. Somebody else's student is added by the exact ID and name; other such lines are left out,
    with a warning.

    `dry_run=1` changes nothing and answers the plan: who is `joining`, how many are `already` there, who is
    `not_listed` any more, whose name changes. The same file with `plan` = `digest` imports exactly that, or answers
    `plan_changed`. A file that changes names in a course or leaves lines out is imported only with `plan`. With a plan,
    `leave=1` lets those who are `not_listed` leave the course after today; or give their keys, separated by commas.
    """
    _require_rule(query.course)
    return _noted(_into_site(query) if query.course is None else _into_course(query, query.course))


def _into_site(query: RosterQuery) -> RosterReportOut:
    _refuse_for_site(query)
    plan = current_services().roster.load(
        ROSTER.read(),
        query.name,
        dry_run=query.dry_run,
        confirmed=query.plan,
        reading=_reading(query),
        choices=_choices(query),
    )
    _forget_codes(plan.changes, applied=not query.dry_run)
    return site_roster_out(plan, applied=not query.dry_run)


def _into_course(query: RosterQuery, course: str) -> RosterReportOut:
    order = RosterOrder(
        course,
        query.first_day,
        query.dry_run,
        query.plan,
        _leaving(query.leave),
        query.name,
        _reading(query),
        _choices(query),
    )
    imported = current_services().course_rosters.load(ROSTER.read(), order, scope())
    _forget_codes(imported.plan.listed, applied=imported.applied)
    note(course=course, others=len(imported.plan.others))
    note_students([student.key for student in imported.plan.others])
    _note_members(imported.changed)
    return course_roster_out(imported, scope())


@blueprint.post("/roster/undo")
@blueprint.input(RosterToUndo, location="json", arg_name="body")
@blueprint.output(UndoneOut)
@describe(
    blueprint,
    {
        404: "There is no such course, or you are not among its staff.",
        409: "It is not the course's last import, or something that it changed has been changed since "
        "(`import_changed`). Nothing was changed.",
    },
)
def undo_roster(body: RosterToUndo) -> UndoneOut:
    """Undo the last import into a course

    `plan` is the `digest` of the import. Memberships, names and groups are as before. Students whom the import added
    to the site's list are removed from it, unless a face, a consent, a record or another course is known of them by
    now.
    """
    _require_rule(body.course)
    undone = current_services().roster_undo.undo(body.course, body.plan, scope())
    current_access().codes.forget([student.key for student in undone.removed])
    answer = UndoneOut(memberships=len(undone.memberships), restored=len(undone.restored), removed=len(undone.removed))
    note(course=body.course, **answer.model_dump())
    _note_members(undone.memberships)
    return answer


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


@blueprint.get("/roster.csv")
@blueprint.input(RosterCsvQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type=CSV)
@describe(blueprint, UNKNOWN_COURSE)
def roster_csv(query: RosterCsvQuery) -> Response:
    """Download a roster as CSV

    It has the columns `student_id,name,email` of all students on the site's list; with `course`, of the students who
    are in the course, and their `groups`. Whose face is registered is not in it. Uploaded again as it is, it changes
    nothing.
    """
    return csv_attachment(csv_pieces(_roster_table(query.course, "csv"), query.separator), _file_name(query.course))


@blueprint.get("/roster.xlsx")
@blueprint.input(RosterXlsxQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type=XLSX)
@describe(blueprint, UNKNOWN_COURSE)
def roster_xlsx(query: RosterXlsxQuery) -> Response:
    """Download a roster as an Excel workbook

    It has the rows and columns of the CSV file. Student IDs are text, so that `007` stays as it is.
    """
    return xlsx_attachment(_roster_table(query.course, "xlsx"), _file_name(query.course))


def _roster_table(course: str | None, file: str) -> Table:
    _require_rule(course)
    services = current_services()
    students = services.store.students()
    if course is None:
        note(file=file)
        return list_table(students)
    note(course=course, file=file)
    members = services.memberships.of_course(course)
    seen, today = scope(), services.time.today()
    return course_table(services.courses.get(course), students, members, today, official=seen.everything)


def _file_name(course: str | None) -> str:
    return "roster" if course is None else course_in_file_name("roster", course)


@blueprint.get("/roster/sample.csv")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="text/csv")
def sample_roster() -> Response:
    """Download an example roster"""
    return send_file(SAMPLE, mimetype="text/csv", as_attachment=True, download_name="roster.csv")


def _note_members(changed: Sequence[MembershipChange]) -> None:
    """Note both values of the memberships of a course that changed."""
    note(members_before=members_in_words(before for before, _ in changed))
    note(members_after=members_in_words(after for _, after in changed))
    note_students([after.student for _, after in changed])


def _require_rule(course: str | None) -> None:
    """Ask what the rule of a course would ask: it is not in the address. The site's list is for registrars."""
    if course is None:
        require(Rule.REGISTRAR)
    else:
        require_in_course(RULE, scope(), {"course": course})


def _refuse_for_site(query: RosterQuery) -> None:
    for field in ("leave", "first_day"):
        if getattr(query, field) is not None:
            raise refused_field(field, "This is for a course. Give its key as course.")


def _reading(query: RosterQuery) -> Reading:
    return Reading(query.encoding, chosen_columns(query.columns) if query.columns is not None else None)


def _choices(query: RosterQuery) -> RosterChoices:
    given = ([key for key in (keys or "").split(",") if key] for keys in (query.same, query.another))
    same, another = (frozenset(student_keys(keys)) for keys in given)
    if same & another:
        raise refused_field("another", "A student is the same person or another, not both.")
    return RosterChoices(same, another, query.damaged)


def _forget_codes(changes: ListChanges, *, applied: bool) -> None:
    """The personal codes of those whose ID is somebody else's now are worth nothing. The trail names both."""
    if applied and changes.retired:
        keys = [each.after.key for each in changes.retired]
        current_access().codes.forget(keys)
        note_students(keys)
        note(retired=len(keys))


def _leaving(leave: str | None) -> tuple[str, ...] | None:
    """Return the keys of those who leave the course; None: all who are not listed."""
    if leave in (None, "", "0"):
        return ()
    if leave == "1":
        return None
    keys = [key for key in (leave or "").split(",") if key]
    if len(keys) > MOST_LEAVING_LISTED:
        raise refused_field("leave", f"Give at most {MOST_LEAVING_LISTED} keys, or 1 for all.")
    return tuple(student_keys(keys))


def _noted(answer: RosterReportOut) -> RosterReportOut:
    """Enter the counts in the audit trail."""
    note(
        dry_run=not answer.applied,
        added=answer.added,
        created=answer.created,
        updated=answer.updated,
        restored=answer.restored,
        unchanged=answer.unchanged,
        left=answer.left,
        left_out=answer.left_out,
    )
    return answer
