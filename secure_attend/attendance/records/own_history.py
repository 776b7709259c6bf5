"""A student's own attendance at a kiosk: the ID, and a proof that it is this student who asks."""

from __future__ import annotations

from secure_attend.attendance.liveness_sessions.sessions import LivenessSessions
from secure_attend.attendance.metrics import Metrics
from secure_attend.attendance.recognition.identification import verify
from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.attendance.records.student_records import History, Records
from secure_attend.attendance.students.claims import PersonalCodes, as_typed
from secure_attend.errors import Conflict, FieldError, Forbidden


class OwnHistory:
    """Answers whoever proves who they are; an unknown ID and a wrong proof get the same answer after the same work."""

    def __init__(
        self,
        records: Records,
        codes: PersonalCodes,
        recognition: Recognition,
        challenges: LivenessSessions,
        measures: Metrics,
    ) -> None:
        self._records = records
        self._codes = codes
        self._recognition = recognition
        self._challenges = challenges
        self._measures = measures

    def by_code(self, student_id: str, code: str, kiosk: str) -> History:
        """The check-ins of the student whose personal code it is. Raises `Forbidden` (`wrong_proof`), `TooMany`."""
        student = self._records.student(student_id)
        self._codes.prove(student.key if student else None, code, kiosk)
        return self._records.history(student_id)

    def by_face(self, student_id: str, challenge_id: str, kiosk: str) -> History:
        """The check-ins of the student whose face a passed `history` session showed, which was opened for this very ID.
        It is redeemed once, whatever it comes to: nobody who steps up afterwards sees anything.

        Raises `NotFound`, `Expired`, `Conflict` (not passed, another ID's, redeemed already), `Forbidden`
        (`wrong_proof`).
        """
        with self._challenges.passed(challenge_id, kiosk, "history") as session:
            if session.typed_id != as_typed(student_id):
                fault = FieldError("student_id", "This session was started for another student ID. Start again.")
                raise Conflict("other_student", fault.message, errors=[fault])
            if session.outcome is not None:
                raise Conflict("already_redeemed", "This session has already been used. Start again.")
            student = self._records.student(student_id)
            with self._measures.stage("search"):
                proved = verify(self._recognition, student.key if student else "", session.evidence)
            session.outcome = proved
        if not proved:
            raise Forbidden(
                "wrong_proof",
                "We couldn't match this face to the ID. Use your personal code, or ask your lecturer.",
            )
        return self._records.history(student_id)
