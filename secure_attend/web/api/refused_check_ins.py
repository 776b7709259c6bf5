"""/refusals: why check-ins were refused in the last day."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.refused_check_ins import RefusedCheckIn
from secure_attend.attendance.site_time import utc_text
from secure_attend.web.http.access_rules import scope
from secure_attend.web.http.audit_rules import looks
from secure_attend.web.http.site_parts import current_access, current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.report_schemas import RefusalList, RefusalOut
from secure_attend.web.schemas.serialise import name_of

blueprint = APIBlueprint("refused_check_ins", __name__, tag="Reports")
AUDIT = {"refusals": looks(AuditedAction.SEE_REFUSALS, polled=True)}


@blueprint.get("/refusals")
@blueprint.output(RefusalList)
@describe(blueprint)
def refusals() -> RefusalList:
    """List the refused check-ins of the last 24 hours

    Newest first. Each has its `cause` (the code of the failure or problem), the `step` that was asked for then, the
    `hint` given for the longest, the kiosk and the time. There is no score and no picture, and nothing says whose face
    it was: `student` is there only if somebody typed that student's ID. `kiosk` is null for a kiosk that was revoked,
    and for faculty.
    A session that was left is refused when its time is over. Its cause is `other_movements`, which kiosks are never
    told, if movements that were not asked for, or a hidden face, added steps at least twice. `id_not_typed` and
    `code_not_typed` are for who was asked for that after the movements and did not answer in time. `history_mismatch`
    is for "My attendance", where ID and face did not match. `storage_full` and `storage_failed` are for check-ins that
    could not be saved: sent again by the kiosk, they are one. Whatever has no cause of its own is `other`.
    The list is in the server's memory alone: it is empty after a start, and each process of a site has its own. It
    keeps at most 500, and the oldest are dropped first.
    """
    services = current_services()
    services.liveness_sessions.end_expired()
    kiosks = {f"kiosk:{kiosk.key}": kiosk.name for kiosk in current_access().kiosks.all()}
    return RefusalList(
        refusals=[
            _refusal_out(refusal, kiosks.get(refusal.caller))
            for refusal in services.refusals.recent()
            if refusal.student is None or scope().sees(refusal.student)
        ]
    )


def _refusal_out(refusal: RefusedCheckIn, kiosk: str | None) -> RefusalOut:
    services = current_services()
    student = services.store.student(refusal.student) if refusal.student is not None else None
    return RefusalOut(
        time=utc_text(refusal.time),
        date=services.time.date_of(refusal.time),
        local_time=services.time.clock_face(refusal.time),
        kiosk=kiosk,
        cause=refusal.cause,
        step=refusal.step,
        hint=refusal.hint,
        student=name_of(student) if student is not None else None,
    )
