"""The guided capture that registers a face: a few good frames in slightly different poses, asked for one by one.

Pure, like the liveness challenge: what a frame showed and the time go in, the next request comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from secure_attend.faces.matching.template_quality import DARK_GLASSES
from secure_attend.liveness.challenge import Sighting
from secure_attend.liveness.eyes import share_open
from secure_attend.liveness.given_hints import GivenHints
from secure_attend.liveness.motion import Points, Pose, pose
from secure_attend.liveness.neutral import turned

CaptureAction = Literal["look_straight", "turn_slightly_left", "turn_slightly_right", "chin_up"]
POSES: tuple[CaptureAction, ...] = (
    "look_straight",
    "turn_slightly_left",
    "turn_slightly_right",
    "chin_up",
    "look_straight",
)
WITHOUT_TURNS: tuple[CaptureAction, ...] = ("look_straight",) * 3
"""For people who cannot turn their heads. Their pictures are alike, so more of them add nothing."""
LIFETIME = 120.0
STEADY_FRAMES = 2  # two frames in a row must show the pose, so that the frame kept is not blurred by movement
EYES_OPEN = 0.75  # share of the person's own openness below which a frame is a blink

# Degrees. A template helps where the probe is turned no farther than it; beyond 28 degrees recognisers lose the face.
FIRST_YAW = 12.0  # pitch and roll as at a check-in: cameras stand above or below the eyes
STRAIGHT = 8.0
ASIDE = 14.0
TURNED_LEAST, TURNED_MOST = 8.0, 28.0
RAISED_LEAST, RAISED_MOST = 6.0, 25.0


@dataclass(frozen=True)
class CaptureProgress:
    """The progress of a capture; same members as `ChallengeProgress`. `key_frame`: this frame becomes a template."""

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
    other_way: bool = False
    cause: str | None = None


class GuidedCapture:
    """The guided capture of one person. Not thread-safe."""

    def __init__(
        self,
        started: float,
        *,
        step_seconds: float,
        lifetime: float = LIFETIME,
        poses: Sequence[CaptureAction] = POSES,
    ) -> None:
        self._ends = started + lifetime
        self._step_seconds = step_seconds
        self._asked_at = started
        self._poses: list[CaptureAction] = list(poses)
        self._accepted: list[CaptureAction] = []
        self._steady = 0
        self._straight: tuple[Pose, Points] | None = None
        self._given_hints = GivenHints()

    def progress(self, now: float, hint: str | None = None, *, key_frame: bool = False) -> CaptureProgress:
        """Return the pose that is asked for now."""
        place = len(self._accepted)
        passed = place == len(self._poses)
        return CaptureProgress(
            state="passed" if passed else "step",
            action=None if passed else self._poses[place],
            asked_otherwise=not passed and now - self._asked_at >= self._step_seconds,
            accepted=tuple(self._accepted),
            total=len(self._poses),
            hint=hint,
            key_frame=key_frame,
            cause=None if passed else self._given_hints.longest(),
        )

    def more_time(self, factor: float, now: float) -> None:
        """Multiply the time for each pose, and what is left of the lifetime."""
        self._step_seconds *= factor
        self._ends = now + factor * max(0.0, self._ends - now)

    def see(self, sighting: Sighting, now: float) -> CaptureProgress:
        """Return the progress after this frame."""
        progress = self._see(sighting, now)
        self._given_hints.note(progress.hint, now)
        return progress

    def _see(self, sighting: Sighting, now: float) -> CaptureProgress:
        if now >= self._ends:
            return replace(self.progress(now), state="failed", action=None, asked_otherwise=False, failure="too_slow")
        self._replace_if_unmet(now)
        hint = self._pose_hint(sighting) or self._quality_hint(sighting, now)
        self._steady = self._steady + 1 if hint is None else 0
        if hint is None and self._steady < STEADY_FRAMES:
            return self.progress(now, "hold")
        if hint is not None:
            return self.progress(now, hint)
        self._take_pose(sighting, now)
        return self.progress(now, key_frame=True)

    def _quality_hint(self, sighting: Sighting, now: float) -> str | None:
        """Return what would make a better picture, while a pose is asked for the first time. After that, the picture is
        taken as it is: some people cannot have more light, or another camera. Dark glasses are asked about once."""
        if sighting.weak == DARK_GLASSES and self._accepted:
            return None
        return sighting.weak if now - self._asked_at < self._step_seconds else None

    def _replace_if_unmet(self, now: float) -> None:
        """Ask for a straight look instead of a pose that was asked for twice: the person may not be able to take it."""
        if now - self._asked_at >= 2 * self._step_seconds:
            self._poses[len(self._accepted)] = "look_straight"
            self._asked_at = now

    def _take_pose(self, sighting: Sighting, now: float) -> None:
        if self._straight is None and sighting.landmarks is not None:
            self._straight = (pose(sighting.landmarks, sighting.size), sighting.landmarks)
        self._accepted.append(self._poses[len(self._accepted)])
        self._asked_at = now
        self._steady = 0
        self._given_hints.clear()

    def _pose_hint(self, sighting: Sighting) -> str | None:
        """Return what is not right yet; None if the pose is met and the picture is good."""
        if sighting.faces == 0:
            return next(iter(sighting.problems), "no_face")
        if sighting.faces > 1 or sighting.landmarks is None:
            return "one_person"
        if sighting.problems:
            return sighting.problems[0]
        seen = pose(sighting.landmarks, sighting.size)
        if self._straight is None:
            return turned(seen, yaw=FIRST_YAW)
        straight, landmarks = self._straight
        if share_open(landmarks, sighting.landmarks) < EYES_OPEN:
            return "open_eyes"
        away = Pose(seen.yaw - straight.yaw, seen.pitch - straight.pitch, seen.roll - straight.roll)
        return _difference(self._poses[len(self._accepted)], away)


def _difference(wanted: CaptureAction, away: Pose) -> str | None:
    """Return the hint for a pose that is not the one asked for. `away` counts from the person's straight look."""
    if wanted == "look_straight":
        return turned(away, yaw=STRAIGHT, pitch=ASIDE)
    if wanted == "chin_up":
        aside = Pose(away.yaw, 0.0, 0.0)
        return _angle_hint(away.pitch, RAISED_LEAST, RAISED_MOST) or turned(aside, yaw=ASIDE)
    yaw = away.yaw if wanted == "turn_slightly_left" else -away.yaw
    return _angle_hint(yaw, TURNED_LEAST, TURNED_MOST) or turned(Pose(0.0, away.pitch, 0.0), pitch=ASIDE)


def _angle_hint(angle: float, least: float, most: float) -> str | None:
    if angle < least:
        return "a_little_more"
    return "not_so_far" if angle > most else None
