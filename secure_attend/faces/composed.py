"""The engine of a profile, composed of a detector, a recogniser and a landmark follower."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces import quality
from secure_attend.faces.detect.detector import Detector
from secure_attend.faces.detect.follower import Follower
from secure_attend.faces.detect.second_look import SpreadFace, spread
from secure_attend.faces.embed.recognisers import Recogniser
from secure_attend.faces.engine import Box, Face, FollowedFace, Profile, Quality
from secure_attend.faces.models.passive import PassiveModel
from secure_attend.frames import Frame


class ComposedEngine:
    """A `FaceEngine` composed of separate parts. Thread-safe, as its parts are."""

    def __init__(
        self,
        profile: Profile,
        detector: Detector,
        recogniser: Recogniser,
        follower: Follower,
        passive: PassiveModel | None = None,
    ) -> None:
        self._profile = profile
        self.detector = detector
        self._recogniser = recogniser
        self.follower = follower
        self._passive = passive

    @property
    def profile(self) -> Profile:
        """The profile of this engine's embeddings."""
        return self._profile

    def find(self, frame: Frame, near: FollowedFace | None = None) -> tuple[Face, ...]:
        """Detect the faces in the frame, or near the followed face `near`, largest first."""
        return self.detector.find(frame, near)

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """Return the embedding, (D,) float32, for the gallery of this profile."""
        if isinstance(face, SpreadFace):
            return self._recogniser.embed(spread(frame), face.found)
        return self._recogniser.embed(frame, face)

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        """Return the faces with 68 landmarks, largest first; with `near`, only the one there."""
        return self.follower.follow(frame, near)

    def look(self, frame: Frame, before: FollowedFace) -> tuple[FollowedFace, ...]:
        """Look for all faces, when the one of the frame before is known."""
        return self.follower.look(frame, before)

    @property
    def has_passive(self) -> bool:
        """Whether the passive network is loaded."""
        return self._passive is not None

    def looks_live(self, frame: Frame, box: Box) -> bool | None:
        """Whether the passive network takes this for a live face; None without the network."""
        return self._passive.looks_live(frame, box) if self._passive else None

    def quality(self, frame: Frame, box: Box) -> Quality:
        """Return how usable the face in `box` is."""
        return quality.measure(frame, box)

    def warm_up(self) -> int:
        """Run every network once, on grey, so that the first real face doesn't wait. Return the embedding's length.

        The frame is small, because the detector looks at a large one without a face three times.
        """
        frame = np.full((240, 320, 3), 127, np.uint8)
        self.follow(frame)
        self.find(frame)
        points = np.array([[135, 100], [185, 100], [160, 130], [140, 155], [180, 155]], np.float32)
        return len(self.embed(frame, Face((110.0, 60.0, 210.0, 190.0), points, 1.0)))
