"""/check-ins: redeeming a passed session, and taking a check-in back."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.web.access import who
from secure_attend.web.answers import fresh_record_out, services
from secure_attend.web.auditing import NotAudited
from secure_attend.web.describe import describe
from secure_attend.web.schemas import Cancellation, CheckInByFace, CheckInByFaceOut, Greeted, OneRecord

blueprint = APIBlueprint("check_ins", __name__, tag="Check-ins")
AUDIT = NotAudited("the attendance log is chained, and says who, when and at which kiosk")


@blueprint.post("/check-ins")
@blueprint.input(CheckInByFace, location="json", arg_name="body")
@blueprint.output(CheckInByFaceOut, status_code=201)
@describe(
    blueprint,
    {
        200: "Checked in already, within the site's interval.",
        404: "There is no such session any more.",
        409: "The session was not passed, or nobody is registered.",
        410: "The session is over.",
        422: "The face was not recognised (`not_recognised`), or looks like several people's (`ambiguous_face`).",
        503: "No face can be compared now.",
    },
)
def check_in(body: CheckInByFace) -> tuple[CheckInByFaceOut, int]:
    """Check in by face

    Redeems a passed `check_in` session; asked again for the same session, the answer is the same. After
    `ambiguous_face` the session may be redeemed once more, within a minute, with the `student_id` that the person
    gives: the face is then compared with that student's alone.
    """
    here = services()
    done = here.check_in.by_face(body.challenge, who(), body.student_id)
    answer = CheckInByFaceOut(
        record=fresh_record_out(done.record, here.time),
        already=done.already,
        student=Greeted(name=done.student.name),
        greeting_time=here.time.clock_face(done.record.time),
    )
    return answer, 200 if done.already else 201


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
