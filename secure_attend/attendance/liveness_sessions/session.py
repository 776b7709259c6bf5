"""One liveness session: its state, who judges it, and what led to its refusal."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import Protocol

from secure_attend.attendance.liveness_sessions.face_tracker import FaceTracker
from secure_attend.attendance.liveness_sessions.hint_times import HintTimes
from secure_attend.attendance.liveness_sessions.picture_times import PictureTimes
from secure_attend.attendance.liveness_sessions.session_state import SessionProgress, SessionState
from secure_attend.attendance.recognition.face_evidence import FaceEvidence
from secure_attend.attendance.refusal_causes import RefusalCause, SessionFailure, Unanswered
from secure_attend.liveness.challenge import Sighting
from secure_attend.liveness.limits import MORE_TIME, UNASKED_TO_OFFER


@dataclass(frozen=True)
class Question:
    """What the person is asked after the movements. An answer counts until `until`, as `SiteTime.seconds`, and
    `unanswered` is the cause that staff see if there is none. `student` is the key of the student whose ID was typed
    without the code. `refused` says that a wrong answer is among the refusals already."""

    until: float
    unanswered: Unanswered
    student: str | None = None
    refused: bool = False


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

    `evidence` is what its key frames showed. `outcome` is what redeeming it came to, and `question` what is still to be
    answered. For the cause of a refusal, `last_asked` is what the person was last asked, `first_hints` what they were
    told before the first step, and `times_added` how often steps were added.
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
    first_hints: HintTimes = field(default_factory=HintTimes)
    times_added: int = 0
    tracker: FaceTracker = field(default_factory=FaceTracker)
    pictures: PictureTimes = field(default_factory=PictureTimes)
    failed: bool = False
    extended: bool = False
    outcome: object | None = None
    question: Question | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, progress: SessionProgress, now: float) -> None:
        """Take the progress after a frame judged at `now`."""
        before, self.state = self.state, self.state.after(progress, self.shown_until - now)
        self.last_asked = self.state.action or before.action or self.last_asked
        self.times_added += self.state.total > before.total
        if self.last_asked is None:
            self.first_hints.note(self.state.hint, now)

    def fail(self, failure: SessionFailure) -> None:
        """Fail, and clear the evidence."""
        cause, _ = self.cause_for_staff(failure)
        self.failed = True
        self.state = self.state.failed(failure, tell_cause=cause != "other_movements")
        self.evidence.clear()

    def leave(self) -> None:
        """End it because the person left, which is no failure, and clear the evidence."""
        self.failed = True
        self.state = self.state.failed("left", tell_cause=False)
        self.evidence.clear()

    def redeem(self) -> None:
        """Use it up, and clear the evidence."""
        self.question = None
        self.state = self.state.redeemed()
        self.evidence.clear()

    def is_overdue(self, now: float) -> bool:
        """Whether it still waits for frames though its time is over."""
        return self.state.running and now >= self.expires

    def is_unanswered(self, now: float) -> bool:
        """Whether its question was not answered in time."""
        return self.question is not None and now >= self.question.until

    def is_over(self, then: float) -> bool:
        """Whether nothing more could come of it after this moment."""
        if self.state.phase == "passed" and self.outcome is None:
            return then >= self.expires
        return not self.waits(then)

    @property
    def over_at(self) -> float:
        """When its time is over, and that of its question."""
        return self.expires if self.question is None else max(self.expires, self.question.until)

    def somebody_stood_there(self, ended: float) -> bool:
        """Whether somebody was in front of a session whose time ran out then."""
        return self.last_asked is not None or self.first_hints.somebody_stood_there(ended)

    def cause_for_staff(self, failure: SessionFailure) -> tuple[RefusalCause, str | None]:
        """Return the cause that staff see for this failure, and the hint that goes with it."""
        # the kiosk has offered another way by then
        if failure == "too_slow" and self.times_added >= UNASKED_TO_OFFER:
            return "other_movements", None
        # who was told something and then left has been told for longer that there is no face
        told_first = self.first_hints.longest() if self.last_asked is None else None
        return failure, told_first or self.state.cause

    def waits(self, now: float) -> bool:
        """Whether the liveness session still waits for frames or for a claim."""
        if self.state.running:
            return now < self.expires
        return self.question is not None and now < self.question.until

    def extend(self, now: float) -> None:
        """Give more time for each step, for what is left of the liveness session, or to make a claim, once."""
        if not self.extended:
            self.judge.more_time(MORE_TIME, now)
            self.expires = now + MORE_TIME * max(0.0, self.expires - now)
            if self.question is not None:
                until = now + MORE_TIME * max(0.0, self.question.until - now)
                self.question = replace(self.question, until=until)
            self.extended = True

    def ask(self, unanswered: Unanswered, seconds: float, now: float) -> None:
        """Wait these seconds for a claim, or as many more as an extended liveness session has."""
        self.question = Question(now + (MORE_TIME * seconds if self.extended else seconds), unanswered)

    def note_typed(self, student: str | None) -> None:
        """Note whose ID was typed, without the code that is needed too."""
        if self.question is not None:
            self.question = replace(self.question, student=student)

    def note_refused(self) -> None:
        """Note that a wrong answer is among the refusals."""
        if self.question is not None:
            self.question = replace(self.question, refused=True)
