"""What a session's frames show: every few frames all faces are looked for, in between the one there is is followed."""

from __future__ import annotations

from typing import NamedTuple

from secure_attend.faces.engine import Box, FaceEngine, FollowedFace
from secure_attend.faces.matching.template_quality import WEAK, weakest
from secure_attend.faces.quality import glare
from secure_attend.faces.quality import problems as quality_problems
from secure_attend.frames import Frame
from secure_attend.liveness.challenge import Sighting

LOOK_AROUND = 4
"""Every so many frames the detector looks for all faces: half a second at 8 frames a second until a second person is
noticed. Detecting takes 17 ms of a 480x360 frame on one core, following 3."""
UNSEEN = 3
"""So many times in a row the detector may miss the face that is being followed (turned far, it does for a second or
two); then it counts as lost."""


class TrackedFace(NamedTuple):
    """The sighting, the box of its one face, and how good a template its picture would make, from 0 to 1."""

    sighting: Sighting
    box: Box | None
    score: float


class FaceTracker:
    """Follows the one face of a session. Not safe for several threads at once."""

    def __init__(self) -> None:
        self._near: Box | None = None
        self._followed = 0
        self._unseen = 0

    def see(self, engine: FaceEngine, frame: Frame) -> TrackedFace:
        """What this frame shows."""
        faces = self._faces(engine, frame)
        size = (frame.shape[1], frame.shape[0])
        self._near = faces[0].box if len(faces) == 1 else None
        if len(faces) != 1:
            return TrackedFace(Sighting(None, len(faces), size), None, 0.0)
        face = faces[0]
        quality = engine.quality(frame, face.box)
        score, mend = weakest(quality)
        sighting = Sighting(
            face.landmarks,
            1,
            size,
            quality_problems(quality, frame.shape),
            glare(frame, face.landmarks),
            mend if score < WEAK else None,
        )
        return TrackedFace(sighting, face.box, score)

    def _faces(self, engine: FaceEngine, frame: Frame) -> tuple[FollowedFace, ...]:
        if self._near is not None and self._followed < LOOK_AROUND - 1:
            followed = engine.follow(frame, self._near)
            if followed:
                self._followed += 1
                return followed
        self._followed = 0
        found = engine.follow(frame)
        if found or self._near is None or self._unseen >= UNSEEN:
            self._unseen = 0
            return found
        self._unseen += 1
        return engine.follow(frame, self._near)
