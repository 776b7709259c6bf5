"""Checking in by face, by ID and code or by hand. Each is a record; none is ever deleted."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from secure_attend.attendance.find_student import known_student
from secure_attend.attendance.liveness_sessions.session import LivenessSession
from secure_attend.attendance.liveness_sessions.sessions import LivenessSessions
from secure_attend.attendance.metrics import Metrics
from secure_attend.attendance.reader_scope import UNLIMITED, ReaderScope, StaffRole
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.model_migration import ModelMigration
from secure_attend.attendance.records.identity_check import ClaimNeeded, IdentityCheck, not_recognised
from secure_attend.attendance.refusal_causes import cause_of
from secure_attend.attendance.refused_check_ins import RefusedCheckIns
from secure_attend.attendance.registers.current_meetings import CurrentMeetings, MeetingsNow
from secure_attend.attendance.registers.facts import CheckInSeen, check_in_seen
from secure_attend.attendance.registers.marks import refuse_own
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import Actor, Claim, PersonalCodes, as_typed, student_with_typed_id
from secure_attend.attendance.students.students import Students
from secure_attend.errors import Conflict, DomainError, Expired, Forbidden, InvalidInput, NotFound, StorageFailed
from secure_attend.faces.matching.decision import Identified
from secure_attend.storage.chains.log_chain import number_of
from secure_attend.storage.ports import AttendanceLog, HasDocuments, StudentStore
from secure_attend.storage.values import EVERY_ROOM, Entry, Method, Record, Student

SET_BACK_AT_MOST = timedelta(hours=14)
"""A record this far ahead of the clock was written before the clock was set back; the largest such slip is a local time
taken for UTC. A record farther ahead comes from a clock that was plain wrong, and must not keep anyone out."""
BY_STUDENT = "student"
CHECKS_IN: tuple[StaffRole, ...] = ("lecturer", "assistant")


@dataclass(frozen=True)
class CheckedIn:
    """The record that says a student is here. `already`: it was made earlier, within the site's interval."""

    student: Student
    record: Record
    already: bool


Outcome = CheckedIn | DomainError | ClaimNeeded


class CheckInStore(StudentStore, AttendanceLog, HasDocuments, Protocol):
    """The ports that checking in needs."""


class CheckIn:
    """Records a check-in for a passed liveness session, an ID with its code, or a lecturer's word."""

    def __init__(
        self,
        store: CheckInStore,
        students: Students,
        galleries: Galleries,
        liveness_sessions: LivenessSessions,
        identity_check: IdentityCheck,
        codes: PersonalCodes,
        time: SiteTime,
        interval: timedelta,
        metrics: Metrics,
        model_migration: ModelMigration,
        refusals: RefusedCheckIns,
        meetings: MeetingsNow,
    ) -> None:
        self._store = store
        self._students = students
        self._galleries = galleries
        self._liveness_sessions = liveness_sessions
        self._identity_check = identity_check
        self._codes = codes
        self._time = time
        self._interval = interval
        self._metrics = metrics
        self._model_migration = model_migration
        self._refusals = refusals
        self._meetings = meetings

    def by_face(
        self, challenge_id: str, actor: Actor, claim: Claim | None = None, scope: ReaderScope = UNLIMITED
    ) -> CheckedIn:
        """Redeem a passed liveness session, once: asked again it gives the same answer, refusals included.

        A face that could be several students' is answered `ambiguous_face`. Asked again with the ID of one of them, the
        same frames are compared with that student alone. One ID may be tried, within `ID_WITHIN`. For students marked
        as looking alike, and after movements without turns of the head, the answer is `code_needed`: the claim then
        needs the personal code too, and may be tried again within `CODE_WITHIN`. More time for the liveness session
        lengthens both. If the process that held it has died, another process still finds the record.

        An account is named in the record, and needs to be lecturer or assistant of the student, as by `scope`.

        Raises `NotFound`, `Expired`, `Conflict` (not passed, nobody registered), `InvalidInput` (not recognised),
        `Forbidden` (`wrong_proof`, `not_allowed`, `own_cell`), `TooMany`.
        """
        try:
            return self._redeem(challenge_id, actor, claim, scope)
        except (NotFound, Expired):
            earlier = self._earlier(_by_session(challenge_id), actor)
            if earlier is None:
                raise
            return earlier
        except StorageFailed as failure:
            self._metrics.checked_in(failure.code)
            self._refuse(failure, actor, claim, _by_session(challenge_id))
            raise

    def refuse_faces(self, actor: Actor) -> None:
        """Raise `Conflict` if nobody may check in by face at this caller's kiosk now, before a camera is used."""
        meetings = self._meetings.look()
        if not meetings.takes_faces(meetings.room_of(actor.kiosk_key), self._time.now()):
            raise class_without_faces()

    def by_code(self, claim: Claim, attempt: str, actor: Actor) -> CheckedIn:
        """Check in the student with this ID and code, at a kiosk. `attempt` is random text of the caller's: the same
        attempt sent again gives the same record. Raises `Forbidden` (`wrong_proof`, or `not_allowed` for an account:
        it may be anywhere), `TooMany`."""
        if actor.kiosk is None:
            raise Forbidden("not_allowed", "Codes are for kiosks. Check the student in by hand.")
        try:
            student = student_with_typed_id(self._store, claim.student_id)
            key = self._codes.prove(
                student.key if student else None, as_typed(claim.student_id), claim.code or "", actor.id
            )
            redemption = f"code {actor.id} {key} {attempt}"
            meetings = self._meetings.look()
            with self._store.transaction():
                checked_in = self._earlier(redemption, actor) or self._record_check_in(
                    key, "code", actor, meetings, by=BY_STUDENT, redemption=redemption
                )
        except DomainError as refusal:
            self._metrics.checked_in(refusal.code)
            self._refuse(refusal, actor, claim, f"code {attempt}")
            raise
        self._metrics.checked_in(_counted_as(checked_in))
        return checked_in

    def _refuse_account(self, key: str, actor: Actor, scope: ReaderScope, *, any_course: bool) -> None:
        """Raise `Forbidden` unless the caller is a kiosk, or the account may check this student in."""
        if actor.kiosk is not None:
            return
        if scope.role_for(key) not in CHECKS_IN:
            raise Forbidden("not_allowed", "Only lecturers and assistants of the student's courses can do this.")
        if any_course:
            refuse_own([known_student(self._store, key)], actor)

    def by_hand(self, key: str, actor: Actor, scope: ReaderScope) -> CheckedIn:
        """Check a student in on a lecturer's word. An earlier check-in that the lecturer may not see is not theirs: it
        makes no difference. Raises `Forbidden` (`own_cell`) for the lecturer's own check-in, on a site with courses."""
        meetings = self._meetings.look()
        if meetings.any_course:
            refuse_own([known_student(self._store, key)], actor)
        return self._record_check_in(key, "by_hand", actor, meetings, by=actor.name, scope=scope)

    def _redeem(self, challenge_id: str, actor: Actor, claim: Claim | None, scope: ReaderScope) -> CheckedIn:
        """Identify, verify the claim where one is needed, and record."""
        with self._liveness_sessions.passed(challenge_id, actor.id, "check_in") as session:
            outcome = session.outcome
            if not isinstance(outcome, (CheckedIn, DomainError, ClaimNeeded)):
                identity = self._identity_check.identify(session, self._in_class(actor))
                outcome = self._settle(session, identity, actor, scope)
            if isinstance(outcome, ClaimNeeded) and claim is not None:
                outcome = self._answer(session, outcome, claim, actor, scope)
            if isinstance(outcome, CheckedIn):
                return outcome
            refusal = outcome.refusal if isinstance(outcome, ClaimNeeded) else outcome
            raise refusal.with_traceback(None)

    def _in_class(self, actor: Actor) -> frozenset[str]:
        """Return the students who have a class now that takes check-ins from this caller's kiosk."""
        meetings = self._meetings.look()
        return meetings.in_class(meetings.room_of(actor.kiosk_key), self._time.now())

    def _answer(
        self, session: LivenessSession, needed: ClaimNeeded, claim: Claim, actor: Actor, scope: ReaderScope
    ) -> Outcome:
        """Return what the claim comes to; without the code that it needs, the same question."""
        if not needed.is_answered_by(claim):
            session.note_typed(self._typed(claim))
            return needed
        try:
            verified = self._identity_check.verify(session, needed, claim, actor.id)
        except DomainError as refusal:
            self._refuse(refusal, actor, claim, _by_session(session.state.id))
            session.note_refused()
            raise
        # An ID alone is no proof of who it is, so the models learn only from a claim with its code.
        return self._settle(session, verified, actor, scope, learn=needed.code, claim=claim, candidates=needed.keys)

    def _refuse(
        self,
        refusal: DomainError,
        actor: Actor,
        claim: Claim | None,
        tried: str,
        candidates: Collection[str] = (),
    ) -> None:
        """Remember a refusal. `candidates` are the students whose face it could be: that it is not like the one of
        anybody else says nothing about theirs."""
        student = self._typed(claim)
        self._refusals.add(
            actor.id,
            cause_of(refusal),
            student=student,
            unlike_registered=refusal.code == "not_recognised" and student in candidates,
            tried=f"{actor.id} {tried}" if isinstance(refusal, StorageFailed) else None,
        )

    def _typed(self, claim: Claim | None) -> str | None:
        """Return the key of the student whose ID was typed; None if nobody has it, or the store can't tell now."""
        with suppress(StorageFailed):
            student = student_with_typed_id(self._store, claim.student_id) if claim is not None else None
            return student.key if student is not None else None
        return None

    def _settle(
        self,
        session: LivenessSession,
        identity: Identified | ClaimNeeded | DomainError,
        actor: Actor,
        scope: ReaderScope,
        *,
        learn: bool = True,
        claim: Claim | None = None,
        candidates: Collection[str] = (),
    ) -> Outcome:
        """Record the student who was identified, and keep the outcome for the same question asked again."""
        outcome: Outcome
        if isinstance(identity, Identified):
            outcome = self._record_identified(identity.key, session.state.id, actor, scope)
        else:
            outcome = identity
        session.outcome = outcome
        session.question = None
        if isinstance(outcome, ClaimNeeded):
            session.ask(outcome.unanswered, outcome.within, self._time.seconds())
        if learn and isinstance(outcome, CheckedIn) and not outcome.already:
            self._model_migration.learn(outcome.student, outcome.record, session.evidence)
        self._metrics.checked_in(_counted_as(outcome))
        if isinstance(outcome, DomainError):
            self._refuse(outcome, actor, claim, _by_session(session.state.id), candidates)
        return outcome

    def _record_identified(
        self, key: str, challenge_id: str, actor: Actor, scope: ReaderScope
    ) -> CheckedIn | DomainError:
        meetings = self._meetings.look()
        here = CheckInSeen("", 0, self._time.now(), key, meetings.room_of(actor.kiosk_key))
        try:
            self._refuse_account(key, actor, scope, any_course=meetings.any_course)
            with self._store.transaction():
                earlier = self._earlier(_by_session(challenge_id), actor)
                if earlier is None and not self._galleries.still_known(key):
                    return not_recognised()
                if earlier is None and not meetings.takes_face(here):
                    return class_without_faces()
                return earlier or self._record_check_in(
                    key, "face", actor, meetings, by=_named(actor), redemption=_by_session(challenge_id)
                )
        except (Conflict, Forbidden, InvalidInput, NotFound) as refusal:
            return refusal

    def _earlier(self, redemption: str, actor: Actor) -> CheckedIn | None:
        """Return what this caller redeemed it for before: the answer may have been lost on its way."""
        record = self._store.redeemed(redemption)
        if record is None or record.person is None or not actor.made(record):
            return None
        student = self._store.student(record.person)
        return CheckedIn(student, record, already=False) if student else None

    def _record_check_in(
        self,
        key: str,
        method: Method,
        actor: Actor,
        meetings: CurrentMeetings,
        *,
        by: str,
        redemption: str | None = None,
        scope: ReaderScope = UNLIMITED,
    ) -> CheckedIn:
        """Append the check-in, unless there is one within the site's interval that says the same."""
        with self._store.transaction():
            student = self._students.on_list(key)
            now = self._time.now()
            room = meetings.room_of(actor.kiosk_key)
            latest = self._store.latest_check_in(key)
            repeats = latest is not None and self._repeats(latest, CheckInSeen("", 0, now, key, room), meetings)
            if latest is not None and repeats and scope.shows(key, latest):
                return CheckedIn(student, latest, already=True)
            entry = Entry(
                time=now,
                method=method,
                student_id=student.student_id,
                person=key,
                by=by,
                kiosk=actor.kiosk,
                kiosk_key=actor.kiosk_key,
                room=room,
                profile=self._galleries.found_by(key) if method == "face" else None,
                redemption=redemption,
            )
            with self._metrics.stage("append"):
                return CheckedIn(student, self._store.append(entry), already=False)

    def _repeats(self, latest: Record, again: CheckInSeen, meetings: CurrentMeetings) -> bool:
        """Return whether a check-in says nothing that the student's latest one doesn't: it is of no later day,
        within the interval and, on a site with courses, in the same room, and counts for no other meeting."""
        new_day = self._time.date_of(latest.time) < self._time.date_of(again.time)
        if new_day or not -SET_BACK_AT_MOST < again.time - latest.time < self._interval:
            return False
        if not meetings.any_course:
            return True
        same_room = latest.room == again.room or EVERY_ROOM in (latest.room, again.room)
        counted = meetings.counted(check_in_seen(latest)) - self._marked_absent_since(latest)
        return same_room and meetings.counted(again) <= counted

    def _marked_absent_since(self, check_in: Record) -> frozenset[str]:
        """Return the keys of the meetings in which staff marked the student absent after this check-in: the next one
        takes the place of that mark."""
        after = number_of(check_in.id) or 0
        newest = {
            record.meeting: record.status
            for record in self._store.records(person=check_in.person, after=after)
            if record.method == "mark" and record.meeting is not None
        }
        return frozenset(meeting for meeting, status in newest.items() if status == "absent")


def _named(actor: Actor) -> str:
    """Return who a record says acted: at a kiosk the student, and else the account, which may be anywhere."""
    return BY_STUDENT if actor.kiosk is not None else actor.name


def class_without_faces() -> Conflict:
    """Return the refusal of a check-in by face for a class that uses none."""
    return Conflict(
        "class_without_faces", "This class uses no faces. Check in with your student ID and your personal code."
    )


def _counted_as(outcome: Outcome) -> str:
    """Return the outcome as the metrics count it."""
    if isinstance(outcome, CheckedIn):
        return "already" if outcome.already else "checked_in"
    return outcome.refusal.code if isinstance(outcome, ClaimNeeded) else outcome.code


def _by_session(challenge_id: str) -> str:
    """Return the key that a session is redeemed by. It begins otherwise than an attempt's: what is typed as a session
    finds no check-in by code."""
    return f"face {challenge_id}"
