"""/students: the list, one student, removing, erasing, checking in by hand."""

from __future__ import annotations

from hashlib import sha256

from apiflask import APIBlueprint
from flask import Response, request

from secure_attend.access.audited_actions import Act
from secure_attend.web.http.access_rules import Rule, access, require, who
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note, note_students
from secure_attend.web.http.body import json_limit
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import PersonalCode
from secure_attend.web.schemas.check_in_schemas import CheckInByHandOut, RecordList, RecordQuery
from secure_attend.web.schemas.serialise import fresh_record_out, record_out, services, student_out
from secure_attend.web.schemas.student_schemas import (
    Erased,
    Erasure,
    NewStudent,
    Removals,
    Removed,
    StudentChange,
    StudentList,
    StudentOut,
    StudentQuery,
)

blueprint = APIBlueprint("students", __name__, tag="Students")
MOST_REMOVALS_BYTES = 1_000_000
UNKNOWN = {404: "There is no such student."}
AUDIT = {
    "list_students": looks(Act.LIST_STUDENTS, polled=True),
    "add_student": changes(Act.ADD_STUDENT),
    "one_student": looks(Act.SEE_STUDENT, about="student"),
    "change_student": changes(Act.CHANGE_STUDENT, about="student"),
    "erase_student": changes(Act.ERASE_STUDENT, about="student"),
    "remove_students": changes(Act.REMOVE_STUDENTS),
    "issue_code": changes(Act.ISSUE_CODE, about="student"),
    "check_in_by_hand": NotAudited("the attendance log says who checked whom in"),
    "attendance": looks(Act.SEE_ATTENDANCE, about="student"),
}


@blueprint.get("/students")
@blueprint.input(StudentQuery, location="query", arg_name="query")
@blueprint.output(StudentList)
@describe(
    blueprint,
    {
        304: "Nothing changed since the ETag in If-None-Match.",
        409: "`after` names a student who was erased meanwhile: begin again without it.",
    },
)
def list_students(query: StudentQuery) -> StudentList | Response:
    """The list of students

    In the order they were added; `removed=1` shows also those removed. `total`, `registered` and `present` count
    everyone on the list, whatever the search. Ask for `after` = `next` to go on.
    """
    here = services()
    note(searched=bool(query.search), removed=query.removed, part=query.after is not None)
    today = here.time.today()
    state = f"{here.instance} {here.store.version} {today} {query!r}"
    etag = sha256(state.encode()).hexdigest()[:32]
    if etag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{etag}"'})
    page = here.students.page(search=query.search, removed=query.removed, limit=query.limit, after=query.after)
    answer = StudentList(
        students=[student_out(listed, here.time) for listed in page.students],
        total=page.total,
        registered=page.registered,
        present=page.present,
        next=page.next,
        date=today,
    )
    return Response(answer.model_dump_json(), content_type="application/json", headers={"ETag": f'"{etag}"'})


@blueprint.post("/students")
@blueprint.input(NewStudent, location="json", arg_name="body")
@blueprint.output(StudentOut, status_code=201)
@describe(blueprint, {409: "The ID is taken."})
def add_student(body: NewStudent) -> StudentOut:
    """Add one student"""
    here = services()
    student = here.students.add(body.student_id, body.name, body.email)
    note_students([student.key])
    return student_out(here.students.shown(student), here.time)


@blueprint.get("/students/<key>")
@blueprint.output(StudentOut)
@describe(blueprint, UNKNOWN)
def one_student(key: str) -> StudentOut:
    """One student"""
    here = services()
    return student_out(here.students.shown(here.students.get(key)), here.time)


@blueprint.patch("/students/<key>")
@blueprint.input(StudentChange, location="json", arg_name="body")
@blueprint.output(StudentOut)
@describe(blueprint, UNKNOWN)
def change_student(key: str, body: StudentChange) -> StudentOut:
    """Change, remove or restore a student

    `removed: true` takes the student off the list: the registered face is erased, the attendance stays. `false`
    brings the student back.
    """
    here = services()
    note(name=body.name is not None, email=body.email is not None, removed=body.removed)
    student = here.students.change(key, name=body.name, email=body.email, removed=body.removed)
    if body.removed:
        access().codes.forget([key])
    return student_out(here.students.shown(student), here.time)


@blueprint.delete("/students/<key>")
@blueprint.output(Erasure)
@describe(blueprint, UNKNOWN)
def erase_student(key: str) -> Erasure:
    """Erase a student

    Name, ID, address and face are gone for good; the rows of the log stay and name nobody.
    """
    here = services()
    here.students.get(key)
    access().codes.forget([key])  # first: erasing then empties the journal of a database, where it stood as well
    student, records = here.students.erase(key)
    note(records=records)
    return Erasure(erased=Erased(student_id=student.student_id, records=records))


@blueprint.post("/students/removals")
@json_limit(MOST_REMOVALS_BYTES)
@blueprint.input(Removals, location="json", arg_name="body")
@blueprint.output(Removed)
@describe(blueprint, UNKNOWN)
def remove_students(body: Removals) -> Removed:
    """Remove several students from the list

    As `removed: true` for each; all or none.
    """
    removed = services().students.remove(body.keys)
    note_students(body.keys)
    access().codes.forget(body.keys)
    return Removed(removed=removed)


@blueprint.post("/students/<key>/code")
@blueprint.output(PersonalCode, status_code=201)
@describe(blueprint, UNKNOWN | {409: "Not on the list."})
def issue_code(key: str) -> PersonalCode:
    """Issue a personal code

    Six digits, told this once, in place of any before. With the ID they check the student in at a kiosk, and show the
    own attendance there.
    """
    return PersonalCode(code=access().codes.issue(services().students.on_list(key).key))


@blueprint.post("/students/<key>/check-ins")
@blueprint.output(CheckInByHandOut, status_code=201)
@describe(blueprint, UNKNOWN | {200: "Checked in already, within the site's interval.", 409: "Not on the list."})
def check_in_by_hand(key: str) -> tuple[CheckInByHandOut, int]:
    """Check a student in by hand"""
    here = services()
    done = here.check_in.by_hand(key, who())
    answer = CheckInByHandOut(record=fresh_record_out(done.record, here.time), already=done.already)
    return answer, 200 if done.already else 201


@blueprint.get("/students/<key>/attendance")
@blueprint.input(RecordQuery, location="query", arg_name="query")
@blueprint.output(RecordList)
@describe(blueprint, UNKNOWN | {403: "Only an admin may ask for `methods`."})
def attendance(key: str, query: RecordQuery) -> RecordList:
    """A student's records, newest first, cancellations included

    Check-ins that the student made are `kiosk`; an admin who asks for `methods=1` is told which were by face and which
    by ID and code.
    """
    here = services()
    if query.methods:
        require(Rule.ADMIN)
        note(methods=True)
    page = here.history.page(here.students.get(key), limit=query.limit, after=query.after)
    records = [record_out(logged, here.time, methods=query.methods) for logged in page.records]
    return RecordList(records=records, next=page.next)
