"""The protocol every detector meets."""

from __future__ import annotations

from typing import Protocol

from secure_attend.faces.engine import Face, FollowedFace
from secure_attend.frames import Frame


class Detector(Protocol):
    """Finds faces in a frame. Thread-safe."""

    def find(self, frame: Frame, near: FollowedFace | None = None) -> tuple[Face, ...]:
        """Return the faces, largest first and without fragments; an empty tuple if there is no face.

        `near` is a face followed into this frame: faces elsewhere may be left out.
        """
