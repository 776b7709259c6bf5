"""Which rows of a gallery cannot be near a face, told from a part of their numbers.

A row's outline is its coordinates along the directions in which the gallery's rows reach farthest, and the length of
what those leave of it. Two outlines are never farther apart than their rows (in the directions left out, rows differ at
least by the difference of their lengths there), and each is as long as its row. So whoever is too far by the outline
need not be read, and what is found is what reading everything would find.
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
"""So that outlining a large gallery takes little room beside it."""


def directions(rows: Embeddings) -> NDArray[np.float32]:
    """(D, DIRECTIONS) float32, columns of unit length at right angles: where these (N, D) rows reach farthest."""
    wide = rows.astype(np.float64)
    _, columns = np.linalg.eigh(wide.T @ wide)  # smallest first
    return np.ascontiguousarray(columns[:, ::-1][:, :DIRECTIONS], np.float32)


def outlined(rows: Embeddings, axes: NDArray[np.float32]) -> Embeddings:
    """(N, K + 1) float32, the outlines of (N, D) rows by (D, K) axes."""
    along = rows @ axes
    rest = np.linalg.norm(rows - along @ axes.T, axis=1)
    return np.concatenate([along, rest[:, None]], axis=1)


class GalleryOutlines:
    """The outlines of a matrix that only grows: those made are never written again. Not locked."""

    def __init__(self, axes: NDArray[np.float32], room: int) -> None:
        self.axes = axes
        self._made = np.zeros((room, axes.shape[1] + 1), np.float32)
        self._count = 0

    def of(self, rows: Embeddings) -> Embeddings:
        """(N, K + 1), for the (N, D) rows, at most as many as there is room for; the first are those seen before."""
        for start in range(self._count, len(rows), ROWS_AT_ONCE):
            some = rows[start : start + ROWS_AT_ONCE]
            self._made[start : start + len(some)] = outlined(some, self.axes)
        self._count = max(self._count, len(rows))
        return self._made[: len(rows)]
