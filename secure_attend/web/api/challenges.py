"""/challenges: liveness sessions, in which the server asks for movements and judges frames."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.rate_limits import CHALLENGES, HISTORY
from secure_attend.attendance.students.claims import as_typed
from secure_attend.web.http.access_rules import Rule, actor, known_caller, require, scope, session_owner
from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.http.body import FRAME
from secure_attend.web.http.course_rules import require_students
from secure_attend.web.http.site_parts import current_access, current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import Done
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.check_in_schemas import ChallengeOut, FrameQuery, NewChallenge
from secure_attend.web.schemas.serialise import challenge_out

blueprint = APIBlueprint("challenges", __name__, tag="Challenges")
AUDIT = NotAudited(
    "frames are judged and not kept; the outcome of a session is in the audit trail or in the attendance log"
)


@blueprint.post("/challenges")
@blueprint.input(NewChallenge, location="json", arg_name="body")
@blueprint.output(ChallengeOut, status_code=201)
@describe(
    blueprint,
    {
        403: "Only faculty can register faces. Or the page that sent this belongs to another site.",
        404: "There is no such student.",
        409: "The student was removed from the list, or has not consented (`consent_missing`). The site uses no faces "
        "(`faces_off`), nor do the classes that are open here (`class_without_faces`) or all of the student's courses "
        "(`courses_without_faces`).",
        429: "Too many sessions are open, the kiosk pauses after failures (`kiosk_pause`), or too many proofs were "
        "wrong.",
        503: "Faces can't be compared right now.",
    },
)
def open_challenge(body: NewChallenge) -> ChallengeOut:
    """Start a liveness session

    `check_in` asks for movements in random order; the site's `LIVENESS` setting says how many. `without_turning` leaves
    out movements of the head: the check-in then needs the ID and the personal code too. `history` asks for the same
    movements, for a student who typed `student_id` to see their own attendance. It starts for any text, whether the ID
    is known or not. `enrol` guides the student with the key `student_key` through a few poses, or through straight
    looks alone with `without_turning`; only faculty can start it. Only the caller who started a session can use it.
    After five failures in a row at a kiosk, the kiosk pauses for ten seconds (`kiosk_pause`).
    """
    services = current_services()
    _check(body)
    if known_caller().is_kiosk:
        current_access().limits.take(CHALLENGES, session_owner())
    if body.student_key is not None:
        require(Rule.FACULTY)
        require_students(scope(), [body.student_key], "lecturer", "assistant")
        services.enrolment.allowed(body.student_key)
    if body.purpose == "check_in":
        services.check_in.refuse_faces(actor())
    typed_id = None
    if body.student_id is not None:
        current_access().limits.check(HISTORY, session_owner())
        typed_id = as_typed(body.student_id)
    state = services.liveness_sessions.open(
        body.purpose, session_owner(), body.student_key, typed_id=typed_id, without_turning=body.without_turning
    )
    return challenge_out(state, services.backpressure.pace)


def _check(body: NewChallenge) -> None:
    """Raise `InvalidInput` for fields that don't go together."""
    if (body.purpose == "enrol") != (body.student_key is not None):
        raise refused_field("student_key", "Send this for `enrol`, and only then.")
    if (body.purpose == "history") != (body.student_id is not None):
        raise refused_field("student_id", "Send this for `history`, and only then.")
    if body.purpose == "history" and body.without_turning:
        raise refused_field("without_turning", "Use the personal code instead: it needs no movement.")


@blueprint.post("/challenges/<challenge_id>/frames")
@blueprint.input(FrameQuery, location="query", arg_name="query")
@blueprint.output(ChallengeOut)
@describe(
    blueprint,
    {
        404: "There is no such session.",
        409: "The frame is out of order. The session has failed.",
        410: "The session has ended.",
        422: "The picture can't be read. The session continues.",
        429: "The picture before this one is still being processed.",
        503: "Faces can't be compared right now, or too many pictures are being processed (`busy`): send it again.",
    },
    takes=FRAME,
)
def add_frame(challenge_id: str, query: FrameQuery) -> ChallengeOut:
    """Send one frame

    Send the `number` and `nonce` from the last answer's `next`. If you send the last frame again, byte for byte, you
    get the same answer. The picture is judged and not kept. `pace_ms` says how many milliseconds after this picture the
    server wants the next one: fewer while a movement is asked for, more while it is behind. `other_way` says to offer
    another way to check in first. The answers 409 and 410 have it, too.
    """
    services, picture = current_services(), FRAME.read()
    with services.backpressure.place(session_owner()):
        pace = services.backpressure.pace
        state = services.liveness_sessions.frame(
            challenge_id, session_owner(), query.number, query.nonce, picture, server_behind=pace.behind
        )
        return challenge_out(state, pace)


@blueprint.post("/challenges/<challenge_id>/more-time")
@blueprint.output(ChallengeOut)
@describe(
    blueprint,
    {
        404: "There is no such session.",
        410: "The session has ended.",
        429: "The picture before this one is still being processed.",
    },
)
def extend_challenge(challenge_id: str) -> ChallengeOut:
    """Extend the time

    Each step, and what is left of the session, may take three times as long. Asking again changes nothing. After the
    answers `ambiguous_face` and `code_needed` the same goes for the time to type ID and code. A session of a student
    who always has more time lasts longer than `expires_in` says: who that is, kiosks are not told.
    """
    services = current_services()
    return challenge_out(
        services.liveness_sessions.more_time(challenge_id, session_owner()), services.backpressure.pace
    )


@blueprint.delete("/challenges/<challenge_id>")
@blueprint.output(Done)
@describe(
    blueprint,
    {
        404: "There is no such session.",
        410: "The session has ended.",
        429: "The last picture is still being processed.",
    },
)
def leave_challenge(challenge_id: str) -> Done:
    """Leave a liveness session

    Send this when the person stops, or takes another way. The session ends and is forgotten. It is no refused check-in.
    If a step was asked for, it counts for the kiosk's pause as a failure does.
    """
    current_services().liveness_sessions.leave(challenge_id, session_owner())
    return Done(done=True)
