"""Checking in by face and by hand, and taking a check-in back. Each is a record; nothing is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from secure_attend.attendance.challenges import Challenges, Session
from secure_attend.attendance.evidence import agreeing
from secure_attend.attendance.recognition import Recognition
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students import Students
from secure_attend.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from secure_attend.faces.gallery import Ambiguous, Identified
from secure_attend.storage.store import Entry, Method, Record, Store, Student

NOT_ME_WITHIN = timedelta(seconds=15)  # ten that the page shows, five for a slow press and a slow network
KIOSK = "kiosk"  # the one name there is until kiosks are paired
BY_STUDENT = "student"
BY_FACULTY = "faculty"


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

    def by_face(self, challenge_id: str, kiosk: str) -> CheckedIn:
        """Redeems a passed challenge, once: asked again it gives the same answer, refusals included.

        Raises `NotFound`, `Expired`, `Conflict` (not passed, nobody registered), `InvalidInput` (not recognised).
        """
        with self._challenges.passed(challenge_id, kiosk, "check_in") as session:
            outcome = session.outcome
            if not isinstance(outcome, (CheckedIn, DomainError)):
                outcome = session.outcome = self._outcome(session)
            if isinstance(outcome, DomainError):
                raise outcome.with_traceback(None)
            return outcome

    def by_hand(self, key: str) -> CheckedIn:
        """Checks a student in on a lecturer's word."""
        return self._check_in(key, "by_hand", by=BY_FACULTY)

    def cancel(self, record_id: str, *, not_me: bool = False) -> Record:
        """Takes a check-in back by a record of its own; "Not me" only shortly after a check-in by face."""
        with self._store.transaction():
            record = self._store.record(record_id)
            if record is None:
                raise NotFound("unknown_record", "There is no such check-in.")
            self._may_be_cancelled(record)
            if not_me and (record.method != "face" or self._time.now() - record.time > NOT_ME_WITHIN):
                raise Forbidden("too_late", "It is too late to take this back here. Ask your lecturer to cancel it.")
            return self._store.append(
                Entry(
                    time=self._time.now(),
                    method="cancellation",
                    student_id=record.student_id or "",
                    by=BY_STUDENT if not_me else BY_FACULTY,
                    kiosk=KIOSK if not_me else None,
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

    def _outcome(self, session: Session) -> CheckedIn | DomainError:
        try:
            return self._check_in(self._identified(session), "face", by=BY_STUDENT)
        except (Conflict, InvalidInput, NotFound) as refusal:
            return refusal

    def _identified(self, session: Session) -> str:
        gallery = self._recognition.gallery
        if not len(gallery):
            raise Conflict("nobody_registered", "No face is registered yet. Ask your lecturer to check you in by hand.")
        shown = session.evidence.at_rest
        decision = gallery.decide(np.stack(shown))
        if isinstance(decision, Identified) and agreeing(self._recognition, decision.key, shown):
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

    def _check_in(self, key: str, method: Method, *, by: str) -> CheckedIn:
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
                kiosk=KIOSK if by_face else None,
                profile=self._recognition.profile_name if by_face else None,
            )
            return CheckedIn(student, self._store.append(entry), already=False)
