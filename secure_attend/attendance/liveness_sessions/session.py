"""One liveness session: its state, who judges it, and what led to its refusal."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import Protocol

from secure_attend.attendance.liveness_sessions.face_tracker import FaceTracker
from secure_attend.attendance.liveness_sessions.hint_times import HintTimes
from secure_attend.attendance.liveness_sessions.picture_times import PictureTimes
from secure_attend.attendance.liveness_sessions.session_state import SessionProgress, SessionState
from secure_attend.attendance.recognition.face_evidence import FaceEvidence
from secure_attend.liveness.challenge import Sighting
from secure_attend.liveness.limits import MORE_TIME, UNASKED_TO_OFFER

OTHER_MOVEMENTS = "other_movements"
"""The cause that staff alone see if time ran out after steps were added. The kiosk has offered another way by then."""


class SessionJudge(Protocol):
    """Judges the frames of one liveness session: a challenge or a guided capture."""

    def see(self, sighting: Sighting, now: float) -> SessionProgress:
        """Return the progress after this frame."""

    def more_time(self, factor: float, now: float) -> None:
        """Multiply the time for each step, and what is left of the lifetime."""


@dataclass
class LivenessSession:
    """One liveness session, held by one thread at a time, for one kiosk. To enrol, it is for one student; for a
    history, for the ID that was typed. `extended` says that the time was extended. `shown_until` is when it ends
    as far as the kiosk is told: who always has more time is not told by it.

    `evidence` is what its key frames showed. `outcome` is what redeeming it came to, which is still a question while
    `pending`: a claim counts before `claim_until`. For the cause of a refusal, `last_asked` and `last_hint` are what
    the person was last asked and told, `first_hints` what they were told before the first step, and `times_added` how
    often steps were added.
    """

    state: SessionState
    judge: SessionJudge
    evidence: FaceEvidence
    expires: float
    shown_until: float
    kiosk: str
    student_key: str | None = None
    typed_id: str | None = None
    without_turning: bool = False
    last_frame: tuple[int, str, bytes] | None = None
    last_asked: str | None = None
    last_hint: str | None = None
    first_hints: HintTimes = field(default_factory=HintTimes)
    times_added: int = 0
    tracker: FaceTracker = field(default_factory=FaceTracker)
    pictures: PictureTimes = field(default_factory=PictureTimes)
    failed: bool = False
    extended: bool = False
    outcome: object | None = None
    pending: bool = False
    claim_until: float = -math.inf
    lock: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, progress: SessionProgress, now: float) -> None:
        """Take the progress after a frame judged at `now`."""
        before, self.state = self.state, self.state.after(progress, self.shown_until - now)
        self.last_asked = self.state.action or before.action or self.last_asked
        self.times_added += self.state.total > before.total
        if self.last_asked is None:
            self.first_hints.note(self.state.hint, now)
        if len(self.state.accepted) > len(before.accepted):
            self.last_hint = None
        self.last_hint = self.state.hint or self.last_hint

    def fail(self, failure: str) -> None:
        """Fail, and clear the evidence."""
        cause, _ = self.cause_for_staff(failure)
        self.failed = True
        self.state = self.state.failed(failure, tell_cause=cause != OTHER_MOVEMENTS)
        self.evidence.clear()

    def cause_for_staff(self, failure: str) -> tuple[str, str | None]:
        """Return the cause that staff see for this failure, and the hint that goes with it."""
        if failure == "too_slow" and self.times_added >= UNASKED_TO_OFFER:
            return OTHER_MOVEMENTS, None
        # who was told something and then left has been told for longer that there is no face
        told_first = self.first_hints.longest() if self.last_asked is None else None
        return failure, told_first or self.state.cause or self.last_hint

    def waits(self, now: float) -> bool:
        """Whether the liveness session still waits for frames or for a claim."""
        return now < self.expires if self.state.running else self.pending and now < self.claim_until

    def extend(self, now: float) -> None:
        """Give more time for each step, for what is left of the liveness session, or to make a claim, once."""
        if not self.extended:
            self.judge.more_time(MORE_TIME, now)
            self.expires = now + MORE_TIME * max(0.0, self.expires - now)
            self.claim_until = now + MORE_TIME * max(0.0, self.claim_until - now)
            self.extended = True

    def wait_for_claim(self, seconds: float, now: float) -> None:
        """Wait these seconds for a claim, or as many more as an extended liveness session has."""
        self.pending = True
        self.claim_until = now + (MORE_TIME * seconds if self.extended else seconds)
