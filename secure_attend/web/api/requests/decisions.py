"""/decisions: what waits for staff, and the answers to requests of students."""

from __future__ import annotations

from collections import Counter

from apiflask import APIBlueprint
from flask import Response, request

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.requests.correction_request import CorrectionRequest
from secure_attend.attendance.requests.decisions import KINDS, may_answer
from secure_attend.attendance.requests.requests import Decision
from secure_attend.errors import Forbidden, NotFound
from secure_attend.web.api.courses.courses import ARCHIVED
from secure_attend.web.api.courses.registers import UNCHANGED
from secure_attend.web.http.access_rules import actor, scope, scoped_etag
from secure_attend.web.http.audit_rules import changes, looks, note, note_students
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.requests.request_schemas import DecisionCounts, DecisionList, RequestAnswer, RequestOut
from secure_attend.web.schemas.requests.serialise_requests import decision_out, request_out

blueprint = APIBlueprint("decisions", __name__, tag="To decide")
RULE = in_course("lecturer", "assistant")
AUDIT = {
    "list_decisions": looks(AuditedAction.SEE_DECISIONS, polled=True),
    "answer_request": changes(AuditedAction.ANSWER_REQUEST),
}
MOST_SHOWN = 200
_SECONDS = 600
"""What the clock alone changes (a self-registration that waited too long, a due day) is seen within this time."""


@blueprint.get("/decisions")
@blueprint.output(DecisionList)
@describe(blueprint, UNCHANGED)
def list_decisions() -> Response:
    """List what waits for you to decide

    Visitors of classes of the last two weeks, requests of students, and self-registrations, the oldest first: of your
    courses. Registrars get all, and what students passed on to them. `counts` count all, `items` has at most 200. Ask
    again with If-None-Match: while nothing changed, the answer is 304.
    """
    services = current_services()
    period = int(services.time.now().timestamp()) // _SECONDS
    etag = scoped_etag(services.instance, "decisions", services.store.version, period)
    if etag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{etag}"'})
    found = services.decisions.of(scope())
    counts = Counter(each.kind for each in found)
    today = services.time.today()
    answer = DecisionList(
        items=[decision_out(each, today) for each in found[:MOST_SHOWN]],
        counts=DecisionCounts(**{kind: counts[kind] for kind in KINDS}, total=len(found)),
    )
    return Response(answer.model_dump_json(), content_type="application/json", headers={"ETag": f'"{etag}"'})


@blueprint.post("/requests/<request_key>/answer")
@blueprint.input(RequestAnswer, location="json", arg_name="body")
@blueprint.output(RequestOut)
@describe(
    blueprint,
    {
        403: "It was passed to the registrar, or it is your own (`own_cell`).",
        404: "There is no such request in your courses.",
        409: f"It was answered already (`already_answered`), or somebody changed the mark just now. Or: {ARCHIVED}",
    },
)
def answer_request(request_key: str, body: RequestAnswer) -> RequestOut:
    """Answer a request

    `accept` marks the student as asked, or as `status` says: needed if the student asked for something `other`. An
    accepted absence becomes an excuse for this class if nothing is marked and you are a lecturer. `remark` is the code
    of one of the site's remarks or reasons. The student reads the `answer`, at most 500 characters. If the mark can't
    be made, the request stays open.
    """
    services, seen = current_services(), scope()
    asked = _visible(request_key)
    if not may_answer(asked, seen):
        raise Forbidden(
            "not_allowed", "The student passed this request to the registrar. Only registrars can answer it."
        )
    if not body.accept and (body.status is not None or body.remark is not None):
        raise refused_field("status" if body.status is not None else "remark", "Leave it out if you decline.")
    if body.status in ("as_recorded", "declined"):
        raise refused_field("status", "Choose present, late, excused or absent.")
    note(f"course:{asked.course}", accepted=body.accept)
    note_students([asked.student])
    decision = Decision(body.accept, body.status, body.remark, body.answer, seen.may(asked.course, "lecturer"))
    return request_out(services.requests.answer(request_key, decision, actor()))


def _visible(key: str) -> CorrectionRequest:
    """Return the request if the caller is staff of its course. Raises `NotFound`."""
    asked = current_services().requests.get(key)
    if not scope().may(asked.course, "lecturer", "assistant"):
        raise NotFound("unknown_request", "This request doesn't exist, or it is not yours to see.")
    return asked
