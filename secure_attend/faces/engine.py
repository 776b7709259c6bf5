"""What a frame says about faces: the protocol every engine meets and the values it speaks in."""

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
    """A face as a follower sees it: `landmarks` is (68, 2) float32 in pixels, numbered as in iBUG 300-W. `mesh`, from a
    follower that reads MediaPipe's, is (478, 3) float32 in pixels; the third is the depth, away from the camera."""

    box: Box
    landmarks: NDArray[np.float32]
    mesh: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Quality:
    """How usable a face is. `brightness` and `contrast` are mean and spread of the face's grey values (0-255),
    `sharpness` is the variance of its Laplacian at a fixed face size, `height` its box's in pixels, `cut_off` whether
    the box leaves the frame."""

    brightness: float
    contrast: float
    sharpness: float
    height: float
    cut_off: bool


Metric = Literal["euclidean", "euclidean_l2"]
"""How embeddings are compared: as they are, or of unit length, where the distance (0 to 2) goes with the angle."""


@dataclass(frozen=True)
class Profile:
    """A detector, a recogniser, and what counts as the same face between them.

    `strangers` says how near different people come, which sets the threshold (matching/operating_point.py); `margin` is
    the least by which the second person must be farther than the first; `same` the farthest that two looks of one
    person in one session may lie apart; `one_frame` how much farther a single frame may lie than several together, as
    it lies farther from strangers too. `measured` says where the numbers come from, in a sentence a lecturer can read;
    `is_measured` is whether that is a measurement of this pair.
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
        """The profile whose embeddings this engine makes."""

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
        """The faces in the frame, largest first, fragments nested in larger faces dropped. The heavy detector.

        `near` is the box of a followed face: found there, faces elsewhere may be left out, which is several times
        quicker.
        """

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """(D,) float32, ready for the gallery of this profile."""

    def follow(self, frame: Frame, near: Box | None = None) -> tuple[FollowedFace, ...]:
        """The faces with 68 landmarks, largest first: light enough for every frame of a webcam. With `near`, the box of
        the frame before, it may read the face there alone, without looking for others; empty when that is lost."""

    @property
    def has_passive(self) -> bool:
        """Whether there is a network for `looks_live`."""

    def looks_live(self, frame: Frame, box: Box) -> bool | None:
        """Whether a network takes the face for one before the camera, not for a print or a screen; None without one."""

    def quality(self, frame: Frame, box: Box) -> Quality:
        """How usable the face in `box` is."""
