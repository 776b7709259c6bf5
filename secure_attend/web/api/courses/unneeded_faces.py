"""/faces/unneeded: the faces of students in no current course, at the end of a term."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.web.http.access_rules import Rule, scope
from secure_attend.web.http.audit_rules import changes, looks, note, note_students
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.report_schemas import ErasedFaces, ErasingOfFaces, UnneededFacesOut
from secure_attend.web.schemas.serialise import name_of

blueprint = APIBlueprint("unneeded_faces", __name__, tag="Faces")
RULE = Rule.REGISTRAR
AUDIT = {
    "unneeded_faces": looks(AuditedAction.SEE_UNNEEDED_FACES),
    "erase_unneeded_faces": changes(AuditedAction.ERASE_UNNEEDED_FACES),
}


@blueprint.get("/faces/unneeded")
@blueprint.output(UnneededFacesOut)
def unneeded_faces() -> UnneededFacesOut:
    """List the students whose faces are no longer needed

    They have a face registered, or one that waits, and are in no course that runs today or later. `digest` names this
    list: send it to erase exactly these faces.
    """
    plan = current_services().unneeded_faces.plan(scope())
    note(students=len(plan.students))
    return UnneededFacesOut(students=[name_of(student) for student in plan.students], digest=plan.digest)


@blueprint.post("/faces/unneeded/erase")
@blueprint.input(ErasingOfFaces, location="json", arg_name="body")
@blueprint.output(ErasedFaces)
@describe(blueprint, {409: "The list is another by now (`plan_changed`). Nothing was erased. Look at it again."})
def erase_unneeded_faces(body: ErasingOfFaces) -> ErasedFaces:
    """Erase the faces that are no longer needed

    `plan` is the `digest` of the list that you looked at. Students, codes, consents and past attendance stay. Students
    who join a course later register a face again.
    """
    plan = current_services().unneeded_faces.erase(body.plan, scope())
    note(students=len(plan.students))
    note_students([student.key for student in plan.students])
    return ErasedFaces(erased=len(plan.students))
