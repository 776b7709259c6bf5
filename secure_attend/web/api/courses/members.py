"""/courses/<course>/members: who is in a course, joins, moves between groups, and leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.courses.membership import Membership, changes_in_words, days_in_words
from secure_attend.attendance.students.same_person import is_named
from secure_attend.errors import FieldError, InvalidInput, NotFound
from secure_attend.storage.values import Student
from secure_attend.web.api.courses.courses import ARCHIVED, LOCKED, UNKNOWN
from secure_attend.web.http.access_rules import AnyRule, scope
from secure_attend.web.http.audit_rules import changes, looks, note, note_students
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import Done
from secure_attend.web.schemas.course_schemas import (
    CourseMemberOut,
    LastDayQuery,
    MemberChange,
    MemberList,
    NewMember,
    UndoableImport,
)
from secure_attend.web.schemas.serialise_courses import member_out

blueprint = APIBlueprint("members", __name__, tag="Courses")
RULE = in_course("lecturer")
EXCEPT_FOR: Mapping[str, AnyRule] = {"list_members": in_course("lecturer", "assistant", "viewer")}
AUDIT = {
    "list_members": looks(AuditedAction.SEE_MEMBERS, polled=True),
    "add_member": changes(AuditedAction.ADD_MEMBER),
    "move_member": changes(AuditedAction.CHANGE_MEMBER),
    "end_membership": changes(AuditedAction.END_MEMBERSHIP),
}
UNKNOWN_MEMBER = {404: "There is no such course, or the student is not in it."}


@blueprint.get("/courses/<course>/members")
@blueprint.output(MemberList)
@describe(blueprint, UNKNOWN)
def list_members(course: str) -> MemberList:
    """List the students of a course

    Those who left are included. `groups` are the keys of the groups the student is in today, or was in at the end.
    `undoable` is the last roster import, while `/roster/undo` can undo it, and how many students it changed.
    """
    services, day = current_services(), scope().day
    note(f"course:{course}")
    people = {student.key: student for student in services.store.students()}
    members = [
        member_out(people[member.student], member, day)
        for member in services.memberships.of_course(course)
        if member.student in people
    ]
    last = services.roster_undo.offered(course)
    undoable = UndoableImport(plan=last.digest, students=len(last.students)) if last is not None else None
    return MemberList(members=sorted(members, key=lambda member: member.student.name.casefold()), undoable=undoable)


@blueprint.post("/courses/<course>/members")
@blueprint.input(NewMember, location="json", arg_name="body")
@blueprint.output(CourseMemberOut, status_code=201)
@describe(
    blueprint,
    UNKNOWN
    | {
        404: f"{UNKNOWN[404]} Or no student has this ID, or this ID and name.",
        409: f"{ARCHIVED} Or the student was removed from the site's list. {LOCKED}",
        422: "You see no student with this ID: send the name, too (`name_needed`).",
    },
)
def add_member(course: str, body: NewMember) -> CourseMemberOut:
    """Add a student to a course

    Give the exact student ID and, for a student whom you don't see yet, the name. The answer names the student.
    `first_day` is today if it is left out.
    """
    services = current_services()
    student = _student_to_add(body)
    before = services.memberships.find(course, student.key)
    [member] = services.memberships.join(course, [student.key], body.first_day, body.groups)
    return _noted(student, before, member)


@blueprint.patch("/courses/<course>/members/<student>")
@blueprint.input(MemberChange, location="json", arg_name="body")
@blueprint.output(CourseMemberOut)
@describe(blueprint, UNKNOWN_MEMBER | {409: f"{ARCHIVED} {LOCKED}"})
def move_member(course: str, student: str, body: MemberChange) -> CourseMemberOut:
    """Move a student to other groups of a course

    The student is in these groups, and no others, from `first_day` on: today if it is left out. Before that day nothing
    changes.
    """
    services = current_services()
    known = services.students.get(student)
    before = services.memberships.find(course, student)
    [member] = services.memberships.move(course, [student], body.groups, body.first_day)
    return _noted(known, before, member)


@blueprint.delete("/courses/<course>/members/<student>")
@blueprint.input(LastDayQuery, location="query", arg_name="query")
@blueprint.output(Done)
@describe(blueprint, UNKNOWN_MEMBER | {409: LOCKED})
def end_membership(course: str, student: str, query: LastDayQuery) -> Done:
    """Take a student out of a course

    `last_day` is the last day in the course: today if it is left out. Face, code, consent and past attendance stay.
    """
    services = current_services()
    before = services.memberships.find(course, student)
    [after] = services.memberships.leave(course, [student], query.last_day)
    _note_change(before, after)
    return Done(done=True)


def _student_to_add(body: NewMember) -> Student:
    """Return the student of an ID. Whom the caller does not see is added by ID and name, as by a roster, and an ID that
    nobody has is answered the same: nobody learns a name, or who there is, by an ID."""
    student, seen = current_services().history.student(body.student_id), scope()
    if student is not None and seen.sees(student.key):
        return student
    if not seen.everything and body.name is None:
        message = "None of your students has this ID. To add somebody else's student, type the name, too."
        raise InvalidInput("name_needed", message, errors=[FieldError("name", message)])
    if student is None or not is_named(student, body.name or ""):
        message = "No student has this ID. Check it and type it again."
        if not seen.everything:
            message = "No student has this ID and name. Check both, and type the name as the site's list has it."
        raise NotFound("unknown_student", message, errors=[FieldError("student_id", message)])
    return student


def _noted(student: Student, before: Membership | None, member: Membership) -> CourseMemberOut:
    _note_change(before, member)
    return member_out(student, member, _day(member))


def _day(member: Membership) -> date:
    """Return the day whose groups an answer shows: today, or the first day of one who joins later."""
    return max(scope().day, member.spans[-1].first_day)


def _note_change(before: Membership | None, after: Membership) -> None:
    note(f"course:{after.course}", before=days_in_words(before), after=days_in_words(after))
    note_students([after.student])


@contextmanager
def members_noted(students: Collection[str]) -> Iterator[None]:
    """Note which memberships of these students the block changes: as they were, and as they are."""
    before = _memberships(students)
    yield
    after = _memberships(students)
    none = {key: Membership(*key, ()) for key in (*before, *after)}
    note(**changes_in_words((before.get(key, each), after.get(key, each)) for key, each in none.items()))


def _memberships(students: Collection[str]) -> dict[tuple[str, str], Membership]:
    """Return the memberships of these students, by course and student."""
    memberships = current_services().memberships
    found = (member for student in students for member in memberships.of_student(student))
    return {(member.course, member.student): member for member in found}
