"""/students/{key}/faces: registering a face and taking it away."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import request

from secure_attend.access.audited_actions import Act
from secure_attend.attendance.students.enrolment import Enrolled
from secure_attend.web.http.access_rules import kiosk
from secure_attend.web.http.audit_rules import changes, note
from secure_attend.web.http.body import PHOTO
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.serialise import services, student_out
from secure_attend.web.schemas.student_schemas import CaptureToEnrol, EnrolmentOut, PhotoQuery, StudentOut

blueprint = APIBlueprint("faces", __name__, tag="Faces")
AUDIT = {
    "register_face": changes(Act.REGISTER_FACE, about="student"),
    "remove_face": changes(Act.REMOVE_FACE, about="student"),
}
REFUSALS = {
    404: "There is no such student, or no such session any more.",
    409: "No consent is recorded (`consent_missing`), the face is someone else's (`face_of_another`, `other` says "
    "whose), or the capture was not passed.",
    410: "The session is over.",
    422: "The photo shows no face, several, or one that is too small, dark, bright, blurred or cut off; or, while the "
    "site moves to other models, the old find no face in the pictures.",
    503: "No face can be compared now, or too many pictures are being looked at (`busy`): send it again.",
}


@blueprint.post("/students/<key>/faces")
@blueprint.input(PhotoQuery, location="query", arg_name="query")
@blueprint.output(EnrolmentOut, status_code=201)
@describe(blueprint, REFUSALS, takes=PHOTO, or_json=CaptureToEnrol)
def register_face(key: str, query: PhotoQuery) -> EnrolmentOut:
    """Register a face

    Either JSON that names a passed `enrol` challenge, or one photo as the body. Consent to the present text must be
    recorded before. A face that is already registered to someone else is refused unless `confirm_other` is set: then
    the two are marked as two people who look alike, and their check-ins by face ask for the personal code too. `weak`:
    half of the pictures or more were poor (light, size, sharpness, pose, eyes, or unlike the others); they are kept,
    and better ones would be recognised more surely.
    """
    if request.is_json:
        body = CaptureToEnrol.model_validate(request.get_json())
        return _answer(
            services().enrolment.from_capture(
                key, body.challenge, kiosk(), confirm_other=body.confirm_other or query.confirm_other
            )
        )
    photo = PHOTO.read()
    with services().backpressure.place(kiosk()):
        return _answer(services().enrolment.from_photo(key, photo, confirm_other=query.confirm_other))


@blueprint.delete("/students/<key>/faces")
@blueprint.output(StudentOut)
@describe(blueprint, {404: "There is no such student."})
def remove_face(key: str) -> StudentOut:
    """Remove the registered face

    The student stays on the list, and so does the attendance.
    """
    here = services()
    return student_out(here.students.shown(here.enrolment.forget(key)), here.time)


def _answer(enrolled: Enrolled) -> EnrolmentOut:
    here = services()
    note(faces=enrolled.faces)
    student = student_out(here.students.shown(enrolled.student), here.time)
    return EnrolmentOut(student=student, faces=enrolled.faces, weak=enrolled.weak)
