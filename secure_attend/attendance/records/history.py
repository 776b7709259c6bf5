"""A student's attendance, read from the log: for faculty, and for the student who proves who they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from secure_attend.attendance.liveness_sessions.sessions import LivenessSessions
from secure_attend.attendance.metrics import Metrics
from secure_attend.attendance.reader_scope import UNLIMITED, ReaderScope
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.identification import verify
from secure_attend.attendance.records.mark_details import MarkDetails, MarkedPlaces
from secure_attend.attendance.refused_check_ins import RefusedCheckIns
from secure_attend.attendance.students.claims import PersonalCodes, as_typed, student_with_typed_id
from secure_attend.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Method, Record, Student

MOST_IN_HISTORY = 500
ShownMethod = Literal["kiosk", "by_hand", "cancellation", "face", "code", "mark", "excuse"]


def is_reported(record: Record) -> bool:
    """Return whether reports list this record: check-ins and their cancellations. Marks are no movements of a
    student: registers and the student's own history show them."""
    return not record.is_mark


def shown_method(method: Method, *, exact: bool = False) -> ShownMethod:
    """Return how a check-in was made, as people see it. Face and code are one word, so that nobody has to explain why
    they do not use their face. `exact`, for an admin who asks, keeps them apart."""
    return "kiosk" if method in ("face", "code") and not exact else method


@dataclass(frozen=True)
class LoggedRecord:
    """A row of the log, and whether it was cancelled later; for a mark, whether another replaced it. `details` is what
    a mark or an excuse says."""

    record: Record
    cancelled: bool
    details: MarkDetails | None = None


@dataclass(frozen=True)
class History:
    """A student's check-ins, newest first; `total` counts them all. `marks` are the marks and excuses that hold, newest
    first."""

    student: Student
    records: tuple[LoggedRecord, ...]
    total: int
    marks: tuple[LoggedRecord, ...] = ()


@dataclass(frozen=True)
class RecordPage:
    """Some records, newest first. Pass `next` as `after` to get the ones before them."""

    records: tuple[LoggedRecord, ...]
    next: str | None


class AttendanceHistory:
    """Reads a student's attendance from the log."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def student(self, student_id: str) -> Student | None:
        """Return the student who has this ID as people type it, even if removed; None if nobody has it."""
        return student_with_typed_id(self._store, student_id)

    def check_ins(self, student_id: str, scope: ReaderScope) -> History:
        """Return the check-ins and the marks of the student with this ID, as far as the reader may see them. Raises
        `NotFound`."""
        student = self.student(student_id)
        if student is None or not scope.sees(student.key):
            raise NotFound("unknown_student", "No student has this ID. Check it and type it again.")
        logged = self._newest_first(student, scope)
        check_ins = [each for each in logged if each.record.is_check_in]
        marks = (each for each in logged if each.details and not each.cancelled)
        holding = [each for each in marks if each.record.status != "as_recorded"]
        return History(student, tuple(check_ins[:MOST_IN_HISTORY]), len(check_ins), tuple(holding[:MOST_IN_HISTORY]))

    def page(self, student: Student, scope: ReaderScope, *, limit: int = 100, after: str | None = None) -> RecordPage:
        """Return a student's records that the reader may see, a page at a time: check-ins, cancellations, marks.

        Nothing follows a record that has lost its identity, because all older ones have lost theirs too. Raises
        `InvalidInput` if no record has the ID `after`.
        """
        records = self._newest_first(student, scope)
        if after is not None:
            ids = [logged.record.id for logged in records]
            records = records[ids.index(after) + 1 :] if after in ids else []
            if after not in ids and self._store.record(after) is None:
                message = "This record doesn't exist. Leave out 'after' to get the newest records."
                raise InvalidInput("invalid_input", message, errors=[FieldError("after", message)])
        following = records[limit - 1].record.id if len(records) > limit else None
        return RecordPage(tuple(records[:limit]), following)

    def oldest_first(self, student: Student) -> list[LoggedRecord]:
        """Return all records of a student, oldest first: check-ins, cancellations, marks and excuses."""
        return self._newest_first(student, UNLIMITED)[::-1]

    def _newest_first(self, student: Student, scope: ReaderScope) -> list[LoggedRecord]:
        records = list(self._store.records(person=student.key))
        cancelled = {undone for record in records for undone in (record.cancels, record.replaces) if undone}
        places = MarkedPlaces(self._store.documents)
        shown = (record for record in reversed(records) if scope.shows(student.key, record))
        return [LoggedRecord(record, record.id in cancelled, places.details(record, scope)) for record in shown]


class OwnHistory:
    """Shows students their own attendance at a kiosk, for an ID and a proof. An unknown ID and a wrong proof get the
    same answer after the same work."""

    def __init__(
        self,
        history: AttendanceHistory,
        codes: PersonalCodes,
        galleries: Galleries,
        liveness_sessions: LivenessSessions,
        metrics: Metrics,
        refusals: RefusedCheckIns,
    ) -> None:
        self._history = history
        self._codes = codes
        self._galleries = galleries
        self._liveness_sessions = liveness_sessions
        self._metrics = metrics
        self._refusals = refusals

    def by_code(self, student_id: str, code: str, kiosk: str) -> History:
        """Return the student's check-ins if the personal code is theirs. Raises `Forbidden` (`wrong_proof`),
        `TooMany`."""
        student = self._history.student(student_id)
        self._codes.prove(student.key if student else None, as_typed(student_id), code, kiosk)
        return self._history.check_ins(student_id, UNLIMITED)

    def by_face(self, student_id: str, challenge_id: str, kiosk: str) -> History:
        """Return the student's check-ins if a passed liveness session, opened for this very ID, showed their face. It
        is redeemed once, whatever it comes to, so that the next person at the kiosk sees nothing. A face that does not
        match is remembered as a refusal.

        Raises `NotFound`, `Expired`, `Conflict` (not passed, another ID's, redeemed already), `Forbidden`
        (`wrong_proof`).
        """
        with self._liveness_sessions.passed(challenge_id, kiosk, "history") as session:
            if session.typed_id != as_typed(student_id):
                fault = FieldError("student_id", "This check was started for another student ID. Please start again.")
                raise Conflict("other_student", fault.message, errors=[fault])
            if session.outcome is not None:
                raise Conflict("already_redeemed", "Your attendance was already shown. Start again to see it again.")
            student = self._history.student(student_id)
            key = student.key if student else None
            with self._metrics.stage("search"):
                verified = verify(self._galleries, key or "", session.evidence)
            session.outcome = verified
        if not verified:
            self._refusals.add(kiosk, "history_mismatch", student=key, unlike_registered=key is not None)
            raise Forbidden(
                "wrong_proof",
                "ID and face don't match, or no face is registered for this ID. Use your personal code, or ask your "
                "lecturer.",
            )
        return self._history.check_ins(student_id, UNLIMITED)
