"""Students register their own face at a kiosk, and faculty then confirm that it is theirs.

Until then the faces are sealed and compared with nobody. The kiosk does not learn whether an ID is on the list: every
ID gets the same capture, a number, and the same words.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import count

from secure_attend.attendance.find_student import listed_student
from secure_attend.attendance.liveness_sessions.session_state import SessionState
from secure_attend.attendance.liveness_sessions.sessions import LivenessSessions
from secure_attend.attendance.reader_scope import ReaderScope
from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.attendance.recognition.face_evidence import FaceEvidence
from secure_attend.attendance.recognition.new_templates import as_new_faces, from_evidence
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import Actor, student_with_typed_id
from secure_attend.attendance.students.consents import Consents
from secure_attend.attendance.students.enrolment import PLAIN, Enrolled, Enrolment, EnrolmentWish
from secure_attend.attendance.students.students import pending_faces
from secure_attend.errors import Forbidden, NotFound
from secure_attend.storage.ports import StudentStore
from secure_attend.storage.values import NewFace, PendingFaces, Source, Student


@dataclass(frozen=True)
class SentRequest:
    """What came of a capture: the number by which faculty find the request, and the key of the student it is for. An ID
    that is not on the list gets a number too, which nobody keeps."""

    number: str
    student: str | None


class SelfRegistration:
    """Takes requests at kiosks, and the answers of faculty."""

    def __init__(
        self,
        store: StudentStore,
        engines: EngineHolder,
        liveness_sessions: LivenessSessions,
        consents: Consents,
        enrolment: Enrolment,
        time: SiteTime,
        *,
        allowed: bool,
    ) -> None:
        self.allowed = allowed
        self._store = store
        self._engines = engines
        self._liveness_sessions = liveness_sessions
        self._consents = consents
        self._enrolment = enrolment
        self._time = time

    def begin(
        self, student_id: str, version: str, actor: Actor, scope: ReaderScope, *, without_turning: bool = False
    ) -> SessionState:
        """Start a guided capture for the student with this ID, or for an ID that nobody has. `version` is the consent
        text agreed to. A student that the caller may not see is nobody. Raises `Forbidden` if the site does not allow
        it, `Conflict` for another text, and what `LivenessSessions.open` raises."""
        if not self.allowed:
            raise Forbidden("self_registration_off", "You can't register your own face here. Ask your lecturer.")
        self._consents.require_present(version)
        student = student_with_typed_id(self._store, student_id)
        listed = student is not None and student.removed_at is None and scope.sees(student.key)
        key = student.key if listed and student else None
        return self._liveness_sessions.open("self_enrol", actor.id, key, without_turning=without_turning)

    def finish(self, challenge_id: str, actor: Actor) -> SentRequest:
        """Keep the faces of a passed capture until faculty answer. Asked again, the answer is the same. Raises as
        `LivenessSessions.passed`."""
        with self._liveness_sessions.passed(challenge_id, actor.id, "self_enrol") as session:
            if not isinstance(session.outcome, SentRequest):
                source: Source = "camera_straight" if session.without_turning else "camera"
                session.outcome = self._request(session.student_key, session.evidence, source, actor)
            return session.outcome

    def _request(self, key: str | None, evidence: FaceEvidence, source: Source, actor: Actor) -> SentRequest:
        pending, faces = self._as_pending(evidence, source, actor)
        with self._store.transaction():
            number = _free_number({student.held.number for student in self._store.students() if student.held})
            student = self._store.student(key) if key is not None else None
            if student is None or student.removed_at is not None:
                self._store.write_students([])  # the same work as for an ID that is on the list
                return SentRequest(number, None)
            self._store.hold_faces(student.key, replace(pending, number=number), faces)
        return SentRequest(number, student.key)

    def _as_pending(self, evidence: FaceEvidence, source: Source, actor: Actor) -> tuple[PendingFaces, list[NewFace]]:
        """Return the request, still without a number, and its faces. Nobody is compared before a lecturer accepts, so
        the embeddings by the models the site moves from wait too."""
        profile = self._engines.engine.profile
        now = self._time.now()
        new = from_evidence(evidence)
        faces = as_new_faces(profile, new.scored, source, now)
        scores = tuple(face.quality for face in faces)
        faces += [NewFace(embedding, new.made_by_before, source, now) for embedding in new.before]
        made_by = tuple(face.profile for face in faces)
        version = self._consents.text.version
        pending = PendingFaces(
            secrets.token_hex(8), "", profile.name, version, actor.name, now, scores, made_by, source
        )
        return pending, faces

    def accept(self, key: str, request_id: str, by: str, wish: EnrolmentWish = PLAIN) -> Enrolled:
        """Make the faces the student's, after the lecturer saw who it is, and record the consent given with them.
        Raises `NotFound`, and `Conflict` as registering does."""
        with self._store.transaction():
            return self._enrolment.from_pending(key, self._open_request(key, request_id), by, wish)

    def decline(self, key: str, request_id: str) -> Student:
        """Erase the faces that wait. Raises `NotFound`."""
        with self._store.transaction():
            self._open_request(key, request_id)
            self._store.drop_held([key])
            return listed_student(self._store, key)

    def _open_request(self, key: str, request_id: str) -> PendingFaces:
        pending = pending_faces(listed_student(self._store, key), self._time.now())
        if pending is None or pending.id != request_id:
            raise NotFound("unknown_request", "This request is closed: it was answered, replaced, or too old.")
        return pending

    def expire(self, held: Collection[str] = ()) -> int:
        """Erase the faces that waited too long, but for those of `held` students. Return how many requests they
        were."""
        now = self._time.now()
        expired = [
            student.key
            for student in self._store.students()
            if student.held is not None and student.key not in held and pending_faces(student, now) is None
        ]
        if expired:
            with self._store.transaction():
                self._store.drop_held(expired)
        return len(expired)


def _free_number(taken: Collection[str]) -> str:
    """Return a random number that nobody who waits has: three digits, or more if all of these are taken."""
    for digits in count(3):
        free = [number for number in map(str, range(10 ** (digits - 1), 10**digits)) if number not in taken]
        if free:
            return secrets.choice(free)
    raise AssertionError("numbers do not end")
