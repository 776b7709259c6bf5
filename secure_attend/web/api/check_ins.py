"""/check-ins: redeeming a passed session, and taking a check-in back."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.attendance.records.check_in import CheckedIn
from secure_attend.attendance.students.claims import Claim
from secure_attend.web.http.access_rules import who
from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.check_in_schemas import Cancellation, CheckedInOut, CheckInAtKiosk, Greeted, OneRecord
from secure_attend.web.schemas.serialise import fresh_record_out, services

blueprint = APIBlueprint("check_ins", __name__, tag="Check-ins")
AUDIT = NotAudited("the attendance log is chained, and says who, when and at which kiosk")


@blueprint.post("/check-ins")
@blueprint.input(CheckInAtKiosk, location="json", arg_name="body")
@blueprint.output(CheckedInOut, status_code=201)
@describe(
    blueprint,
    {
        200: "Checked in already, within the site's interval.",
        403: "The ID and the code do not belong together (`wrong_proof`), or a page of another site asks.",
        404: "There is no such session any more.",
        409: "The session was not passed, or nobody is registered.",
        410: "The session is over.",
        422: "The face was not recognised (`not_recognised`), looks like several people's (`ambiguous_face`), needs ID "
        "and code too (`code_needed`), or needs a code that nobody was given (`no_code`).",
        429: "Too many wrong codes in a row from this kiosk.",
        503: "No face can be compared now.",
    },
)
def check_in(body: CheckInAtKiosk) -> tuple[CheckedInOut, int]:
    """Check in at a kiosk

    By face: `challenge` names a passed `check_in` session; asked again for the same session, the answer is the same.
    After `ambiguous_face` the session may be redeemed once more, within a minute, with the `student_id` that the person
    gives: the face is then compared with that student's alone. After `code_needed` (the face is that of a student
    marked as looking like another, or the movements had no turn of the head) it is `student_id` and `code`, within two
    minutes.

    Without a face: `student_id`, the personal `code`, and `attempt`, random text of yours: the same attempt sent again,
    because an answer was lost, gives the same record.
    """
    here = services()
    if body.challenge is not None:
        if body.attempt is not None:
            raise refused_field("attempt", "This is for a check-in without a challenge.")
        if body.code is not None and body.student_id is None:
            raise refused_field("student_id", "This is needed with a code.")
        claim = Claim(body.student_id, body.code) if body.student_id is not None else None
        done = here.check_in.by_face(body.challenge, who(), claim)
    else:
        done = _by_code(body)
    answer = CheckedInOut(
        record=fresh_record_out(done.record, here.time),
        already=done.already,
        student=Greeted(name=done.student.name),
        greeting_time=here.time.clock_face(done.record.time),
    )
    return answer, 200 if done.already else 201


def _by_code(body: CheckInAtKiosk) -> CheckedIn:
    if body.student_id is None or body.code is None or body.attempt is None:
        needed = {"student_id": body.student_id, "code": body.code, "attempt": body.attempt}
        missing = [name for name, text in needed.items() if text is None]
        field = "challenge" if len(missing) == len(needed) else missing[0]
        raise refused_field(field, "A check-in needs a challenge, or student_id, code and attempt.")
    return services().check_in.by_code(Claim(body.student_id, body.code), body.attempt, who())


@blueprint.post("/check-ins/<record_id>/cancel")
@blueprint.input(Cancellation, location="json", arg_name="body")
@blueprint.output(OneRecord, status_code=201)
@describe(
    blueprint,
    {
        403: "Too late for `not_me`, not this kiosk's check-in, or a page of another site.",
        404: "There is no such check-in.",
        409: "It is cancelled already, or is no check-in.",
    },
)
def cancel(record_id: str, body: Cancellation) -> OneRecord:
    """Cancel a check-in

    Adds a record that takes it back. `reason: not_me` is all that a kiosk can say, of its own check-ins, shortly after.
    """
    here = services()
    record = here.check_in.cancel(record_id, who(), not_me=body.reason == "not_me")
    return OneRecord(record=fresh_record_out(record, here.time))
