"""Pictures on paper: flat, bent around a cylinder or folded along the nose, held in any way before the camera."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.frames import Frame
from tests.support.puppet import DISTANCE, HEIGHT, WIDTH

Points = NDArray[np.float64]
STRIPS = 12
"""Flat strips that make up a bent picture when it is rendered."""


@dataclass(frozen=True)
class Sheet:
    """How a picture is held, in degrees; `shift` is in pixels, `zoom` a factor. `curve` is the bend's curvature in one
    over eye distances, `fold` the angle by which each half is folded back. Both are along a vertical line through the
    nose, or (`across`) a horizontal one."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    curve: float = 0.0
    fold: float = 0.0
    across: bool = False

    @property
    def flat(self) -> bool:
        """Whether it is in one plane."""
        return not self.curve and not self.fold


def shown(points: Points, middle: Points, unit: float, sheet: Sheet) -> Points:
    """Return where points (N, 2) of the picture, in pixels, are seen; `middle` is the place of the fold there."""
    place = (points - middle) / unit
    solid = _bent(place, sheet)
    turned = solid @ _rotation(sheet).T
    seen = turned[:, :2] / (1 - turned[:, 2:] / DISTANCE)
    return np.asarray(seen * unit * sheet.zoom + middle + np.asarray(sheet.shift))


def rendered(picture: Frame, middle: Points, unit: float, sheet: Sheet) -> Frame:
    """Return the camera's frame: strip by strip, the farther ones first."""
    behind = wall()
    extent = (HEIGHT if sheet.across else WIDTH) - 1
    cut, half = float(middle[1] if sheet.across else middle[0]), STRIPS // 2 + 1
    halves = np.concatenate([np.linspace(0, cut, half), np.linspace(cut, extent, half)[1:]])
    edges = np.array([0.0, extent]) if sheet.flat else halves
    strips = [_corners(a, b, across=sheet.across) for a, b in itertools.pairwise(edges)]
    depth = [float((_bent((strip - middle) / unit, sheet) @ _rotation(sheet).T)[:, 2].mean()) for strip in strips]
    for place in np.argsort(depth):
        _paint(behind, picture, strips[place], shown(strips[place], middle, unit, sheet))
    return behind


def wall() -> Frame:
    """Return the camera's frame with no picture before it."""
    return np.full((HEIGHT, WIDTH, 3), (110, 104, 96), np.uint8)


def _paint(behind: Frame, picture: Frame, strip: Points, target: Points) -> None:
    """Draw the strip of the picture where its corners are seen. Nothing outside of it is computed."""
    left, top = np.clip(np.floor(target.min(axis=0)).astype(int), 0, (WIDTH, HEIGHT))
    right, bottom = np.clip(np.ceil(target.max(axis=0)).astype(int) + 1, 0, (WIDTH, HEIGHT))
    if right <= left or bottom <= top:
        return
    there = target - (left, top)
    matrix = cv2.getPerspectiveTransform(strip.astype(np.float32), there.astype(np.float32))
    size = (int(right - left), int(bottom - top))
    mask = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillConvexPoly(mask, np.round(there).astype(np.int32), 255)
    cv2.copyTo(cv2.warpPerspective(picture, matrix, size), mask, behind[top:bottom, left:right])


def _bent(place: Points, sheet: Sheet) -> Points:
    """Return the sheet's points (N, 2, eye distances) in space: (N, 3)."""
    along = place[:, 1] if sheet.across else place[:, 0]
    if sheet.fold:
        angle = np.radians(sheet.fold)
        moved, back = along * np.cos(angle), -np.abs(along) * np.sin(angle)
    elif sheet.curve:
        moved = np.sin(along * sheet.curve) / sheet.curve
        back = (np.cos(along * sheet.curve) - 1) / sheet.curve
    else:
        moved, back = along, np.zeros_like(along)
    solid = np.empty((len(place), 3))
    solid[:, 0], solid[:, 1], solid[:, 2] = place[:, 0], place[:, 1], back
    solid[:, 1 if sheet.across else 0] = moved
    return solid


def _corners(start: float, end: float, *, across: bool) -> Points:
    corners: list[tuple[float, float]] = [(start, 0), (end, 0), (end, HEIGHT - 1), (start, HEIGHT - 1)]
    if across:
        corners = [(0, start), (WIDTH - 1, start), (WIDTH - 1, end), (0, end)]
    return np.array(corners, np.float64)


@lru_cache(maxsize=64)
def _rotation(sheet: Sheet) -> Points:
    """Turn about the line of sight first, then nod, then turn to the side."""
    a, b, c = (math.cos(math.radians(angle)) for angle in (sheet.yaw, sheet.pitch, sheet.roll))
    d, e, f = (math.sin(math.radians(angle)) for angle in (sheet.yaw, sheet.pitch, sheet.roll))
    return np.array(
        [
            [a * c + d * e * f, d * e * c - a * f, d * b],
            [b * f, b * c, -e],
            [a * e * f - d * c, a * e * c + d * f, a * b],
        ]
    )
