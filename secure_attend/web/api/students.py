"""/students: the list, one student, removing, erasing, and checking in by hand."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint
from flask import Response, request

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.services import Services
from secure_attend.attendance.students.erasing_reason import reason_without_name
from secure_attend.errors import DomainError
from secure_attend.storage.values import Student
from secure_attend.web.api.courses.members import members_noted
from secure_attend.web.http.access_rules import AnyRule, Rule, actor, known_caller, require, scope, scoped_etag
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note, note_students
from secure_attend.web.http.body import json_limit
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_access, current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import PersonalCode
from secure_attend.web.schemas.check_in_schemas import CheckInByHandOut, RecordList, RecordQuery
from secure_attend.web.schemas.serialise import fresh_record_out, record_out, student_out
from secure_attend.web.schemas.student_schemas import (
    Erased,
    Erasure,
    ErasureQuery,
    NewStudent,
    Removals,
    Removed,
    SavedStudentOut,
    StudentChange,
    StudentList,
    StudentOut,
    StudentQuery,
)

blueprint = APIBlueprint("students", __name__, tag="Students")
RULE = Rule.REGISTRAR
EXCEPT_FOR: Mapping[str, AnyRule] = {
    "list_students": Rule.READER,
    "one_student": in_course("lecturer", "assistant", "viewer", officer=True),
    "issue_code": in_course("lecturer", "assistant"),
    "check_in_by_hand": in_course("lecturer", "assistant"),
    "attendance": in_course("lecturer", "assistant", "viewer"),
}
MOST_REMOVALS_BYTES = 1_000_000
UNKNOWN = {404: "There is no such student."}
NOT_ON_LIST = "The student isn't on the list."
AUDIT = {
    "list_students": looks(AuditedAction.LIST_STUDENTS, polled=True),
    "add_student": changes(AuditedAction.ADD_STUDENT),
    "one_student": looks(AuditedAction.SEE_STUDENT, about="student"),
    "change_student": changes(AuditedAction.CHANGE_STUDENT, about="student"),
    "erase_student": changes(AuditedAction.ERASE_STUDENT, about="student"),
    "remove_students": changes(AuditedAction.REMOVE_STUDENTS),
    "issue_code": changes(AuditedAction.ISSUE_CODE, about="student"),
    "check_in_by_hand": NotAudited("the attendance log says who checked whom in"),
    "attendance": looks(AuditedAction.SEE_ATTENDANCE, about="student"),
}


@blueprint.get("/students")
@blueprint.input(StudentQuery, location="query", arg_name="query")
@blueprint.output(StudentList)
@describe(
    blueprint,
    {
        304: "Nothing has changed since the ETag in If-None-Match.",
        409: "`after` names a student who was erased meanwhile: start again without it.",
    },
)
def list_students(query: StudentQuery) -> StudentList | Response:
    """List the students

    Students come in the order they were added. `removed=1` includes removed students. `total`, `registered` and
    `present` count everyone on the list, whatever you search for. For the next page, ask for `after` = `next`.

    Lecturers get the students of their own courses, and those alone are counted. Registrars get everyone, and so do
    lecturers of a site without any course. Privacy officers get everyone too, without any attendance. `role` is the
    highest that you have in a course with the student; it is `lecturer` if you may see everyone's attendance. Of a
    student who is known by another name, `name` is the official one for registrars, and that other one for everybody
    else.
    """
    services = current_services()
    note(searched=bool(query.search), removed=query.removed, part=query.after is not None)
    today = services.time.today()
    etag = scoped_etag(services.instance, services.store.version, today, repr(query))
    if etag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{etag}"'})
    page = services.students.page(
        scope(), search=query.search, removed=query.removed, limit=query.limit, after=query.after
    )
    answer = StudentList(
        students=[student_out(listed, services.time) for listed in page.students],
        total=page.total,
        registered=page.registered,
        present=page.present,
        next=page.next,
        date=today,
    )
    return Response(answer.model_dump_json(), content_type="application/json", headers={"ETag": f'"{etag}"'})


@blueprint.post("/students")
@blueprint.input(NewStudent, location="json", arg_name="body")
@blueprint.output(SavedStudentOut, status_code=201)
@describe(blueprint, {409: "Another student has this ID."})
def add_student(body: NewStudent) -> SavedStudentOut:
    """Add a student

    `warnings` has a sentence if another student's ID looks like the new one, such as `O1` and `01`.
    """
    services = current_services()
    student = services.students.add(body.student_id, body.name, body.email, body.known_as)
    note_students([student.key])
    return _saved(services, student)


@blueprint.get("/students/<key>")
@blueprint.output(StudentOut)
@describe(blueprint, UNKNOWN)
def one_student(key: str) -> StudentOut:
    """Get a student"""
    services = current_services()
    return student_out(services.students.shown(services.students.get(key), scope()), services.time)


@blueprint.patch("/students/<key>")
@blueprint.input(StudentChange, location="json", arg_name="body")
@blueprint.output(SavedStudentOut)
@describe(blueprint, UNKNOWN | {409: "The ID is another student's (`student_exists`). Nothing was changed."})
def change_student(key: str, body: StudentChange) -> SavedStudentOut:
    """Change, remove or restore a student

    `removed: true` takes the student off the list: the registered face is erased, and the attendance stays. `false`
    brings the student back. `student_id` corrects the ID: face, consent, code, courses and the past stay with the
    student, and until the next change of the student it can be undone. `known_as` is the name to be shown and greeted
    by: of a student who has one, only registrars see the official `name`. "" means that it is the official one.
    `more_time: true` gives the student three times as long for each step of a check-in, from the next one on.
    No reason is asked or kept.
    """
    services = current_services()
    note(
        student_id=body.student_id is not None,
        name=body.name is not None,
        email=body.email is not None,
        known_as=body.known_as is not None,
        removed=body.removed,
        more_time=body.more_time,
    )
    with members_noted([key] if body.removed else []):
        student = services.corrections.change(
            key,
            actor().name,
            student_id=body.student_id,
            name=body.name,
            email=body.email,
            known_as=body.known_as,
            removed=body.removed,
            more_time=body.more_time,
        )
    if body.removed:
        current_access().codes.forget([key])
    return _saved(services, student, warn=body.student_id is not None)


def _saved(services: Services, student: Student, *, warn: bool = True) -> SavedStudentOut:
    """Return a student who was just written, with warnings about the ID."""
    shown = student_out(services.students.shown(student, scope()), services.time)
    return SavedStudentOut(**dict(shown), warnings=services.students.mistaken_for(student, scope()) if warn else [])


@blueprint.delete("/students/<key>")
@blueprint.input(ErasureQuery, location="query", arg_name="query")
@blueprint.output(Erasure)
@describe(blueprint, UNKNOWN | {409: "There is a hold on the student, or on a course of theirs (`on_hold`)."})
def erase_student(key: str, query: ErasureQuery) -> Erasure:
    """Erase a student

    This deletes the name, ID, email address and face for good, and every reason, note and request. The rows of the log
    stay, but name nobody. The `reason` is entered in the audit trail, which nobody can change. It must not name the
    student.
    """
    services = current_services()
    services.holds.refuse_erasing(key)
    note(reason=reason_without_name(query.reason, services.store, services.students.get(key)))
    current_access().codes.forget([key])  # first: erasing empties the database's journal, which holds the code too
    student, records = services.students.erase(key)
    note(records=records)
    return Erasure(erased=Erased(student_id=student.student_id, records=records))


@blueprint.post("/students/removals")
@json_limit(MOST_REMOVALS_BYTES)
@blueprint.input(Removals, location="json", arg_name="body")
@blueprint.output(Removed)
@describe(blueprint, UNKNOWN)
def remove_students(body: Removals) -> Removed:
    """Remove several students from the list

    The same as `removed: true` for each. Either all are removed or none.
    """
    with members_noted(body.keys):
        removed = current_services().students.remove(body.keys)
    note_students(body.keys)
    current_access().codes.forget(body.keys)
    return Removed(removed=removed)


@blueprint.post("/students/<key>/code")
@blueprint.output(PersonalCode, status_code=201)
@describe(blueprint, UNKNOWN | {409: NOT_ON_LIST})
def issue_code(key: str) -> PersonalCode:
    """Issue a personal code

    The code has six digits, is shown only this once, and replaces any earlier one. At a kiosk, the student uses it with
    the ID to check in or to see their own attendance. There, and on the page of their own, the student is told who
    issued it, and on which day.
    """
    codes, students = current_access().codes, current_services().students
    code = codes.issue(students.on_list(key).key, known_caller().name)
    try:
        students.on_list(key)
    except DomainError:  # removed or erased while the code waited to be hashed: it must not stay behind
        codes.forget([key])
        raise
    return PersonalCode(code=code)


@blueprint.post("/students/<key>/check-ins")
@blueprint.output(CheckInByHandOut, status_code=201)
@describe(
    blueprint,
    UNKNOWN
    | {
        200: "Already checked in, within the site's interval.",
        403: "Viewers only read, and nobody checks themselves in (`own_cell`).",
        409: "The student isn't on the list.",
    },
)
def check_in_by_hand(key: str) -> tuple[CheckInByHandOut, int]:
    """Check a student in by hand"""
    services = current_services()
    checked_in = services.check_in.by_hand(key, actor(), scope())
    answer = CheckInByHandOut(record=fresh_record_out(checked_in.record, services.time), already=checked_in.already)
    return answer, 200 if checked_in.already else 201


@blueprint.get("/students/<key>/attendance")
@blueprint.input(RecordQuery, location="query", arg_name="query")
@blueprint.output(RecordList)
@describe(blueprint, UNKNOWN | {403: "Only admins can ask for `methods`."})
def attendance(key: str, query: RecordQuery) -> RecordList:
    """List a student's records, newest first

    Cancellations, marks and excuses are included. `mark` has what a mark or an excuse says; its remark and note are for
    the course's lecturers and registrars. `cancelled` of a mark: another replaced it. The student's own check-ins are
    shown as `kiosk`. With `methods=1`, admins see which were by face and which by ID and code.
    """
    services = current_services()
    if query.methods:
        require(Rule.ADMIN)
        note(methods=True)
    page = services.history.page(services.students.get(key), scope(), limit=query.limit, after=query.after)
    records = [record_out(logged, services.time, methods=query.methods) for logged in page.records]
    return RecordList(records=records, next=page.next)
