"""Students who register their own face at a kiosk, watched by faculty, who then say whether it is who they claim.

Until then the faces are sealed and compared with nobody. The kiosk cannot tell whether an ID is on the list: every ID
gets the same capture, a number, and the same words.
"""

from __future__ import annotations

import secrets

from secure_attend.attendance.liveness_sessions.sessions import LivenessSessions, SessionState
from secure_attend.attendance.recognition.face_evidence import FaceEvidence
from secure_attend.attendance.recognition.new_templates import new_faces, of_session
from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.attendance.records.check_in import Actor
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import student_with_typed_id
from secure_attend.attendance.students.consents import Consents
from secure_attend.attendance.students.enrolment import Enrolled, Enrolment
from secure_attend.attendance.students.find_student import listed_student
from secure_attend.attendance.students.pending_faces import waiting
from secure_attend.errors import Forbidden, NotFound
from secure_attend.storage.ports import StudentStore
from secure_attend.storage.values import NewFace, PendingFaces, Student


class SelfRegistration:
    """Takes requests at kiosks, and what faculty say to them."""

    def __init__(
        self,
        store: StudentStore,
        recognition: Recognition,
        challenges: LivenessSessions,
        consents: Consents,
        enrolment: Enrolment,
        time: SiteTime,
        *,
        allowed: bool,
    ) -> None:
        self.allowed = allowed
        self._store = store
        self._recognition = recognition
        self._challenges = challenges
        self._consents = consents
        self._enrolment = enrolment
        self._time = time

    def begin(self, student_id: str, version: str, who: Actor) -> SessionState:
        """A guided capture for whoever has this ID, and for whoever types one that nobody has. `version` is the consent
        text agreed to. Raises `Forbidden` where the site does not allow it, `Conflict` for another text, and what
        `LivenessSessions.open` raises."""
        if not self.allowed:
            raise Forbidden("self_registration_off", "This site does not let students register by themselves.")
        self._consents.require_present(version)
        student = student_with_typed_id(self._store, student_id)
        known = student is not None and student.removed_at is None
        return self._challenges.open("self_enrol", who.id, student.key if known and student else None)

    def finish(self, challenge_id: str, who: Actor) -> str:
        """Keeps the faces of a passed capture until faculty say; returns the number by which they find the request.
        Asked again, it is the same. Raises as `LivenessSessions.passed`."""
        with self._challenges.passed(challenge_id, who.id, "self_enrol") as session:
            if not isinstance(session.outcome, str):
                session.outcome = self._hold(session.student_key, session.evidence, who)
            return session.outcome

    def _hold(self, key: str | None, evidence: FaceEvidence, who: Actor) -> str:
        number = f"{secrets.randbelow(900) + 100}"
        profile = self._recognition.engine.profile
        now = self._time.now()
        taken = of_session(evidence)
        faces = new_faces(profile, taken.made, "camera", now)
        scores = tuple(face.quality for face in faces)
        # Nobody is compared before a lecturer accepts, so what the models a site moves from made waits too.
        faces += [NewFace(one, taken.made_by_before, "camera", now) for one in taken.before]
        made_by = tuple(face.profile for face in faces)
        version = self._consents.text.version
        held = PendingFaces(secrets.token_hex(8), number, profile.name, version, who.name, now, scores, made_by)
        with self._store.transaction():
            student = self._store.student(key) if key is not None else None
            if student is not None and student.removed_at is None:
                self._store.hold_faces(student.key, held, faces)
            else:
                self._store.write_students([])  # the same work as for an ID that is on the list
        return number

    def accept(self, key: str, held_id: str, by: str, *, confirm_other: bool = False) -> Enrolled:
        """The lecturer saw who it is: the faces become the student's, the consent given with them is recorded. Raises
        `NotFound`, and `Conflict` as registering does."""
        with self._store.transaction():
            return self._enrolment.from_held(key, self._one(key, held_id), by, confirm_other=confirm_other)

    def decline(self, key: str, held_id: str) -> Student:
        """Erases the faces that wait. Raises `NotFound`."""
        with self._store.transaction():
            self._one(key, held_id)
            self._store.drop_held([key])
            return listed_student(self._store, key)

    def _one(self, key: str, held_id: str) -> PendingFaces:
        held = waiting(listed_student(self._store, key), self._time.now())
        if held is None or held.id != held_id:
            raise NotFound("unknown_request", "This request waits no more: it was answered, ended, or made anew.")
        return held

    def expire(self) -> int:
        """Erases what waited too long; how many requests that were."""
        now = self._time.now()
        over = [one.key for one in self._store.students() if one.held is not None and waiting(one, now) is None]
        if over:
            with self._store.transaction():
                self._store.drop_held(over)
        return len(over)
