"""/consents: the consent text, and recording and withdrawing consent."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.web.http.access_rules import AnyRule, Rule, known_caller, scope
from secure_attend.web.http.audit_rules import NotAudited, changes, note, note_students
from secure_attend.web.http.course_rules import in_course, require_students
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.privacy_schemas import ConsentTextOut, NewConsents, SeveralStudents
from secure_attend.web.schemas.serialise import student_out
from secure_attend.web.schemas.student_schemas import StudentOut

blueprint = APIBlueprint("consents", __name__, tag="Consent")
RULE = in_course("lecturer", "assistant")
AUDIT = {
    "consent_text": NotAudited("everyone is shown the text"),
    "record_consents": changes(AuditedAction.RECORD_CONSENT),
    "withdraw_consent": changes(AuditedAction.WITHDRAW_CONSENT, about="student"),
}
EXCEPT_FOR: Mapping[str, AnyRule] = {"consent_text": Rule.CALLER, "withdraw_consent": in_course("lecturer")}


@blueprint.get("/consents/text")
@blueprint.output(ConsentTextOut)
def consent_text() -> ConsentTextOut:
    """Get the consent text

    Students agree to it before their face is registered. `version` changes whenever the text changes.
    """
    text = current_services().consents.text
    return ConsentTextOut(version=text.version, words=text.words)


@blueprint.post("/consents")
@blueprint.input(NewConsents, location="json", arg_name="body")
@blueprint.output(SeveralStudents, status_code=201)
@describe(
    blueprint,
    {
        404: "One of the students doesn't exist.",
        409: "A student was removed from the list, or `version` isn't the present text's (`other_consent_text`).",
    },
)
def record_consents(body: NewConsents) -> SeveralStudents:
    """Record that students agreed

    Records all of them or none. `way` says whether they agreed in person or signed on paper. The record keeps who
    entered it, and when. An earlier consent to the same text stays as it is.
    """
    services = current_services()
    require_students(scope(), body.keys, "lecturer", "assistant")
    students = services.consents.record(body.keys, body.way, known_caller().name, body.version)
    note_students([student.key for student in students])
    note(way=body.way, version=body.version)
    return SeveralStudents(
        students=[student_out(listed, services.time) for listed in services.students.shown_all(students, scope())]
    )


@blueprint.delete("/students/<key>/consent")
@blueprint.output(StudentOut)
@describe(blueprint, {404: "There is no such student."})
def withdraw_consent(key: str) -> StudentOut:
    """Withdraw a student's consent

    This erases the registered face immediately, and any face that waits to be accepted. The record keeps that consent
    was withdrawn, when, and who entered it. If a face was registered, the student's other lecturers are told for two
    weeks.
    """
    services = current_services()
    had_face = bool(services.students.get(key).templates)
    student = services.consents.withdraw(key, known_caller().name)
    if had_face:
        services.face_notices.note(key, known_caller().key)
    return student_out(services.students.shown(student, scope()), services.time)
