"""/students/{key}/export: everything that is kept about one student."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, current_app

from secure_attend.access.audit import AuditSelection
from secure_attend.access.audited_actions import Act
from secure_attend.attendance.site_time import utc_text
from secure_attend.settings import Settings
from secure_attend.storage.store import Student
from secure_attend.web.http.access_rules import access
from secure_attend.web.http.audit_rules import looks, reader
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.privacy_schemas import CodeKept, DeedKept, FaceKept, StudentExport, StudentKept
from secure_attend.web.schemas.serialise import record_out, services, student_out

blueprint = APIBlueprint("exports", __name__, tag="Students")
AUDIT = {"export_student": looks(Act.EXPORT_STUDENT, about="student")}
NOT_INCLUDED = (
    "The numbers of the face templates: they leave this server in no way, because whoever had them could look for this "
    "face elsewhere or rebuild a likeness of it. The personal code: only a hash of it is kept. Which check-ins at a "
    "kiosk were by face and which by ID and code: an admin who asks for it is told (methods=1), and nobody else. Who "
    "of the faculty did what the audit trail holds, and from where: that is about them, and admins see it."
)


@blueprint.get("/students/<key>/export")
@blueprint.output(StudentExport)
@describe(blueprint, {404: "There is no such student."})
def export_student(key: str) -> Response:
    """Everything about one student

    For who asks what is kept about them: roster data, consent, faces without their numbers, the personal code's state,
    every record with its cancellation, and what the audit trail says was done about the student, oldest first.
    """
    answer = _everything(services().students.get(key))
    headers = {"Content-Disposition": f'attachment; filename="student-{key}.json"'}
    return Response(answer.model_dump_json(indent=1), content_type="application/json", headers=headers)


def _everything(student: Student) -> StudentExport:
    here = services()
    settings: Settings = current_app.extensions["secure_attend_settings"]
    shown = student_out(here.students.shown(student), here.time)
    return StudentExport(
        exported_at=utc_text(here.time.now()),
        site=settings.site_name,
        student=StudentKept(
            key=student.key,
            student_id=student.student_id,
            name=student.name,
            email=student.email,
            removed_at=utc_text(student.removed_at) if student.removed_at else None,
        ),
        consent=shown.consent,
        faces=[
            FaceKept(
                id=one.id,
                profile=one.profile,
                source=one.source,
                created_at=utc_text(one.created_at),
                quality=one.quality,
            )
            for one in student.templates
        ],
        faces_waiting=shown.waiting,
        personal_code=_code(student.key),
        alike=shown.alike,
        records=[record_out(logged, here.time) for logged in here.history.oldest_first(student)],
        audit=_audit(student.key),
        not_included=NOT_INCLUDED,
    )


def _audit(key: str) -> list[DeedKept]:
    found = reader().all(AuditSelection(about=f"student:{key}"))
    return [
        DeedKept(time=utc_text(one.entry.deed.time), what=one.words, refused=one.entry.deed.state == "refused")
        for one in found
    ]


def _code(key: str) -> CodeKept | None:
    code = access().codes.status(key)
    return CodeKept(issued_at=utc_text(code.issued_at), tries_left=code.tries) if code else None
