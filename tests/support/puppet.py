"""A puppet: frames of one portrait turning, nodding, closing its eyes, opening its mouth and coming closer, so that a
check-in can be played to the end.

The portrait's 68 landmarks get depth from a generic head, are rotated and projected, and the picture is warped after
them triangle by triangle. What is measured with it is synthetic: no person moved.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from secure_attend.faces import loading
from secure_attend.faces.detect.mesh_follower import MeshFollower
from secure_attend.faces.models import weights
from secure_attend.frames import Frame

WIDTH, HEIGHT = 640, 480
FACE_HEIGHT = 200.0
"""Pixels from the brows to the chin's tip, times 1.25: about what a face detector's box has."""
DISTANCE = 9.0
"""Of the camera, in eye distances: 57 cm for an eye distance of 63 mm."""
PIVOT = -1.3
"""Depth of the axis the head turns on, in eye distances behind the inner eye corners."""
SHUT = 0.05
"""Share of its height above the lower lid that is left of a shut upper lid. Real closings read 0.04 to 0.11 of the open
eye; of 21 puppets so drawn the median reads 0.21, nine in ten at most 0.42: glasses and dim portraits blur the lids."""

Points = NDArray[np.float64]


def _mirrored(*half: float) -> list[float]:
    """A row of depths that is the same on both sides: `half` runs from the outside to the middle."""
    return [*half, *reversed(half[:-1])]


# In mm towards the camera from the inner eye corners, rounded anthropometric proportions of an adult head (nose tip
# about 35 mm before the eyes, mouth corners 10). The jaw is given about half its depth: in a picture it is the
# outline, which slides along the cheek as the head turns, and not a fixed place on the head.
_JAW = _mirrored(-36.0, -33.0, -29.0, -24.0, -17.0, -10.0, -2.0, 6.0, 9.0)
_BROWS = [-8.0, 2.0, 8.0, 12.0, 14.0, 14.0, 12.0, 8.0, 2.0, -8.0]
_NOSE = [12.0, 20.0, 28.0, 36.0, *_mirrored(15.0, 21.0, 24.0)]
_RIGHT_EYE = [-10.0, -1.0, 2.0, 0.0, 1.0, -3.0]
_LEFT_EYE = [0.0, 2.0, -1.0, -10.0, -3.0, 1.0]
_OUTER_LIPS = [*_mirrored(10.0, 17.0, 22.0, 23.0), 16.0, 20.0, 21.0, 20.0, 16.0]
_INNER_LIPS = [*_mirrored(11.0, 19.0, 21.0), 18.0, 19.0, 18.0]
DEPTH = np.array([*_JAW, *_BROWS, *_NOSE, *_RIGHT_EYE, *_LEFT_EYE, *_OUTER_LIPS, *_INNER_LIPS]) / 63.0
"""(68,), in eye distances."""

_LIDS = ((37, 41), (38, 40), (43, 47), (44, 46))


class Held(NamedTuple):
    """How the head is held. Degrees; positive yaw turns to the person's own left, positive pitch looks up, positive
    roll leans to the left shoulder. `eyes` is 1 open, 0 closed; `mouth` 0 as in the portrait, 1 open; `shift` in
    pixels."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    eyes: float = 1.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    mouth: float = 0.0


class Puppet:
    """The face of a frontal portrait (BGR) with its landmarks (68, 2), set into a frame of 640x480."""

    def __init__(self, frame: Frame, landmarks: NDArray[np.floating]) -> None:
        self._portrait, self._rest = _staged(frame, np.asarray(landmarks, np.float64))
        self._middle = (self._rest[36:48].mean(axis=0)).copy()
        self._unit = float(np.hypot(*(self._rest[42:48].mean(axis=0) - self._rest[36:42].mean(axis=0))))
        ring, ring_depth = _outline(self._rest, self._middle, self._unit)
        self._source = np.concatenate([self._rest, ring, _border()])
        self._depth = np.concatenate([DEPTH, ring_depth])
        self._triangles = Delaunay(self._source).simplices

    def frame(
        self,
        yaw: float = 0.0,
        pitch: float = 0.0,
        roll: float = 0.0,
        eyes: float = 1.0,
        scale: float = 1.0,
        shift: tuple[float, float] = (0.0, 0.0),
        mouth: float = 0.0,
    ) -> Frame:
        """The head held so: (480, 640, 3) uint8, BGR."""
        moved, depth = self._posed(Held(yaw, pitch, roll, eyes, scale, shift, mouth))
        target = np.concatenate([moved, _border()])
        order = np.argsort(np.append(depth, np.full(len(_border()), -9.0))[self._triangles].mean(axis=1))
        turned = _warped(self._portrait, self._source, target, self._triangles[order])
        turned = turned if mouth <= 0 else _with_open_mouth(turned, moved, self._unit * scale, mouth)
        return turned if eyes >= 1 else _with_lashes(turned, moved, self._unit * scale, eyes)

    def landmarks(
        self,
        yaw: float = 0.0,
        pitch: float = 0.0,
        roll: float = 0.0,
        eyes: float = 1.0,
        scale: float = 1.0,
        shift: tuple[float, float] = (0.0, 0.0),
        mouth: float = 0.0,
    ) -> NDArray[np.float32]:
        """Where the 68 landmarks of that frame are: (68, 2), computed and not detected."""
        return self._posed(Held(yaw, pitch, roll, eyes, scale, shift, mouth))[0][:68].astype(np.float32)

    def solid(self, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Points:
        """Where nose and corners of the eyes are in space, so held: (13, 3), the depth away from the camera."""
        moved, depth = self._posed(Held(yaw, pitch, roll))
        chosen = [*range(27, 36), 36, 39, 42, 45]
        return np.column_stack([moved[chosen], -self._unit * depth[chosen]])

    def jpeg(
        self,
        yaw: float = 0.0,
        pitch: float = 0.0,
        roll: float = 0.0,
        eyes: float = 1.0,
        scale: float = 1.0,
        shift: tuple[float, float] = (0.0, 0.0),
        mouth: float = 0.0,
    ) -> bytes:
        """That frame as a browser sends it."""
        return encoded(self.frame(yaw, pitch, roll, eyes, scale, shift, mouth))

    def photo_landmarks(self, yaw: float = 0.0, pitch: float = 0.0, shift: tuple[float, float] = (0.0, 0.0)) -> Points:
        """Where the 68 landmarks of that photo are: (68, 2)."""
        return self._flat(self._rest, yaw, pitch, shift)

    def photo(self, yaw: float = 0.0, pitch: float = 0.0, shift: tuple[float, float] = (0.0, 0.0)) -> Frame:
        """The attack beside it: the same portrait as a flat print, tilted by degrees and moved by pixels."""
        corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float64)
        moved = self._flat(corners, yaw, pitch, shift)
        matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32))
        return np.asarray(
            cv2.warpPerspective(self._portrait, matrix, (WIDTH, HEIGHT), borderValue=(96, 104, 110)), np.uint8
        )

    def sheet(self, degrees: float = 32.0, step: float = 4.0) -> dict[str, list[Frame]]:
        """Named runs of frames for a player: `neutral` (one), `left` and `right` (out to `degrees`, first to last),
        `up` and `down`, `eyes` (open to closed), `mouth` (shut to open), `closer`. Played backwards they return."""
        angles = np.arange(step, degrees + step / 2, step)
        return {
            "neutral": [self.frame()],
            "left": [self.frame(yaw=float(angle)) for angle in angles],
            "right": [self.frame(yaw=-float(angle)) for angle in angles],
            "up": [self.frame(pitch=pitch) for pitch in (4.0, 8.0, 12.0, 16.0, 20.0)],
            "down": [self.frame(pitch=-pitch) for pitch in (4.0, 8.0, 12.0, 16.0, 20.0, 24.0)],
            "eyes": [self.frame(eyes=share) for share in (0.66, 0.33, 0.0)],
            "mouth": [self.frame(mouth=share) for share in (0.2, 0.4, 0.6, 0.8, 1.0)],
            "closer": [self.frame(scale=scale) for scale in (1.06, 1.12, 1.18, 1.24, 1.3, 1.36)],
        }

    def _flat(self, points: Points, yaw: float, pitch: float, shift: tuple[float, float]) -> Points:
        """Points of the portrait (N, 2) as a flat print shows them, turned about the middle between the eyes."""
        flat = np.column_stack([(points - self._middle) / self._unit, np.zeros(len(points))])
        turned = flat @ _rotation(yaw, pitch, 0.0).T
        seen = turned[:, :2] / (1 - turned[:, 2:] / DISTANCE)
        return np.asarray(seen * self._unit + self._middle + np.asarray(shift))

    def _posed(self, held: Held) -> tuple[Points, Points]:
        """Landmarks and outline so held, in pixels, and the depth of each after turning."""
        flat = self._source[: len(self._depth)].copy()
        place = (flat - self._middle) / self._unit
        solid = np.column_stack([place * (1 - self._depth[:, None] / DISTANCE), self._depth - PIVOT])
        solid[:68] = _jaw_lowered(_lids_lowered(solid[:68], held.eyes), held.mouth)
        turned = solid @ _rotation(held.yaw, held.pitch, held.roll).T
        depth = turned[:, 2] + PIVOT
        seen = turned[:, :2] / (1 - depth[:, None] / DISTANCE)
        return seen * self._unit * held.scale + self._middle + np.asarray(held.shift), depth


def encoded(frame: Frame) -> bytes:
    """JPEG bytes of a frame, quality 85."""
    done, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 85])
    assert done
    return data.tobytes()


def from_portrait(image: Frame) -> Puppet:
    """The puppet of the largest face in `image` (BGR)."""
    landmarks = detect(image)
    assert landmarks is not None, "no face is found in the portrait"
    return Puppet(image, landmarks)


@lru_cache(maxsize=1)
def astronaut() -> Puppet:
    """The puppet of scikit-image's portrait of Eileen Collins (NASA, public domain)."""
    from skimage.data import astronaut as portrait

    return from_portrait(np.ascontiguousarray(portrait()[:, :, ::-1]))


def detect(frame: Frame) -> NDArray[np.float32] | None:
    """The product's own reading of a frame: (68, 2) of the largest face, or None."""
    faces = follower().follow(frame)
    return faces[0].landmarks if faces else None


class NoLandmarker(RuntimeError):
    """The landmark model's file isn't on this machine, so no face can be read and no puppet made."""


@lru_cache(maxsize=1)
def follower() -> MeshFollower:
    """The product's own landmark model, as it reads a kiosk's frames. Raises NoLandmarker; nothing is downloaded."""
    landmarker_file()
    return loading.mesh_follower()


def landmarker_file() -> Path:
    """The landmark model's file, which every profile needs. Raises NoLandmarker, for which a test is skipped."""
    file = weights.face_landmarker()
    if not file.on_disk():
        raise NoLandmarker(f"{file.path} isn't there, so no face was read: run python -m secure_attend.models fetch")
    return file.path


def _staged(image: Frame, landmarks: Points) -> tuple[Frame, Points]:
    """The portrait scaled and placed so that the face has FACE_HEIGHT and stands in the middle of the frame."""
    height = 1.25 * (landmarks[8, 1] - landmarks[17:27, 1].mean())
    factor = FACE_HEIGHT / height
    shift = np.array([WIDTH / 2, HEIGHT / 2]) - factor * landmarks[27:36].mean(axis=0)
    matrix = np.column_stack([np.eye(2) * factor, shift])
    staged = cv2.warpAffine(image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(staged, np.uint8), landmarks * factor + shift


def _outline(rest: Points, middle: Points, unit: float) -> tuple[Points, Points]:
    """Points around the face that move with the head (hair, ears, neck) and their depth."""
    around = np.radians(np.arange(0, 360, 20))
    centre = middle + np.array([0.0, 0.35 * unit])
    near = np.column_stack([1.45 * np.cos(around), 1.75 * np.sin(around)])
    far = np.column_stack([2.1 * np.cos(around), 2.3 * np.sin(around)])
    depth = np.concatenate([np.full(len(around), -0.85), np.full(len(around), PIVOT)])
    return centre + unit * np.concatenate([near, far]), depth


def _lids_lowered(points: Points, eyes: float) -> Points:
    """The landmarks (68, 2 or 3) with the upper lids at a share of their height above the lower; shut is SHUT."""
    lowered = points.copy()
    for upper, lower in _LIDS:
        lowered[upper] = points[lower] + (SHUT + (1 - SHUT) * eyes) * (points[upper] - points[lower])
    return lowered


_JAW_DOWN = {
    **dict.fromkeys((66, 65, 67, 57, 56, 58), 1.0),
    **dict.fromkeys((55, 59), 0.75),
    **dict.fromkeys((54, 48, 60, 64), 0.12),
    **dict.fromkeys((8, 7, 9), 0.85),
    **dict.fromkeys((6, 10), 0.75),
    **dict.fromkeys((5, 11), 0.5),
    **dict.fromkeys((4, 12), 0.25),
}
JAW_DROP = 0.45
"""Eye distances, 28 mm, by which the lower lip goes down; the chin by less, for it swings back."""


def _jaw_lowered(points: Points, mouth: float) -> Points:
    """The landmarks (68, 3, eye distances) with the jaw down by a share of JAW_DROP, the mouth drawn in."""
    lowered = points.copy()
    for place, share in _JAW_DOWN.items():
        lowered[place, 1] += JAW_DROP * mouth * share
    for corner in (48, 60, 54, 64):
        lowered[corner, 0] *= 1 - 0.12 * mouth
    return lowered


def _with_open_mouth(image: Frame, landmarks: Points, unit: float, mouth: float) -> Frame:
    """The frame with darkness between the lips, where the warp has only stretched them."""
    hollow = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.fillPoly(hollow, [np.round(landmarks[60:68] * 16).astype(np.int32)], 1.0, cv2.LINE_AA, shift=4)
    dark = min(1.0, 2 * mouth) * cv2.GaussianBlur(hollow, (0, 0), 0.02 * unit)[..., None]
    return np.asarray(image * (1 - dark) + dark * np.array([28, 22, 40], np.float32), np.uint8)


def _with_lashes(image: Frame, landmarks: Points, unit: float, eyes: float) -> Frame:
    """The frame with a dark line along the lowered lids: without it the landmark model takes a lid for an open eye."""
    lashes = np.zeros((HEIGHT, WIDTH), np.float32)
    for eye in (landmarks[36:40], landmarks[42:46]):
        outline = np.round(eye * 16).astype(np.int32)
        cv2.polylines(lashes, [outline], False, 1.0, max(round(0.05 * unit), 1), cv2.LINE_AA, shift=4)
    dark = 0.85 * (1 - eyes) * cv2.GaussianBlur(lashes, (0, 0), 0.012 * unit)
    return np.asarray(image * (1 - dark[..., None]), np.uint8)


def _border() -> Points:
    """Points on the frame's edge, which stay."""
    across, down = np.linspace(0, WIDTH - 1, 9), np.linspace(0, HEIGHT - 1, 7)
    top = [(x, y) for x in across for y in (0, HEIGHT - 1)]
    sides = [(x, y) for y in down[1:-1] for x in (0, WIDTH - 1)]
    return np.array(top + sides, np.float64)


def _rotation(yaw: float, pitch: float, roll: float) -> Points:
    """(3, 3) for x to the person's left, y down, z towards the camera."""
    (a, b, c), (d, e, f) = np.cos(np.radians([yaw, pitch, roll])), np.sin(np.radians([yaw, pitch, roll]))
    about_y = np.array([[a, 0, d], [0, 1, 0], [-d, 0, a]])
    about_x = np.array([[1, 0, 0], [0, b, -e], [0, e, b]])
    about_z = np.array([[c, -f, 0], [f, c, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x, np.float64)


_PIXELS = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
"""Row and column of every pixel."""


def _warped(image: Frame, source: Points, target: Points, triangles: NDArray[np.int32]) -> Frame:
    """The picture with each triangle's corners moved from `source` to `target`; later triangles cover earlier ones."""
    labels = np.zeros((HEIGHT, WIDTH), np.int32)
    for label, corners in enumerate(triangles):
        cv2.fillConvexPoly(labels, np.round(target[corners] * 16).astype(np.int32), label, shift=4)
    ones = np.ones((len(triangles), 3, 1))
    corners = np.concatenate([target[triangles], ones], axis=2)
    flat = np.abs(np.linalg.det(corners)) < 1e-6
    corners[flat] = np.eye(3)
    affine = (np.linalg.inv(corners) @ source[triangles]).astype(np.float32)
    y, x = _PIXELS
    chosen = affine[labels]
    back = chosen[..., 0, :] * x[..., None] + chosen[..., 1, :] * y[..., None] + chosen[..., 2, :]
    moved = cv2.remap(image, back[..., 0], back[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)
