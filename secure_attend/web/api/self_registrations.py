"""/self-registrations: students register at a kiosk, faculty say whether it is who they claim."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import Act
from secure_attend.access.rate_limits import SELF_REGISTRATION
from secure_attend.web.http.access_rules import Rule, access, kiosk, known_caller, who
from secure_attend.web.http.audit_rules import NotAudited, changes, note, note_students
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.check_in_schemas import ChallengeOut
from secure_attend.web.schemas.privacy_schemas import (
    AcceptedRequest,
    NewSelfRegistration,
    PassedCapture,
    RequestNumber,
    RequestQuery,
)
from secure_attend.web.schemas.serialise import challenge_out, services, student_out
from secure_attend.web.schemas.student_schemas import EnrolmentOut, StudentOut

blueprint = APIBlueprint("self_registrations", __name__, tag="Faces")
RULE = Rule.FACULTY
AUDIT = {
    "begin": NotAudited("a capture that is begun; what it leads to is entered"),
    "finish": changes(Act.REGISTER_ONESELF),
    "accept": changes(Act.ACCEPT_FACE, about="student"),
    "decline": changes(Act.DECLINE_FACE, about="student"),
}
EXCEPT_FOR = {"begin": Rule.KIOSK, "finish": Rule.KIOSK}


@blueprint.post("/self-registrations")
@blueprint.input(NewSelfRegistration, location="json", arg_name="body")
@blueprint.output(ChallengeOut, status_code=201)
@describe(
    blueprint,
    {
        403: "The site does not allow it (`self_registration_off`), or a page of another site asks.",
        409: "`version` is not the present consent text's (`other_consent_text`).",
        429: "Too many from this kiosk in a row, or too many sessions are open.",
        503: "No face can be compared now.",
    },
)
def begin(body: NewSelfRegistration) -> ChallengeOut:
    """Begin to register at a kiosk

    The student has read the consent text of `version` and agreed. Answers a guided capture for whatever ID was typed: a
    kiosk cannot tell which are on the list. Its frames go to `/challenges/{id}/frames`.
    """
    access().limits.take(SELF_REGISTRATION, kiosk())
    return challenge_out(services().self_registration.begin(body.student_id, body.version, who()))


@blueprint.post("/self-registrations/requests")
@blueprint.input(PassedCapture, location="json", arg_name="body")
@blueprint.output(RequestNumber, status_code=201)
@describe(
    blueprint,
    {
        404: "There is no such session any more.",
        409: "Not everything that was asked has been done.",
        410: "The session is over.",
        429: "The same is being handed in already.",
        503: "No face can be compared now.",
    },
)
def finish(body: PassedCapture) -> RequestNumber:
    """Hand in a passed capture

    If the ID is on the list, faculty see the request, with this `number`, for three days; until they accept it the face
    is sealed and compared with nobody. Asked again, the answer is the same.
    """
    here = services()
    number = here.self_registration.finish(body.challenge, who())
    note_students([one.key for one in here.store.students() if one.held is not None and one.held.number == number])
    return RequestNumber(number=number)


@blueprint.post("/students/<key>/self-registration")
@blueprint.input(AcceptedRequest, location="json", arg_name="body")
@blueprint.output(EnrolmentOut, status_code=201)
@describe(
    blueprint,
    {
        404: "There is no such student, or the request waits no more.",
        409: "The face is someone else's (`face_of_another`), or the models have changed since (`other_models`).",
        503: "No face can be compared now.",
    },
)
def accept(key: str, body: AcceptedRequest) -> EnrolmentOut:
    """Accept a student's own registration

    For a lecturer who saw that it is this student. The face takes the place of any before, and the consent that was
    given with it is recorded. `id` is that of the student's `waiting`.
    """
    here = services()
    by = known_caller().name
    enrolled = here.self_registration.accept(key, body.id, by, confirm_other=body.confirm_other)
    note(faces=enrolled.faces)
    student = student_out(here.students.shown(enrolled.student), here.time)
    return EnrolmentOut(student=student, faces=enrolled.faces, weak=enrolled.weak)


@blueprint.delete("/students/<key>/self-registration")
@blueprint.input(RequestQuery, location="query", arg_name="query")
@blueprint.output(StudentOut)
@describe(blueprint, {404: "There is no such student, or the request waits no more.", 409: "Not on the list."})
def decline(key: str, query: RequestQuery) -> StudentOut:
    """Decline a student's own registration

    The face that waited is erased; nothing else changes.
    """
    here = services()
    return student_out(here.students.shown(here.self_registration.decline(key, query.id)), here.time)
