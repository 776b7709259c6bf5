"""/history: a student's own attendance, by ID and a proof."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import current_app

from secure_attend.access.audited_actions import Act
from secure_attend.access.rate_limits import HISTORY
from secure_attend.attendance.records.history import History
from secure_attend.attendance.students.claims import as_typed
from secure_attend.errors import NotFound
from secure_attend.settings import Settings
from secure_attend.web.http.access_rules import access, kiosk, known_caller
from secure_attend.web.http.audit_rules import looks, note, reader
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.check_in_schemas import HistoryOf, HistoryOut, HistoryStudent
from secure_attend.web.schemas.serialise import history_record, services

blueprint = APIBlueprint("history", __name__, tag="History")
AUDIT = {"history": looks(Act.SEE_HISTORY)}


@blueprint.post("/history")
@blueprint.input(HistoryOf, location="json", arg_name="body")
@blueprint.output(HistoryOut)
@describe(
    blueprint,
    {
        403: "The ID and the proof do not belong together (`wrong_proof`), or a page of another site asks.",
        404: "No student has this ID: told to faculty, and where `HISTORY_ACCESS` is `open`. Or no such session.",
        409: "The session was not passed, was opened for something else, or was redeemed before.",
        410: "The session is over.",
        429: "Too many wrong tries in a row from this kiosk.",
        503: "No face can be compared now.",
    },
)
def history(body: HistoryOf) -> HistoryOut:
    """A student's check-ins, newest first

    A kiosk sends a proof too, unless the site's `HISTORY_ACCESS` is `open`: the student's personal `code`, or a passed
    `history` session opened for this ID (`challenge`), whose face is then compared with this student's alone, and
    which shows the attendance once. An unknown ID and a wrong proof get the same answer. Faculty need no proof. The ID
    travels in the body, so that it stands in no log of addresses.
    """
    here = services()
    note(*reader().student_of(as_typed(body.student_id)))
    settings: Settings = current_app.extensions["secure_attend_settings"]
    if known_caller().role != "kiosk":
        found = here.history.check_ins(body.student_id)
    elif settings.history_access == "open":
        found = _by_id(body.student_id)
    else:
        found = _by_proof(body)
    return HistoryOut(
        student=HistoryStudent(student_id=found.student.student_id, name=found.student.name),
        records=[history_record(logged, here.time) for logged in found.records],
        total=found.total,
    )


def _by_proof(body: HistoryOf) -> History:
    own = services().own_history
    if body.challenge is not None and body.code is not None:
        raise refused_field("code", "Send a code or a challenge, not both.")
    if body.challenge is not None:
        access().limits.take(HISTORY, kiosk())
        found = own.by_face(body.student_id, body.challenge, kiosk())
        access().limits.forgive(HISTORY, kiosk())
        return found
    if body.code is None:
        raise refused_field("code", "This, or a passed challenge, is needed at a kiosk.")
    return own.by_code(body.student_id, body.code, kiosk())


def _by_id(student_id: str) -> History:
    access().limits.check(HISTORY, kiosk())
    try:
        return services().history.check_ins(student_id)
    except NotFound:
        access().limits.take(HISTORY, kiosk())
        raise
