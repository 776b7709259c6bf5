"""Checking in by face and by hand, and taking a check-in back. Each is a record; nothing is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from secure_attend.attendance.challenges import Challenges, Session
from secure_attend.attendance.measures import Measures
from secure_attend.attendance.moving import Moving
from secure_attend.attendance.recognition import Recognition
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students import Students
from secure_attend.attendance.whose import agree, decided, is_face_of
from secure_attend.errors import Conflict, DomainError, Expired, Forbidden, InvalidInput, NotFound
from secure_attend.faces.gallery import Ambiguous, Identified
from secure_attend.storage.store import Entry, Method, Record, Store, Student

NOT_ME_WITHIN = timedelta(seconds=15)  # ten that the page shows, five for a slow press and a slow network
SET_BACK_AT_MOST = timedelta(hours=14)
"""A record this far ahead of the clock was written before the clock was set back; the largest such slip is a local time
taken for UTC. One farther ahead comes from a clock that was plain wrong, and must not keep anyone out until then."""
ID_WITHIN = 60.0  # seconds to type an ID; longer, and somebody else may stand there
BY_STUDENT = "student"


@dataclass(frozen=True)
class Who:
    """Who acts: `id` tells all callers apart; records carry `name`, and `kiosk`, None where a lecturer acts."""

    id: str
    name: str
    kiosk: str | None


@dataclass(frozen=True)
class CheckedIn:
    """The record that says a student is here; `already` when it was made earlier, within the site's interval."""

    student: Student
    record: Record
    already: bool


@dataclass(frozen=True)
class _Asked:
    """A face that could be several people's: the answer so far, whose it could be, and until when an ID may say."""

    refusal: InvalidInput
    keys: tuple[str, ...]
    until: float


class CheckIn:
    """Turns a passed challenge, or a lecturer's word, into a record."""

    def __init__(
        self,
        store: Store,
        students: Students,
        recognition: Recognition,
        challenges: Challenges,
        time: SiteTime,
        interval: timedelta,
        measures: Measures,
        moving: Moving,
    ) -> None:
        self._moving = moving
        self._measures = measures
        self._store = store
        self._students = students
        self._recognition = recognition
        self._challenges = challenges
        self._time = time
        self._interval = interval

    def by_face(self, challenge_id: str, who: Who, student_id: str | None = None) -> CheckedIn:
        """Redeems a passed challenge, once: asked again it gives the same answer, refusals included.

        A face that could be several people's is answered `ambiguous_face`; asked again with the ID of one of them, the
        same frames are compared with that one alone. One ID may be tried, within `ID_WITHIN`. The record is found again
        even by a process that never held the session, after the one that did has died.

        Raises `NotFound`, `Expired`, `Conflict` (not passed, nobody registered), `InvalidInput` (not recognised).
        """
        try:
            return self._redeem(challenge_id, who, student_id)
        except (NotFound, Expired):
            earlier = self._redeemed(challenge_id, who)
            if earlier is None:
                raise
            return earlier

    def _redeem(self, challenge_id: str, who: Who, student_id: str | None) -> CheckedIn:
        with self._challenges.passed(challenge_id, who.id, "check_in") as session:
            outcome = session.outcome
            if not isinstance(outcome, (CheckedIn, DomainError, _Asked)):
                outcome = session.outcome = self._outcome(session, who)
                if isinstance(outcome, CheckedIn) and not outcome.already:
                    self._moving.learn(outcome.student, outcome.record, session.evidence)
                self._measures.checked_in(_word(outcome))
            if isinstance(outcome, _Asked) and student_id is not None:
                outcome = session.outcome = self._claimed(session, outcome, student_id, who)
                self._measures.checked_in(_word(outcome))
            if isinstance(outcome, CheckedIn):
                return outcome
            refusal = outcome.refusal if isinstance(outcome, _Asked) else outcome
            raise refusal.with_traceback(None)

    def by_hand(self, key: str, who: Who) -> CheckedIn:
        """Checks a student in on a lecturer's word."""
        return self._check_in(key, "by_hand", by=who.name, kiosk=who.kiosk)

    def cancel(self, record_id: str, who: Who, *, not_me: bool = False) -> Record:
        """Takes a check-in back by a record of its own. "Not me" is for the kiosk that made the record, shortly after
        a check-in by face, and all a kiosk may do."""
        with self._store.transaction():
            record = self._store.record(record_id)
            if record is None:
                raise NotFound("unknown_record", "There is no such check-in.")
            if who.kiosk is not None and (not not_me or record.kiosk != who.kiosk):
                raise Forbidden(
                    "not_this_kiosks", "This kiosk did not make this check-in. Ask your lecturer to cancel it."
                )
            self._may_be_cancelled(record)
            if not_me and (record.method != "face" or abs(self._time.now() - record.time) > NOT_ME_WITHIN):
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

    def _outcome(self, session: Session, who: Who) -> CheckedIn | DomainError | _Asked:
        if not self._recognition.knows_anyone:
            return Conflict(
                "nobody_registered", "No face is registered yet. Ask your lecturer to check you in by hand."
            )
        with self._measures.stage("search"):
            decision = decided(self._recognition, session.evidence)
        if isinstance(decision, Ambiguous):
            return _Asked(_ambiguous(), decision.keys, self._time.seconds() + ID_WITHIN)
        if isinstance(decision, Identified) and agree(self._recognition, decision.key, session.evidence):
            return self._by_face(decision.key, session.standing.id, who)
        return _not_recognised()

    def _claimed(self, session: Session, asked: _Asked, student_id: str, who: Who) -> CheckedIn | DomainError:
        """Verifies (1:1) that the face is the claimed student's, who must be one of those it was found to resemble."""
        if self._time.seconds() >= asked.until:
            return Expired("challenge_expired", "This took too long and is over. Start again.")
        claimed = self._store.student_with_id(student_id.strip())
        if claimed is None or claimed.key not in asked.keys:
            return _not_recognised()
        return (
            self._by_face(claimed.key, session.standing.id, who)
            if is_face_of(self._recognition, claimed.key, session.evidence)
            else _not_recognised()
        )

    def _by_face(self, key: str, challenge_id: str, who: Who) -> CheckedIn | DomainError:
        try:
            with self._store.transaction():
                # Redeemed already if the database was lost in the middle of it, and the kiosk now asks again.
                earlier = self._redeemed(challenge_id, who)
                if earlier is not None:
                    return earlier
                if not self._recognition.still_known(key):
                    return _not_recognised()
                return self._check_in(key, "face", by=BY_STUDENT, kiosk=who.kiosk, redemption=challenge_id)
        except (Conflict, InvalidInput, NotFound) as refusal:
            return refusal

    def _redeemed(self, challenge_id: str, who: Who) -> CheckedIn | None:
        """What the session came to, if it was this caller's."""
        record = self._store.redeemed(challenge_id)
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


def _word(outcome: CheckedIn | DomainError | _Asked) -> str:
    """The outcome as it is counted."""
    if isinstance(outcome, CheckedIn):
        return "already" if outcome.already else "checked_in"
    return outcome.refusal.code if isinstance(outcome, _Asked) else outcome.code


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
