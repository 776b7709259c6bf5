"""/own: students see their own attendance, and ask for corrections, with a pass that a proof gives them."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint
from flask import Response

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.access.rate_limits import network_of
from secure_attend.attendance.reader_scope import UNLIMITED
from secure_attend.attendance.requests.correction_request import ASKED
from secure_attend.attendance.requests.own_attendance import OwnCourse
from secure_attend.attendance.requests.requests import WantedCorrection
from secure_attend.attendance.site_time import utc_text
from secure_attend.attendance.students.claims import as_typed
from secure_attend.errors import Forbidden
from secure_attend.web.api.courses.courses import ARCHIVED
from secure_attend.web.api.exports import everything_about
from secure_attend.web.http.access_rules import AnyRule, Rule, address, bearer, student_pass
from secure_attend.web.http.attachments import JSON, attachment
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note, note_students
from secure_attend.web.http.site_parts import current_access, current_services, current_site
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import Done
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.check_in_schemas import HistoryStudent
from secure_attend.web.schemas.courses.serialise_percentages import percentage_out
from secure_attend.web.schemas.privacy_schemas import StudentExport
from secure_attend.web.schemas.requests.own_schemas import (
    CodeIssuedOut,
    NewRequest,
    OwnAttendanceOut,
    OwnClassOut,
    OwnCourseOut,
    OwnProof,
    PassOut,
)
from secure_attend.web.schemas.requests.request_schemas import RequestOut
from secure_attend.web.schemas.requests.serialise_requests import request_out
from secure_attend.web.schemas.serialise_courses import minutes_text

blueprint = APIBlueprint("own", __name__, tag="Own attendance")
RULE = Rule.STUDENT
EXCEPT_FOR: Mapping[str, AnyRule] = {"prove": Rule.PUBLIC}
AUDIT = {
    "prove": looks(AuditedAction.SEE_HISTORY),
    "own_attendance": NotAudited("the proof before it is entered"),
    "end_pass": NotAudited("it shows and changes nothing"),
    "ask": changes(AuditedAction.ASK_FOR_CORRECTION),
    "pass_on": changes(AuditedAction.PASS_REQUEST_ON),
    "own_export": looks(AuditedAction.EXPORT_STUDENT),
}
ON_PAGE_ONLY = "Use your own page for this, on any device. At a kiosk it is not possible."


@blueprint.post("/own/pass")
@blueprint.input(OwnProof, location="json", arg_name="body")
@blueprint.output(PassOut, status_code=201)
@describe(
    blueprint,
    {
        403: "ID and code don't match (`wrong_proof`), or the site has no page for students (`student_page_off`).",
        429: "Too many wrong tries in a row from this network.",
        503: "Too many people are logging in right now (`busy`): send it again.",
    },
)
def prove(body: OwnProof) -> PassOut:
    """Prove who you are, as a student

    With your ID and personal code. The answer's `token` is valid for a quarter of an hour: send it as the bearer of the
    other requests here. An unknown ID and a wrong code get the same answer. After three wrong codes in a row, use your
    code at a kiosk before you use it here again, or ask your lecturer for a new one.
    """
    site = current_site()
    if not site.settings.student_page:
        raise Forbidden("student_page_off", "Your school doesn't offer this page. Use a kiosk, or ask your lecturer.")
    typed_id = as_typed(body.student_id)
    note(*site.audit_reader.student_of(typed_id))
    student = site.services.history.student(body.student_id)
    known = student.key if student is not None else None
    key = site.access.codes.prove_on_page(known, typed_id, body.code, network_of(address()))
    token, given = site.access.passes.give(key, code=site.access.codes.hash_of(key))
    return PassOut(token=token, expires_at=utc_text(given.expires_at))


@blueprint.delete("/own/pass")
@blueprint.output(Done)
def end_pass() -> Done:
    """End your pass

    The token is then worth nothing.
    """
    current_access().passes.end(bearer())
    return Done(done=True)


@blueprint.get("/own")
@blueprint.output(OwnAttendanceOut)
def own_attendance() -> OwnAttendanceOut:
    """Get your own attendance

    Your courses with each class and its status, the percentage with its formula, how many classes you may still miss
    (`may_miss`, null where the course has no limit), and your requests with their answers. Nothing about anybody else.
    `code_issued` says who issued your present code, and on which day: that person could use it, too.
    """
    services = current_services()
    student = services.students.get(student_pass().student)
    return OwnAttendanceOut(
        student=HistoryStudent(student_id=student.student_id, name=student.shown_name),
        courses=[_course_out(each) for each in services.own_attendance.courses(student.key)],
        requests=[request_out(each) for each in services.own_attendance.requests(student.key)],
        asks=list(ASKED),
        code_issued=_code_issued(student.key),
    )


@blueprint.post("/own/requests")
@blueprint.input(NewRequest, location="json", arg_name="body")
@blueprint.output(RequestOut, status_code=201)
@describe(
    blueprint,
    {
        404: "This class doesn't exist, or you are not on its list.",
        409: "You asked about this class already (`already_asked`), the register says so already (`already_so`), or "
        f"too many of your requests wait (`too_many_requests`). Or: {ARCHIVED}",
    },
)
def ask(body: NewRequest) -> RequestOut:
    """Ask for a correction of a class

    `asks` says what to correct. With a `text` of at most 500 characters, on your own page only. Staff of the course
    answer it.
    """
    known = student_pass()
    if known.kiosk is not None and body.text is not None:
        raise refused_field("text", ON_PAGE_ONLY)
    note_students([known.student])
    wanted = WantedCorrection(known.student, body.meeting, body.asks, body.text)
    return request_out(current_services().requests.make(wanted))


@blueprint.post("/own/requests/<request_key>/registrar")
@blueprint.output(RequestOut)
@describe(
    blueprint,
    {404: "You have no such request.", 409: "It waits, was accepted, or was passed on before (`not_declined`)."},
)
def pass_on(request_key: str) -> RequestOut:
    """Pass a declined request to the registrar

    Once.
    """
    known = student_pass()
    note_students([known.student])
    return request_out(current_services().requests.pass_on(known.student, request_key))


@blueprint.get("/own/export")
@blueprint.output(StudentExport)
@describe(blueprint, {403: "At a kiosk nothing is downloaded (`not_at_kiosk`)."})
def own_export() -> Response:
    """Download everything the site keeps about you

    The same file that a registrar can give you.
    """
    known = student_pass()
    if known.kiosk is not None:
        raise Forbidden("not_at_kiosk", ON_PAGE_ONLY)
    note_students([known.student])
    answer = everything_about(current_services().students.get(known.student), UNLIMITED)
    return attachment(answer.model_dump_json(indent=1), JSON, "my-attendance.json")


def _code_issued(student: str) -> CodeIssuedOut | None:
    code = current_access().codes.status(student)
    if code is None or code.issued_by is None:
        return None
    return CodeIssuedOut(by=code.issued_by, on=current_services().time.date_of(code.issued_at))


def _course_out(own: OwnCourse) -> OwnCourseOut:
    course, now = own.course, current_services().time.now()
    return OwnCourseOut(
        key=course.key,
        code=course.code,
        title=course.title,
        term=course.term,
        first_day=course.first_day,
        last_day=course.last_day,
        may_ask=not course.archived,
        percentage=percentage_out(own.percentage),
        classes=[
            OwnClassOut(
                key=ruled.meeting.key,
                title=ruled.meeting.title,
                starts=minutes_text(ruled.meeting.starts),
                ends=minutes_text(ruled.meeting.ends),
                status=cell.status,
                planned=ruled.phase(now) == "planned",
            )
            for ruled, cell in own.classes
        ],
    )
