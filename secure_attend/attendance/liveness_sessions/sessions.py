"""Liveness sessions: a person does what the server asks, one frame in flight, judged here, kept nowhere.

A frame comes with its number and the nonce of the answer before. The last frame sent again byte for byte gets the same
answer; anything else out of order fails the liveness session.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256

from secure_attend import frames
from secure_attend.attendance.liveness_sessions.guided_capture import POSES, WITHOUT_TURNS, GuidedCapture
from secure_attend.attendance.liveness_sessions.kiosk_pauses import KioskPauses
from secure_attend.attendance.liveness_sessions.more_time import GrantedTime
from secure_attend.attendance.liveness_sessions.picture_times import SlowPart
from secure_attend.attendance.liveness_sessions.session import LivenessSession, SessionJudge
from secure_attend.attendance.liveness_sessions.session_state import (
    FAILURES,
    Purpose,
    SessionProgress,
    SessionState,
    first_state,
)
from secure_attend.attendance.metrics import Metrics
from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.attendance.recognition.face_evidence import FaceEvidence
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.identification import verify
from secure_attend.attendance.refusal_causes import SessionFailure
from secure_attend.attendance.refused_check_ins import RefusedCheckIns
from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import Conflict, DomainError, Expired, FieldError, NotFound, NotReady, TooMany
from secure_attend.liveness.challenge import Challenge, draw
from secure_attend.liveness.limits import MORE_TIME
from secure_attend.liveness.step_sequences import Mode

CAPTURES = ("enrol", "self_enrol")
PAUSED = ("check_in", "history")
"""The purposes whose failures at a kiosk are counted, and for which the kiosk pauses."""

# In the site's seconds for a step, of which there are 10 to 20: 60 s and more for a check-in, 120 for a capture.
LIFETIME_IN_STEPS: dict[Mode, int] = {"quick": 6, "standard": 6, "strict": 9}
CAPTURE_IN_STEPS = 12
TO_REDEEM = 15.0  # a liveness session passed in its last second can still be redeemed
REMEMBERED = 300.0  # how long an ended liveness session still answers that it is over, or repeats its outcome
MOST_OPEN = 200
MOST_OPEN_AT_A_KIOSK = 20  # one person stands there; liveness sessions left open by a reload end after a minute
MOST_REMEMBERED = 1000
PATIENCE = 10.0  # how long a frame waits for the one before it


@dataclass(frozen=True)
class Rules:
    """How strict the site is: how many steps are drawn, how long each may take, and whether the passive network must be
    loaded."""

    mode: Mode = "standard"
    step_seconds: float = 10.0
    require_passive: bool = False


class LivenessSessions:
    """Opens liveness sessions, takes their frames, hands out those that have passed."""

    def __init__(
        self,
        engines: EngineHolder,
        galleries: Galleries,
        time: SiteTime,
        rules: Rules,
        metrics: Metrics,
        refusals: RefusedCheckIns,
        granted_time: GrantedTime,
    ) -> None:
        self._engines = engines
        self._galleries = galleries
        self._time = time
        self._rules = rules
        self._metrics = metrics
        self._refusals = refusals
        self._granted_time = granted_time
        self._sessions: dict[str, LivenessSession] = {}
        self._lock = threading.Lock()
        self._random = random.SystemRandom()
        self._kiosk_pauses = KioskPauses()

    @property
    def problem(self) -> DomainError | None:
        """The reason why no liveness session can be opened now, or None."""
        if self._engines.problem or not self._rules.require_passive or self._engines.engine.has_passive:
            return self._engines.problem
        return NotReady(
            "passive_missing",
            "This site requires a check against pictures, but its model files are not on the server. Check in by hand.",
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
        """Open a liveness session for this kiosk alone. A `history` is for the ID as it was typed, even if nobody has
        it. Raises `NotReady` while no model works, and `TooMany` if too many are open or the kiosk pauses after
        failures."""
        if self.problem:
            raise self.problem
        now = self._time.seconds()
        session = self._new_session(purpose, kiosk, now, without_turning=without_turning)
        session.student_key, session.typed_id = student_key, typed_id
        if self._granted_time.has(student_key):
            session.extend(now)
        self.end_expired()
        with self._lock:
            self._make_room(kiosk, now)
            if purpose in PAUSED:
                self._kiosk_pauses.check(kiosk, now)
            self._sessions[session.state.id] = session
        return session.state

    def frame(
        self, session_id: str, kiosk: str, number: int, nonce: str, data: bytes, *, server_behind: bool = False
    ) -> SessionState:
        """Judge one frame. `server_behind` says that more frames wait than can be judged at once. Raises `NotFound`,
        `Expired`, `Conflict` (`out_of_order`), or what decoding raises; after a decoding error the liveness session
        continues."""
        with self._locked(session_id, kiosk) as session:
            digest = sha256(data).digest()
            this_frame = (number, nonce, digest)
            if session.last_frame == this_frame:
                return session.state
            if self._time.seconds() >= session.expires:
                if session.state.running:
                    self._expire(session)
                raise _expired(session.state)
            if (number, nonce) != (session.state.number, session.state.nonce):
                raise self._out_of_order(session)
            with self._metrics.stage("decode"):
                frame = frames.decode(data)
            slow = session.pictures.arrive(digest, self._time.seconds(), server_behind=server_behind)
            self._judge(session, frame, slow)
            session.pictures.answer(self._time.seconds())
            session.last_frame = this_frame
            if session.state.phase in ("passed", "failed"):
                self._metrics.liveness_session_ended(
                    session.state.purpose, session.state.failure or session.state.phase
                )
            return session.state

    def more_time(self, session_id: str, kiosk: str) -> SessionState:
        """Extend the time of a liveness session that runs or waits for a claim, once; after that, nothing changes.
        Raises `NotFound`, or `Expired` if it is over."""
        with self._locked(session_id, kiosk) as session:
            now = self._time.seconds()
            if not session.waits(now):
                raise _expired()
            if not session.state.more_time:
                session.extend(now)
                session.shown_until = now + MORE_TIME * max(0.0, session.shown_until - now)
                session.state = session.state.extended(session.shown_until - now)
            return session.state

    def leave(self, session_id: str, kiosk: str) -> None:
        """End a running liveness session whose person leaves, and forget it. Raises `NotFound`, or `Expired` if it is
        over already."""
        with self._locked(session_id, kiosk) as session:
            if session.is_overdue(self._time.seconds()):
                self._expire(session)
            if not session.state.running:
                raise _expired()
            # Otherwise an attacker could leave whenever a step is asked that the recording doesn't show, and try again.
            if session.last_asked is not None:
                self._count_for_pause(session, self._time.seconds())
            self._metrics.liveness_session_ended(session.state.purpose, "left")
            session.leave()  # a frame that waits for its turn finds it over
            with self._lock:
                self._sessions.pop(session_id, None)

    @contextmanager
    def passed(self, session_id: str, kiosk: str, purpose: Purpose) -> Iterator[LivenessSession]:
        """Hold a passed liveness session alone. It counts as redeemed, and its evidence is cleared, once it has an
        `outcome` and no `question`.

        Raises `NotFound`, `Expired`, or `Conflict` if it has not passed or is for something else.
        """
        with self._locked(session_id, kiosk) as session:
            if session.state.purpose != purpose:
                fault = FieldError("challenge", "This check was started for something else. Please start again.")
                raise Conflict("wrong_purpose", fault.message, errors=[fault])
            if session.outcome is None and self._time.seconds() >= session.expires + TO_REDEEM:
                raise _expired()
            if session.state.phase not in ("passed", "redeemed"):
                fault = FieldError("challenge", "Some steps are not done yet. Please start again.")
                raise Conflict("challenge_not_passed", fault.message, errors=[fault])
            try:
                yield session
            finally:
                if session.outcome is not None and session.question is None:
                    session.redeem()

    @contextmanager
    def ended(self, session_id: str, kiosk: str, purpose: Purpose) -> Iterator[LivenessSession]:
        """Hold a liveness session of this purpose alone after its end; one that is still open is ended now. Raises
        `NotFound`."""
        with self._locked(session_id, kiosk) as session:
            if session.state.purpose != purpose:
                raise NotFound("unknown_challenge", "This check is over. Please start again.")
            if session.is_overdue(self._time.seconds()):
                self._expire(session)
            elif session.state.running:
                self._fail(session, "too_slow")
            yield session

    def end_expired(self) -> None:
        """Fail the liveness sessions that were left until their time was over, and end the questions that were, so that
        staff see why. One whose frame is being judged now waits for the next call."""
        now = self._time.seconds()
        with self._lock:
            left = [each for each in self._sessions.values() if each.is_overdue(now) or each.is_unanswered(now)]
        for session in left:
            if not session.lock.acquire(blocking=False):
                continue
            try:
                # its last frame may have ended it meanwhile, or extended its time
                if session.is_overdue(now):
                    self._expire(session)
                if session.is_unanswered(now):
                    self._end_question(session)
            finally:
                session.lock.release()

    @contextmanager
    def _locked(self, session_id: str, kiosk: str) -> Iterator[LivenessSession]:
        with self._lock:
            session = self._sessions.get(session_id)
        # to another kiosk it does not exist: nobody who gets hold of the ID can use or spoil it
        if session is None or session.kiosk != kiosk:
            fault = FieldError("challenge", "This check is over. Please start again.")
            raise NotFound("unknown_challenge", fault.message, errors=[fault])
        if not session.lock.acquire(timeout=PATIENCE):
            raise TooMany("busy", "We're still checking the last picture. Try again in a moment.", retry_after=1)
        try:
            yield session
        finally:
            session.lock.release()

    def _new_session(self, purpose: Purpose, kiosk: str, now: float, *, without_turning: bool) -> LivenessSession:
        seconds = self._rules.step_seconds
        judge: SessionJudge
        progress: SessionProgress
        if purpose in CAPTURES:
            lifetime = CAPTURE_IN_STEPS * seconds
            poses = WITHOUT_TURNS if without_turning else POSES
            judge = capture = GuidedCapture(now, step_seconds=seconds, lifetime=lifetime, poses=poses)
            progress = capture.progress(now)
        else:
            lifetime = LIFETIME_IN_STEPS[self._rules.mode] * seconds
            steps, spares = draw(self._random, self._rules.mode, without_turning=without_turning)
            judge = challenge = Challenge(
                steps, now, spares=spares, step_seconds=seconds, lifetime=lifetime, random=self._random
            )
            progress = challenge.progress()
        return LivenessSession(
            first_state(purpose, progress, lifetime),
            judge,
            FaceEvidence(self._engines, self._galleries),
            now + lifetime,
            now + lifetime,
            kiosk,
            without_turning=without_turning,
        )

    def _make_room(self, kiosk: str, now: float) -> None:
        """Forget what ended long ago. Raises `TooMany` if too many are open, at this kiosk or in all."""
        for session_id, session in list(self._sessions.items()):
            if now >= session.over_at + REMEMBERED:
                del self._sessions[session_id]
        still_open = [s for s in self._sessions.values() if s.waits(now)]
        # What has ended makes room, the oldest first: otherwise somebody who ends many would keep all others out.
        over = [session_id for session_id, session in self._sessions.items() if session.is_over(now - TO_REDEEM)]
        for session_id in over[: max(0, len(self._sessions) - MOST_REMEMBERED + 1)]:
            del self._sessions[session_id]
        at_kiosk = sum(session.kiosk == kiosk for session in still_open)
        if at_kiosk >= MOST_OPEN_AT_A_KIOSK or len(still_open) >= MOST_OPEN:
            raise TooMany(
                "too_many_sessions", "Too many people are checking in right now. Try again in a moment.", retry_after=5
            )

    def _judge(self, session: LivenessSession, frame: frames.Frame, slow: SlowPart | None) -> None:
        now = self._time.seconds()
        sighting, face, score = session.tracker.see(self._engines.engine, frame, now)
        progress = session.judge.see(replace(sighting, slow=slow), now)
        steps = len(progress.accepted)
        failure: SessionFailure | None = None
        if face is not None and progress.key_frame:
            failure = session.evidence.add(frame, face, score)
            self._extend_if_granted(session, now)
        elif face is not None and progress.moving_frame:
            failure = session.evidence.add_moving(frame, face, steps)
        elif face is not None and progress.reached_frame:
            failure = session.evidence.add_reached(frame, face, steps)
        if progress.state == "passed" and failure is None:
            movements = session.state.purpose not in CAPTURES
            failure = session.evidence.missing(progress.total, movements=movements)
        session.advance(progress, now)
        if failure is not None or progress.state == "failed":
            self._fail(session, failure or progress.failure or "too_slow")
        elif progress.state == "passed":
            self._kiosk_pauses.passed(session.kiosk)

    def _extend_if_granted(self, session: LivenessSession, now: float) -> None:
        """Extend the time if the first straight look shows a student who has more time: for the own attendance, the one
        whose ID was typed. Without the face an ID would tell its kiosk, by how long it waits, who has more time."""
        if session.extended or len(session.evidence.at_rest) != 1:
            return
        if session.state.purpose == "check_in":
            shown = self._granted_time.has(session.evidence.clearly_shows())
        else:
            key = self._granted_time.key_of(session.typed_id) if session.typed_id is not None else None
            shown = key is not None and verify(self._galleries, key, session.evidence)
        if shown:
            session.extend(now)

    def _out_of_order(self, session: LivenessSession) -> Conflict:
        """Fail the liveness session, unless it is redeemed, and return the error."""
        if session.state.phase != "redeemed":
            self._fail(session, "out_of_order")
            self._metrics.liveness_session_ended(session.state.purpose, "out_of_order")
        fault = FieldError("nonce", FAILURES["out_of_order"])
        return Conflict("out_of_order", fault.message, errors=[fault], other_way=session.state.other_way)

    def _expire(self, session: LivenessSession) -> None:
        """Fail a liveness session whose time is over, and count it among those that ended."""
        somebody = session.somebody_stood_there(session.expires)
        self._fail(session, "too_slow")
        self._metrics.liveness_session_ended(session.state.purpose, "too_slow" if somebody else "nobody_there")

    def _end_question(self, session: LivenessSession) -> None:
        """End a question that nobody answered, and keep a refused check-in for staff, unless a wrong answer is one
        already. It ends when its time is over, or now if that is earlier."""
        question = session.question
        if question is None:
            return
        if not question.refused:
            moment = self._time.moment_of(min(self._time.seconds(), question.until))
            self._refusals.add(session.kiosk, question.unanswered, student=question.student, moment=moment)
        session.outcome = _expired()
        session.redeem()

    def _fail(self, session: LivenessSession, failure: SessionFailure) -> None:
        if not session.failed:
            self._count_failure(session, failure)
        session.fail(failure)

    def _count_failure(self, session: LivenessSession, failure: SessionFailure) -> None:
        """Count the failure at its kiosk, and keep a refused check-in for staff."""
        # what was left failed when its time was over, not when it is found
        ended = min(self._time.seconds(), session.expires)
        asked_nothing = failure == "too_slow" and session.last_asked is None
        if not asked_nothing:
            self._count_for_pause(session, ended)
        somebody_there = failure != "too_slow" or session.somebody_stood_there(ended)
        if session.state.purpose == "check_in" and somebody_there:
            cause, hint = session.cause_for_staff(failure)
            moment = self._time.moment_of(ended)
            self._refusals.add(session.kiosk, cause, step=session.last_asked, hint=hint, moment=moment)

    def _count_for_pause(self, session: LivenessSession, ended: float) -> None:
        if session.state.purpose in PAUSED:
            self._kiosk_pauses.failed(session.kiosk, ended)


def _expired(state: SessionState | None = None) -> Expired:
    """Return the error. After a frame it says what the state says: the hint that was given for the longest, and whether
    to offer another way first."""
    fault = FieldError("challenge", "That took too long. Please start again.")
    expired = Expired("challenge_expired", fault.message, errors=[fault])
    if state is not None:
        expired.facts["other_way"] = state.other_way
    if state is not None and state.cause is not None:
        expired.facts["hint"] = state.cause
    return expired
