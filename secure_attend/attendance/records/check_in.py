"""Checking in by face, by ID and code and by hand, and taking a check-in back. Each is a record; nothing is ever
deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from secure_attend.attendance.liveness_sessions.sessions import LivenessSession, LivenessSessions
from secure_attend.attendance.metrics import Metrics
from secure_attend.attendance.recognition.identification import frames_agree, identify, verify
from secure_attend.attendance.recognition.model_migration import ModelMigration
from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import PersonalCodes, student_with_typed_id
from secure_attend.attendance.students.look_alikes import look_alike_pairs
from secure_attend.attendance.students.students import Students
from secure_attend.errors import Conflict, DomainError, Expired, Forbidden, InvalidInput, NotFound
from secure_attend.faces.matching.gallery import Ambiguous, Identified, NotRecognised
from secure_attend.storage.ports import AttendanceLog, HasDocuments, StudentStore
from secure_attend.storage.values import Entry, Method, Record, Student

NOT_ME_WITHIN = timedelta(seconds=15)  # ten that the page shows, five for a slow press and a slow network
SET_BACK_AT_MOST = timedelta(hours=14)
"""A record this far ahead of the clock was written before the clock was set back; the largest such slip is a local time
taken for UTC. One farther ahead comes from a clock that was plain wrong, and must not keep anyone out until then."""
ID_WITHIN = 60.0  # seconds to type an ID; longer, and somebody else may stand there
CODE_WITHIN = 120.0  # seconds to type an ID and a code, which nobody else knows
BY_STUDENT = "student"
BY_THE_STUDENT: tuple[Method, ...] = ("face", "code")


@dataclass(frozen=True)
class Actor:
    """Who acts: `id` tells all callers apart; records carry `name`, and `kiosk`, None where a lecturer acts."""

    id: str
    name: str
    kiosk: str | None


@dataclass(frozen=True)
class Claim:
    """Who somebody says they are, and the personal code where it is asked for."""

    student_id: str
    code: str | None = None


@dataclass(frozen=True)
class CheckedIn:
    """The record that says a student is here; `already` when it was made earlier, within the site's interval."""

    student: Student
    record: Record
    already: bool


@dataclass(frozen=True)
class ClaimNeeded:
    """A face that is not enough: the answer so far, whose it could be, until when a claim may say, and whether that
    needs the personal code."""

    refusal: InvalidInput
    keys: frozenset[str]
    until: float
    code: bool


class CheckInStore(StudentStore, AttendanceLog, HasDocuments, Protocol):
    """The ports that checking in needs."""


class CheckIn:
    """Turns a passed challenge, an ID with its code, or a lecturer's word, into a record."""

    def __init__(
        self,
        store: CheckInStore,
        students: Students,
        recognition: Recognition,
        challenges: LivenessSessions,
        time: SiteTime,
        interval: timedelta,
        measures: Metrics,
        moving: ModelMigration,
        codes: PersonalCodes,
    ) -> None:
        self._moving = moving
        self._measures = measures
        self._store = store
        self._students = students
        self._recognition = recognition
        self._challenges = challenges
        self._time = time
        self._interval = interval
        self._codes = codes

    def by_face(self, challenge_id: str, who: Actor, claim: Claim | None = None) -> CheckedIn:
        """Redeems a passed challenge, once: asked again it gives the same answer, refusals included.

        A face that could be several people's is answered `ambiguous_face`; asked again with the ID of one of them, the
        same frames are compared with that one alone. One ID may be tried, within `ID_WITHIN`. For students marked as
        looking alike, and after movements without turns of the head, the answer is `code_needed`: the claim then
        bears the personal code too, and may be tried again within `CODE_WITHIN`. The record is found again even by a
        process that never held the session, after the one that did has died.

        Raises `NotFound`, `Expired`, `Conflict` (not passed, nobody registered), `InvalidInput` (not recognised),
        `Forbidden` (`wrong_proof`), `TooMany`.
        """
        try:
            return self._redeem(challenge_id, who, claim)
        except (NotFound, Expired):
            earlier = self._redeemed(challenge_id, who)
            if earlier is None:
                raise
            return earlier

    def by_code(self, claim: Claim, attempt: str, who: Actor) -> CheckedIn:
        """Checks in who knows an ID and its code. `attempt` is random text of the caller's: the same attempt sent again
        gives the same record. Raises `Forbidden` (`wrong_proof`), `TooMany`."""
        student = student_with_typed_id(self._store, claim.student_id)
        try:
            key = self._codes.prove(student.key if student else None, claim.code or "", who.id)
            redemption = f"{who.id} {key} {attempt}"
            with self._store.transaction():
                done = self._redeemed(redemption, who) or self._by_student(key, "code", redemption, who)
        except DomainError as refusal:
            self._measures.checked_in(refusal.code)
            raise
        self._measures.checked_in(_word(done))
        return done

    def _redeem(self, challenge_id: str, who: Actor, claim: Claim | None) -> CheckedIn:
        with self._challenges.passed(challenge_id, who.id, "check_in") as session:
            outcome = session.outcome
            if not isinstance(outcome, (CheckedIn, DomainError, ClaimNeeded)):
                outcome = session.outcome = self._identify_and_record(session, who)
                session.pending = isinstance(outcome, ClaimNeeded)
                self._learn(session, outcome)
                self._measures.checked_in(_word(outcome))
            if isinstance(outcome, ClaimNeeded) and claim is not None and (claim.code is not None or not outcome.code):
                asked = outcome
                outcome = session.outcome = self._claimed(session, asked, claim, who)
                session.pending = False
                if asked.code:
                    self._learn(session, outcome)
                self._measures.checked_in(_word(outcome))
            if isinstance(outcome, CheckedIn):
                return outcome
            refusal = outcome.refusal if isinstance(outcome, ClaimNeeded) else outcome
            raise refusal.with_traceback(None)

    def _learn(self, session: LivenessSession, outcome: CheckedIn | DomainError | ClaimNeeded) -> None:
        """Where the site moves to other models, they get to know whoever was found for sure."""
        if isinstance(outcome, CheckedIn) and not outcome.already:
            self._moving.learn(outcome.student, outcome.record, session.evidence)

    def by_hand(self, key: str, who: Actor) -> CheckedIn:
        """Checks a student in on a lecturer's word."""
        return self._check_in(key, "by_hand", by=who.name, kiosk=who.kiosk)

    def cancel(self, record_id: str, who: Actor, *, not_me: bool = False) -> Record:
        """Takes a check-in back by a record of its own. "Not me" is for the kiosk that made the record, shortly after
        a check-in by the student, and all a kiosk may do."""
        with self._store.transaction():
            record = self._store.record(record_id)
            if record is None:
                raise NotFound("unknown_record", "There is no such check-in.")
            if who.kiosk is not None and (not not_me or record.kiosk != who.kiosk):
                raise Forbidden(
                    "not_this_kiosks", "This kiosk did not make this check-in. Ask your lecturer to cancel it."
                )
            self._may_be_cancelled(record)
            late = abs(self._time.now() - record.time) > NOT_ME_WITHIN
            if not_me and (record.method not in BY_THE_STUDENT or late):
                raise Forbidden("too_late", "It is too late to take this back here. Ask your lecturer to cancel it.")
            self._moving.unlearn(record)
            return self._store.append(
                Entry(
                    time=self._time.now(),
                    method="cancellation",
                    student_id=record.student_id or "",
                    by=BY_STUDENT if not_me else who.name,
                    kiosk=who.kiosk,
                    cancels=record.id,
                )
            )

    def _may_be_cancelled(self, record: Record) -> None:
        if record.method == "cancellation":
            raise Conflict("not_a_check_in", "This record is a cancellation; only check-ins can be cancelled.")
        if record.student_id is None:
            raise Conflict("student_erased", "This student was erased; the record names nobody and stays as it is.")
        earlier = self._store.cancellation_of(record.id)
        if earlier is not None:
            raise Conflict("already_cancelled", "This check-in is cancelled already.", cancelled_by=earlier.id)

    def _identify_and_record(self, session: LivenessSession, who: Actor) -> CheckedIn | DomainError | ClaimNeeded:
        if not self._recognition.knows_anyone:
            return Conflict(
                "nobody_registered", "No face is registered yet. Ask your lecturer to check you in by hand."
            )
        with self._measures.stage("search"):
            decision = identify(self._recognition, session.evidence)
        if isinstance(decision, NotRecognised):
            return _not_recognised()
        keys = frozenset(decision.keys if isinstance(decision, Ambiguous) else (decision.key,))
        pairs = look_alike_pairs(self._store, keys)
        # Which of two look-alikes is nearest changes from frame to frame, so the frames need not agree on one.
        sure = isinstance(decision, Identified)
        if sure and not pairs and not frames_agree(self._recognition, next(iter(keys)), session.evidence):
            return _not_recognised()
        if pairs or session.without_turning:
            return self._ask_for_code(keys.union(*pairs))
        if sure:
            return self._record_by_face(next(iter(keys)), session.standing.id, who)
        return ClaimNeeded(_ambiguous(), keys, self._time.seconds() + ID_WITHIN, code=False)

    def _ask_for_code(self, keys: frozenset[str]) -> DomainError | ClaimNeeded:
        if not self._codes.issued(keys):
            return InvalidInput(
                "no_code",
                "Your personal code is needed to check you in here, and you have none yet. Ask your lecturer for one, "
                "or to check you in by hand.",
            )
        refusal = InvalidInput(
            "code_needed", "Your face alone is not enough here: type your ID and your personal code."
        )
        return ClaimNeeded(refusal, keys, self._time.seconds() + CODE_WITHIN, code=True)

    def _claimed(
        self, session: LivenessSession, asked: ClaimNeeded, claim: Claim, who: Actor
    ) -> CheckedIn | DomainError:
        """Verifies (1:1) that the face is the claimed student's, who must be one of those it was found to resemble, and
        the code where one is asked for. Raises `Forbidden` for a wrong one, and then it may be tried again."""
        if self._time.seconds() >= asked.until:
            return Expired("challenge_expired", "This took too long and is over. Start again.")
        claimed = student_with_typed_id(self._store, claim.student_id)
        if claimed is not None and claimed.key not in asked.keys:
            claimed = None
        with self._measures.stage("search"):
            shown = verify(self._recognition, claimed.key if claimed else "", session.evidence)
        if not shown:
            claimed = None
        if asked.code:
            self._codes.prove(claimed.key if claimed else None, claim.code or "", who.id)
        return self._record_by_face(claimed.key, session.standing.id, who) if claimed else _not_recognised()

    def _record_by_face(self, key: str, challenge_id: str, who: Actor) -> CheckedIn | DomainError:
        try:
            with self._store.transaction():
                earlier = self._redeemed(challenge_id, who)
                if earlier is None and not self._recognition.still_known(key):
                    return _not_recognised()
                return earlier or self._by_student(key, "face", challenge_id, who)
        except (Conflict, InvalidInput, NotFound) as refusal:
            return refusal

    def _by_student(self, key: str, method: Method, redemption: str, who: Actor) -> CheckedIn:
        return self._check_in(key, method, by=BY_STUDENT, kiosk=who.kiosk, redemption=redemption)

    def _redeemed(self, redemption: str, who: Actor) -> CheckedIn | None:
        """What this caller traded it for before: the answer was lost, or the database in the middle of it."""
        record = self._store.redeemed(redemption)
        if record is None or record.student_id is None or record.kiosk != who.kiosk:
            return None
        student = self._store.student_with_id(record.student_id)
        return CheckedIn(student, record, already=False) if student else None

    def _check_in(
        self, key: str, method: Method, *, by: str, kiosk: str | None, redemption: str | None = None
    ) -> CheckedIn:
        with self._store.transaction():
            student = self._students.on_list(key)
            now = self._time.now()
            latest = self._store.latest_check_in(student.student_id)
            if latest is not None and -SET_BACK_AT_MOST < now - latest.time < self._interval:
                return CheckedIn(student, latest, already=True)
            by_face = method == "face"
            entry = Entry(
                time=now,
                method=method,
                student_id=student.student_id,
                by=by,
                kiosk=kiosk,
                profile=self._recognition.found_by(key) if by_face else None,
                redemption=redemption,
            )
            with self._measures.stage("append"):
                return CheckedIn(student, self._store.append(entry), already=False)


def _word(outcome: CheckedIn | DomainError | ClaimNeeded) -> str:
    """The outcome as it is counted."""
    if isinstance(outcome, CheckedIn):
        return "already" if outcome.already else "checked_in"
    return outcome.refusal.code if isinstance(outcome, ClaimNeeded) else outcome.code


def _ambiguous() -> InvalidInput:
    return InvalidInput(
        "ambiguous_face",
        "Your face looks like more than one registered student's. Ask your lecturer to check you in by hand.",
    )


def _not_recognised() -> InvalidInput:
    return InvalidInput(
        "not_recognised",
        "Your face was not recognised. Try again facing the light, or ask your lecturer to check you in by hand.",
    )
