"""What a liveness session shows its kiosk: the step to do, the hint, the failure, how to send the next frame."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

from secure_attend.attendance.liveness_sessions.guided_capture import CaptureProgress
from secure_attend.liveness.challenge import ChallengeProgress

Purpose = Literal["check_in", "enrol", "self_enrol", "history", "trial"]
Phase = Literal["neutral", "step", "passed", "failed", "redeemed"]
SessionProgress = ChallengeProgress | CaptureProgress

FAILURES = {
    "too_slow": "That took too long. Start again when you're ready.",
    "lost_face": "We lost sight of your face. Stay in front of the camera and start again.",
    "several_faces": "We saw more than one face. Step in front of the camera alone and start again.",
    "face_changed": "The face changed along the way. One person has to do all the steps. Please start again.",
    "looks_like_a_picture": "This looks like a picture or a screen. Stand in front of the camera and start again.",
    "no_clear_face": "We couldn't see your face clearly enough. Face the light and start again.",
    "out_of_order": "Some pictures arrived out of order. Please start again.",
}


@dataclass(frozen=True)
class SessionState:
    """What a liveness session tells its kiosk. Never a score. `nonce` is None if no further frame is wanted.

    `other_way` says to offer another way to check in first, `more_time` whether the time was extended, and `cause` the
    hint that was given for the longest since the step was asked."""

    id: str
    purpose: Purpose
    phase: Phase
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
    other_way: bool = False
    more_time: bool = False
    cause: str | None = None

    @property
    def running(self) -> bool:
        """Whether the liveness session still waits for frames."""
        return self.phase in ("neutral", "step")

    def after(self, progress: SessionProgress, seconds_left: float) -> SessionState:
        """Return the state after a frame."""
        over = progress.state in ("passed", "failed")
        return replace(
            self,
            phase=progress.state,
            action=_action_name(progress.action),
            asked_otherwise=progress.asked_otherwise,
            returning=progress.returning,
            accepted=tuple(_action_name(action) or "" for action in progress.accepted),
            total=progress.total,
            hint=progress.hint,
            failure=progress.failure,
            number=self.number + 1,
            nonce=None if over else _new_nonce(),
            expires_in=round(max(seconds_left, 0.0), 1),
            other_way=progress.other_way,
            cause=progress.cause,
        )

    def failed(self, failure: str, *, tell_cause: bool = True) -> SessionState:
        """Return the state after this failure, with its cause unless the kiosk is not told."""
        cause = self.cause if tell_cause else None
        state = replace(self, phase="failed", failure=failure, cause=cause)
        return replace(state, action=None, hint=None, nonce=None, returning=False)

    def extended(self, seconds_left: float) -> SessionState:
        """Return the state after the time was extended."""
        return replace(self, more_time=True, expires_in=round(seconds_left, 1))

    def redeemed(self) -> SessionState:
        """Return the state after the liveness session was used for its purpose."""
        return replace(self, phase="redeemed")


def first_state(purpose: Purpose, progress: SessionProgress, lifetime: float) -> SessionState:
    """Return the state of a new liveness session, with a random ID and nonce."""
    return SessionState(
        id=secrets.token_urlsafe(16),
        purpose=purpose,
        phase=progress.state,
        action=_action_name(progress.action),
        asked_otherwise=False,
        returning=False,
        accepted=(),
        total=progress.total,
        hint=None,
        failure=None,
        number=1,
        nonce=_new_nonce(),
        expires_in=lifetime,
    )


def _new_nonce() -> str:
    return secrets.token_urlsafe(12)


def _action_name(action: str | None) -> str | None:
    return str(action.value) if isinstance(action, Enum) else action
