"""Pictures on paper: flat, bent round a cylinder or folded along the nose, held anyhow before the camera."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.frames import Frame
from tests.puppet import DISTANCE, HEIGHT, WIDTH

Points = NDArray[np.float64]
STRIPS = 12
"""Flat strips that stand for a bent picture when it is rendered."""


@dataclass(frozen=True)
class Sheet:
    """How a picture is held. Degrees; `shift` in pixels, `zoom` a factor. `curve` is the bend's curvature in one over
    eye distances, `fold` the angle in degrees by which each half is folded back, both along a vertical line through the
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
        """Whether it lies in one plane."""
        return not self.curve and not self.fold


def shown(points: Points, middle: Points, unit: float, sheet: Sheet) -> Points:
    """Where points (N, 2) of the picture, pixels, are seen; `middle` is the fold's place there."""
    place = (points - middle) / unit
    solid = _bent(place, sheet)
    turned = solid @ _rotation(sheet).T
    seen = turned[:, :2] / (1 - turned[:, 2:] / DISTANCE)
    return np.asarray(seen * unit * sheet.zoom + middle + np.asarray(sheet.shift))


def rendered(picture: Frame, middle: Points, unit: float, sheet: Sheet) -> Frame:
    """The camera's frame: strip by strip, the farther ones first."""
    wall = np.full((HEIGHT, WIDTH, 3), (110, 104, 96), np.uint8)
    extent = (HEIGHT if sheet.across else WIDTH) - 1
    count = 1 if sheet.flat else STRIPS
    cut = float(middle[1] if sheet.across else middle[0])
    edges = np.unique(np.concatenate([np.linspace(0, cut, count // 2 + 1), np.linspace(cut, extent, count // 2 + 1)]))
    strips = [_corners(a, b, across=sheet.across) for a, b in itertools.pairwise(edges)]
    depth = [float((_bent((strip - middle) / unit, sheet) @ _rotation(sheet).T)[:, 2].mean()) for strip in strips]
    for place in np.argsort(depth):
        target = shown(strips[place], middle, unit, sheet)
        matrix = cv2.getPerspectiveTransform(strips[place].astype(np.float32), target.astype(np.float32))
        warped = cv2.warpPerspective(picture, matrix, (WIDTH, HEIGHT))
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.fillConvexPoly(mask, np.round(target).astype(np.int32), 255)
        cv2.copyTo(warped, mask, wall)
    return wall


def tilted(sheet: Sheet, yaw: float, pitch: float) -> Sheet:
    """The same sheet turned so."""
    return replace(sheet, yaw=yaw, pitch=pitch)


def _bent(place: Points, sheet: Sheet) -> Points:
    """The sheet's points (N, 2, eye distances) in space: (N, 3)."""
    along = place[:, 1] if sheet.across else place[:, 0]
    if sheet.fold:
        angle = np.radians(sheet.fold)
        moved, back = along * np.cos(angle), -np.abs(along) * np.sin(angle)
    elif sheet.curve:
        moved = np.sin(along * sheet.curve) / sheet.curve
        back = (np.cos(along * sheet.curve) - 1) / sheet.curve
    else:
        moved, back = along, np.zeros_like(along)
    pair = (place[:, 0], moved) if sheet.across else (moved, place[:, 1])
    return np.column_stack([*pair, back])


def _corners(start: float, end: float, *, across: bool) -> Points:
    corners = [(start, 0), (end, 0), (end, HEIGHT - 1), (start, HEIGHT - 1)]
    if across:
        corners = [(0, start), (WIDTH - 1, start), (WIDTH - 1, end), (0, end)]
    return np.array(corners, np.float64)


def _rotation(sheet: Sheet) -> Points:
    (a, b, c), (d, e, f) = (function(np.radians([sheet.yaw, sheet.pitch, sheet.roll])) for function in (np.cos, np.sin))
    about_y = np.array([[a, 0, d], [0, 1, 0], [-d, 0, a]])
    about_x = np.array([[1, 0, 0], [0, b, -e], [0, e, b]])
    about_z = np.array([[c, -f, 0], [f, c, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)
