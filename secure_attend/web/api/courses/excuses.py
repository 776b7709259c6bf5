"""Excuses of a student: in a course, or by a registrar in all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.records.excuses import StandingExcuse, WantedExcuse
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.site_time import utc_text
from secure_attend.storage.values import Record
from secure_attend.web.api.courses.courses import ARCHIVED, LOCKED
from secure_attend.web.http.access_rules import AnyRule, Rule, actor, scope
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.excuse_schemas import (
    ErasedNote,
    ExcuseAnswer,
    ExcusedClassOut,
    ExcuseEnd,
    ExcuseList,
    ExcuseOut,
    ExcuseQuery,
    NewExcuse,
)
from secure_attend.web.schemas.serialise import bound_out
from secure_attend.web.schemas.serialise_courses import minutes_text

blueprint = APIBlueprint("excuses", __name__, tag="Excuses")
RULE = in_course("lecturer", past=True)
EXCEPT_FOR: Mapping[str, AnyRule] = {"excuse_everywhere": Rule.REGISTRAR}
LOGGED = NotAudited("the attendance log says who excused whom")
AUDIT = {
    "list_excuses": looks(AuditedAction.SEE_EXCUSES, about="student"),
    "excuse_in_course": LOGGED,
    "excuse_everywhere": LOGGED,
    "end_excuse": LOGGED,
    "undo_excuse": LOGGED,
    "erase_note": changes(AuditedAction.ERASE_NOTE, about="student"),
}
UNKNOWN = {404: "There is no such student, or no such excuse that you may change."}
CONFLICT = f"The student is excused from exactly this already (`already_excused`). Or: {ARCHIVED}"
CHANGED = f"Somebody else ended or undid the excuse (`excuse_changed`). Or: {ARCHIVED}"
OWN = "Only lecturers of the course and registrars can do this, and nobody excuses themselves (`own_cell`)."


@blueprint.get("/students/<key>/excuses")
@blueprint.output(ExcuseList)
@describe(blueprint, UNKNOWN)
def list_excuses(key: str) -> ExcuseList:
    """List the excuses of a student that hold, newest first

    Lecturers get those of their courses, with `reason` and `note`, and those by a registrar for all courses (`course`
    is null) without; also after the course ended, or the student left it. Registrars get all. `classes` are those that
    the excuse is for, as planned now: of your courses.
    """
    return ExcuseList(excuses=[_out(each) for each in current_services().excuses.of(key, scope())])


@blueprint.post("/courses/<course>/members/<student>/excuses")
@blueprint.input(ExcuseQuery, location="query", arg_name="query")
@blueprint.input(NewExcuse, location="json", arg_name="body")
@blueprint.output(ExcuseAnswer, status_code=201)
@describe(
    blueprint,
    {
        200: "With `preview`: nothing was changed.",
        403: OWN,
        404: "There is no such course, or the student is not in it.",
        409: f"{CONFLICT} {LOCKED}",
    },
)
def excuse_in_course(course: str, student: str, query: ExcuseQuery, body: NewExcuse) -> tuple[ExcuseAnswer, int]:
    """Excuse a student in a course

    From `first_day` to `last_day`, both included. With times: for classes that are not over at the first and begin
    before the last, on the clocks there. Or from chosen `meetings`. Days and classes may lie ahead. A check-in still
    counts: a student who comes is present.

    `reason` is the code of one of the site's reasons (`/attendance-settings`), `note` has at most 200 characters. Both
    are for the course's lecturers, registrars and the student: write nothing about anybody's health. `preview=1`
    answers the `classes` that it would be for, and changes nothing.
    """
    return _excuse(student, course, query, body)


@blueprint.post("/students/<key>/excuses")
@blueprint.input(ExcuseQuery, location="query", arg_name="query")
@blueprint.input(NewExcuse, location="json", arg_name="body")
@blueprint.output(ExcuseAnswer, status_code=201)
@describe(
    blueprint,
    {
        200: "With `preview`: nothing was changed.",
        403: "Only registrars can do this, and nobody excuses themselves (`own_cell`).",
        404: "There is no such student.",
        409: f"{CONFLICT} {LOCKED}",
    },
)
def excuse_everywhere(key: str, query: ExcuseQuery, body: NewExcuse) -> tuple[ExcuseAnswer, int]:
    """Excuse a student in all courses

    The same as in a course, by a registrar. `meetings` may be of several courses. Lecturers see that the student is
    excused, and neither reason nor note.
    """
    return _excuse(key, None, query, body)


@blueprint.patch("/students/<key>/excuses/<excuse>")
@blueprint.input(ExcuseEnd, location="json", arg_name="body")
@blueprint.output(ExcuseOut)
@describe(blueprint, UNKNOWN | {403: OWN, 409: f"{CHANGED} {LOCKED}"})
def end_excuse(key: str, excuse: str, body: ExcuseEnd) -> ExcuseOut:
    """End an excuse earlier

    `last_day`, or a time on it, must be before its present end. The excuse that then holds has a new `id`.
    """
    services = current_services()
    last = _bound(body.last_day, body.last_time)
    record = services.excuses.end(key, excuse, last or body.last_day, actor(), scope())
    return _made(key, record)


@blueprint.delete("/students/<key>/excuses/<excuse>")
@blueprint.output(ExcuseList)
@describe(blueprint, UNKNOWN | {403: OWN, 409: f"{CHANGED} {LOCKED}"})
def undo_excuse(key: str, excuse: str) -> ExcuseList:
    """Undo an excuse

    Its record stays in the log, with one that undoes it. The answer lists the excuses that still hold.
    """
    current_services().excuses.undo(key, excuse, actor(), scope())
    return ExcuseList(excuses=[_out(each) for each in current_services().excuses.of(key, scope())])


@blueprint.delete("/students/<key>/notes/<record_id>")
@blueprint.output(ErasedNote)
@describe(blueprint, {404: "The student has no such mark or excuse, or you may not change it."})
def erase_note(key: str, record_id: str) -> ErasedNote:
    """Erase reason and note of a mark or an excuse

    For good: the mark or excuse still holds, and the log still verifies. Of an excuse that was ended earlier, both
    records lose them.
    """
    records = current_services().excuses.erase_note(key, record_id, scope())
    note(records=records)
    return ErasedNote(records=records)


def _excuse(student: str, course: str | None, query: ExcuseQuery, body: NewExcuse) -> tuple[ExcuseAnswer, int]:
    excuses = current_services().excuses
    wanted = WantedExcuse(
        student,
        course,
        tuple(body.meetings),
        _bound(body.first_day, body.first_time, "first"),
        _bound(body.last_day, body.last_time, "last"),
        body.reason,
        body.note,
    )
    if query.preview:
        return ExcuseAnswer(excuse=None, classes=_classes(excuses.preview(wanted))), 200
    made = _made(student, excuses.add(wanted, actor()))
    return ExcuseAnswer(excuse=made, classes=made.classes), 201


def _bound(day: date | None, clock: time | None, name: str = "last") -> date | None:
    """Return the day, or the minute of it."""
    if clock is not None and day is None:
        raise refused_field(f"{name}_day", "A time needs its day.")
    return datetime.combine(day, clock) if day is not None and clock is not None else day


def _made(student: str, record: Record) -> ExcuseOut:
    """Return an excuse that was just made."""
    standing = current_services().excuses.of(student, scope())
    return _out(next((each for each in standing if each.record.id == record.id), StandingExcuse(record, True, ())))


def _out(standing: StandingExcuse) -> ExcuseOut:
    services, record = current_services(), standing.record
    course = services.registers.curriculum().courses.get(record.course or "")
    noted = standing.noted
    settings = services.registers.curriculum().settings
    return ExcuseOut(
        id=record.id,
        time=utc_text(record.time),
        by=record.by,
        course=record.course,
        code=course.code if course is not None else None,
        chosen=record.meeting is not None,
        **bound_out("first", record.first_day),
        **bound_out("last", record.last_day),
        classes=_classes(standing.meetings),
        reason=settings.reason_text(record.reason) if noted and record.reason is not None else None,
        note=record.note if noted else None,
        may_change=noted,
    )


def _classes(meetings: Iterable[RuledMeeting]) -> list[ExcusedClassOut]:
    """Return those of the caller's courses."""
    courses, seen = current_services().registers.curriculum().courses, scope()
    return [
        ExcusedClassOut(
            key=ruled.meeting.key,
            course=ruled.meeting.course,
            code=courses[ruled.meeting.course].code,
            title=ruled.meeting.title,
            starts=minutes_text(ruled.meeting.starts),
            ends=minutes_text(ruled.meeting.ends),
        )
        for ruled in meetings
        if seen.sees_course(ruled.meeting.course) and ruled.meeting.course in courses
    ]
