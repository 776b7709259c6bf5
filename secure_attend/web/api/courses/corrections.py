"""/students/{key}/corrections and /students/{key}/merge: earlier names and IDs, and two entries of one person."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.corrections.corrections import PlannedMerge
from secure_attend.attendance.corrections.merging import MergeChoices
from secure_attend.attendance.site_time import utc_text
from secure_attend.storage.values import Student
from secure_attend.web.api.courses.members import members_noted
from secure_attend.web.http.access_rules import Rule, actor, scope
from secure_attend.web.http.audit_rules import changes, looks, note, note_students
from secure_attend.web.http.site_parts import current_access, current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.correction_schemas import (
    CorrectionOut,
    CorrectionsOut,
    MergeBody,
    MergedAs,
    MergedEntryOut,
    MergeNote,
    MergePlanOut,
    MergeQuery,
    OneOf,
    UndoneCorrection,
)
from secure_attend.web.schemas.serialise import former_out, student_out
from secure_attend.web.schemas.student_schemas import StudentOut

blueprint = APIBlueprint("corrections", __name__, tag="Students")
RULE = Rule.REGISTRAR
AUDIT = {
    "corrections": looks(AuditedAction.SEE_CORRECTIONS, about="student"),
    "undo_correction": changes(AuditedAction.UNDO_CORRECTION, about="student"),
    "plan_merge": looks(AuditedAction.SEE_MERGE, about="student"),
    "merge_students": changes(AuditedAction.MERGE_STUDENTS, about="student"),
}
UNKNOWN = {404: "There is no such student."}
NOT_MERGED = {
    409: "Both are one entry (`same_entry`), the entry that stays was removed from the list, a face waits for an "
    "answer (`face_waiting`), or attendance of one is `locked`. Nothing was changed."
}


@blueprint.get("/students/<key>/corrections")
@blueprint.output(CorrectionsOut)
@describe(blueprint, UNKNOWN)
def corrections(key: str) -> CorrectionsOut:
    """Get a student's earlier names and IDs

    The newest come first. Nothing else shows them: not the pages, not a search, not an export of attendance. `undo` is
    the last correction, while it can be undone: an ID that was corrected, or an entry that was merged.
    """
    services = current_services()
    student, last = services.students.get(key), services.corrections.last(key)
    undo = None
    if last is not None:
        undo = CorrectionOut(
            what=last.what,
            by=last.by,
            at=utc_text(last.at),
            on=services.time.date_of(last.at),
            student_id=last.before.student_id,
            other_id=last.other.student_id if last.other is not None else None,
        )
    return CorrectionsOut(former=former_out(student, services.time), undo=undo)


@blueprint.post("/students/<key>/corrections/undo")
@blueprint.output(UndoneCorrection)
@describe(
    blueprint,
    UNKNOWN
    | {
        409: "There is nothing to undo, or something of the student changed since, or a month is over "
        "(`correction_changed`). Or the days of a course are `locked`."
    },
)
def undo_correction(key: str) -> UndoneCorrection:
    """Undo the last correction

    The ID becomes what it was. A merged entry becomes an entry of its own again, with its face, courses and past
    (`other`). What was recorded since the merge stays with the student.
    """
    services = current_services()
    last = services.corrections.last(key)
    merged = [last.other.key] if last is not None and last.other is not None else []
    with members_noted([key, *merged]):
        undone, student = services.corrections.undo(key)
    note(what=undone.what)
    if undone.other is None:
        return UndoneCorrection(student=_out(student), other=None)
    note_students([undone.other.key])
    return UndoneCorrection(student=_out(student), other=_out(services.students.get(undone.other.key)))


@blueprint.get("/students/<key>/merge")
@blueprint.input(MergeQuery, location="query", arg_name="query")
@blueprint.output(MergePlanOut)
@describe(blueprint, UNKNOWN | NOT_MERGED)
def plan_merge(key: str, query: MergeQuery) -> MergePlanOut:
    """Preview the merge of two entries

    Nothing is changed. `other` is the key or ID of the other entry. `notes` say what becomes of the faces
    (`face_of_other`, `face_no_longer_used`, `faces_erased` because consent was withdrawn), of the consent
    (`consent_of_other`) and of the personal codes (`code_of_other`, `code_no_longer_used`).
    """
    services = current_services()
    planned = services.corrections.planned(key, query.other, _choices(key, query))
    note_students([query.other])
    kept, other = (_side(*each) for each in zip((planned.kept, planned.other), planned.records, strict=True))
    after = planned.after
    return MergePlanOut(
        this=kept if planned.kept.key == key else other,
        other=other if planned.kept.key == key else kept,
        after=MergedAs(
            key=after.key,
            student_id=after.student_id,
            name=after.name,
            known_as=after.known_as,
            email=after.email,
        ),
        notes=_notes(planned, key),
    )


@blueprint.post("/students/<key>/merge")
@blueprint.input(MergeBody, location="json", arg_name="body")
@blueprint.output(StudentOut)
@describe(blueprint, UNKNOWN | NOT_MERGED)
def merge_students(key: str, body: MergeBody) -> StudentOut:
    """Merge two entries of one person

    Courses, marks, excuses, requests and all records are combined. `id_of` and `name_of` say whose ID and name the
    student has afterwards; the other ID still finds the student. `face_of` says whose face and key stay: by default the
    entry's that has a face, and this one's if both have. The consent that was given or withdrawn last holds, whichever
    entry has it. Until the next change of the student, and for a month at most, it can be undone.
    """
    services = current_services()
    note_students([body.other])
    note(id_of=body.id_of, name_of=body.name_of, face_of=body.face_of)
    with members_noted([key, body.other]):
        student = services.corrections.merge(key, body.other, _choices(key, body), actor().name)
    return _out(student)


def _choices(key: str, given: MergeQuery | MergeBody) -> MergeChoices:
    def entry(of: OneOf) -> str:
        return given.other if of == "other" else key

    face_of = entry(given.face_of) if given.face_of is not None else None
    return MergeChoices(entry(given.id_of), entry(given.name_of), face_of)


def _notes(planned: PlannedMerge, key: str) -> list[MergeNote]:
    kept, other, codes = planned.kept, planned.other, current_access().codes
    code_kept, code_other = codes.issued([kept.key]), codes.issued([other.key])
    withdrawn = planned.after.consent is not None and not planned.after.consents
    found: dict[MergeNote, bool] = {
        "face_of_other": kept.key != key,
        "face_no_longer_used": bool(other.templates) and not withdrawn,
        "faces_erased": withdrawn and bool(kept.templates or other.templates),
        "consent_of_other": planned.after.consent != kept.consent,
        "code_of_other": code_other and not code_kept,
        "code_no_longer_used": code_other and code_kept,
    }
    return [name for name, there in found.items() if there]


def _side(student: Student, records: int) -> MergedEntryOut:
    issued = current_access().codes.issued([student.key])
    return MergedEntryOut(student=_out(student), records=records, code_issued=issued)


def _out(student: Student) -> StudentOut:
    services = current_services()
    return student_out(services.students.shown(student, scope()), services.time)
