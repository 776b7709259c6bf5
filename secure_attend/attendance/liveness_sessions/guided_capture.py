"""The guided capture that registers a face: a few good frames of slightly different pose, asked for one by one.

Pure like the liveness challenge: what a frame showed and the time go in, what to ask next comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from secure_attend.liveness.challenge import Sighting
from secure_attend.liveness.eyes import share_open
from secure_attend.liveness.motion import Points, Pose, pose

CaptureAction = Literal["look_straight", "turn_slightly_left", "turn_slightly_right", "chin_up"]
POSES: tuple[CaptureAction, ...] = (
    "look_straight",
    "turn_slightly_left",
    "turn_slightly_right",
    "chin_up",
    "look_straight",
)
LIFETIME = 120.0
STEADY_FRAMES = 2  # a pose counts when two frames in a row show it, so that the frame kept is not blurred by movement
EYES_OPEN = 0.75  # share of the person's own openness below which a frame is a blink

# Degrees. A template helps where the probe is turned no farther than it; beyond 28 degrees recognisers lose the face.
FIRST_YAW = 12.0
FIRST_PITCH = 25.0  # the fitted head's pitch is off by several degrees, and cameras stand above or below the eyes
STRAIGHT = 8.0
ASIDE = 14.0
TURNED_LEAST, TURNED_MOST = 8.0, 28.0
RAISED_LEAST, RAISED_MOST = 6.0, 25.0


@dataclass(frozen=True)
class CaptureProgress:
    """Where a capture stands; the same members as liveness' `Progress`. `key_frame`: this frame becomes a template."""

    state: Literal["step", "passed", "failed"]
    action: CaptureAction | None
    asked_otherwise: bool = False
    returning: bool = False
    accepted: tuple[CaptureAction, ...] = ()
    total: int = len(POSES)
    hint: str | None = None
    key_frame: bool = False
    failure: Literal["too_slow"] | None = None
    moving_frame: bool = False
    reached_frame: bool = False


class GuidedCapture:
    """One person's capture. Not safe for several threads at once."""

    def __init__(self, started: float, *, step_seconds: float, lifetime: float = LIFETIME) -> None:
        self._ends = started + lifetime
        self._step_seconds = step_seconds
        self._asked_at = started
        self._asked: list[CaptureAction] = list(POSES)
        self._accepted: list[CaptureAction] = []
        self._steady = 0
        self._straight: tuple[Pose, Points] | None = None

    def progress(self, now: float, hint: str | None = None, *, key_frame: bool = False) -> CaptureProgress:
        """What is asked now."""
        place = len(self._accepted)
        passed = place == len(POSES)
        return CaptureProgress(
            state="passed" if passed else "step",
            action=None if passed else self._asked[place],
            asked_otherwise=not passed and now - self._asked_at >= self._step_seconds,
            accepted=tuple(self._accepted),
            hint=hint,
            key_frame=key_frame,
        )

    def see(self, sighting: Sighting, now: float) -> CaptureProgress:
        """The progress after this frame."""
        if now >= self._ends:
            return CaptureProgress("failed", None, accepted=tuple(self._accepted), failure="too_slow")
        self._replace_if_unmet(now)
        hint = self._hint(sighting) or self._better(sighting, now)
        self._steady = self._steady + 1 if hint is None else 0
        if hint is None and self._steady < STEADY_FRAMES:
            return self.progress(now, "hold")
        if hint is not None:
            return self.progress(now, hint)
        self._accept(sighting, now)
        return self.progress(now, key_frame=True)

    def _better(self, sighting: Sighting, now: float) -> str | None:
        """What would make a better picture, for as long as a pose is asked for the first time: who cannot have more
        light, or another camera, is registered with what there is."""
        return sighting.weak if now - self._asked_at < self._step_seconds else None

    def _replace_if_unmet(self, now: float) -> None:
        """Who cannot take a pose is asked to look straight instead, after it was asked twice."""
        if now - self._asked_at >= 2 * self._step_seconds:
            self._asked[len(self._accepted)] = "look_straight"
            self._asked_at = now

    def _accept(self, sighting: Sighting, now: float) -> None:
        if self._straight is None and sighting.landmarks is not None:
            self._straight = (pose(sighting.landmarks, sighting.size), sighting.landmarks)
        self._accepted.append(self._asked[len(self._accepted)])
        self._asked_at = now
        self._steady = 0

    def _hint(self, sighting: Sighting) -> str | None:
        """What is not yet as it should be; None when the pose is met and the picture is good."""
        if sighting.faces == 0:
            return "no_face"
        if sighting.faces > 1 or sighting.landmarks is None:
            return "one_person"
        if sighting.problems:
            return sighting.problems[0]
        seen = pose(sighting.landmarks, sighting.size)
        if self._straight is None:
            return None if abs(seen.yaw) <= FIRST_YAW and abs(seen.pitch) <= FIRST_PITCH else "look_straight"
        straight, landmarks = self._straight
        if share_open(landmarks, sighting.landmarks) < EYES_OPEN:
            return "open_eyes"
        return _pose_hint(self._asked[len(self._accepted)], seen.yaw - straight.yaw, seen.pitch - straight.pitch)


def _pose_hint(asked: CaptureAction, yaw: float, pitch: float) -> str | None:
    """How the pose differs from what was asked; `yaw` and `pitch` since the person's own straight look."""
    if asked == "look_straight":
        return None if abs(yaw) <= STRAIGHT and abs(pitch) <= ASIDE else "look_straight"
    if asked == "chin_up":
        return _within(pitch, RAISED_LEAST, RAISED_MOST, aside=yaw)
    return _within(yaw if asked == "turn_slightly_left" else -yaw, TURNED_LEAST, TURNED_MOST, aside=pitch)


def _within(angle: float, least: float, most: float, *, aside: float) -> str | None:
    if angle < least:
        return "a_little_more"
    return None if angle <= most and abs(aside) <= ASIDE else "look_straight"
