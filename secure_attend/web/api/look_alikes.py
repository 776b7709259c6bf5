"""/students/{key}/alike: who is marked as looking like a student."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import Act
from secure_attend.web.http.access_rules import access
from secure_attend.web.http.audit_rules import changes, looks, note_students
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.serialise import name_of, services, student_out
from secure_attend.web.schemas.student_schemas import LookAlikes, StudentOut

blueprint = APIBlueprint("alike", __name__, tag="Faces")
AUDIT = {
    "look_alikes": looks(Act.SEE_LOOK_ALIKES, about="student"),
    "tell_apart": changes(Act.TELL_APART, about="student"),
}


@blueprint.get("/students/<key>/alike")
@blueprint.output(LookAlikes)
@describe(blueprint, {404: "There is no such student."})
def look_alikes(key: str) -> LookAlikes:
    """Who looks like a student

    Those for whom `confirm_other` was set when one of the two was registered. Whoever of them checks in by face is
    asked for the personal code too; `code_issued` says whether this student has one that counts.
    """
    found = services().students.looking_like(key)
    return LookAlikes(students=[name_of(student) for student in found], code_issued=access().codes.issued([key]))


@blueprint.delete("/students/<key>/alike/<other>")
@blueprint.output(StudentOut)
@describe(blueprint, {404: "There is no such student, or the two are not marked."})
def tell_apart(key: str, other: str) -> StudentOut:
    """Take the mark away

    The two are told apart by face alone again.
    """
    here = services()
    student = here.students.tell_apart(key, other)
    note_students([other])
    return student_out(here.students.shown(student), here.time)
