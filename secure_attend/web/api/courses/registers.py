"""Registers of a meeting and of a course, marks, and visitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apiflask import APIBlueprint
from flask import Response, request

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.registers.marks import WantedMark
from secure_attend.attendance.registers.meeting_register import CourseRegister, MeetingRegister
from secure_attend.storage.values import Record
from secure_attend.web.api.courses.courses import ARCHIVED, LOCKED, UNKNOWN
from secure_attend.web.api.courses.meetings import UNKNOWN_MEETING
from secure_attend.web.api.courses.members import members_noted
from secure_attend.web.http.access_rules import AnyRule, actor, scope, scoped_etag
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note, note_students
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import Output, refused_field
from secure_attend.web.schemas.courses.serialise_percentages import percentage_out, policy_out
from secure_attend.web.schemas.register_schemas import (
    AcceptedVisitors,
    CourseRegisterOut,
    CourseRegisterRow,
    CourseRegisterVisitor,
    MarkRecordOut,
    MarksBody,
    MarksOut,
    MeetingRegisterOut,
    VisitorList,
    VisitorsAcceptance,
)
from secure_attend.web.schemas.serialise_courses import (
    cell_out,
    counts_out,
    meeting_out,
    person_out,
    remarks_out,
    rows_out,
    visitors_out,
)

blueprint = APIBlueprint("registers", __name__, tag="Registers")
RULE = in_course("lecturer", "assistant")
EXCEPT_FOR: Mapping[str, AnyRule] = {
    "meeting_register": in_course("lecturer", "assistant", "viewer"),
    "course_register": in_course("lecturer", "assistant", "viewer"),
    "list_visitors": in_course("lecturer", "assistant", "viewer"),
}
AUDIT = {
    "meeting_register": looks(AuditedAction.SEE_REGISTER, polled=True),
    "course_register": looks(AuditedAction.SEE_REGISTER, polled=True),
    "list_visitors": looks(AuditedAction.SEE_REGISTER, polled=True),
    "mark": NotAudited("the attendance log says who marked whom"),
    "accept_visitors": changes(AuditedAction.ACCEPT_VISITORS),
}
UNCHANGED = {304: "Nothing has changed since the ETag in If-None-Match."}
MARK_CHANGED = (
    f"Somebody else changed a mark (`mark_changed`, with the present marks in `changed`). {LOCKED} Or: {ARCHIVED}"
)


@blueprint.get("/meetings/<meeting>/register")
@blueprint.output(MeetingRegisterOut)
@describe(blueprint, UNKNOWN_MEETING | UNCHANGED)
def meeting_register(meeting: str) -> Response:
    """Get the register of a class

    `rows` are the students of the class's list, and visitors whom staff accepted. `why` explains each status: a `code`
    with its `params`. `visitors` are known students who came, but are not on the list, or came to another `room`.
    `remark` and `at` are those of the row's `mark`, null to those who may not mark.
    Ask again with If-None-Match: an unchanged register costs next to nothing.
    """
    register = current_services().registers.of_meeting(meeting, scope().links.as_of)
    etag = register_etag(meeting, register)
    if etag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{etag}"'})
    note(f"course:{register.course.key}")
    services = current_services()
    may_mark = _may_mark(register)
    answer = MeetingRegisterOut(
        meeting=meeting_out(register.ruled, register.course, services.time.now(), please_check=register.please_check),
        counts=counts_out(register),
        rows=rows_out(register, may_mark=may_mark),
        visitors=visitors_out(register),
        remarks=remarks_out(services.site_attendance.settings),
        may_mark=may_mark,
    )
    return with_etag(answer, etag)


@blueprint.get("/courses/<course>/register")
@blueprint.output(CourseRegisterOut)
@describe(blueprint, UNKNOWN | UNCHANGED)
def course_register(course: str) -> Response:
    """Get the register of a course

    Each row is a student who is or was in the course, with a cell for each of the `meetings`, in their order.
    `percentage` is what they come to under the course's `policy`: `percent` to show, null where there is nothing to
    divide by, and `formula` with its `terms`. `percent` never reaches the limit, or 100, unless the exact fraction
    does. `may_miss` is how many classes to come the student may miss without ending below the limit, null without one.
    `visitors` never were in the course, and staff accepted them in one of its classes: no percentage counts them.
    """
    services = current_services()
    register = services.registers.of_course(course, scope().links.as_of)
    etag = register_etag(course, register)
    if etag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{etag}"'})
    note(f"course:{course}")
    now = services.time.now()
    answer = CourseRegisterOut(
        meetings=[
            meeting_out(ruled, register.course, now, please_check=ruled.meeting.key in register.please_check)
            for ruled in register.meetings
        ],
        rows=[
            CourseRegisterRow(
                student=person_out(person),
                cells=[cell_out(cell) for cell in cells],
                percentage=percentage_out(found),
            )
            for (person, cells), found in zip(register.rows, register.percentages, strict=True)
        ],
        visitors=[
            CourseRegisterVisitor(student=person_out(person), cells=[cell_out(cell) for cell in cells])
            for person, cells in register.visitors
        ],
        policy=policy_out(register.policy),
        remarks=remarks_out(services.site_attendance.settings),
        may_mark=_may_mark(register),
    )
    return with_etag(answer, etag)


@blueprint.post("/meetings/<meeting>/marks")
@blueprint.input(MarksBody, location="json", arg_name="body")
@blueprint.output(MarksOut, status_code=201)
@describe(
    blueprint,
    {
        403: "Viewers only read, and nobody marks their own attendance (`own_cell`).",
        404: "There is no such class, or a student is not in its register.",
        409: MARK_CHANGED,
    },
)
def mark(meeting: str, body: MarksBody) -> MarksOut:
    """Mark students in a class

    All of the `marks` are made or none. `replaces` is the `mark` of the register's row, null if it has none.
    `as_recorded` clears a mark, `declined` is for visitors. `remark` is the code of one of the site's remarks, `at`
    the time that completes it. To undo a mark, send what was there before, with its `remark` and `at`, and with
    `replaces` = the record of the mark.
    `rest` marks everybody on the class's list who has neither come nor a mark nor an excuse.

    An account that is named like a student's ID or email address is that student's, and does not mark it.
    """
    marks = current_services().marks
    wanted = [WantedMark(each.student, each.status, each.replaces, each.remark, each.at) for each in body.marks]
    if body.rest is not None:
        named = {each.student for each in body.marks}
        rest = marks.rest(meeting, body.rest.status, body.rest.remark, body.rest.at)
        wanted += [each for each in rest if each.student not in named]
    elif not wanted:
        raise refused_field("marks", "Give at least one mark, or `rest`.")
    return MarksOut(records=_records(marks.mark(meeting, wanted, actor())))


@blueprint.get("/meetings/<meeting>/visitors")
@blueprint.output(VisitorList)
@describe(blueprint, UNKNOWN_MEETING)
def list_visitors(meeting: str) -> VisitorList:
    """List the visitors of a class

    They are also part of its register.
    """
    register = current_services().registers.of_meeting(meeting)
    note(f"course:{register.course.key}")
    return VisitorList(visitors=visitors_out(register))


@blueprint.post("/meetings/<meeting>/visitors")
@blueprint.input(VisitorsAcceptance, location="json", arg_name="body")
@blueprint.output(AcceptedVisitors, status_code=201)
@describe(blueprint, {404: "There is no such class, or somebody is no longer its visitor.", 409: MARK_CHANGED})
def accept_visitors(meeting: str, body: VisitorsAcceptance) -> AcceptedVisitors:
    """Accept visitors of a class

    Without `students`, all of them. They are marked present or late, by the time they came. With `missed_meeting` they
    are marked present in that class instead, which they missed. With `join` (lecturers only) they are in the course
    from the day of the class on. To decline a visitor, send the mark `declined`.
    """
    services, seen = current_services(), scope()
    course = services.registers.of_meeting(meeting).course.key
    if body.join and body.missed_meeting is not None:
        raise refused_field("join", "Send `join` or `missed_meeting`, not both.")
    if body.join and not seen.may(course, "lecturer"):
        raise refused_field("join", "Only lecturers of the course and registrars can add students to it.")
    visitors = {each.student.key for each in services.registers.of_meeting(meeting).visitors} if body.join else set()
    with members_noted(visitors):
        accepted = services.visits.accept(meeting, body.students, actor(), missed=_missed(body, course), join=body.join)
    note(f"course:{course}", marks=len(accepted.records), joined=len(accepted.joined))
    note_students(
        sorted({each.person for each in accepted.records if each.person} | {each.key for each in accepted.joined})
    )
    return AcceptedVisitors(records=_records(accepted.records), joined=[person_out(each) for each in accepted.joined])


def _missed(body: VisitorsAcceptance, course: str) -> str | None:
    """Return the missed meeting, which must be of the same course: no other is looked at."""
    if body.missed_meeting is not None and scope().links.course_of(body.missed_meeting) != course:
        raise refused_field("missed_meeting", "Choose another class of the same course.")
    return body.missed_meeting


def _may_mark(register: MeetingRegister | CourseRegister) -> bool:
    locked = isinstance(register, MeetingRegister) and register.ruled.locked
    return not (register.course.archived or locked) and scope().may(register.course.key, "lecturer", "assistant")


def register_etag(key: str, register: MeetingRegister | CourseRegister, *more: object) -> str:
    """Return the ETag of an answer made from a register and from `more`: it counts the register's own changes, and
    names the next moment at which the clock makes one."""
    phases = register.phases if isinstance(register, CourseRegister) else (register.phase,)
    instance = current_services().instance
    return scoped_etag(instance, type(register).__name__, key, register.changes, phases, register.changes_at, *more)


def with_etag(answer: Output, etag: str) -> Response:
    """Return an answer that bears this ETag."""
    return Response(answer.model_dump_json(), content_type="application/json", headers={"ETag": f'"{etag}"'})


def _records(records: Sequence[Record]) -> list[MarkRecordOut]:
    return [
        MarkRecordOut(id=record.id, student=record.person or "", status=record.status or "as_recorded")
        for record in records
    ]
