"""/history: a student's own attendance, by ID."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.limits import HISTORY
from secure_attend.errors import NotFound
from secure_attend.web.access import access, kiosk
from secure_attend.web.answers import history_record, services
from secure_attend.web.describe import describe
from secure_attend.web.schemas import HistoryOf, HistoryOut, HistoryStudent

blueprint = APIBlueprint("history", __name__, tag="History")


@blueprint.post("/history")
@blueprint.input(HistoryOf, location="json", arg_name="body")
@blueprint.output(HistoryOut)
@describe(blueprint, {404: "No student has this ID.", 429: "Too many unknown IDs in a row from this kiosk."})
def history(body: HistoryOf) -> HistoryOut:
    """A student's check-ins, newest first

    The ID travels in the body, so that it stands in no log of addresses.
    """
    here = services()
    access().limits.check(HISTORY, kiosk())
    try:
        found = here.records.history(body.student_id)
    except NotFound:
        access().limits.take(HISTORY, kiosk())
        raise
    return HistoryOut(
        student=HistoryStudent(student_id=found.student.student_id, name=found.student.name),
        records=[history_record(logged, here.time) for logged in found.records],
        total=found.total,
    )
