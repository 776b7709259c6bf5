"""The protocol every follower meets."""

from __future__ import annotations

from typing import Protocol

from secure_attend.faces.engine import Box, FollowedFace
from secure_attend.frames import Frame


class Follower(Protocol):
    """Reads landmarks in every frame of a webcam. Thread-safe."""

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        """Return the faces with 68 landmarks, largest first.

        With `near`, the face in the frame before or its box, read only the face there. The result is empty when that is
        lost.
        """

    def look(self, frame: Frame, before: FollowedFace) -> tuple[FollowedFace, ...]:
        """Look for all faces, as `follow` does without `near`, and read the known one from where it was."""
