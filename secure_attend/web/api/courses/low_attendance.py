"""/low-attendance and /students/<key>/contacts: who attends little across courses, and who was spoken with."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.low_attendance.contacts import Contact
from secure_attend.attendance.low_attendance.low_attendance import LowAttendanceList
from secure_attend.attendance.low_attendance.person_standing import StudentStanding
from secure_attend.web.api.courses.percentages import LIST_CHANGED
from secure_attend.web.api.courses.registers import UNCHANGED, with_etag
from secure_attend.web.http.access_rules import Rule, actor, scoped_etag
from secure_attend.web.http.audit_rules import changes, looks, note
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.courses.percentage_schemas import (
    ContactList,
    ContactOut,
    LowCourseOut,
    LowQuery,
    LowStudentList,
    LowStudentOut,
    NewContact,
)
from secure_attend.web.schemas.courses.serialise_percentages import contact_out, part_of, percentage_out
from secure_attend.web.schemas.serialise_courses import person_out

blueprint = APIBlueprint("low_attendance", __name__, tag="Reports")
RULE = Rule.REGISTRAR
AUDIT = {
    "low_everywhere": looks(AuditedAction.SEE_LOW_ATTENDANCE, polled=True),
    "list_contacts": looks(AuditedAction.SEE_CONTACTS, about="student"),
    "record_contact": changes(AuditedAction.RECORD_CONTACT, about="student"),
    "delete_contact": changes(AuditedAction.DELETE_CONTACT, about="student"),
}
NO_STUDENT = {404: "There is no such student."}


@blueprint.get("/low-attendance")
@blueprint.input(LowQuery, location="query", arg_name="query")
@blueprint.output(LowStudentList)
@describe(blueprint, UNCHANGED | LIST_CHANGED)
def low_everywhere(query: LowQuery) -> Response:
    """List low attendance across courses

    Students with low attendance in a course that they are in and that is not over. `absent_in_row` counts absences
    without excuse in all those courses together since the student last came; those with most come first. The student
    last attended anywhere on `last_attended`, `days_since` days ago: null if never, as far as identities are kept.
    `contacted` is the newest contact. For the next page, ask for `after` = `next`.
    """
    services = current_services()
    found, contacts = services.low_attendance.everywhere(), services.contacts
    etag = scoped_etag(services.instance, "low", found.changes, found.day, contacts.version, repr(query))
    if etag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{etag}"'})
    rows, following = part_of(found.rows, [row.student.key for row in found.rows], query.after, query.limit)
    note(students=len(rows), part=query.after is not None)
    latest = contacts.latest()
    answer = LowStudentList(
        rows=[_row(row, found, latest.get(row.student.key)) for row in rows], total=len(found.rows), next=following
    )
    return with_etag(answer, etag)


@blueprint.get("/students/<key>/contacts")
@blueprint.output(ContactList)
@describe(blueprint, NO_STUDENT)
def list_contacts(key: str) -> ContactList:
    """List the contacts with a student, newest first"""
    return _contacts(key)


@blueprint.post("/students/<key>/contacts")
@blueprint.input(NewContact, location="json", arg_name="body")
@blueprint.output(ContactOut, status_code=201)
@describe(blueprint, NO_STUDENT | {409: "Too many contacts with this student are recorded."})
def record_contact(key: str, body: NewContact) -> ContactOut:
    """Record a contact with a student

    Say on which day, and in a line what came of it, without medical details. Your name is added.
    """
    return contact_out(current_services().contacts.record(key, body.on, body.outcome, actor().name))


@blueprint.delete("/students/<key>/contacts/<contact>")
@blueprint.output(ContactList)
@describe(blueprint, {404: "There is no such student or contact."})
def delete_contact(key: str, contact: str) -> ContactList:
    """Delete a contact with a student

    The answer has those that are left.
    """
    current_services().contacts.delete(key, contact)
    return _contacts(key)


def _contacts(key: str) -> ContactList:
    services = current_services()
    services.students.get(key)
    return ContactList(contacts=[contact_out(each) for each in services.contacts.of(key)])


def _row(row: StudentStanding, found: LowAttendanceList, contact: Contact | None) -> LowStudentOut:
    courses = current_services().registers.curriculum().courses
    return LowStudentOut(
        student=person_out(row.student),
        courses=[
            LowCourseOut(key=key, code=courses[key].code, percentage=percentage_out(each))
            for key, each in row.courses.items()
            if key in courses
        ],
        last_attended=row.last_attended,
        days_since=(found.day - row.last_attended).days if row.last_attended is not None else None,
        absent_in_row=row.absent_in_row,
        contacted=contact_out(contact) if contact is not None else None,
    )
