"""/courses/<course>/meetings/import: classes from an iCalendar file, or a CSV file of Moodle's sessions."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.meetings.drafted_meetings import MOST_BYTES
from secure_attend.attendance.meetings.meeting_import import MeetingPlan, plan_digest
from secure_attend.attendance.registers.register import with_rules_in_force
from secure_attend.web.api.courses.courses import LOCKED, UNKNOWN
from secure_attend.web.api.courses.meetings import meetings_in_words
from secure_attend.web.http.audit_rules import changes, note
from secure_attend.web.http.body import RawBody
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.meeting_schemas import (
    MeetingImportQuery,
    MeetingImportToUndo,
    MeetingPlanOut,
    RemovedMeeting,
    SkippedOut,
)
from secure_attend.web.schemas.serialise_courses import meeting_out

blueprint = APIBlueprint("meeting_files", __name__, tag="Meetings")
RULE = in_course("lecturer")
AUDIT = {
    "import_meetings": changes(AuditedAction.ADD_MEETINGS),
    "undo_import": changes(AuditedAction.UNDO_MEETINGS),
}
MEETINGS = RawBody(
    ("text/calendar", "text/csv", "application/vnd.ms-excel", "text/plain"), MOST_BYTES, "the file of classes"
)


@blueprint.post("/courses/<course>/meetings/import")
@blueprint.input(MeetingImportQuery, location="query", arg_name="query")
@blueprint.output(MeetingPlanOut)
@describe(
    blueprint,
    UNKNOWN
    | {
        409: "The course changed since the plan was made (`plan_changed`), or it is archived. Nothing was added. "
        + LOCKED,
        422: "Nothing was changed. The file has errors (`meetings_rejected`): `errors` lists them, with lines. Or its "
        "encoding is to be chosen (`encoding_needed`), as for a roster.",
    },
    takes=MEETINGS,
)
def import_meetings(course: str, query: MeetingImportQuery) -> MeetingPlanOut:
    """Import classes into a course

    With `dry_run=1` the answer is the plan: which classes the file would add, and how many are there `already`. Send
    the same file with `plan` = its `digest` to add them. Nothing is kept in between. `written` is for undoing it.
    """
    data = MEETINGS.read()
    imports = current_services().meeting_import
    note(f"course:{course}", dry_run=query.dry_run)
    if query.dry_run == (query.plan is not None):
        raise refused_field("plan", "Send dry_run=1 to see the plan, or the digest of a plan to apply it.")
    plan = (
        imports.plan(course, data, query.encoding)
        if query.plan is None
        else imports.apply(course, data, query.plan, query.encoding)
    )
    note(meetings=len(plan.add), after="" if query.dry_run else meetings_in_words(plan.add))
    return _out(plan)


@blueprint.post("/courses/<course>/meetings/import/undo")
@blueprint.input(MeetingImportToUndo, location="json", arg_name="body")
@blueprint.output(RemovedMeeting)
@describe(
    blueprint,
    UNKNOWN
    | {
        409: "One of the classes was changed or marked since the import (`import_changed`), "
        f"or has opened (`other_phase`). {LOCKED}"
    },
)
def undo_import(course: str, body: MeetingImportToUndo) -> RemovedMeeting:
    """Undo an import of classes

    `meetings` are the keys of the classes that the import added, and `written` is the number that it answered. All of
    them are removed, or none.
    """
    note(f"course:{course}")
    removed = current_services().meeting_import.undo(course, body.meetings, body.written)
    note(before=meetings_in_words(removed))
    return RemovedMeeting(removed=len(removed))


def _out(plan: MeetingPlan) -> MeetingPlanOut:
    services = current_services()
    taught, now = services.registers.curriculum(), services.time.now()
    course = taught.course(plan.course)
    ruled = with_rules_in_force(plan.add, taught.courses, taught.settings.rules)
    return MeetingPlanOut(
        digest=plan_digest(plan),
        added=len(plan.add),
        already=len(plan.present),
        meetings=[meeting_out(each, course, now, please_check=False) for each in ruled],
        skipped=[SkippedOut(title=each.title, when=each.when, why=each.why) for each in plan.skipped],
        unknown_rooms=list(plan.unknown_rooms),
        warning=services.queues.warning(ruled, now),
        written=plan.version,
    )
