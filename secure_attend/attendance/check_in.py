"""Checking in by face and by hand, and taking a check-in back. Each is a record; nothing is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from secure_attend.attendance.challenges import Challenges, Session
from secure_attend.attendance.recognition import Recognition
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students import Students
from secure_attend.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from secure_attend.faces.gallery import Ambiguous, Identified
from secure_attend.storage.store import Entry, Method, Record, Store, Student

NOT_ME_WITHIN = timedelta(seconds=15)  # ten that the page shows, five for a slow press and a slow network
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
    ) -> None:
        self._store = store
        self._students = students
        self._recognition = recognition
        self._challenges = challenges
        self._time = time
        self._interval = interval

    def by_face(self, challenge_id: str, who: Who) -> CheckedIn:
        """Redeems a passed challenge, once: asked again it gives the same answer, refusals included.

        Raises `NotFound`, `Expired`, `Conflict` (not passed, nobody registered), `InvalidInput` (not recognised).
        """
        with self._challenges.passed(challenge_id, who.id, "check_in") as session:
            outcome = session.outcome
            if not isinstance(outcome, (CheckedIn, DomainError)):
                outcome = session.outcome = self._outcome(session, who)
            if isinstance(outcome, DomainError):
                raise outcome.with_traceback(None)
            return outcome

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
            if not_me and (record.method != "face" or self._time.now() - record.time > NOT_ME_WITHIN):
                raise Forbidden("too_late", "It is too late to take this back here. Ask your lecturer to cancel it.")
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

    def _outcome(self, session: Session, who: Who) -> CheckedIn | DomainError:
        try:
            return self._check_in(self._identified(session), "face", by=BY_STUDENT, kiosk=who.kiosk)
        except (Conflict, InvalidInput, NotFound) as refusal:
            return refusal

    def _identified(self, session: Session) -> str:
        gallery = self._recognition.gallery
        if not len(gallery):
            raise Conflict("nobody_registered", "No face is registered yet. Ask your lecturer to check you in by hand.")
        decision = gallery.decide(np.stack(session.embeddings))
        if isinstance(decision, Identified):
            return decision.key
        if isinstance(decision, Ambiguous):
            raise InvalidInput(
                "ambiguous_face",
                "Your face looks like more than one registered student's. Ask your lecturer to check you in by hand.",
            )
        raise InvalidInput(
            "not_recognised",
            "Your face was not recognised. Try again facing the light, or ask your lecturer to check you in by hand.",
        )

    def _check_in(self, key: str, method: Method, *, by: str, kiosk: str | None) -> CheckedIn:
        with self._store.transaction():
            student = self._students.on_list(key)
            now = self._time.now()
            latest = self._store.latest_check_in(student.student_id)
            # abs: after the clock was set back, a record may lie ahead of it.
            if latest is not None and abs(now - latest.time) < self._interval:
                return CheckedIn(student, latest, already=True)
            by_face = method == "face"
            entry = Entry(
                time=now,
                method=method,
                student_id=student.student_id,
                by=by,
                kiosk=kiosk,
                profile=self._recognition.profile_name if by_face else None,
            )
            return CheckedIn(student, self._store.append(entry), already=False)
