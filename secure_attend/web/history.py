"""/history: a student's own attendance, by ID and a proof."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import current_app

from secure_attend.access.acts import Act
from secure_attend.access.limits import HISTORY
from secure_attend.attendance.records import History
from secure_attend.config import Settings
from secure_attend.errors import FieldError, InvalidInput, NotFound
from secure_attend.web.access import access, kiosk, known_caller
from secure_attend.web.answers import history_record, services
from secure_attend.web.auditing import looks, note, reader
from secure_attend.web.describe import describe
from secure_attend.web.schemas import HistoryOf, HistoryOut, HistoryStudent

blueprint = APIBlueprint("history", __name__, tag="History")
AUDIT = {"history": looks(Act.SEE_HISTORY)}


@blueprint.post("/history")
@blueprint.input(HistoryOf, location="json", arg_name="body")
@blueprint.output(HistoryOut)
@describe(
    blueprint,
    {
        403: "The ID and the code do not belong together (`wrong_proof`), or a page of another site asks.",
        404: "No student has this ID: told to faculty, and where the site's `HISTORY_ACCESS` is `open`.",
        429: "Too many wrong tries in a row from this kiosk.",
    },
)
def history(body: HistoryOf) -> HistoryOut:
    """A student's check-ins, newest first

    A kiosk sends the student's personal `code` too, unless the site's `HISTORY_ACCESS` is `open`; faculty need none.
    The ID travels in the body, so that it stands in no log of addresses.
    """
    here = services()
    note(*reader().student_of(body.student_id))
    settings: Settings = current_app.extensions["secure_attend_settings"]
    if known_caller().role == "kiosk":
        found = _by_id(body.student_id) if settings.history_access == "open" else _by_code(body)
    else:
        found = here.records.history(body.student_id)
    return HistoryOut(
        student=HistoryStudent(student_id=found.student.student_id, name=found.student.name),
        records=[history_record(logged, here.time) for logged in found.records],
        total=found.total,
    )


def _by_code(body: HistoryOf) -> History:
    if body.code is None:
        message = "This is needed at a kiosk."
        raise InvalidInput("invalid_input", f"code: {message}", errors=[FieldError("code", message)])
    records = services().records
    student = records.student(body.student_id)
    access().codes.prove(student.key if student else None, body.code, kiosk())
    return records.history(body.student_id)


def _by_id(student_id: str) -> History:
    access().limits.check(HISTORY, kiosk())
    try:
        return services().records.history(student_id)
    except NotFound:
        access().limits.take(HISTORY, kiosk())
        raise
