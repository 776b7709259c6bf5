"""/consents: what students agree to, who did, and taking it back."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import Act
from secure_attend.web.http.access_rules import Rule, known_caller
from secure_attend.web.http.audit_rules import NotAudited, changes, note, note_students
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.privacy_schemas import ConsentTextOut, NewConsents, SeveralStudents
from secure_attend.web.schemas.serialise import services, student_out
from secure_attend.web.schemas.student_schemas import StudentOut

blueprint = APIBlueprint("consents", __name__, tag="Consent")
RULE = Rule.FACULTY
AUDIT = {
    "consent_text": NotAudited("the text that everybody is shown"),
    "record_consents": changes(Act.RECORD_CONSENT),
    "withdraw_consent": changes(Act.WITHDRAW_CONSENT, about="student"),
}
EXCEPT_FOR = {"consent_text": Rule.KIOSK}


@blueprint.get("/consents/text")
@blueprint.output(ConsentTextOut)
def consent_text() -> ConsentTextOut:
    """What students agree to before a face is registered

    `version` changes with every change of the words.
    """
    text = services().consents.text
    return ConsentTextOut(version=text.version, words=text.words)


@blueprint.post("/consents")
@blueprint.input(NewConsents, location="json", arg_name="body")
@blueprint.output(SeveralStudents, status_code=201)
@describe(
    blueprint,
    {
        404: "One of them is no student.",
        409: "One was removed from the list, or `version` is not the present text's (`other_consent_text`).",
    },
)
def record_consents(body: NewConsents) -> SeveralStudents:
    """Record that students agreed

    All or none. `way`: before the lecturer's eyes, or by signing on paper. Who records it, and when, is kept with it.
    A consent to the same text that is there already stays as it is.
    """
    here = services()
    students = here.consents.record(body.keys, body.way, known_caller().name, body.version)
    note_students([student.key for student in students])
    note(way=body.way, version=body.version)
    return SeveralStudents(students=[student_out(listed, here.time) for listed in here.students.shown_all(students)])


@blueprint.delete("/students/<key>/consent")
@blueprint.output(StudentOut)
@describe(blueprint, {404: "There is no such student."})
def withdraw_consent(key: str) -> StudentOut:
    """Withdraw a student's consent

    The registered face is erased in the same moment, faces that wait too. That it was withdrawn, when, and who recorded
    it, is kept.
    """
    here = services()
    student = here.consents.withdraw(key, known_caller().name)
    return student_out(here.students.shown(student), here.time)
