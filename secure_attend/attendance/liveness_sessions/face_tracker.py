"""Tracking the face of a liveness session: now and then detect all faces; in between, follow the only one."""

from __future__ import annotations

import math
from typing import NamedTuple

from secure_attend.faces.detect.mesh_follower import solid_points
from secure_attend.faces.engine import FaceEngine, FollowedFace
from secure_attend.faces.matching.template_quality import DARK_GLASSES, WEAK, weakest
from secure_attend.faces.quality import eyes_hidden, glare, problems_without_face
from secure_attend.faces.quality import problems as quality_problems
from secure_attend.frames import Frame
from secure_attend.liveness.challenge import Sighting

LOOK_AROUND = 0.45
"""Seconds after which the detector looks for all faces again, so a second person is noticed within half a second. Such
a frame takes 1.6 times as long as one in which the face is only followed (`make bench GROUPS=check_in`)."""
MOST_MISSES = 3
"""The detector may miss the followed face this many times in a row before it counts as lost. It misses a face that is
turned far for a second or two."""


class TrackedFace(NamedTuple):
    """The sighting, its only face, and how good a template its picture would make, from 0 to 1."""

    sighting: Sighting
    face: FollowedFace | None
    score: float


class FaceTracker:
    """Follows the only face of a liveness session. Not thread-safe."""

    def __init__(self) -> None:
        self._near: FollowedFace | None = None
        self._looked_at = -math.inf
        self._misses = 0

    def see(self, engine: FaceEngine, frame: Frame, now: float) -> TrackedFace:
        """Return what this frame shows, taken at `now` in seconds of any clock."""
        faces = self._faces(engine, frame, now)
        size = (frame.shape[1], frame.shape[0])
        self._near = faces[0] if len(faces) == 1 else None
        if len(faces) != 1:
            problems = () if faces else problems_without_face(frame)
            return TrackedFace(Sighting(None, len(faces), size, problems), None, 0.0)
        face = faces[0]
        quality = engine.quality(frame, face.box)
        hidden_by = _what_hides_the_eyes(frame, face)
        score, hint = weakest(quality, eyes_hidden=hidden_by == DARK_GLASSES)
        sighting = Sighting(
            face.landmarks,
            1,
            size,
            quality_problems(quality, frame.shape),
            hidden_by,
            hint if score < WEAK else None,
            solid_points(face),
        )
        return TrackedFace(sighting, face, score)

    def _faces(self, engine: FaceEngine, frame: Frame, now: float) -> tuple[FollowedFace, ...]:
        if self._near is not None and now - self._looked_at < LOOK_AROUND:
            followed = engine.follow(frame, self._near)
            if followed:
                return followed
        self._looked_at = now
        detected = engine.follow(frame) if self._near is None else engine.look(frame, self._near)
        if detected or self._near is None or self._misses >= MOST_MISSES:
            self._misses = 0
            return detected
        self._misses += 1
        return engine.follow(frame, self._near)


def _what_hides_the_eyes(frame: Frame, face: FollowedFace) -> str | None:
    if eyes_hidden(frame, face.landmarks):
        return DARK_GLASSES
    return "glare" if glare(frame, face.landmarks) else None
