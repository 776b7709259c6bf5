"""Excluding rows of a gallery that can't be near a face, by a part of their numbers.

A row's outline is its coordinates along the directions in which the gallery's rows extend farthest, and the length of
the remainder. Two outlines are never farther apart than their rows (in the remaining directions, rows differ at least
by the difference of their lengths there), and each is as long as its row. So a row whose outline is too far needs no
reading, and the search finds exactly what reading every row would find.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.matching.distance import Embeddings

DIRECTIONS = 31
"""With the length of the rest a quarter of 128 numbers. Of real faces (223 people of LFW and Essex Faces94/95,
directions from half of them, the others searched within 0.24) the outlines leave 0.07 % of the people too many to be
compared whole; 23 directions leave 0.4 %, 15 leave 4.3 %."""

ROWS_AT_ONCE = 4096
"""Limits the memory that outlining a large gallery takes."""


def directions(rows: Embeddings) -> NDArray[np.float32]:
    """Return where these (N, D) rows extend farthest: (D, DIRECTIONS) float32, orthonormal columns."""
    exact = rows.astype(np.float64)
    _, columns = np.linalg.eigh(exact.T @ exact)  # smallest first
    return np.ascontiguousarray(columns[:, ::-1][:, :DIRECTIONS], np.float32)


def outlined(rows: Embeddings, axes: NDArray[np.float32]) -> Embeddings:
    """Return the outlines of (N, D) rows by (D, K) axes, (N, K + 1) float32."""
    along = rows @ axes
    rest = np.linalg.norm(rows - along @ axes.T, axis=1)
    return np.concatenate([along, rest[:, None]], axis=1)


class GalleryOutlines:
    """The outlines of a matrix that only grows: existing ones are never rewritten. Not thread-safe."""

    def __init__(self, axes: NDArray[np.float32], room: int) -> None:
        self.axes = axes
        self._outlines = np.zeros((room, axes.shape[1] + 1), np.float32)
        self._count = 0

    def of(self, rows: Embeddings) -> Embeddings:
        """Return the outlines, (N, K + 1), of the (N, D) rows, for which there must be room. The first rows must be
        those of earlier calls."""
        for start in range(self._count, len(rows), ROWS_AT_ONCE):
            chunk = rows[start : start + ROWS_AT_ONCE]
            self._outlines[start : start + len(chunk)] = outlined(chunk, self.axes)
        self._count = max(self._count, len(rows))
        return self._outlines[: len(rows)]
