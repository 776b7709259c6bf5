"""/students/{key}/export: everything the site keeps about one student."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from secure_attend.access.audit import AuditSelection
from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.corrections.correction import CORRECTIONS
from secure_attend.attendance.reader_scope import ReaderScope
from secure_attend.attendance.site_time import utc_text
from secure_attend.storage.documents import without_students
from secure_attend.storage.values import Student
from secure_attend.web.http.access_rules import scope
from secure_attend.web.http.attachments import JSON, attachment
from secure_attend.web.http.audit_rules import looks
from secure_attend.web.http.site_parts import current_access, current_services, current_site
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.privacy_schemas import (
    ExportedCode,
    ExportedDocument,
    ExportedEvent,
    ExportedFace,
    ExportedStudent,
    StudentExport,
)
from secure_attend.web.schemas.serialise import former_out, record_out, student_out

blueprint = APIBlueprint("exports", __name__, tag="Students")
AUDIT = {"export_student": looks(AuditedAction.EXPORT_STUDENT, about="student")}
NOT_INCLUDED = (
    "The numbers of the face templates: they never leave this server, because someone who had them could look for this "
    "face elsewhere or rebuild a likeness of it. The personal code: only a hash of it is kept. Which check-ins at a "
    "kiosk were by face and which by ID and code: only admins can see this (methods=1). Which faculty member did what "
    "the audit trail holds, and from where: that is about them, and only admins can see it. Which other students look "
    "like this one: that is about them, so `alike` only counts them."
)


@blueprint.get("/students/<key>/export")
@blueprint.output(StudentExport)
@describe(blueprint, {404: "There is no such student."})
def export_student(key: str) -> Response:
    """Export everything about a student

    Use this to answer a student who asks what you keep about them: roster data, consent, faces without their numbers,
    the state of the personal code, every record with its cancellation, every mark and excuse with remark and note, and
    what the audit trail says about the student, oldest first. Earlier names and IDs are in it too. `alike` is how many
    other students look like this one, so that the personal code is asked for too. The export concerns all of the
    student's courses, so it is for registrars once a site has a course.
    """
    answer = everything_about(current_services().students.get(key), scope())
    return attachment(answer.model_dump_json(indent=1), JSON, f"student-{key}.json")


def everything_about(student: Student, seen: ReaderScope) -> StudentExport:
    """Return the export of a student for somebody with this scope."""
    site = current_site()
    services = site.services
    shown = student_out(services.students.shown(student, seen), services.time)
    return StudentExport(
        exported_at=utc_text(services.time.now()),
        site=site.settings.site_name,
        student=ExportedStudent(
            key=student.key,
            student_id=student.student_id,
            name=student.name,
            known_as=student.known_as,
            former=former_out(student, services.time),
            email=student.email,
            removed_at=utc_text(student.removed_at) if student.removed_at else None,
        ),
        consent=shown.consent,
        faces=[
            ExportedFace(
                id=template.id,
                profile=template.profile,
                source=template.source,
                created_at=utc_text(template.created_at),
                quality=template.quality,
            )
            for template in student.templates
        ],
        faces_waiting=shown.waiting,
        personal_code=_personal_code(student.key),
        alike=len(shown.alike),
        records=[record_out(logged, services.time) for logged in services.history.oldest_first(student)],
        documents=_documents(student.key),
        audit=_audit_events(student.key),
        not_included=NOT_INCLUDED,
    )


def _documents(key: str) -> list[ExportedDocument]:
    """Return what the site decided about the student, without the other students it is about. A correction of another
    student may move a document that names this one, and is about the other student all the same."""
    about = current_services().store.documents.about(key)
    return [
        ExportedDocument(
            kind=document.kind,
            value=without_students(document.value, set(document.about) - {key}),
            written_at=utc_text(document.written_at) if document.written_at else None,
        )
        for document in about
        if document.kind != CORRECTIONS.name or document.key == key
    ]


def _audit_events(key: str) -> list[ExportedEvent]:
    entries = current_site().audit_reader.all(AuditSelection(about=f"student:{key}"))
    return [
        ExportedEvent(
            time=utc_text(shown.entry.deed.time), what=shown.words, refused=shown.entry.deed.state == "refused"
        )
        for shown in entries
    ]


def _personal_code(key: str) -> ExportedCode | None:
    code = current_access().codes.status(key)
    if code is None:
        return None
    return ExportedCode(issued_at=utc_text(code.issued_at), issued_by=code.issued_by, tries_left=code.tries)
