"""The protocol that every face engine meets, and its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.impostor_tail import ImpostorTail
from secure_attend.frames import Frame

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels of the frame; may reach beyond its edges."""


@dataclass(frozen=True)
class Face:
    """A detected face. `points` is (5, 2) float32 in pixels: the person's right eye, left eye, nose tip, right and left
    corner of the mouth; `score` is the detector's own."""

    box: Box
    points: NDArray[np.float32]
    score: float


@dataclass(frozen=True)
class FollowedFace:
    """A face from a follower: `landmarks` is (68, 2) float32 in pixels, numbered as in iBUG 300-W. `mesh`, from a
    follower that reads MediaPipe's, is (478, 3) float32 in pixels; the third is the depth, away from the camera.
    `spread` says that it was found only with the grey levels spread, and is followed so."""

    box: Box
    landmarks: NDArray[np.float32]
    mesh: NDArray[np.float32] | None = None
    spread: bool = False


@dataclass(frozen=True)
class Quality:
    """How usable a face is. `brightness` and `contrast` are the mean and spread of its grey values (0-255). `sharpness`
    is the variance of its Laplacian at a fixed face size, `height` the height of its box in pixels, and `cut_off`
    whether the box leaves the frame."""

    brightness: float
    contrast: float
    sharpness: float
    height: float
    cut_off: bool


Metric = Literal["euclidean", "euclidean_l2"]
"""How embeddings are compared: as they are, or at unit length, where the distance (0 to 2) follows the angle."""


@dataclass(frozen=True)
class Profile:
    """A detector, a recogniser, and the distances at which they take two faces for the same.

    `strangers` says how near different people come, which sets the threshold (matching/operating_point.py). The
    runner-up must be at least `margin` farther away than the best match. Two looks of one person in one session may lie
    at most `same` apart. A single frame may lie `one_frame` farther away than several together, as it lies farther from
    strangers too. `measured` says where the numbers come from, in words for a lecturer; `is_measured` says whether that
    is a measurement of this pair.
    """

    name: str
    detector: str
    recogniser: str
    dimension: int
    metric: Metric
    strangers: ImpostorTail
    margin: float
    same: float
    measured: str
    one_frame: float = 0.0
    is_measured: bool = False


class FaceEngine(Protocol):
    """Finds, follows and embeds faces. Loaded once; safe to call from several threads."""

    @property
    def profile(self) -> Profile:
        """The profile of this engine's embeddings."""

    def find(self, frame: Frame, near: FollowedFace | None = None) -> tuple[Face, ...]:
        """Detect the faces in the frame: largest first, without fragments nested in larger faces. This is expensive.

        `near` is a face that was followed into this very frame. If it is found there, faces elsewhere may be left out,
        which is several times faster.
        """

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """Return the embedding, (D,) float32, for the gallery of this profile."""

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        """Return the faces with 68 landmarks, largest first. This is light enough for every frame of a webcam.

        With `near`, the face in the frame before or its box, it may read only the face there, without looking for
        others; the result is empty when that face is lost.
        """

    def look(self, frame: Frame, before: FollowedFace) -> tuple[FollowedFace, ...]:
        """Look for all faces, as `follow` does without `near`, when the one of the frame before is known."""

    @property
    def has_passive(self) -> bool:
        """Whether the engine has a network for `looks_live`."""

    def looks_live(self, frame: Frame, box: Box) -> bool | None:
        """Whether a network takes this for a live face rather than a print or a screen; None without such a network."""

    def quality(self, frame: Frame, box: Box) -> Quality:
        """Return how usable the face in `box` is."""
