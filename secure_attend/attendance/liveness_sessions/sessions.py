"""Sessions in which a person does what the server asks: one frame in flight, judged here, kept nowhere.

A frame comes with its number and the nonce of the answer before. The last frame sent again byte for byte gets the same
answer; anything else out of order fails the session.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from hashlib import sha256
from typing import Literal, Protocol

from secure_attend import frames
from secure_attend.attendance.liveness_sessions.face_tracker import FaceTracker
from secure_attend.attendance.liveness_sessions.guided_capture import CaptureProgress, GuidedCapture
from secure_attend.attendance.liveness_sessions.kiosk_pauses import KioskPauses
from secure_attend.attendance.metrics import Metrics
from secure_attend.attendance.recognition.face_evidence import FaceEvidence
from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import Conflict, Expired, FieldError, NotFound, NotReady, TooMany
from secure_attend.liveness.challenge import Challenge, ChallengeProgress, Sighting, draw
from secure_attend.liveness.step_sequences import Mode

Purpose = Literal["check_in", "enrol", "self_enrol", "history", "trial"]
CAPTURES = ("enrol", "self_enrol")
PAUSED = ("check_in", "history")
"""Of what failures at a kiosk are counted, and for what it rests."""
State = Literal["neutral", "step", "passed", "failed", "redeemed"]

# In the site's seconds for a step, of which there are 10 to 20: 60 s and more for a check-in, 120 for a capture.
LIFETIME_IN_STEPS: dict[Mode, int] = {"quick": 6, "standard": 6, "strict": 9}
CAPTURE_IN_STEPS = 12
TO_REDEEM = 15.0  # a session passed in its last second can still be redeemed
REMEMBERED = 300.0  # how long an ended session still answers that it is over, or repeats its outcome
MOST_OPEN = 200
MOST_OPEN_AT_A_KIOSK = 20  # one person stands there; sessions left open by a reload end after a minute
MOST_REMEMBERED = 1000
PATIENCE = 10.0  # how long a frame waits for the one before it

FAILURES = {
    "too_slow": "That took too long. Try again when you're ready.",
    "lost_face": "We lost sight of your face. Stay in front of the camera and try again.",
    "several_faces": "More than one person was in view. Stand alone in front of the camera and try again.",
    "face_changed": "The face in view changed. One person has to do all the steps. Try again.",
    "wrong_movement": "That wasn't the movement we asked for. Try again, one step at a time.",
    "looks_like_a_picture": "We may be seeing a picture or a screen. Stand in front of the camera and try again.",
    "no_clear_face": "We couldn't see your face clearly. Face the light and try again.",
    "out_of_order": "The pictures arrived out of order. Try again.",
}


class SessionJudge(Protocol):
    """What judges a session's frames."""

    def see(self, sighting: Sighting, now: float) -> ChallengeProgress | CaptureProgress:
        """The progress after this frame."""


@dataclass(frozen=True)
class SessionState:
    """What a session says to whoever plays it. Never a score. `nonce` is None when no further frame is wanted."""

    id: str
    purpose: Purpose
    state: State
    action: str | None
    asked_otherwise: bool
    returning: bool
    accepted: tuple[str, ...]
    total: int
    hint: str | None
    failure: str | None
    number: int
    nonce: str | None
    expires_in: float


@dataclass(frozen=True)
class Rules:
    """How strict the site is: which steps are drawn, how long each is waited for, and whether the passive network must
    be there."""

    mode: Mode = "standard"
    step_seconds: float = 10.0
    require_passive: bool = False


@dataclass
class LivenessSession:
    """One session, held by one thread at a time, for one kiosk; to enrol, for one student, and for a history, for the
    ID that was typed. `evidence` is what its key frames showed; `outcome` is what redeeming it came to, which is a
    question where `pending`."""

    standing: SessionState
    game: SessionJudge
    expires: float
    kiosk: str
    student_key: str | None = None
    typed_id: str | None = None
    without_turning: bool = False
    last: tuple[int, str, bytes] | None = None
    watcher: FaceTracker = field(default_factory=FaceTracker)
    evidence: FaceEvidence = field(default_factory=FaceEvidence)
    failed: bool = False
    outcome: object | None = None
    pending: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def state(self) -> State:
        """As in the standing."""
        return self.standing.state


class LivenessSessions:
    """Opens sessions, takes their frames, hands out the passed ones."""

    def __init__(self, recognition: Recognition, time: SiteTime, rules: Rules, measures: Metrics) -> None:
        self._recognition = recognition
        self._measures = measures
        self._time = time
        self._rules = rules
        self._sessions: dict[str, LivenessSession] = {}
        self._lock = threading.Lock()
        self._random = random.SystemRandom()
        self._pauses = KioskPauses()

    @property
    def problem(self) -> NotReady | None:
        """Why no session can be opened now; None when all is well."""
        if self._recognition.problem or not self._rules.require_passive or self._recognition.engine.has_passive:
            return self._recognition.problem
        return NotReady(
            "passive_missing",
            "This site requires the check against pictures, but its model files are missing. Check in by hand.",
        )

    def open(
        self,
        purpose: Purpose,
        kiosk: str,
        student_key: str | None = None,
        *,
        typed_id: str | None = None,
        without_turning: bool = False,
    ) -> SessionState:
        """A new session, for this kiosk alone. A `history` is opened for the ID as it was typed; whether that is
        anybody's is not looked at. Raises `NotReady` while no model works, `TooMany` when too many are open or the
        kiosk rests after failures."""
        if self.problem:
            raise self.problem
        now = self._time.seconds()
        session = self._new(purpose, kiosk, now, without_turning=without_turning)
        session.student_key, session.typed_id = student_key, typed_id
        with self._lock:
            self._make_room(kiosk, now)
            if purpose in PAUSED:
                self._pauses.check(kiosk, now)
            self._sessions[session.standing.id] = session
        return session.standing

    def frame(self, session_id: str, kiosk: str, number: int, nonce: str, data: bytes) -> SessionState:
        """Judges one frame. Raises `NotFound`, `Expired`, `Conflict` (`out_of_order`), or what decoding raises, and
        then the session goes on."""
        with self._held(session_id, kiosk) as session:
            this = (number, nonce, sha256(data).digest())
            if session.last == this:
                return session.standing
            if self._time.seconds() >= session.expires:
                if session.state in ("neutral", "step"):
                    self._fail(session, "too_slow")
                raise _expired()
            if (number, nonce) != (session.standing.number, session.standing.nonce):
                if session.state != "redeemed":
                    self._fail(session, "out_of_order")
                    self._measures.session_ended(session.standing.purpose, "out_of_order")
                fault = FieldError("nonce", FAILURES["out_of_order"])
                raise Conflict("out_of_order", fault.message, errors=[fault])
            self._judge(session, data)
            session.last = this
            if session.state in ("passed", "failed"):
                self._measures.session_ended(session.standing.purpose, session.standing.failure or session.state)
            return session.standing

    @contextmanager
    def passed(self, session_id: str, kiosk: str, purpose: Purpose) -> Iterator[LivenessSession]:
        """A passed session, held alone; it counts as redeemed once it has an `outcome` that is not `pending`, and its
        evidence is gone.

        Raises `NotFound`, `Expired`, or `Conflict` when it has not passed or is for something else.
        """
        with self._held(session_id, kiosk) as session:
            if session.standing.purpose != purpose:
                fault = FieldError("challenge", "This session was opened for something else. Start again.")
                raise Conflict("wrong_purpose", fault.message, errors=[fault])
            if session.outcome is None and self._time.seconds() >= session.expires + TO_REDEEM:
                raise _expired()
            if session.state not in ("passed", "redeemed"):
                fault = FieldError("challenge", "Not everything that was asked has been done. Start again.")
                raise Conflict("challenge_not_passed", fault.message, errors=[fault])
            try:
                yield session
            finally:
                if session.outcome is not None and not session.pending:
                    session.standing = replace(session.standing, state="redeemed")
                    session.evidence.clear()

    @contextmanager
    def ended(self, session_id: str, kiosk: str, purpose: Purpose) -> Iterator[LivenessSession]:
        """A session of this purpose that is over, held alone; one that is still open is given up. Raises `NotFound`."""
        with self._held(session_id, kiosk) as session:
            if session.standing.purpose != purpose:
                raise NotFound("unknown_challenge", "This session has ended. Start again.")
            if session.state in ("neutral", "step"):
                self._fail(session, "too_slow")
            yield session

    @contextmanager
    def _held(self, session_id: str, kiosk: str) -> Iterator[LivenessSession]:
        with self._lock:
            session = self._sessions.get(session_id)
        # to another kiosk it does not exist: whoever got hold of the id can neither use nor spoil it
        if session is None or session.kiosk != kiosk:
            fault = FieldError("challenge", "This session has ended. Start again.")
            raise NotFound("unknown_challenge", fault.message, errors=[fault])
        if not session.lock.acquire(timeout=PATIENCE):
            raise TooMany("busy", "The picture before this one is still being looked at.", retry_after=1)
        try:
            yield session
        finally:
            session.lock.release()

    def _new(self, purpose: Purpose, kiosk: str, now: float, *, without_turning: bool) -> LivenessSession:
        seconds = self._rules.step_seconds
        game: SessionJudge
        first: ChallengeProgress | CaptureProgress
        if purpose in CAPTURES:
            lifetime = CAPTURE_IN_STEPS * seconds
            game = capture = GuidedCapture(now, step_seconds=seconds, lifetime=lifetime)
            first = capture.progress(now)
        else:
            lifetime = LIFETIME_IN_STEPS[self._rules.mode] * seconds
            steps, spares = draw(self._random, self._rules.mode, without_turning=without_turning)
            game = challenge = Challenge(steps, now, spares=spares, step_seconds=seconds, lifetime=lifetime)
            first = challenge.progress()
        standing = SessionState(
            id=secrets.token_urlsafe(16),
            purpose=purpose,
            state=first.state,
            action=_word(first.action),
            asked_otherwise=False,
            returning=False,
            accepted=(),
            total=first.total,
            hint=None,
            failure=None,
            number=1,
            nonce=_nonce(),
            expires_in=lifetime,
        )
        return LivenessSession(standing, game, now + lifetime, kiosk, without_turning=without_turning)

    def _make_room(self, kiosk: str, now: float) -> None:
        """Forgets what ended long ago, fails what was left in the middle; refuses when too many are open, at this
        kiosk or at all."""
        for session_id, session in list(self._sessions.items()):
            if now >= session.expires + REMEMBERED:
                del self._sessions[session_id]
            elif now >= session.expires and session.state == "step" and session.lock.acquire(blocking=False):
                self._fail(session, "too_slow")
                session.lock.release()
        still_open = [s for s in self._sessions.values() if s.state in ("neutral", "step") and now < s.expires]
        of_kiosk = sum(session.kiosk == kiosk for session in still_open)
        if of_kiosk >= MOST_OPEN_AT_A_KIOSK or len(still_open) >= MOST_OPEN or len(self._sessions) >= MOST_REMEMBERED:
            raise TooMany("too_many_sessions", "Too many people are checking in at once. Wait a moment.", retry_after=5)

    def _judge(self, session: LivenessSession, data: bytes) -> None:
        with self._measures.stage("decode"):
            frame = frames.decode(data)
        now = self._time.seconds()
        sighting, box, score = session.watcher.see(self._recognition.engine, frame)
        progress = session.game.see(sighting, now)
        failure = None
        if box is not None and progress.key_frame:
            failure = session.evidence.add(self._recognition, frame, box, score)
        elif box is not None and progress.moving_frame:
            failure = session.evidence.add_moving(self._recognition, frame, box, len(progress.accepted))
        elif box is not None and progress.reached_frame:
            failure = session.evidence.add_reached(self._recognition, frame, box, len(progress.accepted))
        if progress.state == "passed" and failure is None:
            movements = session.standing.purpose not in CAPTURES
            failure = session.evidence.missing(progress.total, movements=movements)
        self._stand(session, progress, now)
        if failure is not None or progress.state == "failed":
            self._fail(session, failure or progress.failure or "too_slow")
        elif progress.state == "passed":
            self._pauses.passed(session.kiosk)

    def _stand(self, session: LivenessSession, progress: ChallengeProgress | CaptureProgress, now: float) -> None:
        over = progress.state in ("passed", "failed")
        session.standing = replace(
            session.standing,
            state=progress.state,
            action=_word(progress.action),
            asked_otherwise=progress.asked_otherwise,
            returning=progress.returning,
            accepted=tuple(_word(action) or "" for action in progress.accepted),
            hint=progress.hint,
            failure=progress.failure,
            number=session.standing.number + 1,
            nonce=None if over else _nonce(),
            expires_in=round(max(session.expires - now, 0.0), 1),
        )

    def _fail(self, session: LivenessSession, failure: str) -> None:
        if not session.failed and session.standing.purpose in PAUSED:
            self._pauses.failed(session.kiosk, self._time.seconds())
        session.failed = True
        session.standing = replace(
            session.standing, state="failed", action=None, hint=None, failure=failure, nonce=None, returning=False
        )
        session.evidence.clear()


def _expired() -> Expired:
    fault = FieldError("challenge", "That took too long. Start again.")
    return Expired("challenge_expired", fault.message, errors=[fault])


def _nonce() -> str:
    return secrets.token_urlsafe(12)


def _word(action: str | None) -> str | None:
    return str(action.value) if isinstance(action, Enum) else action
