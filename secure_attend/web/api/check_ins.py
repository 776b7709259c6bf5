"""/check-ins: checking in at a kiosk, and cancelling a check-in."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.attendance.records.check_in import CheckedIn
from secure_attend.attendance.students.claims import Claim
from secure_attend.web.http.access_rules import actor, known_caller, proof_scope
from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.check_in_schemas import Cancellation, CheckedInOut, CheckInAtKiosk, Greeted, OneRecord
from secure_attend.web.schemas.serialise import fresh_record_out, standing_out

blueprint = APIBlueprint("check_ins", __name__, tag="Check-ins")
AUDIT = NotAudited("the attendance log is chained, and says who, when and at which kiosk")


@blueprint.post("/check-ins")
@blueprint.input(CheckInAtKiosk, location="json", arg_name="body")
@blueprint.output(CheckedInOut, status_code=201)
@describe(
    blueprint,
    {
        200: "The student already checked in, within the site's interval.",
        403: "The ID and the code don't match (`wrong_proof`), the account may not check this student in "
        "(`not_allowed`, `own_cell`), or the page that sent this belongs to another site.",
        404: "There is no such session.",
        409: "The session was not passed, no face is registered, or the class uses none (`class_without_faces`).",
        410: "The session has ended.",
        422: "The face was not recognised (`not_recognised`), could be several people's (`ambiguous_face`), needs ID "
        "and code too (`code_needed`), or needs a code that was not issued yet (`no_code`).",
        429: "Too many wrong codes in a row from this kiosk.",
        503: "Faces can't be compared right now.",
    },
)
def check_in(body: CheckInAtKiosk) -> tuple[CheckedInOut, int]:
    """Check in at a kiosk

    By face: send the `challenge` of a passed `check_in` session. If you send it again, you get the same answer. After
    `ambiguous_face`, send it once more within a minute, with the `student_id` that the person gives: the face is then
    compared with that student's only. `code_needed` means that the student is marked as a look-alike, or that the
    movements had no turn of the head. Send the session again within two minutes, with `student_id` and `code`.

    An account that sends this needs to be lecturer or assistant of the student, and is named in the record (`by`).

    Without a face, at a kiosk only: send `student_id`, the personal `code`, and `attempt`, a random text of your
    choice. If an answer was lost, send the same attempt again: you get the same record.

    On a site with courses, `standing` tells a kiosk which classes the check-in counts for (`counted`), with the
    student's status unless the site hides it; or why it counts for none. It is kept all the same, and the lecturer may
    accept it: the student's class is in another room (`other_room`), the class here is for another group
    (`other_group`) or does not list the student (`not_a_member`), or no class is open here (`no_class`).
    """
    services = current_services()
    if body.challenge is not None:
        if body.attempt is not None:
            raise refused_field("attempt", "Send this only for a check-in without a challenge.")
        if body.code is not None and body.student_id is None:
            raise refused_field("student_id", "Send this together with the code.")
        claim = Claim(body.student_id, body.code) if body.student_id is not None else None
        checked_in = services.check_in.by_face(body.challenge, actor(), claim, proof_scope())
    else:
        checked_in = _by_code(body)
    answer = CheckedInOut(
        record=fresh_record_out(checked_in.record, services.time),
        already=checked_in.already,
        student=Greeted(name=checked_in.student.shown_name),
        greeting_time=services.time.clock_face(checked_in.record.time),
        standing=standing_out(services.standings.of(checked_in.record)) if known_caller().is_kiosk else None,
    )
    return answer, 200 if checked_in.already else 201


def _by_code(body: CheckInAtKiosk) -> CheckedIn:
    if body.student_id is None or body.code is None or body.attempt is None:
        needed = {"student_id": body.student_id, "code": body.code, "attempt": body.attempt}
        missing = [name for name, text in needed.items() if text is None]
        field = "challenge" if len(missing) == len(needed) else missing[0]
        raise refused_field(field, "Send a challenge, or student_id, code and attempt.")
    return current_services().check_in.by_code(Claim(body.student_id, body.code), body.attempt, actor())


@blueprint.post("/check-ins/<record_id>/cancel")
@blueprint.input(Cancellation, location="json", arg_name="body")
@blueprint.output(OneRecord, status_code=201)
@describe(
    blueprint,
    {
        403: "It is too late for `not_me`, the check-in was at another kiosk, the account may only see it "
        "(`not_allowed`, `own_cell`), or the page that sent this belongs to another site.",
        404: "There is no such check-in.",
        409: "The check-in is already cancelled, the record isn't a check-in, its course is archived "
        "(`course_archived`), or it would change something inside a lock (`locked`).",
    },
)
def cancel(record_id: str, body: Cancellation) -> OneRecord:
    """Cancel a check-in

    Adds a record of the cancellation. For lecturers and assistants of a course that the check-in counts for, and
    registrars; nobody cancels their own. A kiosk must send `reason: not_me`, shortly after a check-in of its own.
    """
    services = current_services()
    record = services.cancellations.cancel(record_id, actor(), proof_scope(), not_me=body.reason == "not_me")
    return OneRecord(record=fresh_record_out(record, services.time))
