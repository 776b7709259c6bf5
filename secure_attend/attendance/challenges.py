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

import numpy as np
from numpy.typing import NDArray

from secure_attend import frames
from secure_attend.attendance.capture import Capture, CaptureProgress
from secure_attend.attendance.recognition import Recognition
from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import Conflict, Expired, NotFound, TooMany
from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.quality import problems as quality_problems
from secure_attend.frames import Frame
from secure_attend.liveness.challenge import Challenge, Progress, Sighting, draw

Purpose = Literal["check_in", "enrol"]
State = Literal["neutral", "step", "passed", "failed", "redeemed"]

STEPS = 2
LIFETIME_IN_STEPS = {"check_in": 6, "enrol": 12}  # 60 s and two minutes, longer where the site gives more for a step
TO_REDEEM = 15.0  # a session passed in its last second can still be redeemed
REMEMBERED = 300.0  # how long an ended session still answers that it is over, or repeats its outcome
MOST_OPEN = 200
MOST_OPEN_AT_A_KIOSK = 20  # one person stands there; sessions left open by a reload end after a minute
MOST_REMEMBERED = 1000
PATIENCE = 10.0  # how long a frame waits for the one before it
MOST_EMBEDDINGS = 8
LEAST_EMBEDDINGS = 2

FAILURES = {
    "too_slow": "That took too long. Start again when you are ready.",
    "lost_face": "Your face was out of sight for too long. Stay in front of the camera and start again.",
    "several_faces": "More than one face was seen. Stand alone in front of the camera and start again.",
    "face_changed": "The face changed on the way. One person has to do all the steps. Start again.",
    "no_clear_face": "Your face could not be seen clearly enough. Face the light and start again.",
    "out_of_order": "The pictures arrived out of order. Start again.",
}


class Game(Protocol):
    """What judges a session's frames."""

    def see(self, sighting: Sighting, now: float) -> Progress | CaptureProgress:
        """The progress after this frame."""


@dataclass(frozen=True)
class Standing:
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


@dataclass
class Session:
    """One session, held by one thread at a time, for one kiosk. `embeddings` are those of its key frames, (D,) float32
    each; `outcome` is what redeeming it came to."""

    standing: Standing
    game: Game
    expires: float
    kiosk: str
    student_key: str | None = None
    last: tuple[int, str, bytes] | None = None
    embeddings: list[NDArray[np.float32]] = field(default_factory=list)
    outcome: object | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def state(self) -> State:
        """As in the standing."""
        return self.standing.state


class Challenges:
    """Opens sessions, takes their frames, hands out the passed ones."""

    def __init__(self, recognition: Recognition, time: SiteTime, step_seconds: float) -> None:
        self._recognition = recognition
        self._time = time
        self._step_seconds = step_seconds
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()
        self._random = random.SystemRandom()

    def open(self, purpose: Purpose, kiosk: str, student_key: str | None = None) -> Standing:
        """A new session, for this kiosk alone. Raises `NotReady` while no model works, `TooMany` when too many are
        open."""
        _ = self._recognition.engine
        now = self._time.seconds()
        session = self._new(purpose, kiosk, student_key, now)
        with self._lock:
            self._make_room(kiosk, now)
            self._sessions[session.standing.id] = session
        return session.standing

    def frame(self, session_id: str, kiosk: str, number: int, nonce: str, data: bytes) -> Standing:
        """Judges one frame. Raises `NotFound`, `Expired`, `Conflict` (`out_of_order`), or what decoding raises, and
        then the session goes on."""
        with self._held(session_id, kiosk) as session:
            this = (number, nonce, sha256(data).digest())
            if session.last == this:
                return session.standing
            if self._time.seconds() >= session.expires:
                raise Expired("challenge_expired", "This took too long and is over. Start again.")
            if (number, nonce) != (session.standing.number, session.standing.nonce):
                if session.state != "redeemed":
                    self._fail(session, "out_of_order")
                raise Conflict("out_of_order", FAILURES["out_of_order"])
            self._judge(session, data)
            session.last = this
            return session.standing

    @contextmanager
    def passed(self, session_id: str, kiosk: str, purpose: Purpose) -> Iterator[Session]:
        """A passed session, held alone; it counts as redeemed once its `outcome` is set.

        Raises `NotFound`, `Expired`, or `Conflict` when it has not passed or is for something else.
        """
        with self._held(session_id, kiosk) as session:
            if session.standing.purpose != purpose:
                raise Conflict("wrong_purpose", "This session was opened for something else. Start again.")
            if session.outcome is None and self._time.seconds() >= session.expires + TO_REDEEM:
                raise Expired("challenge_expired", "This took too long and is over. Start again.")
            if session.state not in ("passed", "redeemed"):
                raise Conflict("challenge_not_passed", "Not everything that was asked has been done. Start again.")
            yield session
            if session.outcome is not None:
                session.standing = replace(session.standing, state="redeemed")

    @contextmanager
    def _held(self, session_id: str, kiosk: str) -> Iterator[Session]:
        with self._lock:
            session = self._sessions.get(session_id)
        # To another kiosk it does not exist: whoever got hold of the id can neither use nor spoil it.
        if session is None or session.kiosk != kiosk:
            raise NotFound("unknown_challenge", "There is no such session any more. Start again.")
        if not session.lock.acquire(timeout=PATIENCE):
            raise TooMany("busy", "The picture before this one is still being looked at.", retry_after=1)
        try:
            yield session
        finally:
            session.lock.release()

    def _new(self, purpose: Purpose, kiosk: str, student_key: str | None, now: float) -> Session:
        session_id = secrets.token_urlsafe(16)
        lifetime = LIFETIME_IN_STEPS[purpose] * self._step_seconds
        game: Game
        state: State
        action: str | None
        if purpose == "enrol":
            game = capture = Capture(now, step_seconds=self._step_seconds, lifetime=lifetime)
            first = capture.progress(now)
            state, action, total = first.state, first.action, first.total
        else:
            steps = draw(self._random, STEPS)
            game = Challenge(steps, now, step_seconds=self._step_seconds, lifetime=lifetime)
            state, action, total = "neutral", None, len(steps)
        standing = Standing(
            session_id, purpose, state, action, False, False, (), total, None, None, 1, _nonce(), lifetime
        )
        return Session(standing, game, now + lifetime, kiosk, student_key)

    def _make_room(self, kiosk: str, now: float) -> None:
        """Forgets what ended long ago; refuses when too many are open, at this kiosk or at all."""
        for session_id, session in list(self._sessions.items()):
            if now >= session.expires + REMEMBERED:
                del self._sessions[session_id]
        still_open = [s for s in self._sessions.values() if s.state in ("neutral", "step") and now < s.expires]
        of_kiosk = sum(session.kiosk == kiosk for session in still_open)
        if of_kiosk >= MOST_OPEN_AT_A_KIOSK or len(still_open) >= MOST_OPEN or len(self._sessions) >= MOST_REMEMBERED:
            raise TooMany("too_many_sessions", "Too many people are checking in at once. Wait a moment.", retry_after=5)

    def _judge(self, session: Session, data: bytes) -> None:
        engine = self._recognition.engine
        frame = frames.decode(data)
        now = self._time.seconds()
        sighting, box = _sighting(engine, frame)
        progress = session.game.see(sighting, now)
        if progress.key_frame and box is not None and len(session.embeddings) < MOST_EMBEDDINGS:
            face = self._recognition.face_near(frame, box)
            if face is not None:
                session.embeddings.append(engine.embed(frame, face))
        self._stand(session, progress, now)
        if progress.key_frame and session.embeddings and not self._recognition.same_person(session.embeddings):
            self._fail(session, "face_changed")
        elif progress.state == "passed" and len(session.embeddings) < LEAST_EMBEDDINGS:
            self._fail(session, "no_clear_face")

    def _stand(self, session: Session, progress: Progress | CaptureProgress, now: float) -> None:
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
        if progress.state == "failed":
            session.embeddings.clear()

    def _fail(self, session: Session, failure: str) -> None:
        session.standing = replace(
            session.standing, state="failed", action=None, hint=None, failure=failure, nonce=None, returning=False
        )
        session.embeddings.clear()


def _nonce() -> str:
    return secrets.token_urlsafe(12)


def _word(action: str | None) -> str | None:
    return str(action.value) if isinstance(action, Enum) else action


def _sighting(engine: FaceEngine, frame: Frame) -> tuple[Sighting, tuple[float, float, float, float] | None]:
    """What the frame shows, and the box of its one face."""
    followed = engine.follow(frame)
    size = (frame.shape[1], frame.shape[0])
    if len(followed) != 1:
        return Sighting(None, len(followed), size), None
    face = followed[0]
    problems = quality_problems(engine.quality(frame, face.box), frame.shape)
    return Sighting(face.landmarks, 1, size, tuple(problems)), face.box
