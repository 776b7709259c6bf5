"""The engine: one detector, one recogniser, one follower, put together for a profile."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces import quality
from secure_attend.faces.detect.detector import Detector
from secure_attend.faces.detect.follower import Follower
from secure_attend.faces.embed.recognisers import Recogniser
from secure_attend.faces.engine import Box, Face, FollowedFace, Profile, Quality
from secure_attend.faces.models.passive import PassiveModel
from secure_attend.frames import Frame


class ComposedEngine:
    """A `FaceEngine` of separate parts. Safe to call from several threads, as its parts are."""

    def __init__(
        self,
        profile: Profile,
        detector: Detector,
        recogniser: Recogniser,
        follower: Follower,
        passive: PassiveModel | None = None,
    ) -> None:
        self._profile = profile
        self._detector = detector
        self._recogniser = recogniser
        self._follower = follower
        self._passive = passive

    @property
    def profile(self) -> Profile:
        """The profile whose embeddings this engine makes."""
        return self._profile

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
        """The faces in the frame, or near the followed face in `near`, largest first."""
        return self._detector.find(frame, near)

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """(D,) float32, ready for the gallery of this profile."""
        return self._recogniser.embed(frame, face)

    def follow(self, frame: Frame, near: Box | None = None) -> tuple[FollowedFace, ...]:
        """The faces with 68 landmarks, largest first; with `near` the one there."""
        return self._follower.follow(frame, near)

    @property
    def has_passive(self) -> bool:
        """Whether the passive network's files were on disk."""
        return self._passive is not None

    def looks_live(self, frame: Frame, box: Box) -> bool | None:
        """Whether the passive network takes the face for a live one; None without one."""
        return self._passive.looks_live(frame, box) if self._passive else None

    def quality(self, frame: Frame, box: Box) -> Quality:
        """How usable the face in `box` is."""
        return quality.measure(frame, box)

    def warm_up(self) -> int:
        """Runs every network once, on grey, so that the first real face waits for nothing; the embedding's length.

        On a small frame: the detector looks at a large one without a face three times.
        """
        frame = np.full((240, 320, 3), 127, np.uint8)
        self.follow(frame)
        self.find(frame)
        points = np.array([[135, 100], [185, 100], [160, 130], [140, 155], [180, 155]], np.float32)
        return len(self.embed(frame, Face((110.0, 60.0, 210.0, 190.0), points, 1.0)))
