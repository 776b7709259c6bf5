"""The neutral: the person's own straight look, from a few steady frames."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from secure_attend.liveness import limits
from secure_attend.liveness.eyes import openness
from secure_attend.liveness.motion import NOSE_TIP, PLANE, Points, Pose, Solid, centre, pose, scale
from secure_attend.liveness.presence import Sighting

_WATCHED = [*PLANE, NOSE_TIP]


class NeutralState(NamedTuple):
    """`neutral` (68, 2) once it is complete, with the head's solid points if they are known; until then the hint, None
    if there is nothing to change."""

    neutral: Points | None
    hint: str | None
    solid: Solid | None = None


class Neutral:
    """Collects steady, frontal, good frames until there are enough for a median."""

    def __init__(self) -> None:
        self._frames: list[_Frame] = []

    def see(self, landmarks: Points, sighting: Sighting, now: float) -> NeutralState:
        """Add a frame, and return the neutral or a hint."""
        problem = next(iter(sighting.problems), None)
        hint = problem or placement(landmarks, sighting.size) or turned(pose(landmarks, sighting.size))
        if hint:
            self._frames.clear()
            return NeutralState(None, hint)
        if self._frames and now - self._frames[-1].now > limits.GONE_SHORT:
            self._frames.clear()
        self._frames.append(_Frame(now, landmarks, sighting.solid))
        if not _steady([frame.landmarks for frame in self._frames]):
            del self._frames[:-1]
            return NeutralState(None, "hold_still")
        return self._median()

    def _median(self) -> NeutralState:
        """Return the median of the frames with open eyes, if they span enough time and include the last."""
        widths = [openness(frame.landmarks) for frame in self._frames]
        is_open = [width >= limits.NEUTRAL_BLINK * max(widths) for width in widths]
        frames = [frame for frame, eyes_open in zip(self._frames, is_open, strict=True) if eyes_open]
        long_enough = frames[-1].now - frames[0].now >= limits.NEUTRAL_SECONDS
        if not (is_open[-1] and long_enough and len(frames) >= limits.NEUTRAL_FRAMES):
            return NeutralState(None, None)
        solid = [frame.solid for frame in frames if frame.solid is not None]
        return NeutralState(
            np.asarray(np.median([frame.landmarks for frame in frames], axis=0)),
            None,
            np.asarray(np.median(solid, axis=0)) if solid else None,
        )


class _Frame(NamedTuple):
    now: float
    landmarks: Points
    solid: Solid | None


def placement(landmarks: Points, size: tuple[int, int]) -> str | None:
    """Return the hint for a face that is too small, too large, or too near the edge of the frame; otherwise None."""
    if scale(landmarks) < limits.SMALLEST_EYE_DISTANCE:
        return "come_closer"
    if scale(landmarks) > limits.LARGEST_SHARE * size[1]:
        return "move_back"
    x, y = centre(landmarks) / np.asarray(size)
    inside = limits.EDGE < x < 1 - limits.EDGE and limits.EDGE < y < 1 - limits.EDGE
    return None if inside else "move_to_center"


def turned(angles: Pose, yaw: float = limits.NEUTRAL_YAW, pitch: float = limits.NEUTRAL_PITCH) -> str | None:
    """Return the hint for a head that is turned by this much `yaw` or `pitch`, or tilted to a shoulder; otherwise None.
    Degrees."""
    if abs(angles.yaw) >= yaw:
        return "look_straight"
    if abs(angles.roll) >= limits.NEUTRAL_ROLL:
        return "hold_level"
    if abs(angles.pitch) < pitch:
        return None
    return "look_lower" if angles.pitch > 0 else "look_higher"


def _steady(frames: list[Points]) -> bool:
    watched = np.array([frame[_WATCHED] for frame in frames])
    apart = np.linalg.norm(watched - np.median(watched, axis=0), axis=2)
    return bool(apart.max() <= limits.NEUTRAL_SPREAD * scale(frames[-1]))
