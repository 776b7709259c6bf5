"""/history: a student's own attendance, by ID and proof."""

from __future__ import annotations

from dataclasses import replace

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.access.rate_limits import HISTORY
from secure_attend.attendance.reader_scope import UNLIMITED
from secure_attend.attendance.records.history import History
from secure_attend.attendance.students.claims import as_typed
from secure_attend.errors import NotFound
from secure_attend.web.http.access_rules import known_caller, scope, session_owner
from secure_attend.web.http.audit_rules import looks, note
from secure_attend.web.http.site_parts import current_access, current_services, current_site
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.check_in_schemas import HistoryOf, HistoryOut, HistoryStudent
from secure_attend.web.schemas.serialise import history_mark, history_record

blueprint = APIBlueprint("history", __name__, tag="History")
AUDIT = {"history": looks(AuditedAction.SEE_HISTORY)}


@blueprint.post("/history")
@blueprint.input(HistoryOf, location="json", arg_name="body")
@blueprint.output(HistoryOut)
@describe(
    blueprint,
    {
        403: "The ID and the proof don't match (`wrong_proof`), or the page that sent this belongs to another site.",
        404: "No student has this ID (only faculty are told, or everyone if `HISTORY_ACCESS` is `open`). Or the "
        "session doesn't exist.",
        409: "The session was not passed, was started for another purpose, or was already used.",
        410: "The session has ended.",
        429: "Too many wrong tries in a row from this kiosk.",
        503: "Faces can't be compared right now.",
    },
)
def history(body: HistoryOf) -> HistoryOut:
    """List a student's check-ins and marks, newest first

    A kiosk must send a proof, unless the site's `HISTORY_ACCESS` is `open`: the student's personal `code`, or the
    `challenge` of a passed `history` session that was started for this ID. The session's face is compared with this
    student's only, and shows the attendance once. If it does not match, faculty see that in `/refusals`. An unknown ID
    and a wrong proof get the same answer. Lecturers need no proof for students of their own courses. `marks` are the
    marks and excuses that hold, with remark and note for the student, and for the course's lecturers; without a proof
    (`HISTORY_ACCESS=open`) a kiosk gets none. The ID is in the body so that no log of addresses shows it. After a proof
    at a kiosk, the student's own courses and percentages are under `/own`, for three minutes, with `token` as the
    bearer.
    """
    site = current_site()
    token: str | None = None
    note(*site.audit_reader.student_of(as_typed(body.student_id)))
    if not known_caller().is_kiosk:
        shown = site.services.history.check_ins(body.student_id, scope())
    elif site.settings.history_access == "open":
        shown = _by_id(body.student_id)
    else:
        shown = _by_proof(body)
        at, student = known_caller(), shown.student.key
        code = site.access.codes.hash_of(student) if body.code is not None else None
        token, _ = site.access.passes.give(student, kiosk=at.name, kiosk_key=at.key, code=code)
    return HistoryOut(
        student=HistoryStudent(student_id=shown.student.student_id, name=shown.student.shown_name),
        records=[history_record(logged, site.services.time) for logged in shown.records],
        total=shown.total,
        marks=[history_mark(mark, mark.details, site.services.time) for mark in shown.marks if mark.details],
        token=token,
    )


def _by_proof(body: HistoryOf) -> History:
    own = current_services().own_history
    if body.challenge is not None and body.code is not None:
        raise refused_field("code", "Send a code or a challenge, not both.")
    if body.challenge is not None:
        own_try = current_access().limits.take(HISTORY, session_owner())
        shown = own.by_face(body.student_id, body.challenge, session_owner())
        current_access().limits.forgive(own_try)
        return shown
    if body.code is None:
        raise refused_field("code", "At a kiosk, send a code or a passed challenge.")
    return own.by_code(body.student_id, body.code, session_owner())


def _by_id(student_id: str) -> History:
    current_access().limits.check(HISTORY, session_owner())
    try:
        return replace(current_services().history.check_ins(student_id, UNLIMITED), marks=())
    except NotFound:
        current_access().limits.take(HISTORY, session_owner())
        raise
