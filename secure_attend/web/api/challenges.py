"""/challenges: the server asks for something, judges the frames, and says what is next."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.rate_limits import CHALLENGES, HISTORY
from secure_attend.attendance.students.claims import as_typed
from secure_attend.web.http.access_rules import Rule, access, kiosk, known_caller, require
from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.http.body import FRAME
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.check_in_schemas import ChallengeOut, FrameQuery, NewChallenge
from secure_attend.web.schemas.serialise import challenge_out, services

blueprint = APIBlueprint("challenges", __name__, tag="Challenges")
AUDIT = NotAudited(
    "frames are judged and forgotten; what a session leads to is entered, or stands in the attendance log"
)


@blueprint.post("/challenges")
@blueprint.input(NewChallenge, location="json", arg_name="body")
@blueprint.output(ChallengeOut, status_code=201)
@describe(
    blueprint,
    {
        403: "Only faculty register faces, and no page of another site.",
        404: "There is no such student.",
        409: "The student was removed from the list, or did not agree to it (`consent_missing`).",
        429: "Too many sessions are open, the kiosk rests after failures (`kiosk_pause`), or wrong proofs (a history).",
        503: "No face can be compared now.",
    },
)
def open_challenge(body: NewChallenge) -> ChallengeOut:
    """Start a session

    `check_in` asks for movements in random order, as many as the site's `LIVENESS` says; `without_turning` leaves out
    those of the head, and the check-in then asks for ID and personal code too. `history` does the same for whoever
    types `student_id` to see the own attendance; it opens for any text, known or not. `enrol` guides the student named
    by `student_key` through a few poses, and is for faculty. The session is for its caller alone. After five failures
    in a row there the kiosk rests for ten seconds (`kiosk_pause`).
    """
    here = services()
    _check(body)
    if known_caller().role == "kiosk":
        access().limits.take(CHALLENGES, kiosk())
    if body.student_key is not None:
        require(Rule.FACULTY)
        here.enrolment.allowed(body.student_key)
    typed_id = None
    if body.student_id is not None:
        access().limits.check(HISTORY, kiosk())
        typed_id = as_typed(body.student_id)
    state = here.liveness_sessions.open(
        body.purpose, kiosk(), body.student_key, typed_id=typed_id, without_turning=body.without_turning
    )
    return challenge_out(state)


def _check(body: NewChallenge) -> None:
    """Raises `InvalidInput` for what does not go together."""
    if (body.purpose == "enrol") != (body.student_key is not None):
        raise refused_field("student_key", "This is needed to enrol, and only then.")
    if (body.purpose == "history") != (body.student_id is not None):
        raise refused_field("student_id", "This is needed for a history, and only then.")
    if body.purpose == "enrol" and body.without_turning:
        raise refused_field(
            "without_turning", "Registering a face needs a few turns of the head; use a photo where that cannot be."
        )
    if body.purpose == "history" and body.without_turning:
        raise refused_field("without_turning", "Use the personal code, which needs no movement at all.")


@blueprint.post("/challenges/<challenge_id>/frames")
@blueprint.input(FrameQuery, location="query", arg_name="query")
@blueprint.output(ChallengeOut)
@describe(
    blueprint,
    {
        404: "There is no such session any more.",
        409: "Out of order; the session has failed.",
        410: "The session is over.",
        422: "The picture cannot be read; the session goes on.",
        429: "The picture before is still being looked at.",
        503: "No face can be compared now, or too many pictures are being looked at (`busy`): send it again.",
    },
    takes=FRAME,
)
def add_frame(challenge_id: str, query: FrameQuery) -> ChallengeOut:
    """Show one frame

    `number` and `nonce` are those of the last answer's `next`. The last frame sent again byte for byte gets the same
    answer. The picture is judged and forgotten.
    """
    here, picture = services(), FRAME.read()
    with here.backpressure.place(kiosk()):
        return challenge_out(here.liveness_sessions.frame(challenge_id, kiosk(), query.number, query.nonce, picture))
