"""/courses/<course>/locks: days of a course in which nothing may change any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.courses.lock import Lock
from secure_attend.attendance.site_time import utc_text
from secure_attend.web.api.courses.courses import UNKNOWN
from secure_attend.web.http.access_rules import AnyRule, Rule, actor, scope
from secure_attend.web.http.audit_rules import NotAudited, changes, note
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import Done
from secure_attend.web.schemas.course_schemas import LockList, LockOut, NewLock, Unlocking

blueprint = APIBlueprint("locks", __name__, tag="Registers")
RULE = in_course("lecturer")
EXCEPT_FOR: Mapping[str, AnyRule] = {
    "list_locks": in_course("lecturer", "assistant", "viewer"),
    "unlock": Rule.REGISTRAR,
}
AUDIT = {
    "list_locks": NotAudited("it shows which days are locked, and names no student"),
    "lock": changes(AuditedAction.LOCK_ATTENDANCE),
    "unlock": changes(AuditedAction.UNLOCK_ATTENDANCE),
}


@blueprint.get("/courses/<course>/locks")
@blueprint.output(LockList)
@describe(blueprint, UNKNOWN)
def list_locks(course: str) -> LockList:
    """List the locks of a course

    `digest` is the SHA-256 of the register's canonical form when it was locked, and `records` how many records the
    attendance log had then.
    """
    locks = current_services().locks.of_course(course)
    return LockList(locks=[_out(lock) for lock in locks], may_unlock=scope().everything)


@blueprint.post("/courses/<course>/locks")
@blueprint.input(NewLock, location="json", arg_name="body")
@blueprint.output(LockOut, status_code=201)
@describe(
    blueprint,
    UNKNOWN | {409: "These days are locked already (`already_locked`), or others keep changing the course. Try again."},
)
def lock(course: str, body: NewLock) -> LockOut:
    """Lock days of a course

    From `first_day` (the beginning, if it is left out) to `last_day`, marks, excuses, rules, memberships and classes
    no longer change: anybody who tries is refused (`locked`). All classes of these days must be over. Check-ins are
    never refused, but one that decides a locked status cannot be cancelled. Only registrars can unlock.
    """
    locks = current_services().locks
    before = locks.of_course(course)
    made = locks.lock(course, body.first_day, body.last_day, actor().name)
    note(f"course:{course}", before=_in_words(before), after=_in_words([*before, made]))
    note(lock=made.key, digest=made.digest, log_record=made.records, log_mac=made.mac)
    return _out(made)


@blueprint.post("/courses/<course>/locks/<lock>/unlock")
@blueprint.input(Unlocking, location="json", arg_name="body")
@blueprint.output(Done)
@describe(blueprint, {404: "There is no such course or lock."})
def unlock(course: str, lock: str, body: Unlocking) -> Done:
    """Unlock days of a course

    The `reason` is entered in the audit trail, which nobody can change. It must name no student.
    """
    locks = current_services().locks
    reason = locks.reason_to_unlock(course, body.reason)
    before = locks.of_course(course)
    removed = locks.unlock(course, lock)
    note(f"course:{course}", before=_in_words(before), after=_in_words(locks.of_course(course)))
    note(lock=removed.key, digest=removed.digest, reason=reason)
    return Done(done=True)


def _out(lock: Lock) -> LockOut:
    return LockOut(
        key=lock.key,
        first_day=lock.first_day,
        last_day=lock.last_day,
        by=lock.by,
        at=utc_text(lock.at),
        records=lock.records,
        digest=lock.digest,
    )


def _in_words(locks: Iterable[Lock]) -> str:
    """Return which days are locked, for the audit trail."""
    return "; ".join(f"{lock.first_day or ''}..{lock.last_day}" for lock in locks)
