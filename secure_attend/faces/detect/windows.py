"""The part of a frame to look at for a face whose place is known, so that the detector sees few pixels.

RetinaFace answers a window that begins on its grid as it answers the whole frame; other windows and sizes move its
landmarks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from secure_attend.faces.engine import Box
from secure_attend.faces.geometry import area, grown
from secure_attend.frames import Frame

GRID = 32
"""Pixels: RetinaFace's coarsest stride. A window that begins on a multiple shows the network the same pixels in the
same places as the whole frame does, and gets its answers; a shift of 3 and 5 px moves landmarks by 4 % of the eye
distance, a change of size by 6 %."""

EDGE = 16
"""Pixels: a window may end on multiples of half that stride, which changes nothing of the above."""

REACH = 25.0
"""Pixels: how far from a face what is left out matters a third as much. The share of a window's side in moving the
landmarks falls as exp(-distance / 25), in 7 966 windows of 816 frames."""

FAR = 64
"""Pixels around a face beyond which a wider window is not worth its time: there landmarks are 0.3 % of the eye distance
from the whole frame's (median)."""

STEPS = (-GRID, -GRID, EDGE, EDGE)
"""By which a window is widened, left, top, right, bottom."""

CUT = 0.07
"""Share of a face's box that its window may leave out on each side before the frame is reduced instead: up to there
landmarks move less than the 6 % that a change of size costs."""

REDUCED_MARGIN = 8
"""Pixels left around a face too large for its window, where the frame is reduced."""

Window = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels of the frame."""


def window_around(frame: Frame, box: Box, most_pixels: int) -> tuple[Window, float]:
    """Return the part of the frame to look at for the face in `box`, and the scale to reduce it by.

    A window on the grid is not reduced: its scale is 1. If even the least of them has more than `most_pixels`, the
    window is the box with a small margin, off the grid, and is reduced only if it has more than that too.
    """
    cut = CUT * math.sqrt(area(box))
    least = _on_grid(frame, grown(box, -cut))
    if pixels_of(least) > most_pixels:
        window = inside(frame, grown(box, REDUCED_MARGIN))
        return window, min(1.0, math.sqrt(most_pixels / pixels_of(window)))
    return _widened(frame, least, box, most_pixels) if pixels_of(least) else least, 1.0


def inside(frame: Frame, box: Box) -> Window:
    """The part of the box inside the frame, in whole pixels."""
    rows, columns = frame.shape[:2]
    left, top = max(0, math.floor(box[0])), max(0, math.floor(box[1]))
    return left, top, min(columns, math.ceil(box[2])), min(rows, math.ceil(box[3]))


def pixels_of(window: Window) -> int:
    """The number of pixels in the window."""
    return max(0, window[2] - window[0]) * max(0, window[3] - window[1])


def wider_windows(frame: Frame, window: Window, box: Box) -> Iterator[Window]:
    """Yield the window with one side a step farther out, for each side that is neither far enough from the face nor at
    the frame's edge."""
    for side, margin in enumerate(_margins(window, box)):
        wider = list(window)
        wider[side] += STEPS[side]
        part = inside(frame, (wider[0], wider[1], wider[2], wider[3]))
        if margin < FAR and part != window:
            yield part


def _on_grid(frame: Frame, box: Box) -> Window:
    """The box, grown until it begins on the grid and ends on an edge, as far as the frame reaches."""
    left, top = (math.floor(side / GRID) * GRID for side in box[:2])
    right, bottom = (math.ceil(side / EDGE) * EDGE for side in box[2:])
    return inside(frame, (left, top, right, bottom))


def _widened(frame: Frame, window: Window, box: Box, most_pixels: int) -> Window:
    """Widen the window a step at a time, on the side that matters most for its pixels, while it has room."""
    while wider := [part for part in wider_windows(frame, window, box) if pixels_of(part) <= most_pixels]:
        loss = _loss(window, box)
        window = max(wider, key=lambda part: (loss - _loss(part, box)) / (pixels_of(part) - pixels_of(window)))
    return window


def _loss(window: Window, box: Box) -> float:
    """Return how much the pixels left out around the face matter, without a unit."""
    return sum(math.exp(-margin / REACH) for margin in _margins(window, box))


def _margins(window: Window, box: Box) -> tuple[float, ...]:
    """Return the pixels between the box and the window's sides; negative where the window cuts the box."""
    return (box[0] - window[0], box[1] - window[1], window[2] - box[2], window[3] - box[3])
