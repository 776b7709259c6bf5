"""/students/{key}/faces and /students/{key}/alike: a student's registered face, and who looks like the student."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint
from flask import request

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.students.enrolment import Enrolled, EnrolmentWish
from secure_attend.web.http.access_rules import AnyRule, known_caller, scope, session_owner
from secure_attend.web.http.audit_rules import changes, looks, note, note_students
from secure_attend.web.http.body import PHOTO
from secure_attend.web.http.course_rules import in_course, require_students
from secure_attend.web.http.site_parts import current_access, current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.serialise import name_of, student_out
from secure_attend.web.schemas.student_schemas import (
    CaptureToEnrol,
    EnrolmentOut,
    LookAlikes,
    PhotoQuery,
    StudentOut,
)

blueprint = APIBlueprint("faces", __name__, tag="Faces")
RULE = in_course("lecturer")
EXCEPT_FOR: Mapping[str, AnyRule] = {
    "register_face": in_course("lecturer", "assistant"),
    "remove_face": in_course("lecturer", "assistant"),
    "look_alikes": in_course("lecturer", "assistant", "viewer"),
}
AUDIT = {
    "register_face": changes(AuditedAction.REGISTER_FACE, about="student"),
    "remove_face": changes(AuditedAction.REMOVE_FACE, about="student"),
    "look_alikes": looks(AuditedAction.SEE_LOOK_ALIKES, about="student"),
    "tell_apart": changes(AuditedAction.TELL_APART, about="student"),
}
REFUSALS = {
    404: "There is no such student or session.",
    409: "No consent is recorded (`consent_missing`), the site uses no faces (`faces_off`), nor do the courses of the "
    "student (`courses_without_faces`), the face is someone else's (`face_of_another`, `other` says "
    "whose, if you may see that student), or the capture was not passed. With `add`: there are too many pictures "
    "(`faces_full`), or they are not like the face that is registered (`face_differs`).",
    410: "The session has ended.",
    422: "The photo shows no face, several faces, or one that is too small, dark, bright, blurred or cut off. Or it is "
    "on its side or upside down (`not_upright`): `turn` says by how many degrees clockwise it becomes upright. Or the "
    "site is changing its models, and the old ones find no face in the pictures.",
    503: "Faces can't be compared right now, or too many pictures are being processed (`busy`): send it again.",
}


@blueprint.post("/students/<key>/faces")
@blueprint.input(PhotoQuery, location="query", arg_name="query")
@blueprint.output(EnrolmentOut, status_code=201)
@describe(blueprint, REFUSALS, takes=PHOTO, or_json=CaptureToEnrol)
def register_face(key: str, query: PhotoQuery) -> EnrolmentOut:
    """Register a face

    Send JSON that names a passed `enrol` challenge, or one photo as the body. Record consent to the present text first.
    A face that is already registered to someone else is refused. Set `confirm_other` to register it anyway: the two
    students are marked as look-alikes, and need their personal codes to check in by face. `add` keeps the pictures that
    are registered already, for somebody who wears glasses at times. `weak` means that at least
    half of the pictures were poor (light, size, sharpness, pose, eyes, or unlike the others). They are kept, but better
    pictures would be recognised more reliably. If a face was there and is replaced, the student's other lecturers are
    told for two weeks: `notices` of `/health`.
    """
    if request.is_json:
        body = CaptureToEnrol.model_validate(request.get_json())
        return _enrolment_out(
            current_services().enrolment.from_capture(
                key,
                body.challenge,
                session_owner(),
                EnrolmentWish(body.confirm_other or query.confirm_other, body.add or query.add, scope()),
            ),
            added=body.add or query.add,
        )
    photo = PHOTO.read()
    with current_services().backpressure.place(session_owner()):
        wish = EnrolmentWish(query.confirm_other, query.add, scope())
        return _enrolment_out(current_services().enrolment.from_photo(key, photo, wish), added=query.add)


@blueprint.delete("/students/<key>/faces")
@blueprint.output(StudentOut)
@describe(blueprint, {404: "There is no such student."})
def remove_face(key: str) -> StudentOut:
    """Erase the registered face

    It is erased at once. The student stays on the list, with all attendance. Those who may register a face may erase
    it; no reason is asked. The student's other lecturers are told for two weeks. To erase a person, use
    `DELETE /students/{key}`.
    """
    services = current_services()
    had_face = bool(services.students.get(key).templates)
    student = services.enrolment.forget(key)
    if had_face:
        services.face_notices.note(key, known_caller().key)
    return student_out(services.students.shown(student, scope()), services.time)


@blueprint.get("/students/<key>/alike")
@blueprint.output(LookAlikes)
@describe(blueprint, {404: "There is no such student."})
def look_alikes(key: str) -> LookAlikes:
    """List a student's look-alikes

    Look-alikes are students who were registered with `confirm_other`. When they check in by face, they need their
    personal code too. `code_issued` says whether this student has a usable code.
    """
    students = [student for student in current_services().students.looking_like(key) if scope().sees(student.key)]
    issued = current_access().codes.issued([key])
    return LookAlikes(students=[name_of(student) for student in students], code_issued=issued)


@blueprint.delete("/students/<key>/alike/<other>")
@blueprint.output(StudentOut)
@describe(blueprint, {404: "There is no such student, or the two are not marked as look-alikes."})
def tell_apart(key: str, other: str) -> StudentOut:
    """Unmark two look-alikes

    Both students can check in by face alone again.
    """
    services = current_services()
    require_students(scope(), [other], "lecturer")
    student = services.students.tell_apart(key, other)
    note_students([other])
    return student_out(services.students.shown(student, scope()), services.time)


def _enrolment_out(enrolled: Enrolled, *, added: bool) -> EnrolmentOut:
    services = current_services()
    note(faces=enrolled.faces)
    if added:
        note(beside=True)
    if enrolled.replaced:
        services.face_notices.note(enrolled.student.key, known_caller().key)
    if enrolled.source == "camera_straight":
        note(without_turns=True)
    student = student_out(services.students.shown(enrolled.student, scope()), services.time)
    return EnrolmentOut(student=student, faces=enrolled.faces, weak=enrolled.weak)
