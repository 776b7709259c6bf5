"""How usable a face is, and what the person can do about it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.engine import Box, Quality
from secure_attend.frames import Frame

FACE_SIDE = 96
"""Pixels: faces are judged at one size, so that near and far ones are measured by the same rule."""

# Measured on 2 086 faces: Essex 94, 95, 96 and Grimace, LFW, London, as they are and spoilt (boxes of
# version 0.1's detector, which today's squares around the landmarks follow).
DARKEST = 20.0
"""Mean grey. The darkest good faces (dark skin, dim room) have 22; a quarter of the light leaves a median of 10 to 32.
Kept this low so that nobody is refused for the colour of their skin."""
BRIGHTEST = 205.0
"""Mean grey. Good faces end at 185; overexposed threefold, their median is 171 to 242 (121 in the dim set)."""
BLACK = 6.0
"""Mean grey of a whole picture below which the dark is why no face is found in it. A puppet's picture dimmed to 7 still
shows its face, dimmed to 4 it doesn't (synthetic)."""
LEAST_CONTRAST = 10.0
"""Spread of grey. Good faces begin at 17 (8 in the one dim set); a quarter of the light leaves 4 to 13."""
DIM = 60.0
"""Mean grey below which a lack of contrast is blamed on the light."""
LEAST_SHARPNESS = 25.0
"""Good faces begin at 28; a Gaussian of 4.5 % of the face's width leaves a median of 9 to 14 (37 in the one dim set,
where most blur goes unseen)."""
SMALLEST = 70.0
"""Pixels of box height: the least box of 80 of version 0.1's detector comes out as 72."""
LARGEST = 0.8
"""Box height over the frame's; more leaves no room to turn the head. Good close-ups reach 0.75."""
OUTSIDE = 0.1
"""Share of the box's height by which it may leave the frame: a box is wider than the face."""

SHINES = 240
"""Grey of what shines, on a scale to 255."""
GLARE = 0.06
"""Share of the eyes' region that shines. Eyes without glasses have a highlight of a hundredth in each pupil."""

FLAT, DARK = 0.05, 0.7
"""Of the cheek's grey: how little the grey of an eye's region varies behind dark glass, and how bright its brightest
tenth is at most. In 1 029 portraits (Essex, LFW) no eyes were taken for hidden, behind clear glasses or not; with dark
ovals painted over them 314 of 343 were. Real dark glasses were not at hand: those that mirror the room are not seen."""


def measure(frame: Frame, box: Box) -> Quality:
    """Measure brightness, contrast and sharpness of the part of the box inside the frame; see `Quality` for units.

    Sharpness is the variance of the Laplacian (Pech-Pacheco et al. 2000) of the face at 96 px, as if its contrast were
    50, so that dim light and dark skin are not mistaken for blur.
    """
    left, top, right, bottom = box
    rows, columns = frame.shape[:2]
    x, y = min(max(0, int(left)), columns - 1), min(max(0, int(top)), rows - 1)
    part = frame[y : max(y + 1, int(bottom)), x : max(x + 1, int(right))]
    interpolation = cv2.INTER_AREA if part.shape[0] > FACE_SIDE else cv2.INTER_LINEAR
    face = cv2.cvtColor(cv2.resize(part, (FACE_SIDE, FACE_SIDE), interpolation=interpolation), cv2.COLOR_BGR2GRAY)
    brightness, contrast = float(face.mean()), float(face.std())
    roughness = float(cv2.Laplacian(face, cv2.CV_32F).var())
    beyond = max(-left, -top, right - columns, bottom - rows)
    return Quality(
        brightness=brightness,
        contrast=contrast,
        sharpness=roughness * (50.0 / max(1.0, contrast)) ** 2,
        height=bottom - top,
        cut_off=beyond > OUTSIDE * (bottom - top),
    )


def problems(quality: Quality, frame_shape: Sequence[int]) -> tuple[str, ...]:
    """Return hint codes, the most important one first; empty for a usable face.

    `frame_shape` is the frame's (height, width, ...).
    """
    flat = quality.contrast < LEAST_CONTRAST
    present = {
        "too_dark": quality.brightness < DARKEST or (flat and quality.brightness < DIM),
        "too_bright": quality.brightness > BRIGHTEST,
        "come_closer": quality.height < SMALLEST,
        "move_back": quality.height > LARGEST * frame_shape[0],
        "face_cut_off": quality.cut_off,
        "blurred": quality.sharpness < LEAST_SHARPNESS or (flat and quality.brightness >= DIM),
    }
    return tuple(code for code, is_present in present.items() if is_present)


def problems_without_face(frame: Frame) -> tuple[str, ...]:
    """Return hint codes for a frame in which no face is found: whether it is too dark for one."""
    return ("too_dark",) if float(frame.mean()) < BLACK else ()


def glare(frame: Frame, landmarks: NDArray[np.float32]) -> bool:
    """Whether something shines at the eyes of these (68, 2) landmarks, as glasses do under a lamp."""
    shares = []
    for eye in _eyes(landmarks):
        (left, top), (right, bottom) = eye.min(axis=0), eye.max(axis=0)
        margin = 0.25 * (right - left)
        rows = slice(max(0, int(top - margin)), max(0, int(bottom + margin)) + 1)
        part = frame[rows, max(0, int(left)) : max(0, int(right)) + 1]
        shares.append(float((part.min(axis=2) >= SHINES).mean()) if part.size else 0.0)
    return max(shares) > GLARE


def eyes_hidden(frame: Frame, landmarks: NDArray[np.float32]) -> bool:
    """Whether dark glasses hide both eyes of these (68, 2) landmarks: where eyes should be, all is dark and alike."""
    return all(
        _is_hidden(frame, eye, mouth)
        for eye, mouth in zip(_eyes(landmarks), (landmarks[48], landmarks[54]), strict=True)
    )


def _is_hidden(frame: Frame, eye: NDArray[np.float32], mouth_corner: NDArray[np.float32]) -> bool:
    middle, width = eye.mean(axis=0), float(np.ptp(eye[:, 0]))
    seen = _grey_around(frame, middle, width / 2, 0.3 * width)
    cheek = _grey_around(frame, (middle + mouth_corner) / 2, 0.25 * width, 0.25 * width)
    if not seen.size or not cheek.size:
        return False
    skin = max(1.0, float(np.median(cheek)))
    return bool(seen.std() < FLAT * skin and np.percentile(seen, 90) < DARK * skin)


def _grey_around(frame: Frame, middle: NDArray[np.float32], across: float, down: float) -> NDArray[np.uint8]:
    """Return the grey of the part of the frame that reaches as far from the middle as this, in pixels."""
    x, y = float(middle[0]), float(middle[1])
    rows = slice(max(0, int(y - down)), max(0, int(y + down) + 1))
    part = frame[rows, max(0, int(x - across)) : max(0, int(x + across) + 1)]
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY) if part.size else part, np.uint8)


def _eyes(landmarks: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the six points of the right eye and of the left."""
    return landmarks[36:42], landmarks[42:48]
