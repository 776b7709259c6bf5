"""/self-registrations: students register at a kiosk, and faculty confirm who they are."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.access.rate_limits import SELF_REGISTRATION
from secure_attend.attendance.students.enrolment import EnrolmentWish
from secure_attend.web.http.access_rules import Rule, actor, known_caller, proof_scope, scope, session_owner
from secure_attend.web.http.audit_rules import NotAudited, changes, note, note_students
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_access, current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.check_in_schemas import ChallengeOut
from secure_attend.web.schemas.privacy_schemas import (
    AcceptedRequest,
    NewSelfRegistration,
    PassedCapture,
    RequestNumber,
    RequestQuery,
)
from secure_attend.web.schemas.serialise import challenge_out, student_out
from secure_attend.web.schemas.student_schemas import EnrolmentOut, StudentOut

blueprint = APIBlueprint("self_registrations", __name__, tag="Faces")
RULE = in_course("lecturer", "assistant")
AUDIT = {
    "begin": NotAudited("the start of a capture; its outcome is entered"),
    "finish": changes(AuditedAction.REGISTER_ONESELF),
    "accept": changes(AuditedAction.ACCEPT_FACE, about="student"),
    "decline": changes(AuditedAction.DECLINE_FACE, about="student"),
}
EXCEPT_FOR = {"begin": Rule.KIOSK, "finish": Rule.KIOSK}


@blueprint.post("/self-registrations")
@blueprint.input(NewSelfRegistration, location="json", arg_name="body")
@blueprint.output(ChallengeOut, status_code=201)
@describe(
    blueprint,
    {
        403: "The site doesn't allow it (`self_registration_off`), or the page that sent this belongs to another site.",
        409: "`version` isn't the present consent text's (`other_consent_text`).",
        429: "Too many in a row from this kiosk, or too many sessions are open.",
        503: "Faces can't be compared right now.",
    },
)
def begin(body: NewSelfRegistration) -> ChallengeOut:
    """Start a self-registration

    The student has read the consent text with this `version` and agreed. The answer is a guided capture for any ID that
    was typed, so that a kiosk can't find out which IDs are on the list. Send its frames to `/challenges/{id}/frames`.
    With `without_turning` all pictures are taken looking straight, for students who can't turn their head.
    """
    current_access().limits.take(SELF_REGISTRATION, session_owner())
    services = current_services()
    state = services.self_registration.begin(
        body.student_id, body.version, actor(), proof_scope(), without_turning=body.without_turning
    )
    return challenge_out(state, services.backpressure.pace)


@blueprint.post("/self-registrations/requests")
@blueprint.input(PassedCapture, location="json", arg_name="body")
@blueprint.output(RequestNumber, status_code=201)
@describe(
    blueprint,
    {
        404: "There is no such session.",
        409: "The capture is not complete.",
        410: "The session has ended.",
        429: "The same capture is already being sent in.",
        503: "Faces can't be compared right now.",
    },
)
def finish(body: PassedCapture) -> RequestNumber:
    """Send in a passed capture

    If the ID is on the list, faculty see the request with this `number` for three days. Until they accept it, the face
    is sealed and compared with nobody. If you send this again, you get the same answer.
    """
    sent = current_services().self_registration.finish(body.challenge, actor())
    note_students([sent.student] if sent.student is not None else [])
    return RequestNumber(number=sent.number)


@blueprint.post("/students/<key>/self-registration")
@blueprint.input(AcceptedRequest, location="json", arg_name="body")
@blueprint.output(EnrolmentOut, status_code=201)
@describe(
    blueprint,
    {
        404: "There is no such student or request.",
        409: "The face belongs to someone else (`face_of_another`), or the models have changed since (`other_models`).",
        503: "Faces can't be compared right now.",
    },
)
def accept(key: str, body: AcceptedRequest) -> EnrolmentOut:
    """Accept a self-registration

    Accept it only after you have checked that the person is this student. The face replaces any earlier one, and the
    consent given with it is recorded. `id` is the ID of the student's `waiting`.
    """
    services = current_services()
    by = known_caller().name
    enrolled = services.self_registration.accept(key, body.id, by, EnrolmentWish(body.confirm_other, scope=scope()))
    note(faces=enrolled.faces)
    if enrolled.source == "camera_straight":
        note(without_turns=True)
    if enrolled.replaced:
        services.face_notices.note(key, known_caller().key)
    student = student_out(services.students.shown(enrolled.student, scope()), services.time)
    return EnrolmentOut(student=student, faces=enrolled.faces, weak=enrolled.weak)


@blueprint.delete("/students/<key>/self-registration")
@blueprint.input(RequestQuery, location="query", arg_name="query")
@blueprint.output(StudentOut)
@describe(blueprint, {404: "There is no such student or request.", 409: "The student isn't on the list."})
def decline(key: str, query: RequestQuery) -> StudentOut:
    """Decline a self-registration

    The face that waited is erased. Nothing else changes.
    """
    services = current_services()
    return student_out(
        services.students.shown(services.self_registration.decline(key, query.id), scope()), services.time
    )
